"""Rulings over the desk: four eyes, a person on request, corrections; and what the lists make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from application.commands.correction import CorrectRuling
from application.commands.human import RequestHuman
from application.commands.proposal import ConfirmRuling, ReturnRuling
from domain.calendars import ClockName
from domain.dispute.correction import CorrectionKind
from domain.dispute.proposal import OwnProposal
from domain.dispute.stages import Stage
from domain.playbook.playbook import RemedyKind
from tests.application.test_projections import filed_away, queued
from tests.support.builders import (
    ARBITRATOR,
    BUYER,
    OTHER_ARBITRATOR,
    a_corrected_award,
    an_award_sought,
    cny,
    common_source,
    undetermined_sought,
)
from tests.support.house import House, fields, intervene, rule

if TYPE_CHECKING:
    from uuid import UUID

    from domain.kernel import Actor


def watched() -> str:
    """The file of a platform where more than CNY 10.00 needs a second arbitrator."""
    return common_source().replace("{minor: 500000, currency: CNY}", "{minor: 1000, currency: CNY}")


def confirm(dispute: UUID, name: str = "r1", *, by: Actor = OTHER_ARBITRATOR, **envelope: Any) -> ConfirmRuling:
    return ConfirmRuling(ruling=name, **fields(dispute, by, "confirm", envelope))


def send_back(dispute: UUID, *, by: Actor = OTHER_ARBITRATOR, **envelope: Any) -> ReturnRuling:
    return ReturnRuling(ruling="r1", reason="理由不足", **fields(dispute, by, "return", envelope))


def ask_for_a_person(dispute: UUID, *, by: Actor = BUYER, **envelope: Any) -> RequestHuman:
    return RequestHuman(reason="请人看", **fields(dispute, by, "human", envelope))


def because(house: House) -> list[str]:
    return [one.because for one in queued(house).waiting.values()]


def test_a_ruling_above_the_limit_is_made_by_two() -> None:
    house = House()
    dispute = house.in_hand(source=watched())
    house.do(rule(dispute))
    assert (house.topics(dispute)[-1], because(house)) == ("ruling_proposed", ["proposed"])
    assert queued(house).taken == {dispute: ARBITRATOR.id}
    with pytest.raises(OwnProposal):
        house.do(confirm(dispute, by=ARBITRATOR))
    house.do(confirm(dispute))
    state = house.case(dispute).dispute
    assert (state.stage, state.ruling.made.ruling, because(house)) == (Stage.DECIDED, "r1", [])


def test_a_proposal_goes_back_and_the_next_one_is_confirmed() -> None:
    house = House()
    dispute = house.in_hand(source=watched())
    house.do(rule(dispute))
    house.do(send_back(dispute))
    assert because(house) == ["returned"]
    house.do(rule(dispute, key="again"))
    house.do(confirm(dispute, "r2"))
    assert house.topics(dispute)[-4:] == ["ruling_proposed", "proposal_returned", "ruling_proposed", "ruling_confirmed"]


def test_where_a_person_was_asked_for_silence_brings_a_proposal_into_the_queue() -> None:
    house = House()
    dispute = house.told()
    house.do(ask_for_a_person(dispute))
    house.clock.move(hours=48)
    house.expire(dispute, ClockName.ANSWER)
    assert house.topics(dispute)[-3:] == ["human_requested", "response_lapsed", "ruling_proposed"]
    assert because(house) == ["proposed"]
    house.do(intervene(dispute))
    house.do(confirm(dispute, by=ARBITRATOR))
    assert house.topics(dispute)[-1] == "ruling_confirmed"


def test_a_default_that_a_person_looks_at_goes_back_into_the_queue_and_counts_once() -> None:
    house = House()
    dispute = house.told()
    house.clock.move(hours=48)
    house.expire(dispute, ClockName.ANSWER)
    assert filed_away(house).sums() == (3980, 0, 0)
    house.do(ask_for_a_person(dispute))
    assert (because(house), filed_away(house).last("stage")) == (["proposed"], Stage.UNDER_REVIEW)
    house.do(intervene(dispute))
    house.do(confirm(dispute, "r2", by=ARBITRATOR))
    assert filed_away(house).sums() == (3980, 0, 0)


def test_what_was_corrected_is_what_the_lists_show() -> None:
    house = House()
    dispute = house.in_hand()
    house.do(rule(dispute, an_award_sought(remedy=RemedyKind.PARTIAL_REFUND, amount=cny(1500))))
    correction = CorrectRuling(
        ruling="r1",
        kind=CorrectionKind.ARITHMETIC,
        awards=(a_corrected_award(amount=cny(1600)),),
        reasons=None,
        why="加错了",
        **fields(dispute, ARBITRATOR, "correct", {}),
    )
    house.do(correction)
    assert house.topics(dispute)[-1] == "ruling_corrected"
    assert filed_away(house).sums() == (1600, 0, 0)


def test_undetermined_liability_is_told_before_the_ruling() -> None:
    house = House()
    dispute = house.in_hand()
    house.do(rule(dispute, undetermined_sought()))
    assert house.topics(dispute)[-2:] == ["liability_undetermined", "ruling_confirmed"]

"""A party may have a person decide: from then on no silence ends the case."""

from __future__ import annotations

from typing import Any

import pytest

from application.commands.desk import SERVICE
from domain.calendars import ClockName
from domain.dispute import dispute as disputes
from domain.dispute.actions import Possible, next_actions
from domain.dispute.human import HumanRequested
from domain.dispute.intake import NotAParty
from domain.dispute.proposal import RulingProposed
from domain.dispute.stages import NotOpenForThis, Stage
from domain.kernel import Actor, Event
from tests.support import builders
from tests.support.builders import (
    ARBITRATOR,
    BUYER,
    MERCHANT,
    OTHER_BUYER,
    a_human_request,
    a_playbook,
    awaiting,
    cny,
    decided,
    hours,
    negotiating,
    served,
    under_review,
)
from tests.support.given import fold, given
from tests.support.money import settled


def ask(by: Actor = BUYER, reason: str | None = "请让人来看", at: float = 1) -> Any:
    return lambda dispute: disputes.request_human(dispute, reason, by=by, service=SERVICE, at=hours(at))


def defaulted(remedies_start: str = "at_final") -> tuple[Event, ...]:
    rules = a_playbook(remedies_start=remedies_start)
    before = served(playbook=rules)
    return (*before, *builders.expire(fold(*before), ClockName.ANSWER, hours(50), rules))


@pytest.mark.parametrize("before", [awaiting(), negotiating(), under_review(), decided()])
@pytest.mark.parametrize("by", [BUYER, MERCHANT])
def test_either_side_asks_for_a_person_until_the_decision_is_final(before: tuple[Event, ...], by: Actor) -> None:
    given(*before).when(ask(by)).then(HumanRequested(reason="请让人来看", by=by, at=hours(1)))


def test_no_reason_has_to_be_given() -> None:
    given(*awaiting()).when(ask(reason=None)).then(HumanRequested(by=BUYER, at=hours(1)))


def test_once_one_side_has_asked_asking_again_is_nothing_new() -> None:
    for by in (BUYER, MERCHANT):
        given(*awaiting(), a_human_request()).when(ask(by)).then_nothing()
    assert Possible("request_human") not in next_actions(fold(*awaiting(), a_human_request()), a_playbook(), MERCHANT)


@pytest.mark.parametrize("by", [OTHER_BUYER, ARBITRATOR])
def test_only_a_party_asks(by: Actor) -> None:
    given(*awaiting()).when(ask(by)).then_refused(NotAParty)


@pytest.mark.parametrize("before", [settled(), defaulted("at_decision")])
def test_where_money_is_on_its_way_the_way_to_a_person_is_an_appeal(before: tuple[Event, ...]) -> None:
    given(*before).when(ask()).then_refused(NotOpenForThis, stage="carrying_out")


def test_what_silence_has_decided_and_is_not_final_is_a_proposal_again() -> None:
    requested, made = given(*defaulted()).when(ask(MERCHANT, at=60)).happened
    assert isinstance(made, RulingProposed)
    assert (type(requested), made.ruling, made.by, made.total) == (HumanRequested, "r2", SERVICE, cny(3980))
    state = fold(*defaulted(), requested, made)
    assert (state.stage, dict(state.clocks), state.ruling.proposal) == (Stage.UNDER_REVIEW, {}, made)
    assert Possible("intervene") in next_actions(state, a_playbook(), ARBITRATOR)


def test_what_a_person_has_decided_stays_decided() -> None:
    state = fold(*decided(), a_human_request())
    assert (state.stage, "appeal" in state.clocks) == (Stage.DECIDED, True)


def test_once_a_person_was_asked_for_silence_proposes_and_decides_nothing() -> None:
    asked = (*served(), a_human_request())
    lapsed, proposed = builders.expire(fold(*asked), ClockName.ANSWER, hours(48))
    assert isinstance(proposed, RulingProposed)
    assert fold(*asked, lapsed, proposed).ruling.decision is None
    assert fold(*asked, lapsed, proposed).stage is Stage.UNDER_REVIEW

from __future__ import annotations

from typing import Any

import pytest

from domain.calendars import ClockName
from domain.dispute import appeal, closing, remedy, ruling
from domain.dispute import dispute as disputes
from domain.dispute.actions import Possible, next_actions
from domain.dispute.closing import DecidedBefore, ReopeningGround, Withdrawn
from domain.dispute.intake import Closed, NotAParty, Outcome
from domain.dispute.remedy import RemedyOrdered
from domain.dispute.review import HeardBefore, NotASeniorArbitrator
from domain.dispute.stages import NotOpenForThis, Stage
from domain.kernel import Actor
from tests.support.builders import (
    ARBITRATOR,
    BUYER,
    DISPUTE,
    MERCHANT,
    OTHER_ARBITRATOR,
    OTHER_BUYER,
    SENIOR,
    a_dismissal_sought,
    a_playbook,
    a_reopening,
    an_appeal,
    an_award_sought,
    an_offer,
    appealed,
    awaiting,
    cny,
    decided,
    expire,
    hours,
    negotiating,
    taken_in_hand,
    under_review,
)
from tests.support.given import fold, given
from tests.support.money import settled

WITHDRAWN = (
    Withdrawn(reason="不争了", by=BUYER, at=hours(8)),
    Closed(outcome=Outcome.WITHDRAWN, at=hours(8)),
)


def withdraw(by: Actor = BUYER) -> Any:
    return lambda dispute: closing.withdraw(dispute, "不争了", by=by, at=hours(8))


def reopen(by: Actor = SENIOR) -> Any:
    return lambda dispute: closing.reopen(dispute, ReopeningGround.FRAUD, "照片是别人的", by=by, at=hours(300))


def paid_out() -> tuple[Any, ...]:
    """Decided, final, paid, closed."""
    final = (*decided(), *expire(fold(*decided()), ClockName.APPEAL, hours(200)))
    return (*final, *remedy.confirm_line(fold(*final), "l1", at=hours(210)))


def dismissed() -> tuple[Any, ...]:
    before = decided(a_dismissal_sought())
    return (*before, *expire(fold(*before), ClockName.APPEAL, hours(200)))


@pytest.mark.parametrize("before", [awaiting(), negotiating(), under_review(), taken_in_hand()])
def test_the_buyer_withdraws_until_the_case_is_decided_and_that_is_the_end(before: Any) -> None:
    given(*before).when(withdraw()).then(*WITHDRAWN)
    state = fold(*before, *WITHDRAWN)
    assert (state.stage, state.clocks, state.closing.withdrawn) == (Stage.CLOSED, {}, WITHDRAWN[0])


def test_nobody_withdraws_for_the_buyer() -> None:
    for by in (MERCHANT, OTHER_BUYER, ARBITRATOR):
        given(*negotiating()).when(withdraw(by)).then_refused(NotAParty)


@pytest.mark.parametrize("before", [decided(), settled(), paid_out()])
def test_what_is_decided_agreed_or_ended_is_not_withdrawn(before: Any) -> None:
    given(*before).when(withdraw()).then_refused(NotOpenForThis)


def test_what_was_decided_or_ended_once_is_not_withdrawn_when_it_is_open_again() -> None:
    given(*appealed()).when(withdraw()).then_refused(DecidedBefore)
    given(*negotiating(), *WITHDRAWN, a_reopening()).when(withdraw()).then_refused(DecidedBefore)


def test_a_senior_arbitrator_opens_an_ended_case_again_for_others_to_hear() -> None:
    given(*paid_out()).when(reopen()).then(a_reopening())
    state = fold(*paid_out(), a_reopening())
    assert (state.stage, state.review.arbitrator, state.clocks) == (Stage.UNDER_REVIEW, None, {})


def test_nobody_else_opens_an_ended_case() -> None:
    for by in (ARBITRATOR, BUYER, SENIOR.model_copy(update={"is_tool": True})):
        given(*paid_out()).when(reopen(by)).then_refused(NotASeniorArbitrator)


@pytest.mark.parametrize("before", [negotiating(), decided(), settled()])
def test_what_has_not_ended_is_not_opened(before: Any) -> None:
    given(*before).when(reopen()).then_refused(NotOpenForThis, done_in=["closed"])


def test_who_decided_before_does_not_hear_the_reopened_case() -> None:
    before = (*paid_out(), a_reopening())
    given(*before).when(lambda one: appeal.take_case(one, by=ARBITRATOR, at=hours(301))).then_refused(HeardBefore)
    assert Possible("intervene") in next_actions(fold(*before), a_playbook(), OTHER_ARBITRATOR)


def test_a_reopened_case_keeps_how_it_ended_and_nothing_of_it_binds() -> None:
    agreed = (*settled(), Closed(outcome=Outcome.SETTLED, at=hours(9)))
    state = fold(*agreed, a_reopening())
    [ended] = state.closing.earlier
    assert ended.closed is not None
    assert (ended.closed.outcome, ended.settled, ended.reopened) == (
        Outcome.SETTLED,
        fold(*settled()).negotiation.settled,
        a_reopening(),
    )
    assert (state.intake.closed, state.negotiation.settled) == (None, None)
    ruled = fold(*paid_out(), a_reopening())
    assert (len(ruled.ruling.decisions), ruled.ruling.final) == (1, None)


def test_an_offer_from_before_the_end_cannot_be_taken_when_the_case_is_open_again() -> None:
    before = (*negotiating(), an_offer(), *WITHDRAWN, a_reopening())
    assert not fold(*before).negotiation.open_offers()


def ruled_again(before: tuple[Any, ...], *sought: Any) -> tuple[Any, ...]:
    """Taken by another and decided anew."""
    opened = (*before, a_reopening())
    taken = (*opened, *appeal.take_case(fold(*opened), by=OTHER_ARBITRATOR, at=hours(301)))
    made = ruling.rule(fold(*taken), a_playbook(), sought, "重新认定", by=OTHER_ARBITRATOR, at=hours(302))
    return (*taken, *disputes.decide(fold(*taken), DISPUTE, made))


def test_a_reopened_case_is_decided_anew_and_can_be_appealed_again() -> None:
    before = ruled_again(dismissed(), an_award_sought())
    state = fold(*before)
    assert (state.stage, state.ruling.made.ruling) == (Stage.DECIDED, "r2")
    assert list(state.clocks) == ["appeal"]
    given(*before, an_appeal(ruling="r2")).when(
        lambda one: appeal.take_case(one, by=OTHER_ARBITRATOR, at=hours(310))
    ).then_refused(HeardBefore)
    _, ordered = expire(state, ClockName.APPEAL, hours(600))
    assert isinstance(ordered, RemedyOrdered)
    assert ordered.amount == cny(3980)

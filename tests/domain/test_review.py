from __future__ import annotations

from typing import Any

import pytest

from domain.dispute import review
from domain.dispute.intake import NotAParty
from domain.dispute.review import AlreadyTaken, NotAnArbitrator
from domain.dispute.stages import NotOpenForThis, Stage
from domain.kernel import Actor, Event, Role
from tests.support.builders import (
    ARBITRATOR,
    BUYER,
    MERCHANT,
    OTHER_ARBITRATOR,
    OTHER_BUYER,
    SENIOR,
    a_lapse,
    an_escalation,
    an_intervention,
    awaiting,
    decided,
    hours,
    negotiating,
    served,
    taken_in_hand,
    under_review,
)
from tests.support.given import fold, given


def escalate(by: Actor = BUYER) -> Any:
    return lambda dispute: review.escalate(dispute, "谈不拢", by=by, at=hours(5))


def intervene(by: Actor = ARBITRATOR) -> Any:
    return lambda dispute: review.intervene(dispute, by=by, at=hours(6))


def test_either_party_calls_the_platform_once_the_merchant_has_answered() -> None:
    given(*negotiating()).when(escalate()).then(an_escalation())
    given(*negotiating()).when(escalate(by=MERCHANT)).then(an_escalation().model_copy(update={"by": MERCHANT}))
    state = fold(*under_review())
    assert (state.stage, state.review.escalated, state.review.arbitrator) == (Stage.UNDER_REVIEW, an_escalation(), None)


@pytest.mark.parametrize("before", [awaiting(), under_review(), decided()])
def test_the_platform_is_called_once_and_only_into_a_negotiation(before: tuple[Event, ...]) -> None:
    given(*before).when(escalate()).then_refused(NotOpenForThis, done_in=["negotiation"])


@pytest.mark.parametrize("by", [OTHER_BUYER, ARBITRATOR])
def test_strangers_do_not_call_the_platform(by: Actor) -> None:
    given(*negotiating()).when(escalate(by=by)).then_refused(NotAParty)


@pytest.mark.parametrize("by", [ARBITRATOR, SENIOR])
def test_the_platform_steps_in_through_an_arbitrator_who_then_has_the_case(by: Actor) -> None:
    given(*under_review()).when(intervene(by=by)).then(*an_intervention(by))
    state = fold(*under_review(), *an_intervention(by)).review
    assert (state.arbitrator, state.intervened) == (by, an_intervention(by)[0])


def test_the_platform_steps_in_where_the_merchant_is_silent() -> None:
    lapsed = a_lapse(hours(48))
    given(*served(), lapsed).when(intervene()).then(*an_intervention())


@pytest.mark.parametrize("by", [ARBITRATOR, OTHER_ARBITRATOR, SENIOR])
def test_a_case_is_taken_by_one_arbitrator(by: Actor) -> None:
    given(*taken_in_hand()).when(intervene(by=by)).then_refused(AlreadyTaken)


@pytest.mark.parametrize("before", [awaiting(), negotiating(), decided()])
def test_the_platform_does_not_step_in_uncalled(before: tuple[Event, ...]) -> None:
    given(*before).when(intervene()).then_refused(NotOpenForThis, done_in=["under_review"])


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.ARBITRATOR, Role.SENIOR_ARBITRATOR}])
def test_only_an_arbitrator_takes_a_case(role: Role) -> None:
    given(*under_review()).when(intervene(by=Actor(role=role, id=BUYER.id))).then_refused(NotAnArbitrator)


@pytest.mark.parametrize("by", [ARBITRATOR, SENIOR])
def test_a_machine_takes_no_case(by: Actor) -> None:
    machine = by.model_copy(update={"is_tool": True})
    given(*under_review()).when(intervene(by=machine)).then_refused(NotAnArbitrator)

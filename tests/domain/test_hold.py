from __future__ import annotations

from typing import Any

import pytest

from domain.dispute import hold
from domain.dispute.hold import LegalHoldLifted, LegalHoldPlaced, NotAnAuditor, NotOnHold, OnHoldAlready
from domain.dispute.intake import Closed, Outcome
from domain.kernel import Actor, Event
from tests.support.builders import (
    ADMIN,
    ARBITRATOR,
    AUDITOR,
    BUYER,
    awaiting,
    decided,
    hours,
    taken_in_hand,
)
from tests.support.given import fold, given
from tests.support.money import settled

OTHER_AUDITOR = AUDITOR.model_copy(update={"id": "auditor-xu"})
PLACED = LegalHoldPlaced(reason="法院调卷", by=AUDITOR, at=hours(9))
LIFTED = LegalHoldLifted(reason="已结案", by=OTHER_AUDITOR, at=hours(10))


def placing(by: Actor = AUDITOR) -> Any:
    return lambda dispute: hold.place_hold(dispute, "法院调卷", by=by, at=hours(9))


def lifting(by: Actor = OTHER_AUDITOR) -> Any:
    return lambda dispute: hold.lift_hold(dispute, "已结案", by=by, at=hours(10))


@pytest.mark.parametrize("before", [awaiting(), taken_in_hand(), decided(), settled()])
def test_an_auditor_puts_a_case_under_legal_hold_at_any_time_also_when_it_is_closed(before: tuple[Event, ...]) -> None:
    given(*before).when(placing()).then(PLACED)
    closed = (*before, Closed(outcome=Outcome.SETTLED, at=hours(8)))
    given(*closed).when(placing()).then(PLACED)
    given(*closed, PLACED).when(lifting()).then(LIFTED)


def test_a_case_is_under_one_hold_from_its_placing_to_its_lifting() -> None:
    assert fold(*awaiting(), PLACED).hold == PLACED
    given(*awaiting(), PLACED).when(placing(OTHER_AUDITOR)).then_refused(OnHoldAlready)
    assert fold(*awaiting(), PLACED, LIFTED).hold is None
    given(*awaiting(), PLACED, LIFTED).when(placing()).then(PLACED)


def test_what_is_not_placed_is_not_lifted() -> None:
    given(*awaiting()).when(lifting()).then_refused(NotOnHold)
    given(*awaiting(), PLACED, LIFTED).when(lifting()).then_refused(NotOnHold)


@pytest.mark.parametrize("by", [BUYER, ARBITRATOR, ADMIN, AUDITOR.model_copy(update={"is_tool": True})])
def test_only_an_auditor_in_person_does_it(by: Actor) -> None:
    given(*awaiting()).when(placing(by)).then_refused(NotAnAuditor)
    given(*awaiting(), PLACED).when(lifting(by)).then_refused(NotAnAuditor)

from __future__ import annotations

from typing import Any

import pytest

from domain.dispute import note
from domain.dispute.intake import Closed, Outcome
from domain.dispute.note import NoteAdded, NoteKind, TooManyNotes
from domain.dispute.review import NotAnArbitrator
from domain.kernel import Actor, Event
from tests.support.builders import (
    ARBITRATOR,
    ARBITRATOR_MACHINE,
    AUDITOR,
    BUYER,
    OTHER_ARBITRATOR,
    SENIOR,
    a_playbook,
    awaiting,
    decided,
    hours,
    limits,
    taken_in_hand,
)
from tests.support.given import fold, given
from tests.support.money import settled


def noting(by: Actor = ARBITRATOR, kind: NoteKind = NoteKind.INTERNAL, at_most: int = 200) -> Any:
    rules = a_playbook(limits=limits(notes=at_most))
    return lambda dispute: note.add_note(dispute, rules, kind, "已核对", by=by, at=hours(9))


def noted(by: Actor = ARBITRATOR, kind: NoteKind = NoteKind.INTERNAL) -> NoteAdded:
    return NoteAdded(kind=kind, text="已核对", by=by, at=hours(9))


@pytest.mark.parametrize("kind", list(NoteKind))
@pytest.mark.parametrize("by", [ARBITRATOR, OTHER_ARBITRATOR, SENIOR])
@pytest.mark.parametrize("before", [awaiting(), taken_in_hand(), decided(), settled()])
def test_every_arbitrator_writes_on_a_case_at_any_time(before: tuple[Event, ...], by: Actor, kind: NoteKind) -> None:
    given(*before).when(noting(by, kind)).then(noted(by, kind))
    given(*before, Closed(outcome=Outcome.SETTLED, at=hours(8))).when(noting(by, kind)).then(noted(by, kind))


@pytest.mark.parametrize("by", [BUYER, AUDITOR, ARBITRATOR_MACHINE])
def test_nobody_else_does(by: Actor) -> None:
    given(*taken_in_hand()).when(noting(by)).then_refused(NotAnArbitrator)


def test_a_case_has_as_many_notes_as_the_playbook_allows_whoever_writes_them() -> None:
    assert fold(*awaiting(), noted(), noted(SENIOR)).notes == (noted(), noted(SENIOR))
    given(*awaiting(), noted(), noted(SENIOR)).when(noting(at_most=2)).then_refused(TooManyNotes, at_most=2)
    given(*awaiting(), noted()).when(noting(at_most=2)).then(noted())

"""What is written down beside the case itself, as a caller may see it: notes, links, conflicts, the legal hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from application.policy import Caller, sees, sees_event
from infrastructure.http.answers import ConflictAnswer, LegalHoldAnswer, LinkAnswer, NoteAnswer

if TYPE_CHECKING:
    from application.case import Case


def notes(case: Case, caller: Caller) -> list[NoteAnswer]:
    """The notes that the caller may read, in their order."""
    role = caller.actor.role
    return [
        NoteAnswer(kind=one.kind, text=one.text, arbitrator=one.by.id if sees("arbitrator", role) else None, at=one.at)
        for one in case.dispute.notes
        if sees_event(one, role)
    ]


def links(case: Case, caller: Caller) -> list[LinkAnswer]:
    """Other cases that belong with this one, for staff."""
    return [
        LinkAnswer(dispute=one.other, kind=one.kind, reason=one.reason, at=one.at, href=f"/v1/disputes/{one.other}")
        for one in case.dispute.links
        if sees("links", caller.actor.role)
    ]


def conflicts(case: Case, caller: Caller) -> list[ConflictAnswer]:
    """Who may not hear the case, for staff."""
    return [
        ConflictAnswer(arbitrator=one.by.id, ground=one.ground, reason=one.reason, at=one.at)
        for one in case.dispute.review.conflicts
        if sees("arbitrator", caller.actor.role)
    ]


def legal_hold(case: Case, caller: Caller) -> LegalHoldAnswer | None:
    """The hold that the case is under, for staff."""
    hold = case.dispute.hold
    if hold is None or not sees("legal_hold", caller.actor.role):
        return None
    return LegalHoldAnswer(auditor=hold.by.id, reason=hold.reason, at=hold.at)

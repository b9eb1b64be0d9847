"""Chapter note, a part of review: what arbitrators write down on a case, for themselves or for everybody."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar

from domain.dispute.review import check_hears
from domain.kernel import Act, Actor, Moment, Personal, Refused, Text

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute
    from domain.playbook.playbook import Playbook


class NoteKind(StrEnum):
    """Who reads a note: the platform's own people, or everybody who sees the case."""

    INTERNAL = "internal"
    PUBLIC = "public"


class NoteAdded(Act):
    """An arbitrator wrote something down on the case."""

    TOPIC: ClassVar[str] = "dispute.note_added"
    kind: NoteKind
    text: Annotated[Text, Personal("/by/id")]


NoteEvent = NoteAdded


class TooManyNotes(Refused):
    """The case has as many notes as the playbook allows."""

    CODE = "too_many_notes"


def may_add_note(dispute: Dispute, playbook: Playbook, actor: Actor) -> None:
    """Arbitrators who may hear the case write on it at any time, as much as the playbook allows."""
    check_hears(dispute, actor)
    if len(dispute.notes) >= playbook.limits.notes:
        raise TooManyNotes(at_most=playbook.limits.notes)


def add_note(
    dispute: Dispute, playbook: Playbook, kind: NoteKind, text: str, *, by: Actor, at: Moment
) -> tuple[NoteAdded]:
    """An arbitrator writes something down on the case."""
    may_add_note(dispute, playbook, by)
    return (NoteAdded(kind=kind, text=text, by=by, at=at),)

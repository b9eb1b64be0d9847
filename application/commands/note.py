"""Commands of note, a part of review: write something down on a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from application.commands.desk import DisputeCommand
from domain.dispute import note
from domain.dispute.dispute import DisputeEvent
from domain.dispute.note import NoteKind

if TYPE_CHECKING:
    from datetime import datetime

    from application.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote(DisputeCommand):
    """An arbitrator writes a note, internal or public."""

    OPERATION: ClassVar[str] = "add_note"
    kind: NoteKind
    text: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The note."""
        return note.add_note(case.dispute, case.playbook, self.kind, self.text, by=self.caller.actor, at=at)

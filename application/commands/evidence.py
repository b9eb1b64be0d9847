"""Commands of evidence: show an exhibit whose file lies in the vault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from application.commands.desk import DisputeCommand
from domain.dispute import evidence
from domain.dispute.dispute import DisputeEvent
from domain.dispute.evidence import File
from domain.dispute.provenance import NOTHING, FileFacts

if TYPE_CHECKING:
    from datetime import datetime

    from application.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitEvidence(DisputeCommand):
    """A party shows an exhibit; its file was put into the vault before."""

    OPERATION: ClassVar[str] = "submit_evidence"
    file: File
    kind: str
    file_name: str
    shows: str
    facts: FileFacts = NOTHING

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The exhibit."""
        return evidence.submit_evidence(
            case.dispute,
            case.playbook,
            self.file,
            kind=self.kind,
            file_name=self.file_name,
            shows=self.shows,
            facts=self.facts,
            by=self.caller.actor,
            at=at,
        )

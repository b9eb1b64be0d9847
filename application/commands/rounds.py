"""Commands of rounds, a part of evidence: ask a side for evidence, close the round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from application.commands.desk import DisputeCommand
from domain.dispute import rounds
from domain.dispute.dispute import DisputeEvent
from domain.dispute.rounds import Side

if TYPE_CHECKING:
    from datetime import datetime

    from application.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEvidence(DisputeCommand):
    """The arbitrator who has the case asks a side for evidence of some kinds."""

    OPERATION: ClassVar[str] = "request_evidence"
    side: Side
    kinds: tuple[str, ...]
    why: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The request, with which that side's clock starts."""
        return rounds.request_evidence(
            case.dispute, case.playbook, self.side, self.kinds, self.why, by=self.caller.actor, at=at
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseEvidenceRound(DisputeCommand):
    """The arbitrator who has the case closes the evidence round."""

    OPERATION: ClassVar[str] = "close_evidence_round"

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The closing."""
        return rounds.close_round(case.dispute, by=self.caller.actor, at=at)

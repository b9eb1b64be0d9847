"""Commands of proposal, a part of ruling: the second pair of eyes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from application.commands.desk import DisputeCommand
from domain.dispute import dispute as disputes
from domain.dispute import proposal
from domain.dispute.dispute import DisputeEvent

if TYPE_CHECKING:
    from datetime import datetime

    from application.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmRuling(DisputeCommand):
    """Another arbitrator makes a proposal the ruling."""

    OPERATION: ClassVar[str] = "confirm_ruling"
    ruling: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The ruling, and the remedies where they start at the decision; on appeal the reversal, final at once."""
        return disputes.confirm(case.dispute, case.playbook, case.id, self.ruling, by=self.caller.actor, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRuling(DisputeCommand):
    """Another arbitrator sends a proposal back."""

    OPERATION: ClassVar[str] = "return_ruling"
    ruling: str
    reason: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The return, with its reason."""
        return proposal.return_proposal(case.dispute, self.ruling, self.reason, by=self.caller.actor, at=at)

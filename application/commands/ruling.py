"""Commands of ruling: decide every claim of a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from application.commands.desk import DisputeCommand
from domain.dispute import dispute as disputes
from domain.dispute import ruling
from domain.dispute.award import AwardSought
from domain.dispute.dispute import DisputeEvent

if TYPE_CHECKING:
    from datetime import datetime

    from application.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(DisputeCommand):
    """The arbitrator who has the case decides it."""

    OPERATION: ClassVar[str] = "rule"
    awards: tuple[AwardSought, ...]
    reasons: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The ruling, and the remedies where they start at the decision; a proposal where a second has to confirm."""
        confirmed = ruling.rule(case.dispute, case.playbook, self.awards, self.reasons, by=self.caller.actor, at=at)
        return disputes.rule(case.dispute, case.playbook, case.id, confirmed)

"""Commands of review: call the platform in, step in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from application.commands.desk import DisputeCommand
from domain.dispute import appeal, review
from domain.dispute.dispute import DisputeEvent

if TYPE_CHECKING:
    from datetime import datetime

    from application.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalate(DisputeCommand):
    """A party asks the platform to decide."""

    OPERATION: ClassVar[str] = "escalate"
    reason: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The escalation."""
        return review.escalate(case.dispute, self.reason, by=self.caller.actor, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervene(DisputeCommand):
    """An arbitrator takes the case for the platform."""

    OPERATION: ClassVar[str] = "intervene"

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The intervention, or the hearing of an appeal, and the assignment."""
        return appeal.take_case(case.dispute, by=self.caller.actor, at=at)

"""Commands of pause, a part of review: let the clock stand still, let it run again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from application.commands.desk import DisputeCommand
from domain.dispute import pause
from domain.dispute.dispute import DisputeEvent
from domain.dispute.pause import PauseGround

if TYPE_CHECKING:
    from datetime import datetime

    from application.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseClock(DisputeCommand):
    """An arbitrator lets the running clock stand still for some hours."""

    OPERATION: ClassVar[str] = "pause_clock"
    ground: PauseGround
    reason: str
    hours: int

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The pause."""
        return pause.pause_clock(
            case.dispute, case.playbook, self.ground, self.reason, self.hours, by=self.caller.actor, at=at
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeClock(DisputeCommand):
    """An arbitrator ends the pause before its time."""

    OPERATION: ClassVar[str] = "resume_clock"

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The clock, running again."""
        return pause.resume_clock(case.dispute, case.playbook, by=self.caller.actor, at=at)

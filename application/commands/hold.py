"""Commands of hold, a part of intake: put a case under legal hold, and lift it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from application.commands.desk import DisputeCommand
from domain.dispute import hold
from domain.dispute.dispute import DisputeEvent

if TYPE_CHECKING:
    from datetime import datetime

    from application.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceLegalHold(DisputeCommand):
    """An auditor puts the case under legal hold."""

    OPERATION: ClassVar[str] = "place_legal_hold"
    reason: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The hold."""
        return hold.place_hold(case.dispute, self.reason, by=self.caller.actor, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftLegalHold(DisputeCommand):
    """An auditor lifts the legal hold."""

    OPERATION: ClassVar[str] = "lift_legal_hold"
    reason: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The end of the hold."""
        return hold.lift_hold(case.dispute, self.reason, by=self.caller.actor, at=at)

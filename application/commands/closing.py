"""Commands of closing, a part of intake: withdraw a dispute, have an ended one heard again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from application.commands.desk import DisputeCommand
from domain.dispute import closing
from domain.dispute.closing import ReopeningGround
from domain.dispute.dispute import DisputeEvent

if TYPE_CHECKING:
    from datetime import datetime

    from application.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(DisputeCommand):
    """The buyer claims nothing more."""

    OPERATION: ClassVar[str] = "withdraw"
    reason: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The withdrawal, which is the end."""
        return closing.withdraw(case.dispute, self.reason, by=self.caller.actor, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen(DisputeCommand):
    """A senior arbitrator has an ended case heard again."""

    OPERATION: ClassVar[str] = "reopen"
    ground: ReopeningGround
    reason: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The reopening."""
        return closing.reopen(case.dispute, self.ground, self.reason, by=self.caller.actor, at=at)

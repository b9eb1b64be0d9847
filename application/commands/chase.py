"""Commands of chase, a part of negotiation: remind the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from application.commands.desk import DisputeCommand
from domain.dispute import chase
from domain.dispute.dispute import DisputeEvent

if TYPE_CHECKING:
    from datetime import datetime

    from application.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Chase(DisputeCommand):
    """A party reminds the platform and the other side that it waits."""

    OPERATION: ClassVar[str] = "chase"
    text: str | None = None

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The reminder."""
        return chase.chase(case.dispute, case.playbook, self.text, by=self.caller.actor, at=at)

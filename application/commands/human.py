"""Commands of human, a part of review: ask that a person decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from application.commands.desk import SERVICE, DisputeCommand
from domain.dispute import dispute as disputes
from domain.dispute.dispute import DisputeEvent

if TYPE_CHECKING:
    from datetime import datetime

    from application.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestHuman(DisputeCommand):
    """A party asks that a person decide."""

    OPERATION: ClassVar[str] = "request_human"
    reason: str | None = None

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The request, and what becomes of a default that is not final."""
        return disputes.request_human(case.dispute, self.reason, by=self.caller.actor, service=SERVICE, at=at)

"""Commands of appeal: take a ruling to the second instance; reject the appeal, uphold or reverse the ruling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from application.commands.desk import DisputeCommand
from domain.dispute import appeal
from domain.dispute import dispute as disputes
from domain.dispute.appeal import AppealGround
from domain.dispute.award import AwardSought
from domain.dispute.dispute import DisputeEvent

if TYPE_CHECKING:
    from datetime import datetime

    from application.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAppeal(DisputeCommand):
    """A party appeals the ruling."""

    OPERATION: ClassVar[str] = "file_appeal"
    ground: AppealGround
    statement: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The appeal."""
        by = self.caller.actor
        return appeal.file_appeal(case.dispute, case.playbook, self.ground, self.statement, by=by, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectAppeal(DisputeCommand):
    """The arbitrator who hears the appeal finds it inadmissible."""

    OPERATION: ClassVar[str] = "reject_appeal"
    appeal: str
    reason: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The rejection, with which the ruling is final."""
        end = appeal.reject_appeal(case.dispute, self.appeal, self.reason, by=self.caller.actor, at=at)
        return disputes.end_appeal(case.dispute, case.id, end)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpholdRuling(DisputeCommand):
    """The arbitrator who hears the appeal leaves the ruling as it is."""

    OPERATION: ClassVar[str] = "uphold_ruling"
    appeal: str
    reasons: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The ruling, upheld and final."""
        end = appeal.uphold_ruling(case.dispute, self.appeal, self.reasons, by=self.caller.actor, at=at)
        return disputes.end_appeal(case.dispute, case.id, end)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseRuling(DisputeCommand):
    """The arbitrator who hears the appeal decides every claim anew."""

    OPERATION: ClassVar[str] = "reverse_ruling"
    appeal: str
    awards: tuple[AwardSought, ...]
    reasons: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The new ruling, final at once: what it stops, orders, and has paid back; or a proposal of it."""
        end = appeal.reverse_ruling(
            case.dispute, case.playbook, self.appeal, self.awards, self.reasons, by=self.caller.actor, at=at
        )
        return disputes.reverse(case.dispute, case.playbook, case.id, end)

"""Commands of admission, a part of evidence: challenge an exhibit, let it count or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from application.commands.desk import DisputeCommand
from domain.dispute import admission
from domain.dispute.admission import ChallengeGround
from domain.dispute.dispute import DisputeEvent

if TYPE_CHECKING:
    from datetime import datetime

    from application.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeEvidence(DisputeCommand):
    """The other side says why an exhibit should not count."""

    OPERATION: ClassVar[str] = "challenge_evidence"
    exhibit: str
    ground: ChallengeGround
    statement: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The challenge."""
        return admission.challenge(case.dispute, self.exhibit, self.ground, self.statement, by=self.caller.actor, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitEvidence(DisputeCommand):
    """The arbitrator who has the case lets an exhibit count that was late or excluded."""

    OPERATION: ClassVar[str] = "admit_evidence"
    exhibit: str
    reason: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The admission."""
        return admission.admit(case.dispute, self.exhibit, self.reason, by=self.caller.actor, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcludeEvidence(DisputeCommand):
    """The arbitrator who has the case takes an exhibit out of what counts."""

    OPERATION: ClassVar[str] = "exclude_evidence"
    exhibit: str
    reason: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The exclusion."""
        return admission.exclude(case.dispute, self.exhibit, self.reason, by=self.caller.actor, at=at)

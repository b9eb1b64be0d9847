"""Commands of review: call the platform in, step in, give a case back or to somebody else, declare a conflict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from application.commands.desk import DisputeCommand
from domain.dispute import appeal, review
from domain.dispute.dispute import DisputeEvent
from domain.dispute.review import ConflictGround
from domain.kernel import Actor

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseCase(DisputeCommand):
    """The arbitrator who has the case gives it back."""

    OPERATION: ClassVar[str] = "release_case"
    reason: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The release."""
        return review.release(case.dispute, self.reason, by=self.caller.actor, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReassignCase(DisputeCommand):
    """A senior arbitrator gives the case to another arbitrator."""

    OPERATION: ClassVar[str] = "reassign_case"
    to: Actor
    reason: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The assignment; nothing where that arbitrator has the case."""
        return review.reassign(case.dispute, self.to, self.reason, by=self.caller.actor, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareConflict(DisputeCommand):
    """An arbitrator may not hear the case, and from now on does not see it."""

    OPERATION: ClassVar[str] = "declare_conflict"
    ground: ConflictGround
    reason: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The conflict; nothing where it is declared already."""
        return review.declare_conflict(case.dispute, self.ground, self.reason, by=self.caller.actor, at=at)

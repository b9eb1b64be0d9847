"""The arbitrators' queue: cases under review, longest waiting first, and who has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast, get_args

from domain.dispute.appeal import AppealFiled
from domain.dispute.closing import Reopened
from domain.dispute.dispute import DisputeEvent
from domain.dispute.intake import ResponseLapsed
from domain.dispute.notice import NoticeLapsed
from domain.dispute.proposal import ProposalReturned, RulingProposed
from domain.dispute.review import CaseAssigned, CaseReassigned, CaseReleased, ConflictDeclared
from domain.dispute.stages import Stage
from domain.dispute.transitions import stage_after

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from application.ports import Recorded

NAME = "queue"
BECAUSE = {
    ResponseLapsed: "silence",
    NoticeLapsed: "not_served",
    RulingProposed: "proposed",
    ProposalReturned: "returned",
    AppealFiled: "appealed",
    Reopened: "reopened",
}


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A case that the platform is to decide; `because` is "escalated" or one of BECAUSE."""

    dispute: UUID
    platform: str
    since: datetime
    because: str


class QueueView(Protocol):
    """The table behind the queue."""

    async def enter(self, entry: QueueEntry) -> None:
        """A case waits for the platform; where it waits already only the cause is new."""
        ...

    async def assign(self, dispute: UUID, arbitrator: str) -> None:
        """An arbitrator has it."""
        ...

    async def free(self, dispute: UUID, arbitrator: str) -> None:
        """This arbitrator does not have it, where it was theirs."""
        ...

    async def leave(self, dispute: UUID) -> None:
        """It waits no longer."""
        ...


async def project(view: QueueView, recorded: Recorded) -> None:
    """Follow one event."""
    if not isinstance(recorded.event, get_args(DisputeEvent)):
        return
    event = cast("DisputeEvent", recorded.event)
    match event:
        case CaseAssigned(arbitrator=holder) | CaseReassigned(to=holder):
            await view.assign(recorded.stream, holder.id)
        case CaseReleased(by=holder) | ConflictDeclared(by=holder):
            await view.free(recorded.stream, holder.id)
        case _:
            await _move(view, recorded, event)


async def _move(view: QueueView, recorded: Recorded, event: DisputeEvent) -> None:
    match stage_after(event):
        case Stage.UNDER_REVIEW:
            because = BECAUSE.get(type(event), "escalated")
            await view.enter(QueueEntry(recorded.stream, recorded.metadata.platform, recorded.metadata.at, because))
        case None:
            pass
        case _:
            await view.leave(recorded.stream)

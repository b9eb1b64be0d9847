"""The audit trail: which events of which streams belong to a case, in the order of the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, get_args

from domain.dispute.dispute import DisputeEvent
from domain.intake.order import OrderDisputed
from domain.remedy.payout import PayoutEvent

if TYPE_CHECKING:
    from uuid import UUID

    from application.ports import Recorded

NAME = "audit_trail"


@dataclass(frozen=True, slots=True)
class Entry:
    """An event's place in a case's trail; what happened is read from the log itself."""

    position: int
    dispute: UUID
    stream: UUID
    version: int


class AuditTrailView(Protocol):
    """The table of trails."""

    async def add(self, entry: Entry) -> None:
        """An event belongs to a case."""
        ...


async def project(view: AuditTrailView, recorded: Recorded) -> None:
    """Follow one event: what is about a case carries the case's id as its correlation."""
    if isinstance(recorded.event, get_args(DisputeEvent) + get_args(PayoutEvent) + (OrderDisputed,)):
        await view.add(Entry(recorded.position, recorded.metadata.correlation_id, recorded.stream, recorded.version))

"""The tables behind the views; every write runs in the transaction that also moves the follower's position."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from application.projections import audit_trail, case_file, deadlines, payouts, queue
from infrastructure.postgres.sql_loader import sql

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from psycopg import AsyncConnection

    from application.ports import Recorded
    from application.projections.audit_trail import Entry
    from application.projections.case_file import CaseMoved, CaseOpened
    from application.projections.deadlines import Deadline
    from application.projections.payouts import PayoutMoved, PayoutOpened
    from application.projections.queue import QueueEntry


@dataclass(frozen=True, slots=True)
class CaseFileTable:
    """Adapter of CaseFileView."""

    connection: AsyncConnection

    async def open(self, opened: CaseOpened) -> None:
        """A case begins."""
        await self.connection.execute(sql("case_file_open"), asdict(opened))

    async def move(self, moved: CaseMoved) -> None:
        """A case moves on."""
        await self.connection.execute(
            sql("case_file_move"),
            {
                "dispute": moved.dispute,
                "version": moved.version,
                "at": moved.at,
                "stage": moved.stage,
                "outcome": moved.outcome,
                "conflict": moved.conflict,
                "asked_minor": moved.asked_minor,
                "awarded_minor": moved.awarded_minor,
                "ordered_minor": moved.ordered_minor,
                "paid_minor": moved.paid_minor,
            },
        )


@dataclass(frozen=True, slots=True)
class QueueTable:
    """Adapter of QueueView."""

    connection: AsyncConnection

    async def enter(self, entry: QueueEntry) -> None:
        """A case waits for the platform."""
        await self.connection.execute(sql("queue_enter"), asdict(entry))

    async def assign(self, dispute: UUID, arbitrator: str) -> None:
        """An arbitrator has it."""
        await self.connection.execute(sql("queue_assign"), {"dispute": dispute, "arbitrator": arbitrator})

    async def free(self, dispute: UUID, arbitrator: str) -> None:
        """This arbitrator does not have it."""
        await self.connection.execute(sql("queue_free"), {"dispute": dispute, "arbitrator": arbitrator})

    async def leave(self, dispute: UUID) -> None:
        """It waits no longer."""
        await self.connection.execute(sql("queue_leave"), {"dispute": dispute})


@dataclass(frozen=True, slots=True)
class AuditTrailTable:
    """Adapter of AuditTrailView."""

    connection: AsyncConnection

    async def add(self, entry: Entry) -> None:
        """An event belongs to a case."""
        await self.connection.execute(sql("audit_trail_add"), asdict(entry))


@dataclass(frozen=True, slots=True)
class DeadlineTable:
    """Adapter of DeadlineView."""

    connection: AsyncConnection

    async def start(self, deadline: Deadline) -> None:
        """A clock runs."""
        await self.connection.execute(sql("deadlines_start"), asdict(deadline))

    async def stop(self, dispute: UUID, clocks: tuple[str, ...]) -> None:
        """Clocks of this dispute run no more."""
        await self.connection.execute(sql("deadlines_stop"), {"dispute": dispute, "clocks": list(clocks)})


@dataclass(frozen=True, slots=True)
class PayoutTable:
    """Adapter of PayoutView."""

    connection: AsyncConnection

    async def open(self, opened: PayoutOpened) -> None:
        """A payout is ordered."""
        await self.connection.execute(sql("payouts_open"), asdict(opened))

    async def move(self, moved: PayoutMoved) -> None:
        """A payout moves on."""
        await self.connection.execute(sql("payouts_move"), asdict(moved))


async def _case_file(connection: AsyncConnection, recorded: Recorded) -> None:
    await case_file.project(CaseFileTable(connection), recorded)


async def _queue(connection: AsyncConnection, recorded: Recorded) -> None:
    await queue.project(QueueTable(connection), recorded)


async def _audit_trail(connection: AsyncConnection, recorded: Recorded) -> None:
    await audit_trail.project(AuditTrailTable(connection), recorded)


async def _deadlines(connection: AsyncConnection, recorded: Recorded) -> None:
    await deadlines.project(DeadlineTable(connection), recorded)


async def _payouts(connection: AsyncConnection, recorded: Recorded) -> None:
    await payouts.project(PayoutTable(connection), recorded)


# Every view by its name, which is also its table's and its follower's.
VIEWS: dict[str, Callable[[AsyncConnection, Recorded], Awaitable[None]]] = {
    case_file.NAME: _case_file,
    queue.NAME: _queue,
    audit_trail.NAME: _audit_trail,
    deadlines.NAME: _deadlines,
    payouts.NAME: _payouts,
}

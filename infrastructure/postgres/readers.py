"""What the service reads from the views, and waiting until they have caught up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from application.projections import audit_trail, case_file, deadlines, queue
from domain.kernel import Unacceptable
from infrastructure.postgres.event_store import recorded
from infrastructure.postgres.pool import fetch
from infrastructure.postgres.shared import Shared
from infrastructure.postgres.sql_loader import sql

if TYPE_CHECKING:
    from application.ports import Recorded
    from infrastructure.postgres.mapper import Mapper
    from infrastructure.postgres.pool import Pool

WAIT_S: Final = 5.0
POLL_S: Final = 0.01
READ_VIEWS: Final = (case_file.NAME, queue.NAME, audit_trail.NAME, deadlines.NAME)


class NoSuchPosition(Unacceptable):
    """The log has not come to this position: nobody can have been told of it."""

    CODE = "no_such_position"


class NotCaughtUp(Exception):
    """The views have not reached the position in time: no worker runs, or it lags."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as lists show it; amounts in minor units of `currency`."""

    dispute: UUID
    number: str
    buyer: str
    merchant: str
    order_id: str
    filed_at: datetime
    currency: str
    asked_minor: int
    awarded_minor: int
    ordered_minor: int
    paid_minor: int
    stage: str
    outcome: str | None
    clock: str | None
    due_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A case that waits for the platform."""

    dispute: UUID
    number: str
    since: datetime
    because: str
    arbitrator: str | None
    currency: str
    asked_minor: int
    stage: str
    order_id: str


@dataclass(frozen=True, slots=True)
class DueRow:
    """A clock, by key, that has run out."""

    dispute: UUID
    platform: str
    clock: str
    due_at: datetime


class Views:
    """Reads the views."""

    def __init__(self, pool: Pool, mapper: Mapper) -> None:
        self._pool = pool
        self._mapper = mapper
        self._followed = Shared(self._ask_followed)
        self._followed_soon = Shared(self._ask_followed, POLL_S)

    async def cases(self, **filters: Any) -> list[CaseRow]:  # noqa: ANN401 - the statement names and types them
        """A page of case files; filters as in case_file_list.sql, None where not asked for."""
        return await self._rows(CaseRow, "case_file_list", filters)

    async def queue(self, **filters: Any) -> list[QueueRow]:  # noqa: ANN401 - the same
        """A page of the queue."""
        return await self._rows(QueueRow, "queue_list", filters)

    async def due(self, limit: int, after: datetime, after_dispute: UUID, after_clock: str) -> list[DueRow]:
        """A page of the clocks that have run out, behind the last one of the page before."""
        behind = {"after": after, "after_dispute": after_dispute, "after_clock": after_clock}
        return await self._rows(DueRow, "deadlines_due", behind | {"limit": limit})

    async def next_due(self, until: datetime) -> datetime | None:
        """The next clock to run out, at or before `until`."""
        [(due,)] = await fetch(self._pool, sql("deadlines_next"), {"until": until})
        moment: datetime | None = due
        return moment

    async def confirmed_payouts(self) -> dict[UUID, datetime]:
        """Every payout that is confirmed, and since when."""
        return dict(await fetch(self._pool, sql("payouts_confirmed"), {}))

    async def by_number(self, number: str) -> UUID | None:
        """The case of this number."""
        found = await fetch(self._pool, sql("case_file_by_number"), {"number": number})
        return found[0][0] if found else None

    async def trail(self, dispute: UUID, after: int = 0, limit: int = 1000) -> tuple[Recorded, ...]:
        """The events that belong to a case, in the order of the log."""
        wanted = {"dispute": dispute, "after": after, "limit": limit}
        rows = await fetch(self._pool, sql("audit_trail_read"), wanted)
        return tuple(recorded(self._mapper, row) for row in rows)

    async def whole_trail(self, dispute: UUID) -> tuple[Recorded, ...]:
        """All events that belong to a case, however many."""
        found: list[Recorded] = []
        while page := await self.trail(dispute, found[-1].position if found else 0):
            found += page
        return tuple(found)

    async def head(self) -> int:
        """The last position of the log."""
        [(head,)] = await fetch(self._pool, sql("log_head"), {})
        return int(head)

    async def wait(self, position: int, timeout_s: float = WAIT_S) -> None:
        """Return when every view has come to `position`; raises NotCaughtUp, or NoSuchPosition where none can."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        if await self._followed() >= position:
            return
        if position > (head := await self.head()):
            raise NoSuchPosition(last=head)
        while await self._followed_soon() < position:
            if asyncio.get_running_loop().time() > deadline:
                raise NotCaughtUp

    async def _ask_followed(self) -> int:
        """The position to which every view has come; 0 where one has not begun."""
        followed = await fetch(self._pool, sql("tracking_positions"), {"followers": list(READ_VIEWS)})
        return int(followed[0][0]) if followed else 0

    async def _rows(self, row: type[Any], statement: str, parameters: dict[str, Any]) -> list[Any]:
        return await fetch(self._pool, sql(statement), parameters, row)

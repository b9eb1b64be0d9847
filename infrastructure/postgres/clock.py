"""The service's one time: the database's clock, which a sandbox may set ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infrastructure.postgres.pool import SILENCE_S, fetch, within
from infrastructure.postgres.shared import Shared
from infrastructure.postgres.sql_loader import sql

if TYPE_CHECKING:
    from datetime import datetime

    from infrastructure.postgres.pool import Pool


class DatabaseClock:
    """Adapter of the port Clock."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._asked = Shared(self._ask)

    async def now(self) -> datetime:
        """The time now, UTC; those who ask at once are told the same."""
        return await self._asked()

    async def _ask(self) -> datetime:
        [(now,)] = await fetch(self._pool, sql("clock_now"), {})
        moment: datetime = now
        return moment

    async def set_ahead(self, moment: datetime) -> None:
        """Move the test clock forward to a moment, if it has not passed; the database refuses it in production."""
        async with self._pool.connection() as connection, within(SILENCE_S, connection):
            await connection.execute(sql("set_test_clock"), {"moment": moment})

"""The connections of a process that serves, and reading through them when one of them has died."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import AsyncConnection, OperationalError
from psycopg.rows import TupleRow, class_row, tuple_row
from psycopg_pool import AsyncConnectionPool

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import LiteralString

Pool = AsyncConnectionPool[AsyncConnection[TupleRow]]


def event_pool(url: str, *, size: int = 4) -> Pool:
    """A pool for the store, to be opened by its user: each statement its own transaction, no endless waiting."""

    async def limit_waiting(connection: AsyncConnection[TupleRow]) -> None:
        await connection.execute("SET lock_timeout = '10s'")

    return AsyncConnectionPool(
        url,
        kwargs={"autocommit": True},
        min_size=1,
        max_size=size,
        timeout=10,
        open=False,
        configure=limit_waiting,
    )


async def fetch(
    pool: Pool, statement: LiteralString, parameters: Mapping[str, Any], row: type[Any] | None = None
) -> list[Any]:
    """The rows of a statement that only reads: asked once more when the connection turns out to be dead."""
    try:
        return await _fetch(pool, statement, parameters, row)
    except OperationalError:
        # After a restart of the database every pooled connection is dead: throw them out, then ask again.
        await pool.check()
        return await _fetch(pool, statement, parameters, row)


async def _fetch(
    pool: Pool, statement: LiteralString, parameters: Mapping[str, Any], row: type[Any] | None
) -> list[Any]:
    factory: Any = tuple_row if row is None else class_row(row)
    async with pool.connection() as connection, connection.cursor(binary=True, row_factory=factory) as cursor:
        await cursor.execute(statement, parameters, prepare=True)
        return await cursor.fetchall()

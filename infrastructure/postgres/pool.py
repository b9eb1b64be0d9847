"""The connections of a process that serves, and reading through them when one of them has died."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from psycopg import AsyncConnection, OperationalError
from psycopg.rows import TupleRow, class_row, tuple_row
from psycopg_pool import AsyncConnectionPool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from typing import LiteralString

Pool = AsyncConnectionPool[AsyncConnection[TupleRow]]
LOCK_S: Final = 10  # how long a statement waits for others


@asynccontextmanager
async def within(seconds: float, connection: AsyncConnection[Any]) -> AsyncIterator[None]:
    """Hang up when the server has been silent for so long: whoever waits for it then hears that the line is dead.

    Cancelling the wait would not do: the driver would first ask the silent server to stop.
    """
    timer = asyncio.get_running_loop().call_later(seconds, _hang_up, connection)
    try:
        yield
    finally:
        timer.cancel()


def _hang_up(connection: AsyncConnection[Any]) -> None:
    if not connection.closed:
        with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)


def event_pool(url: str, *, size: int = 4) -> Pool:
    """A pool for the store, to be opened by its user: each statement its own transaction, no endless waiting."""

    async def limit_waiting(connection: AsyncConnection[TupleRow]) -> None:
        await connection.execute(f"SET lock_timeout = '{LOCK_S}s'")

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

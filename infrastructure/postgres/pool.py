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
SILENCE_S: Final = LOCK_S + 5.0  # who is silent for longer is gone
CONNECT_S: Final = 5


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
    return AsyncConnectionPool(
        url,
        kwargs={"autocommit": True, "connect_timeout": CONNECT_S, "options": f"-c lock_timeout={LOCK_S}s"},
        min_size=1,
        max_size=size,
        timeout=10,
        open=False,
    )


async def fetch(
    pool: Pool, statement: LiteralString, parameters: Mapping[str, Any], row: type[Any] | None = None
) -> list[Any]:
    """The rows of a statement that only reads: asked once more when the connection turns out to be dead."""
    try:
        return await _fetch(pool, statement, parameters, row)
    except OperationalError:
        # After a restart of the database every pooled connection is dead, and one that is silent must not be asked
        # whether it is: throw them all out, then ask again.
        await pool.drain()
        return await _fetch(pool, statement, parameters, row)


async def _fetch(
    pool: Pool, statement: LiteralString, parameters: Mapping[str, Any], row: type[Any] | None
) -> list[Any]:
    factory: Any = tuple_row if row is None else class_row(row)
    async with pool.connection() as connection, within(SILENCE_S, connection):
        cursor = connection.cursor(binary=True, row_factory=factory)
        await cursor.execute(statement, parameters, prepare=True)
        return await cursor.fetchall()

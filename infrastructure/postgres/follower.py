"""Following the log: one leader, batches in order, work and position in one commit, broken streams parked."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import psycopg
import structlog
from psycopg import AsyncConnection

from infrastructure.postgres.event_store import recorded
from infrastructure.postgres.pool import CONNECT_S, within
from infrastructure.postgres.sql_loader import sql

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from application.ports import Recorded
    from infrastructure.postgres.mapper import Mapper

BATCH_EVENTS_MAX: Final = 500
POLL_S: Final = 0.2  # a lost NOTIFY costs at most this
STEP_S: Final = 60.0  # a step that takes longer waits for a server that is gone
STAND_BY_S: Final = 1.0
IDLE_S: Final = 30  # a leader asks all the time; the server takes one that does not for dead and lets another lead
LISTEN: Final = "LISTEN stored_events"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Follower:
    """Something that is done for every event, in order and once: a view kept, or effects enqueued."""

    name: str
    apply: Callable[[AsyncConnection, Recorded], Awaitable[None]]


class Following:
    """Carries followers along the log."""

    def __init__(self, url: str, mapper: Mapper, followers: Sequence[Follower]) -> None:
        self._url = url
        self._mapper = mapper
        self._followers = followers

    async def run(self) -> None:
        """Follow until cancelled; a lost database is waited for, a second process stands by."""
        while True:
            try:
                await self._lead()
            except Exception as error:
                if not passes(error):
                    raise
                log.warning("follower.database_lost", error=type(error).__name__)
            await asyncio.sleep(STAND_BY_S)

    async def _lead(self) -> None:
        async with await connect(self._url) as connection:
            async with within(STEP_S, connection):
                row = await (await connection.execute(sql("leader_lock"))).fetchone()
                if row != (True,):
                    return
                await connection.execute(LISTEN)
            while True:
                for follower in self._followers:
                    while await self.step(connection, follower) == BATCH_EVENTS_MAX:
                        pass
                async for _ in connection.notifies(timeout=POLL_S, stop_after=1):
                    pass

    async def catch_up(self, follower: Follower, progress: Callable[[int], None] = lambda _: None) -> None:
        """Carry one follower to the present end of the log."""
        async with await connect(self._url) as connection:
            while done := await self.step(connection, follower):
                progress(done)

    async def step(self, connection: AsyncConnection, follower: Follower) -> int:
        """One batch, all or nothing; where an event breaks it, event by event, setting broken streams aside."""
        try:
            async with within(STEP_S, connection), connection.transaction():
                return await self._batch(connection, follower, one_by_one=False)
        except Exception as error:
            if passes(error):
                raise
            log.warning("follower.batch_broken", follower=follower.name, error=type(error).__name__)
            async with within(STEP_S, connection), connection.transaction():
                return await self._batch(connection, follower, one_by_one=True)

    async def _batch(self, connection: AsyncConnection, follower: Follower, *, one_by_one: bool) -> int:
        name = {"follower": follower.name}
        await connection.execute(sql("tracking_begin"), name)
        row = await (await connection.execute(sql("tracking_lock"), name)).fetchone()
        position: int = row[0] if row else 0
        rows = await (
            await connection.execute(sql("select_log"), {"after": position, "limit": BATCH_EVENTS_MAX}, binary=True)
        ).fetchall()
        if not rows:
            return 0
        parked = {row[0] for row in await (await connection.execute(sql("parked_streams"), name)).fetchall()}
        for stored in rows:
            stream, position = stored[1], stored[0]
            if stream in parked:
                continue
            if not one_by_one:
                await follower.apply(connection, recorded(self._mapper, stored))
                continue
            try:
                async with connection.transaction():
                    await follower.apply(connection, recorded(self._mapper, stored))
            except Exception as error:
                if passes(error):
                    raise
                parked.add(stream)
                reason = type(error).__name__
                await connection.execute(sql("park"), name | {"stream": stream, "position": position, "reason": reason})
                # An error and not an exception: a trace could hold what people wrote.
                place = {"stream": str(stream), "position": position, "error": reason}
                log.error("follower.parked", follower=follower.name, **place)  # noqa: TRY400 - the same
        await connection.execute(sql("tracking_move"), name | {"position": position})
        return len(rows)


def passes(error: BaseException | None) -> bool:
    """Whether the database was at fault for the moment and not the event: then nothing is set aside."""
    while error is not None:
        if isinstance(error, psycopg.OperationalError):
            return True
        error = error.__cause__ or error.__context__
    return False


async def connect(url: str) -> AsyncConnection:
    """A connection of its own, outside any pool, in autocommit; jobs are enqueued through it by unqualified names."""
    limits = {"idle_session_timeout": f"{IDLE_S}s", "idle_in_transaction_session_timeout": f"{IDLE_S}s"}
    options = " ".join(f"-c {name}={value}" for name, value in ({"search_path": "jobs"} | limits).items())
    return await AsyncConnection.connect(url, autocommit=True, connect_timeout=CONNECT_S, options=options)


async def stop(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait for its end."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

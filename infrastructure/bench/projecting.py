"""Rows of following: how fast the views follow the log, and how soon an event is seen in them."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, asynccontextmanager
from math import ceil
from typing import TYPE_CHECKING, Final

from psycopg.sql import SQL, Identifier

from application.ports import NewEvents
from infrastructure.bench.material import LIFE_EVENTS, command, copy, live
from infrastructure.bench.measure import Sides, percentile
from infrastructure.bootstrap import MAPPER, open_container, view_followers
from infrastructure.demo import children
from infrastructure.postgres.event_store import recorded
from infrastructure.postgres.follower import BATCH_EVENTS_MAX, Following, connect
from infrastructure.postgres.sql_loader import sql
from infrastructure.postgres.views.tables import VIEWS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from psycopg import AsyncConnection

    from application.ports import Recorded
    from infrastructure.bench.material import Life
    from infrastructure.bench.room import Room
    from infrastructure.bootstrap import Container
    from infrastructure.postgres.follower import Follower

PREPARED_A_SECOND: Final = 4_000  # events to follow for each second of a round; who is faster ends sooner
FEW: Final = 50
PACE: Final = 500  # commands a second
LOOK_S: Final = 0.001
PATIENCE_S: Final = 60.0


class NeverSeen(Exception):
    """What was appended did not come to the views."""


@asynccontextmanager
async def catch_up(room: Room) -> AsyncIterator[Sides]:
    """Events carried into all views, in batches, against the library's way: a commit for each event."""
    async with AsyncExitStack() as stack:
        container = await stack.enter_async_context(open_container(room.settings))
        connection = await stack.enter_async_context(await connect(room.worker_url))
        following, followers = Following(room.worker_url, MAPPER, []), view_followers()
        life = await live(container)
        prepared = 0

        async def begin(seconds: float) -> None:
            nonlocal prepared
            if (more := ceil(seconds * PREPARED_A_SECOND / LIFE_EVENTS) - prepared) > 0:
                await copy(container, life, LIFE_EVENTS, more)
                prepared += more
            await _empty(connection, followers)

        async def in_batches(seconds: float) -> float:
            await begin(seconds)
            began = time.perf_counter()
            done = 0
            while time.perf_counter() < began + seconds:
                steps = [await following.step(connection, follower) for follower in followers]
                done += sum(steps)
                if max(steps) < BATCH_EVENTS_MAX:
                    break
            return done / len(followers) / (time.perf_counter() - began)

        async def one_by_one(seconds: float) -> float:
            await begin(seconds)
            began = time.perf_counter()
            done, position = 0, 0
            while time.perf_counter() < began + seconds:
                cursor = await connection.execute(sql("select_log"), {"after": position, "limit": FEW}, binary=True)
                if not (rows := await cursor.fetchall()):
                    break
                events = [recorded(MAPPER, row) for row in rows]
                for follower in followers:
                    await _commit_each(connection, follower, events)
                done, position = done + len(events), events[-1].position
            return done / (time.perf_counter() - began)

        yield Sides(in_batches, one_by_one, "a commit for each event")


async def _empty(connection: AsyncConnection, followers: list[Follower]) -> None:
    for follower in followers:
        name = {"follower": follower.name}
        await connection.execute(SQL("TRUNCATE views.{}").format(Identifier(follower.name)))
        await connection.execute(sql("tracking_begin"), name)
        await connection.execute(sql("tracking_move"), name | {"position": 0})


async def _commit_each(connection: AsyncConnection, follower: Follower, events: list[Recorded]) -> None:
    name = {"follower": follower.name}
    for event in events:
        async with connection.transaction():
            await follower.apply(connection, event)
            await connection.execute(sql("tracking_move"), name | {"position": event.position})


@asynccontextmanager
async def visible(room: Room) -> AsyncIterator[Sides]:
    """From the call of an append to its being in every view, by a worker as it runs anywhere; 99 of 100 are faster."""
    environment = {
        "GONGDUAN_DATABASE_URL": room.worker_url,
        "GONGDUAN_DATA": str(room.settings.data),
        "GONGDUAN_PAYMENTS_URL": "http://127.0.0.1:9",  # nothing here is paid
    }
    async with AsyncExitStack() as stack:
        container = await stack.enter_async_context(open_container(room.settings))
        connection = await stack.enter_async_context(await connect(room.worker_url))
        life = await live(container)
        worker = children.start("worker", "infrastructure.cli", "worker", environment=environment, folder=room.folder)
        stack.callback(worker.stop)

        async def p99(seconds: float) -> float:
            worker.check()
            return percentile(await _waits(container, connection, life, max(round(seconds * PACE), 1)), 99) * 1000

        yield Sides(p99, None, f"{PACE} commands/s")


async def _waits(container: Container, connection: AsyncConnection, life: Life, commands: int) -> list[float]:
    """How long each of so many commands, sent at an even pace, took to be seen; in seconds."""
    streams = await copy(container, life, 1, commands)
    await _seen(connection, await container.views.head())
    sent: dict[int, float] = {}
    waits: list[float] = []

    async def append(stream: UUID) -> None:
        began = time.perf_counter()
        appended = await container.store.append(command(life), [NewEvents(stream, 1, (life.message,))])
        sent[appended.last_position] = began

    async def look() -> None:
        give_up = time.perf_counter() + PATIENCE_S
        while len(waits) < commands:
            followed, now = await _followed(connection), time.perf_counter()
            if now > give_up:
                raise NeverSeen(f"{commands - len(waits)} of {commands} events were not seen within {PATIENCE_S:.0f} s")
            waits.extend(now - sent.pop(position) for position in [one for one in sent if one <= followed])
            await asyncio.sleep(LOOK_S)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        group.create_task(look())
        for number, stream in enumerate(streams):
            await asyncio.sleep(began + number / PACE - time.perf_counter())
            group.create_task(append(stream))
    return waits


async def _seen(connection: AsyncConnection, position: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while await _followed(connection) < position:  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(LOOK_S)


async def _followed(connection: AsyncConnection) -> int:
    row = await (
        await connection.execute(sql("tracking_positions"), {"followers": list(VIEWS)}, prepare=True)
    ).fetchone()
    return int(row[0]) if row else 0

"""Rows of appending: durable, totally ordered, one event a command, through the service's own store."""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final
from uuid import UUID

from application.ports import NewEvents
from infrastructure.bench.material import LIFE_EVENTS, Life, command, live
from infrastructure.bench.measure import Sides, best_of
from infrastructure.bench.pgbench import CLIENTS, Pgbench
from infrastructure.bench.stock import THREADS, open_recorder, stored_event
from infrastructure.bootstrap import MAPPER, Container, open_container
from infrastructure.ids import uuid7
from infrastructure.postgres.appending import Row
from infrastructure.postgres.mapper import encode_metadata

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from eventsourcing.persistence import ApplicationRecorder

    from infrastructure.bench.room import Room

CALLERS: Final = 64


@asynccontextmanager
async def append_many(room: Room) -> AsyncIterator[Sides]:
    """Many callers at once, against as many clients as suit pgbench best."""
    async with open_container(room.settings) as container:
        life = await live(container)
        bench = Pgbench(room, _row(life), LIFE_EVENTS)
        clients = await best_of(CLIENTS, bench.run, 1.0)
        yield Sides(
            lambda seconds: appended(container, life, CALLERS, seconds),
            lambda seconds: bench.run(clients, seconds),
            f"pgbench INSERT, {clients} clients",
        )


@asynccontextmanager
async def append_one(room: Room) -> AsyncIterator[Sides]:
    """One caller, each time waiting for the answer, against one client of pgbench."""
    async with open_container(room.settings) as container:
        life = await live(container)
        bench = Pgbench(room, _row(life), LIFE_EVENTS)
        yield Sides(
            lambda seconds: appended(container, life, 1, seconds),
            lambda seconds: bench.run(1, seconds),
            "pgbench INSERT, 1 client",
        )


@asynccontextmanager
async def append_stock(room: Room) -> AsyncIterator[Sides]:
    """Many callers at once, against as many threads as suit the library's own recorder best."""
    async with open_container(room.settings) as container:
        life = await live(container)
        with open_recorder(room, pool=max(THREADS)) as recorder:

            async def insert(threads: int, seconds: float) -> float:
                return await _inserted(recorder, life, threads, seconds)

            threads = await best_of(THREADS, insert, 1.0)
            yield Sides(
                lambda seconds: appended(container, life, CALLERS, seconds),
                lambda seconds: insert(threads, seconds),
                f"stock insert_events, {threads} threads",
            )


async def appended(container: Container, life: Life, callers: int, seconds: float) -> float:
    """Acknowledged events a second of so many callers, each of whom lives one dispute after another."""
    message = life.message
    began = time.perf_counter()
    end = began + seconds

    async def call() -> int:
        done = 0
        while time.perf_counter() < end:
            if (version := done % LIFE_EVENTS) == 0:
                stream = _new_stream()
            await container.store.append(command(life), [NewEvents(stream, version, (message,))])
            done += 1
        return done

    done = sum(await asyncio.gather(*(call() for _ in range(callers))))
    return done / (time.perf_counter() - began)


async def _inserted(recorder: ApplicationRecorder, life: Life, threads: int, seconds: float) -> float:
    """Events a second that so many threads bring in through the library, living disputes in the same way."""
    told_to_end = threading.Event()
    began = time.perf_counter()
    end = began + seconds
    topic, state = MAPPER.encode(life.message)

    def insert() -> int:
        done = 0
        while time.perf_counter() < end and not told_to_end.is_set():
            if (version := done % LIFE_EVENTS) == 0:
                stream = _new_stream()
            recorder.insert_events([stored_event(stream, version + 1, topic, state)])
            done += 1
        return done

    try:
        done = sum(await asyncio.gather(*(asyncio.to_thread(insert) for _ in range(threads))))
    finally:
        told_to_end.set()  # a thread cannot be cancelled
    return done / (time.perf_counter() - began)


def _new_stream() -> UUID:
    """Ids of disputes are digests of words: anywhere in the index."""
    return UUID(int=secrets.randbits(128))


def _row(life: Life) -> Row:
    topic, state = MAPPER.encode(life.message)
    metadata = encode_metadata(command(life))
    return Row(
        stream=_new_stream(), version=1, follows=False, topic=topic, state=state, event_id=uuid7(), metadata=metadata
    )

"""Rows of loading: a dispute of 31 events, folded to its state."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from application.case import CaseReader
from infrastructure.bench.material import LIFE_EVENTS, WORDS, live
from infrastructure.bench.measure import Sides
from infrastructure.bench.stock import a_talk, open_talks
from infrastructure.bootstrap import open_container

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from application.case import Case
    from infrastructure.bench.measure import Side
    from infrastructure.bench.room import Room


@asynccontextmanager
async def load_warm(room: Room) -> AsyncIterator[Sides]:
    """What a GET pays for a case that this process has seen before."""
    async with open_container(room.settings) as container:
        life = await live(container)
        await container.cases.load(life.stream)
        with _stock_get(room) as get:
            yield Sides(_loads(lambda: container.cases.load(life.stream)), get, "stock repository.get")


@asynccontextmanager
async def load_cold(room: Room) -> AsyncIterator[Sides]:
    """What the first look at a case pays; only the parsed playbook, which all cases share, is there before."""
    async with open_container(room.settings) as container:
        life = await live(container)

        async def load() -> Case | None:
            return await CaseReader(container.store, container.bookcase).load(life.stream)

        with _stock_get(room) as get:
            yield Sides(_loads(load), get, "stock repository.get")


def _loads(load: Callable[[], Awaitable[Case | None]]) -> Side:
    async def side(seconds: float) -> float:
        began = time.perf_counter()
        done = 0
        while time.perf_counter() < began + seconds:
            case = await load()
            assert case is not None  # noqa: S101 - it was made here
            assert case.version == LIFE_EVENTS  # noqa: S101 - the same
            done += 1
        return done / (time.perf_counter() - began)

    return side


@contextmanager
def _stock_get(room: Room) -> Iterator[Side]:
    with open_talks(room) as talks:
        talk = a_talk(LIFE_EVENTS - 1, WORDS)
        talks.save(talk)

        async def side(seconds: float) -> float:
            began = time.perf_counter()
            done = 0
            while time.perf_counter() < began + seconds:
                talks.repository.get(talk.id)
                done += 1
            return done / (time.perf_counter() - began)

        yield side

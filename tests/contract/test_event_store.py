"""What every event store does, the real one and the one that tests of commands stand on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from application.ports import Conflict, NewEvents
from infrastructure.ids import uuid7
from infrastructure.postgres.event_store import PostgresEventStore
from infrastructure.postgres.pool import event_pool
from infrastructure.postgres.writer import GroupWriter
from tests.support.facts import MAPPER, Counted, envelope, note
from tests.support.memory import MemoryEventStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from application.ports import EventStore
    from tests.support.database import Database

pytestmark = pytest.mark.anyio
A, B = UUID(int=0xA), UUID(int=0xB)


@pytest.fixture(params=["memory", "postgres"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[EventStore]:
    if request.param == "memory":
        yield MemoryEventStore()
        return
    database: Database = request.getfixturevalue("database")
    url = database.service_url
    async with event_pool(url) as pool, GroupWriter(url) as writer:
        yield PostgresEventStore(pool, MAPPER, uuid7, writer)


async def versions(store: EventStore, stream: UUID, **bounds: int) -> list[int]:
    return [recorded.version for recorded in await store.load(stream, **bounds)]


async def test_a_stream_is_read_whole_or_in_part(store: EventStore) -> None:
    await store.append(envelope(), note(A, 0, "a", "b", "c", "d"))
    assert await versions(store, A) == [1, 2, 3, 4]
    assert await versions(store, A, after_version=1, up_to_version=3) == [2, 3]
    assert await versions(store, A, after_version=4) == []
    assert await versions(store, B) == []


async def test_who_did_not_read_the_newest_version_is_refused_on_all_streams(store: EventStore) -> None:
    await store.append(envelope(), note(A, 0, "a", "b"))
    for stale in (0, 1, 3):
        with pytest.raises(Conflict):
            await store.append(envelope(), [*note(B, 0, "x"), *note(A, stale, "y")])
    assert await versions(store, B) == []


async def test_events_go_to_the_end_of_a_stream_that_nobody_read(store: EventStore) -> None:
    for count in (1, 2):
        await store.append(envelope(), [NewEvents(A, None, (Counted(number=1),) * count)])
    assert await versions(store, A) == [1, 2, 3]
    await store.append(envelope(), [*note(B, 0, "read"), NewEvents(A, None, (Counted(number=1),))])
    assert (await versions(store, A), await versions(store, B)) == ([1, 2, 3, 4], [1])
    await store.append(envelope(), note(A, 4, "read up to its end"))


async def test_a_repeat_is_answered_as_the_first_time(store: EventStore) -> None:
    metadata = envelope()
    first = await store.append(metadata, note(A, 0, "a", "b"))
    again = await store.append(metadata, [NewEvents(A, None, (Counted(number=1),))])
    assert again == replace(first, repeated=True)
    stored = await store.of_command(metadata.command_id)
    assert [recorded.position for recorded in stored] == [first.first_position, first.last_position]


async def test_the_events_of_a_command_stand_side_by_side(store: EventStore) -> None:
    await store.append(envelope(), note(B, 0, "before"))
    done = await store.append(envelope(), [*note(A, 0, "a", "b"), *note(B, 1, "c")])
    positions = [recorded.position for recorded in await store.read(after=1, limit=10)]
    assert positions == list(range(done.first_position, done.last_position + 1))

"""The port EventStore on PostgreSQL."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
import pytest

from application.ports import Appended, Conflict, NewEvents
from domain.kernel import EventTooLarge
from infrastructure.ids import uuid7
from infrastructure.postgres.appending import Row, Submission, arguments
from infrastructure.postgres.event_store import PostgresEventStore
from infrastructure.postgres.mapper import encode_metadata
from infrastructure.postgres.pool import event_pool
from infrastructure.postgres.sql_loader import sql
from infrastructure.postgres.writer import GroupWriter
from tests.support.facts import MAPPER, Counted, Noted, envelope, note
from tests.support.proxy import Line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.database import Database

pytestmark = pytest.mark.anyio
A, B = UUID(int=0xA), UUID(int=0xB)
LOCK = "SELECT pg_advisory_lock(4741656201)"
WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()"


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[PostgresEventStore]:
    async with event_pool(url) as pool, GroupWriter(url) as writer:
        yield PostgresEventStore(pool, MAPPER, uuid7, writer)


@pytest.fixture
async def store(database: Database) -> AsyncIterator[PostgresEventStore]:
    async with opened(database.service_url) as store:
        yield store


async def words(store: PostgresEventStore, stream: UUID) -> list[str]:
    return [recorded.event.word for recorded in await store.load(stream) if isinstance(recorded.event, Noted)]


async def test_what_was_appended_is_read_back_with_its_envelope(store: PostgresEventStore) -> None:
    metadata = envelope()
    assert await store.append(metadata, note(A, 0, "收到", "少件")) == Appended(1, 2)

    first, second = await store.load(A)
    assert (first.event, second.event) == (Noted(word="收到", language="zh"), Noted(word="少件", language="zh"))
    assert [(r.stream, r.version, r.position, r.metadata) for r in (first, second)] == [
        (A, 1, 1, metadata),
        (A, 2, 2, metadata),
    ]
    assert first.event_id.version == 7
    assert first.event_id < second.event_id
    assert first.recorded_at <= second.recorded_at
    assert first.recorded_at.utcoffset() is not None


async def test_a_stream_is_read_up_to_a_version_and_an_unknown_one_is_empty(store: PostgresEventStore) -> None:
    await store.append(envelope(), note(A, 0, "a", "b", "c"))
    assert [recorded.version for recorded in await store.load(A, up_to_version=2)] == [1, 2]
    assert await store.load(B) == ()


async def test_several_streams_are_appended_together_or_not_at_all(store: PostgresEventStore) -> None:
    both = [*note(A, 0, "a"), NewEvents(B, 0, (Counted(number=1), Counted(number=2)))]
    assert await store.append(envelope(), both) == Appended(1, 3)
    with pytest.raises(Conflict):
        await store.append(envelope(), [*note(A, 1, "b"), *note(B, 1, "stale")])
    assert await words(store, A) == ["a"]


async def test_a_repeated_command_is_a_no_op_with_the_first_answer(store: PostgresEventStore) -> None:
    metadata = envelope()
    first = await store.append(metadata, note(A, 0, "a", "b"))
    assert await store.append(metadata, note(B, 0, "whatever")) == replace(first, repeated=True)
    assert [recorded.version for recorded in await store.of_command(metadata.command_id)] == [1, 2]
    assert await store.of_command(uuid7()) == ()
    assert await store.load(B) == ()


async def test_a_writer_who_claims_to_have_read_more_than_there_is_is_refused(store: PostgresEventStore) -> None:
    await store.append(envelope(), note(A, 0, "a"))
    with pytest.raises(Conflict):
        await store.append(envelope(), note(A, 2, "c"))
    assert await words(store, A) == ["a"]


async def test_the_log_is_read_in_order_after_a_position(store: PostgresEventStore) -> None:
    for number in range(5):
        await store.append(envelope(), [NewEvents(uuid7(), 0, (Counted(number=number),))])
    assert [recorded.position for recorded in await store.read(after=1, limit=3)] == [2, 3, 4]
    assert await store.read(after=5, limit=3) == ()


async def test_a_command_without_events_or_with_too_much_is_refused_before_it_is_sent(
    store: PostgresEventStore,
) -> None:
    with pytest.raises(ValueError, match="without events"):
        await store.append(envelope(), [NewEvents(A, 0, ())])
    with pytest.raises(EventTooLarge):
        await store.append(envelope(), note(A, 0, "x" * 70_000))


async def test_of_many_who_append_to_one_stream_at_once_one_wins(store: PostgresEventStore) -> None:
    tries = (store.append(envelope(), note(A, 0, str(n))) for n in range(8))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Appended"] + ["Conflict"] * 7
    assert len(await store.load(A)) == 1


def test_a_writer_waits_for_the_commit_of_the_one_before(database: Database) -> None:
    one, other = (arguments([Submission(uuid7(), (a_row(stream),))]) for stream in (A, B))
    with (
        psycopg.connect(database.service_url) as first,
        psycopg.connect(database.service_url, autocommit=True) as next_,
    ):
        first.execute(sql("append"), one)
        next_.execute("SET lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            next_.execute(sql("append"), other)
        first.commit()
        assert next_.execute(sql("append"), other).fetchall() == [("appended", 2, 2)]


def a_row(stream: UUID) -> Row:
    return Row(stream, version=1, follows=False, topic="t@1", state=b"{}", event_id=uuid7(), metadata=b"{}")


async def test_metadata_is_stored_as_the_bytes_written(store: PostgresEventStore, database: Database) -> None:
    metadata = envelope()
    await store.append(metadata, note(A, 0, "a"))
    with psycopg.connect(database.service_url) as connection:
        stored = connection.execute("SELECT metadata FROM events.stored_events").fetchall()
    assert stored == [(encode_metadata(metadata),)]


async def test_a_connection_lost_before_the_commit_raises_and_the_command_can_be_sent_again(
    store: PostgresEventStore, database: Database
) -> None:
    metadata = envelope()
    async with await psycopg.AsyncConnection.connect(database.superuser_url, autocommit=True) as other:
        await other.execute(LOCK)
        sending = asyncio.create_task(store.append(metadata, note(A, 0, "a")))
        while not (waiting := await (await other.execute(WAITING)).fetchone()):
            await other.execute("SELECT pg_sleep(0.01)")
        await other.execute("SELECT pg_terminate_backend(%s)", waiting)
        with pytest.raises(psycopg.OperationalError):
            await sending
    assert await store.append(metadata, note(A, 0, "a")) == Appended(1, 1)


async def test_a_reply_lost_after_the_commit_is_found_in_the_log(database: Database) -> None:
    with Line(database.service_url) as line:
        async with opened(line.url) as store:
            await store.append(envelope(), note(A, 0, "a"))
            line.lose_reply()
            assert await store.append(envelope(), note(A, 1, "b")) == Appended(2, 2)
            assert line.cuts == 1
            assert await words(store, A) == ["a", "b"]


async def test_events_whose_order_does_not_matter_go_to_the_end_of_their_stream(store: PostgresEventStore) -> None:
    looks = (store.append(envelope(), [NewEvents(A, None, (Counted(number=n),))]) for n in range(20))
    await asyncio.gather(*looks)
    assert [recorded.version for recorded in await store.load(A)] == list(range(1, 21))
    both = [*note(B, 0, "read"), NewEvents(A, None, (Counted(number=1),))]
    assert await store.append(envelope(), both) == Appended(21, 22)
    assert await store.append(envelope(), note(A, 21, "read up to its end")) == Appended(23, 23)

"""The group-commit writer: many in one commit, each with an answer of its own, whatever becomes of the line."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
import pytest

from infrastructure.ids import uuid7
from infrastructure.postgres import writer as writers
from infrastructure.postgres.appending import Answer, Submission
from infrastructure.postgres.writer import GroupWriter, Overloaded
from tests.postgres.test_append import CONFLICT, command, row
from tests.support.proxy import Line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.support.database import Database

pytestmark = pytest.mark.anyio
A, B = UUID(int=0xA), UUID(int=0xB)
MARK = b"this one request"
LOCK = "SELECT pg_advisory_lock(4741656201)"
UNLOCK = "SELECT pg_advisory_unlock(4741656201)"
WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()"


@pytest.fixture
async def writer(database: Database) -> AsyncIterator[GroupWriter]:
    async with GroupWriter(database.service_url) as writer:
        yield writer


@pytest.fixture
def line(database: Database) -> Iterator[Line]:
    with Line(database.service_url) as line:
        yield line


def select(database: Database, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database.superuser_url) as connection:
        return connection.execute(statement.encode()).fetchall()


def commits(database: Database) -> int:
    [(count,)] = select(database, "SELECT count(DISTINCT xmin::text) FROM events.stored_events")
    assert isinstance(count, int)
    return count


def stored(database: Database) -> list[tuple[object, ...]]:
    return select(
        database, "SELECT originator_id, originator_version FROM events.stored_events ORDER BY notification_id"
    )


def sending(writer: GroupWriter, *submissions: Submission) -> list[asyncio.Task[Answer]]:
    return [asyncio.create_task(writer.submit(one)) for one in submissions]


@asynccontextmanager
async def held_up(database: Database, writer: GroupWriter) -> AsyncIterator[None]:
    """The log is locked by somebody else, and a first submission waits for it, so that what comes now gathers."""
    async with await psycopg.AsyncConnection.connect(database.superuser_url, autocommit=True) as other:
        await other.execute(LOCK)
        [first] = sending(writer, command(row(uuid7(), 1)))
        while not await (await other.execute(WAITING)).fetchone():
            await other.execute("SELECT pg_sleep(0.01)")
        yield
        await asyncio.sleep(0)  # who was told to submit has submitted
        await other.execute(UNLOCK)
        await first


async def test_what_waits_while_a_commit_is_in_flight_goes_into_the_next_one(
    writer: GroupWriter, database: Database
) -> None:
    async with held_up(database, writer):
        tasks = sending(writer, *(command(row(uuid7(), 1)) for _ in range(100)))
    assert [await task for task in tasks] == [("appended", n, n) for n in range(2, 102)]
    assert commits(database) == 2


async def test_who_comes_alone_waits_for_nobody(writer: GroupWriter, database: Database) -> None:
    for version in range(1, 4):
        assert await writer.submit(command(row(A, version))) == ("appended", version, version)
    assert commits(database) == 3


async def test_each_hears_what_became_of_its_own_command(writer: GroupWriter, database: Database) -> None:
    known = command(row(A, 1))
    await writer.submit(known)
    twice = command(row(B, 1))
    async with held_up(database, writer):
        tasks = sending(writer, known, command(row(A, 1)), twice, command(row(A, 2)), twice)
    answers = [("duplicate", 1, 1), CONFLICT, ("appended", 3, 3), ("appended", 4, 4), ("duplicate", 3, 3)]
    assert [await task for task in tasks] == answers


async def test_no_more_than_a_limit_wait_and_who_comes_then_is_told_so_at_once(
    writer: GroupWriter, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "QUEUE_MAX", 3)
    async with held_up(database, writer):
        tasks = sending(writer, *(command(row(uuid7(), 1)) for _ in range(3)))
        await asyncio.sleep(0)
        with pytest.raises(Overloaded) as refused:
            await writer.submit(command(row(A, 1)))
        assert refused.value.at_most == 3
    assert [answer.outcome for answer in await asyncio.gather(*tasks)] == ["appended"] * 3
    assert (await writer.submit(command(row(A, 1)))).outcome == "appended"


async def test_a_batch_is_limited_in_number_and_in_bytes(
    writer: GroupWriter, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "BATCH_MAX", 10)
    async with held_up(database, writer):
        tasks = sending(writer, *(command(row(uuid7(), 1)) for _ in range(20)))
    await asyncio.gather(*tasks)
    assert commits(database) == 1 + 2
    monkeypatch.setattr(writers, "BATCH_BYTES_MAX", 2_500)
    async with held_up(database, writer):
        sizes = (1_000, 1_000, 1_000, 9_000, 1_000)
        tasks = sending(writer, *(command(row(uuid7(), 1, state=b"x" * size)) for size in sizes))
    await asyncio.gather(*tasks)
    assert commits(database) == 3 + 1 + 4


async def test_a_command_that_breaks_its_batch_fails_alone(writer: GroupWriter, database: Database) -> None:
    async with held_up(database, writer):
        tasks = sending(writer, *(command(row(uuid7(), 1, state=b"x" * size)) for size in (1, 65_537, 2)))
    good, broken, other = tasks
    assert ((await good).outcome, (await other).outcome) == ("appended", "appended")
    with pytest.raises(psycopg.errors.CheckViolation):
        await broken
    assert len(stored(database)) == 3


async def test_who_goes_away_takes_nobody_along(writer: GroupWriter, database: Database) -> None:
    async with held_up(database, writer):
        gone, stays = sending(writer, command(row(A, 1)), command(row(B, 1)))
        await asyncio.sleep(0)
        gone.cancel()
    assert await stays == ("appended", 2, 2)
    assert (A, 1) not in stored(database)
    async with held_up(database, writer):
        pass
    [first] = sending(writer, command(row(A, 1)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)  # its batch is on its way
    first.cancel()
    assert (await writer.submit(command(row(B, 2)))).outcome == "appended"


async def test_a_reply_lost_after_the_commit_is_found_in_the_log(line: Line, database: Database) -> None:
    async with GroupWriter(line.url) as writer:
        known = command(row(A, 1))
        await writer.submit(known)
        line.lose_reply()
        repeated = command(row(A, 1), command_id=known.command_id)
        batch = [command(row(A, 2), row(A, 3)), repeated, command(row(B, 1))]
        answers = [("appended", 2, 3), ("duplicate", 1, 1), ("appended", 4, 4)]
        assert await asyncio.gather(*sending(writer, *batch)) == answers
        assert line.cuts == 1
    assert stored(database) == [(A, 1), (A, 2), (A, 3), (B, 1)]


async def test_a_connection_cut_before_the_commit_is_told_and_a_repeat_is_stored_once(
    line: Line, database: Database
) -> None:
    async with GroupWriter(line.url) as writer:
        await writer.submit(command(row(A, 1)))
        batch = [command(row(A, 2, state=MARK)), command(row(B, 1))]
        line.lose_request(MARK)
        for error in await asyncio.gather(*sending(writer, *batch), return_exceptions=True):
            assert isinstance(error, psycopg.OperationalError)
        assert line.cuts == 1
        assert stored(database) == [(A, 1)]
        assert await asyncio.gather(*sending(writer, *batch)) == [("appended", 2, 2), ("appended", 3, 3)]
        assert await asyncio.gather(*sending(writer, *batch)) == [("duplicate", 2, 2), ("duplicate", 3, 3)]


async def test_a_connection_that_died_while_nobody_needed_it_is_replaced_unnoticed(
    line: Line, database: Database
) -> None:
    async with GroupWriter(line.url) as writer:
        await writer.submit(command(row(A, 1)))
        line.cut()
        await asyncio.sleep(0.05)
        assert await writer.submit(command(row(A, 2))) == ("appended", 2, 2)


async def test_a_server_that_falls_silent_is_not_waited_for_for_ever(
    line: Line, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "SILENCE_S", 0.2)
    monkeypatch.setattr(writers, "CONNECT_S", 2)  # the driver's least
    async with GroupWriter(line.url) as writer:
        await writer.submit(command(row(A, 1)))
        line.fall_silent()
        lost = command(row(A, 2))
        with pytest.raises(psycopg.OperationalError):
            await writer.submit(lost)
        line.speak()
        assert (await writer.submit(lost)).outcome in {"appended", "duplicate"}
    assert stored(database) == [(A, 1), (A, 2)]


async def test_where_no_database_is_everybody_who_waits_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "RETURN_S", 0.1)
    async with GroupWriter("host=127.0.0.1 port=1") as writer:
        tasks = sending(writer, *(command(row(uuid7(), 1)) for _ in range(writers.BATCH_MAX + 1)))
        for error in await asyncio.gather(*tasks, return_exceptions=True):
            assert isinstance(error, psycopg.OperationalError)


async def test_a_wait_for_the_log_that_takes_too_long_fails_the_batch_and_not_one_by_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "LOCK_S", 1)
    async with (
        await psycopg.AsyncConnection.connect(database.superuser_url, autocommit=True) as other,
        GroupWriter(database.service_url) as writer,
    ):
        await other.execute(LOCK)
        tasks = sending(writer, *(command(row(uuid7(), 1)) for _ in range(20)))
        for error in await asyncio.gather(*tasks, return_exceptions=True):
            assert isinstance(error, psycopg.errors.LockNotAvailable)
        await other.execute(UNLOCK)
        assert (await writer.submit(command(row(A, 1)))).outcome == "appended"


async def test_who_closes_writes_what_waits_and_takes_nothing_more(database: Database) -> None:
    async with GroupWriter(database.service_url) as writer:
        tasks = sending(writer, *(command(row(uuid7(), 1)) for _ in range(300)))
        await asyncio.sleep(0)
    assert {task.result().outcome for task in tasks} == {"appended"}
    assert len(stored(database)) == 300
    with pytest.raises(psycopg.OperationalError):
        await writer.submit(command(row(A, 1)))


async def test_two_writers_share_a_log(database: Database) -> None:
    async with GroupWriter(database.service_url) as one, GroupWriter(database.service_url) as other:
        claims = [sending(writer, *(command(row(UUID(int=n), 1)) for n in range(50))) for writer in (one, other)]
        answers = [await asyncio.gather(*tasks) for tasks in claims]
    outcomes = [sorted(pair) for pair in zip(*([one.outcome for one in each] for each in answers), strict=True)]
    assert outcomes == [["appended", "conflict"]] * 50
    assert sorted(str(stream) for stream, _ in stored(database)) == sorted(str(UUID(int=n)) for n in range(50))

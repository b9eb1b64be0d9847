"""The sweeper: cases that cannot be read keep no other case's clock from running out."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
import pytest

from infrastructure import deadlines
from infrastructure.deadlines import BEGINNING, Patience, sweep
from infrastructure.postgres.follower import stop
from infrastructure.postgres.readers import DueRow
from tests.support.kitchen import filed, follow, kitchen

if TYPE_CHECKING:
    from infrastructure.bootstrap import Container
    from tests.support.database import Database

pytestmark = pytest.mark.anyio


def from_the_future(database: Database, dispute: UUID) -> None:
    """An event on the case that this release cannot read."""
    with psycopg.connect(database.service_url) as connection:
        connection.execute(
            "SELECT * FROM events.append(ARRAY[gen_random_uuid()], ARRAY[1], ARRAY[%s::uuid],"
            " ARRAY[2::bigint], ARRAY[true], ARRAY['dispute.from_the_future@9'], ARRAY['{}'::bytea],"
            " ARRAY[gen_random_uuid()], ARRAY['{}'::bytea])",
            [dispute],
        )


async def until_lapsed(container: Container, dispute: UUID) -> None:
    """Sweep until the case's clock has run out."""
    task = asyncio.create_task(sweep(container.desk, container.views))
    for _ in range(200):
        topics = [one.event.TOPIC for one in await container.store.load(dispute)]
        if len(topics) > 1:
            break
        await asyncio.sleep(0.05)
    assert topics == ["dispute.filed", "dispute.notice_lapsed"]
    assert not task.done()
    await stop(task)


async def all_fall_due(container: Container) -> None:
    due = await container.views.next_due((await container.clock.now()).replace(year=2100))
    assert due is not None
    await container.clock.set_ahead(due + timedelta(hours=1))


async def test_a_case_from_a_newer_release_does_not_stop_the_clocks_of_the_others(
    database: Database, tmp_path: Path
) -> None:
    async with kitchen(database, tmp_path) as container:
        strange, sound = await filed(container, 1), await filed(container, 2)
        await follow(database)
        from_the_future(database, strange)
        await all_fall_due(container)
        await until_lapsed(container, sound)


async def test_more_hopeless_cases_than_a_page_holds_do_not_hide_the_clocks_behind_them(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "BATCH_MAX", 2)
    async with kitchen(database, tmp_path) as container:
        strange = [await filed(container, number) for number in range(5)]
        sound = await filed(container, 9)
        await follow(database)
        for dispute in strange:
            from_the_future(database, dispute)
        await all_fall_due(container)
        await until_lapsed(container, sound)


async def test_clocks_that_fell_due_at_the_same_moment_are_all_reached(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with kitchen(database, tmp_path) as container:
        disputes = {await filed(container, number) for number in range(5)}
        await follow(database)
        with psycopg.connect(database.worker_url) as connection:
            connection.execute("UPDATE views.deadlines SET due_at = '2020-01-01T00:00:00Z'")
        seen: list[DueRow] = []
        after = BEGINNING
        while page := await container.views.due(2, *after):
            seen += page
            after = page[-1].due_at, page[-1].dispute, page[-1].clock
        assert sorted(one.dispute for one in seen) == sorted(disputes)


def test_a_clock_that_will_not_expire_is_left_alone_longer_each_time_and_forgotten_when_it_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr(deadlines, "monotonic", lambda: now)
    due = DueRow(UUID(int=1), "common", "answer", datetime(2026, 1, 1, tzinfo=UTC))
    patience, tried = Patience(), []
    for second in range(200):
        now = float(second)
        if patience.tries(due):
            tried.append(second)
            patience.rest(due)
    assert tried == [0, 1, 2, 4, 8, 15, 28, 54, 106, 166]
    assert not patience.tries(due)
    patience.forget_all_but({due})
    assert not patience.tries(due)
    patience.forget_all_but(set())
    assert patience.tries(due)

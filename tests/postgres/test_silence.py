"""A database that falls silent, and hints that do not come: nobody waits for ever, and nothing is missed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psycopg
import pytest

from infrastructure.bootstrap import MAPPER, view_followers
from infrastructure.postgres import follower as followers
from infrastructure.postgres import pool as pools
from infrastructure.postgres.clock import DatabaseClock
from infrastructure.postgres.follower import Following, stop
from infrastructure.postgres.pool import event_pool
from tests.support.kitchen import filed, kitchen
from tests.support.proxy import Line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.database import Database

IDLE_LEADER = """SELECT pid FROM pg_stat_activity JOIN pg_locks USING (pid)
                 WHERE locktype = 'advisory' AND state = 'idle' AND datname = current_database()"""
pytestmark = [pytest.mark.anyio, pytest.mark.timeout(60)]


@pytest.fixture
def line(database: Database) -> Iterator[Line]:
    with Line(database.worker_url) as line:
        yield line


async def test_who_reads_over_a_dead_line_is_answered_over_a_new_one(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "SILENCE_S", 0.2)
    async with event_pool(line.url) as pool:
        clock = DatabaseClock(pool)
        before = await clock.now()
        line.get_stuck()
        assert await clock.now() > before


async def test_who_reads_from_a_silent_database_is_told_so(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "SILENCE_S", 0.2)
    async with event_pool(line.url) as pool:
        pool.timeout = 0.5
        clock = DatabaseClock(pool)
        await clock.now()
        line.fall_silent()
        with pytest.raises(psycopg.OperationalError):
            await clock.now()
        line.speak()
        await clock.now()


async def test_views_go_on_over_a_new_line_when_the_leader_is_stuck_on_a_dead_one(
    line: Line, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followers, "STEP_S", 0.3)
    monkeypatch.setattr(followers, "IDLE_S", 1)
    async with kitchen(database, tmp_path) as container:
        task = asyncio.create_task(Following(line.url, MAPPER, view_followers()).run())
        await filed(container, 1)
        await container.views.wait(await container.views.head(), timeout_s=20)
        async with await psycopg.AsyncConnection.connect(database.superuser_url, autocommit=True) as other:
            while not await (await other.execute(IDLE_LEADER)).fetchone():
                await other.execute("SELECT pg_sleep(0.01)")
        line.get_stuck()
        await filed(container, 2)
        await container.views.wait(await container.views.head(), timeout_s=20)
        await stop(task)


async def test_a_follower_that_hears_no_hint_follows_all_the_same(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followers, "LISTEN", "LISTEN nobody")
    async with kitchen(database, tmp_path) as container:
        task = asyncio.create_task(Following(database.worker_url, MAPPER, view_followers()).run())
        await filed(container, 1)
        await container.views.wait(await container.views.head(), timeout_s=20)
        await filed(container, 2)
        await container.views.wait(await container.views.head(), timeout_s=20)
        await stop(task)

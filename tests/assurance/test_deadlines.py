"""Timers fall due while their sweepers are killed: none early, none twice, none forgotten; a wiped table comes back.

A short form by default; the long form:

    GONGDUAN_TIMERS=2000 python -m pytest -s tests/assurance/test_deadlines.py
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from infrastructure.postgres.mapper import decode_metadata
from infrastructure.postgres.views.tables import VIEWS
from infrastructure.rebuild import rebuild
from tests.assurance.installation import installed, open_folder
from tests.assurance.reckoning import check_views, dump, quiet, rows
from tests.http.story import until
from tests.support import kitchen
from tests.support.builders import undefaulted
from tests.support.given import clock_of
from tests.support.kitchen import follow, settings

if TYPE_CHECKING:
    from infrastructure.bootstrap import Container
    from tests.support.database import Database

TIMERS = int(os.environ.get("GONGDUAN_TIMERS", "200"))
SEED = int(os.environ.get("GONGDUAN_SEED", "0")) or secrets.randbelow(10**9)
SCATTERED = timedelta(hours=10)  # from the first timer to the last
STEPS = min(250, TIMERS // 2)
STEP_S = 0.1
KILLED_EVERY = 20  # steps
LAPSED = "SELECT originator_id, metadata FROM events.stored_events WHERE topic LIKE 'dispute.response_lapsed@%%'"


async def start_answer_clock(container: Container, number: int) -> tuple[UUID, datetime]:
    """A case whose answer clock runs, and when it runs out."""
    dispute = await kitchen.told(container, number)
    case = await container.cases.load(dispute)
    assert case is not None
    assert clock_of(case.dispute) is not None
    return dispute, clock_of(case.dispute).due_at


def set_clock(database: Database, moment: datetime) -> None:
    with psycopg.connect(database.service_url) as connection:
        connection.execute("SELECT events.set_test_clock(%s)", [moment])


def lapsed(database: Database) -> dict[UUID, list[datetime]]:
    """When each case's answer clock was expired."""
    found: dict[UUID, list[datetime]] = {}
    for dispute, metadata in rows(database, LAPSED):
        found.setdefault(dispute, []).append(decode_metadata(bytes(metadata)).at)
    return found


async def scattered(database: Database, folder: Path, count: int) -> dict[UUID, datetime]:
    """Timers that fall due one after the other at moments nobody has chosen."""
    chance = random.Random(SEED)
    due = {}
    # Silence decides nothing here: otherwise each timer would be followed by that of its appeal.
    async with kitchen.kitchen(database, folder, undefaulted()) as container:
        begin = await container.clock.now()
        for number, after in enumerate(sorted(chance.random() for _ in range(count))):
            await container.clock.set_ahead(begin + after * SCATTERED)
            dispute, due_at = await start_answer_clock(container, number)
            due[dispute] = due_at
    return due


@pytest.mark.timeout(600)
def test_every_timer_expires_once_and_none_early_though_the_workers_are_killed_all_the_time(
    database: Database, tmp_path: Path
) -> None:
    sys.stdout.write(f"seed {SEED}\n")
    due = asyncio.run(scattered(database, tmp_path, TIMERS))
    begin, end = min(due.values()), max(due.values())
    with open_folder() as folder, installed(database, folder) as home:
        home.work("worker-1")
        home.work("worker-2")
        began = time.monotonic()
        for step in range(1, STEPS + 1):
            set_clock(database, begin + step / STEPS * (end - begin))
            if step % KILLED_EVERY == 0:
                home.kill(f"worker-{1 + step // KILLED_EVERY % 2}")
            time.sleep(STEP_S)
        set_clock(database, end)
        until(lambda: len(lapsed(database)), lambda found: found == len(due), 60.0)
        quiet(database)
        found = lapsed(database)
        sys.stdout.write(f"{len(found)} timers in {time.monotonic() - began:.0f} s, {dict(home.kills)} kills\n")
        assert found.keys() == due.keys()
        assert {dispute for dispute, at in found.items() if len(at) != 1} == set()
        assert {dispute for dispute, [at] in found.items() if at < due[dispute]} == set()
        assert dump(database, "deadlines") == []
        check_views(database, folder)


def expired_by(database: Database, folder: Path, due: dict[UUID, datetime]) -> None:
    """All of them expire once when a worker runs."""
    set_clock(database, max(due.values()))
    with installed(database, folder) as home:
        home.work()
        until(lambda: len(lapsed(database)), lambda found: found == len(due))
        quiet(database)
    assert {dispute: len(at) for dispute, at in lapsed(database).items()} == dict.fromkeys(due, 1)


@pytest.mark.parametrize("wiped_by", ["TRUNCATE views.deadlines", "DELETE FROM views.deadlines"])
def test_a_wiped_table_of_deadlines_is_whole_again_after_a_rebuild_and_none_is_missed(
    database: Database, tmp_path: Path, wiped_by: str
) -> None:
    due = asyncio.run(scattered(database, tmp_path, 5))
    asyncio.run(follow(database))
    kept = dump(database, "deadlines")
    with psycopg.connect(database.worker_url) as connection:
        connection.execute(wiped_by)
    assert dump(database, "deadlines") == []
    assert len(kept) == len(due)
    with open_folder() as folder:
        rebuild(settings(database, folder), "deadlines")
        assert dump(database, "deadlines") == kept
        expired_by(database, folder, due)


def test_a_view_that_is_truncated_is_built_again_by_whoever_follows_without_being_asked(
    database: Database, tmp_path: Path
) -> None:
    due = asyncio.run(scattered(database, tmp_path, 5))
    asyncio.run(follow(database))
    kept = {view: dump(database, view) for view in VIEWS}
    with psycopg.connect(database.worker_url) as connection:
        for view in VIEWS:
            connection.execute(SQL("TRUNCATE views.{}").format(Identifier(view)))
    assert dump(database, "deadlines") == []
    asyncio.run(follow(database))
    assert {view: dump(database, view) for view in VIEWS} == kept
    with open_folder() as folder:
        expired_by(database, folder, due)

"""What cannot be followed is set aside, an operator sees it, and a release that can read it takes it up again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from infrastructure.bootstrap import MAPPER
from infrastructure.postgres.follower import Follower, Following
from infrastructure.postgres.views.tables import VIEWS
from tests.assurance.reckoning import dump, rows
from tests.scenarios.test_commands import gongduan
from tests.support.kitchen import filed, follow, kitchen

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import AsyncConnection

    from application.ports import Recorded
    from tests.support.database import Database


async def three_cases(database: Database, folder: Path) -> list[UUID]:
    async with kitchen(database, folder) as container:
        return [await filed(container, number) for number in range(3)]


def test_a_stream_that_was_set_aside_is_seen_by_an_operator_and_comes_back_with_a_release_that_can_read_it(
    database: Database, tmp_path: Path
) -> None:
    poisoned, *others = asyncio.run(three_cases(database, tmp_path))

    async def mistaken(connection: AsyncConnection, recorded: Recorded) -> None:
        if recorded.stream == poisoned:
            raise KeyError(recorded.event.TOPIC)
        await VIEWS["case_file"](connection, recorded)

    asyncio.run(Following(database.worker_url, MAPPER, []).catch_up(Follower("case_file", mistaken)))
    asyncio.run(follow(database))
    listed = "SELECT dispute FROM views.case_file ORDER BY filed_at"
    assert rows(database, listed) == [(dispute,) for dispute in others]

    told = gongduan(database, tmp_path, "rebuild")
    assert told.returncode == 3
    head = rows(database, "SELECT max(notification_id) FROM events.stored_events")[0][0]
    assert [line for line in told.stdout.splitlines() if "set aside" in line] == [
        f"case_file: at event {head}, 1 streams set aside since event 3"
    ]
    assert f"deadlines: at event {head}" in told.stdout.splitlines()

    assert gongduan(database, tmp_path, "rebuild", "case_file").returncode == 0
    assert rows(database, listed) == [(dispute,) for dispute in (poisoned, *others)]
    assert gongduan(database, tmp_path, "rebuild").returncode == 0
    assert dump(database, "parked") == []

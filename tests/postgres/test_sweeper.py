"""The sweeper: one case that cannot be read keeps no other case's clock from running out."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from infrastructure.deadlines import sweep
from infrastructure.postgres.follower import stop
from tests.support.kitchen import filed, follow, kitchen

if TYPE_CHECKING:
    from tests.support.database import Database

pytestmark = pytest.mark.anyio


async def test_a_case_from_a_newer_release_does_not_stop_the_clocks_of_the_others(
    database: Database, tmp_path: Path
) -> None:
    async with kitchen(database, tmp_path) as container:
        strange, sound = await filed(container, 1), await filed(container, 2)
        await follow(database)
        with psycopg.connect(database.service_url) as connection:
            connection.execute(
                "SELECT * FROM events.append(ARRAY[gen_random_uuid()], ARRAY[1], ARRAY[%s::uuid],"
                " ARRAY[2::bigint], ARRAY[true], ARRAY['dispute.from_the_future@9'], ARRAY['{}'::bytea],"
                " ARRAY[gen_random_uuid()], ARRAY['{}'::bytea])",
                [strange],
            )
        due = await container.views.next_due((await container.clock.now()).replace(year=2100))
        assert due is not None
        await container.clock.set_ahead(due.replace(hour=23, minute=59))
        task = asyncio.create_task(sweep(container.desk, container.views))
        for _ in range(200):
            topics = [one.event.TOPIC for one in await container.store.load(sound)]
            if len(topics) > 1:
                break
            await asyncio.sleep(0.05)
        assert topics == ["dispute.filed", "dispute.notice_lapsed"]
        assert not task.done()
        await stop(task)

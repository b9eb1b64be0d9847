"""Following the log: in order, once, in one commit; a broken stream is set aside and the others go on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from application.case import CaseReader
from application.policy import Caller
from domain.dispute.intake import Answer
from infrastructure.bootstrap import MAPPER, view_followers
from infrastructure.postgres.follower import Follower, Following, connect, stop
from infrastructure.postgres.readers import NoSuchPosition, NotCaughtUp
from infrastructure.rebuild import rebuild
from tests.support import house
from tests.support.builders import ARBITRATOR, OTHER_ARBITRATOR, PLATFORM, SENIOR
from tests.support.kitchen import filed, follow, kitchen, settings

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    from application.commands.desk import DisputeCommand
    from application.ports import Recorded
    from tests.support.database import Database

pytestmark = pytest.mark.anyio
VIEWS = ("case_file", "queue", "audit_trail", "deadlines", "payouts")


def rows(database: Database, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database.worker_url) as connection:
        return connection.execute(statement.encode()).fetchall()


def contents(database: Database) -> dict[str, list[tuple[object, ...]]]:
    return {view: sorted(rows(database, f"SELECT * FROM views.{view}"), key=str) for view in VIEWS}


async def test_every_view_equals_its_rebuild(database: Database, tmp_path: Path) -> None:
    async with kitchen(database, tmp_path) as container:
        first, second = await filed(container, 1), await filed(container, 2)
        commands: list[DisputeCommand] = [
            house.respond(first),
            house.give_goodwill(first),
            house.escalate(first),
            house.intervene(first),
            house.rule(first),
            house.respond(second, key="respond-2"),
            house.make_offer(second),
            house.accept_offer(second),
        ]
        for command in commands:
            await container.desk.on_dispute(command)
        await follow(database)
        before = contents(database)
        assert [len(before[view]) for view in VIEWS] == [2, 0, 17, 1, 2]

        for view in VIEWS:
            await asyncio.to_thread(rebuild, settings(database, tmp_path), view)
        assert contents(database) == before


async def test_what_a_follower_did_and_how_far_it_came_stand_together_or_not_at_all(
    database: Database, tmp_path: Path
) -> None:
    async with kitchen(database, tmp_path) as container:
        await filed(container)

    async def write_then_lose_the_database(connection: AsyncConnection, recorded: Recorded) -> None:
        await connection.execute("INSERT INTO views.queue VALUES (gen_random_uuid(), 'p', now(), 'x', NULL)")
        if recorded.position > 2:
            raise psycopg.OperationalError("gone")

    following = Following(database.worker_url, MAPPER, [])
    with pytest.raises(psycopg.OperationalError):
        await following.catch_up(Follower("torn", write_then_lose_the_database))
    assert rows(database, "SELECT count(*) FROM views.queue") == [(0,)]
    assert rows(database, "SELECT count(*) FROM views.parked") == [(0,)]
    assert (
        rows(database, "SELECT notification_id FROM views.notification_tracking WHERE application_name = 'torn'") == []
    )


async def test_a_poison_event_sets_its_stream_aside_and_the_rest_goes_on(database: Database, tmp_path: Path) -> None:
    async with kitchen(database, tmp_path) as container:
        poisoned, sound = await filed(container, 1), await filed(container, 2)
        for dispute in (poisoned, sound):
            await container.desk.on_dispute(house.send_message(dispute, key=str(dispute)))
    seen: list[tuple[str, int]] = []

    async def choke(_connection: AsyncConnection, recorded: Recorded) -> None:
        if recorded.stream == poisoned and recorded.version == 1:
            raise ValueError("cannot follow this")
        seen.append((str(recorded.stream), recorded.version))

    await Following(database.worker_url, MAPPER, []).catch_up(Follower("choking", choke))
    assert (str(sound), 2) in seen
    assert str(poisoned) not in {stream for stream, _ in seen}
    assert rows(database, "SELECT follower, stream, reason FROM views.parked") == [("choking", poisoned, "ValueError")]


async def test_an_event_that_this_release_does_not_know_parks_only_its_stream(
    database: Database, tmp_path: Path
) -> None:
    async with kitchen(database, tmp_path) as container:
        dispute = await filed(container)
    with psycopg.connect(database.service_url) as connection:
        connection.execute(
            "SELECT * FROM events.append(ARRAY[gen_random_uuid()], ARRAY[1], ARRAY[gen_random_uuid()],"
            " ARRAY[1::bigint], ARRAY[false], ARRAY['dispute.from_the_future@9'], ARRAY['{}'::bytea],"
            " ARRAY[gen_random_uuid()], ARRAY['{}'::bytea])"
        )
    await follow(database)
    assert rows(database, "SELECT count(*) FROM views.parked") == [(len(VIEWS),)]
    assert rows(database, "SELECT dispute FROM views.case_file") == [(dispute,)]


async def test_two_processes_follow_and_every_event_is_followed_once(database: Database, tmp_path: Path) -> None:
    async with kitchen(database, tmp_path) as container:
        one, other = (Following(database.worker_url, MAPPER, view_followers()) for _ in range(2))
        tasks = [asyncio.create_task(following.run()) for following in (one, other)]
        disputes = [await filed(container, number) for number in range(10)]
        await container.views.wait(await container.views.head())
        for task in tasks:
            await stop(task)
    assert rows(database, "SELECT count(*) FROM views.case_file") == [(len(disputes),)]
    assert rows(database, "SELECT count(*) FROM views.audit_trail") == [(2 * len(disputes),)]


async def test_when_the_leader_goes_the_one_standing_by_takes_over(database: Database, tmp_path: Path) -> None:
    async with kitchen(database, tmp_path) as container:
        leader = asyncio.create_task(Following(database.worker_url, MAPPER, view_followers()).run())
        await filed(container, 1)
        await container.views.wait(await container.views.head())
        heir = asyncio.create_task(Following(database.worker_url, MAPPER, view_followers()).run())
        await stop(leader)
        await filed(container, 2)
        await container.views.wait(await container.views.head())
        await stop(heir)
    assert rows(database, "SELECT count(*) FROM views.case_file") == [(2,)]


async def test_followers_and_readers_whose_connections_are_cut_come_back(database: Database, tmp_path: Path) -> None:
    async with kitchen(database, tmp_path) as container:
        task = asyncio.create_task(Following(database.worker_url, MAPPER, view_followers()).run())
        await filed(container, 1)
        await container.views.wait(await container.views.head())
        with psycopg.connect(database.superuser_url) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await filed(container, 2)
        await container.views.wait(await container.views.head(), timeout_s=20)
        await stop(task)
    assert rows(database, "SELECT count(*) FROM views.parked") == [(0,)]


async def test_waiting_for_a_view_that_nobody_keeps_is_told_and_not_endless(database: Database, tmp_path: Path) -> None:
    async with kitchen(database, tmp_path) as container:
        await filed(container)
        with pytest.raises(NotCaughtUp):
            await container.views.wait(await container.views.head(), timeout_s=0.1)


async def test_a_position_that_the_log_has_not_given_out_is_not_waited_for(database: Database, tmp_path: Path) -> None:
    async with kitchen(database, tmp_path) as container:
        await filed(container)
        with pytest.raises(NoSuchPosition) as refused:
            await container.views.wait(await container.views.head() + 1, timeout_s=0.1)
        assert refused.value.details == {"last": await container.views.head()}


async def test_many_who_wait_for_the_views_are_let_go_together(database: Database, tmp_path: Path) -> None:
    async with kitchen(database, tmp_path) as container:
        await filed(container)
        waiting = [asyncio.create_task(container.views.wait(4)) for _ in range(100)]
        await follow(database)
        await asyncio.gather(*waiting)


async def test_what_is_kept_of_a_case_is_what_the_log_says(database: Database, tmp_path: Path) -> None:
    async with kitchen(database, tmp_path) as container:
        dispute = await filed(container)
        for command in (house.send_message(dispute), house.respond(dispute, Answer.ACCEPT)):
            done = await container.desk.on_dispute(command)
            assert done.case is not None
            assert done.case == await CaseReader(container.store, container.bookcase).load(dispute)


async def test_the_queue_holds_a_case_from_its_escalation_to_its_ruling(database: Database, tmp_path: Path) -> None:
    async with kitchen(database, tmp_path) as container:
        dispute = await filed(container)
        wanted = {"platform": PLATFORM, "free": False, "since_after": None, "dispute_after": None, "limit": 10}
        wanted |= {"caller": SENIOR.id}
        await container.desk.on_dispute(house.respond(dispute))
        await follow(database)
        assert await container.views.queue(**wanted) == []
        await container.desk.on_dispute(house.escalate(dispute))
        await follow(database)
        [row] = await container.views.queue(**wanted)
        assert (row.because, row.arbitrator) == ("escalated", None)
        await container.desk.on_dispute(house.intervene(dispute))
        await follow(database)
        [row] = await container.views.queue(**wanted)
        assert row.arbitrator == Caller(ARBITRATOR, PLATFORM).actor.id
        assert await container.views.queue(**(wanted | {"free": True})) == []
        for conflicted, holder in ((OTHER_ARBITRATOR, ARBITRATOR.id), (ARBITRATOR, None)):
            await container.desk.on_dispute(house.declare_conflict(dispute, by=conflicted))
            await follow(database)
            [row] = await container.views.queue(**wanted)
            assert row.arbitrator == holder
            assert await container.views.queue(**(wanted | {"caller": conflicted.id})) == []
        await container.desk.on_dispute(house.intervene(dispute, by=SENIOR))
        await container.desk.on_dispute(house.rule(dispute, by=SENIOR))
        await follow(database)
        assert await container.views.queue(**wanted) == []


async def test_a_connection_for_following_commits_by_itself(database: Database) -> None:
    async with await connect(database.worker_url) as connection:
        assert connection.autocommit

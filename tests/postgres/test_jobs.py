"""Payments as jobs, over the real queue and a real payment server: enqueued with the position, paid once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from procrastinate.jobs import Job
from structlog.testing import capture_logs

from infrastructure.bootstrap import MAPPER, open_worker
from infrastructure.postgres import jobs
from infrastructure.postgres.follower import Following
from tests.support.kitchen import follow, kitchen
from tests.support.paying import closed, paid, payment_server, payout_of, settled, until, with_settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.database import Database

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "answers",
    [
        [],
        [{"answer": "500"}],
        [{"answer": "500", "pay": True}],
        [{"answer": "refuse"}],
    ],
    ids=["at once", "after a failure", "after a payment whose answer was lost", "after a no"],
)
async def test_an_accepted_offer_is_paid_once_and_closes_the_case(
    database: Database, tmp_path: Path, answers: list[dict[str, Any]]
) -> None:
    async with kitchen(database, tmp_path) as container, payment_server(tmp_path, *answers) as address:
        async with open_worker(with_settings(container, payments_url=address)) as worker:
            dispute = await settled(container)
            case = await closed(container, dispute)
            assert not worker.done()
        [payout] = case.payouts.values()
        assert payout.attempts == 1 + len(answers)
        [entry] = await paid(address)
        assert entry["amount"] == payout.ordered.amount.model_dump()


async def test_a_job_is_enqueued_in_the_commit_that_moves_the_follower_and_once(
    database: Database, tmp_path: Path
) -> None:
    async with kitchen(database, tmp_path) as container:
        await settled(container)
    queue = jobs.open_queue(database.worker_url)
    nothing: Any = None  # nothing is paid in this test
    jobs.add_tasks(queue, container.desk, nothing, nothing)
    async with queue.open_async():
        following = Following(database.worker_url, MAPPER, [])
        for _ in range(2):
            await following.catch_up(jobs.paying(queue))
    with psycopg.connect(database.worker_url) as connection:
        rows = connection.execute("SELECT task_name, args FROM jobs.procrastinate_jobs").fetchall()
        [position] = connection.execute(
            "SELECT notification_id FROM views.notification_tracking"
            " WHERE application_name = 'when_a_payout_is_ordered_pay_it'"
        ).fetchone() or (0,)
        [head] = connection.execute("SELECT max(notification_id) FROM events.stored_events").fetchone() or (0,)
    assert [name for name, _ in rows] == ["pay"]
    assert set(rows[0][1]) == {"platform", "payout"}
    assert position == head


async def test_whatever_fails_a_payment_is_tried_again_later_and_at_most_an_hour_later() -> None:
    waits = []
    for attempts in (0, 1, 5, 200):
        job = Job(id=1, queue="q", lock=None, queueing_lock=None, task_name="pay", attempts=attempts)
        decision = jobs.UntilPaid().get_retry_decision(exception=psycopg.OperationalError("away"), job=job)
        assert decision.retry_at is not None
        waits.append(round((decision.retry_at - datetime.now(UTC)).total_seconds()))  # noqa: TID251 - jobs run by real time
    assert waits == [1, 2, 32, 3600]


async def test_a_payment_of_another_amount_ends_its_job_with_an_alarm_and_nothing_more_is_sent(
    database: Database, tmp_path: Path
) -> None:
    async with (
        kitchen(database, tmp_path) as container,
        payment_server(tmp_path, {"answer": "wrong_amount", "pay": True}) as address,
    ):
        with capture_logs() as logs:
            async with open_worker(with_settings(container, payments_url=address, jobs_stalled_s=0.6)):
                dispute = await settled(container)
                await until(lambda: [one for one in logs if one["event"] == "payout.mismatched"])
                await asyncio.sleep(1.0)  # several sweeps, which must leave it alone
        payout = await payout_of(container, dispute)
        topics = [one.event.TOPIC for one in await container.store.load(payout)]
    assert topics == ["payout.ordered", "payout.sent", "payout.mismatched"]
    # Once, or once more where a slow machine took the job for one whose worker has died.
    alarms = {(one["log_level"], one["payout"]) for one in logs if one["event"] == "payout.mismatched"}
    assert alarms == {("error", str(payout))}
    assert jobs_left(database) == []


def jobs_left(database: Database) -> list[Any]:
    with psycopg.connect(database.worker_url) as connection:
        return connection.execute("SELECT status FROM jobs.procrastinate_jobs WHERE task_name = 'pay'").fetchall()


async def test_a_job_that_is_done_leaves_nothing_behind(database: Database, tmp_path: Path) -> None:
    async with kitchen(database, tmp_path) as container, payment_server(tmp_path) as address:
        worked = with_settings(container, payments_url=address)
        async with open_worker(worked):
            await closed(container, await settled(container))
            await until(lambda: not jobs_left(database))


async def test_wiping_the_jobs_loses_no_payment_and_none_is_paid_twice(database: Database, tmp_path: Path) -> None:
    refused = [{"answer": "refuse"}] * 3
    async with kitchen(database, tmp_path) as container, payment_server(tmp_path, *refused) as address:
        worked = with_settings(container, payments_url=address, jobs_stalled_s=0.6)
        async with open_worker(worked):
            disputes = [await settled(container, number) for number in range(1, 4)]
            await until(lambda: len(jobs_left(database)) == len(disputes))
        await asyncio.to_thread(wipe, database)
        assert jobs_left(database) == []
        async with open_worker(worked):
            for dispute in disputes:
                await closed(container, dispute)
        assert len(await paid(address)) == len(disputes)


def wipe(database: Database) -> None:
    with psycopg.connect(database.worker_url, autocommit=True) as connection:
        connection.execute("TRUNCATE jobs.procrastinate_jobs, jobs.procrastinate_workers CASCADE")


async def test_the_jobs_are_wiped_under_a_working_worker_and_it_goes_on(database: Database, tmp_path: Path) -> None:
    async with kitchen(database, tmp_path) as container, payment_server(tmp_path, {"answer": "refuse"}) as address:
        async with open_worker(with_settings(container, payments_url=address, jobs_stalled_s=0.6)) as worker:
            dispute = await settled(container)
            await until(lambda: jobs_left(database))
            # The library cannot say of a job that is gone how it ended, and tells nobody but the loop.
            asyncio.get_running_loop().set_exception_handler(lambda *_: None)
            await asyncio.to_thread(wipe, database)  # it waits for transactions of this very loop
            await closed(container, dispute)
            assert not worker.done()
        assert len(await paid(address)) == 1


async def test_a_payout_whose_follower_is_parked_is_paid_all_the_same(database: Database, tmp_path: Path) -> None:
    async with kitchen(database, tmp_path) as container, payment_server(tmp_path) as address:
        dispute = await settled(container)
        with psycopg.connect(database.worker_url, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO views.parked (follower, stream, position, reason)"
                " VALUES ('when_a_payout_is_ordered_pay_it', %s, 1, 'a test')",
                [await payout_of(container, dispute)],
            )
        async with open_worker(with_settings(container, payments_url=address, jobs_stalled_s=0.6)):
            await closed(container, dispute)
        assert len(await paid(address)) == 1


async def test_the_sweep_enqueues_what_has_no_job_and_nothing_else(database: Database, tmp_path: Path) -> None:
    async with kitchen(database, tmp_path) as container:
        await settled(container)
    await follow(database)
    queue = jobs.open_queue(database.worker_url)
    nothing: Any = None
    jobs.add_tasks(queue, container.desk, nothing, nothing)
    async with queue.open_async():
        for _ in range(2):
            await jobs.sweep(queue, silent_s=30)
    assert jobs_left(database) == [("todo",)]

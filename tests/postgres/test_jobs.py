"""Payments as jobs, over the real queue and a real payment server: enqueued with the position, paid once."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import psycopg
import pytest
from procrastinate.jobs import Job

from application.case import Case
from infrastructure.bootstrap import MAPPER, Container, open_worker
from infrastructure.postgres import jobs
from infrastructure.postgres.follower import Following
from tests.support import house
from tests.support.kitchen import filed, kitchen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from tests.support.database import Database

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def payment_server(folder: Path, *answers: dict[str, Any]) -> AsyncIterator[str]:
    script = folder / "answers.json"
    script.write_text(json.dumps(answers))
    command = [sys.executable, "-m", "infrastructure.payments.provider", "--ledger", str(folder / "ledger.jsonl")]
    process = await asyncio.create_subprocess_exec(*command, "--answers", str(script), stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        line = await process.stdout.readline()
        yield line.decode().removeprefix("listening on ").strip()
    finally:
        process.terminate()
        await process.wait()


def settled(container: Container, dispute: UUID, key: str = "1") -> list[Any]:
    return [
        house.respond(dispute, key=f"respond-{key}"),
        house.make_offer(dispute, key=f"offer-{key}"),
        house.accept_offer(dispute, key=f"accept-{key}"),
    ]


async def closed(container: Container, dispute: UUID) -> Case:
    for _ in range(600):
        case = await container.cases.load(dispute)
        assert case is not None
        if case.dispute.stage == "closed":
            return await container.cases.with_payouts(case)
        await asyncio.sleep(0.05)
    raise AssertionError("the case did not close")


async def paid(address: str) -> list[dict[str, Any]]:
    async with httpx2.AsyncClient(trust_env=False) as client:
        entries: list[dict[str, Any]] = (await client.get(f"{address}/ledger")).json()["payments"]
        return entries


@pytest.mark.parametrize(
    "answers",
    [
        [],
        [{"answer": "500"}],
        [{"answer": "500", "pay": True}],
        [{"answer": "refuse"}],
        [{"answer": "wrong_amount"}],
    ],
    ids=["at once", "after a failure", "after a payment whose answer was lost", "after a no", "after a wrong amount"],
)
async def test_an_accepted_offer_is_paid_once_and_closes_the_case(
    database: Database, tmp_path: Path, answers: list[dict[str, Any]]
) -> None:
    async with kitchen(database, tmp_path) as container, payment_server(tmp_path, *answers) as address:
        with_payments = Container(
            **{name: getattr(container, name) for name in container.__slots__ if name != "settings"},
            settings=container.settings.model_copy(update={"payments_url": address}),
        )
        dispute = await filed(container)
        async with open_worker(with_payments) as worker:
            for command in settled(container, dispute):
                await container.desk.on_dispute(command)
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
        dispute = await filed(container)
        for command in settled(container, dispute):
            await container.desk.on_dispute(command)
    queue = jobs.open_queue(database.worker_url)
    jobs.add_tasks(queue, container.desk, None)  # type: ignore[arg-type]  # nothing is paid in this test
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
    assert waits == [2, 4, 64, 3600]

"""A worker dies between every two steps of a payout: counted, not listed. Real database, real payments, real kills."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from typing import TYPE_CHECKING, Any

import pytest

from infrastructure.postgres import jobs
from tests.support import mortal
from tests.support.kitchen import kitchen
from tests.support.mortal import Steps, live, pay_all
from tests.support.paying import given_goodwill, paid, payment_server, payout_of, settled

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from infrastructure.bootstrap import Container
    from infrastructure.settings import Settings
    from tests.support.database import Database

pytestmark = pytest.mark.anyio

# Children are forked from a process that has imported everything once and has no loop and no threads.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.support.mortal"])
# Some that must be among the steps, so that the counter cannot have gone deaf.
MET = (
    "before the follower's batch",
    "after the follower's commit",
    "after queue procrastinate_fetch_job_v2",
    "before store.load",
    "before store.append",
    "after store.append",
    "http http11.send_request_headers.started",
    "http http11.send_request_body.complete",
    "http http11.receive_response_headers.complete",
    "before queue procrastinate_finish_job_v1",
    "after queue procrastinate_finish_job_v1",
)
ONCE = ("dispute.remedy_confirmed", "dispute.compensated", "dispute.closed")


def lived(given: Settings, last: int) -> tuple[int | None, list[str]]:
    """How a worker's process ended that was to die at this step, and the steps it told of."""
    here, there = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=live, args=(given, last, there))
    process.start()
    there.close()
    process.join(60)
    passed: list[str] = here.recv() if process.exitcode == 0 else []
    return process.exitcode, passed


async def finish(given: Settings) -> None:
    """A fresh worker takes up what the dead one left, and goes on to the end."""
    queue = jobs.open_queue(given.database_url.get_secret_value() if given.database_url else "")
    async with queue.open_async():
        await jobs.sweep(queue, silent_s=0)
    await pay_all(given, Steps(0))


async def what_stands(
    container: Container, address: str, dispute: UUID, payout: UUID
) -> tuple[list[Any], list[str], list[str]]:
    """The payments that the provider made under this key, and the events of the payout and of its case."""
    there = [one for one in await paid(address) if one["key"] == str(payout)]
    money, told = await container.store.load(payout), await container.store.load(dispute)
    return there, [one.event.TOPIC for one in money], [one.event.TOPIC for one in told]


async def test_a_worker_may_die_between_any_two_steps_and_every_payout_is_paid_and_told_once(
    database: Database, tmp_path: Path
) -> None:
    async with kitchen(database, tmp_path) as container, payment_server(tmp_path) as address:
        given = mortal.settings(database.worker_url, str(tmp_path), address)
        await settled(container, 0)
        ended, steps = await asyncio.to_thread(lived, given, 0)
        assert ended == 0
        assert set(MET) <= set(steps)

        for number, step in enumerate(steps, start=1):
            dispute = await settled(container, number)
            payout = await payout_of(container, dispute)
            ended, _ = await asyncio.to_thread(lived, given, number)
            assert ended == -signal.SIGKILL, f"nobody died at step {number}, {step}"
            await finish(given)

            there, money, told = await what_stands(container, address, dispute, payout)
            assert len(there) == 1, f"paid {len(there)} times after a death at step {number}, {step}"
            assert money.count("payout.confirmed") == 1, f"{money} after a death at step {number}, {step}"
            assert [told.count(topic) for topic in ONCE] == [1, 1, 1], f"{told} after a death at step {number}, {step}"

        await settled(container, len(steps) + 1)
        ended, passed = await asyncio.to_thread(lived, given, len(steps) + 1)
        assert (ended, passed) == (0, steps), "there are steps at which nobody died"


async def test_goodwill_is_paid_and_told_once_too_wherever_in_the_log_a_worker_died(
    database: Database, tmp_path: Path
) -> None:
    async with kitchen(database, tmp_path) as container, payment_server(tmp_path) as address:
        given = mortal.settings(database.worker_url, str(tmp_path), address)
        await given_goodwill(container, 0)
        _, steps = await asyncio.to_thread(lived, given, 0)
        of_the_log = [number for number, step in enumerate(steps, start=1) if "store." in step]
        assert of_the_log
        for number in of_the_log:
            dispute = await given_goodwill(container, number)
            payout = await payout_of(container, dispute)
            ended, _ = await asyncio.to_thread(lived, given, number)
            assert ended == -signal.SIGKILL, f"nobody died at step {number}"
            await finish(given)

            there, money, told = await what_stands(container, address, dispute, payout)
            counts = (len(there), money.count("payout.confirmed"), told.count("dispute.goodwill_paid"))
            assert counts == (1, 1, 1), f"after a death at step {number}, {steps[number - 1]}"

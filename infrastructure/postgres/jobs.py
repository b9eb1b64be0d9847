"""Jobs: effects on the outside world, enqueued in the commit that moves a follower, carried out at least once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final
from uuid import UUID

import procrastinate
import structlog
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.jobs import Job

from application.commands import remedy
from application.commands.remedy import PayAgain, PayoutCommand
from application.processes import when_a_payout_is_ordered_pay_it as pay_it
from infrastructure.postgres.follower import Follower

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    from application.commands.desk import Desk
    from application.ports import Payments, Recorded

SWEEP_S: Final = 10.0
STALLED_S: Final = 30.0  # a worker that has not been heard of for so long is taken for dead
RETRY_S_MAX: Final = 3600
IN_JOBS: Final = "-c search_path=jobs"

log = structlog.get_logger()


class UntilPaid(BaseRetryStrategy):
    """Tries again after 2, 4, 8 … seconds, at most an hour, for ever: whatever failed, what is owed stays owed.

    The key is the same each time, so trying again can never pay twice.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:  # noqa: ARG002 - any reason
        """When to try again."""
        return RetryDecision(retry_in={"seconds": min(2 ** min(job.attempts + 1, 12), RETRY_S_MAX)})


def open_queue(url: str) -> App:
    """The job queue; to be opened by its user."""
    # All connections are there from the start: in Python 3.11 a wait for one that ends in the very moment in which the
    # task is told to end swallows that word, and the worker would never end. And a pool left to itself would come back
    # after an outage as late as the outage was long.
    connector = PsycopgConnector(
        conninfo=url, kwargs={"options": IN_JOBS}, min_size=4, max_size=4, timeout=5, reconnect_timeout=5
    )
    return App(connector=connector, periodic_defaults={"max_delay": 60})


def add_tasks(queue: App, desk: Desk, payments: Payments) -> None:
    """What jobs do."""

    @queue.task(
        name="pay",
        retry=UntilPaid(),
    )
    async def pay(platform: str, payout: str) -> None:
        line = log.bind(command=PayoutCommand.OPERATION, role="service", payout=payout)
        try:
            await remedy.pay(desk, payments, platform, UUID(payout))
        except PayAgain as again:
            line.warning("command", outcome="again", reason_code=str(again))
            raise
        except Exception as error:
            # An error and not an exception: a trace could hold what people wrote.
            line.error("command", outcome="broken", error=type(error).__name__)
            raise
        line.info("command", outcome="paid")


def paying(queue: App) -> Follower:
    """The follower that enqueues a job for every payout that is ordered."""

    async def apply(connection: AsyncConnection, recorded: Recorded) -> None:
        for effect in pay_it.react(recorded):
            payout = str(effect.payout)
            job = queue.configure_task("pay", connection=connection, lock=payout)
            await job.defer_async(platform=effect.platform, payout=payout)

    return Follower("when_a_payout_is_ordered_pay_it", apply)


async def work(queue: App) -> None:
    """Carry out jobs until cancelled, and take up again what killed workers left."""
    async with asyncio.TaskGroup() as group:
        group.create_task(queue.run_worker_async(concurrency=4, install_signal_handlers=False, delete_jobs="never"))
        group.create_task(_sweep(queue))


async def _sweep(queue: App) -> None:
    while True:
        try:
            for job in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
                await queue.job_manager.retry_job(job)
                log.warning("job.taken_up_again", attempt=job.attempts)
        except procrastinate.exceptions.ConnectorException as error:
            log.warning("job.sweep_failed", error=type(error).__name__)
        await asyncio.sleep(SWEEP_S)

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
from application.ports import StatementUnavailable
from application.processes import when_a_payout_is_ordered_pay_it as pay_it
from application.reconciliation import Discrepancy, reconcile
from domain.remedy.payout import PayoutState
from infrastructure.postgres.follower import Follower
from infrastructure.postgres.sql_loader import sql

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    from application.commands.desk import Desk
    from application.ports import Payments, Recorded
    from application.reconciliation import ConfirmedPayouts

POLL_S: Final = 1.0
SWEEP_MAX: Final = 500
DOING_FACTOR: Final = 3  # a job that runs so many times longer than a worker may be silent is not running
RETRY_S_MAX: Final = 3600
EVERY_HOUR: Final = "17 * * * *"
IN_JOBS: Final = "-c search_path=jobs"

log = structlog.get_logger()


class UntilPaid(BaseRetryStrategy):
    """Tries again after 1, 2, 4 … seconds, at most an hour, for ever: whatever failed, what is owed stays owed.

    The key is the same each time, so trying again can never pay twice.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:  # noqa: ARG002 - any reason
        """When to try again."""
        return RetryDecision(retry_in={"seconds": min(2 ** min(job.attempts, 12), RETRY_S_MAX)})


def open_queue(url: str) -> App:
    """The job queue; to be opened by its user."""
    # All connections are there from the start: in Python 3.11 a wait for one that ends in the very moment in which the
    # task is told to end swallows that word, and the worker would never end. And a pool left to itself would come back
    # after an outage as late as the outage was long.
    connector = PsycopgConnector(
        conninfo=url, kwargs={"options": IN_JOBS}, min_size=4, max_size=4, timeout=5, reconnect_timeout=5
    )
    return App(connector=connector, periodic_defaults={"max_delay": 60})


def add_tasks(queue: App, desk: Desk, payments: Payments, view: ConfirmedPayouts) -> None:
    """What jobs do."""

    @queue.task(name="pay", retry=UntilPaid())
    async def pay(platform: str, payout: str) -> None:
        line = log.bind(command=PayoutCommand.OPERATION, role="service", payout=payout)
        try:
            state = await remedy.pay(desk, payments, platform, UUID(payout))
        except PayAgain as again:
            line.warning("command", outcome="again", reason_code=str(again))
            raise
        except Exception as error:
            # An error and not an exception: a trace could hold what people wrote.
            line.error("command", outcome="broken", error=type(error).__name__)
            raise
        if state is PayoutState.MISMATCHED:
            line.error("payout.mismatched")
            return
        line.info("command", outcome=state)

    @queue.periodic(cron=EVERY_HOUR)
    @queue.task(name="reconcile")
    async def compare(timestamp: int) -> None:  # noqa: ARG001 - the library tells it
        try:
            done = await reconcile(desk, payments, view)
        except StatementUnavailable as error:
            log.warning("reconciliation.no_statement", reason_code=str(error))
            return
        for finding in done.findings:
            # A key that is none of ours may be anybody's words.
            known = None if finding.what is Discrepancy.UNKNOWN_KEY else finding.key
            log.error("reconciliation.finding", code=finding.what, payout=known)
        log.info("reconciliation", count=done.entries)


def paying(queue: App) -> Follower:
    """The follower that enqueues a job for every payout that is ordered."""

    async def apply(connection: AsyncConnection, recorded: Recorded) -> None:
        for effect in pay_it.react(recorded):
            payout = str(effect.payout)
            job = queue.configure_task("pay", connection=connection, lock=payout)
            await job.defer_async(platform=effect.platform, payout=payout)

    return Follower("when_a_payout_is_ordered_pay_it", apply)


async def work(queue: App, stalled_s: float) -> None:
    """Carry out jobs until cancelled, take up again what killed workers left, and enqueue what was lost."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_carry_out(queue, stalled_s))
        group.create_task(_sweep(queue, stalled_s))


async def _carry_out(queue: App, stalled_s: float) -> None:
    """The library's worker ends at any fault of the database: begin again, as a new worker.

    It notices that its heartbeat has died only while it has a task that runs by the hour, which is `reconcile` here.
    """
    while True:
        try:
            await queue.run_worker_async(
                concurrency=4,
                install_signal_handlers=False,
                delete_jobs="successful",
                fetch_job_polling_interval=POLL_S,
                update_heartbeat_interval=stalled_s / 3,
                stalled_worker_timeout=stalled_s,
            )
        except procrastinate.exceptions.ConnectorException as error:
            log.warning("job.database_lost", error=type(error).__name__)
        else:
            log.warning("job.worker_ended")
        await asyncio.sleep(POLL_S)


async def _sweep(queue: App, stalled_s: float) -> None:
    while True:
        try:
            await sweep(queue, silent_s=stalled_s)
        except procrastinate.exceptions.ConnectorException as error:
            log.warning("job.sweep_failed", error=type(error).__name__)
        await asyncio.sleep(stalled_s / 3)


async def sweep(queue: App, silent_s: float) -> None:
    """Let nothing lie: a job whose worker died is taken up again, a payout without a job gets one.

    A job too many does no harm: it finds the payout as the other left it, and the key is the same.
    """
    select = queue.connector.execute_query_all_async
    for row in await select(sql("jobs_stalled"), silent_s=silent_s, doing_s=silent_s * DOING_FACTOR):
        await queue.job_manager.retry_job_by_id_async(row["id"], procrastinate.utils.utcnow())
        log.warning("job.taken_up_again", attempt=row["attempts"])
    for row in await select(sql("payouts_without_job"), limit=SWEEP_MAX):
        await queue.configure_task("pay", lock=row["payout"]).defer_async(**row)
        log.warning("job.enqueued_again", payout=row["payout"])

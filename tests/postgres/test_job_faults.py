"""Payments when things break: workers killed, the database restarted under them; real processes, real kills."""

from __future__ import annotations

import asyncio
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest

from infrastructure.demo import children
from infrastructure.postgres import jobs
from infrastructure.postgres.bootstrap_roles import OWNER, prepare_database
from infrastructure.postgres.embedded import Embedded
from infrastructure.postgres.migrate import migrate
from tests.postgres.embedded_rooms import postmaster, room
from tests.support.database import PASSWORD, Database
from tests.support.kitchen import kitchen
from tests.support.paying import closed, paid, payment_server, payout_of, settled, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from infrastructure.demo.children import Child

__all__ = ["room"]

pytestmark = pytest.mark.anyio


@contextmanager
def worker(database: Database, folder: Path, payments: str, **settings: str) -> Iterator[Child]:
    """`gongduan worker` in a process of its own, which takes silent workers for dead after a second and a half."""
    environment = {
        "GONGDUAN_DATABASE_URL": database.worker_url,
        "GONGDUAN_DATA": str(folder),
        "GONGDUAN_PAYMENTS_URL": payments,
        "GONGDUAN_JOBS_STALLED_S": "1.5",
        **settings,
    }
    child = children.start(
        f"worker {os.urandom(3).hex()}", "infrastructure.cli", "worker", environment=environment, folder=folder
    )
    try:
        yield child
    finally:
        child.stop()


async def test_the_job_of_a_killed_worker_is_taken_up_by_another_and_paid_once(
    database: Database, tmp_path: Path
) -> None:
    held = {"answer": "timeout", "pay": True}
    async with kitchen(database, tmp_path) as container, payment_server(tmp_path, held) as address:
        dispute = await settled(container)
        with worker(database, tmp_path, address) as killed:
            while not await paid(address):  # noqa: ASYNC110 - another process pays
                await asyncio.sleep(0.05)
            killed.process.kill()
            killed.process.wait()
        with worker(database, tmp_path, address):
            case = await closed(container, dispute)
        [payout] = case.payouts.values()
        assert [(one.number, one.state) for one in payout.tries] == [(1, "unknown"), (2, "confirmed")]
        assert len(await paid(address)) == 1


async def test_a_job_whose_worker_lives_on_but_could_not_end_it_is_taken_up_again(
    database: Database, tmp_path: Path
) -> None:
    """As where the connection breaks just when a job's end is written down."""
    async with kitchen(database, tmp_path) as container, payment_server(tmp_path, {"answer": "refuse"}) as address:
        with worker(database, tmp_path, address, GONGDUAN_JOBS_STALLED_S="0.6") as living:
            dispute = await settled(container)
            payout = await payout_of(container, dispute)
            with psycopg.connect(database.worker_url, autocommit=True, options=jobs.IN_JOBS) as connection:
                await until(
                    lambda: connection.execute(
                        "UPDATE jobs.procrastinate_jobs SET status = 'doing', attempts = attempts + 1,"
                        " worker_id = (SELECT max(id) FROM jobs.procrastinate_workers)"
                        " WHERE lock = %s AND status = 'todo' AND attempts > 0 RETURNING id",
                        [str(payout)],
                    ).fetchone()
                )
            await closed(container, dispute)
            living.check()
        assert len(await paid(address)) == 1


@pytest.mark.usefixtures("anyio_backend")
async def test_a_worker_outlives_a_restart_of_the_database(room: Path, tmp_path: Path) -> None:
    with Embedded(room / "own") as server:
        prepare_database(server.url(), "restarted", PASSWORD)
        migrate(server.url("restarted", OWNER, PASSWORD), "sandbox")
        database = Database(server, "restarted")
        async with kitchen(database, tmp_path) as container, payment_server(tmp_path) as address:
            with worker(database, tmp_path, address) as child:
                await closed(container, await settled(container, 1))
                postmaster(room / "own").kill()
                await until(lambda: not server.alive())
                await asyncio.sleep(2)  # long enough for a heartbeat to fail
                assert server.restart_if_dead()
                await closed(container, await settled(container, 2))
                await asyncio.sleep(3)  # a heartbeat that had died with the database would be missing by now
                with psycopg.connect(database.worker_url, autocommit=True) as connection:
                    beating = "SELECT FROM jobs.procrastinate_workers WHERE last_heartbeat > now() - interval '1.5 s'"
                    await until(lambda: connection.execute(beating).fetchone() is not None)
                child.check()
            assert len(await paid(address)) == 2

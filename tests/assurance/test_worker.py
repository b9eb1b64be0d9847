"""A worker that is told to end ends in order, with what it has begun; one whose database goes away waits for it."""

from __future__ import annotations

import json
import signal
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.assurance.installation import Installation, installed, open_folder, own_database
from tests.assurance.reckoning import check_ledger, rows
from tests.http.story import until
from tests.support import house
from tests.support.given import clock_of
from tests.support.kitchen import filed, kitchen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.database import Database

pytestmark = pytest.mark.anyio

FOLLOWED = "SELECT count(*) FROM views.notification_tracking"
LEADS = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid::bigint << 32 | objid::bigint = 4741656202"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@contextmanager
def thinking_payment_server(asked: threading.Event, answers: threading.Event) -> Iterator[str]:
    """Pays, but takes its time until the test lets it answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.set()
            answers.wait(60)
            paid = {"payment": "pay-1", "payout": order["payout"], "amount": order["amount"]}
            self.send_response(201)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(paid).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize(("told", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_worker_that_is_told_to_end_does_so_with_its_exit_code(
    database: Database, told: signal.Signals, code: int
) -> None:
    with open_folder() as folder:
        home = Installation(database, folder, "http://127.0.0.1:9", "")
        home.work()
        try:
            child = home.parts["worker"].child
            until(lambda: rows(database, FOLLOWED), lambda found: found[0][0] > 1)
            child.process.send_signal(told)
            assert child.process.wait(30) == code
            assert "Traceback" not in child.output.read_text()
        finally:
            home.stop()


async def test_a_worker_that_is_told_to_end_hears_what_became_of_the_payment_it_has_asked_for(
    database: Database, tmp_path: Path
) -> None:
    asked, answers = threading.Event(), threading.Event()
    async with kitchen(database, tmp_path) as container:
        dispute = await filed(container)
        for command in (house.respond(dispute), house.make_offer(dispute), house.accept_offer(dispute)):
            await container.desk.on_dispute(command)
        with open_folder() as folder, thinking_payment_server(asked, answers) as address:
            home = Installation(database, folder, address, "")
            home.work()
            try:
                process = home.parts["worker"].child.process
                assert asked.wait(30)
                process.send_signal(signal.SIGTERM)
                until(lambda: rows(database, LEADS), lambda found: found == [(0,)])  # it has heard
                answers.set()
                assert process.wait(30) == 0
            finally:
                answers.set()
                home.stop()
        case = await container.cases.load(dispute)
    assert case is not None
    assert case.dispute.stage == "closed"
    left = "SELECT status::text FROM jobs.procrastinate_jobs WHERE status <> 'succeeded' AND task_name = 'pay'"
    assert rows(database, left) == []


async def test_a_worker_whose_database_was_away_follows_expires_and_pays_as_before(tmp_path: Path) -> None:
    with open_folder() as folder, own_database(folder) as database, installed(database, folder) as home:
        home.work()
        child = home.parts["worker"].child
        until(lambda: rows(database, FOLLOWED), lambda found: found[0][0] > 1)
        home.kill_postmaster(until=lambda: "job.database_lost" in child.output.read_text())
        async with kitchen(database, tmp_path) as container:
            silent, settled = await filed(container, 1), await filed(container, 2)
            for command in (house.respond(settled), house.make_offer(settled), house.accept_offer(settled)):
                await container.desk.on_dispute(command)
            case = await container.cases.load(silent)
            assert case is not None
            assert clock_of(case.dispute) is not None
            await container.clock.set_ahead(clock_of(case.dispute).due_at)
            stages = "SELECT stage FROM views.case_file ORDER BY stage"
            until(lambda: rows(database, stages), lambda found: found == [("closed",), ("under_review",)], 90.0)
        assert child.process.poll() is None
        assert check_ledger(home) == 1

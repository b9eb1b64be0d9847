"""Two services and two workers on one database: one leads, the other takes over; every payout and deadline once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg

from tests.assurance.installation import installed, open_folder
from tests.assurance.people import Crowd
from tests.assurance.reckoning import check_ledger, check_log, check_repeats, check_views, dump, quiet, rows
from tests.http.story import until

if TYPE_CHECKING:
    from tests.support.database import Database

COMMANDS = 150  # acknowledged before and after the change of the leader
LEADER = """
SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND classid::bigint << 32 | objid::bigint = 4741656202
    AND datname = current_database() AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
DUE = "SELECT count(*) FROM views.deadlines WHERE due_at <= events.clock_now()"
EXPIRED = """
SELECT topic, max(how_often) FROM (
    SELECT topic, originator_id, count(*) AS how_often FROM events.stored_events
    WHERE topic LIKE 'dispute.notice_lapsed@%%' OR topic LIKE 'dispute.ruling_became_final@%%'
    GROUP BY topic, originator_id
) AS of_case GROUP BY topic ORDER BY topic
"""


def leader(database: Database) -> str:
    [[name]] = until(lambda: rows(database, LEADER), bool)
    return str(name)


def let_live(crowd: Crowd) -> None:
    wanted = crowd.acknowledged + COMMANDS
    until(lambda: crowd.acknowledged, lambda found: bool(crowd.broken) or found >= wanted, 120.0)


def let_all_fall_due(database: Database) -> None:
    """Every clock that runs runs out, and those that start thereupon."""
    while dump(database, "deadlines"):
        with psycopg.connect(database.service_url) as connection:
            [now] = connection.execute("SELECT events.clock_now()").fetchone() or ()
            connection.execute("SELECT events.set_test_clock(%s)", [now + timedelta(days=8)])
        until(lambda: rows(database, DUE), lambda found: found == [(0,)])
        quiet(database)


def test_with_two_of_everything_one_leads_and_nothing_happens_twice(database: Database) -> None:
    with open_folder() as folder, installed(database, folder) as home:
        services = [home.serve("service-1"), home.serve("service-2")]
        home.work("worker-1")
        home.work("worker-2")
        with Crowd(home, services, seed=1) as crowd:
            let_live(crowd)
            led = leader(database)
            home.kill(led)
            until(lambda: rows(database, LEADER), lambda found: found not in ([], [(led,)]))
            let_live(crowd)
        assert crowd.broken == []
        quiet(database)
        let_all_fall_due(database)
        assert [how_often for _, how_often in rows(database, EXPIRED)] == [1, 1]
        check_log(database, crowd.sent)
        check_repeats(crowd)
        assert check_ledger(home) > 0
        check_views(database, folder)
        assert home.gave_up == {}

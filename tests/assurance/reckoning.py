"""What must be true after any number of kills: all that was acknowledged stands once, and nothing else does."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx2
import psycopg
from psycopg.sql import SQL, Identifier
from pydantic import SecretStr

from infrastructure.postgres.mapper import decode_metadata
from infrastructure.postgres.views.tables import VIEWS
from infrastructure.rebuild import rebuild
from infrastructure.settings import Settings
from tests.http.story import until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.assurance.installation import Installation
    from tests.assurance.people import Crowd, Sent
    from tests.support.database import Database

SAME = ("location", "etag", "gongduan-position")
# Not sent by the crowd's clients under a key.
OURS = ("register_order", "publish_playbook", "expire_clock", "pay", "open_notice", "see")


def rows(database: Database, statement: str, *parameters: Any) -> list[Any]:
    with psycopg.connect(database.superuser_url) as connection:
        return connection.execute(statement, parameters).fetchall()


def quiet(database: Database, meanwhile: Callable[[], None] = lambda: None) -> None:
    """Wait until every payout that was ordered is paid, and every follower stands at the end of the log."""
    unpaid = (
        "SELECT count(*) FILTER (WHERE topic LIKE 'payout.ordered@%%') - "
        "count(*) FILTER (WHERE topic LIKE 'payout.confirmed@%%') FROM events.stored_events"
    )
    jobs = "SELECT status::text, attempts, scheduled_at, worker_id FROM jobs.procrastinate_jobs WHERE task_name = 'pay'"

    def look() -> list[Any]:
        meanwhile()
        return rows(database, unpaid) + rows(database, jobs)  # the jobs are told where it takes too long

    until(look, lambda found: found[0] == (0,), patience_s=180.0)
    behind = (
        "SELECT count(*) FROM views.notification_tracking WHERE application_name <> '__migration__'"
        " AND notification_id < (SELECT max(notification_id) FROM events.stored_events)"
    )
    until(lambda: rows(database, behind), lambda found: found == [(0,)])


def check_log(database: Database, sent: list[Sent]) -> None:
    """Every acknowledged command is in the log once and whole, no refused one is, and nobody else's."""
    owners: dict[Any, list[int]] = {}
    strangers = []
    for position, metadata in rows(database, "SELECT notification_id, metadata FROM events.stored_events ORDER BY 1"):
        told = decode_metadata(bytes(metadata))
        owners.setdefault(told.command_id, []).append(position)
        if told.command not in OURS:
            strangers.append(told.command_id)
    stored = {command: (first, last) for command, first, last in rows(database, "SELECT * FROM events.commands")}
    assert {command: (places[0], places[-1]) for command, places in owners.items()} == stored
    assert [command for command, places in owners.items() if places[-1] - places[0] + 1 != len(places)] == []

    acknowledged = [one.command_id for one in sent if one.acknowledged]
    assert len(set(acknowledged)) == len(acknowledged)
    assert set(acknowledged) == set(strangers)
    assert stored.keys() & {one.command_id for one in sent if not one.acknowledged} == set()
    for one in sent:
        if one.acknowledged:
            assert stored[one.command_id][1] == int(one.answer.headers["gongduan-position"])
    holes = "SELECT originator_id FROM events.stored_events GROUP BY 1 HAVING max(originator_version) <> count(*)"
    assert rows(database, holes) == []


def check_repeats(crowd: Crowd) -> None:
    """A repeat is answered as the first time, though the service that gave the first answer is long dead."""
    for one in crowd.sent:
        if one.acknowledged:
            again = one.send()
            assert again.status_code == one.answer.status_code, again.text
            assert [again.headers[name] for name in SAME] == [one.answer.headers[name] for name in SAME]
            assert again.headers["idempotent-replayed"] == "true"
            assert again.content == one.answer.content


def check_ledger(home: Installation) -> int:
    """The payment service has paid each payout once, the amount that was ordered; answers how many."""
    token = {"Authorization": f"Bearer {home.token}"}
    with httpx2.Client(trust_env=False) as client:
        entries = client.get(f"{home.payments}/ledger", headers=token).json()["payments"]
    ordered = {
        str(stream): json.loads(bytes(state))["amount"]
        for stream, state in rows(
            home.database,
            "SELECT originator_id, state FROM events.stored_events WHERE topic LIKE 'payout.ordered@%%'",
        )
    }
    assert sorted(entry["order"]["payout"] for entry in entries) == sorted(ordered)
    assert {entry["order"]["payout"]: entry["amount"] for entry in entries} == ordered
    confirmed = rows(
        home.database,
        "SELECT originator_id, count(*) FROM events.stored_events WHERE topic LIKE 'payout.confirmed@%%' GROUP BY 1",
    )
    assert Counter({str(stream): count for stream, count in confirmed}) == Counter(ordered.keys())
    return len(entries)


def dump(database: Database, view: str) -> list[Any]:
    """A view's rows, in an order of their own."""
    statement = SQL("SELECT to_jsonb(one)::text FROM views.{} AS one ORDER BY 1").format(Identifier(view))
    with psycopg.connect(database.superuser_url) as connection:
        return connection.execute(statement).fetchall()


def check_views(database: Database, folder: Path) -> dict[str, int]:
    """Every view is what the log makes of it; answers how many rows each has."""
    assert rows(database, "SELECT * FROM views.parked") == []
    settings = Settings(database_url=SecretStr(database.worker_url), data=folder / "data")
    sizes = {}
    for view in VIEWS:
        kept = dump(database, view)
        rebuild(settings, view)
        assert dump(database, view) == kept, view
        sizes[view] = len(kept)
    return sizes

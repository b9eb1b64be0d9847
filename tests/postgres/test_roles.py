"""What the roles may not do, and what nobody may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
import pytest

from infrastructure.postgres.appending import Row, Submission, arguments
from infrastructure.postgres.migrate import migrate
from infrastructure.postgres.sql_loader import sql

if TYPE_CHECKING:
    from typing import LiteralString

    from tests.support.database import Database

INSERT = "INSERT INTO events.stored_events VALUES (gen_random_uuid(), 1, 't@1', '', 1, gen_random_uuid(), '')"
CHANGES: list[LiteralString] = [
    f"{change} events.{table}{rest}"
    for table, column in (
        ("stored_events", "topic"),
        ("commands", "first_position"),
        ("installation", "environment"),
    )
    for change, rest in (("UPDATE", f" SET {column} = {column}"), ("DELETE FROM", ""), ("TRUNCATE", ""))
]
FORBIDDEN: list[LiteralString] = [
    INSERT,
    "INSERT INTO events.commands VALUES (gen_random_uuid(), 1, 1)",
    "INSERT INTO events.test_clock (ahead) VALUES ('1 day')",
    "INSERT INTO events.installation (environment) VALUES ('sandbox')",
    "SELECT setval('events.stored_events_notification_id_seq', 99)",
    "SELECT nextval('events.stored_events_notification_id_seq')",
    "SELECT * FROM events.migrations",
    "CREATE TABLE events.mine ()",
    "CREATE TABLE public.mine ()",
    "CREATE TEMPORARY TABLE mine ()",
    "CREATE SCHEMA mine",
    "ALTER TABLE events.stored_events DISABLE TRIGGER ALL",
    "DROP FUNCTION events.clock_now",
    "SET ROLE gongduan_owner",
    "SET session_replication_role = replica",
]
OF_THE_WORKER: list[LiteralString] = [
    "CREATE TABLE views.mine ()",
    "INSERT INTO views.notification_tracking VALUES ('me', 1)",
    "SELECT * FROM jobs.procrastinate_jobs",
    "SET ROLE gongduan_worker",
]
MOVE = "SELECT events.set_test_clock(%s)"
NOW = "SELECT events.clock_now()"


def store_one(database: Database) -> None:
    row = Row(
        UUID(int=2), version=1, follows=False, topic="test.fact@1", state=b"{}", event_id=UUID(int=3), metadata=b"{}"
    )
    submission = Submission(UUID(int=1), (row,))
    with psycopg.connect(database.service_url, autocommit=True) as connection:
        connection.execute(sql("append"), arguments([submission]))


def clock(connection: psycopg.Connection) -> datetime:
    found = connection.execute(NOW).fetchone()
    assert found is not None
    moment = found[0]
    assert isinstance(moment, datetime)
    return moment


def test_service_and_worker_may_append_but_not_write_change_or_create_anything_in_the_log(database: Database) -> None:
    store_one(database)
    for url in (database.service_url, database.worker_url):
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in FORBIDDEN + CHANGES:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)
            assert connection.execute("SELECT topic FROM events.stored_events").fetchall() == [("test.fact@1",)]


def test_the_service_reads_views_but_does_not_write_them_and_has_nothing_to_do_with_jobs(database: Database) -> None:
    with psycopg.connect(database.worker_url, autocommit=True) as worker:
        worker.execute("CREATE TABLE views.made_later AS SELECT 1 AS number")
    with psycopg.connect(database.service_url, autocommit=True) as service:
        for statement in OF_THE_WORKER:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                service.execute(statement)
        assert service.execute("SELECT number FROM views.made_later").fetchall() == [(1,)]


@pytest.mark.parametrize("statement", CHANGES)
def test_not_even_the_owner_or_a_superuser_changes_what_was_recorded(
    database: Database, statement: LiteralString
) -> None:
    store_one(database)
    for url in (database.owner_url, database.superuser_url):
        with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege, match="refused"):
            connection.execute(statement)


def test_a_session_that_switches_triggers_off_is_refused_all_the_same(database: Database) -> None:
    store_one(database)
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("SET session_replication_role = replica")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="never changed"):
            connection.execute("DELETE FROM events.stored_events")


def test_other_users_of_the_server_may_not_even_connect(database: Database) -> None:
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE stranger LOGIN PASSWORD 'x'")
        try:
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                psycopg.connect(database.server.url(database.name, "stranger", "x"))
        finally:
            connection.execute("DROP ROLE stranger")


@pytest.mark.parametrize("role", ["service_url", "worker_url"])
def test_the_clock_of_a_sandbox_goes_forward_and_never_back(database: Database, role: str) -> None:
    moment = datetime(2060, 1, 31, 9, tzinfo=UTC)
    with psycopg.connect(getattr(database, role), autocommit=True) as connection:
        connection.execute(MOVE, [moment])
        assert moment <= clock(connection) < moment + timedelta(seconds=5)
        connection.execute(MOVE, [moment - timedelta(seconds=1)])
        assert clock(connection) >= moment
        connection.execute(MOVE, [moment + timedelta(days=200)])  # over a change to summer time, were there one
        assert clock(connection) >= moment + timedelta(days=200)
    with psycopg.connect(database.owner_url) as owner:
        with pytest.raises(psycopg.errors.InvalidParameterValue, match="never goes back"), owner.transaction():
            owner.execute("UPDATE events.test_clock SET ahead = '0'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="never changed"):
            owner.execute("DELETE FROM events.test_clock")


def test_an_untouched_clock_shows_the_time_of_the_database(database: Database) -> None:
    with psycopg.connect(database.service_url) as connection:
        before, shown, after = connection.execute(
            "SELECT clock_timestamp(), events.clock_now(), clock_timestamp()"
        ).fetchone() or (0, 1, 0)
        assert before <= shown <= after


def test_nobody_moves_the_clock_in_production(empty_database: Database) -> None:
    migrate(empty_database.owner_url, "production")
    future = datetime(2060, 1, 1, tzinfo=UTC)
    for url in (empty_database.service_url, empty_database.worker_url, empty_database.superuser_url):
        with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
            connection.execute(MOVE, [future])
    with psycopg.connect(empty_database.owner_url) as owner:
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="not a sandbox"):
            owner.execute("INSERT INTO events.test_clock (ahead) VALUES ('1 day')")
        owner.rollback()
        assert clock(owner) < future

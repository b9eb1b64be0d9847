from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from procrastinate import App, SyncPsycopgConnector

from infrastructure.postgres.bootstrap_roles import prepare_database
from infrastructure.postgres.migrate import Migration, MigrationRefused, migrate, migrations, ordered, status
from tests.support.database import PASSWORD

if TYPE_CHECKING:
    from tests.support.database import Database

OUR_COLUMNS = ["event_id", "metadata", "recorded_at"]
COLUMNS = """
    SELECT attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid)
    FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum
"""
INDEXES = "SELECT replace(indexdef, schemaname || '.', '') FROM pg_indexes WHERE schemaname = %s AND tablename = %s"
TRACKING = "views.notification_tracking"


def ask(url: str, question: str, *parameters: Any) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(question, parameters).fetchall()


def library_datastore(database: Database, schema: str) -> PostgresDatastore:
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        info = connection.info
        return PostgresDatastore(info.dbname, info.host, info.port, info.user, info.password, schema=schema)


def test_every_step_is_applied_once_and_the_second_run_finds_nothing_to_do(empty_database: Database) -> None:
    names = tuple(step.name for step in migrations())
    assert status(empty_database.owner_url) == tuple((name, "pending") for name in names)

    assert migrate(empty_database.owner_url, "sandbox") == names
    assert migrate(empty_database.owner_url, "sandbox") == ()
    assert status(empty_database.owner_url) == tuple((name, "applied") for name in names)


def test_two_releases_starting_at_once_migrate_once(empty_database: Database) -> None:
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda _: migrate(empty_database.owner_url, "sandbox"), range(2)))
    assert sorted(runs, key=len) == [(), tuple(step.name for step in migrations())]


def test_a_file_edited_after_it_was_applied_is_refused(database: Database) -> None:
    first, *others = migrations()
    edited = (Migration(first.name, first.script + "-- one more word"), *others)
    with pytest.raises(MigrationRefused, match="0001_pre_installation_and_clock was edited after it had been applied"):
        migrate(database.owner_url, "sandbox", steps=edited)


def test_a_database_of_a_newer_release_is_refused(database: Database) -> None:
    with pytest.raises(MigrationRefused, match="_job_queue, which only a newer release knows"):
        migrate(
            database.owner_url, "sandbox", steps=tuple(step for step in migrations() if "job_queue" not in step.name)
        )


def test_a_step_that_fails_leaves_nothing_and_can_be_tried_again(database: Database) -> None:
    broken = Migration("9001_pre_broken", "CREATE TABLE events.half (); SELECT 1 / 0;")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(database.owner_url, "sandbox", steps=(*migrations(), broken))
    assert ask(database.owner_url, "SELECT to_regclass('events.half')") == [(None,)]

    mended = Migration("9001_pre_broken", "CREATE TABLE events.half ();")
    assert migrate(database.owner_url, "sandbox", steps=(*migrations(), mended)) == ("9001_pre_broken",)


def test_post_steps_wait_until_the_old_release_has_gone(database: Database) -> None:
    steps = (*migrations(), Migration("9001_post_drop", "SELECT 1"), Migration("9002_pre_add", "SELECT 1"))
    assert migrate(database.owner_url, "sandbox", steps=steps, only_pre=True) == ("9002_pre_add",)
    assert migrate(database.owner_url, "sandbox", steps=steps) == ("9001_post_drop",)


def test_a_step_that_waits_for_a_busy_table_gives_up_instead_of_blocking_everybody(database: Database) -> None:
    steps = (*migrations(), Migration("9001_pre_index", "ALTER TABLE events.stored_events ADD COLUMN more text"))
    with psycopg.connect(database.service_url) as busy:
        busy.execute("SELECT count(*) FROM events.stored_events")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            migrate(database.owner_url, "sandbox", steps=steps)


@pytest.mark.parametrize("names", [("1_pre_short",), ("0001_before_words",), ("0001_pre_one", "0001_post_two")])
def test_misnamed_steps_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(MigrationRefused):
        ordered(Migration(name, "SELECT 1") for name in names)


def test_what_an_installation_is_is_said_once(database: Database) -> None:
    with pytest.raises(MigrationRefused, match="set up as sandbox and cannot serve as production"):
        migrate(database.owner_url, "production")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="never changed"):
        ask(database.owner_url, "UPDATE events.installation SET environment = 'production'")


def test_preparing_a_database_again_changes_nothing(database: Database) -> None:
    prepare_database(database.server.url(), database.name, PASSWORD)
    assert status(database.owner_url)[0] == ("0001_pre_installation_and_clock", "applied")


def test_the_event_table_is_the_librarys_own_and_our_columns(database: Database) -> None:
    with library_datastore(database, "scratch") as datastore:
        PostgresApplicationRecorder(datastore).create_table()

    theirs = ask(database.superuser_url, COLUMNS, "scratch.stored_events")
    theirs = [(*column, default and default.replace("scratch.", "events.")) for *column, default in theirs]
    ours = ask(database.superuser_url, COLUMNS, "events.stored_events")
    assert ours[: len(theirs)] == theirs
    assert [name for name, *_ in ours[len(theirs) :]] == OUR_COLUMNS

    their_indexes = set(ask(database.superuser_url, INDEXES, "scratch", "stored_events"))
    our_indexes = set(ask(database.superuser_url, INDEXES, "events", "stored_events"))
    [extra] = our_indexes - their_indexes
    assert their_indexes < our_indexes
    assert "(recorded_at)" in extra[0]

    options = "SELECT reloptions FROM pg_class WHERE oid = %s::regclass"
    for one, other in (("scratch.stored_events", "events.stored_events"),):
        assert ask(database.superuser_url, options, one) == ask(database.superuser_url, options, other)
    shape = "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = %s::regclass"
    for kind in ("stored_event_uuid",):
        assert ask(database.superuser_url, shape, f"scratch.{kind}") == ask(
            database.superuser_url, shape, f"events.{kind}"
        )


def test_the_job_queue_stands_in_its_own_schema_and_works_for_the_worker(database: Database) -> None:
    owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'jobs'"
    assert ask(database.superuser_url, owners) == [("gongduan_worker",)]

    app = App(connector=SyncPsycopgConnector(conninfo=database.worker_url, kwargs={"options": "-c search_path=jobs"}))
    with app.open():
        job_id = app.configure_task("notify").defer(case="1")
    queued = ask(database.worker_url, "SELECT id, task_name, status::text FROM jobs.procrastinate_jobs")
    assert queued == [(job_id, "notify", "todo")]

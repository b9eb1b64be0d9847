"""Brings a database to the shape this release needs: numbered SQL files, each applied once and never edited after."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal, LiteralString

import psycopg
from procrastinate.schema import SchemaManager

from infrastructure.postgres.sql_loader import sql

if TYPE_CHECKING:
    from collections.abc import Iterable

Environment = Literal["sandbox", "production"]
State = Literal["applied", "pending", "edited", "unknown"]

_NAME: Final = re.compile(r"\d{4}_(pre|post)_[a-z0-9_]+")
_LOCK: Final = 4741656200  # any number that nothing else in the database locks; the append function has the next
_AS_WORKER_IN_JOBS: Final = "SET LOCAL ROLE gongduan_worker; SET LOCAL search_path = jobs;"


class MigrationRefused(Exception):
    """The database and this release do not agree about what has been done; nothing more was applied."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: `pre` runs before the new release serves, `post` after the old one has gone."""

    name: str
    script: LiteralString

    @property
    def digest(self) -> str:
        """What the script said, to notice when it says something else later."""
        return sha256(self.script.encode()).hexdigest()

    @property
    def is_post(self) -> bool:
        """Whether it must wait until the old release has gone."""
        return self.name[5:].startswith("post_")


def migrations() -> tuple[Migration, ...]:
    """All steps of this release in their order."""
    folder = files("infrastructure.postgres") / "migrations"
    found = [
        Migration(path.name.removesuffix(".sql"), path.read_text(encoding="utf-8"))
        for path in folder.iterdir()
        if path.name.endswith(".sql")
    ]
    # The job queue's schema is the library's own and cannot be applied twice, so it is a step like the others.
    # When a later release of it changes the schema, its own migration files become further steps here.
    found.append(Migration("0006_pre_job_queue", _AS_WORKER_IN_JOBS + SchemaManager.get_schema()))
    return ordered(found)


def ordered(found: Iterable[Migration]) -> tuple[Migration, ...]:
    """The steps by number; refused when a name is not of the form 0001_pre_words or a number is taken twice."""
    steps = tuple(sorted(found, key=lambda step: step.name))
    for step in steps:
        if not _NAME.fullmatch(step.name):
            msg = f"the migration {step.name} is not named like 0001_pre_words or 0001_post_words"
            raise MigrationRefused(msg)
    for one, next_one in pairwise(steps):
        if one.name[:4] == next_one.name[:4]:
            msg = f"the migrations {one.name} and {next_one.name} have the same number"
            raise MigrationRefused(msg)
    return steps


def migrate(
    owner_url: str,
    environment: Environment,
    *,
    only_pre: bool = False,
    steps: tuple[Migration, ...] | None = None,
) -> tuple[str, ...]:
    """Apply what is pending, as the owner; the names of what was applied.

    `environment` is recorded by the first run and compared by every later one. With `only_pre` those steps stay
    pending that must wait until the release before this one has gone.
    """
    steps = migrations() if steps is None else steps
    with psycopg.connect(owner_url, autocommit=True) as connection:
        # Two releases starting at once: the second waits here, then finds nothing left to do.
        connection.execute("SET lock_timeout = '120s'")
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        # From here on whoever waits for a table makes every other user of it wait behind: give up soon.
        connection.execute("SET lock_timeout = '5s'")
        connection.execute(sql("ensure_events_schema"))
        connection.execute(sql("ensure_migrations_table"))
        done = _applied(connection)
        _refuse_drift(steps, done)
        if done:
            _settle_environment(connection, environment)
        pending = [step for step in steps if step.name not in done and not (only_pre and step.is_post)]
        for step in pending:
            with connection.transaction():
                connection.execute(step.script)
                connection.execute("RESET ROLE")
                connection.execute(sql("insert_migration"), {"name": step.name, "digest": step.digest})
        _settle_environment(connection, environment)
    return tuple(step.name for step in pending)


def status(url: str) -> tuple[tuple[str, State], ...]:
    """What stands with each step, without changing anything; `unknown` is one of a newer release."""
    with psycopg.connect(url, autocommit=True) as connection:
        done = _applied(connection) if connection.execute(sql("has_migrations_table")).fetchone() == (True,) else {}
    steps = {step.name: step.digest for step in migrations()}
    return tuple((name, _state(steps.get(name), done.get(name))) for name in sorted(steps | done))


def _state(wanted: str | None, found: str | None) -> State:
    if wanted is None:
        return "unknown"
    if found is None:
        return "pending"
    return "applied" if wanted == found else "edited"


def _applied(connection: psycopg.Connection) -> dict[str, str]:
    return dict(connection.execute(sql("select_migrations")).fetchall())


def _refuse_drift(steps: tuple[Migration, ...], done: dict[str, str]) -> None:
    wanted = {step.name: step.digest for step in steps}
    for name, digest in done.items():
        match _state(wanted.get(name), digest):
            case "unknown":
                msg = f"the database has had {name}, which only a newer release knows"
                raise MigrationRefused(msg)
            case "edited":
                msg = f"{name} was edited after it had been applied: put it back and add a new file"
                raise MigrationRefused(msg)
            case _:
                pass


def _settle_environment(connection: psycopg.Connection, environment: Environment) -> None:
    connection.execute(sql("insert_installation"), {"environment": environment})
    found = connection.execute(sql("select_installation")).fetchone()
    if found != (environment,):
        msg = f"this database was set up as {found and found[0]} and cannot serve as {environment}"
        raise MigrationRefused(msg)

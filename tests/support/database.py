"""One PostgreSQL for a test session, and a migrated database of its own for each test that asks."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from infrastructure.postgres.bootstrap_roles import OWNER, SERVICE, WORKER, prepare_database
from infrastructure.postgres.embedded import Embedded
from infrastructure.postgres.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD: Final = "only-for-tests"
SERVER: Final = "GONGDUAN_TEST_SERVER"  # where the server of this run lies; worker processes inherit it
_TEMPLATE: Final = "gongduan_template"


@dataclass(frozen=True, slots=True)
class Database:
    """The addresses of one database, by who asks."""

    server: Embedded
    name: str

    @property
    def superuser_url(self) -> str:
        return self.server.url(self.name)

    @property
    def owner_url(self) -> str:
        return self.server.url(self.name, OWNER, PASSWORD)

    @property
    def service_url(self) -> str:
        return self.server.url(self.name, SERVICE, PASSWORD)

    @property
    def worker_url(self) -> str:
        return self.server.url(self.name, WORKER, PASSWORD)


def choose_folder() -> Path | None:
    """A folder for this run's server, or nothing when the process that started this one has chosen it."""
    if SERVER in os.environ:
        return None
    # Not pytest's own temporary folder: that one is closed to the user who runs PostgreSQL for root.
    folder = Path(tempfile.gettempdir()) / f"gongduan-tests-{secrets.token_hex(6)}"
    os.environ[SERVER] = str(folder)
    return folder


def remove_folder(folder: Path) -> None:
    """Called when all users of the server have gone."""
    shutil.rmtree(folder, ignore_errors=True)
    del os.environ[SERVER]


@pytest.fixture(scope="session")
def server() -> Iterator[Embedded]:
    with Embedded(Path(os.environ[SERVER])) as running:
        yield running


@pytest.fixture(scope="session")
def template(server: Embedded) -> str:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        # The workers of a parallel run share the server: the first makes the template, the others wait for it.
        connection.execute("SELECT pg_advisory_lock(1)")
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", (_TEMPLATE,)).fetchone() is None:
            making = f"{_TEMPLATE}_{secrets.token_hex(4)}"
            prepare_database(server.url(), making, PASSWORD)
            migrate(server.url(making, OWNER, PASSWORD), "sandbox")
            connection.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(making), Identifier(_TEMPLATE)))
    return _TEMPLATE


def _fresh(server: Embedded, template: str) -> Iterator[Database]:
    name = f"test_{secrets.token_hex(6)}"
    prepare_database(server.url(), name, PASSWORD, template)
    yield Database(server, name)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture
def database(server: Embedded, template: str) -> Iterator[Database]:
    """A migrated sandbox without events."""
    yield from _fresh(server, template)


@pytest.fixture
def empty_database(server: Embedded) -> Iterator[Database]:
    """A database with its roles and nothing in it, for who tests the migrations themselves."""
    yield from _fresh(server, "template0")

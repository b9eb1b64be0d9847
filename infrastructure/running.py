"""What a process stands on when it starts: a port of its own and a database, embedded where no URL is given."""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import psutil
import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier
from pydantic import SecretStr

from infrastructure.postgres.bootstrap_roles import OWNER, WORKER, prepare_database
from infrastructure.postgres.embedded import Embedded
from infrastructure.postgres.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from infrastructure.settings import Settings

DATABASE: Final = "gongduan"
T = TypeVar("T")


class PortTaken(Exception):
    """Another program listens where the service should."""


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a process's one event loop to its end, on the fast loop where there is one."""
    with asyncio.Runner(loop_factory=_fast_loop()) as runner:
        return runner.run(main)


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop  # noqa: PLC0415 - there is none for Windows

    return uvloop.new_event_loop


@contextmanager
def database(settings: Settings) -> Iterator[Settings]:
    """The settings with the URLs of a migrated database: those given, or an embedded one started for the purpose."""
    if settings.database_url is not None:
        yield settings
        return
    with Embedded(settings.data / "postgres") as server:
        yield embedded_database(settings, server, current_database(settings))


def embedded_database(settings: Settings, server: Embedded, name: str) -> Settings:
    """A migrated database of this name on the embedded server, and the URLs of its roles."""
    # The roles of an embedded server share its one password, which lies in a file that only its user reads.
    prepare_database(server.url(), name, str(conninfo_to_dict(server.url())["password"]))
    owner_url = server.url(name, OWNER)
    migrate(owner_url, settings.environment)
    return settings.model_copy(
        update={
            "owner_url": SecretStr(owner_url),
            # One process does both here, so it gets the role that may do both.
            "database_url": SecretStr(server.url(name, WORKER)),
        }
    )


def remove_left_over(server: Embedded, prefix: str) -> None:
    """Drop the databases `<prefix><pid>_…` of processes that were killed."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        names = [row[0] for row in connection.execute("SELECT datname FROM pg_database")]
    for name in names:
        if name.startswith(prefix):
            pid = name.removeprefix(prefix).split("_")[0]
            if not (pid.isdigit() and psutil.pid_exists(int(pid))):
                drop(server, name)


def drop(server: Embedded, name: str) -> None:
    """Drop a database, whoever is still connected."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def current_database(settings: Settings) -> str:
    """The embedded database that commands look into: the last demo's, or the service's own."""
    try:
        return (settings.data / "current-database").read_text().strip() or DATABASE
    except FileNotFoundError:
        return DATABASE


def check_port(host: str, port: int) -> None:
    """Refuse a port that somebody else listens on, before anything is started."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            msg = f"port {port} on {host} cannot be had: end the program that has it, or choose another with --port"
            raise PortTaken(msg) from error

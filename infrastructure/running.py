"""What a process stands on when it starts: the database, embedded where no URL is given, and the serving loop."""

from __future__ import annotations

import asyncio
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import structlog
import uvicorn
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from infrastructure.bootstrap import open_container, open_worker
from infrastructure.http.app import create_app
from infrastructure.http.auth import Verifier
from infrastructure.postgres.bootstrap_roles import OWNER, WORKER, prepare_database
from infrastructure.postgres.embedded import Embedded
from infrastructure.postgres.migrate import migrate
from infrastructure.privacy.keys import signing_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infrastructure.settings import Settings

DATABASE: Final = "gongduan"
DRAIN_S: Final = 5

log = structlog.get_logger()


class PortTaken(Exception):
    """Another program listens where the service should."""


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


async def serve(settings: Settings, *, with_worker: bool) -> None:
    """Serve HTTP until told to stop, with the worker in the same process or without."""
    async with open_container(settings) as container:
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(container, Verifier(signing_key(settings.data / "keys"))),
                host=settings.host,
                port=settings.port,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=DRAIN_S,
                lifespan="off",
            )
        )
        log.info("serving", host=settings.host, port=settings.port)
        if not with_worker:
            await server.serve()
            return
        async with open_worker(container) as worker:
            serving = asyncio.create_task(server.serve())
            await asyncio.wait({serving, worker}, return_when=asyncio.FIRST_COMPLETED)
            if worker.done():
                server.should_exit = True
                await serving
                worker.result()
            await serving


async def work(settings: Settings) -> None:
    """Run followers, sweeper and jobs until told to stop."""
    async with open_container(settings) as container, open_worker(container) as worker:
        log.info("working")
        await worker

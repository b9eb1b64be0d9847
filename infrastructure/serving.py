"""The serving loop and the worker's."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import structlog
import uvicorn

from infrastructure.bootstrap import open_container, open_worker
from infrastructure.http.app import create_app
from infrastructure.http.auth import Verifier
from infrastructure.privacy.keys import signing_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

    from infrastructure.settings import Settings

DRAIN_S: Final = 5

log = structlog.get_logger()


class Server(uvicorn.Server):
    """Ends when told to and lets its process end in order; the library's own raises the signal again at the end."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals for as long as the server serves."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def http_server(settings: Settings, app: FastAPI) -> Server:
    """The server of an application, where and as the settings say."""
    return Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=DRAIN_S,
            lifespan="off",
        )
    )


async def serve(settings: Settings, *, with_worker: bool) -> None:
    """Serve HTTP until told to stop, with the worker in the same process or without."""
    async with open_container(settings) as container:
        server = http_server(settings, create_app(container, Verifier(signing_key(settings.data / "keys"))))
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
    """Run followers, sweeper and jobs until told to stop; what a job has begun it may end."""
    told = asyncio.Event()
    # Ctrl-C needs nothing here: it cancels this function, which ends what it holds in the same order.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    async with open_container(settings) as container, open_worker(container) as worker:
        log.info("working")
        waiting = asyncio.create_task(told.wait())
        await asyncio.wait({worker, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if worker.done():
            worker.result()

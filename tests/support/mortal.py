"""A payout's whole way in a process that kills itself between two steps: at every call and every commit, by number.

A step is whatever crosses the border of this process: a call of the store, a statement of the job queue, a commit of
the follower that enqueues, and each event of the HTTP connection to the payment service. They are not listed here but
heard of where they pass, so a new one is met without being told.
"""

from __future__ import annotations

import asyncio
import functools
import os
import signal
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from infrastructure.bootstrap import MAPPER, open_container, open_payments
from infrastructure.postgres import jobs
from infrastructure.postgres.follower import Following, connect
from infrastructure.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from multiprocessing.connection import Connection

    import httpx2

FOR_EVER_S = 3600.0
OF_STORE = ("load", "append", "of_command")
OF_QUEUE = ("execute_query_async", "execute_query_one_async", "execute_query_all_async")


@dataclass
class Steps:
    """Counts the steps; at the one of this number the process is gone."""

    last: int
    passed: list[str] = field(default_factory=list)

    def step(self, what: str) -> None:
        self.passed.append(what)
        if len(self.passed) == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, holder: Any, name: str, label: str) -> None:
        """One step before the call and one behind it."""
        call: Callable[..., Awaitable[Any]] = getattr(holder, name)

        @functools.wraps(call)
        async def stepped(*arguments: Any, **named: Any) -> Any:
            what = f"{label} {_what(arguments, named)}".strip()
            self.step(f"before {what}")
            answer = await call(*arguments, **named)
            self.step(f"after {what}")
            return answer

        setattr(holder, name, stepped)


def _what(arguments: tuple[Any, ...], named: dict[str, Any]) -> str:
    """Which statement it is: a function of the queue, or a statement of ours by the words that explain it."""
    if "query" in named:
        words = str(named["query"]).replace("(", " ").split()
        return next(word for word in words if "procrastinate_" in word)
    statement = arguments[0] if arguments else ""
    return statement.splitlines()[0] if isinstance(statement, str) else ""


def settings(worker_url: str, data: str, payments: str) -> Settings:
    return Settings(database_url=SecretStr(worker_url), data=Path(data), payments_url=payments)


async def pay_all(given: Settings, steps: Steps) -> None:
    """What a worker does from the log to the payment, one thing after the other, until nothing is left to do."""
    async with open_container(given) as container, open_payments(given) as payments:
        for name in OF_STORE:
            steps.around(container.store, name, f"store.{name}")
        payments._client.event_hooks["request"] = [_tracing(steps)]
        queue = jobs.open_queue(given.database_url.get_secret_value() if given.database_url else "")
        jobs.add_tasks(queue, container.desk, payments, container.views)
        async with queue.open_async():
            for name in OF_QUEUE:
                steps.around(queue.connector, name, "queue")
            following = Following("", MAPPER, [])
            async with _stepping(given, steps) as connection:
                steps.step("before the follower's batch")
                await following.step(connection, jobs.paying(queue))
                steps.step("after the follower's commit")
            # What the worker does by its own clock would be steps that come or do not: it does nothing so soon.
            await queue.run_worker_async(
                wait=False,
                listen_notify=False,
                install_signal_handlers=False,
                delete_jobs="successful",
                update_heartbeat_interval=FOR_EVER_S,
                abort_job_polling_interval=FOR_EVER_S,
            )


def _tracing(steps: Steps) -> Callable[[httpx2.Request], Awaitable[None]]:
    async def trace(name: str, _info: dict[str, Any]) -> None:
        steps.step(f"http {name}")

    async def ask(request: httpx2.Request) -> None:
        request.extensions = {**request.extensions, "trace": trace}

    return ask


@asynccontextmanager
async def _stepping(given: Settings, steps: Steps) -> AsyncIterator[Any]:
    """The follower's connection, each statement a step: its commit is the last of them."""
    assert given.database_url is not None
    async with await connect(given.database_url.get_secret_value()) as connection:
        steps.around(connection, "execute", "follower")
        yield connection


def live(given: Settings, last: int, tell: Connection) -> None:
    """The process: tells what it passed, if it comes to that."""
    steps = Steps(last)
    asyncio.run(pay_all(given, steps))
    tell.send(steps.passed)

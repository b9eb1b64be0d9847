"""The row of commands over HTTP: merchants answer disputes, each once, through one server process."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from domain.kernel import Role
from infrastructure.bench.material import MERCHANT, PLATFORM, copy, live
from infrastructure.bench.measure import Sides
from infrastructure.bootstrap import open_container
from infrastructure.demo import children
from infrastructure.http import examples
from infrastructure.http.auth import mint
from infrastructure.privacy.keys import signing_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from uuid import UUID

    from infrastructure.bench.room import Room

CONNECTIONS: Final = 64
PREPARED_A_SECOND: Final = 3_000  # requests for each second of a round; who is faster ends sooner
HOURS: Final = 12.0


class Refused(Exception):
    """The service did not carry out what it was asked; the message says what it answered."""


@asynccontextmanager
async def http_command(room: Room) -> AsyncIterator[Sides]:
    """Disputes answered, against the same server, checks and answer with nothing done in between."""
    async with AsyncExitStack() as stack:
        container = await stack.enter_async_context(open_container(room.settings))
        life = await live(container)
        port = _free_port()
        environment = {
            "GONGDUAN_DATABASE_URL": room.worker_url,
            "GONGDUAN_DATA": str(room.settings.data),
            "GONGDUAN_HOST": "127.0.0.1",
            "GONGDUAN_PORT": str(port),
        }
        service = children.start(
            "service", "infrastructure.bench.served", str(life.stream), environment=environment, folder=room.folder
        )
        stack.callback(service.stop)
        await asyncio.to_thread(children.wait_for_health, service, f"http://127.0.0.1:{port}")
        token = mint(signing_key(room.settings.data / "keys"), Role.MERCHANT, MERCHANT.id, PLATFORM, HOURS)

        async def answered(path: str, disputes: Sequence[UUID], seconds: float) -> float:
            service.check()
            return await _called(
                {
                    "host": "127.0.0.1",
                    "port": port,
                    "token": token,
                    "body": json.dumps(examples.RESPONDING),
                    "paths": [path.format(dispute=dispute) for dispute in disputes],
                    "connections": CONNECTIONS,
                    "seconds": seconds,
                }
            )

        async def commands(seconds: float) -> float:
            disputes = await copy(container, life, 1, ceil(seconds * PREPARED_A_SECOND))
            return await answered("/v1/disputes/{dispute}/responses", disputes, seconds)

        async def idle(seconds: float) -> float:
            return await answered(
                "/v1/idle/{dispute}/responses", [life.stream] * ceil(seconds * PREPARED_A_SECOND), seconds
            )

        yield Sides(commands, idle, "the same server doing nothing")


async def _called(plan: dict[str, Any]) -> float:
    """Commands a second, all carried out; the callers are a process of their own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "infrastructure.bench.caller"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        said, _ = await process.communicate(json.dumps(plan).encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise Refused(f"the callers ended with {process.returncode}")
    found = json.loads(said)
    if found["lost"] or set(found["statuses"]) - {"201"}:
        raise Refused(f"the service answered {found['statuses']}, and ended {found['lost']} connections")
    return float(found["statuses"].get("201", 0) / found["seconds"])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

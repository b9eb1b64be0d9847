"""Many callers over HTTP from a process of their own, so lean that the server is what is measured.

Reads a plan as JSON from standard input and writes what it found as JSON: requests made by hand, connections kept
alive, of the answers only the status and the length are looked at.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from infrastructure.running import run

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER_END: Final = b"\r\n\r\n"
LENGTH: Final = b"\r\ncontent-length: "


@dataclass(frozen=True, slots=True)
class Plan:
    """What is sent: to each path once, the same body, under a key of its own."""

    host: str
    port: int
    token: str
    body: str
    paths: list[str]
    connections: int
    seconds: float


@dataclass(slots=True)
class Found:
    """How many answers there were of each status, in which time; `lost` connections ended by themselves."""

    seconds: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)
    lost: int = 0


class Talk(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self, requests: Iterator[bytes], found: Found) -> None:
        self._requests = requests
        self._found = found
        self._got = b""
        self._transport: Any = None
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Go on when the answer is whole."""
        self._got += data
        end = self._got.find(HEADER_END)
        start = self._got.find(LENGTH, 0, end) + len(LENGTH)
        if end < 0 or len(self._got) < end + len(HEADER_END) + int(self._got[start : self._got.find(b"\r", start)]):
            return
        status = self._got[9:12].decode()
        self._found.statuses[status] = self._found.statuses.get(status, 0) + 1
        self._got = b""
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side ended, if it was not over before."""
        del exc
        if not self.over.done():
            self._found.lost += 1
            self.over.set_result(None)

    def _ask(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self.over.set_result(None)
            self._transport.close()
        else:
            self._transport.write(request)


def requests(plan: Plan, end: float) -> Iterator[bytes]:
    """The requests of a plan, until they or the time run out."""
    body = plan.body.encode()
    head = (
        f"Host: {plan.host}:{plan.port}\r\nAuthorization: Bearer {plan.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nIdempotency-Key: "
    )
    for path in plan.paths:
        if time.perf_counter() > end:
            return
        yield f"POST {path} HTTP/1.1\r\n{head}{path}\r\n\r\n".encode() + body


async def call(plan: Plan) -> Found:
    """Send what the plan says."""
    found = Found()
    began = time.perf_counter()
    asked = requests(plan, began + plan.seconds)
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: Talk(asked, found), plan.host, plan.port) for _ in range(plan.connections)
    ]
    await asyncio.gather(*(talk.over for _, talk in made))
    found.seconds = time.perf_counter() - began
    return found


if __name__ == "__main__":
    json.dump(asdict(run(call(Plan(**json.load(sys.stdin))))), sys.stdout)

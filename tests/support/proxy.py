"""A line to the database that can be cut at a chosen moment, fall silent, and come back."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from psycopg.conninfo import conninfo_to_dict, make_conninfo

if TYPE_CHECKING:
    from collections.abc import Coroutine

STORED = b"appended"  # stands in the reply to an append that stored something


class Line:
    """A TCP proxy before a database, on a loop and thread of its own, so that any test and any process can use it.

    What is cut is counted in `cuts`. What is held back while the line is silent goes on when it speaks again.
    """

    def __init__(self, url: str) -> None:
        self._target = conninfo_to_dict(url)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._open: set[asyncio.Task[None]] = set()
        self._request_to_lose = self._reply_to_lose = b""
        self._stuck: set[asyncio.Task[None]] = set()
        self.cuts = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._listen())
        port = self._server.sockets[0].getsockname()[1]
        self.url = make_conninfo("", **(self._target | {"host": "127.0.0.1", "port": port}))
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._hang_up())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def lose_request(self, holding: bytes) -> None:
        """Cut the connection that next sends this, before the server gets it."""
        self._request_to_lose = holding

    def lose_reply(self, holding: bytes = STORED) -> None:
        """Cut the connection on which the server next answers this: the work is done, and nobody hears of it."""
        self._reply_to_lose = holding

    def cut(self) -> None:
        """Cut all connections there are; new ones are welcome."""
        self._do(self._cut())

    def fall_silent(self) -> None:
        """Accept everything and pass on nothing."""
        self._loop.call_soon_threadsafe(self._speaking.clear)

    def get_stuck(self) -> None:
        """Pass nothing on any more over the connections there are, nor notice their end; new ones are as always."""
        self._loop.call_soon_threadsafe(lambda: self._stuck.update(self._open))

    def speak(self) -> None:
        """Pass everything on again."""
        self._loop.call_soon_threadsafe(self._speaking.set)

    def _do(self, work: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listen(self) -> None:
        self._speaking = asyncio.Event()
        self._speaking.set()
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)

    async def _hang_up(self) -> None:
        self._server.close()
        await self._cut()

    async def _cut(self) -> None:
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = self._loop.create_task(self._join(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            try:
                await self._speaking.wait()
                server_reader, server_writer = await self._dial()
            except BaseException:
                writer.close()
                raise
            mine = asyncio.current_task()
            ways = {
                self._loop.create_task(self._carry(mine, reader, server_writer, is_reply=False)),
                self._loop.create_task(self._carry(mine, server_reader, writer, is_reply=True)),
            }
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                writer.close()
                server_writer.close()

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, port = str(self._target["host"]), int(self._target["port"] or 5432)
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)

    async def _carry(
        self,
        line: asyncio.Task[None] | None,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        *,
        is_reply: bool,
    ) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                await self._speaking.wait()
                if line in self._stuck:
                    break
                if self._is_lost(data, is_reply=is_reply):
                    self.cuts += 1
                    return
                sink.write(data)
                await sink.drain()
        if line in self._stuck:
            await asyncio.Event().wait()  # until it is cut

    def _is_lost(self, data: bytes, *, is_reply: bool) -> bool:
        if is_reply and self._reply_to_lose and self._reply_to_lose in data:
            self._reply_to_lose = b""
            return True
        if not is_reply and self._request_to_lose and self._request_to_lose in data:
            self._request_to_lose = b""
            return True
        return False

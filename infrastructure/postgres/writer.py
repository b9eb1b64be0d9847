"""The group-commit writer: what waits while a commit is in flight goes into the next one, each with its own answer."""

from __future__ import annotations

import asyncio
import select
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import structlog
from psycopg import AsyncConnection, OperationalError

from infrastructure.postgres.appending import Answer, Submission, append_batch, look_up
from infrastructure.postgres.pool import CONNECT_S, LOCK_S, SILENCE_S, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg.rows import TupleRow

QUEUE_MAX: Final = 2048  # submissions that may wait
BATCH_MAX: Final = 256  # submissions of one commit
BATCH_BYTES_MAX: Final = 4 << 20
RETURN_S: Final = 5.0  # how long a database that is away is waited for
FIRST_PAUSE_S: Final = 0.02

log = structlog.get_logger()


class Overloaded(OperationalError):
    """As many commands as may wait are waiting already; this one was not taken."""

    def __init__(self, at_most: int) -> None:
        super().__init__(f"{at_most} commands are waiting to be stored, and no more may")
        self.at_most = at_most


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A submission, and where its answer is waited for."""

    submission: Submission
    bytes: int
    answer: asyncio.Future[Answer]

    def tell(self, said: Answer | Exception) -> None:
        """Answer; whoever has gone away in the meantime takes nobody else along."""
        if self.answer.done():
            return
        if isinstance(said, Exception):
            self.answer.set_exception(said)
        else:
            self.answer.set_result(said)


class GroupWriter:
    """Brings submissions into the log over a connection of its own, all that wait in one call and one commit.

    Nothing is timed: a lone submission goes at once, and the next batch gathers while a commit is in flight.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: AsyncConnection[TupleRow] | None = None
        self._queue: deque[_Waiting] = deque()
        self._news = asyncio.Event()
        self._closing = False

    async def __aenter__(self) -> Self:
        self._writing = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Take nothing more, write what waits, hang up."""
        self._closing = True
        self._news.set()
        await self._writing
        await self._disconnect()

    async def submit(self, submission: Submission) -> Answer:
        """What became of it; raises OperationalError where it is not known to be stored, and Overloaded untaken."""
        if self._closing:
            raise OperationalError("the writer is closing and takes nothing more")
        if len(self._queue) >= QUEUE_MAX:
            raise Overloaded(QUEUE_MAX)
        size = sum(len(row.state) + len(row.metadata) for row in submission.rows)
        waiting = _Waiting(submission, size, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._news.set()
        return await waiting.answer

    async def _run(self) -> None:
        while self._queue or not self._closing:
            self._news.clear()
            if not self._queue:
                await self._news.wait()
                continue
            try:
                await self._connected()
            except OperationalError as away:
                # Nobody who waits now is made to wait as long again.
                log.warning("append.database_away", error=type(away).__name__, count=len(self._queue))
                _tell(self._queue, [away] * len(self._queue))
                self._queue.clear()
            else:
                await self._write(self._take())

    def _take(self) -> list[_Waiting]:
        """The next batch, without those whose senders have gone away."""
        batch: list[_Waiting] = []
        size = 0
        while self._queue and len(batch) < BATCH_MAX:
            size += self._queue[0].bytes
            if batch and size > BATCH_BYTES_MAX:
                break
            waiting = self._queue.popleft()
            if not waiting.answer.done():
                batch.append(waiting)
        return batch

    async def _write(self, batch: list[_Waiting]) -> None:
        """Append a batch and answer each; one that breaks its batch fails alone."""
        if not batch:
            return
        said: Sequence[Answer | Exception]
        try:
            said = await self._append([one.submission for one in batch])
        except OperationalError as error:
            said = [error] * len(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, its sender hears of it
            if len(batch) > 1:
                log.warning("append.batch_broken", error=type(error).__name__, count=len(batch))
                for one in batch:
                    await self._write([one])
                return
            said = [error]
        _tell(batch, said)

    async def _append(self, batch: list[Submission]) -> Sequence[Answer | Exception]:
        """One call; when its reply is lost, the log is asked, since nobody else knows what became of it."""
        connection = await self._connected()
        try:
            async with within(SILENCE_S, connection):
                return await append_batch(connection, batch)
        except OperationalError as error:
            if not connection.closed:
                raise
            lost = error
        log.warning("append.reply_lost", error=type(lost).__name__, count=len(batch))
        connection = await self._connected()
        async with within(SILENCE_S, connection):
            found = await look_up(connection, batch)
        # What is not there now may still come, if the server has not noticed that we are gone: sending it again is the
        # caller's to do, under the same command id; an answer is never guessed.
        return [answer or lost for answer in found]

    async def _connected(self) -> AsyncConnection[TupleRow]:
        """The connection; a new one when it has died, waited for as long as a restart of the database takes."""
        if self._connection is not None and not _is_dead(self._connection):
            return self._connection
        await self._disconnect()
        loop = asyncio.get_running_loop()
        give_up, pause = loop.time() + RETURN_S, FIRST_PAUSE_S
        while True:
            try:
                self._connection = await AsyncConnection.connect(
                    self._url,
                    autocommit=True,
                    connect_timeout=CONNECT_S,
                    options=f"-c lock_timeout={LOCK_S}s",
                )
            except OperationalError:
                if loop.time() + pause > give_up:
                    raise
            else:
                return self._connection
            await asyncio.sleep(pause)
            pause *= 2

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OperationalError):
                await connection.close()


def _tell(waiting: Sequence[_Waiting] | deque[_Waiting], said: Sequence[Answer | Exception]) -> None:
    for one, answer in zip(waiting, said, strict=True):
        one.tell(answer)


def _is_dead(connection: AsyncConnection[TupleRow]) -> bool:
    """Whether an idle connection is of no more use: a server that says something unasked says farewell."""
    if connection.closed:
        return True
    listening = select.poll()
    listening.register(connection.fileno(), select.POLLIN)
    return bool(listening.poll(0))

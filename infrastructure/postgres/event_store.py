"""The log on PostgreSQL for everything that serves: asynchronous, reads on a pool of connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from application.ports import Appended, Conflict, Recorded
from infrastructure.postgres.appending import Row, Submission
from infrastructure.postgres.mapper import decode_metadata, encode_metadata
from infrastructure.postgres.pool import fetch
from infrastructure.postgres.sql_loader import sql

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import LiteralString
    from uuid import UUID

    from psycopg.rows import TupleRow

    from application.ports import Metadata, NewEvents
    from infrastructure.postgres.appending import Answer
    from infrastructure.postgres.mapper import Mapper
    from infrastructure.postgres.pool import Pool

_LAST_VERSION: Final = 2**63 - 1


class Writer(Protocol):
    """Brings submissions into the log, one at a time or gathered."""

    async def submit(self, submission: Submission) -> Answer:
        """What became of it; raises only when it is not known to be stored."""
        ...


class PostgresEventStore:
    """The port EventStore; reads by the pool, writes through a writer."""

    def __init__(self, pool: Pool, mapper: Mapper, new_id: Callable[[], UUID], writer: Writer) -> None:
        self._pool = pool
        self._mapper = mapper
        self._new_id = new_id
        self._writer = writer

    async def load(
        self, stream: UUID, *, after_version: int = 0, up_to_version: int | None = None
    ) -> tuple[Recorded, ...]:
        """The events of a stream in order, all unless told; empty when there is none."""
        up_to = _LAST_VERSION if up_to_version is None else up_to_version
        return await self._select(sql("select_stream"), {"stream": stream, "after": after_version, "up_to": up_to})

    async def append(self, metadata: Metadata, appends: Sequence[NewEvents]) -> Appended:
        """Add events to several streams, all or nothing; a command that was stored before is answered as then."""
        envelope = encode_metadata(metadata)
        rows = tuple(row for new in appends for row in self._rows(new, envelope))
        if not rows:
            msg = "a command without events has no place in the log"
            raise ValueError(msg)
        answer = await self._writer.submit(Submission(metadata.command_id, rows))
        if answer.first_position is None or answer.last_position is None:
            raise Conflict
        return Appended(answer.first_position, answer.last_position, repeated=answer.outcome == "duplicate")

    async def of_command(self, command_id: UUID) -> tuple[Recorded, ...]:
        """The events that a command stored, in order; empty when it stored none."""
        return await self._select(sql("select_events_of_command"), {"command_id": command_id})

    async def read(self, after: int, limit: int) -> tuple[Recorded, ...]:
        """The log after a position, in order, at most `limit` events."""
        return await self._select(sql("select_log"), {"after": after, "limit": limit})

    def _rows(self, new: NewEvents, envelope: bytes) -> list[Row]:
        read = new.after_version
        return [
            Row(
                stream=new.stream,
                version=None if read is None else read + number,
                # A hole in a stream could never be mended: what the writer read must really be there.
                follows=bool(read) and number == 1,
                topic=topic,
                state=state,
                event_id=self._new_id(),
                metadata=envelope,
            )
            for number, (topic, state) in enumerate(map(self._mapper.encode, new.events), start=1)
        ]

    async def _select(self, statement: LiteralString, parameters: dict[str, Any]) -> tuple[Recorded, ...]:
        rows = await fetch(self._pool, statement, parameters)
        return tuple(recorded(self._mapper, row) for row in rows)


def recorded(mapper: Mapper, row: TupleRow) -> Recorded:
    """The event of a row as the statements `select_…` give it."""
    position, stream, version, event_id, recorded_at, metadata, topic, state = row
    return Recorded(
        position=position,
        stream=stream,
        version=version,
        event_id=event_id,
        recorded_at=recorded_at,
        metadata=decode_metadata(metadata),
        event=mapper.decode(topic, state),
    )

"""What goes to events.append and what comes back; writers on top of it differ only in how they gather and wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from infrastructure.postgres.sql_loader import sql

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

CHANNEL: Final = "stored_events"  # notified once for each batch; a hint to followers, who must also poll

Outcome = Literal["appended", "duplicate", "conflict"]


@dataclass(frozen=True, slots=True)
class Row:
    """An event ready to be stored; without a version it goes to the end of its stream.

    `follows` demands that the one before it in its stream is stored already.
    """

    stream: UUID
    version: int | None
    follows: bool
    topic: str
    state: bytes
    event_id: UUID
    metadata: bytes


@dataclass(frozen=True, slots=True)
class Submission:
    """A command's events, of one stream or several: all are stored, or none."""

    command_id: UUID
    rows: tuple[Row, ...]


class Answer(NamedTuple):
    """What became of a submission; the positions are those of the first time, and missing after a conflict."""

    outcome: Outcome
    first_position: int | None
    last_position: int | None


def arguments(batch: Sequence[Submission]) -> dict[str, list[Any]]:
    """The parameters of the statement `append`, column by column."""
    rows = [(owner, row) for owner, one in enumerate(batch, start=1) for row in one.rows]
    return {
        "command_ids": [one.command_id for one in batch],
        "owners": [owner for owner, _ in rows],
        "streams": [row.stream for _, row in rows],
        "versions": [row.version for _, row in rows],
        "follows": [row.follows for _, row in rows],
        "topics": [row.topic for _, row in rows],
        "states": [row.state for _, row in rows],
        "event_ids": [row.event_id for _, row in rows],
        "metadatas": [row.metadata for _, row in rows],
    }


async def append_batch(connection: AsyncConnection[TupleRow], batch: Sequence[Submission]) -> list[Answer]:
    """One call, one commit; an answer for each submission in order."""
    cursor = await connection.execute(sql("append"), arguments(batch), prepare=True, binary=True)
    return [Answer(*row) for row in await cursor.fetchall()]


async def look_up(connection: AsyncConnection[TupleRow], batch: Sequence[Submission]) -> list[Answer | None]:
    """What the log says of each submission: how to learn what became of a call whose reply was lost."""
    wanted = {"command_ids": [one.command_id for one in batch]}
    cursor = await connection.execute(sql("select_commands"), wanted, prepare=True, binary=True)
    stored = {command_id: place async for command_id, *place in cursor}
    return [_found(one, *stored[one.command_id]) if one.command_id in stored else None for one in batch]


def _found(submission: Submission, first: int, last: int, event_id: UUID) -> Answer:
    # Event ids are new for each try: another one's means that an earlier try had stored the command.
    return Answer("appended" if event_id == submission.rows[0].event_id else "duplicate", first, last)

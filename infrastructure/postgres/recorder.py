"""The eventsourcing library's recorder on our append function: synchronous, for tools, benches and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from eventsourcing.persistence import IntegrityError, InterfaceError, OperationalError, ProgrammingError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore, PostgresFactory
from eventsourcing.utils import retry

from infrastructure.ids import uuid7
from infrastructure.postgres.appending import CHANNEL, Row, Submission, arguments
from infrastructure.postgres.mapper import EnvelopedEvent, decode_metadata
from infrastructure.postgres.sql_loader import sql

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import LiteralString
    from uuid import UUID

SCHEMA: Final = "events"
_WIDEST: Final = 2**63 - 1
_NO_METADATA: Final = b"{}"

# The library's own rule for reads; an append must not be sent again by itself, since a lost reply says nothing.
_again = retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)


class Recorder(PostgresApplicationRecorder):
    """Keeps the library's contract without its lock on the table: the function has its own."""

    def __init__(self, datastore: PostgresDatastore, *, events_table_name: str = CHANNEL) -> None:
        if datastore.enable_db_functions:
            msg = "POSTGRES_ENABLE_DB_FUNCTIONS must stay off: that function takes no lock and followers lose events"
            raise ProgrammingError(msg)
        if datastore.schema != SCHEMA:
            msg = f"POSTGRES_SCHEMA must be {SCHEMA}: there is one log, and it stands there"
            raise ProgrammingError(msg)
        del events_table_name  # the library would name it after the application, but there is one log
        super().__init__(datastore, events_table_name=CHANNEL)

    def create_table(self) -> None:
        """Nothing: migrations own the tables."""

    def insert_events(
        self, stored_events: Sequence[StoredEvent], *, command_id: UUID | None = None, **kwargs: object
    ) -> Sequence[int] | None:
        """Append as one command, all or nothing; a repeated command id gives the positions of the first time."""
        if kwargs:
            msg = f"the log stores events and command ids and nothing else: {sorted(kwargs)}"
            raise ProgrammingError(msg)
        if not stored_events:
            return None
        rows = tuple(map(_row, stored_events))
        submission = Submission(command_id or _command_id(stored_events[0]), rows)
        with self.datastore.get_connection() as connection:
            answer = connection.execute(sql("append"), arguments([submission]), prepare=True).fetchone()
        if answer is None or answer["outcome"] == "conflict":
            msg = "somebody else has appended to the stream"
            raise IntegrityError(msg)
        return list(range(answer["first_position"], answer["last_position"] + 1))

    @_again
    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """A stream, each event with its envelope."""
        statement = sql("recorder_events_backwards") if desc else sql("recorder_events")
        bounds = {"after": -_WIDEST if gt is None else gt, "up_to": _WIDEST if lte is None else lte, "limit": limit}
        return self._select(statement, {"stream": originator_id, **bounds})

    @_again
    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[EnvelopedEvent]:
        """The log, each event with its envelope."""
        first = 0 if start is None else start if inclusive_of_start else start + 1
        last = _WIDEST if stop is None else stop
        return self._select(
            sql("recorder_notifications"), {"first": first, "last": last, "topics": list(topics), "limit": limit}
        )

    def _select(self, statement: LiteralString, parameters: dict[str, Any]) -> list[EnvelopedEvent]:
        with self.datastore.get_connection() as connection:
            return [EnvelopedEvent(**row) for row in connection.execute(statement, parameters, prepare=True)]


class Factory(PostgresFactory):
    """The library's factory with our recorder."""

    application_recorder_class = Recorder


def _row(event: StoredEvent) -> Row:
    """An event of the library's own kind, which has no envelope, gets an empty one."""
    enveloped = event if isinstance(event, EnvelopedEvent) else None
    return Row(
        stream=cast("UUID", event.originator_id),  # the datastore's id type is uuid
        version=event.originator_version,
        follows=False,  # the library starts streams at 0 or 1 and checks nothing but the place itself
        topic=event.topic,
        state=event.state,
        event_id=enveloped.event_id if enveloped else uuid7(),
        metadata=enveloped.metadata if enveloped else _NO_METADATA,
    )


def _command_id(event: StoredEvent) -> UUID:
    return decode_metadata(event.metadata).command_id if isinstance(event, EnvelopedEvent) else uuid7()

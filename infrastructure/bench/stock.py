"""The eventsourcing library as it comes, on PostgreSQL in a schema of its own: a yardstick."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infrastructure.bench.room import Room

THREADS: Final = (1, 2, 4, 16)
SCHEMA: Final = "stock"


@contextmanager
def open_recorder(room: Room, pool: int) -> Iterator[PostgresApplicationRecorder]:
    """Its recorder, with a connection for each thread."""
    _make_schema(room)
    place = conninfo_to_dict(room.owner_url)
    names = "dbname", "host", "port", "user", "password"
    where = {name: str(place[name]) for name in names}
    with PostgresDatastore(**where, schema=SCHEMA, pool_size=pool) as datastore:  # type: ignore[arg-type]  # all text
        recorder = PostgresApplicationRecorder(datastore)
        recorder.create_table()
        yield recorder


def stored_event(stream: UUID, version: int, topic: str, state: bytes) -> StoredEvent:
    """An event as its recorder takes it; it has no place for an envelope."""
    return StoredEvent(originator_id=stream, originator_version=version, topic=topic, state=state)


class Talk(Aggregate):
    """A dispute in the library's own style."""

    def __init__(self, number: str, statement: str) -> None:
        self.number = number
        self.statement = statement
        self.messages: list[tuple[str, str]] = []

    @event("MessageSent")
    def send_message(self, by: str, text: str) -> None:
        """A party writes to the other."""
        self.messages.append((by, text))


@contextmanager
def open_talks(room: Room) -> Iterator[Application[UUID]]:
    """Its application with its defaults: a JSON transcoder, no cache, no snapshots."""
    _make_schema(room)
    place = conninfo_to_dict(room.owner_url)
    names = {"DBNAME": "dbname", "HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}
    where = {f"POSTGRES_{name}": str(place[part]) for name, part in names.items()}
    environment = {"PERSISTENCE_MODULE": "eventsourcing.postgres", "POSTGRES_SCHEMA": SCHEMA} | where
    with Application[UUID](environment) as application:
        yield application


def a_talk(messages: int, text: str) -> Talk:
    """A dispute with its filing and so many messages, not yet saved."""
    talk = Talk("D-ABCDE-23456", text)
    for number in range(messages):
        talk.send_message(("buyer-lin", "shop-orchard")[number % 2], text)
    return talk


def _make_schema(room: Room) -> None:
    with psycopg.connect(room.owner_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA stock")

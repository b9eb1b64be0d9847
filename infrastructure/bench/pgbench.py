"""The yardstick of the log: PostgreSQL's own pgbench, which inserts the same rows into a table of the same shape.

One plain INSERT a transaction, without lock, order, command ids, versions or NOTIFY: as fast as rows can be stored.
"""

from __future__ import annotations

import asyncio
import os
import re
from typing import TYPE_CHECKING, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL

from infrastructure.postgres.binaries import ENVIRONMENT, candidates

if TYPE_CHECKING:
    from pathlib import Path

    from infrastructure.bench.room import Room
    from infrastructure.postgres.appending import Row

CLIENTS: Final = (1, 8, 16, 32, 64)
THREADS: Final = 2

# Streams as long as the subject's, at places as random as those of the subject's. The bytes stand in the script and not
# in a variable, so that pgbench need not send them anew each time: the yardstick is to be as fast as it can.
_SCRIPT: Final = """\
\\set version :version % {length} + 1
\\if :version = 1
\\set stream random(0, 4611686018427387903)
\\endif
INSERT INTO yardstick.stored_events (originator_id, originator_version, topic, state, event_id, metadata)
VALUES (lpad(to_hex(CAST(:stream AS bigint)), 32, '0')::uuid, :version, '{topic}', '\\x{state}',
    gen_random_uuid(), '\\x{metadata}');
"""


class PgbenchMissing(Exception):
    """PostgreSQL is there without the program that is the yardstick."""


class PgbenchFailed(Exception):
    """pgbench ended without a figure; the message holds its last words."""


def make_table(room: Room) -> None:
    """A copy of the log's table with everything on it, numbered by a sequence of its own."""
    with psycopg.connect(room.owner_url, autocommit=True) as connection:
        row = connection.execute(
            "SELECT array_to_string(reloptions, ', ') FROM pg_class WHERE oid = 'events.stored_events'::regclass"
        ).fetchone()
        options = SQL(row[0] if row else "")  # a word of our own migration, no value of anybody's
        connection.execute("CREATE SCHEMA yardstick")
        connection.execute("CREATE SEQUENCE yardstick.positions")
        connection.execute(
            SQL("CREATE TABLE yardstick.stored_events (LIKE events.stored_events INCLUDING ALL) WITH ({})").format(
                options
            )
        )
        connection.execute(
            "ALTER TABLE yardstick.stored_events ALTER notification_id SET DEFAULT nextval('yardstick.positions')"
        )


class Pgbench:
    """Inserts rows like one of the subject's."""

    def __init__(self, room: Room, like: Row, length: int) -> None:
        make_table(room)
        self._program = program()
        self._owner_url = room.owner_url
        self._script = room.folder / "insert.pgbench"
        text = _SCRIPT.format(length=length, topic=like.topic, state=like.state.hex(), metadata=like.metadata.hex())
        self._script.write_text(text)

    async def run(self, clients: int, seconds: float) -> float:
        """Rows a second with so many clients; pgbench counts in whole seconds."""
        place = conninfo_to_dict(self._owner_url)
        where = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "dbname"}
        process = await asyncio.create_subprocess_exec(
            self._program,
            *("--no-vacuum", "--protocol=prepared", f"--jobs={THREADS}", f"--client={clients}"),
            *(f"--time={max(round(seconds), 1)}", "--define=version=0", "--define=stream=0", f"--file={self._script}"),
            env=ENVIRONMENT | {name: str(place[part]) for name, part in where.items()},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            said, complained = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode == 0 and b"actually processed: 0\n" in said:
            return 0.0  # on a machine so busy that its clients did not even come to connect
        found = re.search(rb"^tps = ([0-9.]+)", said, re.MULTILINE)
        if process.returncode or found is None:
            words = [line for line in complained.decode(errors="replace").splitlines() if "error" in line.lower()]
            msg = f"pgbench ended with {process.returncode}: {(words or ['it said nothing'])[0]}"
            raise PgbenchFailed(msg)
        return float(found[1])


def program() -> Path:
    """pgbench, from the first place of PostgreSQL's programs that has it."""
    for folder in candidates():
        if os.access(found := folder / "pgbench", os.X_OK):
            return found
    msg = "pgbench is missing beside PostgreSQL's programs: install it, or name their folder in GONGDUAN_PG_BIN"
    raise PgbenchMissing(msg)

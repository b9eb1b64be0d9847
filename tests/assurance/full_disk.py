"""Runs in a mount namespace of its own, where a small file system holds database and files, until that one is full.

`python -m tests.assurance.full_disk ROOM`; ROOM/small is the file system.
"""

from __future__ import annotations

import os
import random
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from infrastructure.postgres.embedded import EmbeddedUnavailable
from tests.assurance.installation import installed, own_database
from tests.assurance.people import Crowd
from tests.assurance.reckoning import check_ledger, check_log, check_repeats, check_views, quiet
from tests.http.story import until

if TYPE_CHECKING:
    from tests.assurance.installation import Installation

LEFT_BYTES = 256 * 1024
COMMANDS = 60
REFUSED = 20


def fill(ballast: Path) -> None:
    """Take all room but a little; others take of it, too, while one looks how much there is."""
    with ballast.open("wb") as file:
        while True:
            room = os.statvfs(ballast.parent)
            size = room.f_bavail * room.f_frsize - LEFT_BYTES
            with suppress(OSError):
                if size > 0:
                    os.posix_fallocate(file.fileno(), 0, size)
                return


def break_log(home: Installation) -> None:
    """Ask PostgreSQL for a new file of its own log, which it cannot make: it stops at once, to recover later."""
    try:
        with psycopg.connect(home.database.superuser_url, autocommit=True) as connection:
            for _ in range(3):
                connection.execute("SELECT pg_switch_wal()")
                connection.execute("SELECT pg_logical_emit_message(false, 'filling', repeat('x', 100000), true)")
    except psycopg.OperationalError as error:
        sys.stdout.write(f"the database stopped: {' '.join(str(error).split())[:120]}\n")


def restart(home: Installation) -> bool:
    """Whether the database runs; its supervisor tries."""
    try:
        home.database.server.restart_if_dead()
        with psycopg.connect(home.database.superuser_url):
            return True
    except (EmbeddedUnavailable, psycopg.OperationalError):
        return False


def main(room: Path) -> None:
    small = room / "small"
    (small / "data").mkdir()
    (room / "data").symlink_to(small / "data")
    with own_database(small) as database, installed(database, room) as home:
        service = home.serve()
        home.work()
        with Crowd(home, [service], seed=random.randrange(10**9)) as crowd:

            def live() -> None:
                wanted = crowd.acknowledged + COMMANDS
                until(lambda: crowd.acknowledged, lambda found: bool(crowd.broken) or found >= wanted, 120.0)

            def unheard() -> int:
                return sum(count for said, count in crowd.heard.items() if not said.startswith(("ack", "refused")))

            live()
            fill(small / "ballast")
            until(unheard, lambda found: found >= REFUSED, 120.0)
            break_log(home)
            wanted = unheard() + crowd.clients  # by now everybody waits
            until(unheard, lambda found: found >= wanted, 120.0)
            sys.stdout.write(f"full: {dict(crowd.heard)}\n")
            (small / "ballast").unlink()
            until(lambda: restart(home), bool, 120.0)
            home.mend()
            live()
        assert crowd.broken == [], crowd.broken
        # Who had no database to talk to ends, and not all at the same moment; in a shop a supervisor starts them again.
        quiet(database, meanwhile=home.mend)
        check_log(database, crowd.sent)
        check_repeats(crowd)
        paid, sizes = check_ledger(home), check_views(database, room)
        sys.stdout.write(f"after: {dict(crowd.heard)}, paid {paid}, views {sizes}, gave up {dict(home.gave_up)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

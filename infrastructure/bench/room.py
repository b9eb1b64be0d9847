"""Where a row is measured: a fresh, migrated database on the embedded PostgreSQL, and a folder; both go in the end."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from infrastructure.bootstrap import SettingMissing
from infrastructure.running import drop, embedded_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infrastructure.postgres.embedded import Embedded
    from infrastructure.settings import Settings

PREFIX: Final = "bench_"
_number = count(1)


@dataclass(frozen=True, slots=True)
class Room:
    """A database for one row alone, so that no row pays for what another has stored."""

    settings: Settings
    folder: Path

    @property
    def owner_url(self) -> str:
        """The address for who makes tables."""
        if self.settings.owner_url is None:
            raise SettingMissing("GONGDUAN_OWNER_URL is not set")
        return self.settings.owner_url.get_secret_value()

    @property
    def worker_url(self) -> str:
        """The address for who appends and keeps views."""
        if self.settings.database_url is None:
            raise SettingMissing("GONGDUAN_DATABASE_URL is not set")
        return self.settings.database_url.get_secret_value()


@contextmanager
def open_room(settings: Settings, server: Embedded) -> Iterator[Room]:
    """Make it, and leave nothing of it."""
    name = f"{PREFIX}{os.getpid()}_{int(time.time())}_{next(_number)}"
    folder = Path(tempfile.mkdtemp(prefix="gongduan-bench-"))
    try:
        yield Room(embedded_database(settings.model_copy(update={"data": folder}), server, name), folder)
    finally:
        drop(server, name)
        shutil.rmtree(folder, ignore_errors=True)

"""Files that survive a loss of power: written aside, brought to disk, then linked into place once and for ever."""

from __future__ import annotations

import fcntl
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO


def sync_folder(folder: Path) -> None:
    """Bring a folder's entries to disk; a synced file without its synced name is lost all the same."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path, mode: int = 0o700) -> None:
    """Make a folder for this user alone, with the folders above it, each durable before the next.

    Those above are made as usual: the data folder is also the way to the database of another user.
    """
    if folder.is_dir():
        return
    make_folder(folder.parent, 0o777)
    with suppress(FileExistsError):
        folder.mkdir(mode)
    sync_folder(folder.parent)


def link_once(written: Path, place: Path) -> None:
    """Give a written and synced file its place; who comes second leaves what is there."""
    make_folder(place.parent)
    with suppress(FileExistsError):
        os.link(written, place)
    sync_folder(place.parent)


def write_once(place: Path, content: bytes) -> bytes:
    """Make a 0600 file whole or not at all; answer what is there, which may be what another process made first."""
    if not place.exists():
        make_folder(place.parent)
        descriptor, name = tempfile.mkstemp(prefix=".new-", dir=place.parent)
        written = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            link_once(written, place)
        finally:
            written.unlink()
    return place.read_bytes()


def locked_draft(folder: Path) -> tuple[BinaryIO, Path]:
    """A new file whose lock says that its writer lives; a kill lets go of it."""
    while True:
        descriptor, name = tempfile.mkstemp(dir=folder)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return os.fdopen(descriptor, "wb"), Path(name)
        os.close(descriptor)  # a process that starts just now cleared it away before it was locked


def clear_drafts(drafts: Path) -> None:
    """Remove the drafts of writers that were killed; those of living ones are locked."""
    for draft in drafts.iterdir():
        with suppress(BlockingIOError, FileNotFoundError), draft.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            draft.unlink()

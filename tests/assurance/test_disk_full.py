"""The disk runs full under the database and the files: what is refused is said, what was acknowledged stands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.assurance.installation import open_folder
from tests.postgres.embedded_rooms import ROOT, end_servers

if TYPE_CHECKING:
    from pathlib import Path

SIZE = "192m"
# Root needs a namespace for its mounts only. Anybody else is root in a namespace of users for the mount, and an
# ordinary user again in one more, because PostgreSQL refuses to be run by root.
MOUNT = f'mount -t tmpfs -o size={SIZE},mode=0711 small "$1/small" && shift && exec "$@"'
AGAIN_NOBODY = ("unshare", "--user", "--map-user=65534", "--map-group=65534")


def inside(room: Path, *command: str) -> list[str]:
    """The command in a namespace of its own, in which `room`/small is a small file system."""
    if os.geteuid() == 0:
        return ["unshare", "--mount", "sh", "-c", MOUNT, "sh", str(room), *command]
    return [
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        MOUNT,
        "sh",
        str(room),
        *AGAIN_NOBODY,
        *command,
    ]


def test_when_the_disk_is_full_what_is_refused_is_said_and_what_was_acknowledged_stands() -> None:
    if shutil.which("unshare") is None:
        pytest.skip("there is no `unshare` here to make a small file system with")
    with open_folder() as room:
        (room / "small").mkdir()
        tried = subprocess.run(inside(room, "true"), capture_output=True, text=True, check=False, timeout=60)
        if tried.returncode:
            pytest.skip(f"no file system may be mounted here: {tried.stderr.strip()}")
        try:
            ended = subprocess.run(
                inside(room, sys.executable, "-m", "tests.assurance.full_disk", str(room)),
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
                timeout=280,
            )
        finally:
            end_servers(room)
        sys.stdout.write(ended.stdout)
        assert ended.returncode == 0, ended.stderr[-3000:]

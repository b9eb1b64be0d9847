"""Rooms, clusters and other processes for the tests of the embedded PostgreSQL."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from infrastructure.postgres.embedded import Embedded, EmbeddedUnavailable

ROOT = Path(__file__).parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users, mounts and starts servers for others")
START = """
import signal, sys
from pathlib import Path
from infrastructure.postgres.embedded import Embedded, EmbeddedUnavailable
signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background ignores it
# before
try:
    with Embedded(Path(sys.argv[1])) as server:
        print(server.url(), flush=True)
        sys.stdin.read()
except EmbeddedUnavailable as refusal:
    print(refusal)
"""


@contextmanager
def room_for_all() -> Iterator[Path]:
    """A folder that the server's user can enter, unlike pytest's own when root runs it."""
    room = Path(tempfile.mkdtemp(prefix="gongduan-", dir="/tmp"))
    room.chmod(0o711)
    try:
        yield room
    finally:
        end_servers(room)
        shutil.rmtree(room)


def end_servers(room: Path) -> None:
    for pid in psutil.pids():
        with suppress(psutil.Error):
            process = psutil.Process(pid)
            if any(part.startswith(f"{room}/") for part in process.cmdline()):
                process.kill()


@pytest.fixture
def room() -> Iterator[Path]:
    with room_for_all() as room:
        yield room


@pytest.fixture(scope="module")
def cluster() -> Iterator[Path]:
    with room_for_all() as room:
        with Embedded(room / "postgres") as server, psycopg.connect(server.url()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 'here' AS word")
        yield room / "postgres"


@pytest.fixture
def folder(cluster: Path) -> Iterator[Path]:
    """A cluster that does not run, for tests that leave it whole."""
    yield cluster
    end_servers(cluster)


@pytest.fixture
def own_folder(cluster: Path, room: Path) -> Path:
    """A copy for a test that does not."""
    subprocess.run(["/bin/cp", "-a", cluster, room / "postgres"], check=True)
    return room / "postgres"


def postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "data" / "postmaster.pid").read_text().split()[0]))


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def ask(url: str, query: str = "SELECT word FROM kept") -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]


def refusal(folder: Path, *, tcp_port: int | None = None) -> str:
    with pytest.raises(EmbeddedUnavailable) as refused:
        Embedded(folder, tcp_port=tcp_port).start()
    assert "\n" not in str(refused.value)
    return str(refused.value)


@contextmanager
def another_process(
    folder: Path, *more: str, within: Sequence[str | Path] = (), before: str = ""
) -> Iterator["subprocess.Popen[str]"]:
    """A process that holds the folder's server until its input ends; what it first says is its URL or a refusal."""
    command = [*within, sys.executable, "-c", START.replace("# before", before), folder, *more]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True, start_new_session=True) as process:
        try:
            yield process
        finally:
            if process.stdin is not None and not process.stdin.closed:
                process.stdin.close()
            process.wait()


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

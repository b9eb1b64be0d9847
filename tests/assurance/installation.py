"""An installation of real processes that a test may kill: services, workers, a payment server, and their database."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import psutil

from infrastructure.demo import children
from infrastructure.postgres.bootstrap_roles import OWNER, prepare_database
from infrastructure.postgres.embedded import Embedded
from infrastructure.postgres.migrate import migrate
from infrastructure.privacy.keys import signing_key
from tests.http.service import Service, free_port
from tests.support.database import PASSWORD, Database

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

    from infrastructure.demo.children import Child

NAME = "kept"


@contextmanager
def own_database(folder: Path) -> Iterator[Database]:
    """A migrated database on a server of the test's own, which it may kill."""
    with Embedded(folder / "postgres") as server:
        prepare_database(server.url(), NAME, PASSWORD)
        migrate(server.url(NAME, OWNER, PASSWORD), "sandbox")
        yield Database(server, NAME)


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that the server's user can enter, unlike pytest's own when root runs it."""
    folder = Path(tempfile.mkdtemp(prefix="gongduan-assurance-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(slots=True)
class Part:
    """A process of the installation: how it is started, how often it was."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    child: Child
    port: int = 0
    starts: int = 1


@dataclass(slots=True)
class Installation:
    """The processes. `gave_up` counts those that ended by themselves and were started again, as a supervisor would."""

    database: Database
    folder: Path
    payments: str
    token: str
    parts: dict[str, Part] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)
    gave_up: Counter[str] = field(default_factory=Counter)
    stack: ExitStack = field(default_factory=ExitStack)

    def serve(self, name: str = "service") -> Service:
        """Start a service and wait until it answers."""
        port = free_port()
        part = self._start(name, ("serve", "--port", str(port)), self.database.service_url, port)
        self.await_health(name)
        key = signing_key(self.folder / "data" / "keys")
        address = f"http://127.0.0.1:{port}"
        return Service(address, self.payments, self.token, key, self.folder / "data", part.child, self.client())

    def client(self) -> httpx2.Client:
        """A caller's connections, for one thread, until the end."""
        return self.stack.enter_context(httpx2.Client(timeout=20.0, trust_env=False))

    def work(self, name: str = "worker") -> None:
        """Start a worker."""
        self._start(name, ("worker",), self.database.worker_url)

    def _start(self, name: str, command: tuple[str, ...], url: str, port: int = 0) -> Part:
        environment = {
            "GONGDUAN_DATABASE_URL": url,
            "GONGDUAN_DATA": str(self.folder / "data"),
            "GONGDUAN_PAYMENTS_URL": self.payments,
            "GONGDUAN_PAYMENTS_TOKEN": self.token,
            "PGAPPNAME": name,  # tells in the database who holds what
        }
        child = self._child(f"{name} 1", command, environment)
        self.parts[name] = Part(name, command, environment, child, port)
        return self.parts[name]

    def _child(self, name: str, command: tuple[str, ...], environment: dict[str, str]) -> Child:
        return children.start(name, "infrastructure.cli", *command, environment=environment, folder=self.folder)

    def await_health(self, name: str) -> None:
        """Wait until a service answers, starting it again where it has given up."""
        part = self.parts[name]
        while True:
            try:
                return children.wait_for_health(part.child, f"http://127.0.0.1:{part.port}")
            except children.ChildDied:
                if part.child.process.poll() is None:
                    raise
                self.mend()

    def kill(self, name: str) -> None:
        """SIGKILL, and at once a new one in its place."""
        part = self.parts[name]
        part.child.process.kill()
        part.child.process.wait()
        self.kills[name] += 1
        self._again(part)

    def mend(self) -> None:
        """Start again what has ended by itself."""
        for part in self.parts.values():
            if part.child.process.poll() is not None:
                self.gave_up[f"{part.name}: {part.child.last_words()[:160]}"] += 1
                self._again(part)

    def _again(self, part: Part) -> None:
        part.starts += 1
        part.child = self._child(f"{part.name} {part.starts}", part.command, part.environment)

    def kill_postmaster(self, until: Callable[[], bool] = lambda: True) -> None:
        """SIGKILL of the database's first process; its supervisor starts a new one, at once or when it is time."""
        server = self.database.server
        psutil.Process(self._postmaster()).kill()
        while server.alive() or not until():
            time.sleep(0.01)
        server.restart_if_dead()
        self.kills["postmaster"] += 1

    def kill_backend(self, chance: random.Random) -> None:
        """SIGKILL of one of the database's other processes; PostgreSQL then drops every connection and recovers."""
        one = chance.choice(psutil.Process(self._postmaster()).children())
        self.kills[" ".join(one.cmdline()[:1]).removeprefix("postgres: ").split(" ")[0] or "backend"] += 1
        os.kill(one.pid, signal.SIGKILL)

    def _postmaster(self) -> int:
        file = self.database.server._data / "postmaster.pid"
        return int(file.read_text().split()[0])

    def stop(self) -> None:
        """End everything in order."""
        for part in self.parts.values():
            part.child.stop()
        self.stack.close()


@contextmanager
def installed(database: Database, folder: Path) -> Iterator[Installation]:
    """A payment server on this database's behalf; the test starts the rest."""
    token = secrets.token_urlsafe(8)
    payments = children.start(
        "payment server",
        "infrastructure.payments.provider",
        "--ledger",
        str(folder / "ledger.jsonl"),
        environment={"GONGDUAN_PAYMENTS_TOKEN": token},
        folder=folder,
    )
    try:
        made = Installation(database, folder, children.wait_for_line(payments, "listening on "), token)
        try:
            yield made
        finally:
            made.stop()
    finally:
        payments.stop()

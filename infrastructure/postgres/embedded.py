"""A PostgreSQL of Gongduan's own for the demo, tests and small trials, shared by all processes that use its folder.

In the folder lie `gongduan.lock` (the gate; it also marks the folder as ours), `users.lock` (held by each user), `data`
(the cluster), `run` (the Unix socket), `password`, `server.log` and, where they had to be copied, `binaries`.
"""

import atexit
import hashlib
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple, NoReturn, Self
from urllib.parse import quote

import psutil

from infrastructure.postgres.binaries import ENVIRONMENT, candidates, copied, run, version_of

if sys.platform != "win32":
    import fcntl
    import pwd

_OLDEST, _BUILTIN_LOCALE_SINCE = 16, 17
_LONGEST_SOCKET = 103  # bytes: Linux takes 107, macOS 103
_PATIENCE, _POLL = 60.0, 0.01  # seconds: what a start without recovery, or a stop, may take; a look at it
_LITTLE_SPACE = 1 << 20
_SETTINGS = ("timezone=UTC", "log_timezone=UTC", "max_connections=200")
_OR_URL = "or name a database in GONGDUAN_DATABASE_URL"


class EmbeddedUnavailable(Exception):
    """Says in one sentence why the embedded PostgreSQL cannot be used, and the remedy."""


def _refuse(sentence: str) -> NoReturn:
    raise EmbeddedUnavailable(sentence)


class _Server(NamedTuple):
    """A running postmaster and what its `postmaster.pid` says of it."""

    process: Any
    port: int
    sockets: str
    address: str
    status: str


class Embedded:
    """The PostgreSQL of one folder: started by its first user, adopted by the next, stopped when the last one leaves.

    The kernel counts the users by their file locks, because a killed process cannot hold one.
    """

    def __init__(self, folder: Path, *, tcp_port: int | None = None) -> None:
        self._folder = folder.resolve()
        self._data = self._folder / "data"
        self._log = self._folder / "server.log"
        self._password = self._folder / "password"
        self._tcp_port = tcp_port
        # A session of its own keeps the terminal's Ctrl-C away from a child; root adds the user it runs as.
        self._child: dict[str, Any] = {"cwd": "/", "start_new_session": True}
        self._use: IO[str] | None = None
        self._server: _Server | None = None

    def start(self) -> Self:
        """Joins the users of the folder's server, and starts it when it does not run."""
        if sys.platform == "win32":
            _refuse("The embedded PostgreSQL needs Linux or macOS: name a database in GONGDUAN_DATABASE_URL.")
        if self._use is None:
            with self._sentences():
                self._claim()
                with self._gate() as gate:
                    self._use = (self._folder / "users.lock").open("a")
                    fcntl.flock(self._use, fcntl.LOCK_SH)
                    try:
                        self._bring_up(gate)
                    except BaseException:
                        self._leave()
                        raise
            atexit.register(self.stop)
        return self

    __enter__ = start

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Leaves the server, and stops it fast when nobody else uses it."""
        if self._use is not None:
            with self._sentences(), self._gate():
                self._leave()
            atexit.unregister(self.stop)

    def alive(self) -> bool:
        """Tells whether the server's process lives; one that was killed and not yet reaped does not."""
        return self._find() is not None

    def restart_if_dead(self) -> bool:
        """Starts a killed server again, and tells whether that was needed."""
        if self._use is None or self.alive():
            return False
        with self._sentences(), self._gate() as gate:
            return self._bring_up(gate)

    def url(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        """The address for psycopg once started: by TCP when a port was asked for, else by the Unix socket."""
        server = self._server or _refuse(f"{self._folder} has no address before its server runs: call start() first.")
        word = self._password.read_text() if password is None else password
        who, name = f"{quote(user, safe='')}:{quote(word, safe='')}", quote(database, safe="")
        if self._tcp_port is not None:
            return f"postgresql://{who}@127.0.0.1:{self._tcp_port}/{name}"
        return f"postgresql://{who}@/{name}?host={quote(server.sockets, safe='')}&port={server.port}"

    def _claim(self) -> None:
        """Makes the folder ours; one that holds other files stays untouched."""
        self._folder.mkdir(parents=True, exist_ok=True)
        marker, root = self._folder / "gongduan.lock", os.geteuid() == 0
        if not marker.exists():
            # The marker is the first file that any of us makes, so files without it are not ours.
            if any(self._folder.iterdir()) and not marker.exists():
                _refuse(f"{self._folder} holds files that are not Gongduan's: choose an empty folder.")
            self._folder.chmod(0o711 if root else 0o700)
            marker.touch()
        account = self._account()
        if root:
            self._child |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            if run("/bin/sh", "-c", 'cd -- "$1"', "sh", self._folder, **self._child).returncode:
                _refuse(f"{self._folder} is closed to user {account.pw_name}: choose one whose parents all may enter.")

    def _account(self) -> "pwd.struct_passwd":
        """Who runs the server: we, or for root (whom PostgreSQL refuses) the data's owner or an unprivileged user."""
        uid = os.geteuid() or (self._data.stat().st_uid if self._data.exists() else 0)
        for name in () if uid else ("postgres", "nobody"):
            with suppress(KeyError):
                return pwd.getpwnam(name)
        if not uid:
            _refuse(f"PostgreSQL refuses root, and no user postgres or nobody exists: run as another user, {_OR_URL}.")
        with suppress(KeyError):
            return pwd.getpwuid(uid)
        _refuse(f"The user id {uid} has no name, and PostgreSQL needs one: add it to /etc/passwd, {_OR_URL}.")

    @contextmanager
    def _gate(self) -> Iterator[int]:
        """One process at a time starts or stops the server; a child that inherits the lock keeps the gate shut too."""
        with (self._folder / "gongduan.lock").open("a") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            yield gate.fileno()

    def _bring_up(self, gate: int) -> bool:
        """Waits for the running server or launches one, and tells which."""
        server = self._find()
        if server is not None and server.status == "stopping":
            self._halt(server)
            server = None
        launched = None if server else self._launch(gate)
        try:
            self._server = server = self._ready(launched)
        except BaseException:
            if launched is not None:
                launched.kill()
            raise
        if self._tcp_port is not None and (server.address, server.port) != ("127.0.0.1", self._tcp_port):
            _refuse(f"Others run {self._folder} without the TCP port {self._tcp_port}: stop them, or ask for no port.")
        return launched is not None

    def _find(self) -> _Server | None:
        """The server of this folder, unless `postmaster.pid` names a dead process, a zombie or another program."""
        with suppress(OSError, ValueError, IndexError, psutil.Error):
            lines = [*_text(self._data / "postmaster.pid").splitlines(), *[""] * 8]  # a starting server writes few
            process = psutil.Process(int(lines[0]))
            if process.status() != psutil.STATUS_ZOMBIE and process.cmdline()[1:3] == ["-D", str(self._data)]:
                return _Server(process, int(lines[3]), lines[4], lines[5], lines[7].strip())
        return None

    def _launch(self, gate: int) -> "subprocess.Popen[bytes]":
        binaries, major = self._binaries()
        if not self._data.exists() or not any(self._data.iterdir()):
            self._initialise(binaries, major, gate)
        if (made_by := _text(self._data / "PG_VERSION").strip()) != str(major):
            if not made_by:
                raise self._refusal("PostgreSQL cannot use its data", "PG_VERSION is missing or empty")
            _refuse(f"{self._data} was made by PostgreSQL {made_by}, not {major}: give its folder in GONGDUAN_PG_BIN.")
        if not _text(self._password):
            _refuse(f"{self._password} is missing or empty: restore it from a backup of {self._folder}.")
        if stale := _text(self._data / "postmaster.pid").partition("\n")[0]:
            self._end_orphans()
        address = "" if self._tcp_port is None else "127.0.0.1"
        places = f"port={self._tcp_port or 5432}", f"listen_addresses={address}"
        settings = (*_SETTINGS, *places, f"unix_socket_directories={self._sockets()}")
        if self._log.exists():
            self._log.replace(self._log.with_suffix(".log.old"))
        with self._secret_file(self._log) as log:
            server = subprocess.Popen(  # noqa: S603 # our own program by its full path
                (binaries / "postgres", "-D", self._data, *(f"--{setting}" for setting in settings)),
                # The postmaster overlooks this pid. Deleting its file instead could let two servers run on one cluster.
                env=ENVIRONMENT | {"PG_GRANDPARENT_PID": stale},
                **(self._child | {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}),
            )
        # It may outlive this object for other users, yet must be reaped when it dies.
        threading.Thread(target=server.wait, daemon=True).start()
        return server

    def _ready(self, launched: "subprocess.Popen[bytes] | None") -> _Server:
        """Waits until the server takes connections: as long as it lives when it recovers."""
        deadline = time.monotonic() + _PATIENCE
        while (server := self._find()) is None or server.status != "ready":
            if server is None and (launched is None or launched.poll() is not None):
                if self._tcp_port is not None and "Address already in use" in _text(self._log):
                    _refuse(f"The TCP port {self._tcp_port} is taken: stop the program that has it, or choose another.")
                raise self._refusal("PostgreSQL did not start", _text(self._log))
            if time.monotonic() > deadline and "was interrupted" not in _text(self._log):
                raise self._refusal("PostgreSQL takes too long to start", _text(self._log))
            time.sleep(_POLL)
        return server

    def _leave(self) -> None:
        """Gives up our use of the server; behind the gate nobody can come while we look for others."""
        if self._use is not None:
            use, self._use, self._server = self._use, None, None
            with use, suppress(BlockingIOError):
                fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if server := self._find():
                    self._halt(server)
                with suppress(OSError):
                    self._short_sockets().rmdir()

    @staticmethod
    def _halt(server: _Server) -> None:
        """Stops the server fast; one that hangs must drop everything and recovers at its next start."""
        deadline = time.monotonic() + _PATIENCE
        with suppress(psutil.NoSuchProcess):
            server.process.send_signal(signal.SIGINT)
            while _lives(server.process):
                if time.monotonic() > deadline:
                    server.process.send_signal(signal.SIGQUIT)
                    deadline += _PATIENCE
                time.sleep(_POLL)

    def _end_orphans(self) -> None:
        """Ends what a killed postmaster left: a backend in a long query holds the memory that a new server wants."""
        for pid in psutil.pids():  # process_iter() remembers, and spares, a process that had the orphan's pid before
            with suppress(psutil.Error):
                process = psutil.Process(pid)
                if process.name() == "postgres" and process.cwd() == str(self._data.resolve()):
                    process.kill()
                    while _lives(process):
                        time.sleep(_POLL)

    def _sockets(self) -> Path:
        """A folder for the Unix socket, closed to all but the server's user."""
        folder = self._folder / "run"
        # Server and client read a comma as the start of another address.
        if len(os.fsencode(folder / ".s.PGSQL.65535")) > _LONGEST_SOCKET or "," in str(folder):
            folder = self._short_sockets()
        return self._empty_folder(folder)

    def _short_sockets(self) -> Path:
        digest = hashlib.sha256(os.fsencode(self._folder)).hexdigest()[:16]
        return Path("/tmp") / f"gongduan-{digest}"  # noqa: S108 # TMPDIR may be long, or closed to the server's user

    def _initialise(self, binaries: Path, major: int, gate: int) -> None:
        """Makes the cluster aside and names it `data` when it is whole, so that a half-made one is never used."""
        half = self._empty_folder(self._folder / "data.half")
        self._password.unlink(missing_ok=True)
        with self._secret_file(self._password) as file:
            file.write(secrets.token_urlsafe(24).encode())
            os.fsync(file.fileno())
        builtin = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        done = run(
            *(binaries / "initdb", "--pgdata", half, "--username=postgres", "--pwfile", self._password),
            *("--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8", "--no-instructions"),
            *(builtin if major >= _BUILTIN_LOCALE_SINCE else ("--locale=C.UTF-8",)),
            pass_fds=(gate,),  # should we be killed, nobody makes the cluster anew before this initdb has ended
            **self._child,
        )
        if done.returncode:
            raise self._refusal("PostgreSQL could not make its data", done.stderr)
        half.rename(self._data)
        folder = os.open(self._folder, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def _binaries(self) -> tuple[Path, int]:
        """The first PostgreSQL programs that run here, in a place that the server's user can reach; and their major."""
        for binaries in candidates():
            version = version_of(binaries)
            if (major := int(re.split(r"\D", version)[0])) >= _OLDEST:
                try:
                    run(binaries / "postgres", "--version", **self._child)
                except PermissionError:
                    return copied(binaries, version, self._folder / "binaries"), major
                return binaries, major
        _refuse(f"No PostgreSQL {_OLDEST} or later runs here: name its programs' place in GONGDUAN_PG_BIN, {_OR_URL}.")

    def _empty_folder(self, path: Path) -> Path:
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(mode=0o700)  # fails where something lies that we may not remove, so nobody can lay it there for us
        self._own(path)
        return path

    def _secret_file(self, path: Path) -> IO[bytes]:
        file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
        self._own(path)
        return os.fdopen(file, "ab", buffering=0)

    def _own(self, path: Path) -> None:
        os.chown(path, self._child.get("user", -1), self._child.get("group", -1))

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        """Turns what the operating system refuses into a sentence."""
        try:
            yield
        except OSError as error:
            remedy = "choose another data folder, or run as the user who made it"
            raise self._refusal("The data folder cannot be used", str(error), remedy) from error

    def _refusal(self, what: str, said: str, remedy: str = "") -> EmbeddedUnavailable:
        """What failed, the last that was said of it and the remedy; on a full disk even the log may say nothing."""
        full = self._folder.is_dir() and shutil.disk_usage(self._folder).free < _LITTLE_SPACE
        if full or "No space left on device" in said:
            what, said, remedy = f"The disk of {self._folder} is full", "", "free space, or choose another data folder"
        lines = [re.sub(r"^\S+ \S+ \S+ \[\d+\] ", "", line).strip() for line in said.splitlines() if line.strip()]
        grave = [line for line in lines if re.match("FATAL|PANIC", line) and "starting up" not in line]
        reason = f" ({' '.join((grave or lines)[-3:])})" if lines else ""
        remedy = remedy or f"restore {self._folder} from a backup, or move it away to begin empty; see {self._log}"
        return EmbeddedUnavailable(f"{what}{reason}: {remedy}.")


def _text(path: Path) -> str:
    """What a file says, or nothing when there is none."""
    with suppress(FileNotFoundError):
        return os.fsdecode(path.read_bytes())
    return ""


def _lives(process: Any) -> bool:  # noqa: ANN401 # psutil has no types
    with suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False

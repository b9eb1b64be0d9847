"""The supervisor against real processes, real kills and real refusals of the operating system."""

import os
import pwd
import shutil
import signal
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

from infrastructure.postgres import embedded
from infrastructure.postgres.embedded import Embedded, EmbeddedUnavailable

ROOT = Path(__file__).parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users, mounts and starts servers for others")
START = """
import sys
from pathlib import Path
from infrastructure.postgres.embedded import Embedded, EmbeddedUnavailable
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


def arguments(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "data" / "postmaster.pid").read_text().split()[0]))


def has_ended(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


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


def test_the_first_start_makes_a_server_that_keeps_what_it_confirms(folder: Path) -> None:
    with Embedded(folder) as server:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert ask(server.url(), f"SHOW {setting}") == "on"
        assert ask(server.url(), "SHOW timezone") == "UTC"
        assert ask(server.url(), "SHOW server_encoding") == "UTF8"
        assert ask(server.url(), "SHOW listen_addresses") == ""
        locale = "SELECT concat(datlocprovider, datlocale) FROM pg_database WHERE datname = current_database()"
        assert ask(server.url(), locale) == "bC.UTF-8"
        assert ask(server.url(), "SELECT lower('É中')") == "é中"


def test_only_who_knows_the_password_gets_in_and_only_the_servers_user_can_read_it(folder: Path) -> None:
    with Embedded(folder) as server:
        stored = "SELECT left(rolpassword, 14) FROM pg_authid WHERE rolname = 'postgres'"
        assert ask(server.url(), stored) == "SCRAM-SHA-256$"
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.url(password="a guess"))
    assert (folder / "password").stat().st_mode & 0o777 == 0o600
    assert (folder / "server.log").stat().st_mode & 0o777 == 0o600
    assert (folder / "run").stat().st_mode & 0o777 == 0o700


def test_the_url_names_database_user_and_password_with_any_signs(folder: Path) -> None:
    with Embedded(folder) as server:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("CREATE ROLE \"o'wner@/\" LOGIN PASSWORD 'p:%/密'")
            connection.execute('CREATE DATABASE "公断 ?"')
        assert ask(server.url("公断 ?", "o'wner@/", "p:%/密"), "SELECT current_user || current_database()") == (
            "o'wner@/公断 ?"
        )


def test_there_is_no_url_before_the_start(room: Path) -> None:
    with pytest.raises(EmbeddedUnavailable, match="start"):
        Embedded(room / "postgres").url()


def test_the_last_of_several_users_stops_the_server(folder: Path) -> None:
    first, second = Embedded(folder).start(), Embedded(folder).start()
    process = postmaster(folder)
    with another_process(folder) as third:
        assert first_line(third) == first.url() == second.url()
        first.stop()
        second.stop()
        second.stop()
        assert not has_ended(process)
    assert has_ended(process)


def test_a_process_that_ends_without_stopping_stops_the_server_all_the_same(folder: Path) -> None:
    end = "server = Embedded(Path(sys.argv[1])).start(); print(server.url(), flush=True); sys.exit()"
    with another_process(folder, before=end) as holder:
        first_line(holder)
    assert not (folder / "data" / "postmaster.pid").exists()


def test_a_killed_holder_leaves_a_server_that_the_next_user_adopts_and_stops(folder: Path) -> None:
    with another_process(folder) as holder:
        first_line(holder)
        process = postmaster(folder)
        holder.kill()
        holder.wait()
        with Embedded(folder) as server:
            assert postmaster(folder) == process
            assert ask(server.url()) == "here"
    assert has_ended(process)


def test_the_terminals_ctrl_c_reaches_the_holder_and_not_the_server(folder: Path) -> None:
    with another_process(folder) as holder, Embedded(folder) as server:
        first_line(holder)
        assert os.getsid(postmaster(folder).pid) not in {os.getsid(0), os.getsid(holder.pid)}
        os.killpg(holder.pid, signal.SIGINT)
        holder.wait()
        assert ask(server.url()) == "here"


def test_processes_that_start_at_once_make_one_cluster_and_share_one_server(room: Path) -> None:
    folder = room / "postgres"
    with (
        another_process(folder) as one,
        another_process(folder) as two,
        another_process(folder) as three,
        another_process(folder) as four,
    ):
        (url,) = {first_line(one), first_line(two), first_line(three), first_line(four)}
        assert ask(url, "SELECT 1") == 1
        process = postmaster(folder)
    assert has_ended(process)


def test_a_cluster_whose_maker_was_killed_is_made_anew(room: Path) -> None:
    folder = room / "postgres"
    with another_process(folder) as maker:
        wait_until((folder / "data.half" / "PG_VERSION").exists)
        maker.kill()
        maker.wait()
        assert not (folder / "data").exists()
        with Embedded(folder) as server:
            assert ask(server.url(), "SELECT 1") == 1
    assert not (folder / "data.half").exists()


def test_a_folder_with_other_files_is_refused_and_left_as_it_was(room: Path) -> None:
    folder = room / "postgres"
    (folder / "data.half").mkdir(parents=True)
    (folder / "data.half" / "thesis.txt").write_text("years of work")
    before = folder.stat().st_mode
    assert "choose an empty folder" in refusal(folder)
    assert [str(path.relative_to(folder)) for path in folder.rglob("*")] == ["data.half", "data.half/thesis.txt"]
    assert folder.stat().st_mode == before


def test_a_file_in_the_folders_place_is_refused(room: Path) -> None:
    (room / "postgres").write_text("a file")
    assert "choose another data folder" in refusal(room / "postgres")


def test_a_killed_postmaster_is_started_again_with_what_it_had_confirmed(folder: Path) -> None:
    with Embedded(folder) as server:
        assert server.alive()
        assert not server.restart_if_dead()
        with psycopg.connect(server.url()) as connection:
            connection.execute("CREATE TABLE confirmed AS SELECT 'too' AS word")
        postmaster(folder).kill()
        wait_until(lambda: not server.alive())
        assert server.restart_if_dead()
        assert not server.restart_if_dead()
        assert ask(server.url(), "SELECT word FROM confirmed") == "too"


@contextmanager
def stranger() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(["/bin/sleep", "600"]) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_pid_file_that_names_another_program_neither_hinders_nor_harms(folder: Path) -> None:
    leave_pid_file(folder)
    with stranger() as sleeper:
        name_in_pid_file(folder, sleeper.pid)
        with Embedded(folder) as server:
            assert ask(server.url()) == "here"
        assert sleeper.poll() is None


def test_a_pid_file_that_names_a_process_that_nobody_reaps_does_not_hinder(folder: Path) -> None:
    leave_pid_file(folder)
    with stranger() as sleeper:
        sleeper.kill()
        zombie = psutil.Process(sleeper.pid)
        wait_until(lambda: bool(zombie.status() == psutil.STATUS_ZOMBIE))
        name_in_pid_file(folder, zombie.pid)
        with Embedded(folder) as server:
            assert ask(server.url()) == "here"
        assert zombie.status() == psutil.STATUS_ZOMBIE


def test_a_pid_file_that_names_another_folders_server_neither_hinders_nor_harms(folder: Path, own_folder: Path) -> None:
    leave_pid_file(folder)
    with Embedded(own_folder) as other:
        name_in_pid_file(folder, postmaster(own_folder).pid)
        with Embedded(folder) as server:
            assert ask(server.url()) == "here"
        assert ask(other.url()) == "here"


def leave_pid_file(folder: Path) -> None:
    """What a crash of all of the machine's processes leaves."""
    with Embedded(folder):
        process = postmaster(folder)
        process.kill()
        wait_until(lambda: has_ended(process))


def name_in_pid_file(folder: Path, pid: int) -> None:
    file = folder / "data" / "postmaster.pid"
    _, rest = file.read_text().split("\n", 1)
    file.write_text(f"{pid}\n{rest}")


def test_a_backend_that_outlives_its_postmaster_does_not_hinder_the_next(folder: Path) -> None:
    with Embedded(folder) as server, psycopg.connect(server.url()) as connection:
        backend = psutil.Process(connection.info.backend_pid)
        connection.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1000000000000)")
        wait_until(lambda: "SELECT" in " ".join(arguments(backend)))
        postmaster(folder).kill()
        wait_until(lambda: not server.alive())
        assert server.restart_if_dead()
        assert has_ended(backend)
        assert ask(server.url()) == "here"
        connection.close()


def test_a_recovery_may_take_longer_than_a_start(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Embedded(own_folder) as server:
        # Recovery from an archive asks for each file it lacks, here from a slow archive.
        with (own_folder / "data" / "postgresql.auto.conf").open("a") as settings:
            settings.write("restore_command = 'sleep 0.7; false'\n")
        (own_folder / "data" / "recovery.signal").touch()
        postmaster(own_folder).kill()
        wait_until(lambda: not server.alive())
        monkeypatch.setattr(embedded, "_PATIENCE", 0.5)
        assert server.restart_if_dead()
        assert ask(server.url()) == "here"
        assert "starting archive recovery" in (own_folder / "server.log").read_text()


def test_a_server_that_hangs_without_recovering_is_given_up(
    folder: Path, room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = next(iter(embedded._candidates()))
    long = f"600.{os.getpid()}"
    programs = room / "bin"
    programs.mkdir()
    (programs / "initdb").touch()
    (programs / "postgres").write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && exec "{real}/postgres" --version\nexec /bin/sleep {long}\n'
    )
    (programs / "postgres").chmod(0o755)
    monkeypatch.setenv("GONGDUAN_PG_BIN", str(programs))
    monkeypatch.setattr(embedded, "_PATIENCE", 0.5)
    assert "too long to start" in refusal(folder)
    wait_until(lambda: not any(long in arguments(process) for process in psutil.process_iter()))


def test_a_server_that_is_stopping_slowly_is_stopped_fast_and_started_anew(folder: Path) -> None:
    with Embedded(folder) as server, psycopg.connect(server.url()):
        before = postmaster(folder)
        before.terminate()  # waits for its clients to leave
        wait_until(lambda: "stopping" in (folder / "data" / "postmaster.pid").read_text())
        with Embedded(folder) as next_user:
            assert postmaster(folder) != before
            assert ask(next_user.url()) == "here"


@pytest.mark.parametrize("name", ['公断 数据/it\'s "50%"', "one,two", "long/" + "x" * 120])
def test_a_folder_may_have_any_name(folder: Path, room: Path, name: str) -> None:
    moved = room / name / "postgres"
    moved.parent.mkdir(parents=True)
    folder.rename(moved)
    with Embedded(moved) as server:
        assert ask(server.url()) == "here"
    moved.rename(folder)


def test_a_path_too_long_for_a_socket_gets_a_short_private_folder_for_as_long_as_the_server_runs(
    folder: Path, room: Path
) -> None:
    moved = room / ("x" * 120)
    folder.rename(moved)
    with Embedded(moved):
        sockets = Path((moved / "data" / "postmaster.pid").read_text().splitlines()[4])
        assert not sockets.is_relative_to(moved)
        assert sockets.stat().st_mode & 0o777 == 0o700
        assert sockets.stat().st_uid == (moved / "data").stat().st_uid
    assert not sockets.exists()
    moved.rename(folder)


def test_tcp_on_loopback_is_there_on_request(folder: Path) -> None:
    port = free_port()
    with Embedded(folder, tcp_port=port) as server, Embedded(folder) as without:
        assert f"@127.0.0.1:{port}/" in server.url()
        assert ask(server.url(), "SELECT host(inet_server_addr())") == "127.0.0.1"
        assert ask(without.url(), "SELECT coalesce(host(inet_server_addr()), 'socket')") == "socket"
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.url(password="a guess"))


def test_a_taken_tcp_port_is_named_and_nobody_is_left_behind(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} is taken" in refusal(folder, tcp_port=port)
    with Embedded(folder, tcp_port=port) as server:
        assert ask(server.url()) == "here"
    assert not (folder / "data" / "postmaster.pid").exists()


def test_a_tcp_port_that_the_running_server_lacks_is_refused(folder: Path) -> None:
    port = free_port()
    with Embedded(folder) as server:
        assert f"without the TCP port {port}" in refusal(folder, tcp_port=port)
        assert ask(server.url()) == "here"


@contextmanager
def without(path: Path) -> Iterator[None]:
    aside = path.with_name("aside")
    path.rename(aside)
    try:
        yield
    finally:
        aside.rename(path)


@contextmanager
def saying(path: Path, text: str) -> Iterator[None]:
    before = path.read_text()
    path.write_text(text)
    try:
        yield
    finally:
        path.write_text(before)


def test_data_of_another_major_version_is_refused(folder: Path) -> None:
    with saying(folder / "data" / "PG_VERSION", "9\n"):
        assert "made by PostgreSQL 9" in refusal(folder)


@pytest.mark.parametrize(
    ("lost", "said"), [("PG_VERSION", "PG_VERSION is missing"), ("global/pg_control", "pg_control")]
)
def test_damaged_data_is_refused_with_the_reason_and_the_remedy_and_never_made_anew(
    folder: Path, lost: str, said: str
) -> None:
    with without(folder / "data" / lost):
        sentence = refusal(folder)
        assert said in sentence
        assert "restore" in sentence
    with Embedded(folder) as server:
        assert ask(server.url()) == "here"


def test_a_refusal_of_the_server_is_told_in_its_own_words(folder: Path) -> None:
    with saying(folder / "data" / "postgresql.conf", "shared_preload_libraries = 'nothing_of_this_name'\n"):
        assert 'could not access file "nothing_of_this_name"' in refusal(folder)


def test_a_lost_password_file_is_told(folder: Path) -> None:
    with without(folder / "password"):
        assert "password is missing" in refusal(folder)


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Path]:
    place.mkdir()
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    command: list[str | Path] = [mount or "mount", "-t", "tmpfs", "-o", f"size={size},mode=0711", "tmpfs", place]
    if os.geteuid() or not mount or not unmount or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("a small disk can only be mounted by a root that may mount")
    try:
        yield place
    finally:
        subprocess.run([unmount, "--lazy", place], check=True)


def fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as filler, pytest.raises(OSError, match="No space left"):
        filler.writelines(bytes(4096) for _ in range(1 << 20))


def test_a_disk_too_small_for_a_cluster_is_told(room: Path) -> None:
    with small_disk(room / "disk", "8m") as disk:
        assert "is full: free space" in refusal(disk / "postgres")
        assert not (disk / "postgres" / "data").exists()


def test_a_disk_too_small_for_the_programs_is_told(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGDUAN_PG_BIN", str(programs_behind_a_closed_door(room)))
    with small_disk(room / "disk", "8m") as disk:
        assert "is full: free space" in refusal(disk / "postgres")


def test_a_disk_that_is_full_at_the_start_is_told_and_costs_no_data(cluster: Path, room: Path) -> None:
    with small_disk(room / "disk", "128m") as disk:
        subprocess.run(["/bin/cp", "-a", cluster, disk / "postgres"], check=True)
        fill(disk)
        assert "is full: free space" in refusal(disk / "postgres")
        (disk / "filler").unlink()
        with Embedded(disk / "postgres") as server:
            assert ask(server.url()) == "here"


def programs_behind_a_closed_door(room: Path) -> Path:
    """The programs as a virtual environment in root's home holds them; their package keeps its name and neighbours."""
    prefix = next(iter(embedded._candidates())).parent
    package, door = prefix.parent, room / "closed"
    door.mkdir(mode=0o700)
    for_builds = shutil.ignore_patterns("include", "*.a")
    shutil.copytree(prefix, door / package.name / prefix.name, ignore=for_builds)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, door / libraries.name)
    for path in door.rglob("*"):
        path.chmod(0o700)
    return door / package.name / prefix.name / "bin"


@as_root
def test_programs_out_of_the_users_reach_are_copied_once_and_again_after_an_upgrade(
    room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = room / "postgres"
    programs = programs_behind_a_closed_door(room)
    monkeypatch.setenv("GONGDUAN_PG_BIN", str(programs))

    def program_that_runs() -> Path:
        with Embedded(folder) as server:
            assert ask(server.url(), "SELECT 1") == 1
            return Path(postmaster(folder).exe())

    copied = program_that_runs()
    made = copied.stat().st_ino
    assert copied.is_relative_to(folder / "binaries")
    assert program_that_runs() == copied
    assert copied.stat().st_ino == made
    os.utime(programs / "postgres", ns=(0, 0))
    assert program_that_runs() != copied
    assert not copied.exists()
    assert (room / "closed").stat().st_mode & 0o777 == 0o700


@as_root
def test_a_folder_out_of_the_users_reach_is_refused_and_no_door_is_opened(room: Path) -> None:
    home = room / "home"
    home.mkdir(mode=0o700)
    assert "closed to user" in refusal(home / "data" / "postgres")
    assert home.stat().st_mode & 0o777 == 0o700


@as_root
def test_for_root_the_server_runs_as_an_unprivileged_user(folder: Path) -> None:
    with Embedded(folder):
        assert postmaster(folder).uids().effective != 0
        assert postmaster(folder).gids().effective != 0


@contextmanager
def users_only(room: Path, folder: Path, *names: str) -> Iterator["subprocess.Popen[str]"]:
    """A root process on a machine that knows only some users."""
    people, switch = room / "passwd", room / "nsswitch.conf"
    lines = Path("/etc/passwd").read_text().splitlines(keepends=True)
    people.write_text("".join(line for line in lines if line.split(":")[0] in names))
    switch.write_text("passwd: files\ngroup: files\n")  # other sources make up a nobody
    unshare = shutil.which("unshare") or "unshare"
    script = 'mount --bind "$1" /etc/passwd && mount --bind "$2" /etc/nsswitch.conf && shift 2 && exec "$@"'
    probe: list[str | Path] = [unshare, "--mount", "/bin/sh", "-c", script, "sh", people, switch, "/bin/true"]
    if subprocess.run(probe, check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody have other users")
    with another_process(folder, within=probe[:-1]) as process:
        yield process


@as_root
def test_without_a_user_postgres_the_server_runs_as_nobody_and_stays_with_that_user(room: Path) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    with users_only(room, room / "postgres", "root", "nobody") as process:
        assert first_line(process).startswith("postgresql:")
        assert postmaster(room / "postgres").uids().effective == nobody
    with Embedded(room / "postgres"):
        assert postmaster(room / "postgres").uids().effective == nobody


@as_root
def test_root_without_an_unprivileged_user_is_told(room: Path) -> None:
    with users_only(room, room / "postgres", "root") as process:
        assert "run as another user" in first_line(process)


@as_root
def test_a_user_id_without_a_name_is_told(room: Path) -> None:
    room.chmod(0o777)
    with another_process(room / "postgres", before="import os; os.setgroups([]); os.setuid(54321)") as process:
        assert "user id 54321 has no name" in first_line(process)


@as_root
def test_a_folder_of_another_user_is_refused(folder: Path) -> None:
    uid = pwd.getpwnam("nobody").pw_uid
    with another_process(folder, before=f"import os; os.setgroups([]); os.setuid({uid})") as process:
        assert "run as the user who made it" in first_line(process)


def test_a_machine_without_programs_that_run_is_told(folder: Path, room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = room / "bin"
    programs.mkdir()
    monkeypatch.setenv("GONGDUAN_PG_BIN", str(programs))
    assert "GONGDUAN_DATABASE_URL" in refusal(folder)
    for name in ("postgres", "initdb"):
        (programs / name).write_text("#!/lib/ld-of-another-machine\n")  # as programs for glibc look to musl
        (programs / name).chmod(0o755)
    assert "GONGDUAN_DATABASE_URL" in refusal(folder)


def test_windows_is_told_that_it_needs_a_database_url(room: Path) -> None:
    with another_process(room / "postgres", before="sys.platform = 'win32'") as process:
        assert "GONGDUAN_DATABASE_URL" in first_line(process)


def test_the_package_with_the_programs_is_never_imported(folder: Path) -> None:
    look = "import atexit; atexit.register(lambda: print(sys.modules.keys() & set(sys.argv[2:]), flush=True))"
    with another_process(folder, *embedded._PACKAGES, before=look) as process:
        first_line(process)
        assert process.stdin is not None
        process.stdin.close()
        assert first_line(process) == "set()"

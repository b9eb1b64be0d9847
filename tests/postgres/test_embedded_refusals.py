"""What the supervisor cannot use it refuses in a sentence with the remedy, and leaves as it was."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infrastructure.postgres import binaries
from infrastructure.postgres.embedded import Embedded
from tests.postgres.embedded_rooms import (
    another_process,
    as_root,
    ask,
    cluster,
    first_line,
    folder,
    own_folder,
    postmaster,
    refusal,
    room,
)

__all__ = ["cluster", "folder", "own_folder", "room"]


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
    prefix = next(iter(binaries.candidates())).parent
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
    with another_process(folder, *binaries.PACKAGES, before=look) as process:
        first_line(process)
        assert process.stdin is not None
        process.stdin.close()
        assert first_line(process) == "set()"

"""The supervisor against real processes and real kills: one server, shared, kept, found again."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from infrastructure.postgres import binaries, embedded
from infrastructure.postgres.embedded import Embedded, EmbeddedUnavailable
from tests.postgres.embedded_rooms import (
    another_process,
    ask,
    cluster,
    first_line,
    folder,
    free_port,
    own_folder,
    postmaster,
    refusal,
    room,
    wait_until,
)
from tests.support.processes import arguments, has_ended

__all__ = ["cluster", "folder", "own_folder", "room"]


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
    real = next(iter(binaries.candidates()))
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

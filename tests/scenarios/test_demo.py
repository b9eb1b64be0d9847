"""The demo as a newcomer runs it: a real process, its output and its exit code."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from infrastructure.demo.run import INDENT
from infrastructure.demo.stories import STORIES
from infrastructure.playbooks.reader import COMMON
from infrastructure.web.plain_text import COLUMNS, columns

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_S = 240


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A data folder that the unprivileged user of a root installation can reach; each demo finds what was there."""
    yield from _made()


@pytest.fixture
def empty_folder() -> Iterator[Path]:
    yield from _made()


def _made() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="gongduan-demo-test-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def demo(folder: Path, *arguments: str, port: int | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "infrastructure.cli", "demo", "--exit", "--data", str(folder / "data")]
    return subprocess.run(
        [*command, "--port", str(port or free_port()), *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
    )


def chosen(*names: str) -> list[str]:
    return [word for name in names for word in ("--story", name)]


def servers(folder: Path) -> list[int]:
    """Processes that work in this folder."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if str(folder) in " ".join(process.info["cmdline"] or [])
    ]


def test_every_story_ends_as_told_and_is_told_and_nothing_is_left_running(folder: Path) -> None:
    ended = demo(folder, "--lang", "en")
    assert ended.returncode == 0, ended.stderr
    assert all(story.name in ended.stderr for story in STORIES)
    for number, story in enumerate(STORIES, start=1):
        assert f"\n{number}. {story.en}\n" in ended.stdout
    assert ended.stdout.count("How it ended: ") == len(STORIES)
    assert len(re.findall(r"Refused: ", ended.stdout)) >= len(STORIES)
    assert "paid for line 1 CNY 39.80 → 100% (COMMON-REFUND-FULL) = CNY 39.80" in ended.stdout
    assert max(map(columns, ended.stdout.splitlines())) <= COLUMNS
    assert not re.search("[\u4e00-\u9fff]", ended.stdout)  # whoever reads English can read all of it
    assert servers(folder) == []


def test_a_title_takes_one_line_of_a_small_terminal() -> None:
    assert [story.name for story in STORIES if max(columns(story.zh), columns(story.en)) > 80 - INDENT] == []


def test_chosen_stories_are_told_in_chinese_twice_in_the_same_folder(folder: Path) -> None:
    for _ in range(2):
        ended = demo(folder, "--lang", "zh", *chosen("settled_by_offer", "merchant_silent"))
        assert ended.returncode == 0, ended.stderr
        assert "39.80 元" in ended.stdout
        assert ended.stdout.count("结局：") == 2
    assert servers(folder) == []


def test_a_story_that_is_not_there_is_told_with_those_that_are(folder: Path) -> None:
    ended = demo(folder, *chosen("no_such_story"))
    assert ended.returncode == 2
    assert "no_such_story" in ended.stderr
    assert all(story.name in ended.stderr.replace("\n", "") for story in STORIES[:1])


def test_under_another_rule_the_demo_fails_and_names_the_case(folder: Path) -> None:
    altered = folder / "altered.yaml"
    altered.write_text(COMMON.replace("    percent: 100", "    percent: 50", 1), encoding="utf-8")
    names = ["fruit_taste_merchant_refuses", "merchant_silent"]
    ended = demo(folder, "--playbook", str(altered), *chosen(*names, "appeal_overturns"))
    assert ended.returncode == 1
    told = [line for line in ended.stderr.splitlines() if "the award should be" in line]
    assert [name for line in told for name in names if name in line] == names
    assert all("1990" in line for line in told)
    assert "Ended otherwise: fruit_taste_merchant_refuses, merchant_silent\n" in ended.stderr


@pytest.mark.parametrize(
    ("answer", "what"),
    [("refuse", "the attempts to pay should be 1"), ("wrong_amount", "the payment's state should be 'confirmed'")],
)
def test_with_one_other_answer_of_the_payment_server_the_demo_fails_and_names_the_case(
    folder: Path, answer: str, what: str
) -> None:
    answers = folder / "answers.json"
    answers.write_text(json.dumps([{"answer": answer}]))
    ended = demo(folder, "--payment-answers", str(answers), *chosen("fruit_taste_merchant_refuses"))
    assert ended.returncode == 1
    [told] = [line for line in ended.stderr.splitlines() if what in line]
    assert "fruit_taste_merchant_refuses" in told


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_stays_up_until_told_to_end_restarts_a_killed_database_and_leaves_nothing_running(
    folder: Path, told: signal.Signals
) -> None:
    port = free_port()
    command = [sys.executable, "-m", "infrastructure.cli", "demo", "--lang", "en", "--data", str(folder / "data")]
    command += chosen("settled_by_offer")
    with (folder / "talk").open("wb") as talk:
        process = subprocess.Popen([*command, "--port", str(port)], stdout=talk, stderr=talk, start_new_session=True)
    try:
        said = wait_for(folder / "talk", "Ctrl-C", process)
        assert f"http://127.0.0.1:{port}/docs" in said
        pid = int((folder / "data" / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        wait_for(folder / "talk", "database", process, after=len(said))
        process.send_signal(told)
        assert process.wait(PATIENCE_S) == 0
    finally:
        if process.poll() is None:
            process.kill()
    assert servers(folder) == []


def wait_for(file: Path, words: str, process: subprocess.Popen[bytes], after: int = 0) -> str:
    give_up = time.monotonic() + PATIENCE_S
    while words not in (said := file.read_text(errors="replace"))[after:]:
        assert process.poll() is None, said
        assert time.monotonic() < give_up, said
        time.sleep(0.1)
    return said


def test_a_taken_port_is_told_in_one_sentence_with_the_remedy(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = demo(folder, port=port)
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        f"gongduan: port {port} on 127.0.0.1 cannot be had: end the program that has it, or choose another with --port"
    ]


def test_a_foreign_data_folder_is_told_in_one_sentence_and_left_alone(empty_folder: Path) -> None:
    foreign = empty_folder / "data" / "postgres"
    foreign.mkdir(parents=True)
    (foreign / "thesis.txt").write_text("mine")
    ended = demo(empty_folder)
    assert ended.returncode == 1
    [sentence] = ended.stderr.splitlines()
    assert "thesis" in sentence or str(foreign) in sentence
    assert [path.name for path in foreign.iterdir()] == ["thesis.txt"]


def test_production_is_refused_in_one_sentence(folder: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "infrastructure.cli", "demo", "--exit", "--data", str(folder / "data")],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        env=os.environ | {"GONGDUAN_ENVIRONMENT": "production"},
    )
    assert ended.returncode == 1
    [sentence] = ended.stderr.splitlines()
    assert "GONGDUAN_ENVIRONMENT" in sentence


def test_a_playbook_with_a_mistake_is_told_at_its_line(folder: Path) -> None:
    broken = folder / "broken.yaml"
    broken.write_text(COMMON.replace("hours: 48", "hours: soon"), encoding="utf-8")
    ended = demo(folder, "--playbook", str(broken))
    assert ended.returncode == 1
    assert re.search(r"[Ll]ine \d+", ended.stderr)

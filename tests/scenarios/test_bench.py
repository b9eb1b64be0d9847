"""The bench as anybody runs it, very short: all rows, and an interruption. How fast anything is, no test says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from infrastructure.bench.rows import ROWS
from tests.support.processes import arguments, has_ended

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_S = 240
BENCH = (sys.executable, "-m", "infrastructure.cli", "bench", "--rounds", "1", "--seconds", "0.2")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that the unprivileged user of a root installation can reach."""
    with tempfile.TemporaryDirectory(prefix="gongduan-bench-test-") as made:
        Path(made).chmod(0o711)
        yield Path(made)


def left_running(folder: Path) -> list[list[str]]:
    return [
        one.info["cmdline"]
        for one in psutil.process_iter(["cmdline"])
        if str(folder) in " ".join(one.info["cmdline"] or [])
    ]


def test_every_row_prints_its_figure_beside_its_yardstick_and_nothing_is_left(folder: Path) -> None:
    ended = subprocess.run(
        [*BENCH, "--json"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        env=os.environ | {"GONGDUAN_DATA": str(folder)},
    )
    assert ended.returncode in {0, 3}, ended.stderr
    told = json.loads(ended.stdout)
    assert (told["rounds"], told["seconds"]) == (1, 0.2)
    assert [row["name"] for row in told["rows"]] == [row.name for row in ROWS]
    for row in told["rows"]:
        assert row["value"] > 0
        assert row["against"]
        if row["name"] != "visible":
            assert row["ratio"] == pytest.approx(row["value"] / row["yardstick"])
    assert (ended.returncode == 3) == any(row["verdict"] == "below gate" for row in told["rows"])
    assert all(row.name in ended.stderr for row in ROWS)
    assert left_running(folder) == []


def test_an_interruption_ends_it_with_130_and_takes_its_children_along(folder: Path) -> None:
    with (folder / "talk").open("wb") as talk:
        process = subprocess.Popen(
            [*BENCH, "--seconds", "60", "http.command"],
            stdout=talk,
            stderr=talk,
            start_new_session=True,
            env=os.environ | {"GONGDUAN_DATA": str(folder)},
        )
    try:
        give_up = time.monotonic() + PATIENCE_S
        while not any("infrastructure.bench.served" in part for child in children_of(process.pid) for part in child):
            assert process.poll() is None, (folder / "talk").read_text()
            assert time.monotonic() < give_up
            time.sleep(0.02)
        served = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 130, (folder / "talk").read_text()
        assert [child for child in served if not has_ended(child)] == []
    finally:
        if process.poll() is None:
            process.kill()
    assert left_running(folder) == []


def children_of(pid: int) -> list[list[str]]:
    return [arguments(child) for child in psutil.Process(pid).children()]

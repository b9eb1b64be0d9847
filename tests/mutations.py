"""Breaks one rule at a time and looks whether the test that stands for it goes red: `python -m tests.mutations`."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).parents[1]
LIST = Path(__file__).with_suffix(".toml")
LEFT_BEHIND = (".*", "__pycache__", "*.egg-info", "node_modules")
LEFT_OUT = ("cacheprovider", "cov", "xdist")  # plugins that only cost time here
SECONDS_MAX = 180
SECONDS_TO_END = 20
FAILED = 1  # pytest: tests were run and some failed; a broken collection answers otherwise


@dataclass(frozen=True, slots=True)
class Mutation:
    """A rule taken away: `old` becomes `new` in `file`, and `test` must notice."""

    name: str
    file: str
    old: str
    new: str
    test: str
    stands_for: str
    invariants: tuple[int, ...] = ()


def read(path: Path) -> tuple[Mutation, ...]:
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["mutation"]
    return tuple(Mutation(**row | {"invariants": tuple(row.get("invariants", ()))}) for row in rows)


MUTATIONS = read(LIST)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def run_tests(tree: Path, tests: Iterable[str], *options: str) -> subprocess.CompletedProcess[str]:
    without = [option for plugin in LEFT_OUT for option in ("-p", f"no:{plugin}")]
    command = [sys.executable, "-m", "pytest", "-q", *without, *options, *tests]
    # Without bytecode: a file changed twice within a second, at the same length, would run as it was before.
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        command, cwd=tree, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        try:
            said = running.communicate(timeout=SECONDS_MAX)
        except subprocess.TimeoutExpired:
            end(running)
            raise
        return subprocess.CompletedProcess(command, running.returncode, *said)


def end(running: subprocess.Popen[str]) -> None:
    """Ask first, so that a database that was started for the tests ends with them."""
    running.send_signal(signal.SIGINT)
    try:
        running.communicate(timeout=SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        running.kill()


def verdict(tree: Path, mutation: Mutation) -> str:
    """Whether the test goes red, by a failure of its own."""
    path = tree / mutation.file
    source = path.read_text(encoding="utf-8")
    if source.count(mutation.old) != 1:
        return "old text not found"
    path.write_text(source.replace(mutation.old, mutation.new), encoding="utf-8")
    try:
        ran = run_tests(tree, [mutation.test], "-x")
    except subprocess.TimeoutExpired:
        return "NO END"
    finally:
        path.write_text(source, encoding="utf-8")
    if ran.returncode == 0:
        return "STILL GREEN"
    if ran.returncode == FAILED and re.search(r"\b\d+ failed\b", ran.stdout):
        return "red"
    return "BROKEN, not red"


def check_green(tree: Path, mutations: Sequence[Mutation]) -> bool:
    tests = sorted({mutation.test for mutation in mutations})
    say(f"{len(tests)} tests without any mutation …")
    ran = run_tests(tree, tests)
    if ran.returncode != 0:
        say(ran.stdout[-4000:] + ran.stderr[-2000:])
        say("not green before any mutation: nothing can be said")
    return ran.returncode == 0


def copies(count: int, under: Path) -> Queue[Path]:
    trees: Queue[Path] = Queue()
    for number in range(count):
        tree = under / str(number)
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
        trees.put(tree)
    return trees


def carry_out(mutations: Sequence[Mutation], jobs: int, *, seen_green: bool) -> bool:
    """Whether every mutation was noticed."""
    with tempfile.TemporaryDirectory(prefix="mutations-") as folder:
        trees = copies(jobs, Path(folder))
        first = trees.get()
        if not seen_green and not check_green(first, mutations):
            return False
        trees.put(first)

        def judge(mutation: Mutation) -> str:
            tree = trees.get()
            try:
                return verdict(tree, mutation)
            finally:
                trees.put(tree)

        unnoticed = 0
        with ThreadPoolExecutor(jobs) as pool:
            for number, (mutation, said) in enumerate(zip(mutations, pool.map(judge, mutations), strict=True), start=1):
                unnoticed += said != "red"
                say(f"{number:3}/{len(mutations)} {said:18} {mutation.name}")
    say(f"{len(mutations) - unnoticed} of {len(mutations)} mutations went red")
    return not unnoticed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="the mutations whose name holds these words")
    parser.add_argument("--jobs", type=int, default=2, help="copies of the tree to work in at once")
    parser.add_argument("--seen-green", action="store_true", help="the tests have just passed: do not run them first")
    asked = parser.parse_args()
    mutations = [one for one in MUTATIONS if asked.only is None or asked.only in one.name]
    if not mutations:
        parser.error(f"no mutation is called {asked.only!r}")
    return 0 if carry_out(mutations, max(1, asked.jobs), seen_green=asked.seen_green) else 1


if __name__ == "__main__":
    sys.exit(main())

"""Breaks one rule at a time and looks whether the test that stands for it goes red: `python -m tests.mutations`."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
import shutil
import signal
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess

ROOT = Path(__file__).parents[1]
LIST = Path(__file__).with_suffix(".toml")
LEFT_BEHIND = (".*", "__pycache__", "*.egg-info", "node_modules")
LEFT_OUT = ("cacheprovider", "cov", "xdist")  # plugins that only cost time here
SECONDS_MAX = 400
SECONDS_TO_END = 20
# Loaded once and forked for every run: libraries only, so that each run reads its copy's code anew.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["pytest", "hypothesis.strategies", "pydantic", "psycopg", "eventsourcing", "fastapi"])
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


def run_tests(tree: Path, tests: Iterable[str], *options: str) -> tuple[int | None, str]:
    """What pytest answers in that copy, and what it said; None when it came to no end."""
    said = tree / "said.txt"
    run = FORKS.Process(target=in_the_copy, args=(str(tree), str(said), [*options, *tests]))
    run.start()
    run.join(SECONDS_MAX)
    in_time = run.exitcode is not None
    if not in_time:
        end(run)
    return run.exitcode if in_time else None, said.read_text(encoding="utf-8", errors="replace")


def in_the_copy(tree: str, said: str, arguments: list[str]) -> None:
    """Runs in a process of its own, which has the libraries but nothing of ours."""
    talk = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(talk, 1)
    os.dup2(talk, 2)
    os.chdir(tree)
    sys.path.insert(0, tree)
    for name in [name for name in sys.modules if name.split(".")[0] == "tests"]:
        del sys.modules[name]
    # Without bytecode: a file changed twice within a second, at the same length, would run as it was before.
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    without = [option for plugin in LEFT_OUT for option in ("-p", f"no:{plugin}")]
    sys.exit(pytest.main(["-q", "-W", "ignore::pytest.PytestAssertRewriteWarning", *without, *arguments]))


def end(run: ForkServerProcess) -> None:
    """Ask first, so that a database that was started for the tests ends with them."""
    if run.pid is not None:
        os.kill(run.pid, signal.SIGINT)
    run.join(SECONDS_TO_END)
    run.kill()
    run.join()


def verdict(tree: Path, mutation: Mutation) -> str:
    """Whether the test goes red, by a failure of its own."""
    path = tree / mutation.file
    source = path.read_text(encoding="utf-8")
    if source.count(mutation.old) != 1:
        return "old text not found"
    path.write_text(source.replace(mutation.old, mutation.new), encoding="utf-8")
    try:
        answer, said = run_tests(tree, [mutation.test], "-x")
    finally:
        path.write_text(source, encoding="utf-8")
    if answer is None:
        return "NO END"
    if answer == 0:
        return "STILL GREEN"
    if answer == FAILED and re.search(r"\b\d+ failed\b", said):
        return "red"
    return "BROKEN, not red"


def check_green(tree: Path, mutations: Sequence[Mutation]) -> bool:
    tests = sorted({mutation.test for mutation in mutations})
    say(f"{len(tests)} tests without any mutation …")
    answer, said = run_tests(tree, tests)
    if answer != 0:
        say(said[-6000:])
        say("not green before any mutation: nothing can be said")
    return answer == 0


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

"""Breaks one rule at a time and looks whether the test that stands for it goes red: `python -m tests.mutations`.

The whole list takes minutes. With `--touched` only those are run of which something has changed since the whole list
was last seen red, at the commit `proved_at` of the list, and a part of the others, in turn.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING

import pytest

from tests.support.mutation_list import MUTATIONS, ROOT, Choice, Mutation, choose

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess

LEFT_BEHIND = (".*", "*.egg-info", "node_modules")  # but not __pycache__: compiling costs more than most tests
QUICK = ("tests/domain/", "tests/application/", "tests/contract/")
LEFT_OUT = ("cacheprovider", "cov", "xdist")  # plugins that only cost time here
# What makes a server what it is, so that a mutation of it needs one of its own.
SERVERS = tuple(
    f"infrastructure/postgres/{name}" for name in ("embedded", "binaries", "migrat", "bootstrap_roles", "sql_loader")
)
OURS = {"domain", "application", "infrastructure"}
SECONDS_MAX = 400
SECONDS_TO_END = 20
# Loaded once and forked for every run: libraries only, so that each run reads its copy's code anew.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        *(
            "pytest",
            "_hypothesis_pytestplugin",
            "pytest_socket",
            "pytest_timeout",
            "anyio.pytest_plugin",
            "unittest.mock",
        ),
        *("hypothesis.strategies", "pydantic", "psycopg", "eventsourcing", "fastapi", "ruamel.yaml"),
    ]
)
FAILED = 1  # pytest: tests were run and some failed; a broken collection answers otherwise


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def run_tests(tree: Path, tests: Iterable[str], *options: str, server: Path | None = None) -> tuple[int | None, str]:
    """What pytest answers in that copy, and what it said; None when it came to no end."""
    from tests.support.database import SERVER  # here, because it loads what the runs are to load from their copies

    said = tree / "said.txt"
    settings = {SERVER: str(server)} if server else {}
    run = FORKS.Process(target=in_the_copy, args=(str(tree), str(said), [*options, *tests], settings))
    run.start()
    run.join(SECONDS_MAX)
    in_time = run.exitcode is not None
    if not in_time:
        end(run)
    return run.exitcode if in_time else None, said.read_text(encoding="utf-8", errors="replace")


def in_the_copy(tree: str, said: str, arguments: list[str], settings: dict[str, str]) -> None:
    """Runs in a process of its own, which has the libraries but nothing of ours."""
    talk = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(talk, 1)
    os.dup2(talk, 2)
    os.chdir(tree)
    sys.path.insert(0, tree)
    for name in [name for name in sys.modules if name.split(".")[0] == "tests"]:
        del sys.modules[name]
    if OURS & {name.split(".")[0] for name in sys.modules}:
        sys.exit("what is to be mutated was loaded before it was")
    # Bytecode is read and never written: nothing of a mutation is left for the next.
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    os.environ.update(settings)
    without = [option for plugin in LEFT_OUT for option in ("-p", f"no:{plugin}")]
    sys.exit(pytest.main(["-q", "-W", "ignore::pytest.PytestAssertRewriteWarning", *without, *arguments]))


def end(run: ForkServerProcess) -> None:
    """Ask first, so that a database that was started for the tests ends with them."""
    if run.pid is not None:
        os.kill(run.pid, signal.SIGINT)
    run.join(SECONDS_TO_END)
    run.kill()
    run.join()


def write(path: Path, text: str, at_ns: int) -> None:
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(at_ns, at_ns))


def verdict(tree: Path, mutation: Mutation) -> str:
    """Whether the test goes red, by a failure of its own."""
    path = tree / mutation.file
    source, written = path.read_text(encoding="utf-8"), path.stat().st_mtime_ns
    if source.count(mutation.old) != 1:
        return "old text not found"
    server = None if mutation.file.startswith(SERVERS) else tree.parent / "server"
    try:
        # Bytecode is known by its source's time in seconds: that of the mutated text is another for certain.
        write(path, source.replace(mutation.old, mutation.new), written + 10**10)
        answer, said = run_tests(tree, [mutation.test], "-x", server=server)
    finally:
        write(path, source, written)
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
    answer, said = run_tests(tree, tests, server=tree.parent / "server")
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


@contextmanager
def work_folder() -> Iterator[Path]:
    """A folder for the copies and for the database server that they share, which a killed run may have left running."""
    folder = Path(tempfile.mkdtemp(prefix="mutations-"))
    folder.chmod(0o755)  # the database may be another user's
    try:
        yield folder
    finally:
        if (folder / "server").exists():
            from infrastructure.postgres.embedded import Embedded

            Embedded(folder / "server").start().stop()
        shutil.rmtree(folder, ignore_errors=True)


def carry_out(mutations: Sequence[Mutation], jobs: int, *, seen_green: bool) -> bool:
    """Whether every mutation was noticed."""
    # Those that take long first, so that none of them is waited for alone in the end.
    mutations = sorted(mutations, key=lambda one: one.test.startswith(QUICK))
    with work_folder() as folder:
        trees = copies(min(jobs, len(mutations)), folder)
        first = trees.get()
        if not seen_green and not check_green(first, mutations):
            return False
        trees.put(first)

        def judge(mutation: Mutation) -> tuple[str, float]:
            tree = trees.get()
            begun = time.monotonic()
            try:
                return verdict(tree, mutation), time.monotonic() - begun
            finally:
                trees.put(tree)

        unnoticed = 0
        with ThreadPoolExecutor(jobs) as pool:
            judged = zip(mutations, pool.map(judge, mutations), strict=True)
            for number, (mutation, (said, seconds)) in enumerate(judged, start=1):
                unnoticed += said != "red"
                say(f"{number:3}/{len(mutations)} {said:18} {seconds:5.1f} s  {mutation.name}")
    say(f"{len(mutations) - unnoticed} of {len(mutations)} mutations went red")
    return not unnoticed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="?", default="", help="only the mutations whose name holds these words")
    parser.add_argument("--jobs", type=int, default=2, help="copies of the tree to work in at once")
    parser.add_argument("--seen-green", action="store_true", help="the tests have just passed: do not run them first")
    parser.add_argument("--touched", action="store_true", help="only what changed since `proved_at`, and some others")
    asked = parser.parse_args()
    mutations = [one for one in MUTATIONS if asked.words in one.name]
    if not mutations:
        parser.error(f"no mutation is called {asked.words!r}")
    chosen = choose(mutations) if asked.touched else Choice(mutations, f"{len(mutations)} mutations are run")
    say(chosen.why)
    if not carry_out(chosen.mutations, max(1, asked.jobs), seen_green=asked.seen_green):
        return 1
    if len(chosen.mutations) == len(MUTATIONS):
        say("the whole list is red: the commit of this tree may be its `proved_at`")
    say(chosen.why)
    return 0


if __name__ == "__main__":
    sys.exit(main())

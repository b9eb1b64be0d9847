"""The tree is clean: style, types, dependencies, statements."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
SQL = ROOT / "infrastructure" / "postgres" / "sql"


@pytest.mark.parametrize(
    "command",
    [("ruff", "check"), ("ruff", "format", "--check"), ("mypy",), ("deptry", "."), ("pip", "check")],
    ids=["style", "layout", "types", "dependencies", "installation"],
)
def test_the_tree_passes(command: tuple[str, ...]) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False, timeout=280
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def locked(name: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / name).read_text(), re.MULTILINE))


def needed(project: str, extras: frozenset[str] = frozenset()) -> set[tuple[str, frozenset[str]]]:
    """A package with all that it needs here, each with the extras for which it is needed."""
    found, todo = set(), [(project, extras)]
    while todo:
        one = todo.pop()
        if one in found:
            continue
        found.add(one)
        for text in metadata.requires(one[0]) or []:
            wanted = Requirement(text)
            if wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in one[1] | {""}):
                todo.append((canonicalize_name(wanted.name), frozenset(wanted.extras)))
    return found


def test_what_is_locked_is_complete_so_that_nothing_is_resolved_at_installation() -> None:
    product = {name for name, _ in needed("gongduan")} - {"gongduan"}
    assert product <= locked("requirements.txt")
    assert locked("requirements.txt") <= locked("requirements-test.txt")


def test_every_statement_is_used_and_every_used_one_is_there() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "infrastructure").rglob("*.py"))
    named = set(re.findall(r"""["']([a-z_]+)["']""", code))
    used = set(re.findall(r"""sql\(["']([a-z_]+)["']\)""", code))
    there = {path.stem for path in SQL.glob("*.sql")}

    assert used <= there
    assert there <= named


def test_every_statement_says_why_it_is_there() -> None:
    assert [path.name for path in SQL.glob("*.sql") if not path.read_text().startswith("-- ")] == []


def test_the_top_level_is_as_the_owner_wishes() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout, so what belongs to the tree is not told")
    top = {line.split("/")[0] for line in listed.stdout.splitlines()}
    wanted = {"pyproject.toml", "domain", "application", "infrastructure", "tests", "deploy", "README.md"}
    beside = {"LICENSE", "CHANGELOG.md", "README.zh-CN.md", "requirements.txt", "requirements-test.txt"}
    assert {name for name in top if not name.startswith(".")} == wanted | beside

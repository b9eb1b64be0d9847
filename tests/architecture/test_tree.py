"""The tree is clean: style, types, dependencies, statements."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SQL = ROOT / "infrastructure" / "postgres" / "sql"


@pytest.mark.parametrize(
    "command",
    [("ruff", "check"), ("ruff", "format", "--check"), ("mypy",), ("deptry", ".")],
    ids=["style", "layout", "types", "dependencies"],
)
def test_the_tree_passes(command: tuple[str, ...]) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False, timeout=280
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


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

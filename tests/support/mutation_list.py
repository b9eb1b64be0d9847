"""The list of mutations, and which of them have to be run again after a change."""

from __future__ import annotations

import ast
import hashlib
import subprocess
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIST = "tests/mutations.toml"
# When one of these is another, nothing that was seen before says anything.
FOUNDATIONS = frozenset(("tests/mutations.py", "tests/support/mutation_list.py", "requirements-test.txt"))
TURNS = 6  # of what nothing has changed, this part is run, another one with each commit


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


@dataclass(frozen=True, slots=True)
class Choice:
    """What is run, and in words why that and what not."""

    mutations: Sequence[Mutation]
    why: str


def read(text: str) -> tuple[str, tuple[Mutation, ...]]:
    """The commit at which the whole list was last seen red, and the list."""
    listed = tomllib.loads(text)
    rows = listed["mutation"]
    mutations = tuple(Mutation(**row | {"invariants": tuple(row.get("invariants", ()))}) for row in rows)
    return listed.get("proved_at", ""), mutations


PROVED_AT, MUTATIONS = read((ROOT / LIST).read_text(encoding="utf-8"))


def choose(mutations: Sequence[Mutation]) -> Choice:
    """Of these, what has changed since the list was proved, and some others; all of them where that cannot be told."""
    before, listed, commit = _before(PROVED_AT), git("show", f"{PROVED_AT}:{LIST}"), git("rev-parse", "HEAD")
    if before is None or listed is None or commit is None:
        return Choice(mutations, f"{PROVED_AT or 'proved_at'} cannot be looked up here: all {len(mutations)} are run")
    if others := sorted(FOUNDATIONS & before.keys()):
        return Choice(mutations, f"{', '.join(others)} changed since {PROVED_AT:.12}: all {len(mutations)} are run")
    touched = touched_by(before, frozenset(read(listed)[1]), mutations)
    in_turn = [one for one in mutations if one not in touched and is_in_turn(one, commit)]
    why = (
        f"{len(touched)} of {len(mutations)} mutations are run because they, their file, or what their test stands on"
        f" changed since {PROVED_AT:.12}, where all were red; of the others every {TURNS}th in turn, {len(in_turn)};"
        f" {len(mutations) - len(touched) - len(in_turn)} are left out"
    )
    chosen = {*touched, *in_turn}
    return Choice([one for one in mutations if one in chosen], why)


def touched_by(before: Mapping[str, str], known: Collection[Mutation], mutations: Iterable[Mutation]) -> list[Mutation]:
    """The mutations that are new, or whose file or test is another than before, or what the test uses of our tests.

    `before` has each changed file as it was, empty where there was none. What a rule imports is left to the turns.
    """
    files = _tests()
    changed = {(path, name) for path in before.keys() & {*files} for name in changed_in(path, before[path])}
    uses = {(path, name): used for path in files for name, used in _uses(path).items()}
    while more := {one for one, used in uses.items() if one not in changed and used & changed}:
        changed |= more

    def is_touched(mutation: Mutation) -> bool:
        test, _, function = mutation.test.partition("::")
        return (
            mutation not in known
            or mutation.file in before
            or any(one in before for one in _conftests(test))
            or (test, function.partition("[")[0]) in changed
        )

    return [one for one in mutations if is_touched(one)]


def changed_in(path: str, before: str) -> frozenset[str]:
    """The names of what a file defines otherwise than before; all of them where it does something else when loaded."""
    old, new = definitions(before), definitions(_text(path))
    names = frozenset(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    return names | frozenset(new) if "" in names else names


def definitions(source: str) -> dict[str, str]:
    """What stands at the top of a module, by name and as its syntax; what has no name under an empty one."""
    found: dict[str, str] = {}
    for node in ast.parse(source).body:
        for name in _named(node):
            found[name] = found.get(name, "") + ast.dump(node)
    return found


def _named(node: ast.stmt) -> list[str]:
    """The names that a statement at the top of a module defines; imports and words define nothing."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)]
    if isinstance(node, ast.Import | ast.ImportFrom) or (isinstance(node, ast.Expr) and _is_text(node.value)):
        return []
    return [""]


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@cache
def _uses(path: str) -> dict[str, frozenset[tuple[str, str]]]:
    """What each definition of a file uses of our tests, as file and name: its own names, imported ones, fixtures."""
    known = {name: (path, name) for name in definitions(_text(path))}
    for file in (*_conftests(path), path):
        known = _imported(file) | known
    used: dict[str, frozenset[tuple[str, str]]] = {}
    for node in ast.parse(_text(path)).body:
        found = {known[one.id] for one in ast.walk(node) if isinstance(one, ast.Name) and one.id in known}
        found |= {known[one.arg] for one in ast.walk(node) if isinstance(one, ast.arg) and one.arg in known}
        for one in ast.walk(node):
            if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id in known:
                module, name = known[one.value.id]
                found.add((f"{module.removesuffix('.py')}/{name}.py", one.attr))
        for name in _named(node):
            used[name] = used.get(name, frozenset()) | found
    return used


def _imported(path: str) -> dict[str, tuple[str, str]]:
    """The names that a file imports from our tests, or for a conftest defines, too, and where they come from.

    A module that is imported whole comes from its package's file, of which there is none.
    """
    tree = ast.parse(_text(path))
    found = {
        alias.asname or alias.name: (f"{(node.module or '').replace('.', '/')}.py", alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "tests"
        for alias in node.names
    }
    own = definitions(_text(path)) if path.endswith("conftest.py") else {}
    return found | {name: (path, name) for name in own}


def _conftests(path: str) -> list[str]:
    return [f"{folder}/conftest.py" for folder in reversed(Path(path).parents) if str(folder) != "."]


@cache
def _text(path: str) -> str:
    file = ROOT / path
    return file.read_text(encoding="utf-8") if file.is_file() else ""


@cache
def _tests() -> tuple[str, ...]:
    return tuple(sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("*.py")))


def is_in_turn(mutation: Mutation, commit: str) -> bool:
    """Whether it is this mutation's turn at this commit."""
    drawn = hashlib.sha256(f"{commit} {mutation.name}".encode()).digest()
    return int.from_bytes(drawn[:4], "big") % TURNS == 0


def git(*words: str) -> str | None:
    """What git answers about this tree; None where there is none, or not that commit."""
    try:
        ended = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return ended.stdout.decode(errors="replace").strip()


def _before(commit: str) -> dict[str, str] | None:
    """The files that are other than at that commit, committed or not, each as it was there; None where nobody knows."""
    changed = git("diff", "--name-only", commit, "--") if commit else None
    new = git("ls-files", "--others", "--exclude-standard")
    if changed is None or new is None:
        return None
    return {path: git("show", f"{commit}:{path}") or "" for path in (*changed.splitlines(), *new.splitlines())}

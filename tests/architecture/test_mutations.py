from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import mutation_list
from tests.support.mutation_list import MUTATIONS, PROVED_AT, Mutation, is_in_turn, touched_by
from tests.support.tree import ROOT, files, name, syntax

# The invariants of `domain.md` that hold today, whole or for the chapters there are; 8, 9 and 10 come with the jury.
INVARIANTS = {1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}


def number_in(test: str) -> int | None:
    """The number of the invariant that a test is named after."""
    found = re.match(r"test_invariant_(\d+)_", test)
    return int(found[1]) if found else None


def test_every_invariant_has_tests_named_after_it_and_each_of_them_goes_red_by_a_mutation() -> None:
    named = {
        (f"{name(path)}::{node.name}", number)
        for path in files("tests")
        for node in syntax(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (number := number_in(node.name)) is not None
    }
    red = {(mutation.test.partition("[")[0], number) for mutation in MUTATIONS for number in mutation.invariants}
    assert {number for _, number in named} == INVARIANTS
    assert named <= red


def test_no_two_mutations_have_one_name() -> None:
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS) >= 40


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_what_a_mutation_changes_stands_there_once_and_its_test_exists(mutation: Mutation) -> None:
    source = (ROOT / mutation.file).read_text(encoding="utf-8")
    assert source.count(mutation.old) == 1
    assert mutation.old != mutation.new
    assert mutation.stands_for
    path, _, test = mutation.test.partition("::")
    named = {node.name for node in syntax(ROOT / path).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert test.partition("[")[0] in named


ONE = next(one for one in MUTATIONS if one.test.startswith("tests/domain/test_intake.py"))
LISTED = (ROOT / mutation_list.LIST).read_text(encoding="utf-8")
BUILDERS = "tests/support/builders.py"


def before(path: str, old: str, new: str) -> dict[str, str]:
    """The file as it was when it had the new words for the old ones."""
    text = (ROOT / path).read_text(encoding="utf-8")
    assert old in text
    return {path: text.replace(old, new)}


@pytest.mark.parametrize("path", [ONE.file, "tests/domain/conftest.py"])
def test_a_mutation_is_run_again_when_its_file_or_the_fixtures_of_its_test_have_changed(path: str) -> None:
    assert ONE in touched_by({path: ""}, MUTATIONS, MUTATIONS)


def test_a_mutation_is_run_again_when_its_test_has_changed_and_not_when_another_has() -> None:
    tested = ONE.test.rpartition("::")[2]
    path = ONE.test.partition("::")[0]
    others = {one for one in MUTATIONS if one.test.startswith(path) and one.test != ONE.test}
    touched = set(touched_by(before(path, f"def {tested}(", f"def {tested}_once("), MUTATIONS, MUTATIONS))
    assert ONE in touched
    assert others - touched
    assert ONE not in touched_by(before(path, "def test_only_the_merchant", "def test_not"), MUTATIONS, MUTATIONS)


def test_a_mutation_is_run_again_when_what_its_test_calls_has_changed_however_far_away() -> None:
    deep = before(BUILDERS, "def a_line(", "def a_line_once(")  # orders are made of lines, and filings of orders
    assert ONE in touched_by(deep, MUTATIONS, MUTATIONS)
    assert touched_by(before(BUILDERS, "def a_correction(", "def a_slip("), MUTATIONS, [ONE]) == []
    loaded = {BUILDERS: (ROOT / BUILDERS).read_text(encoding="utf-8") + "\nprint()\n"}
    assert ONE in touched_by(loaded, MUTATIONS, MUTATIONS)


def test_a_mutation_is_run_again_when_it_is_new_or_says_something_else() -> None:
    known = [replace(ONE, new="another text"), *(one for one in MUTATIONS if one != ONE)]
    assert touched_by({}, known, MUTATIONS) == [ONE]
    assert touched_by({"README.md": ""}, MUTATIONS, MUTATIONS) == []


def test_what_nothing_has_changed_comes_in_turn_and_in_the_end_all_of_it() -> None:
    turns = [{one.name for one in MUTATIONS if is_in_turn(one, f"commit {number}")} for number in range(100)]
    assert all(len(turn) < len(MUTATIONS) / 3 for turn in turns)
    assert set().union(*turns) == {one.name for one in MUTATIONS}


@pytest.mark.parametrize(
    ("root", "proved_at"), [(ROOT, "0" * 40), (ROOT, ""), (Path("/"), PROVED_AT)], ids=["other", "none", "no history"]
)
def test_where_the_history_does_not_hold_the_commit_the_whole_list_is_run_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch, root: Path, proved_at: str
) -> None:
    monkeypatch.setattr(mutation_list, "ROOT", root)
    monkeypatch.setattr(mutation_list, "PROVED_AT", proved_at)
    chosen = mutation_list.choose(MUTATIONS)
    assert chosen.mutations == MUTATIONS
    assert "cannot be looked up" in chosen.why


@pytest.mark.parametrize("foundation", sorted(mutation_list.FOUNDATIONS))
def test_when_the_runner_is_another_the_whole_list_is_run(foundation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (ROOT / foundation).is_file()
    answers = {"diff": foundation, "ls-files": "", "show": LISTED, "rev-parse": "c"}
    monkeypatch.setattr(mutation_list, "git", lambda *words: answers[words[0]])
    assert mutation_list.choose(MUTATIONS).mutations == MUTATIONS


def test_of_what_is_chosen_it_is_said_how_much_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"diff": ONE.file, "ls-files": "", "show": LISTED, "rev-parse": "c"}
    monkeypatch.setattr(mutation_list, "git", lambda *words: answers[words[0]])
    chosen = mutation_list.choose(MUTATIONS)
    assert ONE in chosen.mutations
    assert f" {len(MUTATIONS) - len(chosen.mutations)} are left out" in chosen.why

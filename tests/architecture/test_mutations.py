from __future__ import annotations

import ast
import re

import pytest

from tests.mutations import MUTATIONS, Mutation
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

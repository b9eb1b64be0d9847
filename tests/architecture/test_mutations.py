from __future__ import annotations

import ast

import pytest

from tests.mutations import MUTATIONS, Mutation
from tests.support.tree import ROOT, syntax

# The invariants that the code of today holds; the list grows with the chapters.
INVARIANTS = {1, 2, 3, 5, 6, 7, 11, 13, 16, 17, 18, 20}


def test_the_list_has_a_mutation_for_every_invariant_and_forty_in_all() -> None:
    named = {number for mutation in MUTATIONS for number in mutation.invariants}
    assert named >= INVARIANTS
    assert len(MUTATIONS) >= 40
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_what_a_mutation_changes_stands_there_once_and_its_test_exists(mutation: Mutation) -> None:
    source = (ROOT / mutation.file).read_text(encoding="utf-8")
    assert source.count(mutation.old) == 1
    assert mutation.old != mutation.new
    assert mutation.stands_for
    path, _, test = mutation.test.partition("::")
    named = {node.name for node in syntax(ROOT / path).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert test.partition("[")[0] in named

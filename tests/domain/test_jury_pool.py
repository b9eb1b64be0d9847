"""The pool of a jury: its root is that of RFC 9162, and whoever is in it can prove it."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.jury import pool
from domain.jury.pool import Member, Step
from domain.jury.profile import Side
from tests.support.jury import a_pool, digits

# The inputs and roots that the tests of certificate transparency use.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(9))
def test_the_root_is_that_of_the_published_vectors(size: int) -> None:
    assert pool.merkle_root([bytes.fromhex(one) for one in INPUTS[:size]]) == ROOTS[size]


def test_a_member_is_one_line_that_anybody_can_write() -> None:
    member = Member(pseudonym=digits("a"), side=Side.BOTH, experienced=True, knows_goods=False)
    assert pool.leaf(member) == f"{digits('a')} both 1 0".encode()
    assert pool.root([member]) == hashlib.sha256(b"\x00" + pool.leaf(member)).hexdigest()


@given(st.integers(1, 70), st.data())
def test_every_member_proves_that_it_was_in_the_pool_and_nothing_else(size: int, data: Any) -> None:
    members = a_pool(size)
    one = data.draw(st.sampled_from(members))
    path, sealed = pool.path_to(members, one.pseudonym), pool.root(members)
    assert pool.leads_to(one, path, sealed)
    assert not pool.leads_to(one.model_copy(update={"experienced": not one.experienced}), path, sealed)
    assert not pool.leads_to(one, path, pool.root(a_pool(size + 1)))
    turned = tuple(Step(stands="left" if step.stands == "right" else "right", hash=step.hash) for step in path)
    assert not path or not pool.leads_to(one, turned, sealed)


def test_any_change_of_a_pool_changes_its_root() -> None:
    members = a_pool(20)
    sealed = pool.root(members)
    for place, one in enumerate(members):
        for change in (
            {"side": Side.BOTH if one.side is not Side.BOTH else Side.BUYER},
            {"knows_goods": not one.knows_goods},
        ):
            edited = (*members[:place], one.model_copy(update=change), *members[place + 1 :])
            assert pool.root(edited) != sealed
    assert pool.root(members[:-1]) != sealed
    assert pool.root(members[::-1]) != sealed


def test_a_pool_is_sorted_and_names_nobody_twice() -> None:
    members = a_pool(9)
    assert pool.in_order(members)
    assert not pool.in_order(members[::-1])
    assert not pool.in_order((members[0], *members))


def test_a_pseudonym_is_the_same_in_one_pool_and_another_in_the_next() -> None:
    assert pool.pseudonym(b"this pool", "user-1") == pool.pseudonym(b"this pool", "user-1")
    assert (
        len(
            {
                pool.pseudonym(b"this pool", "user-1"),
                pool.pseudonym(b"that pool", "user-1"),
                pool.pseudonym(b"this pool", "user-2"),
            }
        )
        == 3
    )

"""What the platform vouches for, and the conflicts that follow: nobody judges whom they traded or live with."""

from __future__ import annotations

import pytest

from domain.jury import person as people
from domain.jury.draw import Ground
from domain.jury.person import LinkKind, Person, conflict, person_stream, vouch
from domain.jury.profile import Side
from tests.support.builders import PLATFORM_MACHINE
from tests.support.jurors import NOW, facts, link, person

BUYER, SELLER = person("buyer-1"), person("seller-1", links=(link(), link(LinkKind.HOUSEHOLD)))
PARTIES = (BUYER, SELLER)


def test_the_same_facts_again_are_nothing_new_and_others_take_their_place() -> None:
    (first,) = vouch(None, "xianyu", "user-1", facts(), by=PLATFORM_MACHINE, at=NOW)
    known = people.evolve(None, first)
    assert known == Person("user-1", facts())
    assert vouch(known, "xianyu", "user-1", facts(), by=PLATFORM_MACHINE, at=NOW) == ()
    (then,) = vouch(known, "xianyu", "user-1", facts(bought=11), by=PLATFORM_MACHINE, at=NOW)
    assert people.evolve(known, then).facts.bought == 11
    assert person_stream("xianyu", "user-1") != person_stream("other", "user-1")


@pytest.mark.parametrize(
    ("bought", "sold", "side"),
    [
        (10, 10, Side.BOTH),
        (30, 10, Side.BOTH),
        (31, 10, Side.BUYER),
        (10, 30, Side.BOTH),
        (10, 31, Side.SELLER),
        (5, 0, Side.BUYER),
        (0, 5, Side.SELLER),
        (0, 0, Side.BUYER),
    ],
)
def test_an_account_stands_where_it_trades_most(bought: int, sold: int, side: Side) -> None:
    assert facts(bought=bought, sold=sold).side is side


def test_who_has_nothing_to_do_with_the_parties_may_judge() -> None:
    assert conflict(person(), PARTIES, {"buyer-1": {"user-2"}, "seller-1": {"user-3"}}) is None
    assert conflict(person(links=(link(word="another phone"),)), PARTIES, {}) is None


@pytest.mark.parametrize(
    ("who", "ground"),
    [
        (BUYER, Ground.PARTY),
        (SELLER, Ground.PARTY),
        (person(staff=True), Ground.STAFF),
        (person(links=(link(LinkKind.HOUSEHOLD),)), Ground.HOUSEHOLD),
        (person(links=(link(),)), Ground.DEVICE),
        (person("user-2"), Ground.PAST_TRADE),
        (person("user-3"), Ground.PAST_TRADE),
    ],
)
def test_who_has_may_not_and_the_ground_is_told(who: Person, ground: Ground) -> None:
    assert conflict(who, PARTIES, {"buyer-1": {"user-2"}, "seller-1": {"user-3"}}) is ground


@pytest.mark.parametrize("kind", LinkKind)
def test_whatever_two_accounts_have_in_common_is_a_ground_of_its_own(kind: LinkKind) -> None:
    seller = person("seller-1", links=(link(kind, "theirs"),))
    assert conflict(person(links=(link(kind, "theirs"),)), (BUYER, seller), {}) == kind.value


def test_the_same_digest_of_another_kind_is_nothing_in_common() -> None:
    phone = link()
    house = phone.model_copy(update={"kind": LinkKind.HOUSEHOLD})
    assert conflict(person(links=(phone,)), (BUYER, person("seller-1", links=(house,))), {}) is None

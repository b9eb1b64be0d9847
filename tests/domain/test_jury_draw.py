"""The draw of a jury: the procedure that was published, exact strata, nobody with a conflict, half and half."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageColor

from domain.jury import draw
from domain.jury.draw import Ground, Stratum
from domain.jury.pool import Member
from domain.jury.profile import Demand, Side, SideSeats
from tests.support.jury import DISPUTE, PANEL, a_pool, conflicts_of, digits, profile, strata

# --- the example of draft-thomson-elegy-vrs-00: colours of CSS level 3, fewer those that are no colour or an alias
COLOURS = sorted(set(ImageColor.colormap) - {"rebeccapurple", "transparent", "grey", "cyan", "magenta"})
LOTTERIES = b"1.2.3.4.5.6./1.2.3.4.5.6./1.2.3.4.5.6./"


def code(times: int) -> bytes:
    found = b"totally not a bikeshed"
    for _ in range(times):
        found = hashlib.sha256(found).digest()
    return found


@pytest.mark.parametrize(
    ("times", "code_hex", "first"),
    [
        (
            9,
            "5346f2efb5397a6788fc1f1d9c05c6d3f2abe9b7d16d8592a3695b6dbe9f2456",
            [
                ("002ed527ae0a44a86c205d1cdba", "lavenderblush"),
                ("03f710be2b61a6f9c3f89aa5ab5", "blue"),
                ("08bab81380d7f0769cecf9969a8", "darkgoldenrod"),
                ("0c26494fa81f3aed8a9f66e77b7", "mediumvioletred"),
                ("0e1af5d1ccfd44de075cc0bb6d5", "bisque"),
                ("13a07cc9abf3b737e49a62b0634", "lightpink"),
            ],
        ),
        (
            8,
            "2f70f884997ce80771adbefbbbc6c71a1b921da71896c25ca0f64966bfd0c8ce",
            [
                ("00d1c59a9f1b581060a9e732e91", "aqua"),
                ("02b514b0b1807bfe086db524f40", "darkgray"),
                ("0337add95eac62a356b020a273a", "cornflowerblue"),
            ],
        ),
    ],
)
def test_the_worked_example_of_the_published_procedure_comes_out(
    times: int, code_hex: str, first: list[tuple[str, str]]
) -> None:
    assert code(10).hex() == "950ea08d8d5fd3ae415b9967aba7a48aba39ca62a4d98f2e7fe25cb1b8f8c488"
    assert code(times).hex() == code_hex
    key = draw.key(code(times), LOTTERIES)
    ordered = sorted((draw.position(key, colour), colour) for colour in COLOURS)
    assert [(position[:27], colour) for position, colour in ordered[: len(first)]] == first


# --- ours


def test_the_commitment_binds_the_secret_to_one_thing() -> None:
    secret = bytes.fromhex(digits("secret"))
    assert draw.commitment(DISPUTE, secret) == hashlib.sha256(b"gongduan draw v1" + DISPUTE.bytes + secret).hexdigest()
    assert draw.commitment(PANEL, secret) != draw.commitment(DISPUTE, secret)


def test_what_was_given_is_written_so_that_anybody_can_write_it_again() -> None:
    given_ = draw.randomness(PANEL, digits("root"), buyer=digits("b"), merchant=None, beacon="round 7")
    assert given_.decode().split("\n") == [
        "gongduan randomness v1",
        f"panel {PANEL}",
        f"pool {digits('root')}",
        f"buyer {digits('b')}",
        "merchant -",
        "beacon round 7",
        "",
    ]


@pytest.mark.parametrize("changed", ["panel", "root", "buyer", "merchant", "beacon"])
def test_whatever_is_put_in_changes_the_draw(changed: str) -> None:
    usual = {"panel": PANEL, "root": digits("r"), "buyer": digits("b"), "merchant": digits("m"), "beacon": "round 7"}
    other = {"panel": UUID(int=1), "root": digits("r2"), "buyer": None, "merchant": digits("m2"), "beacon": None}
    keys = []
    for given_ in (usual, usual | {changed: other[changed]}):
        panel, root, rest = given_["panel"], given_["root"], {k: given_[k] for k in ("buyer", "merchant", "beacon")}
        keys.append(draw.key(b"s", draw.randomness(panel, root, **rest)))  # type: ignore[arg-type]  # as listed
    assert draw.order(keys[0], a_pool()) != draw.order(keys[1], a_pool())


def test_the_pool_is_asked_in_the_order_of_its_positions() -> None:
    ordered = draw.order(b"k", a_pool())
    positions = [draw.position(b"k", one.pseudonym) for one in ordered]
    assert all(before < after for before, after in pairwise(positions))
    assert sorted(ordered, key=lambda one: one.pseudonym) == list(a_pool())


def test_the_jury_of_xianyu_has_nine_strata_and_thirty_nine_are_asked() -> None:
    assert [(one.id, one.seats, one.invited) for one in strata()] == [
        ("buyer.experienced", 3, 7),
        ("buyer.knows_goods", 2, 5),
        ("buyer.none", 1, 2),
        ("seller.experienced", 3, 7),
        ("seller.knows_goods", 2, 5),
        ("seller.none", 1, 2),
        ("both.experienced", 3, 7),
        ("both.knows_goods", 1, 2),
        ("both.none", 1, 2),
    ]


def test_a_side_that_asks_for_nothing_is_one_stratum() -> None:
    (one,) = draw.strata((SideSeats(side=Side.BUYER, seats=3),), 7)
    assert one == Stratum(id="buyer.none", side=Side.BUYER, demand=Demand.NONE, seats=3, invited=7)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=3), st.integers(0, 200))
def test_invitations_are_shared_out_in_the_proportion_of_the_seats(seats: list[int], more: int) -> None:
    sides = tuple(SideSeats(side=side, seats=number) for side, number in zip(Side, seats, strict=False))
    invited = sum(seats) + more
    found = draw.strata(sides, invited)
    assert sum(one.invited for one in found) == invited
    for one in found:
        assert abs(one.invited - invited * one.seats / sum(seats)) < 1


def test_half_of_the_jurors_see_the_buyer_first() -> None:
    for number in range(50):
        for seats in (16, 17):
            seen = draw.first_seen(bytes([number]), seats)
            assert len(seen) == seats
            assert seen.count(Side.BUYER) == seats // 2
            assert seen.count(Side.SELLER) == seats - seats // 2
    assert len({draw.first_seen(bytes([number]), 17) for number in range(50)}) > 45


def fits(member: Member, stratum: Stratum) -> bool:
    demands = {Demand.EXPERIENCED: member.experienced, Demand.KNOWS_GOODS: member.knows_goods, Demand.NONE: True}
    return member.side is stratum.side and demands[stratum.demand]


@settings(max_examples=60)
@given(st.binary(min_size=1, max_size=8), st.integers(2, 20))
def test_every_stratum_is_exact_and_nobody_with_a_conflict_is_asked(key: bytes, every: int) -> None:
    members = a_pool()
    known, conflicts = {one.pseudonym: one for one in members}, conflicts_of(members, every)
    wanted = [(one, one.invited) for one in strata()]
    invited, excluded = draw.invite(draw.order(key, members), wanted, conflicts, set())
    assert len({one.pseudonym for one in invited}) == len(invited) == profile().invited
    assert not {one.pseudonym for one in invited} & conflicts.keys()
    for stratum, number in wanted:
        asked = [known[one.pseudonym] for one in invited if one.stratum == stratum.id]
        assert len(asked) == number
        assert all(fits(one, stratum) for one in asked)
    assert {one.pseudonym for one in excluded} <= conflicts.keys()
    assert all(one.ground is Ground.PAST_TRADE for one in excluded)
    assert len({one.pseudonym for one in excluded}) == len(excluded)


def test_who_was_passed_is_who_stood_before_the_last_that_was_asked() -> None:
    members = tuple(one for one in a_pool(60) if one.side is Side.BUYER)
    ordered = draw.order(b"k", members)
    (stratum,) = draw.strata((SideSeats(side=Side.BUYER, seats=2),), 3)
    conflicts = {ordered[1].pseudonym: Ground.DEVICE, ordered[10].pseudonym: Ground.STAFF}
    invited, excluded = draw.invite(ordered, [(stratum, 3)], conflicts, set())
    assert [one.pseudonym for one in invited] == [ordered[place].pseudonym for place in (0, 2, 3)]
    assert [(one.pseudonym, one.ground) for one in excluded] == [(ordered[1].pseudonym, Ground.DEVICE)]


def test_a_later_batch_goes_on_where_the_first_ended() -> None:
    ordered, stratum = draw.order(b"k", a_pool()), strata()[0]
    first, _ = draw.invite(ordered, [(stratum, 4)], {}, set())
    then, _ = draw.invite(ordered, [(stratum, 4)], {}, {one.pseudonym for one in first})
    together, _ = draw.invite(ordered, [(stratum, 8)], {}, set())
    assert first + then == together


def a_member(number: int, side: Side, *, experienced: bool = False) -> Member:
    return Member(pseudonym=digits(number), side=side, experienced=experienced, knows_goods=False)


def test_where_nobody_brings_what_is_asked_for_the_side_comes_first_then_everybody_then_fewer() -> None:
    stratum = strata()[0]
    assert (stratum.side, stratum.demand) == (Side.BUYER, Demand.EXPERIENCED)
    experienced = a_member(1, Side.BUYER, experienced=True)
    buyer, seller = a_member(2, Side.BUYER), a_member(3, Side.SELLER)
    ordered = (seller, buyer, experienced)
    for wanted, names in ((1, [experienced]), (2, [experienced, buyer]), (3, [experienced, buyer, seller])):
        invited, _ = draw.invite(ordered, [(stratum, wanted)], {}, set())
        assert [one.pseudonym for one in invited] == [one.pseudonym for one in names]
    invited, _ = draw.invite(ordered, [(stratum, 9)], {}, set())
    assert len(invited) == 3


@pytest.mark.parametrize(
    ("free", "waiting", "more"),
    [(3, 0, 7), (3, 7, 0), (3, 4, 3), (2, 0, 5), (1, 0, 3), (1, 2, 1), (1, 9, 0), (0, 0, 0)],
)
def test_as_many_are_asked_as_the_free_seats_need_less_those_who_may_still_come(
    free: int, waiting: int, more: int
) -> None:
    stratum = strata()[0]
    assert (stratum.seats, stratum.invited) == (3, 7)
    assert draw.lacking(stratum, free, waiting) == more

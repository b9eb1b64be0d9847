"""The verdict of a panel: who has won, how thin that is, how sure, what it would be with the sides in proportion."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.jury import verdict as verdicts
from domain.jury.ballot import Choice
from domain.jury.profile import Closing, Side
from domain.jury.verdict import Cast, Tally, Winner, verdict
from tests.support.jury import profile

CASTS = st.lists(st.builds(Cast, side=st.sampled_from(Side), choice=st.sampled_from(Choice)), max_size=17)


def votes(buyer: int, seller: int, refused: int = 0) -> Tally:
    return Tally(buyer=buyer, seller=seller, refused=refused)


def casts(*cast: tuple[Side, Choice, int]) -> list[Cast]:
    return [Cast(side=side, choice=choice) for side, choice, number in cast for _ in range(number)]


@pytest.mark.parametrize(
    ("tally", "winner"),
    [
        (votes(9, 8), Side.BUYER),
        (votes(8, 9), Side.SELLER),
        (votes(9, 0), Side.BUYER),
        (votes(8, 8, 1), None),
        (votes(8, 0, 9), None),
        (votes(0, 0), None),
    ],
)
def test_nine_votes_of_seventeen_win(tally: Tally, winner: Winner | None) -> None:
    assert verdicts.winner(profile(), tally) is winner


@pytest.mark.parametrize(
    ("tally", "winner"),
    [
        (votes(12, 8), Side.BUYER),
        (votes(8, 12), Side.SELLER),
        (votes(11, 8), None),
        (votes(7, 4, 10), Side.BUYER),
        (votes(7, 3), None),
        (votes(0, 0, 21), None),
    ],
)
def test_sixty_percent_of_those_that_found_for_a_side_win_where_enough_did(tally: Tally, winner: Winner | None) -> None:
    assert verdicts.winner(profile("weibo60"), tally) is winner


def test_nobody_voting_is_no_verdict_even_where_no_number_of_voters_is_asked_for() -> None:
    assert verdicts.winner(profile("weibo60", quorum=0), votes(0, 0, 3)) is None


def test_a_panel_that_closes_on_the_first_to_win_is_decided_then_and_another_at_the_end() -> None:
    assert verdicts.is_decided_early(profile(), votes(9, 3))
    assert not verdicts.is_decided_early(profile(), votes(8, 3))
    assert not verdicts.is_decided_early(profile(closing=Closing.FIXED), votes(9, 3))


@pytest.mark.parametrize(
    ("tally", "thin"), [(votes(9, 8), True), (votes(9, 7), True), (votes(9, 6), False), (votes(7, 9), True)]
)
def test_a_lead_of_one_or_two_is_thin(tally: Tally, *, thin: bool) -> None:
    assert verdicts.is_thin(profile(), tally) is thin
    assert not verdicts.is_thin(profile("taobao31"), tally)


@pytest.mark.parametrize(
    ("tally", "at_60", "at_70"),
    [(votes(9, 8), 600, 700), (votes(9, 5), 835, 967), (votes(9, 3), 919, 994), (votes(5, 5), 500, 500)],
)
def test_confidence_is_that_of_the_stated_model(tally: Tally, at_60: int, at_70: int) -> None:
    """The figures of the field: 9-8 gives .60 and .70, 9-5 .84 and .97, 9-3 .92 and .99."""
    assert verdicts.confidence(tally, 60) == at_60
    assert verdicts.confidence(tally, 70) == at_70
    assert verdicts.confidence(Tally(buyer=tally.seller, seller=tally.buyer, refused=0), 60) == at_60


def test_a_panel_of_one_side_is_weighed_as_the_profile_would_have_it() -> None:
    lopsided = casts((Side.BUYER, Choice.BUYER, 10), (Side.BUYER, Choice.SELLER, 2), (Side.SELLER, Choice.SELLER, 3))
    assert verdicts.for_buyer(lopsided) == 667
    assert verdicts.adjusted(profile(), lopsided) == 417  # (6 × 10/12 + 6 × 0) / 12


def test_where_nobody_found_for_a_side_the_share_is_half() -> None:
    refused = casts((Side.BOTH, Choice.REFUSED, 4))
    assert (verdicts.for_buyer(refused), verdicts.adjusted(profile(), refused)) == (500, 500)


def test_a_verdict_says_all_that_it_rests_on() -> None:
    found = verdict(profile(), casts((Side.BUYER, Choice.BUYER, 9), (Side.SELLER, Choice.SELLER, 7)), 42)
    assert found is not None
    assert found.model_dump() == {
        "winner": Side.BUYER,
        "tally": {"buyer": 9, "seller": 7, "refused": 0},
        "invited": 42,
        "seats": 17,
        "turnout": 16,
        "thin": True,
        "accuracy_percent": 60,
        "confidence": 692,
        "for_buyer": 563,
        "adjusted": 500,
    }
    assert verdict(profile(), casts((Side.BUYER, Choice.BUYER, 8)), 42) is None


@given(CASTS, st.randoms())
def test_the_order_of_the_ballots_does_not_matter(cast: list[Cast], shuffle: random.Random) -> None:
    mixed = list(cast)
    shuffle.shuffle(mixed)
    assert verdict(profile(), mixed, 39) == verdict(profile(), cast, 39)
    assert verdict(profile("weibo60"), mixed, 39) == verdict(profile("weibo60"), cast, 39)


@given(CASTS, st.sampled_from(Side), st.sampled_from(["xianyu17", "weibo60"]))
def test_another_vote_for_the_winner_never_takes_the_win_away_and_one_that_refuses_gives_it_to_nobody(
    cast: list[Cast], side: Side, name: str
) -> None:
    before = verdicts.winner(profile(name), verdicts.tally(one.choice for one in cast))
    refused = [*cast, Cast(side=side, choice=Choice.REFUSED)]
    assert verdicts.winner(profile(name), verdicts.tally(one.choice for one in refused)) is before
    if before is not None:
        more = [*cast, Cast(side=side, choice=verdicts.CHOSEN[before])]
        assert verdicts.winner(profile(name), verdicts.tally(one.choice for one in more)) is before


@given(CASTS)
def test_both_sides_are_treated_alike(cast: list[Cast]) -> None:
    other = {Choice.BUYER: Choice.SELLER, Choice.SELLER: Choice.BUYER, Choice.REFUSED: Choice.REFUSED}
    turned = [one.model_copy(update={"choice": other[one.choice]}) for one in cast]
    for name in ("xianyu17", "weibo60"):
        here, there = verdict(profile(name), cast, 39), verdict(profile(name), turned, 39)
        assert (here is None) == (there is None)
        if here and there:
            assert {here.winner, there.winner} == {Side.BUYER, Side.SELLER}
            assert (here.confidence, here.thin) == (there.confidence, there.thin)
            assert here.for_buyer + there.for_buyer in (1000, 1001)  # halves are rounded up in both


@given(st.integers(0, 6), st.integers(1, 6))
def test_sides_that_agree_need_no_adjusting(buyer: int, seller: int) -> None:
    agreed = [cast for side in Side for cast in casts((side, Choice.BUYER, buyer), (side, Choice.SELLER, seller))]
    assert verdicts.adjusted(profile(), agreed) == verdicts.for_buyer(agreed)

"""Juries as a playbook's data: the shipped ones stand as published, and what does not hold together is told."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from domain.jury.profile import Closing, JuryProfile, Side, SideSeats, ThinMargin
from domain.money import Money
from domain.playbook.juries import JuryUse
from infrastructure.playbooks.reader import XIANYU, UnreadablePlaybook, read_playbook

PLAYBOOK = read_playbook(XIANYU)


def profile(name: str = "xianyu17") -> JuryProfile:
    found = PLAYBOOK.jury_profile(name)
    assert found is not None
    return found


def spoilt(**changes: object) -> list[str]:
    """What is said of the Xianyu jury, changed so."""
    with pytest.raises(ValidationError) as refused:
        JuryProfile.model_validate(dict(profile()) | changes)
    (error,) = refused.value.errors()
    return str(error["ctx"]["error"]).split("; ")


def test_the_jury_of_xianyu_stands_as_published() -> None:
    jury = profile()
    assert (jury.size, jury.to_win, jury.invited, jury.pool_min) == (17, 9, 39, 200)
    assert [(one.side, one.seats) for one in jury.seats] == [(Side.BUYER, 6), (Side.SELLER, 6), (Side.BOTH, 5)]
    assert sum(one.experienced for one in jury.seats) >= 9
    assert sum(one.knows_goods for one in jury.seats) >= 5
    assert (jury.windows.vote, jury.windows.extension, jury.windows.seat) == (24, 12, 2)
    assert jury.closing is Closing.FIRST_TO
    assert (jury.cap.cases, jury.cap.hours) == (3, 12)
    assert jury.eligibility.mock_cases == len(PLAYBOOK.mock_cases) == 5


@pytest.mark.parametrize(
    ("name", "size", "to_win", "percent"),
    [
        ("taobao31", 31, 16, None),
        ("weibo60", 21, None, 60),
        ("ebay21", 21, 11, None),
        ("appeal_2n_plus_1", 35, 18, None),
    ],
)
def test_the_other_juries_of_the_field_are_shipped(
    name: str, size: int, to_win: int | None, percent: int | None
) -> None:
    jury = profile(name)
    assert (jury.size, jury.to_win, jury.percent) == (size, to_win, percent)


def test_the_jury_of_appeal_has_twice_the_seats_of_the_first_and_one() -> None:
    assert profile("appeal_2n_plus_1").size == 2 * profile().size + 1


def test_a_verdict_decides_by_rules_that_the_playbook_has() -> None:
    assert PLAYBOOK.jury == JuryUse(
        first_instance="xianyu17", upheld="XIANYU-JURY-BUYER", dismissed="XIANYU-JURY-SELLER"
    )
    assert PLAYBOOK.jury_profile("nobody") is None


def test_a_side_stands_once() -> None:
    seats = (SideSeats(side=Side.BUYER, seats=9), SideSeats(side=Side.BUYER, seats=8))
    assert spoilt(seats=seats) == ["the jury xianyu17 lists the side buyer twice"]


def test_no_more_is_asked_of_seats_than_there_are() -> None:
    seats = (SideSeats(side=Side.BUYER, seats=17, experienced=9, knows_goods=9),)
    assert spoilt(seats=seats) == ["the jury xianyu17 asks more of its buyer seats than there are"]


def test_it_decides_by_votes_or_by_a_percentage_but_not_by_both_nor_by_neither() -> None:
    said = "the jury xianyu17 decides by to_win or by percent: one of them"
    assert spoilt(to_win=None) == [said]
    assert spoilt(percent=60, closing=Closing.FIXED) == [said]


def test_both_sides_cannot_win_and_a_win_can_be_had() -> None:
    said = "the jury xianyu17 wins with more than half of its 17 seats, and no more than all"
    assert spoilt(to_win=8) == [said]
    assert spoilt(to_win=18) == [said]
    assert profile().model_copy(update={"to_win": 17}).problems == []


def test_a_percentage_is_counted_at_the_end() -> None:
    said = "the jury xianyu17 counts a percentage at the end: its closing is fixed"
    assert spoilt(to_win=None, percent=60) == [said]


def test_no_more_have_to_vote_than_there_are_seats() -> None:
    assert profile().model_copy(update={"quorum": 17}).problems == []
    assert spoilt(quorum=18) == ["the jury xianyu17 asks for more voters than it has seats"]


def test_no_fewer_are_invited_than_have_a_seat_and_no_more_than_there_are() -> None:
    assert profile().model_copy(update={"invited": 17, "pool_min": 17}).problems == []
    assert spoilt(invited=16) == ["the jury xianyu17 invites fewer than it has seats"]
    assert spoilt(pool_min=38) == ["the jury xianyu17 invites more than its smallest pool"]


def test_whoever_joined_in_the_last_day_can_never_be_let_in() -> None:
    with pytest.raises(ValidationError):
        profile().eligibility.model_validate(dict(profile().eligibility) | {"joined_hours": 23})


def test_a_thin_margin_names_the_amounts_above_which_it_matters() -> None:
    with pytest.raises(ValidationError):
        ThinMargin(lead=2, above=())
    assert profile().thin == ThinMargin(
        lead=2,
        above=tuple(
            Money(minor=minor, currency=name) for minor, name in ((200000, "CNY"), (28000, "USD"), (24000, "EUR"))
        ),
    )


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("  first_instance: xianyu17", "  first_instance: xianyu18", "the jury xianyu18 is named, but not described"),
        (
            "  upheld: XIANYU-JURY-BUYER",
            "  upheld: XIANYU-JURY-SELLER",
            "the rule XIANYU-JURY-SELLER of a verdict is not upheld for every reason",
        ),
        (
            "  dismissed: XIANYU-JURY-SELLER",
            "  dismissed: XIANYU-NOWHERE",
            "the rule XIANYU-NOWHERE of a verdict is not dismissed for every reason",
        ),
        ("  - id: taobao31", "  - id: xianyu17", "the jury xianyu17 stands twice"),
        ("  - id: old-photo", "  - id: empty-parcel", "the mock case empty-parcel stands twice"),
        ("mock_cases: 5", "mock_cases: 6", "the jury xianyu17 asks for more mock cases than there are"),
    ],
)
def test_a_playbook_whose_juries_do_not_hold_together_is_refused(old: str, new: str, says: str) -> None:
    assert old in XIANYU
    with pytest.raises(UnreadablePlaybook) as refused:
        read_playbook(XIANYU.replace(old, new, 1))
    assert any(says in one["en"] for one in refused.value.details["mistakes"])


def test_a_rule_that_leaves_a_reason_out_cannot_be_what_a_verdict_decides_by() -> None:
    assert XIANYU.count(", not_received]") == 4
    with pytest.raises(UnreadablePlaybook):
        read_playbook(XIANYU.replace(", not_received]", "]", 1))

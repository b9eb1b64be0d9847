"""A simulated jury is the real one with made people: the figures of the field come out, the same for a seed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from domain.jury.ballot import Choice, decode
from domain.jury.profile import Closing, Side
from infrastructure import cli
from infrastructure.simulating import panels
from infrastructure.simulating.panels import BallotChanged, Court, Played
from infrastructure.simulating.population import Assumed, made
from infrastructure.simulating.report import BAR, bar_of
from infrastructure.simulating.run import Cell, Result, plain, result_of, simulate
from tests.support.jury import profile

PANELS = 4_000
# How often a majority of so many jurors is right that are right so often, each by themself (calculated for the field).
TABLE = {
    3: {0.55: 0.575, 0.60: 0.648, 0.65: 0.718, 0.70: 0.784, 0.80: 0.896},
    7: {0.55: 0.608, 0.60: 0.710, 0.65: 0.800, 0.70: 0.874, 0.80: 0.967},
    17: {0.55: 0.663, 0.60: 0.801, 0.65: 0.901, 0.70: 0.960, 0.80: 0.997},
    31: {0.55: 0.713, 0.60: 0.872, 0.65: 0.958, 0.70: 0.991, 0.80: 1.00},
}


def played(jury: Any, assumed: Assumed, number: int = PANELS) -> Result:
    ((_, found),) = simulate([Cell(jury, assumed)], number, 7, sealed=False, progress=lambda _: None)
    return found


@pytest.mark.parametrize("seats", TABLE)
def test_a_majority_is_right_as_often_as_calculated(seats: int) -> None:
    for accuracy, calculated in TABLE[seats].items():
        found = played(plain(profile(), (0, 0, seats)), Assumed(size=40, accuracy=accuracy, turnout=1))
        assert abs(found.right - calculated) < 0.03, (seats, accuracy, found)
        assert (found.ballots, found.hung) == (seats, 0)


def test_the_first_to_nine_needs_fewer_votes_and_is_as_often_right() -> None:
    for accuracy, ballots, right in ((0.5, 14.7, 0.5), (0.6, 14.1, 0.801), (0.7, 12.7, 0.960), (0.8, 11.2, 0.997)):
        found = played(profile(), Assumed(size=60, accuracy=accuracy, turnout=1))
        assert abs(found.ballots - ballots) < 0.1, (accuracy, found)
        assert abs(found.right - right) < 0.03, (accuracy, found)


def test_sellers_lose_where_buyers_sit_alone() -> None:
    """In a toss-up, with a role effect of a tenth: .445 with 14 buyers and 3 sellers, .491 in a balanced panel."""
    fair, leaning = (Assumed(size=60, accuracy=0.5, bias=bias, turnout=1) for bias in (0.0, 0.1))
    for seats, for_seller in (((14, 3, 0), 0.445), ((9, 8, 0), 0.491)):
        found = played(plain(profile(), seats), leaning)
        assert abs(found.for_seller - for_seller) < 0.03, found
    with_leaning, without = (played(plain(profile(), (14, 3, 0)), one).for_seller for one in (leaning, fair))
    assert 0.03 < without - with_leaning < 0.07  # the same people, the same cases


def test_a_ring_decides_as_it_wants_where_it_is_large_enough() -> None:
    assumed = Assumed(accuracy=0.7, turnout=1)
    shares = [played(profile(), Assumed(accuracy=0.7, ring=ring), 300).for_seller for ring in (0.0, 0.3, 0.9)]
    assert shares[0] < shares[1] < shares[2] == 1.0, assumed


def test_jurors_that_are_right_more_often_err_less_and_who_refuse_leave_it_open() -> None:
    usual = Assumed(accuracy=0.7)
    assert played(profile(), usual, 300).right > played(profile(), Assumed(accuracy=0.55), 300).right
    assert played(profile(), Assumed(accuracy=0.7, refusing=1.0), 50).hung == 1.0


def test_where_few_come_more_are_asked_and_the_panel_sits_longer() -> None:
    once = profile(windows=profile().windows.model_copy(update={"extension": 0}))
    all_come, half_come = (played(once, Assumed(turnout=turnout), 300) for turnout in (1.0, 0.4))
    assert all_come.asked == 39
    assert half_come.asked > 41
    assert half_come.hours > all_come.hours
    nobody = played(profile(), Assumed(turnout=0.0), 5)
    assert (nobody.hung, nobody.ballots, nobody.hours) == (1.0, 0, 36)


def test_a_fixed_panel_sits_to_the_end_and_longer_only_where_it_has_not_decided() -> None:
    fixed = profile(closing=Closing.FIXED)
    decided = played(fixed, Assumed(accuracy=0.9, turnout=1.0), 100)
    assert (decided.hours, decided.ballots) == (24, 17)
    assert played(fixed, Assumed(turnout=0.01), 20).hours == 36


def test_the_same_seed_gives_the_same_panels_however_they_are_shared_out() -> None:
    court = Court.opened(profile(), Assumed(), 7)
    alone = [court.play(number) for number in range(450)]
    assert played(profile(), Assumed(), 450) == result_of(alone)
    assert [court.play(number) for number in (449, 3)] == [alone[449], alone[3]]
    assert Court.opened(profile(), Assumed(), 8).play(0) != alone[0]


def test_seats_are_filled_in_the_proportion_of_the_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Any] = []
    monkeypatch.setattr(panels, "verdict", lambda _profile, casts, _: kept.append(list(casts)))
    court = Court.opened(profile(closing=Closing.FIXED), Assumed(turnout=1.0), 7)
    court.play(0)
    sides = [one.side for one in kept[-1]]
    assert [sides.count(side) for side in (Side.BUYER, Side.SELLER, Side.BOTH)] == [6, 6, 5]


def test_people_differ_as_assumed() -> None:
    people = made(Assumed(size=300, accuracy=0.7, spread=0.2, ring=0.5), 1).values()
    assert 0.5 <= min(one.accuracy for one in people) < 0.6
    assert 0.8 < max(one.accuracy for one in people) <= 0.9
    assert 100 < sum(one.in_ring for one in people) < 200
    assert [sum(one.member.side is side for one in people) for side in Side] == [100, 100, 100]


def test_a_ballot_that_comes_out_otherwise_stops_the_simulation(monkeypatch: pytest.MonkeyPatch) -> None:
    other = {Choice.BUYER: Choice.SELLER, Choice.SELLER: Choice.BUYER}
    monkeypatch.setattr(
        panels, "decode", lambda content: decode(content).model_copy(update={"choice": other[decode(content).choice]})
    )
    with pytest.raises(BallotChanged):
        Court.opened(profile(), Assumed(), 7).play(0)


def test_sealed_ballots_give_the_same_panel() -> None:
    plainly, sealed = (Court.opened(profile(), Assumed(), 7, sealed=one).play(3) for one in (False, True))
    assert plainly == sealed


def run(*words: str) -> Any:
    return CliRunner().invoke(cli.app, ["simulate", "jury", *words], standalone_mode=False)


def test_the_command_prints_a_table_and_bars_or_one_document() -> None:
    words = ("--panels", "50", "--accuracy", "0.6", "--accuracy", "0.9", "--jury", "xianyu17", "--seats", "14/3/0")
    text = run(*words).output
    assert [line.split()[0] for line in text.splitlines() if "█" in line][1:] == ["xianyu17"] * 2 + ["plain-14-3-0"] * 2
    told = json.loads(run(*words, "--json").output)
    assert [(one["jury"], one["assumed"]["accuracy"], one["panels"]) for one in told["cells"]] == [
        ("xianyu17", 0.6, 50),
        ("xianyu17", 0.9, 50),
        ("plain-14-3-0", 0.6, 50),
        ("plain-14-3-0", 0.9, 50),
    ]
    assert run("--panels", "5").output.count("xianyu17") == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--jury", "nobody"), "nobody: no such jury; there are xianyu17"),
        (("--seats", "14/3"), "14/3 is neither a number of seats nor three, such as 14/3/0"),
        (("--seats", "many"), "many is neither a number of seats"),
        (("--seats", "0"), "0: a jury has 1 to 101 seats"),
        (("--seats", "60/60/0"), "a jury has 1 to 101 seats"),
        (("--population", "20"), "xianyu17 invites more than the 20 people there are"),
        (("--playbook", "infrastructure/playbooks/common.yaml"), "the playbook describes no jury"),
    ],
)
def test_what_cannot_be_simulated_is_told_with_what_can(words: tuple[str, ...], says: str) -> None:
    failed = run(*words)
    assert says in str(failed.exception)


def test_a_bar_has_all_its_columns() -> None:
    for right, wrong in ((1.0, 0.0), (0.4, 0.3), (0.0, 1.0), (0.987, 0.013)):
        one = Result(10, right, wrong, 1 - right - wrong, 0.5, 1, 1, 1)
        assert len(bar_of(one)) == BAR
        assert bar_of(one).count("█") == round(right * BAR)


def test_what_is_played_is_summed_up() -> None:
    found = result_of(
        [Played(True, False, 9, 39, 2.0), Played(False, True, 17, 41, 4.0), Played(None, False, 3, 60, 36.0)]  # noqa: FBT003 - in order
    )
    assert (round(found.right, 3), round(found.wrong, 3), round(found.hung, 3)) == (0.333, 0.333, 0.333)
    assert (round(found.for_seller, 3), found.hours, round(found.ballots, 2)) == (0.333, 14, 9.67)

"""How a panel votes and ends: one seat, one ballot, in the window; what a close depends on; one end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain.jury import summoning, voting
from domain.jury.ballot import Choice
from domain.jury.count import CountRecord, check
from domain.jury.panel import (
    BallotCast,
    Dismissal,
    Hung,
    JurorsSummoned,
    PanelClosed,
    PanelDismissed,
    PanelHung,
    Recusal,
    SeatClaimed,
    VerdictReached,
    VoteExtended,
)
from domain.jury.profile import Cap, Closing, Side
from domain.jury.voting import BallotIsCast, CapReached, NoSeat, NoSeatLeft, NotSummoned, VoteIsOver
from domain.kernel import DomainError
from tests.support.builders import hours
from tests.support.jury import profile
from tests.support.panels import Court, juror

FIXED = profile(closing=Closing.FIXED)
MILLISECOND = timedelta(milliseconds=1)


# --- seats


def test_the_case_file_comes_with_the_first_free_seat_of_the_stratum() -> None:
    court = Court().sitting()
    seats = [court.claims(court.who()) for _ in range(3)]
    assert seats == [1, 2, 3]
    claimed = court.panel.seats[1].claimed
    drawn = court.panel.drawn
    assert drawn is not None
    assert claimed.first is drawn.first_seen[0]
    assert claimed.until == court.at + timedelta(hours=2)
    assert court.claims(court.who(stratum="seller.none")) == 12


def test_only_who_was_asked_takes_a_seat_and_only_in_time() -> None:
    court = Court().sitting()
    with pytest.raises(NotSummoned):
        court.claims(juror("nobody"))
    by = court.who()
    court.claims(by)
    with pytest.raises(NotSummoned):
        court.claims(by)
    late = court.who()
    court.later(hours=6)
    with pytest.raises(NotSummoned):
        court.claims(late)


def test_where_all_seats_of_a_stratum_are_taken_there_is_none_left_for_it() -> None:
    court = Court().sitting()
    for _ in range(3):
        court.claims(court.who())
    with pytest.raises(NoSeatLeft):
        court.claims(court.who())
    court.claims(court.who(stratum="buyer.none"))


def test_the_cap_is_told_before_a_case_is_opened() -> None:
    court = Court().sitting()
    opened = tuple(court.at - timedelta(hours=number) for number in (11, 5, 1))
    with pytest.raises(CapReached) as refused:
        court.claims(court.who(), opened)
    again = court.at + timedelta(hours=1)
    assert refused.value.details == {"cases": 3, "hours": 12, "again_at": again.isoformat()}
    assert voting.next_opening(court.profile.cap, opened, again) is None
    court.claims(court.who(), opened[1:])


def test_a_cap_counts_the_hours_before_and_nothing_else() -> None:
    cap = Cap(cases=2, hours=12)
    assert voting.next_opening(cap, (hours(0), hours(1)), hours(11.9)) == hours(12)
    assert voting.next_opening(cap, (hours(0), hours(1)), hours(12)) is None
    assert voting.next_opening(cap, (hours(1), hours(0), hours(2)), hours(11)) == hours(13)


# --- ballots


def test_a_ballot_is_final_and_one_for_a_seat() -> None:
    court = Court().sitting()
    by = court.who()
    court.claims(by)
    court.casts(by)
    with pytest.raises(BallotIsCast):
        court.casts(by, Choice.SELLER)
    with pytest.raises(BallotIsCast):
        court.happens(voting.recuse(court.panel, Recusal.NO_TIME, by=by, at=court.at))


def test_nobody_votes_without_a_seat() -> None:
    court = Court().sitting()
    for by in (court.who(), juror("nobody")):
        with pytest.raises(NoSeat):
            court.casts(by)
    by = court.who()
    court.claims(by)
    court.later(hours=2)  # the seat has lapsed, whether or not that is recorded yet
    with pytest.raises(NoSeat):
        court.casts(by)


def test_the_moment_at_which_the_window_ends_is_out() -> None:
    court = Court(profile=profile(windows=FIXED.windows.model_copy(update={"seat": 48, "summons": 48}))).sitting()
    first, second = court.who(0), court.who(1)
    court.claims(first)
    court.claims(second)
    assert court.panel.vote_until is not None
    court.at = court.panel.vote_until - MILLISECOND
    court.casts(first)
    court.at += MILLISECOND
    for act in (lambda: court.casts(second), lambda: court.claims(court.who())):
        with pytest.raises(VoteIsOver):
            act()
    with pytest.raises(VoteIsOver):
        voting.recuse(court.panel, Recusal.NO_TIME, by=second, at=court.at)


def test_nothing_is_done_in_a_panel_that_was_not_drawn_or_has_ended() -> None:
    court = Court().sealed()
    assert court.panel.free("buyer.none") == ()
    with pytest.raises(VoteIsOver):
        court.claims(juror(1))
    court = Court().sitting()
    by = court.who()
    court.claims(by)
    court.happens(voting.dismiss(court.panel, Dismissal.SETTLED, at=court.at))
    with pytest.raises(VoteIsOver):
        court.casts(by)
    assert court.closes() == ()


def test_recusal_is_open_to_who_was_asked_and_to_who_has_a_seat() -> None:
    court = Court().sitting()
    asked, seated = court.who(0), court.who(1)
    seat = court.claims(seated)
    (one,) = court.happens(voting.recuse(court.panel, Recusal.KNOWS_A_PARTY, by=asked, at=court.at))
    (other,) = court.happens(voting.recuse(court.panel, Recusal.DISTRESSING, by=seated, at=court.at))
    assert (one.seat, other.seat) == (None, seat)
    assert seat in court.panel.free("buyer.experienced")
    for by in (asked, seated, juror("nobody")):
        with pytest.raises(NotSummoned):
            voting.recuse(court.panel, Recusal.NO_TIME, by=by, at=court.at)


def test_who_has_seen_the_file_may_report_what_is_in_it() -> None:
    court = Court().sitting()
    by = court.who()
    with pytest.raises(NoSeat):
        voting.report_harm(court.panel, "e1", "a wound", by=by, at=court.at)
    with pytest.raises(NoSeat):
        voting.report_harm(court.panel, None, "a wound", by=juror("nobody"), at=court.at)
    court.claims(by)
    court.happens(voting.report_harm(court.panel, "e1", "a wound", by=by, at=court.at))
    assert [one.exhibit for one in court.panel.harm] == ["e1"]


# --- the close


def test_the_ninth_vote_closes_a_panel_that_closes_on_the_first_to_win() -> None:
    court = Court().sitting().votes(8, 3)
    assert court.closes() == ()
    court.votes(1)
    closed, reached = court.closes()
    assert isinstance(closed, PanelClosed)
    assert isinstance(reached, VerdictReached)
    assert (reached.verdict.winner, reached.verdict.tally.buyer, reached.verdict.turnout) == (Side.BUYER, 9, 12)
    assert closed.commitments == tuple(sorted(one.commitment for one in court.panel.ballots))
    assert court.closes() == ()


def test_a_panel_of_fixed_time_closes_at_its_end_however_it_stands() -> None:
    court = Court(profile=FIXED).sitting().votes(9)
    assert court.closes() == ()
    court.over().at -= MILLISECOND
    assert court.closes() == ()
    court.at += MILLISECOND
    _, reached = court.closes()
    assert isinstance(reached, VerdictReached)


def test_what_is_published_of_a_verdict_is_a_count_that_holds() -> None:
    court = Court().sitting().votes(9, 7)
    closed, reached = court.closes()
    drawn = court.panel.drawn
    assert drawn is not None
    told = CountRecord(
        panel=court.panel.id,
        profile=court.profile,
        strata=drawn.strata,
        invited=len(court.panel.asked),
        commitments=closed.commitments,
        openings=reached.openings,
        verdict=reached.verdict,
    )
    assert check(told) == ()
    assert reached.verdict.thin


def test_a_panel_that_has_not_decided_votes_once_longer_and_is_then_hung() -> None:
    court = Court().sitting().votes(4, 2).over()
    (extended,) = court.closes()
    assert extended == VoteExtended(vote_until=court.at + timedelta(hours=12), at=court.at)
    court.happens(summoning.lapse(court.panel, at=court.at))
    (again,) = court.summoned()
    assert again.why == "extended"
    court.over()
    closed, hung = court.closes()
    assert isinstance(closed, PanelClosed)
    assert hung == PanelHung(why=Hung.TOO_FEW_BALLOTS, at=court.at)
    assert len(closed.commitments) == 6


def test_the_votes_of_the_extension_decide() -> None:
    court = Court().sitting().votes(8, 2).over()
    court.closes()
    court.happens(summoning.lapse(court.panel, at=court.at))
    court.summoned()
    court.votes(1)
    _, reached = court.closes()
    assert isinstance(reached, VerdictReached)


def test_where_everybody_has_voted_and_nobody_won_no_time_is_added() -> None:
    court = Court().sitting().votes(8, 8, 1).over()
    _, hung = court.closes()
    assert hung == PanelHung(why=Hung.NO_MAJORITY, at=court.at)


def test_a_profile_without_extension_gives_none() -> None:
    windows = FIXED.windows.model_copy(update={"extension": 0})
    _, hung = Court(profile=profile(windows=windows)).sitting().votes(4, 2).over().closes()
    assert isinstance(hung, PanelHung)


@pytest.mark.parametrize(("ballots", "extended"), [(8, True), (9, False), (17, False)])
def test_whether_a_fixed_panel_votes_longer_depends_on_how_many_voted_and_not_on_what(
    ballots: int, *, extended: bool
) -> None:
    for buyer in range(ballots + 1):
        court = Court(profile=FIXED).sitting().votes(buyer, ballots - buyer).over()
        assert isinstance(court.closes()[0], VoteExtended) is extended


def test_a_panel_that_counts_a_percentage_needs_as_many_as_its_quorum() -> None:
    jury = profile("weibo60", windows=FIXED.windows)
    assert isinstance(Court(profile=jury).sitting().votes(10).over().closes()[0], VoteExtended)
    _, reached = Court(profile=jury).sitting().votes(7, 4).over().closes()
    assert isinstance(reached, VerdictReached)
    _, hung = Court(profile=jury).sitting().votes(6, 5).over().closes()
    assert hung.why is Hung.NO_MAJORITY


def test_ballots_that_open_to_something_else_than_their_receipts_close_nothing() -> None:
    court = Court().sitting().votes(9)
    turned = tuple(one.model_copy(update={"choice": Choice.SELLER}) for one in court.openings)
    for openings in (turned, court.openings[1:], (*court.openings, court.openings[0]), ()):
        with pytest.raises(voting.BallotsDiffer):
            voting.close(court.panel, court.profile, openings, at=court.at)


def test_a_panel_whose_case_has_ended_is_dismissed_once() -> None:
    court = Court().sitting().votes(8)
    court.happens(voting.dismiss(court.panel, Dismissal.WITHDRAWN, at=court.at))
    assert isinstance(court.panel.end, PanelDismissed)
    assert voting.dismiss(court.panel, Dismissal.SETTLED, at=court.at) == ()
    assert court.closes() == ()


# --- any order of acts


class Sitting(RuleBasedStateMachine):
    """Jurors claim, vote, recuse and let time pass in any order; the rules of a panel hold after each."""

    @initialize(fixed=st.booleans())
    def begins(self, *, fixed: bool) -> None:
        self.court = Court(profile=FIXED if fixed else profile()).sitting()

    def tries(self, act: Callable[[], object]) -> None:
        with suppress(DomainError):
            act()

    @property
    def known(self) -> list[str]:
        return [one.juror for one in self.court.panel.asked.values()]

    @rule(place=st.integers(0, 200))
    def claims(self, place: int) -> None:
        who = juror("x").model_copy(update={"id": self.known[place % len(self.known)]})
        self.tries(lambda: self.court.claims(who))

    @rule(place=st.integers(0, 16), choice=st.sampled_from(Choice))
    def votes(self, place: int, choice: Choice) -> None:
        taken = [one.claimed.by for one in self.court.panel.seats.values()]
        if taken:
            self.tries(lambda: self.court.casts(taken[place % len(taken)], choice))

    @rule(place=st.integers(0, 200))
    def recuses(self, place: int) -> None:
        who = juror("x").model_copy(update={"id": self.known[place % len(self.known)]})
        court = self.court
        self.tries(lambda: court.happens(voting.recuse(court.panel, Recusal.NO_TIME, by=who, at=court.at)))

    @rule(minutes=st.integers(1, 400))
    def time_passes(self, minutes: int) -> None:
        self.court.later(minutes=minutes)
        self.court.happens(summoning.lapse(self.court.panel, at=self.court.at))
        if self.court.panel.sits:
            self.court.summoned()
        self.court.closes()

    @invariant()
    def one_seat_one_ballot_one_end(self) -> None:
        if not hasattr(self, "court"):
            return
        court, panel = self.court, self.court.panel
        cast = [event for event in court.events if isinstance(event, BallotCast)]
        assert len({one.seat for one in cast}) == len({one.by.id for one in cast}) == len(cast) <= 17
        assert len(panel.seats) <= 17
        asked = [one.pseudonym for event in court.events if isinstance(event, JurorsSummoned) for one in event.summoned]
        assert len(set(asked)) == len(asked)
        strata = {one.id: one for one in (panel.drawn.strata if panel.drawn else ())}
        for event in court.events:
            if isinstance(event, SeatClaimed):
                assert event.seat not in {one.seat for one in cast if one.at < event.at and one.by != event.by}
        assert all(len(panel.free(name)) <= one.seats for name, one in strata.items())
        ends = [event for event in court.events if isinstance(event, VerdictReached | PanelHung | PanelDismissed)]
        assert len(ends) <= 1
        if ends:
            assert [type(event) for event in court.events[-2:]] == [PanelClosed, type(ends[0])]


TestAnyOrderOfActs = Sitting.TestCase
TestAnyOrderOfActs.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)

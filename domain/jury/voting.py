"""How a panel votes and ends: a seat comes with the case file, a ballot is final, nothing is told before the close."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from domain.jury.ballot import commitment
from domain.jury.count import casts
from domain.jury.panel import (
    BallotCast,
    Dismissal,
    HarmReported,
    Hung,
    JurorRecused,
    Panel,
    PanelClosed,
    PanelDismissed,
    PanelHung,
    Recusal,
    SeatClaimed,
    Summons,
    VerdictReached,
    VoteExtended,
)
from domain.jury.profile import Closing
from domain.jury.verdict import is_decided_early, tally, verdict
from domain.kernel import NotYours, Refused, begun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.jury.count import Opening
    from domain.jury.profile import Cap, JuryProfile
    from domain.kernel import Actor, Moment

GRACE: Final = timedelta(seconds=2)  # so long a ballot that was cast in time may take to be stored


class NotSummoned(NotYours):
    """Only who was asked to judge, and may still come, takes a seat."""

    CODE = "not_summoned"


class NoSeatLeft(Refused):
    """All seats for which the juror was asked are taken; one may be free again."""

    CODE = "no_seat_left"


class CapReached(Refused):
    """The juror has opened as many cases as may be opened in so short a time."""

    CODE = "cap_reached"


class NoSeat(NotYours):
    """Only who has a seat, and has it still, does this."""

    CODE = "no_seat"


class BallotIsCast(Refused):
    """The juror has voted, and a ballot is final."""

    CODE = "ballot_is_cast"


class BallotsDiffer(Exception):
    """The opened ballots are not those that were cast: what was sealed does not say what its receipt says."""


class VoteIsOver(Refused):
    """The time to vote is over, or the panel has ended."""

    CODE = "vote_is_over"


def _check_votes(panel: Panel, at: Moment) -> None:
    """Refuse what is done only while the panel votes: the moment at which its window ends is out."""
    if not panel.sits or panel.vote_until is None or at >= panel.vote_until:
        raise VoteIsOver


def next_opening(cap: Cap, opened: Sequence[datetime], at: datetime) -> datetime | None:
    """When the juror may open another case; None where that is now."""
    recent = sorted(one for one in opened if one > at - timedelta(hours=cap.hours))
    return recent[-cap.cases] + timedelta(hours=cap.hours) if len(recent) >= cap.cases else None


def may_claim(panel: Panel, profile: JuryProfile, opened: Sequence[datetime], juror: Actor, at: Moment) -> Summons:
    """Who was asked, in time, and has opened fewer cases than the cap, while a seat of the stratum is free."""
    _check_votes(panel, at)
    summons = panel.summons_of(juror.id)
    until = panel.waiting.get(summons.pseudonym) if summons else None
    if summons is None or until is None or at >= until:
        raise NotSummoned
    if (again := next_opening(profile.cap, opened, at)) is not None:
        raise CapReached(cases=profile.cap.cases, hours=profile.cap.hours, again_at=again.isoformat())
    if not panel.free(summons.stratum):
        raise NoSeatLeft
    return summons


def claim_seat(
    panel: Panel, profile: JuryProfile, opened: Sequence[datetime], shown: str, *, by: Actor, at: Moment
) -> tuple[SeatClaimed]:
    """Open the case file, `shown` by its digest, and take the first free seat of the stratum with it."""
    summons = may_claim(panel, profile, opened, by, at)
    seat = panel.free(summons.stratum)[0]
    return (
        SeatClaimed(
            seat=seat,
            pseudonym=summons.pseudonym,
            first=begun(panel.drawn).first_seen[seat - 1],
            shown=shown,
            until=at + timedelta(hours=profile.windows.seat),
            by=by,
            at=at,
        ),
    )


def seat_held(panel: Panel, juror: Actor, at: Moment) -> int:
    """The seat of a juror who has one still, and has not voted."""
    _check_votes(panel, at)
    summons = panel.summons_of(juror.id)
    seat = panel.seat_of(summons.pseudonym) if summons else None
    if seat is None:
        raise NoSeat
    taken = panel.seats[seat]
    if taken.ballot is not None:
        raise BallotIsCast
    if at >= taken.claimed.until:
        raise NoSeat
    return seat


def cast_ballot(panel: Panel, receipt: str, sealed: str, *, by: Actor, at: Moment) -> tuple[BallotCast]:
    """Cast a ballot that was sealed for the juror's seat; `receipt` is its commitment."""
    seat = seat_held(panel, by, at)
    pseudonym = panel.seats[seat].claimed.pseudonym
    return (BallotCast(seat=seat, pseudonym=pseudonym, commitment=receipt, sealed=sealed, by=by, at=at),)


def recuse(panel: Panel, ground: Recusal, *, by: Actor, at: Moment) -> tuple[JurorRecused]:
    """A juror does not judge this case: who was asked and may still come, or has a seat and has not voted."""
    _check_votes(panel, at)
    summons = panel.summons_of(by.id)
    if summons is None:
        raise NotSummoned
    seat = panel.seat_of(summons.pseudonym)
    if seat is not None and panel.seats[seat].ballot is not None:
        raise BallotIsCast
    if seat is None and summons.pseudonym not in panel.waiting:
        raise NotSummoned
    return (JurorRecused(pseudonym=summons.pseudonym, seat=seat, ground=ground, by=by, at=at),)


def report_harm(panel: Panel, exhibit: str | None, statement: str, *, by: Actor, at: Moment) -> tuple[HarmReported]:
    """A juror who has opened the case file tells of something in it that nobody should have to see."""
    summons = panel.summons_of(by.id)
    if summons is None or panel.seat_of(summons.pseudonym) is None:
        raise NoSeat
    return (HarmReported(pseudonym=summons.pseudonym, exhibit=exhibit, statement=statement, by=by, at=at),)


PanelClosing = VoteExtended | PanelClosed | VerdictReached | PanelHung


def close(panel: Panel, profile: JuryProfile, openings: Sequence[Opening], *, at: Moment) -> tuple[PanelClosing, ...]:
    """What the opened ballots lead to now; nothing while the panel goes on.

    Only who holds the panel's key can ask, with all ballots opened. One that closes on the first to win closes as soon
    as somebody has; every other at the end of its window, when whatever was cast in time is stored.
    """
    if not panel.sits:
        return ()
    receipts = sorted(commitment(panel.id, one.seat, one.choice, one.salt) for one in openings)
    commitments = sorted(one.commitment for one in panel.ballots)
    if receipts != commitments:
        raise BallotsDiffer(str(panel.id))
    cast = casts(begun(panel.drawn).strata, openings)
    found = verdict(profile, cast, len(panel.asked))
    over = panel.vote_until is not None and at >= panel.vote_until + GRACE
    if not over and not is_decided_early(profile, tally(one.choice for one in cast)):
        return ()
    if over and _goes_on(panel, profile, decided=found is not None):
        return (VoteExtended(vote_until=at + timedelta(hours=profile.windows.extension), at=at),)
    closed = PanelClosed(commitments=tuple(commitments), at=at)
    if found is None:
        return closed, PanelHung(why=_why_hung(panel, profile), at=at)
    return closed, VerdictReached(openings=tuple(openings), verdict=found, at=at)


def _goes_on(panel: Panel, profile: JuryProfile, *, decided: bool) -> bool:
    """Whether the panel votes longer, once.

    One that closes at a fixed time does so where too few have voted, whatever they chose: how long it sits tells
    nothing of the ballots. One that closes on the first to win does where nobody has won and somebody may still vote.
    """
    if panel.extended is not None or not profile.windows.extension:
        return False
    if profile.closing is Closing.FIXED:
        return len(panel.ballots) < _needed(profile)
    return not decided and any(panel.free(one.id) for one in begun(panel.drawn).strata)


def _needed(profile: JuryProfile) -> int:
    """With fewer ballots than these nobody can have won."""
    return profile.to_win or max(profile.quorum, 1)


def _why_hung(panel: Panel, profile: JuryProfile) -> Hung:
    return Hung.TOO_FEW_BALLOTS if len(panel.ballots) < _needed(profile) else Hung.NO_MAJORITY


def dismiss(panel: Panel, why: Dismissal, *, at: Moment) -> tuple[PanelDismissed, ...]:
    """The case has ended otherwise; nothing where the panel has ended, too."""
    return () if panel.end is not None else (PanelDismissed(why=why, at=at),)

"""The verdict: what the ballots of a panel come to, and how much trust it deserves. Whole numbers throughout."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from domain.jury.ballot import Choice
from domain.jury.profile import SEATS_MAX, Closing, Side
from domain.kernel import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from domain.jury.profile import JuryProfile

Votes = Annotated[int, Field(ge=0, le=SEATS_MAX)]
Permille = Annotated[int, Field(ge=0, le=1000)]
Winner = Literal[Side.BUYER, Side.SELLER]
CHOSEN = {Side.BUYER: Choice.BUYER, Side.SELLER: Choice.SELLER}


class Cast(Value):
    """A choice, and for which side of trades the seat stands from which it was made."""

    side: Side
    choice: Choice


class Tally(Value):
    """How many found for the buyer, for the seller, and refused to decide."""

    buyer: Votes
    seller: Votes
    refused: Votes

    @property
    def chosen(self) -> int:
        """How many found for a side."""
        return self.buyer + self.seller

    @property
    def lead(self) -> int:
        """By how many the one side is ahead of the other."""
        return abs(self.buyer - self.seller)


class Verdict(Value):
    """For whom a panel found, with what it rests on.

    `turnout` is how many of `seats` were used, of `invited` that were asked. `confidence` is the chance, per mille,
    that the winner is right, if every juror is right with `accuracy_percent` by themself and both sides were as likely
    to be before. `for_buyer` is the share of those who found for a side, per mille; `adjusted` the same if each side of
    trades had voted in the proportion of the profile's seats.
    """

    winner: Winner
    tally: Tally
    invited: Annotated[int, Field(ge=1)]
    seats: Annotated[int, Field(ge=1, le=SEATS_MAX)]
    turnout: Votes
    thin: bool
    accuracy_percent: Annotated[int, Field(ge=51, le=99)]
    confidence: Permille
    for_buyer: Permille
    adjusted: Permille


def tally(choices: Iterable[Choice]) -> Tally:
    """Count."""
    counted = list(choices)
    return Tally(
        buyer=counted.count(Choice.BUYER),
        seller=counted.count(Choice.SELLER),
        refused=counted.count(Choice.REFUSED),
    )


def winner(profile: JuryProfile, counted: Tally) -> Winner | None:
    """The side that has the votes that the profile asks for; none where neither has.

    That is a number of votes, or a percentage of those that found for a side, where enough did.
    """
    ahead: Winner = Side.BUYER if counted.buyer > counted.seller else Side.SELLER
    votes = max(counted.buyer, counted.seller)
    if profile.to_win is not None:
        return ahead if votes >= profile.to_win else None
    enough = counted.chosen >= max(profile.quorum, 1)
    return ahead if enough and votes * 100 >= (profile.percent or 100) * counted.chosen else None


def is_decided_early(profile: JuryProfile, counted: Tally) -> bool:
    """Whether nothing that may still be cast can change the winner, where the profile closes on that."""
    return profile.closing is Closing.FIRST_TO and winner(profile, counted) is not None


def is_thin(profile: JuryProfile, counted: Tally) -> bool:
    """Whether the lead is as small as the profile calls thin."""
    return profile.thin is not None and counted.lead <= profile.thin.lead


def confidence(counted: Tally, accuracy_percent: int) -> int:
    """The chance, per mille, that the side ahead is right: a^lead / (a^lead + b^lead) for a right in a of a + b."""
    right, wrong = accuracy_percent**counted.lead, (100 - accuracy_percent) ** counted.lead
    return _permille(Fraction(right, right + wrong))


def for_buyer(casts: Sequence[Cast]) -> int:
    """The share that found for the buyer, per mille of those that found for a side; half where nobody did."""
    share = _share(casts)
    return _permille(Fraction(1, 2) if share is None else share)


def adjusted(profile: JuryProfile, casts: Sequence[Cast]) -> int:
    """The share for the buyer if the sides of trades had voted in the proportion of the profile's seats.

    A side of which nobody found for anyone leaves its weight to the others.
    """
    shares = [(one.seats, _share([cast for cast in casts if cast.side is one.side])) for one in profile.seats]
    weighed = [(weight, share) for weight, share in shares if share is not None]
    if not weighed:
        return _permille(Fraction(1, 2))
    total = sum((weight * share for weight, share in weighed), Fraction())
    return _permille(Fraction(total, sum(weight for weight, _ in weighed)))


def _share(casts: Sequence[Cast]) -> Fraction | None:
    counted = tally(one.choice for one in casts)
    return Fraction(counted.buyer, counted.chosen) if counted.chosen else None


def _permille(share: Fraction) -> int:
    """Rounded half up."""
    return int(share * 1000 + Fraction(1, 2))


def verdict(profile: JuryProfile, casts: Sequence[Cast], invited: int) -> Verdict | None:
    """What the ballots come to; None where no side has won."""
    counted = tally(one.choice for one in casts)
    won = winner(profile, counted)
    if won is None:
        return None
    return Verdict(
        winner=won,
        tally=counted,
        invited=invited,
        seats=profile.size,
        turnout=len(casts),
        thin=is_thin(profile, counted),
        accuracy_percent=profile.accuracy_percent,
        confidence=confidence(counted, profile.accuracy_percent),
        for_buyer=for_buyer(casts),
        adjusted=adjusted(profile, casts),
    )

"""One simulated panel: the real draw, re-draws, ballots and verdict, with made people who come, or do not, in time."""

from __future__ import annotations

import hashlib
import heapq
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from domain.jury import draw, pool
from domain.jury.ballot import Ballot, Choice, commitment, decode, encode
from domain.jury.profile import Side
from domain.jury.verdict import Cast, is_decided_early, tally, verdict
from infrastructure.privacy.ballots import new_key, open_ballot, seal
from infrastructure.simulating.population import made

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.jury.draw import Stratum
    from domain.jury.pool import Member
    from domain.jury.profile import JuryProfile
    from infrastructure.simulating.population import Assumed, Juror


@dataclass(frozen=True, slots=True)
class Played:
    """How a panel ended: whether the side that was right won (None: nobody did), after how many ballots and hours."""

    right: bool | None
    for_seller: bool
    ballots: int
    asked: int
    hours: float


class BallotChanged(Exception):
    """An opened ballot does not say what was cast: the code that is simulated is broken."""


@dataclass(slots=True)
class Sitting:
    """A panel while it sits: free seats and open summonses by stratum, who was asked, who comes when, what was cast."""

    panel: UUID
    truth: Choice
    strata: tuple[Stratum, ...]
    ordered: tuple[Member, ...]
    free: dict[str, int]
    waiting: dict[str, int]
    asked: set[str] = field(default_factory=set)
    ahead: list[tuple[float, int, str, str]] = field(default_factory=list)
    casts: list[Cast] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Court:
    """The profile and the people of a simulation; `sealed` seals and opens each ballot, too, which takes longer."""

    profile: JuryProfile
    assumed: Assumed
    people: Mapping[str, Juror]
    members: tuple[Member, ...]
    root: str
    seed: int
    sealed: bool

    @classmethod
    def opened(cls, profile: JuryProfile, assumed: Assumed, seed: int, *, sealed: bool = False) -> Court:
        """A court with people of its own."""
        people = made(assumed, seed)
        members = tuple(one.member for one in people.values())
        return cls(profile, assumed, people, members, pool.root(members), seed, sealed)

    def play(self, number: int) -> Played:
        """One panel, the same whenever its number is played."""
        chance = random.Random(f"{self.seed} {number}")  # noqa: S311 - made people; the draw has a seed of its own
        panel = UUID(bytes=hashlib.sha256(f"panel {self.seed} {number}".encode()).digest()[:16])
        truth = chance.choice((Choice.BUYER, Choice.SELLER))
        strata = draw.strata(self.profile.seats, self.profile.invited)
        sitting = Sitting(
            panel,
            truth,
            strata,
            self._drawn(panel),
            {one.id: one.seats for one in strata},
            {one.id: 0 for one in strata},
        )
        hours = self._sit(sitting, chance)
        found = verdict(self.profile, sitting.casts, max(1, len(sitting.asked)))
        return Played(
            right=None if found is None else str(found.winner) == str(truth),
            for_seller=found is not None and found.winner is Side.SELLER,
            ballots=len(sitting.casts),
            asked=len(sitting.asked),
            hours=hours,
        )

    def _drawn(self, panel: UUID) -> tuple[Member, ...]:
        """The pool in the order of a draw of its own."""
        buyer, merchant = (hashlib.sha256(f"{side} {panel}".encode()).hexdigest() for side in ("buyer", "merchant"))
        given = draw.randomness(panel, self.root, buyer=buyer, merchant=merchant, beacon=None)
        return draw.order(draw.key(panel.bytes, given), self.members)

    def _ask(self, sitting: Sitting, at: float, chance: random.Random) -> None:
        """Ask as many as the free seats need; some come within the time of a summons, the others let it lapse."""
        wanted = [(one, draw.lacking(one, sitting.free[one.id], sitting.waiting[one.id])) for one in sitting.strata]
        now = [(one, number) for one, number in wanted if number]
        for one in draw.invite(sitting.ordered, now, {}, sitting.asked)[0]:
            sitting.asked.add(one.pseudonym)
            sitting.waiting[one.stratum] += 1
            comes, summons = chance.random() < self.assumed.turnout, self.profile.windows.summons
            when = at + (chance.uniform(0, summons) if comes else summons)
            heapq.heappush(sitting.ahead, (when, len(sitting.asked), one.stratum, one.pseudonym if comes else ""))

    def _sit(self, sitting: Sitting, chance: random.Random) -> float:
        """Ask, wait, ask again, until the panel closes; answers after how many hours."""
        windows = self.profile.windows
        extended = [(windows.vote, windows.vote + windows.extension)] if windows.extension else []
        for begins, ends in [(0, windows.vote), *extended]:
            self._ask(sitting, begins, chance)
            while sitting.ahead and sitting.ahead[0][0] < ends:
                at, _, stratum, pseudonym = heapq.heappop(sitting.ahead)
                sitting.waiting[stratum] -= 1
                if not pseudonym:
                    self._ask(sitting, at, chance)
                elif sitting.free[stratum]:
                    sitting.free[stratum] -= 1
                    self._vote(sitting, self.people[pseudonym], chance)
                    if is_decided_early(self.profile, tally(one.choice for one in sitting.casts)):
                        return at
            if verdict(self.profile, sitting.casts, 1) or not any(sitting.free.values()):
                return ends
        return ends

    def _vote(self, sitting: Sitting, juror: Juror, chance: random.Random) -> None:
        """Cast a ballot, through its bytes and its receipt, and under seal where that is wanted."""
        choice, seat = juror.votes(sitting.truth, self.assumed, chance), len(sitting.casts) + 1
        ballot = Ballot(choice=choice, salt=f"{chance.getrandbits(256):064x}")
        receipt, content = commitment(sitting.panel, seat, choice, ballot.salt), encode(ballot)
        if self.sealed:
            private, public = new_key()
            content = open_ballot(private, sitting.panel, seat, seal(public, sitting.panel, seat, content))
        read = decode(content)
        if commitment(sitting.panel, seat, read.choice, read.salt) != receipt:
            raise BallotChanged
        sitting.casts.append(Cast(side=juror.member.side, choice=read.choice))

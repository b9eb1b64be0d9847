"""A panel for the tests of juries, carried from one event to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.jury import draw, summoning, voting
from domain.jury.ballot import Ballot, Choice, commitment, encode
from domain.jury.count import Opening
from domain.jury.draw import Ground
from domain.jury.panel import Panel, PanelEvent, evolve
from domain.jury.pool import Member
from domain.jury.profile import JuryProfile
from domain.kernel import Actor, Role
from infrastructure.privacy.ballots import new_key, seal
from tests.support.builders import BUYER, MERCHANT, hours
from tests.support.jury import DISPUTE, a_pool, digits, profile

SECRET = bytes.fromhex(digits("the secret"))
PRIVATE, PUBLIC = new_key()


def juror(number: int | str) -> Actor:
    return Actor(role=Role.JUROR, id=f"user-{number}")


@dataclass
class Court:
    """A panel, its time, and what its keeper knows: the pool, who stands behind a pseudonym, who has a conflict."""

    profile: JuryProfile = field(default_factory=profile)
    members: tuple[Member, ...] = field(default_factory=a_pool)
    conflicts: dict[str, Ground] = field(default_factory=dict)
    at: datetime = field(default_factory=lambda: hours(0))
    panel: Panel = None  # type: ignore[assignment]  # until it is sealed
    events: list[PanelEvent] = field(default_factory=list)
    said: dict[int, tuple[Choice, str]] = field(default_factory=dict)

    @property
    def accounts(self) -> dict[str, str]:
        return {one.pseudonym: f"user-{one.pseudonym[:8]}" for one in self.members}

    def happens(self, events: tuple[Any, ...]) -> tuple[Any, ...]:
        for event in events:
            self.panel = evolve(self.panel, event)
        self.events += events
        return events

    def later(self, **passed: float) -> Court:
        self.at += timedelta(**passed)
        return self

    def sealed(self) -> Court:
        self.happens(
            summoning.seal_pool(
                self.profile,
                self.members,
                platform="xianyu",
                dispute=DISPUTE,
                round_=1,
                playbook_digest=digits("playbook"),
                document=digits("document"),
                log_position=7,
                committed_to=DISPUTE,
                commitment=draw.commitment(DISPUTE, SECRET),
                ballot_key=PUBLIC,
                at=self.at,
            )
        )
        return self

    def given_entropy(self) -> Court:
        for by in (BUYER, MERCHANT):
            self.happens(summoning.give_entropy(self.panel, digits(by.id), by=by, at=self.at))
        return self

    def drawn(self) -> Court:
        self.happens(summoning.draw_panel(self.panel, self.profile, SECRET, beacon=None, case_version=9, at=self.at))
        return self

    def summoned(self) -> tuple[Any, ...]:
        return self.happens(
            summoning.summon(self.panel, self.profile, self.members, self.accounts, self.conflicts, at=self.at)
        )

    def sitting(self) -> Court:
        self.sealed().given_entropy().drawn().summoned()
        return self

    def who(self, place: int = 0, stratum: str = "buyer.experienced") -> Actor:
        """The so manieth who was asked for a stratum and may still come."""
        asked = [self.panel.asked[name] for name in self.panel.waiting]
        return Actor(role=Role.JUROR, id=[one.juror for one in asked if one.stratum == stratum][place])

    def claims(self, by: Actor, opened: tuple[datetime, ...] = ()) -> int:
        (claimed,) = self.happens(
            voting.claim_seat(self.panel, self.profile, opened, digits("file"), by=by, at=self.at)
        )
        seat: int = claimed.seat
        return seat

    def casts(self, by: Actor, choice: Choice = Choice.BUYER) -> None:
        seat = voting.seat_held(self.panel, by, self.at)
        salt = digits("salt", seat)
        self.said[seat] = choice, salt
        ballot = encode(Ballot(choice=choice, salt=salt, reason="-"))
        receipt = commitment(self.panel.id, seat, choice, salt)
        sealed = seal(PUBLIC, self.panel.id, seat, ballot)
        self.happens(voting.cast_ballot(self.panel, receipt, sealed, by=by, at=self.at))

    def votes(self, buyer: int, seller: int = 0, refused: int = 0) -> Court:
        """So many take seats and vote, as they were asked."""
        chosen = [Choice.BUYER] * buyer + [Choice.SELLER] * seller + [Choice.REFUSED] * refused
        for choice in chosen:
            by = next(
                Actor(role=Role.JUROR, id=one.juror)
                for one in map(self.panel.asked.__getitem__, self.panel.waiting)
                if self.panel.free(one.stratum)
            )
            self.claims(by)
            self.casts(by, choice)
        return self

    @property
    def openings(self) -> tuple[Opening, ...]:
        return tuple(Opening(seat=seat, choice=said, salt=salt) for seat, (said, salt) in sorted(self.said.items()))

    def closes(self) -> tuple[Any, ...]:
        return self.happens(voting.close(self.panel, self.profile, self.openings, at=self.at))

    def over(self) -> Court:
        """When the window has ended and whatever was cast in time is stored."""
        assert self.panel.vote_until is not None
        self.at = self.panel.vote_until + voting.GRACE
        return self

"""The panel of jurors of one dispute and round: its events, and what they come to; one stream each.

How a panel is called together is `summoning.py`, how it votes and ends `voting.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Annotated, ClassVar, Final, TypeVar, assert_never
from uuid import UUID

from pydantic import Field, StringConstraints

from domain.jury.count import Opening, Seat
from domain.jury.draw import Exclusion, Stratum
from domain.jury.profile import INVITED_MAX, SEATS_MAX, Side
from domain.jury.record import Entropy, Why
from domain.jury.verdict import Verdict
from domain.kernel import Act, Code, Digest, Event, Id, Moment, Personal, Role, Text, Value, begun, derived_id

SEALED_CHARS_MAX: Final = 8_000

K = TypeVar("K")
V = TypeVar("V")
Sealed = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_=-]+$", max_length=SEALED_CHARS_MAX)]


class Recusal(StrEnum):
    """Why a juror does not judge a case."""

    KNOWS_A_PARTY = "knows_a_party"
    NO_KNOWLEDGE = "no_knowledge"
    NO_TIME = "no_time"
    DISTRESSING = "distressing"
    OTHER = "other"


class Hung(StrEnum):
    """Why a panel came to no verdict."""

    NO_MAJORITY = "no_majority"
    TOO_FEW_BALLOTS = "too_few_ballots"


class Dismissal(StrEnum):
    """Why a panel is no longer asked."""

    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


class Summons(Value):
    """Somebody who is asked to judge, for a seat of this stratum."""

    pseudonym: Digest
    juror: Id
    stratum: Code


class PoolSealed(Event):
    """Who may be drawn was settled before anybody could know the seed.

    `document` is the SHA-256 of the published list; it was made from what was vouched for up to `log_position`.
    `ballot_key` is the public key under which ballots are sealed; `commitment` that to the secret part of the seed.
    """

    TOPIC: ClassVar[str] = "panel.pool_sealed"
    platform: Id
    dispute: UUID
    round: Annotated[int, Field(ge=1)]
    profile: Code
    playbook_digest: Digest
    root: Digest
    size: Annotated[int, Field(ge=1)]
    document: Digest
    log_position: int
    committed_to: UUID
    commitment: Digest
    ballot_key: Digest
    entropy_until: Moment
    at: Moment


class EntropyGiven(Act):
    """A party put its own chance into the draw."""

    TOPIC: ClassVar[str] = "panel.entropy_given"
    entropy: Digest


class PanelDrawn(Event):
    """The seed is known, and with it the order in which the pool is asked; it is published with the secret."""

    TOPIC: ClassVar[str] = "panel.drawn"
    secret: Digest
    entropy: Entropy
    strata: Annotated[tuple[Stratum, ...], Field(min_length=1)]
    first_seen: Annotated[tuple[Side, ...], Field(min_length=1, max_length=SEATS_MAX)]
    case_version: int
    vote_until: Moment
    at: Moment


class JurorsSummoned(Event):
    """The next in the order of the draw were asked, as many for a stratum as `wanted` says; `excluded` were passed."""

    TOPIC: ClassVar[str] = "panel.jurors_summoned"
    batch: Annotated[int, Field(ge=1)]
    why: Why
    wanted: dict[Code, int]
    summoned: Annotated[tuple[Summons, ...], Field(max_length=INVITED_MAX)]
    excluded: tuple[Exclusion, ...]
    until: Moment
    at: Moment


class SummonsesLapsed(Event):
    """These took no seat in time."""

    TOPIC: ClassVar[str] = "panel.summonses_lapsed"
    pseudonyms: Annotated[tuple[Digest, ...], Field(min_length=1)]
    at: Moment


class SeatClaimed(Act):
    """A juror opened the case file, `shown` by its digest, and has the seat until then; `first` is seen first."""

    TOPIC: ClassVar[str] = "panel.seat_claimed"
    seat: Seat
    pseudonym: Digest
    first: Side
    shown: Digest
    until: Moment


class SeatLapsed(Event):
    """A juror did not vote in time; the seat is free."""

    TOPIC: ClassVar[str] = "panel.seat_lapsed"
    seat: Seat
    pseudonym: Digest
    at: Moment


class JurorRecused(Act):
    """A juror does not judge this case; it costs nothing."""

    TOPIC: ClassVar[str] = "panel.juror_recused"
    pseudonym: Digest
    seat: Seat | None
    ground: Recusal


class HarmReported(Act):
    """A juror tells of something in the case file that nobody should have to see."""

    TOPIC: ClassVar[str] = "panel.harm_reported"
    pseudonym: Digest
    exhibit: Code | None
    statement: Annotated[Text, Personal("/by/id")]


class BallotCast(Act):
    """A sealed ballot, and the commitment to its choice that is the juror's receipt; it is final."""

    TOPIC: ClassVar[str] = "panel.ballot_cast"
    seat: Seat
    pseudonym: Digest
    commitment: Digest
    sealed: Sealed


class VoteExtended(Event):
    """The panel has not decided in its window: it votes once longer."""

    TOPIC: ClassVar[str] = "panel.vote_extended"
    vote_until: Moment
    at: Moment


class PanelClosed(Event):
    """No ballot is taken any more; these were, in the order of their digits, which tells nothing of who cast which."""

    TOPIC: ClassVar[str] = "panel.closed"
    commitments: Annotated[tuple[Digest, ...], Field(max_length=SEATS_MAX)]
    at: Moment


class VerdictReached(Event):
    """What the opened ballots come to."""

    TOPIC: ClassVar[str] = "panel.verdict_reached"
    openings: Annotated[tuple[Opening, ...], Field(min_length=1, max_length=SEATS_MAX)]
    verdict: Verdict
    at: Moment


class PanelHung(Event):
    """The panel came to no verdict; its ballots are kept, and not told."""

    TOPIC: ClassVar[str] = "panel.hung"
    why: Hung
    at: Moment


class PanelDismissed(Event):
    """The case ended before the panel did; its ballots are kept, and not told."""

    TOPIC: ClassVar[str] = "panel.dismissed"
    why: Dismissal
    at: Moment


SummoningEvent = PoolSealed | EntropyGiven | PanelDrawn | JurorsSummoned | SummonsesLapsed
SeatEvent = SeatClaimed | SeatLapsed | JurorRecused | HarmReported | BallotCast
PanelEnd = VerdictReached | PanelHung | PanelDismissed
EndEvent = VoteExtended | PanelClosed | PanelEnd
PanelEvent = SummoningEvent | SeatEvent | EndEvent


@dataclass(frozen=True, slots=True)
class Taken:
    """A seat that somebody has, until when, and the ballot cast from it."""

    claimed: SeatClaimed
    ballot: BallotCast | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel now: who was asked, who may still come and until when, who has a seat, what was cast, how it ended.

    `since` is what has freed seats since jurors were asked last.
    """

    sealed: PoolSealed
    entropy: Mapping[Role, EntropyGiven] = field(default_factory=dict)
    drawn: PanelDrawn | None = None
    batches: tuple[JurorsSummoned, ...] = ()
    asked: Mapping[str, Summons] = field(default_factory=dict)
    waiting: Mapping[str, Moment] = field(default_factory=dict)
    seats: Mapping[int, Taken] = field(default_factory=dict)
    since: frozenset[Why] = frozenset()
    harm: tuple[HarmReported, ...] = ()
    vote_until: Moment | None = None
    extended: VoteExtended | None = None
    closed: PanelClosed | None = None
    end: PanelEnd | None = None

    @property
    def id(self) -> UUID:
        """Its stream."""
        return panel_stream(self.sealed.dispute, self.sealed.round)

    @property
    def sits(self) -> bool:
        """Whether it was drawn and has not ended."""
        return self.drawn is not None and self.end is None

    @property
    def ballots(self) -> tuple[BallotCast, ...]:
        """What was cast, by seat."""
        return tuple(one.ballot for _, one in sorted(self.seats.items()) if one.ballot is not None)

    def summons_of(self, juror: str) -> Summons | None:
        """How this person was asked to judge, if they were."""
        return next((one for one in self.asked.values() if one.juror == juror), None)

    def seat_of(self, pseudonym: str) -> int | None:
        """The seat that somebody has."""
        return next((seat for seat, one in self.seats.items() if one.claimed.pseudonym == pseudonym), None)

    def waiting_for(self, stratum: str) -> int:
        """How many were asked for a stratum and may still come."""
        return sum(self.asked[name].stratum == stratum for name in self.waiting)

    def free(self, stratum: str) -> tuple[int, ...]:
        """The seats of a stratum that nobody has."""
        strata = self.drawn.strata if self.drawn else ()
        return tuple(seat for seat in seats_of(strata, stratum) if seat not in self.seats)


def panel_stream(dispute: UUID, round_: int) -> UUID:
    """The id of the panel of a dispute in a round."""
    return derived_id("panel", str(dispute), str(round_))


def seats_of(strata: Sequence[Stratum], name: str) -> range:
    """The numbers of the seats of a stratum; they are counted through in the order of the strata, from 1."""
    before = 0
    for one in strata:
        if one.id == name:
            return range(before + 1, before + one.seats + 1)
        before += one.seats
    return range(0)


def evolve(panel: Panel | None, event: PanelEvent) -> Panel:
    """The panel after `event`; refuses nothing, reads nothing but the event."""
    if isinstance(event, PoolSealed):
        return Panel(sealed=event)
    panel = begun(panel)
    if isinstance(event, SeatEvent):
        return _seated(panel, event)
    if isinstance(event, EndEvent):
        return _ended(panel, event)
    match event:
        case EntropyGiven():
            return replace(panel, entropy={**panel.entropy, event.by.role: event})
        case PanelDrawn():
            return replace(panel, drawn=event, vote_until=event.vote_until)
        case JurorsSummoned():
            asked = {one.pseudonym: one for one in event.summoned}
            waiting = {**panel.waiting, **dict.fromkeys(asked, event.until)}
            return replace(
                panel,
                batches=(*panel.batches, event),
                asked={**panel.asked, **asked},
                waiting=waiting,
                since=frozenset(),
            )
        case SummonsesLapsed():
            waiting = _without(panel.waiting, *event.pseudonyms)
            return replace(panel, waiting=waiting, since=panel.since | {Why.LAPSED})
        case _:
            assert_never(event)


def _seated(panel: Panel, event: SeatEvent) -> Panel:
    """What somebody with a summons or a seat did."""
    match event:
        case SeatClaimed():
            waiting = _without(panel.waiting, event.pseudonym)
            return replace(panel, waiting=waiting, seats={**panel.seats, event.seat: Taken(event)})
        case SeatLapsed():
            return replace(panel, seats=_without(panel.seats, event.seat), since=panel.since | {Why.LAPSED})
        case JurorRecused():
            waiting, seats = _without(panel.waiting, event.pseudonym), _without(panel.seats, event.seat)
            return replace(panel, waiting=waiting, seats=seats, since=panel.since | {Why.RECUSED})
        case HarmReported():
            return replace(panel, harm=(*panel.harm, event))
        case BallotCast():
            taken = replace(panel.seats[event.seat], ballot=event)
            return replace(panel, seats={**panel.seats, event.seat: taken})
        case _:
            assert_never(event)


def _ended(panel: Panel, event: EndEvent) -> Panel:
    """How long it votes, and how it ended."""
    match event:
        case VoteExtended():
            since = panel.since | {Why.EXTENDED}
            return replace(panel, vote_until=event.vote_until, extended=event, since=since)
        case PanelClosed():
            return replace(panel, closed=event)
        case VerdictReached() | PanelHung() | PanelDismissed():
            return replace(panel, end=event)
        case _:
            assert_never(event)


def _without(kept: Mapping[K, V], *gone: object) -> dict[K, V]:
    return {key: value for key, value in kept.items() if key not in gone}

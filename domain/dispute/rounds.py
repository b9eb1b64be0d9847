"""Chapter rounds, a part of evidence: what an arbitrator asks a side to show, and until when evidence is in time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal, assert_never

from pydantic import Field

from domain.calendars import Clock, ClockName
from domain.dispute.review import check_holds
from domain.dispute.stages import Stage, check_due, check_stage
from domain.kernel import Act, Actor, Code, Event, Moment, Personal, Refused, Role, Text
from domain.playbook.playbook import Playbook

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute

KINDS_MAX: Final = 10

Side = Literal[Role.BUYER, Role.MERCHANT]
SIDES: Final[tuple[Side, ...]] = (Role.BUYER, Role.MERCHANT)
Kinds = Annotated[tuple[Code, ...], Field(min_length=1, max_length=KINDS_MAX)]
Round = Annotated[int, Field(ge=1)]


class RequestState(StrEnum):
    """What became of a request for evidence."""

    OPEN = "open"
    ANSWERED = "answered"
    LAPSED = "lapsed"


class EvidenceRequested(Act):
    """An arbitrator asked a side to show evidence of these kinds; until `clock` runs out what it shows is in time."""

    TOPIC: ClassVar[str] = "dispute.evidence_requested"
    request: Code
    round: Round
    side: Side
    kinds: Kinds
    why: Annotated[Text, Personal("/by/id")]
    clock: Clock


class EvidenceRequestAnswered(Event):
    """Everything that was asked for is there."""

    TOPIC: ClassVar[str] = "dispute.evidence_request_answered"
    request: Code
    at: Moment


class EvidenceRoundClosed(Act):
    """From now on what these sides show is late.

    An arbitrator closes the round for both. Where the clock of a request ran out it closes for the side that was asked
    and for nobody else: that clock was not the other side's, and no time runs out for somebody who had none running.
    """

    TOPIC: ClassVar[str] = "dispute.evidence_round_closed"
    round: Round
    sides: Annotated[tuple[Side, ...], Field(min_length=1, max_length=2)]
    clock: Clock | None = None


RoundsEvent = EvidenceRequested | EvidenceRequestAnswered | EvidenceRoundClosed


class TooManyRequests(Refused):
    """As much evidence has been asked for as the playbook allows in one case."""

    CODE = "too_many_evidence_requests"


class AskedAlready(Refused):
    """The side has been asked for this, and its time still runs."""

    CODE = "asked_already"


class EvidenceAwaited(Refused):
    """A side was asked for evidence and still has time to show it: nothing is decided before it has, or time is up."""

    CODE = "evidence_awaited"


class RoundIsClosed(Refused):
    """The round is closed for both sides."""

    CODE = "round_is_closed"


@dataclass(frozen=True, slots=True)
class Rounds:
    """Which round it is, for whom it is closed, and what was asked for."""

    number: int = 0
    closed: frozenset[Side] = frozenset()
    requests: tuple[EvidenceRequested, ...] = ()
    answered: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Owed:
    """Evidence of a kind that a side was asked for, has time to show, and has not shown."""

    request: EvidenceRequested
    kind: str


def begin_round(rounds: Rounds) -> Rounds:
    """The next round, open for both sides: at the filing, and when the case is heard anew."""
    return replace(rounds, number=rounds.number + 1, closed=frozenset())


def state_of(dispute: Dispute, request: EvidenceRequested) -> RequestState:
    """What became of a request; one that the end of the dispute overtook has lapsed, too."""
    if request.request in dispute.rounds.answered:
        return RequestState.ANSWERED
    return RequestState.OPEN if request.clock.key in dispute.clocks else RequestState.LAPSED


def check_none_awaited(dispute: Dispute) -> None:
    """Refuse to decide while somebody has time to show what an arbitrator asked for. The clock bounds the wait."""
    awaited = [one.request for one in dispute.rounds.requests if state_of(dispute, one) is RequestState.OPEN]
    if awaited:
        raise EvidenceAwaited(requests=awaited)


def is_open_for(dispute: Dispute, side: Role) -> bool:
    """Whether what the side shows is in time: nobody closed the round for it, or it was asked and its clock runs."""
    rounds = dispute.rounds
    return side not in rounds.closed or any(
        one.side is side and state_of(dispute, one) is RequestState.OPEN for one in rounds.requests
    )


def lacking(dispute: Dispute, request: EvidenceRequested) -> tuple[str, ...]:
    """The kinds that were asked for and not shown since."""
    shown = {one.kind for one in dispute.evidence.exhibits if one.request == request.request}
    return tuple(kind for kind in request.kinds if kind not in shown)


def owed(dispute: Dispute) -> tuple[Owed, ...]:
    """What the sides were asked for, have time to show, and have not shown."""
    return tuple(
        Owed(request, kind)
        for request in dispute.rounds.requests
        if state_of(dispute, request) is RequestState.OPEN
        for kind in lacking(dispute, request)
    )


def owed_by(dispute: Dispute, side: Role) -> dict[str, EvidenceRequested]:
    """What the side owes, by kind: a kind is asked for once at a time."""
    return {one.kind: one.request for one in owed(dispute) if one.request.side is side}


def may_request_evidence(dispute: Dispute, playbook: Playbook, actor: Actor) -> None:
    """The arbitrator who has the case asks for evidence, as often as the playbook allows."""
    check_stage(dispute, Stage.UNDER_REVIEW)
    check_holds(dispute, actor)
    if len(dispute.rounds.requests) >= playbook.limits.evidence_requests:
        raise TooManyRequests(at_most=playbook.limits.evidence_requests)


def request_evidence(
    dispute: Dispute, playbook: Playbook, side: Side, kinds: tuple[str, ...], why: str, *, by: Actor, at: Moment
) -> tuple[EvidenceRequested]:
    """Ask a side for evidence; where the round is closed for it, this opens the next one while its clock runs."""
    may_request_evidence(dispute, playbook, by)
    asked = tuple(dict.fromkeys(kinds))
    if twice := sorted(owed_by(dispute, side).keys() & set(asked)):
        raise AskedAlready(kinds=twice)
    name = f"q{len(dispute.rounds.requests) + 1}"
    return (
        EvidenceRequested(
            request=name,
            round=dispute.rounds.number + (not is_open_for(dispute, side)),
            side=side,
            kinds=asked,
            why=why,
            clock=playbook.start(ClockName.EVIDENCE, at, of=name, whose=side),
            by=by,
            at=at,
        ),
    )


def may_close_round(dispute: Dispute, actor: Actor) -> None:
    """The arbitrator who has the case closes the round, once for each side."""
    check_stage(dispute, Stage.UNDER_REVIEW)
    check_holds(dispute, actor)
    if dispute.rounds.closed.issuperset(SIDES):
        raise RoundIsClosed


def close_round(dispute: Dispute, *, by: Actor, at: Moment) -> tuple[EvidenceRoundClosed]:
    """Close the round for both sides; who was asked for evidence keeps the time that it was given for it."""
    may_close_round(dispute, by)
    sides = tuple(side for side in SIDES if side not in dispute.rounds.closed)
    return (EvidenceRoundClosed(round=dispute.rounds.number, sides=sides, by=by, at=at),)


def lapse_request(dispute: Dispute, name: str | None, *, by: Actor, at: Moment) -> tuple[EvidenceRoundClosed]:
    """Record that a side did not show in time what it was asked for: for it, and for it alone, the round is closed."""
    clock = check_due(dispute, ClockName.EVIDENCE, at, name)
    sides = tuple(one.side for one in dispute.rounds.requests if one.request == name)
    return (EvidenceRoundClosed(round=dispute.rounds.number, sides=sides, clock=clock, by=by, at=at),)


def evolve(rounds: Rounds, event: RoundsEvent) -> Rounds:
    """The chapter after `event`."""
    match event:
        case EvidenceRequested():
            return replace(rounds, number=event.round, requests=(*rounds.requests, event))
        case EvidenceRequestAnswered():
            return replace(rounds, answered=rounds.answered | {event.request})
        case EvidenceRoundClosed():
            return replace(rounds, closed=rounds.closed.union(event.sides))
        case _:
            assert_never(event)

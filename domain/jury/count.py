"""What is published of a count to those who may see the opened ballots, and whether it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from pydantic import Field

from domain.jury.ballot import Choice, commitment
from domain.jury.draw import Stratum
from domain.jury.fault import Fault
from domain.jury.profile import SEATS_MAX, JuryProfile, Side
from domain.jury.verdict import Cast, Verdict, verdict
from domain.kernel import Digest, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Seat = Annotated[int, Field(ge=1, le=SEATS_MAX)]


class Opening(Value):
    """What a sealed ballot says; with the salt anybody computes its commitment again."""

    seat: Seat
    choice: Choice
    salt: Digest


class CountRecord(Value):
    """A count: the rules of the panel, the commitments that stood when it closed, the ballots opened, the verdict.

    `invited` is how many were asked, at all times together.
    """

    format: Literal["gongduan count 1"] = "gongduan count 1"
    panel: UUID
    profile: JuryProfile
    strata: Annotated[tuple[Stratum, ...], Field(min_length=1)]
    invited: Annotated[int, Field(ge=1)]
    commitments: tuple[Digest, ...]
    openings: tuple[Opening, ...]
    verdict: Verdict | None


def side_of(strata: Sequence[Stratum], seat: int) -> Side | None:
    """For which side of trades a seat stands; seats are counted through the strata from 1. None where there is none."""
    for one in strata:
        if seat <= one.seats:
            return one.side
        seat -= one.seats
    return None


def casts(strata: Sequence[Stratum], openings: Sequence[Opening]) -> tuple[Cast, ...]:
    """The opened ballots with the sides of their seats; those of seats that are not there are left out."""
    found = ((side_of(strata, one.seat), one.choice) for one in openings)
    return tuple(Cast(side=side, choice=choice) for side, choice in found if side is not None)


def check(record: CountRecord) -> tuple[Fault, ...]:
    """All that does not hold."""
    return tuple(fault for fault in _compared(record) if fault.said != fault.computed)


def _compared(record: CountRecord) -> Iterator[Fault]:
    """Each thing that the record says beside what comes out."""
    published, seats = set(record.commitments), [one.seat for one in record.openings]
    for one in record.openings:
        computed = commitment(record.panel, one.seat, one.choice, one.salt)
        kept = "published" if computed in published else "not published"
        yield Fault(code="opening", said="published", computed=kept, of=one.seat)
        there = "yes" if side_of(record.strata, one.seat) else "no"
        yield Fault(code="seat", said="yes", computed=there, of=one.seat)
    yield Fault(code="ballots", said=str(len(record.commitments)), computed=str(len(seats)))
    yield Fault(code="seat_once", said=str(len(seats)), computed=str(len(set(seats))))
    found = verdict(record.profile, casts(record.strata, record.openings), record.invited)
    yield Fault(code="verdict", said=_told(record.verdict), computed=_told(found))


def _told(found: Verdict | None) -> str:
    return "none" if found is None else " ".join(f"{name}={value}" for name, value in _flat(found))


def _flat(found: Verdict) -> Iterator[tuple[str, object]]:
    for name, value in found.model_dump(mode="json").items():
        if isinstance(value, dict):
            yield from value.items()
        else:
            yield name, value

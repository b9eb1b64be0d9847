"""What is published of a draw, and whether it holds: anybody who has it computes the draw again."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from pydantic import Field

from domain.jury import draw, pool
from domain.jury.draw import Exclusion, Invitation, Stratum
from domain.jury.fault import Fault
from domain.jury.pool import Member
from domain.jury.profile import SEATS_MAX, Side
from domain.kernel import Code, Digest, Line, Value

if TYPE_CHECKING:
    from collections.abc import Iterator


class Why(StrEnum):
    """Why jurors are asked: the first time, or because a summons or a seat lapsed, somebody recused, time was added."""

    DRAWN = "drawn"
    LAPSED = "lapsed"
    RECUSED = "recused"
    EXTENDED = "extended"


class TrustedBy(StrEnum):
    """Whose chance makes the draw one that the operator alone could not have chosen."""

    PARTIES = "parties"
    BEACON = "beacon"
    OPERATOR = "operator"  # nobody gave any: the draw is as honest as who made the secret


class SealedPool(Value):
    """The pool as it was sealed, with everybody in it."""

    root: Digest
    size: Annotated[int, Field(ge=1)]
    members: tuple[Member, ...]


class Entropy(Value):
    """What was put into the draw beside the committed secret, after the pool was sealed."""

    buyer: Digest | None = None
    merchant: Digest | None = None
    beacon: Line | None = None

    @property
    def trusted_by(self) -> TrustedBy:
        """Whose chance it was: one honest giver is enough."""
        if self.buyer or self.merchant:
            return TrustedBy.PARTIES
        return TrustedBy.BEACON if self.beacon else TrustedBy.OPERATOR


class Batch(Value):
    """Who was asked at one time, in the order of the draw, and who was passed for a conflict."""

    why: Why
    wanted: dict[Code, Annotated[int, Field(ge=0)]]
    summoned: tuple[Invitation, ...]
    excluded: tuple[Exclusion, ...] = ()

    @property
    def gone(self) -> frozenset[str]:
        """Those whose turn is over."""
        return frozenset([one.pseudonym for one in self.summoned] + [one.pseudonym for one in self.excluded])


class DrawRecord(Value):
    """A draw as published. `committed_to` is what the secret was made for: the dispute, or a later round's panel."""

    format: Literal["gongduan draw 1"] = "gongduan draw 1"
    panel: UUID
    committed_to: UUID
    commitment: Digest
    pool: SealedPool
    strata: Annotated[tuple[Stratum, ...], Field(min_length=1)]
    entropy: Entropy
    secret: Digest | None
    batches: tuple[Batch, ...]
    first_seen: Annotated[tuple[Side, ...], Field(max_length=SEATS_MAX)]


def check(record: DrawRecord, *, root: str | None = None, commitment: str | None = None) -> tuple[Fault, ...]:
    """All that does not hold; `root` and `commitment` are those published before the draw, where they are at hand.

    That an exclusion has its ground is not in the record: who may see the people's records checks it.
    """
    return tuple(fault for fault in _compared(record, root, commitment) if fault.said != fault.computed)


def _compared(record: DrawRecord, root: str | None, commitment: str | None) -> Iterator[Fault]:
    """Each thing that the record says beside what comes out."""
    members, sealed = record.pool.members, record.pool.root
    yield Fault(code="pool_published_before", said=sealed, computed=root or sealed)
    yield Fault(code="commitment_published_before", said=record.commitment, computed=commitment or record.commitment)
    yield Fault(code="pool_in_order", said="yes", computed="yes" if pool.in_order(members) else "no")
    yield Fault(code="pool_root", said=sealed, computed=pool.root(members))
    yield Fault(code="pool_size", said=str(record.pool.size), computed=str(len(members)))
    if record.secret is None:
        yield Fault(code="secret", said="withheld", computed="published")
        return
    secret = bytes.fromhex(record.secret)
    yield Fault(code="commitment", said=record.commitment, computed=draw.commitment(record.committed_to, secret))
    given = record.entropy
    key = draw.key(
        secret,
        draw.randomness(record.panel, sealed, buyer=given.buyer, merchant=given.merchant, beacon=given.beacon),
    )
    seats = sum(one.seats for one in record.strata)
    yield Fault(code="first_seen", said=" ".join(record.first_seen), computed=" ".join(draw.first_seen(key, seats)))
    yield from _batches(record, draw.order(key, members))


def _batches(record: DrawRecord, ordered: tuple[Member, ...]) -> Iterator[Fault]:
    """Whom each batch went to and passed beside who came next, given those who have a conflict."""
    before: set[str] = set()
    for number, batch in enumerate(record.batches, start=1):
        wanted = [(one, batch.wanted.get(one.id, 0)) for one in record.strata]
        conflicts = {one.pseudonym: one.ground for one in batch.excluded}
        invited, passed = draw.invite(ordered, wanted, conflicts, before)
        before |= batch.gone
        yield Fault(code="batch", said=_names(batch.summoned), computed=_names(invited), of=number)
        yield Fault(code="batch_excluded", said=_names(batch.excluded), computed=_names(passed), of=number)


def _names(some: tuple[Invitation, ...] | tuple[Exclusion, ...]) -> str:
    """As a list that people can compare; a pseudonym's first digits are enough for that."""
    return " ".join(
        f"{one.pseudonym[:12]}:{one.stratum if isinstance(one, Invitation) else one.ground}" for one in some
    )

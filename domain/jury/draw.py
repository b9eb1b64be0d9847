"""The draw of a jury, after draft-thomson-elegy-vrs: whoever has the published data computes it again.

The seed mixes a secret that was committed to before the pool was sealed with what the parties, and a beacon, gave after
it was. Everybody in the pool gets a position from it, and is asked in the order of the positions.
"""

from __future__ import annotations

import hashlib
import hmac
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from domain.jury.profile import INVITED_MAX, SEATS_MAX, Demand, Side, SideSeats
from domain.kernel import Code, Digest, Value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from uuid import UUID

    from domain.jury.pool import Member

COMMITTED: Final = b"gongduan draw v1"  # so that the secret commits to nothing else


class Ground(StrEnum):
    """Why somebody in the pool may not judge this very case."""

    PARTY = "party"
    PAST_TRADE = "past_trade"
    HOUSEHOLD = "household"
    DEVICE = "device"
    PAYOUT_ACCOUNT = "payout_account"
    MERCHANT_GROUP = "merchant_group"
    STAFF = "staff"


class Stratum(Value):
    """Seats that ask the same of their jurors, and how many are asked for them."""

    id: Code
    side: Side
    demand: Demand
    seats: Annotated[int, Field(ge=1, le=SEATS_MAX)]
    invited: Annotated[int, Field(ge=1, le=INVITED_MAX)]


class Invitation(Value):
    """Somebody drawn for a seat of a stratum."""

    pseudonym: Digest
    stratum: Code


class Exclusion(Value):
    """Somebody whose turn it was, and who may not judge this case."""

    pseudonym: Digest
    ground: Ground


def commitment(committed_to: UUID, secret: bytes) -> str:
    """What is published of a secret before the draw: SHA-256 over a fixed word, what it is for, and the secret."""
    return hashlib.sha256(COMMITTED + committed_to.bytes + secret).hexdigest()


def randomness(panel: UUID, root: str, *, buyer: str | None, merchant: str | None, beacon: str | None) -> bytes:
    """What everybody but the committed secret brings to the seed: one line each, UTF-8; "-" where nothing was given."""
    lines = (
        "gongduan randomness v1",
        f"panel {panel}",
        f"pool {root}",
        f"buyer {buyer or '-'}",
        f"merchant {merchant or '-'}",
        f"beacon {beacon or '-'}",
    )
    return "".join(f"{line}\n" for line in lines).encode()


def key(secret: bytes, given: bytes) -> bytes:
    """The key of a draw: HKDF-Extract with SHA-256, the secret its salt."""
    return hmac.new(secret, given, hashlib.sha256).digest()


def position(key_: bytes, label: str) -> str:
    """Where a label stands in the order: HKDF-Expand with SHA-256, the label its info, 32 bytes, as hex."""
    return hmac.new(key_, label.encode() + b"\x01", hashlib.sha256).hexdigest()


def order(key_: bytes, members: Iterable[Member]) -> tuple[Member, ...]:
    """The pool in the order in which it is asked."""
    return tuple(sorted(members, key=lambda one: position(key_, one.pseudonym)))


def first_seen(key_: bytes, seats: int) -> tuple[Side, ...]:
    """Which side the juror of each seat is shown first: half of them the buyer, the other half the seller."""
    drawn = sorted(range(1, seats + 1), key=lambda seat: position(key_, f"seat {seat}"))
    buyers_first = set(drawn[: seats // 2])
    return tuple(Side.BUYER if seat in buyers_first else Side.SELLER for seat in range(1, seats + 1))


def strata(sides: Sequence[SideSeats], invited: int) -> tuple[Stratum, ...]:
    """The seats of a profile by what they ask, with the invitations shared out by largest remainder.

    In the order of the sides; for each the seats that ask for experience, for knowledge of the goods, for nothing more.
    """
    wanted = [
        (one.side, demand, seats)
        for one in sides
        for demand, seats in (
            (Demand.EXPERIENCED, one.experienced),
            (Demand.KNOWS_GOODS, one.knows_goods),
            (Demand.NONE, one.seats - one.experienced - one.knows_goods),
        )
        if seats
    ]
    size = sum(seats for _, _, seats in wanted)
    shares = [invited * seats // size for _, _, seats in wanted]
    remainders = [invited * seats % size for _, _, seats in wanted]
    for place in sorted(range(len(wanted)), key=lambda one: -remainders[one])[: invited - sum(shares)]:
        shares[place] += 1
    return tuple(
        Stratum(id=f"{side}.{demand}", side=side, demand=demand, seats=seats, invited=share)
        for (side, demand, seats), share in zip(wanted, shares, strict=True)
    )


def _meets(member: Member, demand: Demand) -> bool:
    met = {Demand.EXPERIENCED: member.experienced, Demand.KNOWS_GOODS: member.knows_goods, Demand.NONE: True}
    return met[demand]


def invite(
    ordered: Sequence[Member],
    wanted: Sequence[tuple[Stratum, int]],
    conflicts: Mapping[str, Ground],
    already: Collection[str],
) -> tuple[tuple[Invitation, ...], tuple[Exclusion, ...]]:
    """Ask the next in the order of the draw, so many for each stratum; who may not judge is passed, and told.

    `already` are those who were asked or passed before: their turn is over.
    Where nobody is left who brings what the stratum asks for, the next of its side is asked; where nobody is left of
    the side, the next of all; where nobody is left, fewer.
    """
    taken = set(already)
    invitations: list[Invitation] = []
    passed: dict[str, Ground] = {}
    for stratum, number in wanted:
        fitting = [one for one in ordered if one.side is stratum.side and _meets(one, stratum.demand)]
        of_side = [one for one in ordered if one.side is stratum.side]
        left = number
        for member in (*fitting, *of_side, *ordered):
            if left == 0:
                break
            if member.pseudonym in taken:
                continue
            if (ground := conflicts.get(member.pseudonym)) is not None:
                passed.setdefault(member.pseudonym, ground)
                continue
            taken.add(member.pseudonym)
            invitations.append(Invitation(pseudonym=member.pseudonym, stratum=stratum.id))
            left -= 1
    excluded = tuple(Exclusion(pseudonym=name, ground=ground) for name, ground in passed.items())
    return tuple(invitations), excluded


def lacking(stratum: Stratum, free: int, waiting: int) -> int:
    """How many more to ask for a stratum: what the profile invites for so many free seats, less who may still come."""
    for_these = -(-free * stratum.invited // stratum.seats)
    return max(0, for_these - waiting)

"""A made pool, a made draw and its published record, for the tests of juries."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from domain.jury import count, draw, pool
from domain.jury.ballot import Choice, commitment
from domain.jury.count import CountRecord, Opening
from domain.jury.draw import Ground, Stratum
from domain.jury.pool import Member
from domain.jury.profile import JuryProfile, Side
from domain.jury.record import Batch, DrawRecord, Entropy, SealedPool, Why
from domain.jury.verdict import verdict
from domain.kernel import begun
from infrastructure.playbooks.reader import XIANYU, read_playbook

PLAYBOOK = read_playbook(XIANYU)
PANEL = UUID("0190a1b2-0000-7000-8000-000000000001")
DISPUTE = UUID("0190a1b2-0000-7000-8000-00000000000d")
SIDES = (Side.BUYER, Side.SELLER, Side.BOTH)


def profile(name: str = "xianyu17", **changes: Any) -> JuryProfile:
    return begun(PLAYBOOK.jury_profile(name)).model_copy(update=changes)


def digits(*words: object) -> str:
    """64 hex digits that these words always give."""
    return hashlib.sha256(" ".join(map(str, words)).encode()).hexdigest()


def a_pool(size: int = 240) -> tuple[Member, ...]:
    """Sides in turn, every second experienced, every third knows the goods; in the order of their pseudonyms."""
    made = [
        Member(
            pseudonym=digits("juror", number),
            side=SIDES[number % 3],
            experienced=turn % 2 == 0,
            knows_goods=turn % 3 == 0,
        )
        for number in range(size)
        for turn in (number // 3,)
    ]
    return tuple(sorted(made, key=lambda one: one.pseudonym))


def strata(name: str = "xianyu17") -> tuple[Stratum, ...]:
    jury = profile(name)
    return draw.strata(jury.seats, jury.invited)


def key_of(secret: str, members: tuple[Member, ...], entropy: Entropy) -> bytes:
    given = draw.randomness(
        PANEL, pool.root(members), buyer=entropy.buyer, merchant=entropy.merchant, beacon=entropy.beacon
    )
    return draw.key(bytes.fromhex(secret), given)


BOTH_GAVE = Entropy(buyer=digits("entropy of the buyer"), merchant=digits("entropy of the merchant"))


def a_record(
    members: tuple[Member, ...] | None = None,
    secret: str = digits("the secret"),
    entropy: Entropy = BOTH_GAVE,
    conflicts: dict[str, Ground] | None = None,
) -> DrawRecord:
    """An honest draw for the jury of Xianyu: a first batch, then three of one stratum whose summons lapsed."""
    members = a_pool() if members is None else members
    key, seats = key_of(secret, members, entropy), strata()
    ordered = draw.order(key, members)
    batches: list[Batch] = []
    before: set[str] = set()
    for why, wanted in (
        (Why.DRAWN, {one.id: one.invited for one in seats}),
        (Why.LAPSED, {seats[0].id: 3}),
    ):
        turn = [(one, wanted.get(one.id, 0)) for one in seats]
        summoned, excluded = draw.invite(ordered, turn, conflicts or {}, before)
        batches.append(Batch(why=why, wanted=wanted, summoned=summoned, excluded=excluded))
        before |= batches[-1].gone
    return DrawRecord(
        panel=PANEL,
        committed_to=DISPUTE,
        commitment=draw.commitment(DISPUTE, bytes.fromhex(secret)),
        pool=SealedPool(root=pool.root(members), size=len(members), members=members),
        strata=seats,
        entropy=entropy,
        secret=secret,
        batches=tuple(batches),
        first_seen=draw.first_seen(key, sum(one.seats for one in seats)),
    )


def conflicts_of(members: tuple[Member, ...], every: int = 10) -> dict[str, Ground]:
    """Every so manieth member knows the seller."""
    return {one.pseudonym: Ground.PAST_TRADE for one in members[::every]}


def a_count(choices: Sequence[Choice], name: str = "xianyu17") -> CountRecord:
    """An honest count of these choices, from the seats in turn."""
    openings = tuple(
        Opening(seat=seat, choice=choice, salt=digits("salt", seat)) for seat, choice in enumerate(choices, start=1)
    )
    jury = profile(name)
    return CountRecord(
        panel=PANEL,
        profile=jury,
        strata=strata(name),
        invited=42,
        commitments=tuple(sorted(commitment(PANEL, one.seat, one.choice, one.salt) for one in openings)),
        openings=openings,
        verdict=verdict(jury, count.casts(strata(name), openings), 42),
    )

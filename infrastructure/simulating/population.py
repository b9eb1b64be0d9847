"""A made population of jurors: who they are, how often each is right, for whom they lean, whether they come."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass

from domain.jury.ballot import Choice
from domain.jury.pool import Member
from domain.jury.profile import Side

SIDES = (Side.BUYER, Side.SELLER, Side.BOTH)
OWN = {Side.BUYER: Choice.BUYER, Side.SELLER: Choice.SELLER}
OTHER = {Choice.BUYER: Choice.SELLER, Choice.SELLER: Choice.BUYER}


@dataclass(frozen=True, slots=True)
class Assumed:
    """What is assumed of jurors; shares and chances from 0 to 1.

    Each is right with `accuracy`, give or take up to `spread`. `bias` is a role effect: the odds that a juror finds for
    their own side of trades are 1 + bias times as high. `turnout` is the chance that who is asked comes; `refusing`
    that who comes refuses to decide; `ring` the share that votes for the seller whatever the case.
    """

    size: int = 240
    accuracy: float = 0.6
    spread: float = 0.0
    bias: float = 0.0
    turnout: float = 0.56
    refusing: float = 0.0
    ring: float = 0.0


@dataclass(frozen=True, slots=True)
class Juror:
    """One of them."""

    member: Member
    accuracy: float
    in_ring: bool

    def votes(self, truth: Choice, assumed: Assumed, chance: random.Random) -> Choice:
        """For whom this juror finds in a case in which `truth` is right."""
        if self.in_ring:
            return Choice.SELLER
        if chance.random() < assumed.refusing:
            return Choice.REFUSED
        right = self.accuracy
        if own := OWN.get(self.member.side):
            odds = 1 + assumed.bias if own is truth else 1 / (1 + assumed.bias)
            right = right * odds / (right * odds + 1 - right)
        return truth if chance.random() < right else OTHER[truth]


def made(assumed: Assumed, seed: int) -> dict[str, Juror]:
    """The population by pseudonym, in its order: sides in turn, half experienced, a third who knows the goods."""
    chance = random.Random(f"population {seed}")  # noqa: S311 - made people, not a draw
    found = {}
    for number in range(assumed.size):
        member = Member(
            pseudonym=hashlib.sha256(f"{seed} {number}".encode()).hexdigest(),
            side=SIDES[number % len(SIDES)],
            experienced=number // len(SIDES) % 2 == 0,
            knows_goods=number // len(SIDES) % 3 == 0,
        )
        accuracy = min(1.0, max(0.0, assumed.accuracy + assumed.spread * chance.uniform(-1, 1)))
        found[member.pseudonym] = Juror(member, accuracy, chance.random() < assumed.ring)
    return dict(sorted(found.items()))

"""What the platform vouches for about an account: buyers, sellers and jurors alike, for who judges trades, too.

And who may not judge a case because of it: a conflict is a ground, told by name and recorded, never a feeling.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, Final
from uuid import UUID

from pydantic import Field

from domain.jury.draw import Ground
from domain.jury.profile import Side
from domain.kernel import Act, Actor, Code, Digest, Id, Moment, Value, derived_id

LINKS_MAX: Final = 40
CATEGORIES_MAX: Final = 100
TRADES_MAX: Final = 1_000_000


class LinkKind(StrEnum):
    """What two accounts may have in common."""

    HOUSEHOLD = "household"
    DEVICE = "device"
    PAYOUT_ACCOUNT = "payout_account"
    MERCHANT_GROUP = "merchant_group"


class Link(Value):
    """A digest that the platform makes with a key of its own: equal ones are the same household, device, and so on.

    What it stands for we never see.
    """

    kind: LinkKind
    digest: Digest


Trades = Annotated[int, Field(ge=0, le=TRADES_MAX)]


class Facts(Value):
    """What is vouched for: `clean_since` is when the last breach was, or the registration; `knows` what is traded."""

    real_name: bool
    registered_at: Moment
    clean_since: Moment
    bought: Trades
    sold: Trades
    knows: Annotated[tuple[Code, ...], Field(max_length=CATEGORIES_MAX)] = ()
    links: Annotated[tuple[Link, ...], Field(max_length=LINKS_MAX)] = ()
    staff: bool = False

    @property
    def side(self) -> Side:
        """On which side of trades the account mostly stands: on both where neither is three times the other."""
        if self.bought and self.sold and self.bought <= 3 * self.sold and self.sold <= 3 * self.bought:
            return Side.BOTH
        return Side.BUYER if self.bought >= self.sold else Side.SELLER


class PersonVouched(Act):
    """The platform said what is true of an account, in place of what it said before."""

    TOPIC: ClassVar[str] = "person.vouched"
    platform: Id
    person: Id
    facts: Facts


@dataclass(frozen=True, slots=True)
class Person:
    """An account as the platform vouches for it now."""

    account: str
    facts: Facts


PersonEvent = PersonVouched


def person_stream(platform: str, account: str) -> UUID:
    """The id of the stream of an account."""
    return derived_id("person", platform, account)


def vouch(
    person: Person | None, platform: str, account: str, facts: Facts, *, by: Actor, at: Moment
) -> tuple[PersonVouched, ...]:
    """Vouch for an account; the same facts again are nothing new."""
    if person is not None and person.facts == facts:
        return ()
    return (PersonVouched(platform=platform, person=account, facts=facts, by=by, at=at),)


def evolve(_person: Person | None, event: PersonEvent) -> Person:
    """The account after `event`."""
    return Person(event.person, event.facts)


def conflict(person: Person, parties: Collection[Person], traded_with: Mapping[str, Collection[str]]) -> Ground | None:
    """Why this person may not judge a case of these parties; None where nothing stands against it.

    `traded_with` says for each party with whom they ever traded.
    """
    if any(person.account == one.account for one in parties):
        return Ground.PARTY
    if person.facts.staff:
        return Ground.STAFF
    theirs = {link for one in parties for link in one.facts.links}
    for kind in LinkKind:
        if any(link in theirs for link in person.facts.links if link.kind is kind):
            return Ground(kind.value)
    if any(person.account in traded_with.get(one.account, ()) for one in parties):
        return Ground.PAST_TRADE
    return None

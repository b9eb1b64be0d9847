"""The order as the platform registered it: what was bought, paid and promised. A dispute holds its snapshot."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar, Self, assert_never
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from domain.kernel import (
    Act,
    Actor,
    Code,
    Digest,
    Id,
    Line,
    Moment,
    Refused,
    Text,
    Unacceptable,
    Value,
    begun,
    derived_id,
)
from domain.money import MINOR_MAX, Money, total

LINES_MAX = 100
PROMISES_MAX = 20
PICTURES_MAX = 30

LineId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,32}$")]


class OrderLine(Value):
    """One bought thing; `paid` is the price actually paid for the whole line, after coupons are split."""

    id: LineId
    title: Line
    quantity: Annotated[int, Field(ge=1, le=100_000)]
    paid: Money


class Promise(Value):
    """What the merchant promised with the sale, such as "sweet or your money back"."""

    code: Code
    text: Text


class OrderSnapshot(Value):
    """The order as bought. All amounts are of one currency."""

    order_id: Id
    buyer: Id
    merchant: Id
    ordered_at: Moment
    delivered_at: Moment | None = None
    listing: Text
    listing_pictures: Annotated[tuple[Digest, ...], Field(max_length=PICTURES_MAX)] = ()
    lines: Annotated[tuple[OrderLine, ...], Field(min_length=1, max_length=LINES_MAX)]
    freight: Money
    promises: Annotated[tuple[Promise, ...], Field(max_length=PROMISES_MAX)] = ()

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if len({line.id for line in self.lines}) != len(self.lines):
            msg = "two lines of the order have the same id"
            raise ValueError(msg)
        amounts = [self.freight, *(line.paid for line in self.lines)]
        if {amount.currency for amount in amounts} != {self.freight.currency}:
            msg = "the amounts of an order are of one currency"
            raise ValueError(msg)
        if min(amount.minor for amount in amounts) < 0:
            msg = "the amounts of an order are not negative"
            raise ValueError(msg)
        if sum(amount.minor for amount in amounts) > MINOR_MAX:
            msg = "the amounts of an order add up to more than an amount can be"
            raise ValueError(msg)
        return self

    @property
    def currency(self) -> str:
        """The currency of every amount of the order."""
        return self.freight.currency

    def digest(self) -> str:
        """SHA-256 over the snapshot's JSON, fields in their declared order, UTF-8."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def check_lines(self, lines: tuple[str, ...]) -> None:
        """Refuse lines that the order does not have."""
        known = {line.id for line in self.lines}
        if unknown := sorted(set(lines) - known):
            raise UnknownLine(lines=unknown, known=sorted(known))

    def paid_for(self, lines: tuple[str, ...]) -> Money:
        """What was paid for these lines, freight not included."""
        return total((line.paid for line in self.lines if line.id in lines), self.currency)


class OrderRegistered(Act):
    """The platform registered the order, or a newer version of it."""

    TOPIC: ClassVar[str] = "order.registered"
    platform: Id
    snapshot: OrderSnapshot
    digest: Digest


class OrderDisputed(Act):
    """Lines of the order were claimed, at the filing or later; from the first on the order does not change."""

    TOPIC: ClassVar[str] = "order.disputed"
    dispute: UUID
    lines: tuple[LineId, ...]


OrderEvent = OrderRegistered | OrderDisputed


class OrderIsDisputed(Refused):
    """The order is closed to change, because a dispute was filed on it."""

    CODE = "order_is_disputed"


class OrderOfOthers(Refused):
    """The order's buyer and merchant are set by its first version."""

    CODE = "order_of_others"


class LineAlreadyDisputed(Refused):
    """A line of the order is in a dispute already; what is new belongs to that dispute."""

    CODE = "line_already_disputed"


class UnknownLine(Unacceptable):
    """The order has no such line."""

    CODE = "unknown_order_line"


@dataclass(frozen=True, slots=True)
class Order:
    """The order now: its newest snapshot and which lines are in which dispute."""

    platform: str
    snapshot: OrderSnapshot
    digest: str
    disputed: dict[str, UUID] = field(default_factory=dict)


def order_stream(platform: str, order_id: str) -> UUID:
    """The id of an order's stream."""
    return derived_id("order", platform, order_id)


def register(
    order: Order | None, platform: str, snapshot: OrderSnapshot, *, by: Actor, at: Moment
) -> tuple[OrderEvent, ...]:
    """Register the order or a newer version of it; the same version again is nothing new."""
    digest = snapshot.digest()
    if order is not None:
        if order.digest == digest:
            return ()
        if order.disputed:
            raise OrderIsDisputed(disputes=sorted({str(dispute) for dispute in order.disputed.values()}))
        if (order.snapshot.buyer, order.snapshot.merchant) != (snapshot.buyer, snapshot.merchant):
            raise OrderOfOthers
    return (OrderRegistered(platform=platform, snapshot=snapshot, digest=digest, by=by, at=at),)


def dispute_lines(order: Order, dispute: UUID, lines: tuple[str, ...], *, by: Actor, at: Moment) -> OrderDisputed:
    """Mark lines as disputed, so that no second dispute can claim the same money."""
    order.snapshot.check_lines(lines)
    if taken := {line: str(order.disputed[line]) for line in lines if line in order.disputed}:
        raise LineAlreadyDisputed(lines=taken)
    return OrderDisputed(dispute=dispute, lines=lines, by=by, at=at)


def evolve(order: Order | None, event: OrderEvent) -> Order:
    """The order after `event`."""
    match event:
        case OrderRegistered():
            return Order(platform=event.platform, snapshot=event.snapshot, digest=event.digest)
        case OrderDisputed():
            order = begun(order)
            return replace(order, disputed=order.disputed | dict.fromkeys(event.lines, event.dispute))
        case _:
            assert_never(event)

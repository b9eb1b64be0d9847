"""A payout: one remedy line's money, from the order to pay to the provider's confirmation, paid at most once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, ClassVar, assert_never
from uuid import UUID

from pydantic import Field

from domain.kernel import Code, Event, Id, Line, Moment, Refused, Role, begun
from domain.money import Money


class PayoutState(StrEnum):
    """How far a payout has come."""

    ORDERED = "ordered"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CONFIRMED = "confirmed"


class PayoutOrdered(Event):
    """A remedy line is to be paid."""

    TOPIC: ClassVar[str] = "payout.ordered"
    platform: Id
    dispute: UUID
    line: Code
    claim: Code
    payer: Role
    payer_id: Id
    payee: Role
    payee_id: Id
    amount: Money
    at: Moment


class PayoutSent(Event):
    """The provider is being asked; recorded before the call, so that no call goes unrecorded."""

    TOPIC: ClassVar[str] = "payout.sent"
    attempt: Annotated[int, Field(ge=1)]
    at: Moment


class PayoutFailed(Event):
    """The provider said no, or answered something that cannot be taken for a payment."""

    TOPIC: ClassVar[str] = "payout.failed"
    attempt: int
    reason: Line
    at: Moment


class PayoutUnknown(Event):
    """No answer came: the provider may have paid. Asked again with the same key, it pays at most once."""

    TOPIC: ClassVar[str] = "payout.unknown"
    attempt: int
    reason: Line
    at: Moment


class PayoutConfirmed(Event):
    """The provider paid; `reference` is its own name for the payment."""

    TOPIC: ClassVar[str] = "payout.confirmed"
    attempt: int
    reference: Line
    amount: Money
    at: Moment


PayoutEvent = PayoutOrdered | PayoutSent | PayoutFailed | PayoutUnknown | PayoutConfirmed


class AlreadyPaid(Refused):
    """The payout was confirmed; nothing more is sent or recorded."""

    CODE = "already_paid"


class NotBeingSent(Refused):
    """No attempt of this number is waiting for its result."""

    CODE = "not_being_sent"


class OtherAmountPaid(Refused):
    """The provider confirms another amount than was ordered."""

    CODE = "other_amount_paid"


@dataclass(frozen=True, slots=True)
class Payout:
    """A payout now."""

    ordered: PayoutOrdered
    state: PayoutState = PayoutState.ORDERED
    attempts: int = 0
    reference: str | None = None
    reason: str | None = None


def send(payout: Payout, *, at: Moment) -> PayoutSent:
    """Begin an attempt."""
    if payout.state is PayoutState.CONFIRMED:
        raise AlreadyPaid
    return PayoutSent(attempt=payout.attempts + 1, at=at)


def check_attempt(payout: Payout, attempt: int) -> None:
    """Refuse a result for an attempt that is not waiting for one."""
    if payout.state is PayoutState.CONFIRMED:
        raise AlreadyPaid
    if payout.state is not PayoutState.SENT or payout.attempts != attempt:
        raise NotBeingSent(state=str(payout.state), attempts=payout.attempts)


def fail(payout: Payout, attempt: int, reason: str, *, at: Moment) -> PayoutFailed:
    """Record that the provider refused the attempt."""
    check_attempt(payout, attempt)
    return PayoutFailed(attempt=attempt, reason=reason, at=at)


def lose_sight(payout: Payout, attempt: int, reason: str, *, at: Moment) -> PayoutUnknown:
    """Record that no answer came."""
    check_attempt(payout, attempt)
    return PayoutUnknown(attempt=attempt, reason=reason, at=at)


def confirm(payout: Payout, attempt: int, reference: str, amount: Money, *, at: Moment) -> PayoutConfirmed:
    """Record that the provider paid exactly what was ordered."""
    if payout.state is PayoutState.CONFIRMED:
        raise AlreadyPaid
    # What an earlier attempt paid is paid, even when it was given up for lost: they all have one key.
    if not 1 <= attempt <= payout.attempts:
        raise NotBeingSent(state=str(payout.state), attempts=payout.attempts)
    if amount != payout.ordered.amount:
        raise OtherAmountPaid(ordered=str(payout.ordered.amount), paid=str(amount))
    return PayoutConfirmed(attempt=attempt, reference=reference, amount=amount, at=at)


def evolve(payout: Payout | None, event: PayoutEvent) -> Payout:
    """The payout after `event`."""
    if isinstance(event, PayoutOrdered):
        return Payout(ordered=event)
    payout = begun(payout)
    match event:
        case PayoutSent():
            return replace(payout, state=PayoutState.SENT, attempts=event.attempt, reason=None)
        case PayoutFailed():
            return replace(payout, state=PayoutState.FAILED, reason=event.reason)
        case PayoutUnknown():
            return replace(payout, state=PayoutState.UNKNOWN, reason=event.reason)
        case PayoutConfirmed():
            return replace(payout, state=PayoutState.CONFIRMED, reference=event.reference, reason=None)
        case _:
            assert_never(event)

"""A payout: one remedy line's money, from the order to pay to the provider's confirmation, paid at most once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, ClassVar, assert_never
from uuid import UUID

from pydantic import Field

from domain.kernel import Code, Event, Id, Line, Moment, Refused, Role, begun
from domain.money import Money, Tender, total


class PayoutState(StrEnum):
    """How far a payout has come."""

    ORDERED = "ordered"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CONFIRMED = "confirmed"
    MISMATCHED = "mismatched"  # the provider paid another amount: halted until its statement shows the right one
    COVERED = "covered"  # money from outside covers all of it: nothing is sent
    STOPPED = "stopped"  # a new decision took the place of the one that ordered it: nothing more is sent
    RECOVERED = "recovered"  # all that was paid has come back


PAID = frozenset({PayoutState.CONFIRMED, PayoutState.RECOVERED})


# What still wants to be paid; of the others nothing more is sent.
OPEN = frozenset({PayoutState.ORDERED, PayoutState.SENT, PayoutState.FAILED, PayoutState.UNKNOWN})


class PayoutOrdered(Event):
    """A line is to be paid, in this tender: a remedy of a claim, or goodwill, which is for no claim."""

    TOPIC: ClassVar[str] = "payout.ordered"
    VERSION: ClassVar[int] = 3
    platform: Id
    dispute: UUID
    line: Code
    claim: Code | None
    payer: Role
    payer_id: Id
    payee: Role
    payee_id: Id
    amount: Money
    tender: Tender
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


class PayoutMismatched(Event):
    """The provider paid another amount than was ordered; nothing more is sent until that is cleared up."""

    TOPIC: ClassVar[str] = "payout.mismatched"
    attempt: int
    reference: Line
    amount: Money
    at: Moment


class PayoutReduced(Event):
    """Money from outside covers a part of what was ordered, or all of it; `to` is what is left to be paid."""

    TOPIC: ClassVar[str] = "payout.reduced"
    by: Money
    to: Money
    at: Moment


class PayoutStopped(Event):
    """Nothing more is sent. What an attempt on its way turns out to have paid is still recorded as paid."""

    TOPIC: ClassVar[str] = "payout.stopped"
    at: Moment


class PayoutRecovered(Event):
    """Money that was paid came back; `left` is what of it has not, `reference` the platform's name for it."""

    TOPIC: ClassVar[str] = "payout.recovered"
    recovery: Code
    amount: Money
    left: Money
    reference: Line
    at: Moment


PayoutEvent = (
    PayoutOrdered
    | PayoutSent
    | PayoutFailed
    | PayoutUnknown
    | PayoutConfirmed
    | PayoutMismatched
    | PayoutReduced
    | PayoutStopped
    | PayoutRecovered
)


class AlreadyPaid(Refused):
    """The payout was confirmed; nothing more is sent or recorded."""

    CODE = "already_paid"


class NotBeingSent(Refused):
    """No attempt of this number is waiting for its result."""

    CODE = "not_being_sent"


class PaymentHalted(Refused):
    """The provider paid another amount than was ordered; only its statement can clear that up."""

    CODE = "payment_halted"


class NothingToSend(Refused):
    """Money from outside covers all of the payout."""

    CODE = "nothing_to_send"


class PaymentStopped(Refused):
    """A new decision took the place of the one that ordered the payout."""

    CODE = "payment_stopped"


@dataclass(frozen=True, slots=True)
class Try:
    """An attempt: how it stands, and since when."""

    number: int
    state: PayoutState
    at: Moment


@dataclass(frozen=True, slots=True)
class Payout:
    """A payout now; `ordered` holds what is left to be paid after what money from outside covers."""

    ordered: PayoutOrdered
    state: PayoutState = PayoutState.ORDERED
    tries: tuple[Try, ...] = ()
    reference: str | None = None
    reason: str | None = None
    recovered: tuple[PayoutRecovered, ...] = ()

    @property
    def attempts(self) -> int:
        """How often the provider was asked."""
        return len(self.tries)

    @property
    def is_reducible(self) -> bool:
        """Whether nothing can have been paid: never asked for, or refused each time, without a doubt."""
        return self.state in OPEN and all(one.state is PayoutState.FAILED for one in self.tries)


def send(payout: Payout, *, at: Moment) -> PayoutSent:
    """Begin an attempt."""
    if payout.state in PAID:
        raise AlreadyPaid
    if payout.state is PayoutState.MISMATCHED:
        raise PaymentHalted
    if payout.state is PayoutState.COVERED:
        raise NothingToSend
    if payout.state is PayoutState.STOPPED:
        raise PaymentStopped
    return PayoutSent(attempt=payout.attempts + 1, at=at)


def check_attempt(payout: Payout, attempt: int) -> None:
    """Refuse a result for an attempt that is not waiting for one."""
    if payout.state in PAID:
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


def confirm(
    payout: Payout, attempt: int, reference: str, amount: Money, *, at: Moment
) -> PayoutConfirmed | PayoutMismatched:
    """Record what the provider says it paid: exactly what was ordered, or another amount."""
    if payout.state in PAID:
        raise AlreadyPaid
    if payout.state is PayoutState.MISMATCHED:
        raise PaymentHalted
    # What an earlier attempt paid is paid, even when it was given up for lost: they all have one key.
    if not 1 <= attempt <= payout.attempts:
        raise NotBeingSent(state=str(payout.state), attempts=payout.attempts)
    return _received(payout, attempt, reference, amount, at)


def reconcile(
    payout: Payout, reference: str, amount: Money, *, at: Moment
) -> PayoutConfirmed | PayoutMismatched | None:
    """What the provider's statement shows of a payout that is not known to be paid; None where it shows nothing new."""
    if payout.state in PAID:
        return None
    if payout.state is PayoutState.MISMATCHED and amount != payout.ordered.amount:
        return None
    return _received(payout, payout.attempts, reference, amount, at)


def _received(
    payout: Payout, attempt: int, reference: str, amount: Money, at: Moment
) -> PayoutConfirmed | PayoutMismatched:
    kind = PayoutConfirmed if amount == payout.ordered.amount else PayoutMismatched
    return kind(attempt=attempt, reference=reference, amount=amount, at=at)


def reduce(payout: Payout, credit: Money, *, at: Moment) -> PayoutReduced | None:
    """Pay so much less, where nothing can have been paid yet; None where there is nothing to take off."""
    by = min(credit, payout.ordered.amount)
    if not payout.is_reducible or by.minor <= 0:
        return None
    return PayoutReduced(by=by, to=payout.ordered.amount - by, at=at)


def stop(payout: Payout, *, at: Moment) -> PayoutStopped | None:
    """Send nothing more; None where nothing would be sent in any case."""
    return PayoutStopped(at=at) if payout.state in OPEN else None


def recover(payout: Payout, recovery: str, amount: Money, reference: str, *, at: Moment) -> PayoutRecovered:
    """Record that money came back; how much may, the dispute that ordered it back has checked."""
    before = total((one.amount for one in payout.recovered), amount.currency)
    left = payout.ordered.amount - before - amount
    return PayoutRecovered(recovery=recovery, amount=amount, left=left, reference=reference, at=at)


def evolve(payout: Payout | None, event: PayoutEvent) -> Payout:
    """The payout after `event`."""
    if isinstance(event, PayoutOrdered):
        return Payout(ordered=event)
    payout = begun(payout)
    state = state_after(event) or payout.state
    match event:
        case PayoutSent():
            # Whoever sent the attempt before has died where it still waits.
            tries = (*_lost(payout, event.at), Try(event.attempt, state, event.at))
            return replace(payout, state=state, tries=tries, reason=None)
        case PayoutFailed() | PayoutUnknown():
            return replace(
                payout, state=state, tries=_tried(payout, event.attempt, state, event.at), reason=event.reason
            )
        case PayoutConfirmed() | PayoutMismatched():
            tries = _tried(payout, event.attempt, state, event.at)
            return replace(payout, state=state, tries=tries, reference=event.reference, reason=None)
        case PayoutReduced():
            return replace(payout, state=state, ordered=payout.ordered.model_copy(update={"amount": event.to}))
        case PayoutStopped():
            return replace(payout, state=state, tries=_lost(payout, event.at), reason=None)
        case PayoutRecovered():
            return replace(payout, state=state, recovered=(*payout.recovered, event))
        case _:
            assert_never(event)


def _lost(payout: Payout, at: Moment) -> tuple[Try, ...]:
    """The attempts, of which one that still waits for its result is not known to get any."""
    return tuple(
        replace(one, state=PayoutState.UNKNOWN, at=at) if one.state is PayoutState.SENT else one for one in payout.tries
    )


def _tried(payout: Payout, attempt: int, state: PayoutState, at: Moment) -> tuple[Try, ...]:
    return tuple(Try(attempt, state, at) if one.number == attempt else one for one in payout.tries)


def state_after(event: PayoutEvent) -> PayoutState | None:
    """The state that begins with `event`; None where it stays."""
    match event:
        case PayoutOrdered():
            return PayoutState.ORDERED
        case PayoutSent():
            return PayoutState.SENT
        case PayoutFailed():
            return PayoutState.FAILED
        case PayoutUnknown():
            return PayoutState.UNKNOWN
        case PayoutConfirmed():
            return PayoutState.CONFIRMED
        case PayoutMismatched():
            return PayoutState.MISMATCHED
        case PayoutReduced():
            return None if event.to.minor else PayoutState.COVERED
        case PayoutStopped():
            return PayoutState.STOPPED
        case PayoutRecovered():
            return None if event.left.minor else PayoutState.RECOVERED
        case _:
            assert_never(event)

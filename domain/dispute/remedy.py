"""Chapter remedy: what was ordered to set the claims right, and how far it is carried out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, assert_never
from uuid import UUID

from domain.dispute.intake import Closed, Outcome
from domain.dispute.negotiation import Settled
from domain.dispute.ruling import DecidedByDefault, Decision
from domain.dispute.stages import Stage, check_stage
from domain.kernel import Code, Event, Id, Moment, Refused, Role, derived_id
from domain.money import Money, total
from domain.playbook.playbook import RemediesStart, RemedyKind
from domain.remedy.payout import PayoutOrdered

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute


class RemedyOrdered(Event):
    """A remedy line is to be carried out; `payout` is the stream of its money."""

    TOPIC: ClassVar[str] = "dispute.remedy_ordered"
    line: Code
    claim: Code
    remedy: RemedyKind
    payer: Role
    payer_id: Id
    payee: Role
    payee_id: Id
    amount: Money
    payout: UUID
    at: Moment


class RemedyConfirmed(Event):
    """A remedy line was carried out."""

    TOPIC: ClassVar[str] = "dispute.remedy_confirmed"
    line: Code
    amount: Money
    at: Moment


class Compensated(Event):
    """All lines of a claim were carried out."""

    TOPIC: ClassVar[str] = "dispute.compensated"
    claim: Code
    paid: Money
    at: Moment


RemedyEvent = RemedyOrdered | RemedyConfirmed | Compensated


class LineNotOpen(Refused):
    """The remedy line was carried out already, or was never ordered."""

    CODE = "remedy_line_not_open"


@dataclass(frozen=True, slots=True)
class Remedy:
    """The ordered lines by id, and what of them is confirmed."""

    ordered: dict[str, RemedyOrdered] = field(default_factory=dict)
    confirmed: dict[str, RemedyConfirmed] = field(default_factory=dict)
    compensated: dict[str, Compensated] = field(default_factory=dict)


def payout_id(dispute: UUID, line: str) -> UUID:
    """A payout's stream and its key at the payment provider: always the same for the same line."""
    return derived_id("payout", str(dispute), line)


def order_settled(dispute: Dispute, stream: UUID, settled: Settled) -> tuple[RemedyOrdered, ...]:
    """Carry out what the parties agreed; the merchant pays."""
    order = dispute.intake.filed.order
    return tuple(
        RemedyOrdered(
            line=f"l{index}",
            claim=term.claim,
            remedy=term.remedy,
            payer=Role.MERCHANT,
            payer_id=order.merchant,
            payee=Role.BUYER,
            payee_id=order.buyer,
            amount=term.amount,
            payout=payout_id(stream, f"l{index}"),
            at=settled.at,
        )
        for index, term in enumerate(settled.terms, start=len(dispute.remedy.ordered) + 1)
    )


def order_ruled(dispute: Dispute, stream: UUID, decision: Decision, *, at: Moment) -> tuple[RemedyOrdered, ...]:
    """Carry out what was decided."""
    lines = [(award.claim, line) for award in decision.awards for line in award.lines]
    return tuple(
        RemedyOrdered(
            line=f"l{index}",
            claim=claim,
            remedy=line.remedy,
            payer=line.payer,
            payer_id=line.payer_id,
            payee=line.payee,
            payee_id=line.payee_id,
            amount=line.amount,
            payout=payout_id(stream, f"l{index}"),
            at=at,
        )
        for index, (claim, line) in enumerate(lines, start=len(dispute.remedy.ordered) + 1)
    )


def follow_final(dispute: Dispute, stream: UUID, *, at: Moment) -> tuple[RemedyOrdered | Closed, ...]:
    """What a final ruling leads to: its remedies where they wait for it; the end where nothing is left to pay."""
    decision = dispute.ruling.made
    at_final = decision.remedies_start is RemediesStart.AT_FINAL
    ordered = order_ruled(dispute, stream, decision, at=at) if at_final else ()
    if ordered or set(dispute.remedy.confirmed) != set(dispute.remedy.ordered):
        return ordered
    return (Closed(outcome=outcome(dispute), at=at),)


def outcome(dispute: Dispute) -> Outcome:
    """In which way the dispute ended."""
    if dispute.negotiation.settled is not None:
        return Outcome.SETTLED
    return Outcome.DEFAULTED if isinstance(dispute.ruling.decision, DecidedByDefault) else Outcome.DECIDED


def payout_of(platform: str, stream: UUID, ordered: RemedyOrdered) -> PayoutOrdered:
    """The first event of the payout of a remedy line."""
    return PayoutOrdered(
        platform=platform,
        dispute=stream,
        line=ordered.line,
        claim=ordered.claim,
        payer=ordered.payer,
        payer_id=ordered.payer_id,
        payee=ordered.payee,
        payee_id=ordered.payee_id,
        amount=ordered.amount,
        at=ordered.at,
    )


def confirm_line(dispute: Dispute, line: str, *, at: Moment) -> tuple[RemedyConfirmed | Compensated | Closed, ...]:
    """Record that a line was paid; the last line of a claim compensates it, the last of all closes the dispute."""
    check_stage(dispute, Stage.CARRYING_OUT)
    remedy = dispute.remedy
    if line in remedy.confirmed or line not in remedy.ordered:
        raise LineNotOpen(line=line)
    ordered = remedy.ordered[line]
    events: list[RemedyConfirmed | Compensated | Closed] = [RemedyConfirmed(line=line, amount=ordered.amount, at=at)]
    done = set(remedy.confirmed) | {line}
    claim = ordered.claim
    of_claim = [one for one in remedy.ordered.values() if one.claim == claim]
    if all(one.line in done for one in of_claim):
        paid = total((one.amount for one in of_claim), ordered.amount.currency)
        events.append(Compensated(claim=claim, paid=paid, at=at))
    if done == set(remedy.ordered) and (dispute.negotiation.settled or dispute.ruling.final):
        events.append(Closed(outcome=outcome(dispute), at=at))
    return tuple(events)


def evolve(remedy: Remedy, event: RemedyEvent) -> Remedy:
    """The chapter after `event`."""
    match event:
        case RemedyOrdered():
            return replace(remedy, ordered=remedy.ordered | {event.line: event})
        case RemedyConfirmed():
            return replace(remedy, confirmed=remedy.confirmed | {event.line: event})
        case Compensated():
            return replace(remedy, compensated=remedy.compensated | {event.claim: event})
        case _:
            assert_never(event)

"""Chapter remedy: what was ordered to set the claims right, and how far it is carried out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar, assert_never
from uuid import UUID

from pydantic import Field

from domain.dispute.intake import Closed, Outcome
from domain.dispute.negotiation import Settled
from domain.dispute.ruling import DecidedByDefault, Decision
from domain.dispute.stages import Stage, check_stage
from domain.kernel import (
    Act,
    Actor,
    Code,
    Event,
    Id,
    Line,
    Moment,
    Refused,
    Role,
    Unacceptable,
    Value,
    derived_id,
)
from domain.money import Money, total, zero
from domain.playbook.playbook import RemediesStart, RemedyKind
from domain.remedy import payout as payouts
from domain.remedy.payout import Payout, PayoutOrdered, PayoutReduced

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute


LINES_MAX = 200


class RemedyOrdered(Event):
    """A remedy line is to be carried out; `payout` is the stream of its money.

    `amount` is to be paid, `credited` is covered by money that the buyer got outside; together they are the award.
    """

    TOPIC: ClassVar[str] = "dispute.remedy_ordered"
    line: Code
    claim: Code
    remedy: RemedyKind
    payer: Role
    payer_id: Id
    payee: Role
    payee_id: Id
    amount: Money
    credited: Money
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


class RefundSource(StrEnum):
    """By which way money outside came to the buyer."""

    CHARGEBACK = "chargeback"
    MERCHANT_TRANSFER = "merchant_transfer"
    OTHER = "other"


class Credit(Value):
    """How much less is paid for a line."""

    line: Code
    amount: Money


class ExternalRefundReported(Act):
    """The buyer got money for a claim outside; `applied` says for which ordered lines less is paid from now on."""

    TOPIC: ClassVar[str] = "dispute.external_refund_reported"
    claim: Code
    amount: Money
    source: RefundSource
    reference: Line
    applied: Annotated[tuple[Credit, ...], Field(max_length=LINES_MAX)]


RemedyEvent = RemedyOrdered | RemedyConfirmed | Compensated | ExternalRefundReported


class LineNotOpen(Refused):
    """The remedy line was carried out already, or was never ordered."""

    CODE = "remedy_line_not_open"


class UnknownClaim(Unacceptable):
    """The dispute has no such claim."""

    CODE = "unknown_claim"


class NothingRefunded(Unacceptable):
    """A refund is of an amount above nothing."""

    CODE = "nothing_refunded"


class RefundReportedOtherwise(Unacceptable):
    """A refund of this reference was reported before, with another claim, amount or source."""

    CODE = "refund_reported_otherwise"


@dataclass(frozen=True, slots=True)
class Remedy:
    """The ordered lines by id as they are to be paid now, what of them is confirmed, and what was paid outside."""

    ordered: dict[str, RemedyOrdered] = field(default_factory=dict)
    confirmed: dict[str, RemedyConfirmed] = field(default_factory=dict)
    compensated: dict[str, Compensated] = field(default_factory=dict)
    external: tuple[ExternalRefundReported, ...] = ()

    def lines_of(self, claim: str) -> list[RemedyOrdered]:
        """The lines ordered for a claim."""
        return [one for one in self.ordered.values() if one.claim == claim]

    def is_done(self, line: RemedyOrdered) -> bool:
        """Whether nothing is left to be paid for a line."""
        return line.line in self.confirmed or not line.amount.minor

    def refunded(self, claim: str, currency: str) -> Money:
        """What the buyer got outside for a claim."""
        return total((one.amount for one in self.external if one.claim == claim), currency)

    def credit_left(self, claim: str, currency: str) -> Money:
        """What the buyer got outside for a claim and no line was reduced by."""
        return self.refunded(claim, currency) - total((one.credited for one in self.lines_of(claim)), currency)

    def overpaid(self, claim: str, currency: str) -> Money:
        """By how much what was paid and what came from outside exceed what was awarded for a claim."""
        lines = self.lines_of(claim)
        if not lines:
            return zero(currency)  # nothing is awarded yet, so nothing can be said
        awarded = total((one.amount + one.credited for one in lines), currency)
        paid = total((one.amount for one in lines if one.line in self.confirmed), currency)
        return max(paid + self.refunded(claim, currency) - awarded, zero(currency))


def payout_id(dispute: UUID, line: str) -> UUID:
    """A payout's stream and its key at the payment provider: always the same for the same line."""
    return derived_id("payout", str(dispute), line)


def order_settled(dispute: Dispute, stream: UUID, settled: Settled) -> tuple[RemedyOrdered | Compensated | Closed, ...]:
    """Carry out what the parties agreed; the merchant pays. The end, where money from outside covers all of it."""
    order = dispute.intake.filed.order
    covered = _credits(dispute, [(term.claim, term.amount) for term in settled.terms])
    ordered = tuple(
        RemedyOrdered(
            line=f"l{index}",
            claim=term.claim,
            remedy=term.remedy,
            payer=Role.MERCHANT,
            payer_id=order.merchant,
            payee=Role.BUYER,
            payee_id=order.buyer,
            amount=term.amount - credited,
            credited=credited,
            payout=payout_id(stream, f"l{index}"),
            at=settled.at,
        )
        for index, (term, credited) in enumerate(
            zip(settled.terms, covered, strict=True), start=len(dispute.remedy.ordered) + 1
        )
    )
    return (*ordered, *_follow_orders(dispute.remedy, ordered, Outcome.SETTLED, at=settled.at))


def order_ruled(
    dispute: Dispute, stream: UUID, decision: Decision, *, at: Moment
) -> tuple[RemedyOrdered | Compensated | Closed, ...]:
    """Carry out what was decided. The end, where money from outside covers all of it and the decision is final."""
    lines = [(award.claim, line) for award in decision.awards for line in award.lines]
    covered = _credits(dispute, [(claim, line.amount) for claim, line in lines])
    ordered = tuple(
        RemedyOrdered(
            line=f"l{index}",
            claim=claim,
            remedy=line.remedy,
            payer=line.payer,
            payer_id=line.payer_id,
            payee=line.payee,
            payee_id=line.payee_id,
            amount=line.amount - credited,
            credited=credited,
            payout=payout_id(stream, f"l{index}"),
            at=at,
        )
        for index, ((claim, line), credited) in enumerate(
            zip(lines, covered, strict=True), start=len(dispute.remedy.ordered) + 1
        )
    )
    outcome = _decided(decision) if decision.remedies_start is RemediesStart.AT_FINAL else None
    return (*ordered, *_follow_orders(dispute.remedy, ordered, outcome, at=at))


def _credits(dispute: Dispute, awarded: Sequence[tuple[str, Money]]) -> list[Money]:
    """What of each of these amounts money from outside covers; what covered one covers no other."""
    currency = dispute.intake.filed.order.currency
    left = {claim: dispute.remedy.credit_left(claim, currency) for claim, _ in awarded}
    found = []
    for claim, amount in awarded:
        found.append(min(left[claim], amount))
        left[claim] -= found[-1]
    return found


def _follow_orders(
    remedy: Remedy, ordered: Sequence[RemedyOrdered], outcome: Outcome | None, *, at: Moment
) -> tuple[Compensated | Closed, ...]:
    for one in ordered:
        remedy = evolve(remedy, one)
    covered = [one.claim for one in ordered if not one.amount.minor]
    return _follow_done(remedy, covered, outcome, at=at) if covered else ()


def _follow_done(
    remedy: Remedy, claims: Iterable[str], outcome: Outcome | None, *, at: Moment
) -> tuple[Compensated | Closed, ...]:
    """A claim is compensated by the last of its lines; the last of all closes the dispute, where it has an outcome."""
    events: list[Compensated | Closed] = []
    for claim in dict.fromkeys(claims):
        of_claim = remedy.lines_of(claim)
        if all(remedy.is_done(one) for one in of_claim):
            paid = total((one.amount for one in of_claim), of_claim[0].amount.currency)
            events.append(Compensated(claim=claim, paid=paid, at=at))
    if outcome and all(remedy.is_done(one) for one in remedy.ordered.values()):
        events.append(Closed(outcome=outcome, at=at))
    return tuple(events)


def _outcome(dispute: Dispute) -> Outcome | None:
    """How the dispute ends when all is paid; None while its ruling can still change."""
    if dispute.negotiation.settled:
        return Outcome.SETTLED
    return _decided(dispute.ruling.made) if dispute.ruling.final else None


def _decided(decision: Decision) -> Outcome:
    """In which way a dispute that was decided so ends."""
    return Outcome.DEFAULTED if isinstance(decision, DecidedByDefault) else Outcome.DECIDED


def follow_final(dispute: Dispute, stream: UUID, *, at: Moment) -> tuple[RemedyOrdered | Compensated | Closed, ...]:
    """What a final ruling leads to: its remedies where they wait for it; the end where nothing is left to pay."""
    decision = dispute.ruling.made
    at_final = decision.remedies_start is RemediesStart.AT_FINAL
    ordered = order_ruled(dispute, stream, decision, at=at) if at_final else ()
    return ordered or _follow_done(dispute.remedy, (), _decided(decision), at=at)


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
    if line not in remedy.ordered or remedy.is_done(remedy.ordered[line]):
        raise LineNotOpen(line=line)
    ordered = remedy.ordered[line]
    confirmed = RemedyConfirmed(line=line, amount=ordered.amount, at=at)
    return (confirmed, *_follow_done(evolve(remedy, confirmed), [ordered.claim], _outcome(dispute), at=at))


def report_refund(
    dispute: Dispute,
    money: Mapping[str, Payout],
    claim: str,
    amount: Money,
    source: RefundSource,
    reference: str,
    *,
    by: Actor,
    at: Moment,
) -> tuple[tuple[ExternalRefundReported | Compensated | Closed, ...], dict[str, PayoutReduced]]:
    """Record money that the buyer got outside, and pay so much less where nothing can have been paid yet.

    `money` holds the payouts by line. Answers the dispute's events, and by line what happens to the payouts; a
    report that was made before is nothing new. What is on its way or paid is left alone, and shows as overpaid.
    """
    order, remedy = dispute.intake.filed.order, dispute.remedy
    for known in remedy.external:
        if known.reference == reference:
            if (known.claim, known.amount, known.source) != (claim, amount, source):
                raise RefundReportedOtherwise(claim=known.claim)
            return (), {}
    if claim not in {one.id for one in dispute.intake.filed.claims}:
        raise UnknownClaim(claim=claim, known_claims=[one.id for one in dispute.intake.filed.claims])
    if amount.minor <= 0:
        raise NothingRefunded
    left = remedy.credit_left(claim, order.currency) + amount
    reduced: dict[str, PayoutReduced] = {}
    for line in remedy.lines_of(claim):
        reduction = payouts.reduce(money[line.line], left, at=at) if line.line in money else None
        if reduction is not None:
            reduced[line.line] = reduction
            left -= reduction.by
    reported = ExternalRefundReported(
        claim=claim,
        amount=amount,
        source=source,
        reference=reference,
        applied=tuple(Credit(line=line, amount=one.by) for line, one in reduced.items()),
        by=by,
        at=at,
    )
    covered = [claim] if any(not one.to.minor for one in reduced.values()) else []
    followed = _follow_done(evolve(remedy, reported), covered, _outcome(dispute), at=at) if covered else ()
    return (reported, *followed), reduced


def evolve(remedy: Remedy, event: RemedyEvent) -> Remedy:
    """The chapter after `event`."""
    match event:
        case RemedyOrdered():
            return replace(remedy, ordered=remedy.ordered | {event.line: event})
        case RemedyConfirmed():
            return replace(remedy, confirmed=remedy.confirmed | {event.line: event})
        case Compensated():
            return replace(remedy, compensated=remedy.compensated | {event.claim: event})
        case ExternalRefundReported():
            reduced = {
                one.line: _credit(remedy.ordered[one.line], one.amount)
                for one in event.applied
                if one.line in remedy.ordered
            }
            return replace(remedy, ordered=remedy.ordered | reduced, external=(*remedy.external, event))
        case _:
            assert_never(event)


def _credit(ordered: RemedyOrdered, amount: Money) -> RemedyOrdered:
    return ordered.model_copy(update={"amount": ordered.amount - amount, "credited": ordered.credited + amount})

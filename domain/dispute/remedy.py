"""Chapter remedy: what was ordered to set the claims right, and how far it is carried out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, assert_never
from uuid import UUID

from domain.dispute import recovery
from domain.dispute.intake import Closed, Outcome, UnknownClaim
from domain.dispute.negotiation import Settled
from domain.dispute.outside import (
    Credit,
    ExternalRefundReported,
    NothingRefunded,
    RefundReportedOtherwise,
    RefundSource,
)
from domain.dispute.recovery import (
    Recovery,
    RecoveryEvent,
    RecoveryOrdered,
    RecoveryWrittenOff,
    RemedyRecovered,
    RemedyStopped,
)
from domain.dispute.ruling import DecidedByDefault, Decision
from domain.kernel import (
    Actor,
    Code,
    Event,
    Id,
    Moment,
    Refused,
    Role,
    derived_id,
)
from domain.money import CurrenciesDiffer, Money, Tender, total, zero
from domain.playbook.playbook import RemediesStart, RemedyKind
from domain.remedy import payout as payouts
from domain.remedy.payout import Payout, PayoutOrdered, PayoutReduced

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute


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


RemedyEvent = RemedyOrdered | RemedyConfirmed | Compensated | ExternalRefundReported | RecoveryEvent


class LineNotOpen(Refused):
    """The remedy line was carried out already, or was never ordered."""

    CODE = "remedy_line_not_open"


@dataclass(frozen=True, slots=True)
class Remedy:
    """The ordered lines by id as they are to be paid now, what became of them, what was paid outside, what returns.

    A line is in force until another decision stops it; only such lines are owed.
    """

    ordered: dict[str, RemedyOrdered] = field(default_factory=dict)
    confirmed: dict[str, RemedyConfirmed] = field(default_factory=dict)
    stopped: dict[str, RemedyStopped] = field(default_factory=dict)
    compensated: dict[str, Compensated] = field(default_factory=dict)
    external: tuple[ExternalRefundReported, ...] = ()
    recoveries: dict[str, Recovery] = field(default_factory=dict)

    def in_force(self) -> list[RemedyOrdered]:
        """The lines that are owed, paid or not."""
        return [one for one in self.ordered.values() if one.line not in self.stopped]

    def lines_of(self, claim: str, tender: Tender | None = None) -> list[RemedyOrdered]:
        """The lines that are owed for a claim, all or those of one tender."""
        return [one for one in self.in_force() if one.claim == claim and tender in (None, one.remedy.tender)]

    def is_done(self, line: RemedyOrdered) -> bool:
        """Whether nothing is left to be paid for a line."""
        return line.line in self.confirmed or not line.amount.minor

    def is_carried_out(self) -> bool:
        """Whether all that is owed is paid, and nothing is to come back any more."""
        paid = all(self.is_done(one) for one in self.in_force())
        return paid and not any(one.left.minor for one in self.recoveries.values())

    def refunded(self, claim: str, currency: str) -> Money:
        """What the buyer got outside for a claim."""
        return total((one.amount for one in self.external if one.claim == claim), currency)

    def kept(self, line: RemedyOrdered) -> Money:
        """What was paid for a line and is not to come back, or never will."""
        currency = line.amount.currency
        paid = self.confirmed[line.line].amount if line.line in self.confirmed else zero(currency)
        back = (one.ordered.amount for one in self.recoveries.values() if one.ordered.line == line.line)
        return paid - total(back, currency) + self.uncollectable(line)

    def uncollectable(self, line: RemedyOrdered) -> Money:
        """What was ordered back of a line and written off: the payee has it, and is not asked for it again."""
        lost = (one.uncollectable for one in self.recoveries.values() if one.ordered.line == line.line)
        return total(lost, line.amount.currency)

    def outside(self, claim: str, currency: str, tender: Tender) -> Money:
        """What of that covers lines of this tender: it was money, and a coupon is owed whatever money came."""
        return self.refunded(claim, currency) if tender is Tender.MONEY else zero(currency)

    def held(self, claim: str, currency: str, tender: Tender, payer: str | None = None) -> Money:
        """What was paid for stopped lines of a claim and is not to come back, by one payer or by all."""
        stopped = (one for one in map(self.ordered.get, self.stopped) if one and one.claim == claim)
        of_tender = (one for one in stopped if one.remedy.tender is tender)
        return total((self.kept(one) for one in of_tender if payer in (None, one.payer_id)), currency)

    def credited(self, claim: str, currency: str, tender: Tender, payer: str) -> Money:
        """By how much a payer's lines in force were reduced."""
        return total((one.credited for one in self.lines_of(claim, tender) if one.payer_id == payer), currency)

    def covered_outside(self, claim: str, currency: str, tender: Tender) -> dict[str, Money]:
        """By payer: how much of that money from outside covers; first what nothing else can, then line by line.

        What one paid for stopped lines covers no line of another.
        """
        nothing, lines = zero(currency), self.lines_of(claim, tender)
        credited = {one.payer_id: self.credited(claim, currency, tender, one.payer_id) for one in lines}
        covered = {
            payer: max(amount - self.held(claim, currency, tender, payer), nothing)
            for payer, amount in credited.items()
        }
        for one in lines:
            left = self.outside(claim, currency, tender) - total(covered.values(), currency)
            covered[one.payer_id] += min(one.credited, left, credited[one.payer_id] - covered[one.payer_id])
        return covered

    def credit_left(self, claim: str, currency: str, tender: Tender, payer: str) -> Money:
        """What the buyer has for a claim, from outside or from this payer, and no line in force was reduced by."""
        covered = total(self.covered_outside(claim, currency, tender).values(), currency)
        return self.outside(claim, currency, tender) - covered + self.spare(claim, payer, tender, currency)

    def spare(self, claim: str, payer: str, tender: Tender, currency: str) -> Money:
        """What a payer paid for stopped lines of a claim and covers nothing; what came from outside covers first."""
        outside = self.covered_outside(claim, currency, tender).get(payer, zero(currency))
        covering = self.credited(claim, currency, tender, payer) - outside
        return self.held(claim, currency, tender, payer) - covering

    def overpaid(self, claim: str, currency: str) -> Money:
        """By how much what was paid and what came from outside exceed what was awarded for a claim."""
        if not self.lines_of(claim):
            return zero(currency)  # nothing is awarded yet, so nothing can be said
        return total((self._overpaid(claim, currency, tender) for tender in Tender), currency)

    def _overpaid(self, claim: str, currency: str, tender: Tender) -> Money:
        lines = self.lines_of(claim, tender)
        awarded = total((one.amount + one.credited for one in lines), currency)
        paid = total((one.amount for one in lines if one.line in self.confirmed), currency)
        had = paid + self.held(claim, currency, tender) + self.outside(claim, currency, tender)
        return max(had - awarded, zero(currency))


def payout_id(dispute: UUID, line: str) -> UUID:
    """A payout's stream and its key at the payment provider: always the same for the same line."""
    return derived_id("payout", str(dispute), line)


@dataclass(frozen=True, slots=True)
class Due:
    """What is owed for a claim, before what covers it."""

    claim: str
    remedy: RemedyKind
    payer: Role
    payer_id: str
    payee: Role
    payee_id: str
    amount: Money


Ordering = RemedyStopped | RemedyOrdered | RecoveryOrdered | Compensated | Closed


def order_settled(dispute: Dispute, stream: UUID, settled: Settled) -> tuple[Ordering, ...]:
    """Carry out what the parties agreed; the merchant pays. The end, where what the buyer has covers all of it."""
    order = dispute.intake.filed.order
    due = [
        Due(term.claim, term.remedy, Role.MERCHANT, order.merchant, Role.BUYER, order.buyer, term.amount)
        for term in settled.terms
    ]
    return _order(dispute, stream, due, Outcome.SETTLED, at=settled.at)


def order_ruled(dispute: Dispute, stream: UUID, decision: Decision, *, at: Moment) -> tuple[Ordering, ...]:
    """Carry out what was decided. The end, where what the buyer has covers all of it and the decision is final."""
    due = [
        Due(award.claim, line.remedy, line.payer, line.payer_id, line.payee, line.payee_id, line.amount)
        for award in decision.awards
        for line in award.lines
    ]
    outcome = _decided(decision) if decision.remedies_start is RemediesStart.AT_FINAL else None
    return _order(dispute, stream, due, outcome, at=at)


def _order(
    dispute: Dispute, stream: UUID, due: Sequence[Due], outcome: Outcome | None, *, at: Moment
) -> tuple[Ordering, ...]:
    """Order what is due in place of all that was ordered before; without an outcome that may still change."""
    stopped = recovery.stop_lines(dispute.remedy, at=at)
    remedy = _after(dispute.remedy, stopped)
    events: list[Ordering] = [*stopped]
    covered = []
    for one in due:
        line = f"l{len(remedy.ordered) + 1}"
        credited = min(remedy.credit_left(one.claim, one.amount.currency, one.remedy.tender, one.payer_id), one.amount)
        ordered = RemedyOrdered(
            line=line,
            claim=one.claim,
            remedy=one.remedy,
            payer=one.payer,
            payer_id=one.payer_id,
            payee=one.payee,
            payee_id=one.payee_id,
            amount=one.amount - credited,
            credited=credited,
            payout=payout_id(stream, line),
            at=at,
        )
        remedy = evolve(remedy, ordered)
        events.append(ordered)
        covered += [] if ordered.amount.minor else [one.claim]
    return (*events, *_follow_up(remedy, covered, outcome, at=at))


def _follow_up(
    remedy: Remedy, covered: Iterable[str], outcome: Outcome | None, *, at: Moment
) -> tuple[RecoveryOrdered | Compensated | Closed, ...]:
    """What a final outcome asks back, then what is done; nobody pays back what may still be awarded again."""
    back = recovery.order_back(remedy, at=at) if outcome else ()
    return (*back, *_follow_done(_after(remedy, back), covered, outcome, at=at))


def _after(remedy: Remedy, events: Iterable[RemedyEvent]) -> Remedy:
    for event in events:
        remedy = evolve(remedy, event)
    return remedy


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
    if outcome and remedy.is_carried_out():
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


def follow_final(dispute: Dispute, stream: UUID, *, at: Moment) -> tuple[Ordering, ...]:
    """What a final ruling leads to: its remedies where they wait for it; the end where nothing is left to pay."""
    decision = dispute.ruling.made
    if decision.remedies_start is RemediesStart.AT_FINAL:
        return order_ruled(dispute, stream, decision, at=at)
    return _follow_up(dispute.remedy, (), _decided(decision), at=at)


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
        tender=ordered.remedy.tender,
        at=ordered.at,
    )


def confirm_line(
    dispute: Dispute, line: str, *, at: Moment
) -> tuple[RemedyConfirmed | RecoveryOrdered | Compensated | Closed, ...]:
    """Record that a line was paid; the last line of a claim compensates it, the last of all closes the dispute.

    A line that was stopped while an attempt was on its way is recorded, too: what counts towards nothing comes back.
    """
    remedy = dispute.remedy
    if line not in remedy.ordered or remedy.is_done(remedy.ordered[line]):
        raise LineNotOpen(line=line)
    ordered = remedy.ordered[line]
    confirmed = RemedyConfirmed(line=line, amount=ordered.amount, at=at)
    remedy, outcome = evolve(remedy, confirmed), _outcome(dispute)
    if line in remedy.stopped:
        return (confirmed, *(recovery.order_back(remedy, at=at) if outcome else ()))
    return (confirmed, *_follow_done(remedy, [ordered.claim], outcome, at=at))


def follow_recovery(dispute: Dispute, done: RemedyRecovered | RecoveryWrittenOff) -> tuple[Compensated | Closed, ...]:
    """The end, where what came back or was written off was the last thing that the dispute waited for."""
    return _follow_done(evolve(dispute.remedy, done), (), _outcome(dispute), at=done.at)


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
    if claim not in {one.id for one in dispute.intake.claims}:
        raise UnknownClaim(claim=claim, known_claims=[one.id for one in dispute.intake.claims])
    if amount.currency != order.currency:
        raise CurrenciesDiffer(currencies=[order.currency, amount.currency])
    if amount.minor <= 0:
        raise NothingRefunded
    reported = ExternalRefundReported(
        claim=claim, amount=amount, source=source, reference=reference, applied=(), by=by, at=at
    )
    reduced: dict[str, PayoutReduced] = {}
    for line in remedy.lines_of(claim, Tender.MONEY):
        left = evolve(remedy, reported).credit_left(claim, order.currency, Tender.MONEY, line.payer_id)
        reduction = payouts.reduce(money[line.line], left, at=at) if line.line in money else None
        if reduction is not None:
            reduced[line.line] = reduction
            applied = (*reported.applied, Credit(line=line.line, amount=reduction.by))
            reported = reported.model_copy(update={"applied": applied})
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
        case RemedyStopped():
            compensated = {claim: one for claim, one in remedy.compensated.items() if claim != event.claim}
            return replace(remedy, stopped=remedy.stopped | {event.line: event}, compensated=compensated)
        case RecoveryOrdered():
            return replace(remedy, recoveries=remedy.recoveries | {event.recovery: Recovery(event)})
        case RemedyRecovered():
            return replace(remedy, recoveries=_recovered(remedy.recoveries, event))
        case RecoveryWrittenOff():
            return replace(remedy, recoveries=_written_off(remedy.recoveries, event))
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


def _recovered(recoveries: dict[str, Recovery], event: RemedyRecovered) -> dict[str, Recovery]:
    return {
        name: replace(one, reported=(*one.reported, event)) if name == event.recovery else one
        for name, one in recoveries.items()
    }


def _written_off(recoveries: dict[str, Recovery], event: RecoveryWrittenOff) -> dict[str, Recovery]:
    return {
        name: replace(one, written_off=event) if name == event.recovery else one for name, one in recoveries.items()
    }

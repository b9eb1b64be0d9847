"""Chapter intake: filing, further claims, the merchant's answer or silence, closing; notices are in `notice.py`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar, assert_never

from pydantic import Field

from domain.calendars import Clock, ClockName
from domain.dispute.notice import NoticeBounced, NoticeEvent, NoticeLapsed, NoticeServed
from domain.dispute.stages import Stage, check_due, check_stage
from domain.intake.order import LineId, OrderSnapshot
from domain.kernel import (
    Act,
    Actor,
    Bilingual,
    Code,
    Digest,
    Event,
    Id,
    Line,
    Moment,
    NotYours,
    Personal,
    Refused,
    Role,
    Text,
    Unacceptable,
    Value,
)
from domain.money import Money
from domain.playbook.playbook import Nature, Playbook, Reason, RemedyKind
from domain.playbook.remedies import AmountNotFree, check_freight, limit_of, rule_of

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute

CLAIMS_MAX = 20
OTHER_SIDE = {Role.BUYER: Role.MERCHANT, Role.MERCHANT: Role.BUYER}


class Answer(StrEnum):
    """How a merchant answers: gives in, contests, or contests and offers something else."""

    ACCEPT = "accept"
    CONTEST = "contest"
    COUNTER = "counter"


class Outcome(StrEnum):
    """How a dispute ended."""

    SETTLED = "settled"
    DECIDED = "decided"
    DEFAULTED = "defaulted"
    WITHDRAWN = "withdrawn"


class Asked(Value):
    """What a buyer asks for some lines of the order; without `amount` as much as the playbook gives."""

    reason: Code
    lines: Annotated[tuple[LineId, ...], Field(min_length=1, max_length=100)]
    remedy: RemedyKind
    amount: Money | None = None
    statement: Text


class Claim(Value):
    """A claim as filed: what for, what is asked, and what was paid for its lines."""

    id: Code
    nature: Nature
    reason: Code
    lines: tuple[LineId, ...]
    paid: Money
    remedy: RemedyKind
    asked: Money
    statement: Annotated[Text, Personal("/by/id")]


class DisputeFiled(Act):
    """A dispute began: on this order as bought, with these claims, under this version of the rules."""

    TOPIC: ClassVar[str] = "dispute.filed"
    platform: Id
    number: Line
    order: OrderSnapshot
    order_digest: Digest
    claims: Annotated[tuple[Claim, ...], Field(min_length=1, max_length=CLAIMS_MAX)]
    playbook_version: Line
    playbook_digest: Digest
    custody: Bilingual
    draw_commitment: Digest
    notice_clock: Clock


class ClaimAdded(Act):
    """The buyer claimed for further lines of the same order, while the parties negotiate.

    Offers name every claim, so those that were open lapse with it.
    """

    TOPIC: ClassVar[str] = "dispute.claim_added"
    claim: Claim


class MerchantResponded(Act):
    """The merchant answered."""

    TOPIC: ClassVar[str] = "dispute.merchant_responded"
    answer: Answer
    statement: Annotated[Text, Personal("/by/id")]


class ResponseLapsed(Event):
    """The merchant did not answer in time; `clock` holds the arithmetic."""

    TOPIC: ClassVar[str] = "dispute.response_lapsed"
    clock: Clock
    at: Moment


class Closed(Event):
    """Nothing is left to do."""

    TOPIC: ClassVar[str] = "dispute.closed"
    outcome: Outcome
    at: Moment


IntakeEvent = DisputeFiled | ClaimAdded | NoticeEvent | MerchantResponded | ResponseLapsed | Closed


class UnknownReason(Unacceptable):
    """The playbook has no such reason."""

    CODE = "unknown_reason"


class RemedyNotOpen(Unacceptable):
    """The playbook does not open this remedy for this reason."""

    CODE = "remedy_not_open"


class AmountTooHigh(Unacceptable):
    """More is asked or given than the playbook allows for these lines."""

    CODE = "amount_too_high"


class LinesClaimedTwice(Unacceptable):
    """What is asked names one line twice."""

    CODE = "lines_claimed_twice"


class TooManyClaims(Refused):
    """A dispute has at most CLAIMS_MAX claims."""

    CODE = "too_many_claims"


class NoLineLeft(Refused):
    """Every line of the order is claimed in this dispute."""

    CODE = "no_line_left"


class UnknownClaim(Unacceptable):
    """The dispute has no such claim."""

    CODE = "unknown_claim"


class NotAParty(NotYours):
    """Only a party of this dispute may do this, each for its own side."""

    CODE = "not_a_party"


@dataclass(frozen=True, slots=True)
class Intake:
    """What was filed, whether the merchant is proved to know, and how it was answered."""

    filed: DisputeFiled
    added: tuple[ClaimAdded, ...] = ()
    served: NoticeServed | None = None
    bounced: tuple[NoticeBounced, ...] = ()
    unserved: NoticeLapsed | None = None
    response: MerchantResponded | None = None
    lapsed: ResponseLapsed | None = None
    closed: Closed | None = None

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The claims as they are now: those filed, then those added."""
        return (*self.filed.claims, *(one.claim for one in self.added))

    def side_of(self, actor: Actor) -> Role | None:
        """The side for which the actor stands in this dispute, if any."""
        parties = {Role.BUYER: self.filed.order.buyer, Role.MERCHANT: self.filed.order.merchant}
        return actor.role if parties.get(actor.role) == actor.id else None

    def party(self, actor: Actor) -> Role:
        """The actor's side; refuses who is no party."""
        side = self.side_of(actor)
        if side is None:
            raise NotAParty
        return side

    def claim(self, claim_id: str) -> Claim | None:
        """The claim of this id."""
        return next((claim for claim in self.claims if claim.id == claim_id), None)


def check_filing(
    snapshot: OrderSnapshot, playbook: Playbook, asked: tuple[Asked, ...], *, by: Actor
) -> tuple[Claim, ...]:
    """The claims of a filing, checked: the order's buyer files, each line is claimed once, amounts are in bounds."""
    if by.role is not Role.BUYER or by.id != snapshot.buyer:
        raise NotAParty
    _check_once(asked)
    claims = tuple(claim(snapshot, playbook, f"c{index}", one) for index, one in enumerate(asked, start=1))
    check_freight(snapshot, ((one.remedy, one.asked) for one in claims))
    return claims


def _check_once(asked: tuple[Asked, ...]) -> None:
    """Refuse to claim for one line twice."""
    lines = [line for one in asked for line in one.lines]
    if len(set(lines)) != len(lines):
        raise LinesClaimedTwice


def file_dispute(
    snapshot: OrderSnapshot,
    playbook: Playbook,
    *,
    number: str,
    playbook_digest: str,
    draw_commitment: str,
    claims: tuple[Claim, ...],
    by: Actor,
    at: Moment,
) -> DisputeFiled:
    """File a dispute with checked claims on an order as registered, under the version of the rules in force."""
    return DisputeFiled(
        platform=playbook.platform,
        number=number,
        order=snapshot,
        order_digest=snapshot.digest(),
        claims=claims,
        playbook_version=playbook.version,
        playbook_digest=playbook_digest,
        custody=playbook.custody,
        draw_commitment=draw_commitment,
        notice_clock=playbook.start(ClockName.NOTICE, at),
        by=by,
        at=at,
    )


def claim(snapshot: OrderSnapshot, playbook: Playbook, claim_id: str, asked: Asked) -> Claim:
    """One claim, checked against the playbook: nobody asks for more, or for something else, than it may give."""
    reason = check_remedy(playbook, asked.reason, asked.remedy)
    snapshot.check_lines(asked.lines)
    paid = snapshot.paid_for(asked.lines)
    amount = _amount(playbook, asked, snapshot)
    return Claim(
        id=claim_id,
        nature=reason.nature,
        reason=reason.id,
        lines=asked.lines,
        paid=paid,
        remedy=asked.remedy,
        asked=amount,
        statement=asked.statement,
    )


def _amount(playbook: Playbook, asked: Asked, snapshot: OrderSnapshot) -> Money:
    """Exactly what the playbook computes, or, where it leaves the amount open, up to its limit."""
    rule = rule_of(playbook, asked.remedy)
    at_most = limit_of(rule, snapshot, asked.lines)
    amount = at_most if asked.amount is None else asked.amount
    check_amount(amount, at_most)
    if amount != at_most and not rule.chosen:
        raise AmountNotFree(amount=at_most.minor, currency=at_most.currency, rule=rule.id)
    return amount


def check_remedy(playbook: Playbook, reason_id: str, remedy: RemedyKind) -> Reason:
    """The reason, if the playbook has it and opens this remedy to the parties for it."""
    reason = playbook.reason(reason_id)
    if reason is None:
        raise UnknownReason(reason=reason_id, known=[one.id for one in playbook.reasons])
    if remedy not in reason.for_parties:
        raise RemedyNotOpen(remedy=str(remedy), open=[str(kind) for kind in reason.for_parties])
    return reason


def check_amount(amount: Money, at_most: Money) -> None:
    """Refuse an amount of another currency, nothing, or more than `at_most`."""
    if not amount.minor > 0 or not amount <= at_most:
        raise AmountTooHigh(amount=amount.minor, at_most=at_most.minor, currency=at_most.currency)


def may_add_claim(dispute: Dispute, actor: Actor) -> None:
    """The buyer adds a claim while the parties negotiate: the merchant has answered, and nobody was called to decide.

    Before the answer a late claim could be decided by a clock that the merchant did not have for it; after the call the
    arbitrator decides what both sides knew. Other lines can always be a dispute of their own, linked to this one.
    """
    check_stage(dispute, Stage.NEGOTIATION)
    if dispute.intake.party(actor) is not Role.BUYER:
        raise NotAParty
    claims = dispute.intake.claims
    if len(claims) >= CLAIMS_MAX:
        raise TooManyClaims(at_most=CLAIMS_MAX)
    if {line.id for line in dispute.intake.filed.order.lines} <= {line for one in claims for line in one.lines}:
        raise NoLineLeft


def add_claim(dispute: Dispute, playbook: Playbook, asked: Asked, *, by: Actor, at: Moment) -> ClaimAdded:
    """Claim for further lines under the pinned rules; that no other claim has them is the order's to know."""
    may_add_claim(dispute, by)
    _check_once((asked,))
    order, before = dispute.intake.filed.order, dispute.intake.claims
    added = claim(order, playbook, f"c{len(before) + 1}", asked)
    check_freight(order, ((one.remedy, one.asked) for one in (*before, added)))
    return ClaimAdded(claim=added, by=by, at=at)


def may_respond(dispute: Dispute, actor: Actor) -> None:
    """The merchant answers once, and only until its clock has run out and the expiry is recorded."""
    check_stage(dispute, Stage.AWAITING_RESPONSE)
    if dispute.intake.party(actor) is not Role.MERCHANT:
        raise NotAParty


def respond(dispute: Dispute, answer: Answer, statement: str, *, by: Actor, at: Moment) -> MerchantResponded:
    """The merchant answers; what an acceptance or a counter-offer leads to is told in negotiation."""
    may_respond(dispute, by)
    return MerchantResponded(answer=answer, statement=statement, by=by, at=at)


def lapse_response(dispute: Dispute, *, at: Moment) -> ResponseLapsed:
    """Record that the merchant, who was served, did not answer in time; what follows is told in ruling."""
    return ResponseLapsed(clock=check_due(dispute, ClockName.ANSWER, at), at=at)


def evolve(intake: Intake | None, event: IntakeEvent) -> Intake:
    """The chapter after `event`."""
    if isinstance(event, DisputeFiled):
        return Intake(filed=event)
    assert intake is not None  # noqa: S101 - dispute.evolve has made sure
    match event:
        case ClaimAdded():
            return replace(intake, added=(*intake.added, event))
        case NoticeServed():
            return replace(intake, served=event)
        case NoticeBounced():
            return replace(intake, bounced=(*intake.bounced, event))
        case NoticeLapsed():
            return replace(intake, unserved=event)
        case MerchantResponded():
            return replace(intake, response=event)
        case ResponseLapsed():
            return replace(intake, lapsed=event)
        case Closed():
            return replace(intake, closed=event)
        case _:
            assert_never(event)

"""Builders of what is ordered, given and paid; the others are in `builders.py`."""

from __future__ import annotations

from typing import Any

from domain.dispute import dispute as disputes
from domain.dispute import remedy
from domain.dispute.goodwill import GoodwillGiven
from domain.dispute.outside import Credit, ExternalRefundReported, RefundSource
from domain.dispute.remedy import Compensated, RemedyConfirmed, RemedyOrdered
from domain.kernel import Actor, Event, Role
from domain.money import Money, Tender
from domain.playbook.playbook import RemedyKind
from domain.remedy.payout import PayoutOrdered
from tests.support.builders import (
    BUYER,
    DISPUTE,
    MERCHANT,
    PLATFORM,
    PLATFORM_MACHINE,
    a_playbook,
    a_ruling,
    a_settlement,
    an_offer,
    cny,
    hours,
    negotiating,
    taken_in_hand,
    two_claims_asked,
)
from tests.support.given import fold


def a_remedy_ordered(line: str = "l1", claim: str = "c1", amount: Money | None = None) -> RemedyOrdered:
    return RemedyOrdered(
        line=line,
        claim=claim,
        remedy=RemedyKind.PARTIAL_REFUND,
        payer=Role.MERCHANT,
        payer_id=MERCHANT.id,
        payee=Role.BUYER,
        payee_id=BUYER.id,
        amount=amount or cny(1500),
        credited=cny(0),
        payout=remedy.payout_id(DISPUTE, line),
        at=hours(4),
    )


def settled(*orders: RemedyOrdered) -> tuple[Event, ...]:
    """Agreed and to be paid; where there are several lines each is of its own claim unless the test says otherwise."""
    return (*negotiating(*two_claims_asked()), an_offer(), a_settlement(), *(orders or (a_remedy_ordered(),)))


def a_refund_reported(
    minor: int, *applied: tuple[str, int], claim: str = "c1", ref: str = "t-1"
) -> ExternalRefundReported:
    return ExternalRefundReported(
        claim=claim,
        amount=cny(minor),
        source=RefundSource.MERCHANT_TRANSFER,
        reference=ref,
        applied=tuple(Credit(line=line, amount=cny(less)) for line, less in applied),
        by=PLATFORM_MACHINE,
        at=hours(9),
    )


def goodwill_given(minor: int = 500, *, line: str = "g1", by: Actor = MERCHANT) -> GoodwillGiven:
    """The merchant, or a senior arbitrator for the platform, gives the buyer CNY 5.00."""
    payer, payer_id = (Role.MERCHANT, MERCHANT.id) if by.role is Role.MERCHANT else (Role.PLATFORM, PLATFORM)
    return GoodwillGiven(
        line=line,
        payer=payer,
        payer_id=payer_id,
        payee=Role.BUYER,
        payee_id=BUYER.id,
        amount=cny(minor),
        tender=Tender.MONEY,
        why="一点心意",
        payout=remedy.payout_id(DISPUTE, line),
        by=by,
        at=hours(6),
    )


def a_payout_ordered(**changes: Any) -> PayoutOrdered:
    ordered = remedy.payout_of(PLATFORM, DISPUTE, a_remedy_ordered())
    return ordered.model_copy(update=changes)


def pay(line: str = "l1") -> Any:
    return lambda dispute: remedy.confirm_line(dispute, line, at=hours(9))


def paid(line: str = "l1", minor: int = 1500) -> RemedyConfirmed:
    return RemedyConfirmed(line=line, amount=cny(minor), at=hours(9))


def compensated(claim: str = "c1", minor: int = 1500) -> Compensated:
    return Compensated(claim=claim, paid=cny(minor), at=hours(9))


def at_decision(*sought: Any) -> tuple[Event, ...]:
    rules = a_playbook(remedies_start="at_decision")
    before = taken_in_hand(playbook=rules)
    return (*before, *disputes.decide(fold(*before), DISPUTE, a_ruling(*sought, before=before, playbook=rules)))


SECOND = a_remedy_ordered("l2", "c2", cny(700))
SAME_CLAIM = a_remedy_ordered("l2", "c1", cny(700))

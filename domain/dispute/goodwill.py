"""Chapter goodwill, a part of negotiation: a small sum or a coupon as a gesture, beside all that is claimed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, ClassVar, assert_never
from uuid import UUID

from domain.dispute.intake import NotAParty
from domain.dispute.remedy import LineNotOpen, payout_id
from domain.dispute.review import NotASeniorArbitrator, check_hears
from domain.dispute.stages import UNCLOSED, check_stage
from domain.kernel import ARBITRATORS, Act, Actor, Code, Event, Id, Moment, Personal, Refused, Role, Text, Unacceptable
from domain.money import Money, Tender, total
from domain.remedy.payout import PayoutOrdered

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute
    from domain.playbook.playbook import Playbook


class GoodwillGiven(Act):
    """The buyer is given a sum or a coupon; nothing is settled, admitted or counted by it, and nothing waits for it.

    `payout` is the stream of its money.
    """

    TOPIC: ClassVar[str] = "dispute.goodwill_given"
    line: Code
    payer: Role
    payer_id: Id
    payee: Role
    payee_id: Id
    amount: Money
    tender: Tender
    why: Annotated[Text, Personal("/by/id")]
    payout: UUID


class GoodwillPaid(Event):
    """What was given has come to the buyer."""

    TOPIC: ClassVar[str] = "dispute.goodwill_paid"
    line: Code
    amount: Money
    at: Moment


GoodwillEvent = GoodwillGiven | GoodwillPaid


class GoodwillUsedUp(Refused):
    """This payer has given as often, or as much, as the playbook allows in one case."""

    CODE = "goodwill_used_up"


class GoodwillTooHigh(Unacceptable):
    """An amount above nothing is given, in the currency of the order, and at most what the playbook leaves."""

    CODE = "goodwill_too_high"


@dataclass(frozen=True, slots=True)
class Goodwill:
    """What was given, and whether it has come."""

    given: GoodwillGiven
    paid: GoodwillPaid | None = None


def may_give_goodwill(dispute: Dispute, playbook: Playbook, actor: Actor) -> None:
    """Until the case is closed the merchant gives, or a senior arbitrator in person for the platform.

    How often and how much each of the two gives in one case is bounded by the playbook, whatever is claimed in it.
    """
    check_stage(dispute, *UNCLOSED)
    payer, limits = payer_of(dispute, actor), playbook.limits
    if len(given_by(dispute, payer)) >= limits.goodwill_per_side or left_to_give(dispute, playbook, payer).minor <= 0:
        raise GoodwillUsedUp(at_most=limits.goodwill_per_side, percent=limits.goodwill_percent)


def payer_of(dispute: Dispute, actor: Actor) -> Role:
    """Whose money the actor may give."""
    if actor.role in ARBITRATORS:
        check_hears(dispute, actor)
        if actor.role is not Role.SENIOR_ARBITRATOR:
            raise NotASeniorArbitrator
        return Role.PLATFORM
    if dispute.intake.party(actor) is not Role.MERCHANT:
        raise NotAParty
    return Role.MERCHANT


def given_by(dispute: Dispute, payer: Role) -> list[Money]:
    """What a payer has given in this case, whether it has come or not."""
    return [one.given.amount for one in dispute.goodwill.values() if one.given.payer is payer]


def left_to_give(dispute: Dispute, playbook: Playbook, payer: Role) -> Money:
    """What a payer may still give: so many percent of the price paid for what is in dispute, less what was given.

    Of the platform's money one person gives no more than they may award alone.
    """
    currency = dispute.intake.filed.order.currency
    price = total((claim.paid for claim in dispute.intake.claims), currency)
    at_most = price.percent(playbook.limits.goodwill_percent)
    alone = playbook.four_eyes_limit(currency)
    if payer is Role.PLATFORM and alone is not None:
        at_most = min(at_most, alone)
    return at_most - total(given_by(dispute, payer), currency)


def give_goodwill(
    dispute: Dispute,
    playbook: Playbook,
    stream: UUID,
    amount: Money,
    tender: Tender,
    why: str,
    *,
    by: Actor,
    at: Moment,
) -> tuple[GoodwillGiven]:
    """Give the buyer a sum or a coupon."""
    may_give_goodwill(dispute, playbook, by)
    payer, order = payer_of(dispute, by), dispute.intake.filed.order
    left = left_to_give(dispute, playbook, payer)
    if amount.currency != left.currency or not 0 < amount.minor <= left.minor:
        raise GoodwillTooHigh(amount=amount.minor, at_most=left.minor, currency=left.currency)
    line = f"g{len(dispute.goodwill) + 1}"
    given = GoodwillGiven(
        line=line,
        payer=payer,
        payer_id=order.merchant if payer is Role.MERCHANT else dispute.intake.filed.platform,
        payee=Role.BUYER,
        payee_id=order.buyer,
        amount=amount,
        tender=tender,
        why=why,
        payout=payout_id(stream, line),
        by=by,
        at=at,
    )
    return (given,)


def payout_of(platform: str, stream: UUID, given: GoodwillGiven) -> PayoutOrdered:
    """The first event of the payout of what was given, which is for no claim."""
    return PayoutOrdered(
        platform=platform,
        dispute=stream,
        line=given.line,
        claim=None,
        payer=given.payer,
        payer_id=given.payer_id,
        payee=given.payee,
        payee_id=given.payee_id,
        amount=given.amount,
        tender=given.tender,
        at=given.at,
    )


def confirm_goodwill(dispute: Dispute, line: str, *, at: Moment) -> tuple[GoodwillPaid]:
    """Record that what was given has come, in whatever stage the case is by then."""
    one = dispute.goodwill[line]
    if one.paid is not None:
        raise LineNotOpen(line=line)
    return (GoodwillPaid(line=line, amount=one.given.amount, at=at),)


def evolve(goodwill: dict[str, Goodwill], event: GoodwillEvent) -> dict[str, Goodwill]:
    """All that was given after `event`."""
    match event:
        case GoodwillGiven():
            return goodwill | {event.line: Goodwill(event)}
        case GoodwillPaid():
            return {name: replace(one, paid=event) if name == event.line else one for name, one in goodwill.items()}
        case _:
            assert_never(event)

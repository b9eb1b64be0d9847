"""Chapter negotiation: messages, offers with their history, settlement."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar, assert_never

from pydantic import Field

from domain.calendars import Clock, ClockName
from domain.dispute.intake import (
    CLAIMS_MAX,
    OTHER_SIDE,
    Answer,
    MerchantResponded,
    check_amount,
    check_remedy,
    respond,
)
from domain.dispute.stages import UNDECIDED, Stage, check_due, check_stage
from domain.kernel import (
    Act,
    Actor,
    Code,
    Event,
    Moment,
    NotYours,
    Personal,
    Refused,
    Role,
    Text,
    Unacceptable,
    Value,
    begun,
)
from domain.money import Money
from domain.playbook.playbook import REFUNDS, Playbook, RemedyKind
from domain.playbook.remedies import check_combination, check_freight, limit_of, rule_of

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute
    from domain.dispute.intake import Claim
    from domain.intake.order import OrderSnapshot


class OfferState(StrEnum):
    """What became of an offer."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    COUNTERED = "countered"  # the other side answered with an offer of its own


class Term(Value):
    """A remedy that is offered for one claim; there may be several for a claim."""

    claim: Code
    remedy: RemedyKind
    amount: Money


TERMS_MAX = CLAIMS_MAX * len(RemedyKind)
Terms = Annotated[tuple[Term, ...], Field(min_length=1, max_length=TERMS_MAX)]


class MessageSent(Act):
    """A party wrote to the other."""

    TOPIC: ClassVar[str] = "dispute.message_sent"
    text: Annotated[Text, Personal("/by/id")]


class OfferMade(Act):
    """A party offered to settle the whole dispute on these terms, open until `clock` runs out.

    `counters` is the offer of the other side that it answers, which is open no longer.
    """

    TOPIC: ClassVar[str] = "dispute.offer_made"
    VERSION: ClassVar[int] = 2
    offer: Code
    terms: Terms
    note: Annotated[Text, Personal("/by/id")]
    clock: Clock
    counters: Code | None = None


class OfferAccepted(Act):
    """The other side took the offer."""

    TOPIC: ClassVar[str] = "dispute.offer_accepted"
    offer: Code


class OfferDeclined(Act):
    """The other side refused the offer."""

    TOPIC: ClassVar[str] = "dispute.offer_declined"
    offer: Code
    reason: Annotated[Text, Personal("/by/id")]


class OfferExpired(Event):
    """Nobody took or refused the offer in time; `clock` holds the arithmetic."""

    TOPIC: ClassVar[str] = "dispute.offer_expired"
    offer: Code
    clock: Clock
    at: Moment


class Settled(Event):
    """The parties agree on these terms; `offer` is absent where the merchant accepted the claims as filed."""

    TOPIC: ClassVar[str] = "dispute.settled"
    offer: Code | None
    terms: Terms
    at: Moment


NegotiationEvent = MessageSent | OfferMade | OfferAccepted | OfferDeclined | OfferExpired | Settled


class UnknownOffer(Unacceptable):
    """There is no such offer in this dispute."""

    CODE = "unknown_offer"


class OwnOffer(NotYours):
    """Nobody answers their own offer."""

    CODE = "own_offer"


class OfferNotOpen(Refused):
    """The offer was answered already."""

    CODE = "offer_not_open"


class TooManyOffers(Refused):
    """This side has made as many offers as the playbook allows."""

    CODE = "too_many_offers"


class TooManyMessages(Refused):
    """This side has sent as many messages as the playbook allows."""

    CODE = "too_many_messages"


class TermsIncomplete(Unacceptable):
    """An offer has terms for every claim of the dispute, and for no other."""

    CODE = "terms_incomplete"


class CounterNeedsTerms(Unacceptable):
    """A counter-offer states its terms; another answer has none."""

    CODE = "counter_needs_terms"


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer, from which side, and what became of it."""

    made: OfferMade
    side: Role
    state: OfferState = OfferState.OPEN


@dataclass(frozen=True, slots=True)
class Negotiation:
    """What the parties said and offered."""

    messages: tuple[MessageSent, ...] = ()
    offers: tuple[Offer, ...] = ()
    settled: Settled | None = None

    def offer(self, offer_id: str) -> Offer:
        """The offer of this id."""
        for offer in self.offers:
            if offer.made.offer == offer_id:
                return offer
        raise UnknownOffer(offer=offer_id, known=[offer.made.offer for offer in self.offers])

    def open_offers(self) -> tuple[Offer, ...]:
        """The offers that nobody has answered."""
        return tuple(offer for offer in self.offers if offer.state is OfferState.OPEN)


def may_send_message(dispute: Dispute, playbook: Playbook, actor: Actor) -> None:
    """Parties write to each other until the case is decided or settled, as often as the playbook allows."""
    check_stage(dispute, *UNDECIDED)
    side = dispute.intake.party(actor)
    sent = sum(message.by.role is side for message in dispute.negotiation.messages)
    if sent >= playbook.limits.messages_per_side:
        raise TooManyMessages(at_most=playbook.limits.messages_per_side)


def send_message(dispute: Dispute, playbook: Playbook, text: str, *, by: Actor, at: Moment) -> tuple[MessageSent]:
    """A party writes to the other."""
    may_send_message(dispute, playbook, by)
    return (MessageSent(text=text, by=by, at=at),)


def may_make_offer(dispute: Dispute, playbook: Playbook, actor: Actor) -> None:
    """Either party offers until the case is decided, in bounds; the merchant's first word is its answer."""
    check_stage(dispute, Stage.NEGOTIATION, Stage.UNDER_REVIEW)
    side = dispute.intake.party(actor)
    made = sum(offer.side is side for offer in dispute.negotiation.offers)
    if made >= playbook.limits.offers_per_side:
        raise TooManyOffers(at_most=playbook.limits.offers_per_side)


def make_offer(
    dispute: Dispute,
    playbook: Playbook,
    terms: tuple[Term, ...],
    note: str,
    counters: str | None = None,
    *,
    by: Actor,
    at: Moment,
) -> tuple[OfferMade]:
    """A party offers to settle the whole dispute, in answer to an open offer of the other side where it says so."""
    may_make_offer(dispute, playbook, by)
    if counters is not None:
        may_answer_offer(dispute, by, counters)
    return (_offer(dispute, playbook, terms, note, by=by, at=at).model_copy(update={"counters": counters}),)


def _offer(
    dispute: Dispute, playbook: Playbook, terms: tuple[Term, ...], note: str, *, by: Actor, at: Moment
) -> OfferMade:
    check_terms(dispute, playbook, terms)
    name, other = f"o{len(dispute.negotiation.offers) + 1}", OTHER_SIDE[dispute.intake.party(by)]
    clock = playbook.start(ClockName.OFFER, at, of=name, whose=other)
    return OfferMade(offer=name, terms=terms, note=note, clock=clock, by=by, at=at)


def check_terms(dispute: Dispute, playbook: Playbook, terms: tuple[Term, ...]) -> None:
    """Refuse terms that leave a claim out, that do not go together, or that come to more than may be agreed."""
    order, claims = dispute.intake.filed.order, {claim.id: claim for claim in dispute.intake.claims}
    if {term.claim for term in terms} != set(claims):
        raise TermsIncomplete(claims=sorted(claims))
    for term in terms:
        claim = claims[term.claim]
        check_remedy(playbook, claim.reason, term.remedy)
        check_amount(term.amount, _at_most(playbook, term.remedy, order, claim))
    for name in claims:
        check_combination(name, [term.remedy for term in terms if term.claim == name])
    check_freight(order, ((term.remedy, term.amount) for term in terms))


def _at_most(playbook: Playbook, remedy: RemedyKind, order: OrderSnapshot, claim: Claim) -> Money:
    """Of the price and of the freight the parties may agree on all, of what is given beside it up to the rule's cap."""
    if remedy in REFUNDS:
        return claim.paid
    if remedy is RemedyKind.FREIGHT_REFUND:
        return order.freight
    return limit_of(rule_of(playbook, remedy), order, claim.lines)


def may_answer_offer(dispute: Dispute, actor: Actor, offer_id: str) -> None:
    """The other side answers an open offer until the case is decided."""
    check_stage(dispute, *UNDECIDED)
    side = dispute.intake.party(actor)
    offer = dispute.negotiation.offer(offer_id)
    if offer.side is side:
        raise OwnOffer
    if offer.state is not OfferState.OPEN:
        raise OfferNotOpen(state=str(offer.state))


def accept_offer(dispute: Dispute, offer_id: str, *, by: Actor, at: Moment) -> tuple[OfferAccepted, Settled]:
    """The other side takes the offer, and with it the dispute is settled."""
    may_answer_offer(dispute, by, offer_id)
    terms = dispute.negotiation.offer(offer_id).made.terms
    return OfferAccepted(offer=offer_id, by=by, at=at), Settled(offer=offer_id, terms=terms, at=at)


def decline_offer(dispute: Dispute, offer_id: str, reason: str, *, by: Actor, at: Moment) -> tuple[OfferDeclined]:
    """The other side refuses the offer."""
    may_answer_offer(dispute, by, offer_id)
    return (OfferDeclined(offer=offer_id, reason=reason, by=by, at=at),)


def expire_offer(dispute: Dispute, offer_id: str | None, *, at: Moment) -> tuple[OfferExpired]:
    """Record that nobody took or refused the offer in time."""
    clock = check_due(dispute, ClockName.OFFER, at, offer_id)
    return (OfferExpired(offer=begun(clock.of), clock=clock, at=at),)


def answer_claims(
    dispute: Dispute,
    playbook: Playbook,
    answer: Answer,
    statement: str,
    terms: tuple[Term, ...],
    *,
    by: Actor,
    at: Moment,
) -> tuple[MerchantResponded | OfferMade | Settled, ...]:
    """The merchant's first word: accepts the claims as filed, contests them, or contests with a counter-offer."""
    responded = respond(dispute, answer, statement, by=by, at=at)
    if (answer is Answer.COUNTER) != bool(terms):
        raise CounterNeedsTerms(answer=str(answer))
    match answer:
        case Answer.ACCEPT:
            asked = tuple(
                Term(claim=claim.id, remedy=claim.remedy, amount=claim.asked) for claim in dispute.intake.claims
            )
            return responded, Settled(offer=None, terms=asked, at=at)
        case Answer.CONTEST:
            return (responded,)
        case Answer.COUNTER:
            return responded, _offer(dispute, playbook, terms, statement, by=by, at=at)
        case _:
            assert_never(answer)


def evolve(negotiation: Negotiation, event: NegotiationEvent) -> Negotiation:
    """The chapter after `event`."""
    match event:
        case MessageSent():
            return replace(negotiation, messages=(*negotiation.messages, event))
        case OfferMade():
            answered = _answered(negotiation, event.counters, OfferState.COUNTERED)
            return replace(answered, offers=(*answered.offers, Offer(made=event, side=event.by.role)))
        case OfferAccepted():
            return _answered(negotiation, event.offer, OfferState.ACCEPTED)
        case OfferDeclined():
            return _answered(negotiation, event.offer, OfferState.DECLINED)
        case OfferExpired():
            return _answered(negotiation, event.offer, OfferState.EXPIRED)
        case Settled():
            return replace(negotiation, settled=event)
        case _:
            assert_never(event)


def _answered(negotiation: Negotiation, offer_id: str | None, state: OfferState) -> Negotiation:
    return replace(
        negotiation,
        offers=tuple(
            replace(offer, state=state) if offer.made.offer == offer_id else offer for offer in negotiation.offers
        ),
    )


def begin_anew(negotiation: Negotiation) -> Negotiation:
    """The chapter when a decided or ended case is heard again: what was offered before lapses, nothing is agreed."""
    return replace(lapse_open(negotiation), settled=None)


def lapse_open(negotiation: Negotiation) -> Negotiation:
    """The chapter when what was offered fits no longer: open offers lapse."""
    for offer in negotiation.open_offers():
        negotiation = _answered(negotiation, offer.made.offer, OfferState.EXPIRED)
    return negotiation

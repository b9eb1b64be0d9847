from __future__ import annotations

from typing import Any

import pytest

from domain.calendars import ClockName
from domain.dispute import dispute as disputes
from domain.dispute import negotiation
from domain.dispute.intake import AmountTooHigh, Answer, NotAParty, RemedyNotOpen
from domain.dispute.negotiation import (
    CounterNeedsTerms,
    MessageSent,
    OfferAccepted,
    OfferDeclined,
    OfferExpired,
    OfferNotOpen,
    OfferState,
    OwnOffer,
    Settled,
    Term,
    TermsIncomplete,
    TooManyMessages,
    TooManyOffers,
    UnknownOffer,
)
from domain.dispute.remedy import payout_id
from domain.dispute.stages import ClockNotDue, NotOpenForThis, Stage
from domain.kernel import Actor, Event, Role
from domain.money import CurrenciesDiffer
from domain.playbook.playbook import Playbook, RemedyKind
from domain.playbook.remedies import FreightExceeded, RemediesDoNotCombine
from tests.support import builders
from tests.support.builders import (
    ARBITRATOR,
    BUYER,
    DISPUTE,
    MERCHANT,
    OTHER_BUYER,
    a_playbook,
    a_response,
    a_ruling,
    a_settlement,
    a_term,
    an_offer,
    awaiting,
    cny,
    decided,
    eur,
    hours,
    limits,
    negotiating,
    reasons_with,
    taken_in_hand,
    two_claims_asked,
    under_review,
)
from tests.support.given import clock_of, fold, given


def write(text: str = "在吗", by: Actor = BUYER, playbook: Playbook | None = None) -> Any:
    return lambda dispute: negotiation.send_message(dispute, playbook or a_playbook(), text, by=by, at=hours(3))


def a_message(by: Actor = BUYER) -> MessageSent:
    return MessageSent(text="在吗", by=by, at=hours(3))


def offer(*terms: Term, by: Actor = MERCHANT, playbook: Playbook | None = None) -> Any:
    rules, offered = playbook or a_playbook(), terms or (a_term(),)
    return lambda dispute: negotiation.make_offer(dispute, rules, offered, "赔您一部分", by=by, at=hours(3))


def answer(kind: Answer, *terms: Term, by: Actor = MERCHANT, playbook: Playbook | None = None) -> Any:
    return lambda dispute: negotiation.answer_claims(
        dispute, playbook or a_playbook(), kind, "口味不是退款理由", terms, by=by, at=hours(2)
    )


def accept(offer_id: str = "o1", by: Actor = BUYER) -> Any:
    return lambda dispute: negotiation.accept_offer(dispute, offer_id, by=by, at=hours(4))


def decline(offer_id: str = "o1", by: Actor = BUYER) -> Any:
    return lambda dispute: negotiation.decline_offer(dispute, offer_id, "太少了", by=by, at=hours(4))


def declined(offer_id: str = "o1") -> OfferDeclined:
    return OfferDeclined(offer=offer_id, reason="太少了", by=BUYER, at=hours(4))


@pytest.mark.parametrize("before", [awaiting(), negotiating(), under_review(), taken_in_hand()])
def test_parties_write_to_each_other_until_the_case_is_decided(before: tuple[Event, ...]) -> None:
    given(*before).when(write(by=BUYER)).then(a_message(BUYER))
    given(*before).when(write(by=MERCHANT)).then(a_message(MERCHANT))
    assert fold(*before, a_message()).negotiation.messages == (a_message(),)
    assert fold(*before, a_message()).stage is fold(*before).stage


def test_nobody_writes_into_a_decided_case() -> None:
    given(*decided()).when(write()).then_refused(NotOpenForThis, stage="decided")


@pytest.mark.parametrize("by", [OTHER_BUYER, ARBITRATOR])
def test_strangers_do_not_write(by: Actor) -> None:
    given(*negotiating()).when(write(by=by)).then_refused(NotAParty)


def test_a_side_sends_as_many_messages_as_the_playbook_allows() -> None:
    two = a_playbook(limits=limits(messages_per_side=2))
    talk = (*negotiating(), a_message(BUYER), a_message(MERCHANT), a_message(MERCHANT))
    given(*talk).when(write(by=BUYER, playbook=two)).then(a_message(BUYER))
    given(*talk).when(write(by=MERCHANT, playbook=two)).then_refused(TooManyMessages, at_most=2)


@pytest.mark.parametrize("before", [negotiating(), under_review(), taken_in_hand()])
@pytest.mark.parametrize("by", [BUYER, MERCHANT])
def test_either_party_offers_until_the_case_is_decided(before: tuple[Event, ...], by: Actor) -> None:
    given(*before).when(offer(by=by)).then(an_offer(by=by))


@pytest.mark.parametrize("before", [awaiting(), decided()])
def test_nobody_offers_before_the_answer_or_after_the_decision(before: tuple[Event, ...]) -> None:
    given(*before).when(offer()).then_refused(NotOpenForThis)


def test_strangers_do_not_offer() -> None:
    given(*negotiating()).when(offer(by=ARBITRATOR)).then_refused(NotAParty)


def test_an_offer_settles_every_claim_and_no_other() -> None:
    before = negotiating(*two_claims_asked())
    both = (a_term("c2", cny(1)), a_term("c1"))
    given(*before).when(offer(*both)).then(an_offer(*both))
    for terms in ((a_term("c1"),), (*both, a_term("c3")), (a_term("c1"), a_term("c3"))):
        given(*before).when(offer(*terms)).then_refused(TermsIncomplete, claims=["c1", "c2"])


@pytest.mark.parametrize("minor", [0, -1, 3981])
def test_nobody_offers_nothing_or_more_than_was_paid_for_the_claim(minor: int) -> None:
    given(*negotiating()).when(offer(a_term(amount=cny(minor)))).then_refused(AmountTooHigh, at_most=3980)


def of(kind: RemedyKind, minor: int, claim: str = "c1") -> Term:
    return Term(claim=claim, remedy=kind, amount=cny(minor))


def test_an_offer_names_several_remedies_for_a_claim() -> None:
    terms = (a_term(), of(RemedyKind.FREIGHT_REFUND, 600), of(RemedyKind.COUPON, 5000))
    given(*negotiating()).when(offer(*terms)).then(an_offer(*terms))
    before = (*negotiating(), an_offer(*terms))
    *_, refund, freight, coupon = (
        given(*before).when(lambda dispute: disputes.settle(dispute, DISPUTE, accept()(dispute))).happened
    )
    assert [(one.line, one.claim, one.amount) for one in (refund, freight, coupon)] == [
        ("l1", "c1", cny(1500)),
        ("l2", "c1", cny(600)),
        ("l3", "c1", cny(5000)),
    ]
    assert {one.payer for one in (refund, freight, coupon)} == {Role.MERCHANT}


def test_for_a_claim_no_remedy_is_offered_twice_nor_the_price_in_two_ways() -> None:
    for terms in ((a_term(), a_term()), (a_term(), of(RemedyKind.REFUND_ONLY, 3980))):
        given(*negotiating()).when(offer(*terms)).then_refused(RemediesDoNotCombine, claim="c1")
    both = (a_term(), a_term("c2", cny(1)))
    given(*negotiating(*two_claims_asked())).when(offer(*both)).then(an_offer(*both))


@pytest.mark.parametrize(
    ("kind", "at_most"),
    [(RemedyKind.FREIGHT_REFUND, 600), (RemedyKind.COUPON, 5000), (RemedyKind.GOODWILL_TRANSFER, 10_000)],
)
def test_what_is_offered_beside_the_price_stays_in_its_own_bounds(kind: RemedyKind, at_most: int) -> None:
    for minor in (1, at_most - 1, at_most):
        given(*negotiating()).when(offer(of(kind, minor))).then(an_offer(of(kind, minor)))
    for minor in (0, at_most + 1):
        given(*negotiating()).when(offer(of(kind, minor))).then_refused(AmountTooHigh, at_most=at_most)


def test_the_freight_is_offered_once_in_all() -> None:
    before = negotiating(*two_claims_asked())
    split = (of(RemedyKind.FREIGHT_REFUND, 500), of(RemedyKind.FREIGHT_REFUND, 100, "c2"))
    given(*before).when(offer(*split)).then(an_offer(*split))
    over = (of(RemedyKind.FREIGHT_REFUND, 500), of(RemedyKind.FREIGHT_REFUND, 101, "c2"))
    given(*before).when(offer(*over)).then_refused(FreightExceeded, amount=601, at_most=600)


def test_nobody_offers_a_subsidy_of_the_platform() -> None:
    given(*negotiating()).when(offer(of(RemedyKind.PLATFORM_SUBSIDY, 1))).then_refused(
        RemedyNotOpen, remedy="platform_subsidy"
    )


def test_one_offers_in_the_currency_of_the_order() -> None:
    given(*negotiating()).when(offer(a_term(amount=eur(100)))).then_refused(CurrenciesDiffer)


def test_a_side_makes_as_many_offers_as_the_playbook_allows_whatever_became_of_them() -> None:
    two = a_playbook(limits=limits(offers_per_side=2))
    before = (*negotiating(), an_offer(), declined())
    given(*before).when(offer(playbook=two)).then(an_offer(offer="o2"))
    given(*before, an_offer(offer="o2")).when(offer(playbook=two)).then_refused(TooManyOffers, at_most=2)
    given(*before, an_offer(offer="o2")).when(offer(by=BUYER, playbook=two)).then(an_offer(by=BUYER, offer="o3"))


def test_an_offer_is_of_a_remedy_that_the_playbook_opens_for_the_reason_of_the_claim() -> None:
    full = a_playbook(reasons=reasons_with("refund_only"))
    not_open = {"remedy": "partial_refund", "open": ["refund_only"]}
    given(*negotiating()).when(offer(playbook=full)).then_refused(RemedyNotOpen, **not_open)
    given(*awaiting()).when(answer(Answer.COUNTER, a_term(), playbook=full)).then_refused(RemedyNotOpen, **not_open)


def test_the_other_side_takes_an_offer_and_the_dispute_is_settled_on_its_terms() -> None:
    accepted = OfferAccepted(offer="o1", by=BUYER, at=hours(4))
    agreed = Settled(offer="o1", terms=(a_term(),), at=hours(4))
    given(*negotiating(), an_offer()).when(accept()).then(accepted, agreed)
    state = fold(*negotiating(), an_offer(), accepted, agreed).negotiation
    assert (state.settled, state.offer("o1").state, state.open_offers()) == (agreed, OfferState.ACCEPTED, ())


def test_a_settlement_is_carried_out_at_once_and_the_merchant_pays() -> None:
    before = (*negotiating(*two_claims_asked()), an_offer(a_term("c2", cny(7)), a_term("c1", cny(9))))
    settle = given(*before).when(lambda dispute: disputes.settle(dispute, DISPUTE, accept()(dispute)))
    _, agreed, *ordered = settle.happened
    assert isinstance(agreed, Settled)
    assert [(one.line, one.claim, one.amount, one.payout) for one in ordered] == [
        ("l1", "c2", cny(7), payout_id(DISPUTE, "l1")),
        ("l2", "c1", cny(9), payout_id(DISPUTE, "l2")),
    ]
    for one in ordered:
        assert (one.payer, one.payer_id, one.payee, one.payee_id) == (Role.MERCHANT, MERCHANT.id, Role.BUYER, BUYER.id)
        assert (one.remedy, one.at) == (RemedyKind.PARTIAL_REFUND, hours(4))
    state = fold(*before, *settle.happened)
    assert (state.stage, clock_of(state), state.ruling.decision) == (Stage.CARRYING_OUT, None, None)


def test_an_offer_under_review_is_still_taken_and_no_decision_follows() -> None:
    settle = given(*taken_in_hand(), an_offer()).when(
        lambda dispute: disputes.settle(dispute, DISPUTE, accept()(dispute))
    )
    after = (*taken_in_hand(), an_offer(), *settle.happened)
    given(*after).when(lambda _: a_ruling(before=after)).then_refused(NotOpenForThis, stage="carrying_out")


def test_of_a_ruling_and_a_settlement_the_first_wins() -> None:
    before = (*taken_in_hand(), an_offer())
    given(*before, a_ruling(before=before)).when(accept()).then_refused(NotOpenForThis, stage="decided")
    given(*before, a_ruling(before=before)).when(decline()).then_refused(NotOpenForThis, stage="decided")


def test_the_other_side_refuses_an_offer_with_its_reason() -> None:
    given(*negotiating(), an_offer()).when(decline()).then(declined())
    state = fold(*negotiating(), an_offer(), an_offer(by=BUYER, offer="o2"), declined())
    assert (state.stage, state.negotiation.offer("o1").state) == (Stage.NEGOTIATION, OfferState.DECLINED)
    assert [one.made.offer for one in state.negotiation.open_offers()] == ["o2"]


@pytest.mark.parametrize("act", [accept, decline])
def test_nobody_answers_an_own_offer_and_no_stranger_any(act: Any) -> None:
    given(*negotiating(), an_offer()).when(act(by=MERCHANT)).then_refused(OwnOffer)
    given(*negotiating(), an_offer(by=BUYER)).when(act(by=BUYER)).then_refused(OwnOffer)
    for by in (OTHER_BUYER, ARBITRATOR):
        given(*negotiating(), an_offer()).when(act(by=by)).then_refused(NotAParty)


@pytest.mark.parametrize("act", [accept, decline])
def test_an_offer_is_answered_once(act: Any) -> None:
    given(*negotiating(), an_offer(), declined()).when(act()).then_refused(OfferNotOpen, state="declined")


@pytest.mark.parametrize("act", [accept, decline])
def test_an_offer_that_nobody_made_is_not_answered(act: Any) -> None:
    given(*negotiating(), an_offer()).when(act("o7")).then_refused(UnknownOffer, offer="o7", known=["o1"])


def test_a_merchant_that_accepts_the_claims_settles_them_as_they_were_filed() -> None:
    asked = (Term(claim="c1", remedy=RemedyKind.REFUND_ONLY, amount=cny(3980)), a_term("c2", cny(1000)))
    given(*awaiting(*two_claims_asked())).when(answer(Answer.ACCEPT)).then(
        a_response(Answer.ACCEPT), Settled(offer=None, terms=asked, at=hours(2))
    )


def test_a_merchant_that_contests_begins_the_negotiation() -> None:
    given(*awaiting()).when(answer(Answer.CONTEST)).then(a_response())
    assert fold(*negotiating()).stage is Stage.NEGOTIATION


def test_a_counter_offer_is_an_answer_with_an_offer() -> None:
    clock = a_playbook().start(ClockName.OFFER, hours(2), of="o1", whose=Role.BUYER)
    made = an_offer().model_copy(update={"note": "口味不是退款理由", "clock": clock, "at": hours(2)})
    given(*awaiting()).when(answer(Answer.COUNTER, a_term())).then(a_response(Answer.COUNTER), made)


def test_a_counter_offer_has_terms_and_no_other_answer_has() -> None:
    given(*awaiting()).when(answer(Answer.COUNTER)).then_refused(CounterNeedsTerms, answer="counter")
    given(*awaiting()).when(answer(Answer.ACCEPT, a_term())).then_refused(CounterNeedsTerms, answer="accept")
    given(*awaiting()).when(answer(Answer.CONTEST, a_term())).then_refused(CounterNeedsTerms, answer="contest")


def test_a_counter_offer_keeps_the_rules_of_offers() -> None:
    given(*awaiting()).when(answer(Answer.COUNTER, a_term(amount=cny(3981)))).then_refused(AmountTooHigh)
    given(*awaiting()).when(answer(Answer.COUNTER, a_term("c9"))).then_refused(TermsIncomplete)


@pytest.mark.parametrize("kind", list(Answer))
def test_only_the_merchant_gives_the_first_answer(kind: Answer) -> None:
    given(*awaiting()).when(answer(kind, by=BUYER)).then_refused(NotAParty)


def counter(counters: str = "o1", by: Actor = BUYER, playbook: Playbook | None = None) -> Any:
    return lambda dispute: negotiation.make_offer(
        dispute, playbook or a_playbook(), (a_term(),), "赔您一部分", counters, by=by, at=hours(3)
    )


def test_a_party_answers_an_offer_with_one_of_its_own_and_the_first_is_open_no_longer() -> None:
    countered = an_offer(by=BUYER, offer="o2", counters="o1")
    given(*negotiating(), an_offer()).when(counter()).then(countered)
    state = fold(*negotiating(), an_offer(), countered)
    assert [one.state for one in state.negotiation.offers] == [OfferState.COUNTERED, OfferState.OPEN]
    assert set(state.clocks) == {"offer:o2"}
    assert state.clocks["offer:o2"].whose == (Role.MERCHANT,)


def test_an_offer_that_answers_none_leaves_the_others_open() -> None:
    state = fold(*negotiating(), an_offer(), an_offer(by=BUYER, offer="o2"))
    assert [one.state for one in state.negotiation.offers] == [OfferState.OPEN, OfferState.OPEN]
    assert set(state.clocks) == {"offer:o1", "offer:o2"}


def test_what_was_answered_with_another_offer_is_taken_no_more() -> None:
    before = (*negotiating(), an_offer(), an_offer(by=BUYER, offer="o2", counters="o1"))
    given(*before).when(accept()).then_refused(OfferNotOpen, state="countered")
    given(*before).when(decline()).then_refused(OfferNotOpen, state="countered")
    given(*before).when(counter("o2", by=MERCHANT)).then(an_offer(offer="o3", counters="o2"))


def test_one_answers_an_open_offer_of_the_other_side_and_no_other() -> None:
    open_offer = (*negotiating(), an_offer())
    given(*open_offer).when(counter(by=MERCHANT)).then_refused(OwnOffer)
    given(*open_offer).when(counter("o7")).then_refused(UnknownOffer, known=["o1"])
    given(*open_offer, declined()).when(counter()).then_refused(OfferNotOpen, state="declined")
    given(*open_offer, an_offer(by=BUYER, offer="o2")).when(
        counter(playbook=a_playbook(limits=limits(offers_per_side=1)))
    ).then_refused(TooManyOffers)


def expire(offer: str, at: float) -> Any:
    return lambda dispute: builders.expire(dispute, f"offer:{offer}", hours(at))


def test_an_offer_is_open_to_the_other_side_for_the_playbooks_hours() -> None:
    clock = fold(*negotiating(), an_offer()).clocks["offer:o1"]
    assert (clock.whose, clock.started_at, clock.due_at) == ((Role.BUYER,), hours(3), hours(51))
    assert fold(*negotiating(), an_offer(by=BUYER)).clocks["offer:o1"].whose == (Role.MERCHANT,)


def test_an_offer_that_nobody_takes_in_time_lapses_and_a_new_one_can_be_made() -> None:
    open_offer = (*negotiating(), an_offer())
    given(*open_offer).when(expire("o1", 50.9)).then_refused(ClockNotDue)
    lapsed = OfferExpired(offer="o1", clock=an_offer().clock, at=hours(51))
    given(*open_offer).when(expire("o1", 51)).then(lapsed)
    given(*open_offer, lapsed).when(accept()).then_refused(OfferNotOpen, state="expired")
    assert fold(*open_offer, lapsed).stage is Stage.NEGOTIATION
    assert given(*open_offer, lapsed).when(offer(a_term(), by=MERCHANT)).happened[0].offer == "o2"


def test_each_offer_has_a_clock_of_its_own_and_an_answer_stops_it_alone() -> None:
    both = (*negotiating(), an_offer(), an_offer(by=BUYER, offer="o2"))
    assert set(fold(*both).clocks) == {"offer:o1", "offer:o2"}
    assert set(fold(*both, declined()).clocks) == {"offer:o2"}
    given(*both).when(expire("o3", 5000)).then_refused(ClockNotDue)


def test_a_settlement_stops_every_clock() -> None:
    assert not fold(*negotiating(), an_offer(), an_offer(by=BUYER, offer="o2"), a_settlement()).clocks

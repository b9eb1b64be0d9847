from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as for_all
from pydantic import ValidationError

from domain.calendars import ClockName
from domain.dispute import correction, evidence, intake, negotiation, remedy
from domain.dispute.award import AwardsIncomplete
from domain.dispute.correction import CorrectionKind
from domain.dispute.intake import (
    AmountTooHigh,
    Answer,
    Asked,
    LinesClaimedTwice,
    NoLineLeft,
    NotAParty,
    RemedyNotOpen,
    TooManyClaims,
    UnknownReason,
)
from domain.dispute.negotiation import OfferDeclined, OfferNotOpen, OfferState, TermsIncomplete
from domain.dispute.outside import RefundSource
from domain.dispute.stages import ClockNotDue, NotOpenForThis, Stage
from domain.intake.order import UnknownLine
from domain.kernel import Actor, Role
from domain.money import CurrenciesDiffer
from domain.playbook.playbook import Nature, RemedyKind
from domain.playbook.remedies import AmountNotFree, FreightExceeded
from tests.support import builders
from tests.support.builders import (
    ARBITRATOR,
    BUYER,
    COMMITMENT,
    FILED_AT,
    MERCHANT,
    OTHER_BUYER,
    OTHER_MERCHANT,
    PLATFORM_MACHINE,
    SENIOR,
    a_claim_added,
    a_claim_asked,
    a_corrected_award,
    a_filed_dispute,
    a_lapse,
    a_playbook,
    a_response,
    a_ruling,
    a_term,
    an_award_sought,
    an_escalation,
    an_intervention,
    an_offer,
    an_order,
    appealed,
    awaiting,
    cny,
    decided,
    digest,
    eur,
    hours,
    negotiating,
    reasons_with,
    remedies_of,
    served,
    taken_in_hand,
    two_claims_asked,
    under_review,
)
from tests.support.given import clock_of, fold, given
from tests.support.walk import Life, lives

UNDEFAULTED = a_playbook(defaults=[])  # silence brings the platform in and decides nothing


def file(*asked: Asked, **changes: Any) -> Any:
    return lambda _: a_filed_dispute(*asked, **changes)


def test_a_dispute_is_filed_on_the_order_as_it_was_bought() -> None:
    filed = a_filed_dispute()
    assert (filed.order, filed.order_digest) == (an_order(), an_order().digest())
    assert (filed.platform, filed.by, filed.at, filed.draw_commitment) == ("common", BUYER, FILED_AT, COMMITMENT)


def test_a_dispute_is_pinned_to_the_version_of_the_rules_in_force_when_it_is_filed() -> None:
    filed = a_filed_dispute(playbook=a_playbook(version="7"), playbook_digest=digest("the file of 7"))
    assert (filed.playbook_version, filed.playbook_digest) == ("7", digest("the file of 7"))


def test_the_buyer_is_told_where_to_keep_the_goods() -> None:
    assert a_filed_dispute().custody == a_playbook().custody


def test_the_filing_starts_the_platforms_clock_to_tell_the_merchant_and_not_the_merchants() -> None:
    filed = a_filed_dispute()
    assert filed.notice_clock == a_playbook().start(ClockName.NOTICE, FILED_AT)
    assert (fold(filed).stage, clock_of(fold(filed))) == (Stage.AWAITING_RESPONSE, filed.notice_clock)


def test_who_names_no_amount_asks_for_the_whole_price_paid_for_the_lines() -> None:
    [claim] = a_filed_dispute(a_claim_asked(lines=("1", "2"))).claims
    assert (claim.id, claim.nature, claim.paid, claim.asked) == ("c1", Nature.QUALITY, cny(5981), cny(5981))


def test_each_claim_is_about_the_price_of_its_own_lines() -> None:
    mangoes, grapes = a_filed_dispute(*two_claims_asked()).claims
    assert (mangoes.id, mangoes.paid, mangoes.asked) == ("c1", cny(3980), cny(3980))
    assert (grapes.id, grapes.paid, grapes.asked) == ("c2", cny(2001), cny(1000))


@pytest.mark.parametrize("remedy", [RemedyKind.REFUND_ONLY, RemedyKind.PARTIAL_REFUND])
@pytest.mark.parametrize("minor", [3981, 0, -1])
def test_nobody_asks_for_nothing_or_for_more_than_was_paid(minor: int, remedy: RemedyKind) -> None:
    asked = a_claim_asked(remedy=remedy, amount=cny(minor))
    given().when(file(asked)).then_refused(AmountTooHigh, at_most=3980, currency="CNY")


def test_who_asks_for_what_the_playbook_computes_asks_for_just_that() -> None:
    given().when(file(a_claim_asked(amount=cny(3979)))).then_refused(AmountNotFree, amount=3980, currency="CNY")


def test_who_leaves_an_open_amount_open_asks_for_as_much_as_the_playbook_gives() -> None:
    [claim] = a_filed_dispute(a_claim_asked(remedy=RemedyKind.PARTIAL_REFUND)).claims
    assert claim.asked == cny(3980)


def test_the_whole_price_may_be_asked_by_name() -> None:
    assert a_filed_dispute(a_claim_asked(amount=cny(3980))).claims[0].asked == cny(3980)


def test_one_asks_in_the_currency_of_the_order() -> None:
    given().when(file(a_claim_asked(amount=eur(1)))).then_refused(CurrenciesDiffer)


@pytest.mark.parametrize(
    "by",
    [OTHER_BUYER, MERCHANT, ARBITRATOR, Actor(role=Role.MERCHANT, id=BUYER.id), Actor(role=Role.ADMIN, id=BUYER.id)],
)
def test_only_the_buyer_of_the_order_files(by: Actor) -> None:
    given().when(file(by=by)).then_refused(NotAParty)


def test_a_reason_is_one_that_the_playbook_knows() -> None:
    known = [one.id for one in a_playbook().reasons]
    given().when(file(a_claim_asked(reason="bad_mood"))).then_refused(UnknownReason, reason="bad_mood", known=known)


def test_a_remedy_is_one_that_the_playbook_opens_for_the_reason() -> None:
    rules = a_playbook(reasons=reasons_with("partial_refund"))
    given().when(file(playbook=rules)).then_refused(RemedyNotOpen, remedy="refund_only", open=["partial_refund"])


def test_a_claim_is_about_lines_that_the_order_has() -> None:
    given().when(file(a_claim_asked(lines=("1", "9")))).then_refused(UnknownLine, lines=["9"], known=["1", "2"])
    given().when(file(a_claim_asked(lines=("9",)))).then_refused(UnknownLine, lines=["9"])


@pytest.mark.parametrize("lines", [("1", "1"), ("2", "1")])
def test_no_line_is_claimed_twice_in_one_filing(lines: tuple[str, ...]) -> None:
    asked = (a_claim_asked(lines=lines), a_claim_asked(lines=("2",)))
    given().when(file(*asked)).then_refused(LinesClaimedTwice)


def test_a_filing_has_a_claim_and_at_most_twenty() -> None:
    order = an_order(lines=tuple(an_order().lines[0].model_copy(update={"id": str(n)}) for n in range(21)))
    asked = tuple(a_claim_asked(lines=(str(n),)) for n in range(21))
    assert len(a_filed_dispute(*asked[:20], order=order).claims) == 20
    with pytest.raises(ValidationError):
        a_filed_dispute(*asked, order=order)


def respond(answer: Answer = Answer.CONTEST, by: Actor = MERCHANT) -> Any:
    return lambda dispute: intake.respond(dispute, answer, "口味不是退款理由", by=by, at=hours(2))


def test_the_merchant_answers_and_its_clock_stops() -> None:
    given(*awaiting()).when(respond()).then(a_response())
    assert (fold(*negotiating()).stage, clock_of(fold(*negotiating()))) == (Stage.NEGOTIATION, None)
    assert fold(*negotiating()).intake.response == a_response()


@pytest.mark.parametrize("by", [BUYER, OTHER_MERCHANT, ARBITRATOR, Actor(role=Role.ADMIN, id=MERCHANT.id)])
def test_only_the_merchant_of_the_order_answers(by: Actor) -> None:
    given(*awaiting()).when(respond(by=by)).then_refused(NotAParty)


def test_the_merchant_answers_once() -> None:
    given(*negotiating()).when(respond()).then_refused(
        NotOpenForThis, stage="negotiation", done_in=["awaiting_response"]
    )


def test_the_merchant_may_answer_late_as_long_as_its_silence_is_not_recorded() -> None:
    late = given(*served()).when(
        lambda dispute: intake.respond(dispute, Answer.CONTEST, "在", by=MERCHANT, at=hours(49))
    )
    assert late.happened[0].at == hours(49)
    given(*served(), a_lapse(hours(49))).when(respond()).then_refused(NotOpenForThis, stage="under_review")


def expire(clock: ClockName, at_hours: float) -> Any:
    return lambda dispute: builders.expire(dispute, clock, hours(at_hours), UNDEFAULTED)


def test_silence_is_recorded_with_its_arithmetic_and_the_platform_has_the_case() -> None:
    lapsed = a_lapse(hours(50))
    given(*served()).when(expire(ClockName.ANSWER, 50)).then(lapsed)
    state = fold(*served(), lapsed)
    assert (state.stage, clock_of(state), state.intake.lapsed) == (Stage.UNDER_REVIEW, None, lapsed)
    assert lapsed.clock.due_at == FILED_AT + timedelta(hours=48)


def test_nobody_is_silent_before_the_clock_has_run_out() -> None:
    given(*served()).when(expire(ClockName.ANSWER, 47.99)).then_refused(ClockNotDue)


@pytest.mark.parametrize("clock", [ClockName.ANSWER, ClockName.APPEAL])
def test_a_clock_that_does_not_run_does_not_expire(clock: ClockName) -> None:
    given(*negotiating()).when(expire(clock, 5000)).then_refused(ClockNotDue)


def test_the_answer_clock_does_not_expire_in_the_name_of_another() -> None:
    given(*served()).when(expire(ClockName.APPEAL, 5000)).then_refused(ClockNotDue)


def test_each_party_stands_for_its_own_side_and_nobody_else_for_any() -> None:
    case = fold(*under_review()).intake
    assert (case.side_of(BUYER), case.side_of(MERCHANT)) == (Role.BUYER, Role.MERCHANT)
    for stranger in (OTHER_BUYER, OTHER_MERCHANT, ARBITRATOR, SENIOR, Actor(role=Role.BUYER, id=MERCHANT.id)):
        assert case.side_of(stranger) is None


def test_a_claim_is_found_by_its_id() -> None:
    case = fold(*awaiting(*two_claims_asked())).intake
    assert case.claim("c2") == case.filed.claims[1]
    assert case.claim("c3") is None


def test_every_remedy_that_the_common_playbook_opens_for_a_reason_can_be_asked() -> None:
    for reason in a_playbook().reasons:
        for kind in reason.for_parties:
            assert a_filed_dispute(a_claim_asked(reason=reason.id, remedy=kind)).claims[0].remedy is kind


def add(line: str = "2", by: Actor = BUYER, **changes: Any) -> Any:
    asked = a_claim_asked(lines=(line,), **({"statement": "葡萄也烂了"} | changes))
    return lambda dispute: intake.add_claim(dispute, a_playbook(), asked, by=by, at=hours(3))


def test_the_buyer_adds_a_claim_for_further_lines_while_the_parties_negotiate() -> None:
    added = given(*negotiating()).when(add()).happened[0]
    assert (added.claim.id, added.claim.lines, added.claim.paid, added.claim.asked) == (
        "c2",
        ("2",),
        cny(2001),
        cny(2001),
    )
    state = fold(*negotiating(), added)
    assert [one.id for one in state.intake.claims] == ["c1", "c2"]
    assert (state.stage, state.intake.claim("c2")) == (Stage.NEGOTIATION, added.claim)


@pytest.mark.parametrize("before", [awaiting(), served(), under_review(), taken_in_hand(), decided(), appealed()])
def test_no_claim_is_added_before_the_answer_or_once_the_platform_was_called(before: Any) -> None:
    given(*before).when(add()).then_refused(NotOpenForThis, done_in=["negotiation"])


@pytest.mark.parametrize("by", [MERCHANT, OTHER_BUYER, ARBITRATOR])
def test_only_the_buyer_adds_a_claim(by: Actor) -> None:
    given(*negotiating()).when(add(by=by)).then_refused(NotAParty)


def test_an_added_claim_keeps_the_rules_of_filing() -> None:
    given(*negotiating()).when(add(reason="bad_mood")).then_refused(UnknownReason)
    given(*negotiating()).when(add("9")).then_refused(UnknownLine)
    given(*negotiating()).when(add(amount=cny(2002))).then_refused(AmountTooHigh)
    twice = a_claim_asked(lines=("2", "2"))
    given(*negotiating()).when(
        lambda dispute: intake.add_claim(dispute, a_playbook(), twice, by=BUYER, at=hours(3))
    ).then_refused(LinesClaimedTwice)


def test_no_claim_is_added_where_every_line_of_the_order_is_claimed() -> None:
    given(*negotiating(*two_claims_asked())).when(add()).then_refused(NoLineLeft)
    given(*negotiating(), a_claim_added()).when(add()).then_refused(NoLineLeft)


def test_a_dispute_has_a_limited_number_of_claims_however_they_came() -> None:
    order = an_order(lines=tuple(an_order().lines[0].model_copy(update={"id": str(n)}) for n in range(1, 22)))
    asked = tuple(a_claim_asked(lines=(str(n),)) for n in range(1, 20))
    nineteen = (a_filed_dispute(*asked, order=order), a_response())
    [last] = given(*nineteen).when(add("20")).happened
    given(*nineteen, last).when(add("21")).then_refused(TooManyClaims, at_most=20)


def test_open_offers_lapse_with_a_claim_that_they_do_not_name_and_their_clocks_stop() -> None:
    offers = (an_offer(), an_offer(by=BUYER, offer="o2"), an_offer(offer="o3"))
    declined = OfferDeclined(offer="o1", reason="太少了", by=BUYER, at=hours(3))
    state = fold(*negotiating(), *offers, declined, a_claim_added())
    assert [one.state for one in state.negotiation.offers] == [
        OfferState.DECLINED,
        OfferState.EXPIRED,
        OfferState.EXPIRED,
    ]
    assert state.clocks == {}
    given(*negotiating(), *offers, a_claim_added()).when(
        lambda dispute: negotiation.accept_offer(dispute, "o3", by=BUYER, at=hours(4))
    ).then_refused(OfferNotOpen, state="expired")


def test_what_comes_after_an_added_claim_is_about_every_claim() -> None:
    before = (*negotiating(), a_claim_added())
    given(*before).when(
        lambda dispute: negotiation.make_offer(dispute, a_playbook(), (a_term(),), "退", by=MERCHANT, at=hours(4))
    ).then_refused(TermsIncomplete, claims=["c1", "c2"])
    in_hand = (*before, an_escalation(), *an_intervention())
    given(*in_hand).when(lambda _: a_ruling(before=in_hand)).then_refused(AwardsIncomplete, claims=["c1", "c2"])
    both = a_ruling(an_award_sought(), an_award_sought(claim="c2"), before=in_hand)
    assert [one.lines[0].amount for one in both.awards] == [cny(3980), cny(2001)]
    assert {one.claim for one in evidence.missing(fold(*before), a_playbook())} == {"c1", "c2"}
    reported = remedy.report_refund(
        fold(*before), {}, "c2", cny(1), RefundSource.CHARGEBACK, "t", by=PLATFORM_MACHINE, at=hours(4)
    )
    assert reported[0]
    slip = (a_corrected_award("c2", facts="葡萄烂了"),)
    corrected = correction.correct(
        fold(*in_hand, both), a_playbook(), "r1", CorrectionKind.TYPING, slip, None, "错字", by=ARBITRATOR, at=hours(8)
    )
    assert corrected


@for_all(lives())
def test_no_line_is_claimed_twice_whatever_is_added(life: Life) -> None:
    """Invariant 18: each claim is about the price of its own lines."""
    claims = life.dispute.intake.claims
    lines = [line for one in claims for line in one.lines]
    assert len(lines) == len(set(lines))
    assert [one.id for one in claims] == [f"c{number}" for number in range(1, len(claims) + 1)]
    assert all(one.paid == life.dispute.intake.filed.order.paid_for(one.lines) for one in claims)


def test_nobody_asks_for_a_subsidy_of_the_platform() -> None:
    opened = ["refund_only", "partial_refund", "freight_refund", "coupon", "goodwill_transfer"]
    given().when(file(a_claim_asked(remedy=RemedyKind.PLATFORM_SUBSIDY, amount=cny(1)))).then_refused(
        RemedyNotOpen, remedy="platform_subsidy", open=opened
    )


@pytest.mark.parametrize(("minor", "asked"), [(None, 5000), (4999, 4999), (5000, 5000)])
def test_a_coupon_is_asked_for_up_to_its_cap(minor: int | None, asked: int) -> None:
    amount = None if minor is None else cny(minor)
    [claim] = a_filed_dispute(a_claim_asked(remedy=RemedyKind.COUPON, amount=amount)).claims
    assert claim.asked == cny(asked)
    given().when(file(a_claim_asked(remedy=RemedyKind.COUPON, amount=cny(5001)))).then_refused(
        AmountTooHigh, at_most=5000
    )


def test_the_freight_is_asked_for_once() -> None:
    freight = [a_claim_asked(lines=(line,), remedy=RemedyKind.FREIGHT_REFUND) for line in ("1", "2")]
    assert [one.asked for one in a_filed_dispute(*freight).claims] == [cny(399), cny(201)]
    whole = a_playbook(remedies=remedies_of("freight_refund", of="freight"))
    given().when(file(*freight, playbook=whole)).then_refused(FreightExceeded, amount=1200, at_most=600)

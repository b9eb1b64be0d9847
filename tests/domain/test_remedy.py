from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as for_all

from domain.calendars import ClockName
from domain.dispute import remedy
from domain.dispute.intake import Closed, Outcome
from domain.dispute.remedy import LineNotOpen, RemedyConfirmed, RemedyOrdered, payout_id
from domain.dispute.stages import Stage
from domain.kernel import Event
from domain.money import Tender, total
from domain.playbook.playbook import REFUNDS, RemedyKind
from tests.support.builders import (
    DISPUTE,
    ELSEWHERE,
    PLATFORM,
    a_dismissal_sought,
    a_ruling,
    a_settlement,
    an_award_sought,
    cny,
    decided,
    expire,
    hours,
    negotiating,
    taken_in_hand,
    two_claims_asked,
)
from tests.support.given import fold, given
from tests.support.money import SAME_CLAIM, SECOND, a_remedy_ordered, at_decision, compensated, paid, pay, settled
from tests.support.walk import Life, lives


def test_the_last_payment_of_a_settlement_compensates_its_claim_and_closes_the_dispute() -> None:
    closed = Closed(outcome=Outcome.SETTLED, at=hours(9))
    given(*settled()).when(pay()).then(paid(), compensated(), closed)
    state = fold(*settled(), paid(), compensated(), closed)
    assert (state.stage, state.intake.closed, state.remedy.compensated) == (Stage.CLOSED, closed, {"c1": compensated()})


def test_a_claim_is_compensated_by_all_of_its_lines_and_the_dispute_waits_for_the_others() -> None:
    given(*settled(a_remedy_ordered(), SECOND)).when(pay()).then(paid(), compensated())
    given(*settled(a_remedy_ordered(), SAME_CLAIM)).when(pay()).then(paid())
    given(*settled(a_remedy_ordered(), SAME_CLAIM), paid()).when(pay("l2")).then(
        paid("l2", 700), compensated("c1", 2200), Closed(outcome=Outcome.SETTLED, at=hours(9))
    )
    given(*settled(a_remedy_ordered(), SECOND), paid("l2", 700), compensated("c2", 700)).when(pay()).then(
        paid(), compensated(), Closed(outcome=Outcome.SETTLED, at=hours(9))
    )


def test_a_line_is_paid_once() -> None:
    given(*settled(a_remedy_ordered(), SECOND), paid()).when(pay()).then_refused(LineNotOpen, line="l1")


def test_a_line_that_was_never_ordered_is_not_paid() -> None:
    given(*settled()).when(pay("l2")).then_refused(LineNotOpen, line="l2")


@pytest.mark.parametrize("before", [negotiating(), decided()])
def test_nothing_is_paid_before_it_is_ordered(before: tuple[Event, ...]) -> None:
    given(*before).when(pay()).then_refused(LineNotOpen, line="l1")


def test_the_last_payment_of_a_final_ruling_closes_the_dispute_as_decided() -> None:
    before = decided()
    final = expire(fold(*before), ClockName.APPEAL, hours(200))
    given(*before, *final).when(pay()).then(
        paid(minor=3980), compensated(minor=3980), Closed(outcome=Outcome.DECIDED, at=hours(9))
    )


def test_what_is_paid_at_the_decision_closes_the_dispute_only_when_the_ruling_is_final() -> None:
    given(*at_decision()).when(pay()).then(paid(minor=3980), compensated(minor=3980))
    carried_out = (*at_decision(), paid(minor=3980), compensated(minor=3980))
    assert fold(*carried_out).stage is Stage.CARRYING_OUT
    final, closed = expire(fold(*carried_out), ClockName.APPEAL, hours(200))
    assert closed == Closed(outcome=Outcome.DECIDED, at=hours(200))
    assert fold(*carried_out, final, closed).stage is Stage.CLOSED


def test_what_is_paid_after_the_final_ruling_closes_the_dispute_whenever_it_was_ordered() -> None:
    final = expire(fold(*at_decision()), ClockName.APPEAL, hours(200))
    assert given(*at_decision(), *final).when(pay()).happened[-1] == Closed(outcome=Outcome.DECIDED, at=hours(9))


def test_a_dismissal_at_the_decision_closes_the_dispute_when_it_is_final() -> None:
    before = at_decision(a_dismissal_sought())
    assert fold(*before).stage is Stage.DECIDED
    assert expire(fold(*before), ClockName.APPEAL, hours(200))[-1] == Closed(outcome=Outcome.DECIDED, at=hours(200))


def test_the_lines_of_a_ruling_are_numbered_over_all_claims() -> None:
    before = taken_in_hand(*two_claims_asked())
    confirmed = a_ruling(an_award_sought(), an_award_sought(claim="c2"), before=before)
    ordered: Any = remedy.order_ruled(fold(*before, confirmed), DISPUTE, confirmed, at=hours(8))
    assert [(one.line, one.claim, one.amount) for one in ordered] == [
        ("l1", "c1", cny(3980)),
        ("l2", "c2", cny(2001)),
    ]
    assert [one.payout for one in ordered] == [payout_id(DISPUTE, "l1"), payout_id(DISPUTE, "l2")]


def test_lines_are_numbered_on_from_what_was_ordered_so_that_no_payout_is_named_twice() -> None:
    before = settled(a_remedy_ordered(), SECOND)
    ruled: Any = remedy.order_ruled(fold(*before), DISPUTE, a_ruling(), at=hours(8))
    agreed: Any = remedy.order_settled(fold(*before), DISPUTE, a_settlement())
    for third in (ruled[-1], agreed[-1]):
        assert (third.line, third.payout) == ("l3", payout_id(DISPUTE, "l3"))


def test_a_payout_is_the_same_for_the_same_line_and_another_for_any_other() -> None:
    assert payout_id(DISPUTE, "l1") == payout_id(DISPUTE, "l1")
    assert len({payout_id(DISPUTE, "l1"), payout_id(DISPUTE, "l2"), payout_id(ELSEWHERE, "l1")}) == 3


def test_a_payout_is_ordered_with_what_the_remedy_line_says() -> None:
    line = a_remedy_ordered()
    ordered = remedy.payout_of(PLATFORM, DISPUTE, line)
    shared = set(RemedyOrdered.model_fields) & set(type(ordered).model_fields)
    assert shared == {"line", "claim", "payer", "payer_id", "payee", "payee_id", "amount", "at"}
    assert ordered.model_dump(include=shared) == line.model_dump(include=shared)
    assert (ordered.platform, ordered.dispute) == (PLATFORM, DISPUTE)


@pytest.mark.parametrize("kind", list(RemedyKind))
def test_a_coupon_is_paid_by_being_given_and_everything_else_in_money(kind: RemedyKind) -> None:
    ordered = a_remedy_ordered().model_copy(update={"remedy": kind})
    tender = Tender.COUPON if kind is RemedyKind.COUPON else Tender.MONEY
    assert remedy.payout_of(PLATFORM, DISPUTE, ordered).tender is tender


def test_an_order_that_was_carried_out_is_found_by_its_line() -> None:
    state = fold(*settled(a_remedy_ordered(), SECOND), paid()).remedy
    assert (state.ordered, state.confirmed) == ({"l1": a_remedy_ordered(), "l2": SECOND}, {"l1": paid()})


@for_all(lives())
def test_a_claim_is_never_paid_more_than_was_paid_for_it_or_awarded(life: Life) -> None:
    dispute = life.dispute
    for claim in dispute.intake.claims:
        lines = dispute.remedy.lines_of(claim.id)
        ordered = total((one.amount + one.credited for one in lines), "CNY")
        of_price = total((one.amount + one.credited for one in lines if one.remedy in REFUNDS), "CNY")
        assert of_price <= claim.paid
        for one in lines:
            if one.remedy not in {*REFUNDS, RemedyKind.FREIGHT_REFUND}:
                cap = life.playbook.remedy(one.remedy).cap("CNY")  # type: ignore[union-attr]
                assert cap is not None
                assert one.amount + one.credited <= cap
        assert all(one.amount.minor >= 0 <= one.credited.minor for one in lines)
        if lines and dispute.ruling.decision and not dispute.negotiation.settled and not dispute.closing.earlier:
            awarded = [
                line.amount for one in dispute.ruling.decision.awards if one.claim == claim.id for line in one.lines
            ]
            assert ordered <= total(awarded, "CNY")
        for tender in Tender:
            credited = total((one.credited for one in lines if one.remedy.tender is tender), "CNY")
            had = dispute.remedy.outside(claim.id, "CNY", tender) + dispute.remedy.held(claim.id, "CNY", tender)
            assert credited <= had


@for_all(lives())
def test_the_freight_of_an_order_is_given_back_once(life: Life) -> None:
    lines = [one for one in life.dispute.remedy.in_force() if one.remedy is RemedyKind.FREIGHT_REFUND]
    freight = total((one.amount + one.credited for one in lines), "CNY")
    assert freight <= life.dispute.intake.filed.order.freight


@for_all(lives())
def test_a_compensated_claim_was_paid_exactly_its_lines(life: Life) -> None:
    state = life.dispute.remedy
    for claim, done in state.compensated.items():
        lines = state.lines_of(claim)
        assert all(state.is_done(one) for one in lines)
        assert done.paid == total(
            (one.amount for line, one in state.confirmed.items() if state.ordered[line] in lines), "CNY"
        )
    assert all(one.amount == state.ordered[line].amount for line, one in state.confirmed.items())
    confirmed = [event.line for event in life.events if isinstance(event, RemedyConfirmed)]
    assert len(confirmed) == len(set(confirmed))

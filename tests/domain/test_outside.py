from __future__ import annotations

from typing import Any

import pytest

from domain.calendars import ClockName
from domain.dispute import dispute as disputes
from domain.dispute import remedy
from domain.dispute.intake import Closed, Outcome, UnknownClaim
from domain.dispute.outside import NothingRefunded, RefundReportedOtherwise, RefundSource
from domain.dispute.recovery import RemedyStopped
from domain.dispute.remedy import Compensated, LineNotOpen, RemedyOrdered
from domain.dispute.stages import Stage
from domain.kernel import Role
from domain.money import CurrenciesDiffer, Tender
from domain.playbook.playbook import RemedyKind
from domain.remedy.payout import Payout
from tests.support.builders import (
    DISPUTE,
    MERCHANT,
    PLATFORM,
    PLATFORM_MACHINE,
    a_playbook,
    a_ruling,
    a_settlement,
    an_award_sought,
    cny,
    decided,
    eur,
    expire,
    hours,
    negotiating,
    taken_in_hand,
    two_claims_asked,
)
from tests.support.given import fold, given
from tests.support.money import (
    SAME_CLAIM,
    SECOND,
    a_refund_reported,
    a_remedy_ordered,
    compensated,
    paid,
    pay,
    settled,
)

REFUND = RefundSource.MERCHANT_TRANSFER


def report(minor: int, claim: str = "c1", reference: str = "t-1", money: Any = None, **changes: Any) -> Any:
    """The payouts of `money` can be reduced: unless the test says otherwise that of every line that waits."""
    fields: dict[str, Any] = {"amount": cny(minor), "source": REFUND} | changes

    def act(dispute: Any) -> Any:
        lines = dispute.remedy.ordered.values()
        waiting = {one.line: Payout(remedy.payout_of(PLATFORM, DISPUTE, one)) for one in lines}
        return remedy.report_refund(
            dispute,
            waiting if money is None else money,
            claim,
            fields["amount"],
            fields["source"],
            reference,
            by=PLATFORM_MACHINE,
            at=hours(9),
        )[0]

    return act


def test_a_refund_from_outside_is_a_fact_before_anything_is_decided_and_counts_when_lines_are_ordered() -> None:
    given(*negotiating()).when(report(1000)).then(a_refund_reported(1000))
    ruled = (*decided()[:-1], a_refund_reported(1000), decided()[-1])
    _, ordered = expire(fold(*ruled), ClockName.APPEAL, hours(200))
    assert isinstance(ordered, RemedyOrdered)
    assert (ordered.amount, ordered.credited) == (cny(2980), cny(1000))
    [agreed] = remedy.order_settled(fold(*negotiating(), a_refund_reported(1000)), DISPUTE, a_settlement())
    assert isinstance(agreed, RemedyOrdered)
    assert (agreed.amount, agreed.credited) == (cny(500), cny(1000))


def test_what_covered_one_line_covers_no_other() -> None:
    before = (*taken_in_hand(*two_claims_asked()), a_refund_reported(5000))
    confirmed = a_ruling(an_award_sought(), an_award_sought(claim="c2"), before=before)
    first, second, *_ = remedy.order_ruled(fold(*before, confirmed), DISPUTE, confirmed, at=hours(8))
    assert isinstance(first, RemedyOrdered)
    assert isinstance(second, RemedyOrdered)
    assert (first.amount, first.credited, second.amount) == (cny(0), cny(3980), cny(2001))
    twice = (*settled(a_remedy_ordered()), a_refund_reported(2000, ("l1", 1500)))
    waiting = (*twice, a_remedy_ordered("l2", "c1", cny(900)))
    assert fold(*waiting).remedy.credit_left("c1", "CNY", Tender.MONEY, MERCHANT.id) == cny(500)


def test_an_agreement_that_is_wholly_covered_is_carried_out_at_once() -> None:
    before = (*negotiating(), a_refund_reported(1500))
    ordered, *followed = remedy.order_settled(fold(*before), DISPUTE, a_settlement())
    nothing, closed = Compensated(claim="c1", paid=cny(0), at=hours(4)), Closed(outcome=Outcome.SETTLED, at=hours(4))
    assert followed == [nothing, closed]
    assert fold(*before, a_settlement(), ordered, *followed).stage is Stage.CLOSED


def test_a_ruling_that_is_wholly_covered_ends_the_dispute_when_it_is_final_and_not_before() -> None:
    refund = a_refund_reported(3980)
    final = (*decided(), refund)
    *_, closed = expire(fold(*final), ClockName.APPEAL, hours(200))
    assert closed == Closed(outcome=Outcome.DECIDED, at=hours(200))
    rules = a_playbook(remedies_start="at_decision")
    before = (*taken_in_hand(playbook=rules), refund)
    at_once = disputes.decide(fold(*before), DISPUTE, a_ruling(before=before, playbook=rules))
    assert at_once[-1] == Compensated(claim="c1", paid=cny(0), at=hours(7))
    ended = expire(fold(*before, *at_once), ClockName.APPEAL, hours(200))
    assert ended[-1] == Closed(outcome=Outcome.DECIDED, at=hours(200))


def test_a_refund_is_taken_off_what_waits_and_what_is_left_is_paid() -> None:
    given(*settled()).when(report(400)).then(a_refund_reported(400, ("l1", 400)))
    before = (*settled(), a_refund_reported(400, ("l1", 400)))
    given(*before).when(pay()).then(
        paid(minor=1100), compensated(minor=1100), Closed(outcome=Outcome.SETTLED, at=hours(9))
    )
    line = fold(*before).remedy.ordered["l1"]
    assert (line.amount, line.credited) == (cny(1100), cny(400))


def test_a_refund_of_all_that_waits_compensates_and_closes() -> None:
    closed = Closed(outcome=Outcome.SETTLED, at=hours(9))
    given(*settled()).when(report(1500)).then(a_refund_reported(1500, ("l1", 1500)), compensated(minor=0), closed)
    given(*settled(a_remedy_ordered(), SAME_CLAIM)).when(report(2000)).then(
        a_refund_reported(2000, ("l1", 1500), ("l2", 500))
    )
    given(*settled(a_remedy_ordered(), SECOND)).when(report(1500)).then(
        a_refund_reported(1500, ("l1", 1500)), compensated(minor=0)
    )
    given(*settled(a_remedy_ordered(), SAME_CLAIM), a_refund_reported(1500, ("l1", 1500))).when(pay()).then_refused(
        LineNotOpen, line="l1"
    )


def test_what_is_on_its_way_or_paid_is_left_alone_and_shows_as_overpaid() -> None:
    given(*settled()).when(report(400, money={})).then(a_refund_reported(400))
    before = (*settled(), a_refund_reported(400))
    assert fold(*before).remedy.overpaid("c1", "CNY") == cny(0)
    assert fold(*before, paid()).remedy.overpaid("c1", "CNY") == cny(400)
    assert fold(*before, paid()).remedy.overpaid("c2", "CNY") == cny(0)
    assert fold(*settled(), paid()).remedy.overpaid("c1", "CNY") == cny(0)


def test_what_was_left_of_an_earlier_refund_is_taken_off_with_the_next() -> None:
    before = (*settled(), a_refund_reported(400))
    given(*before).when(report(100, reference="t-2")).then(a_refund_reported(100, ("l1", 500), ref="t-2"))


def test_more_than_was_awarded_is_a_fact_but_covers_no_more_than_is_open() -> None:
    reported, *_ = given(*settled()).when(report(9000)).happened
    assert reported == a_refund_reported(9000, ("l1", 1500))
    assert fold(*settled(), reported).remedy.overpaid("c1", "CNY") == cny(7500)


COUPON = a_remedy_ordered("l2", "c1", cny(700)).model_copy(update={"remedy": RemedyKind.COUPON})


def test_money_from_outside_covers_no_coupon() -> None:
    reported, done = given(*settled(COUPON, a_remedy_ordered()), paid("l2", 700)).when(report(1800)).happened[:2]
    assert (reported, done) == (a_refund_reported(1800, ("l1", 1500)), compensated(minor=700))
    state = fold(*settled(COUPON, a_remedy_ordered()), paid("l2", 700), reported).remedy
    assert state.overpaid("c1", "CNY") == cny(300)
    assert (state.ordered["l2"].credited, state.credit_left("c1", "CNY", Tender.COUPON, MERCHANT.id)) == (
        cny(0),
        cny(0),
    )


def test_what_one_payer_paid_before_makes_the_line_of_another_no_smaller() -> None:
    """The merchant paid 1,500 under a line that was stopped and owes 500 now; the platform owes 700."""
    stopped = RemedyStopped(line="l1", claim="c1", paid=cny(1500), unpaid=cny(0), at=hours(9))
    merchants = a_remedy_ordered("l2", "c1", cny(0)).model_copy(update={"credited": cny(500)})
    platforms = a_remedy_ordered("l3", "c1", cny(700)).model_copy(
        update={"payer": Role.PLATFORM, "payer_id": PLATFORM, "remedy": RemedyKind.PLATFORM_SUBSIDY}
    )
    before = (*settled(), paid(), stopped, merchants, platforms)
    reported, *_ = given(*before).when(report(600)).happened
    assert reported == a_refund_reported(600, ("l3", 100))  # the first 500 cover the merchant's line


def test_what_money_from_outside_alone_covers_stays_covered_by_it() -> None:
    """The platform's line was covered from outside when the merchant's payment of before came to light."""
    platforms = a_remedy_ordered("l2", "c1", cny(0)).model_copy(
        update={"payer": Role.PLATFORM, "payer_id": PLATFORM, "credited": cny(300)}
    )
    merchants = a_remedy_ordered("l3", "c1", cny(0)).model_copy(update={"credited": cny(400)})
    stopped = RemedyStopped(line="l1", claim="c1", paid=cny(0), unpaid=cny(1500), at=hours(9))
    before = (*settled(), stopped, merchants, platforms, a_refund_reported(300), paid())
    covered = fold(*before).remedy.covered_outside("c1", "CNY", Tender.MONEY)
    assert covered == {MERCHANT.id: cny(0), PLATFORM: cny(300)}


def test_nothing_is_overpaid_before_anything_is_awarded() -> None:
    assert fold(*negotiating(), a_refund_reported(9000)).remedy.overpaid("c1", "CNY") == cny(0)


def test_a_refund_that_was_reported_is_nothing_new() -> None:
    given(*settled(), a_refund_reported(400, ("l1", 400))).when(report(400)).then_nothing()


@pytest.mark.parametrize("changes", [{"amount": cny(401)}, {"claim": "c2"}, {"source": RefundSource.CHARGEBACK}])
def test_a_reference_stands_for_one_refund(changes: dict[str, Any]) -> None:
    before = (*settled(), a_refund_reported(400, ("l1", 400)))
    given(*before).when(report(400, **changes)).then_refused(RefundReportedOtherwise, claim="c1")


def test_a_refund_is_of_something_for_a_claim_in_the_orders_currency() -> None:
    given(*settled()).when(report(400, claim="c9")).then_refused(UnknownClaim, claim="c9", known_claims=["c1", "c2"])
    for minor in (0, -1):
        given(*settled()).when(report(minor)).then_refused(NothingRefunded)
    given(*settled()).when(report(0, amount=eur(400))).then_refused(CurrenciesDiffer, currencies=["CNY", "EUR"])


def test_a_refund_in_another_currency_is_refused_before_anything_is_ordered_too() -> None:
    given(*negotiating()).when(report(0, amount=eur(400))).then_refused(CurrenciesDiffer, currencies=["CNY", "EUR"])

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from application.commands.remedy import PayAgain
from application.policy import NotAllowed, NotThere
from application.ports import Paid, PaymentRefused, PaymentUnknown, StatementEntry
from application.projections import payouts
from domain.dispute.closing import ReopeningGround
from domain.dispute.goodwill import GoodwillUsedUp
from domain.dispute.intake import Answer
from domain.dispute.remedy import payout_id
from domain.dispute.stages import Stage
from domain.kernel import Actor
from domain.money import Tender
from domain.remedy.payout import PayoutConfirmed, PayoutState
from tests.application.test_projections import Payouts, filed_away, follow
from tests.application.test_reconciliation import compared
from tests.support.builders import (
    ARBITRATOR,
    BUYER,
    MERCHANT,
    OTHER_MERCHANT,
    PLATFORM_MACHINE,
    SENIOR,
    a_playbook_file,
    cny,
    hours,
)
from tests.support.house import House, give_goodwill, reopen, respond, reverse_ruling
from tests.support.memory import ScriptedPayments
from tests.support.run import run


def gift(dispute: UUID, line: str = "g1") -> UUID:
    return payout_id(dispute, line)


def test_what_is_given_is_paid_by_a_payout_of_its_own_that_is_ordered_in_the_same_call() -> None:
    house = House()
    dispute = house.contested()
    house.do(give_goodwill(dispute, tender=Tender.COUPON))
    assert house.topics(gift(dispute)) == ["ordered"]
    assert len({one.metadata.command_id for one in house.store.log[-2:]}) == 1
    payments = ScriptedPayments()
    assert house.pay(payments, gift(dispute)) is PayoutState.CONFIRMED
    [(key, order)] = payments.asked
    assert (key, order.amount, order.tender, order.payer_id, order.payee_id) == (
        gift(dispute),
        cny(500),
        Tender.COUPON,
        MERCHANT.id,
        BUYER.id,
    )
    assert house.topics(gift(dispute)) == ["ordered", "sent", "confirmed"]
    assert house.topics(dispute)[-1] == "goodwill_paid"
    assert len({one.metadata.command_id for one in house.store.log[-2:]}) == 1
    assert house.case(dispute).dispute.stage is Stage.NEGOTIATION


def test_what_was_given_once_is_not_given_again_by_a_repeat() -> None:
    house = House()
    dispute = house.contested()
    first = house.do(give_goodwill(dispute))
    again = house.do(give_goodwill(dispute))
    assert (again.version, again.repeated) == (first.version, True)
    assert house.payouts() == [gift(dispute)]


def test_of_two_who_give_the_last_that_may_be_given_one_is_told_that_it_is_used_up() -> None:
    house = House()
    dispute = house.contested()
    other = give_goodwill(dispute, 3980, key="other")

    async def meanwhile() -> None:
        await house.desk.on_dispute(other)

    house.store.meanwhile.append(meanwhile)
    with pytest.raises(GoodwillUsedUp):
        house.do(give_goodwill(dispute, 3980))
    assert house.payouts() == [gift(dispute)]


@pytest.mark.parametrize(("by", "refusal"), [(BUYER, NotAllowed), (ARBITRATOR, NotAllowed), (OTHER_MERCHANT, NotThere)])
def test_the_merchant_gives_and_a_senior_arbitrator_and_nobody_else(by: Actor, refusal: type[Exception]) -> None:
    house = House()
    dispute = house.contested()
    with pytest.raises(refusal):
        house.do(give_goodwill(dispute, by=by))
    with pytest.raises(NotAllowed):
        house.do(give_goodwill(dispute, by=PLATFORM_MACHINE))
    house.do(give_goodwill(dispute, by=SENIOR))
    assert house.payouts() == [gift(dispute)]


def test_a_case_closes_while_goodwill_is_on_its_way_and_its_payment_goes_on() -> None:
    house = House()
    dispute = house.opened()
    house.do(give_goodwill(dispute))
    house.do(respond(dispute, Answer.ACCEPT))
    with pytest.raises(PayAgain):
        house.pay(ScriptedPayments(PaymentRefused("no")), gift(dispute))
    house.pay(ScriptedPayments(), payout_id(dispute, "l1"))
    assert house.case(dispute).dispute.stage is Stage.CLOSED
    house.pay(ScriptedPayments(), gift(dispute))
    assert house.topics(dispute)[-2:] == ["closed", "goodwill_paid"]
    assert house.case(dispute).dispute.stage is Stage.CLOSED


def test_what_the_statement_shows_of_goodwill_is_recorded_as_paid() -> None:
    house = House()
    dispute = house.contested()
    house.do(give_goodwill(dispute))
    payments = ScriptedPayments(PaymentUnknown("no answer"))
    with pytest.raises(PayAgain):
        house.pay(payments, gift(dispute))
    payments.more.append(StatementEntry(str(gift(dispute)), "payment 7", cny(500)))
    assert compared(house, payments).confirmed == 1
    assert house.topics(dispute)[-1] == "goodwill_paid"


def test_another_amount_halts_goodwill_as_it_halts_a_remedy() -> None:
    house = House()
    dispute = house.contested()
    house.do(give_goodwill(dispute))
    assert house.pay(ScriptedPayments(Paid("payment 7", cny(501))), gift(dispute)) is PayoutState.MISMATCHED
    assert house.topics(dispute)[-1] == "goodwill_given"


def test_a_reversal_stops_the_remedy_and_leaves_goodwill_alone() -> None:
    house = House()
    dispute = house.appealed(source=a_playbook_file(remedies_start="at_decision"))
    house.do(give_goodwill(dispute))
    house.do(reverse_ruling(dispute))
    assert (house.topics(payout_id(dispute, "l1"))[-1], house.topics(gift(dispute))) == ("stopped", ["ordered"])
    house.pay(ScriptedPayments(), gift(dispute))
    state = house.case(dispute).dispute
    assert (state.stage, state.remedy.recoveries) == (Stage.CLOSED, {})


def test_money_from_outside_makes_goodwill_no_smaller_and_goodwill_covers_nothing() -> None:
    house = House()
    dispute = house.contested()
    house.do(give_goodwill(dispute))
    house.report(dispute, cny(1000))
    assert house.topics(gift(dispute)) == ["ordered"]
    remedy = house.case(dispute).dispute.remedy
    assert remedy.credit_left("c1", "CNY", Tender.MONEY, MERCHANT.id) == cny(1000)


def test_an_old_case_is_reopened_for_goodwill_and_a_senior_arbitrator_gives_a_coupon() -> None:
    house = House()
    dispute = house.accepted()
    house.pay(ScriptedPayments(), house.payouts()[0])
    house.do(reopen(dispute, ground=ReopeningGround.GOODWILL))
    house.do(give_goodwill(dispute, 3980, Tender.COUPON, by=SENIOR))
    payments = ScriptedPayments()
    house.pay(payments, gift(dispute))
    [(_, order)] = payments.asked
    assert (order.payer, order.payer_id, order.tender) == ("platform", "common", Tender.COUPON)


def test_a_case_shows_how_far_goodwill_has_come_as_of_then() -> None:
    house = House()
    dispute = house.contested()
    house.clock.at = hours(3)
    house.do(give_goodwill(dispute))
    house.clock.at = hours(4)
    house.pay(ScriptedPayments(), gift(dispute))
    now = house.case(dispute)
    shown = run(house.cases.with_payouts(now, now.version))
    assert (shown.payout_state("g1"), shown.dispute.goodwill["g1"].paid is not None) == (PayoutState.CONFIRMED, True)
    then = run(house.cases.load(dispute, now.version - 1))
    assert then is not None
    assert run(house.cases.with_payouts(then, then.version)).payout_state("g1") is PayoutState.ORDERED


def test_the_views_tell_goodwill_from_what_is_claimed() -> None:
    house = House()
    dispute = house.contested()
    house.do(give_goodwill(dispute))
    house.pay(ScriptedPayments(), gift(dispute))
    view = Payouts()
    follow(payouts.project, view, house)
    assert [(one.line, one.claim, one.amount_minor) for one in view.opened] == [("g1", None, 500)]
    assert [one.state for one in view.moves] == [PayoutState.SENT, PayoutState.CONFIRMED]
    filed = filed_away(house)
    assert sum(one.ordered_minor for one in filed.moves) == 0
    assert sum(one.paid_minor for one in filed.moves) == 0


ANSWERS = st.lists(st.sampled_from((PaymentRefused("no"), PaymentUnknown("lost"), None)), max_size=6)


@settings(max_examples=30)
@for_all(answers=ANSWERS, settle_first=st.booleans())
def test_however_its_payment_goes_goodwill_is_paid_once(answers: list[Exception | None], *, settle_first: bool) -> None:
    house = House()
    dispute = house.opened()
    house.do(give_goodwill(dispute))
    if settle_first:
        house.do(respond(dispute, Answer.ACCEPT))
    payments = ScriptedPayments(*(answer or Paid("payment 7", cny(500)) for answer in answers))
    for _ in range(len(answers) + 2):
        try:
            house.pay(payments, gift(dispute))
        except PayAgain:
            continue
    events = [one.event for one in run(house.store.load(gift(dispute)))]
    assert sum(isinstance(one, PayoutConfirmed) for one in events) == 1
    assert house.topics(dispute).count("goodwill_paid") == 1
    assert list(payments.paid) == [gift(dispute)]

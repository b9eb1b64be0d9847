from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import pytest

from application.commands.remedy import PayAgain
from application.ports import Paid, PaymentUnknown, StatementEntry
from application.reconciliation import Discrepancy, Finding, Reconciliation, reconcile
from domain.dispute.stages import Stage
from domain.money import Tender
from domain.remedy.payout import PayoutState
from tests.support.builders import ELSEWHERE, cny, hours
from tests.support.given import fold
from tests.support.house import House
from tests.support.memory import ScriptedPayments
from tests.support.run import run


@dataclass
class View:
    """The view of payouts as it would be now."""

    confirmed: dict[UUID, datetime] = field(default_factory=dict)

    async def confirmed_payouts(self) -> dict[UUID, datetime]:
        return self.confirmed


def to_be_paid(house: House) -> tuple[UUID, UUID]:
    dispute = house.accepted()
    [payout] = house.payouts()
    return dispute, payout


def compared(house: House, payments: ScriptedPayments, view: View | None = None) -> Reconciliation:
    return run(reconcile(house.desk, payments, view or View()))


def state(house: House, payout: UUID) -> PayoutState:
    left: PayoutState = fold(*(one.event for one in run(house.store.load(payout)))).state
    return left


def test_what_was_paid_there_and_never_heard_of_here_is_confirmed_with_the_statements_reference() -> None:
    house = House()
    dispute, payout = to_be_paid(house)
    payments = ScriptedPayments(PaymentUnknown("no answer"))
    with pytest.raises(PayAgain):
        house.pay(payments, payout)
    payments.paid[payout] = Paid("payment 7", cny(3980))
    assert compared(house, payments) == Reconciliation(entries=1, confirmed=1)
    assert house.topics(payout) == ["ordered", "sent", "unknown", "confirmed"]
    assert fold(*(one.event for one in run(house.store.load(payout)))).reference == "payment 7"
    assert house.case(dispute).dispute.stage is Stage.CLOSED
    log = house.store.log
    assert compared(house, payments) == Reconciliation(entries=1)
    assert house.store.log == log


def test_another_amount_halts_the_payout_and_is_found_each_time_until_the_statement_is_right() -> None:
    house = House()
    dispute, payout = to_be_paid(house)
    payments = ScriptedPayments()
    payments.paid[payout] = Paid("payment 7", cny(3981))
    found = Finding(Discrepancy.OTHER_AMOUNT, str(payout), "payment 7", cny(3981), cny(3980))
    assert compared(house, payments) == Reconciliation(entries=1, halted=1, findings=[found])
    assert state(house, payout) is PayoutState.MISMATCHED
    assert compared(house, payments) == Reconciliation(entries=1, findings=[found])
    payments.paid[payout] = Paid("payment 8", cny(3980))
    assert compared(house, payments) == Reconciliation(entries=1, confirmed=1)
    assert house.case(dispute).dispute.stage is Stage.CLOSED


def test_a_confirmed_payout_of_another_amount_there_is_found_and_left_alone() -> None:
    house = House()
    _, payout = to_be_paid(house)
    house.pay(ScriptedPayments(), payout)
    payments = ScriptedPayments()
    payments.paid[payout] = Paid("payment 7", cny(1))
    found = Finding(Discrepancy.OTHER_AMOUNT, str(payout), "payment 7", cny(1), cny(3980))
    assert compared(house, payments) == Reconciliation(entries=1, findings=[found])
    assert state(house, payout) is PayoutState.CONFIRMED


def test_a_coupon_in_the_place_of_money_is_found_and_nothing_is_confirmed_by_it() -> None:
    house = House()
    _, payout = to_be_paid(house)
    payments = ScriptedPayments()
    payments.more = [StatementEntry(str(payout), "payment 7", cny(3980), Tender.COUPON)]
    found = Finding(Discrepancy.OTHER_TENDER, str(payout), "payment 7", cny(3980), cny(3980))
    assert compared(house, payments) == Reconciliation(entries=1, findings=[found])
    assert state(house, payout) is PayoutState.ORDERED


def test_a_payment_that_nobody_ordered_is_found() -> None:
    house = House()
    dispute, _ = to_be_paid(house)
    payments = ScriptedPayments()
    payments.more = [
        StatementEntry(key, f"for {key}", cny(5)) for key in ("no key of ours", str(ELSEWHERE), str(dispute))
    ]
    assert compared(house, payments).findings == [
        Finding(Discrepancy.UNKNOWN_KEY, one.key, one.reference, one.amount) for one in payments.more
    ]


def test_a_key_that_was_paid_twice_is_found_on_whatever_page_it_stands() -> None:
    house = House()
    _, payout = to_be_paid(house)
    payments = ScriptedPayments()
    house.pay(payments, payout)
    again = StatementEntry(str(payout), "once more", cny(3980))
    payments.more = [StatementEntry("x", "r", cny(5)), again]
    done = compared(house, payments)
    assert done.entries == 3
    assert Finding(Discrepancy.PAID_TWICE, str(payout), "once more", cny(3980)) in done.findings


def test_what_is_confirmed_here_and_missing_there_is_found_as_far_as_the_statement_goes_back() -> None:
    house = House()
    _, payout = to_be_paid(house)
    payments = ScriptedPayments()
    house.pay(payments, payout)
    view = View({payout: hours(0), ELSEWHERE: hours(0)})
    assert compared(house, payments, view).findings == [Finding(Discrepancy.MISSING_THERE, str(ELSEWHERE))]
    payments.since = hours(0)
    assert len(compared(house, payments, view).findings) == 1
    payments.since = hours(1)
    assert compared(house, payments, view).findings == []


def test_progress_is_told_page_by_page() -> None:
    payments = ScriptedPayments()
    payments.more = [StatementEntry(str(number), "r", cny(5)) for number in range(3)]
    told: list[int] = []
    run(reconcile(House().desk, payments, View(), told.append))
    assert told == [2, 3]

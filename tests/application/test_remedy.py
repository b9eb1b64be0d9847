from __future__ import annotations

from contextlib import suppress
from uuid import UUID

import pytest

from application.commands.desk import TRIES_MAX
from application.commands.remedy import PayAgain
from application.policy import NotThere
from application.ports import Conflict, NewEvents, Paid, PaymentRefused, PaymentUnknown
from domain.calendars import ClockName
from domain.dispute.stages import Stage
from domain.money import Money
from domain.remedy.payout import PayoutOrdered, PayoutState
from tests.support.builders import (
    DISPUTE,
    ELSEWHERE,
    a_playbook_file,
    cny,
    eur,
    hours,
)
from tests.support.given import fold
from tests.support.house import House, rule
from tests.support.memory import ScriptedPayments
from tests.support.money import a_payout_ordered
from tests.support.run import run

PAID = Paid("payment 7", cny(3980))
NO_ANSWER = PaymentUnknown("no answer in 5 s")


class Killed(BaseException):
    """The worker's process ended here."""


def to_be_paid(house: House) -> tuple[UUID, UUID]:
    dispute = house.accepted()
    [payout] = house.payouts()
    return dispute, payout


def test_a_payout_is_paid_and_its_dispute_compensated_and_closed_in_one_call() -> None:
    house = House()
    dispute, payout = to_be_paid(house)
    payments = ScriptedPayments()
    house.pay(payments, payout)
    assert house.topics(payout) == ["ordered", "sent", "confirmed"]
    assert house.topics(dispute)[-3:] == ["remedy_confirmed", "compensated", "closed"]
    assert len({one.metadata.command_id for one in house.store.log[-4:]}) == 1
    assert house.case(dispute).dispute.stage is Stage.CLOSED


def test_the_provider_is_asked_for_what_was_ordered_under_the_payouts_own_key() -> None:
    house = House()
    _, payout = to_be_paid(house)
    payments = ScriptedPayments()
    house.pay(payments, payout)
    [(key, order)] = payments.asked
    assert (key, order.amount, order.payee_id) == (payout, cny(3980), "buyer-lan")


def test_the_attempt_is_recorded_before_the_provider_is_asked() -> None:
    house = House()
    _, payout = to_be_paid(house)
    worker = house.worker(ScriptedPayments(stops=True), payout)
    worker.to_next_stop()
    assert house.topics(payout) == ["ordered", "sent"]
    worker.finish()


def test_what_was_paid_is_not_paid_again() -> None:
    house = House()
    _, payout = to_be_paid(house)
    payments = ScriptedPayments()
    house.pay(payments, payout)
    house.pay(payments, payout)
    assert len(payments.asked) == 1


@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [
        (PaymentRefused("account closed"), "failed", "account closed"),
        (NO_ANSWER, "unknown", "no answer in 5 s"),
    ],
)
def test_what_did_not_end_in_the_payment_is_recorded_and_tried_again(
    answer: Exception, outcome: str, reason: str
) -> None:
    house = House()
    dispute, payout = to_be_paid(house)
    with pytest.raises(PayAgain, match=reason):
        house.pay(ScriptedPayments(answer), payout)
    assert house.topics(payout) == ["ordered", "sent", outcome]
    assert house.case(dispute).dispute.stage is Stage.CARRYING_OUT
    payments = ScriptedPayments()
    house.pay(payments, payout)
    assert house.topics(payout)[-2:] == ["sent", "confirmed"]
    assert [key for key, _ in payments.asked] == [payout]


@pytest.mark.parametrize("amount", [cny(3981), eur(3980)])
def test_a_payment_of_another_amount_halts_the_payout_and_leaves_its_case_open(amount: Money) -> None:
    house = House()
    dispute, payout = to_be_paid(house)
    payments = ScriptedPayments(Paid("payment 7", amount))
    assert house.pay(payments, payout) is PayoutState.MISMATCHED
    assert house.topics(payout) == ["ordered", "sent", "mismatched"]
    assert house.pay(payments, payout) is PayoutState.MISMATCHED
    assert house.topics(payout) == ["ordered", "sent", "mismatched"]
    assert len(payments.asked) == 1
    assert house.case(dispute).dispute.stage is Stage.CARRYING_OUT


def test_a_worker_that_died_after_asking_is_followed_by_one_that_asks_with_the_same_key() -> None:
    house = House()
    _, payout = to_be_paid(house)
    payments = ScriptedPayments(Killed())
    payments.paid[payout] = PAID
    with pytest.raises(Killed):
        house.pay(payments, payout)
    assert house.topics(payout) == ["ordered", "sent"]
    house.pay(payments, payout)
    assert house.topics(payout) == ["ordered", "sent", "sent", "confirmed"]
    assert [key for key, _ in payments.asked] == [payout, payout]


def test_it_fails_twice_and_then_is_paid_once() -> None:
    house = House()
    dispute, payout = to_be_paid(house)
    payments = ScriptedPayments(NO_ANSWER, PaymentRefused("500"), PAID)
    for _ in range(2):
        with pytest.raises(PayAgain):
            house.pay(payments, payout)
    house.pay(payments, payout)
    assert house.topics(payout) == ["ordered", "sent", "unknown", "sent", "failed", "sent", "confirmed"]
    assert house.topics(dispute).count("remedy_confirmed") == 1


def test_who_is_overtaken_while_recording_a_payment_records_it_after_all() -> None:
    house = House()
    house.publish(a_playbook_file(remedies_start="at_decision"))
    dispute = house.in_hand(source=a_playbook_file(remedies_start="at_decision"))
    house.do(rule(dispute))
    [payout] = house.payouts()
    house.clock.move(hours=168)

    async def nothing() -> None: ...

    async def the_window_closes() -> None:
        house.expire(dispute, ClockName.APPEAL)

    house.store.meanwhile = [nothing, the_window_closes]
    house.pay(ScriptedPayments(), payout)
    assert house.topics(dispute)[-4:] == ["ruling_became_final", "remedy_confirmed", "compensated", "closed"]


def test_a_payment_is_never_dated_before_its_order_or_its_case() -> None:
    house = House()
    _, payout = to_be_paid(house)
    house.clock.at = hours(-1)
    house.pay(ScriptedPayments(), payout)
    assert {one.metadata.at for one in house.store.log[-4:]} == {hours(0)}


def test_a_payout_that_nobody_ordered_is_not_paid() -> None:
    payments = ScriptedPayments()
    with pytest.raises(NotThere):
        House().pay(payments, ELSEWHERE)
    assert payments.asked == []


def test_a_payout_of_another_platform_is_not_paid() -> None:
    house = House()
    _, payout = to_be_paid(house)
    payments = ScriptedPayments()
    with pytest.raises(NotThere):
        house.pay(payments, payout, platform="other")
    assert payments.asked == []


def test_a_payout_without_its_dispute_is_not_confirmed() -> None:
    house = House()
    _, payout = to_be_paid(house)
    orphan = House()

    [metadata] = [one.metadata for one in house.store.log if isinstance(one.event, PayoutOrdered)]
    run(orphan.store.append(metadata, [NewEvents(payout, 0, (a_payout_ordered(dispute=DISPUTE),))]))
    with pytest.raises(NotThere):
        orphan.pay(ScriptedPayments(), payout)
    assert orphan.topics(payout) == ["ordered", "sent"]


def test_two_workers_on_one_payout_pay_it_once() -> None:
    house = House()
    dispute, payout = to_be_paid(house)
    payments = ScriptedPayments(stops=True)
    slow, fast = house.worker(payments, payout), house.worker(payments, payout)
    slow.to_next_stop()
    fast.to_next_stop()
    fast.finish()
    slow.finish()
    assert house.topics(payout).count("confirmed") == 1
    assert len(payments.paid) == 1
    assert house.case(dispute).dispute.stage is Stage.CLOSED


def test_what_an_attempt_paid_is_recorded_though_another_has_begun_since() -> None:
    house = House()
    dispute, payout = to_be_paid(house)
    payments = ScriptedPayments(PAID, stops=True)
    slow, second = house.worker(payments, payout), house.worker(payments, payout)
    slow.to_next_stop()
    second.to_next_stop()
    slow.finish()
    assert house.topics(payout) == ["ordered", "sent", "sent", "confirmed"]
    assert house.case(dispute).dispute.stage is Stage.CLOSED
    second.finish()
    assert house.topics(payout) == ["ordered", "sent", "sent", "confirmed"]


@pytest.mark.parametrize("answer", [NO_ANSWER, PaymentRefused("account closed")])
def test_what_an_attempt_lost_is_not_told_of_the_one_that_followed_it(answer: Exception) -> None:
    house = House()
    _, payout = to_be_paid(house)
    payments = ScriptedPayments(answer, stops=True)
    slow, second = house.worker(payments, payout), house.worker(payments, payout)
    slow.to_next_stop()
    second.to_next_stop()
    with pytest.raises(PayAgain, match="not_being_sent"):
        slow.finish()
    assert house.topics(payout) == ["ordered", "sent", "sent"]
    second.finish()
    assert house.topics(payout) == ["ordered", "sent", "sent", "confirmed"]


def test_two_workers_who_begin_at_once_are_at_one_attempt() -> None:
    house = House()
    _, payout = to_be_paid(house)
    payments = ScriptedPayments(stops=True)
    slow, fast = house.worker(payments, payout), house.worker(payments, payout)

    async def the_other_begins() -> None:
        fast.to_next_stop()

    house.store.meanwhile = [the_other_begins]
    slow.to_next_stop()
    assert house.topics(payout) == ["ordered", "sent"]
    fast.finish()
    slow.finish()
    assert house.topics(payout) == ["ordered", "sent", "confirmed"]
    assert [key for key, _ in payments.asked] == [payout, payout]


def test_who_is_overtaken_too_often_comes_again() -> None:
    house = House()
    _, payout = to_be_paid(house)
    payments = ScriptedPayments()

    async def conflict() -> None:
        raise Conflict

    house.store.meanwhile = [conflict] * TRIES_MAX
    with pytest.raises(PayAgain, match="busy"):
        house.pay(payments, payout)
    assert (payments.asked, house.topics(payout)) == ([], ["ordered"])


def test_every_step_of_a_payment_is_a_command_of_its_own() -> None:
    house = House()
    _, payout = to_be_paid(house)
    with pytest.raises(PayAgain):
        house.pay(ScriptedPayments(NO_ANSWER), payout)
    house.pay(ScriptedPayments(), payout)
    steps = run(house.store.load(payout))
    assert len({one.metadata.command_id for one in steps}) == len(steps) == 5


def test_a_payment_is_not_taken_for_recorded_when_another_worker_was_faster() -> None:
    house = House()
    dispute, payout = to_be_paid(house)
    payments = ScriptedPayments(PAID, NO_ANSWER, stops=True)
    blind, lucky = house.worker(payments, payout), house.worker(payments, payout)

    async def the_other_begins() -> None:
        blind.to_next_stop()

    async def the_other_loses_sight() -> None:
        with suppress(PayAgain):
            blind.finish()

    house.store.meanwhile = [the_other_begins]
    lucky.to_next_stop()
    house.store.meanwhile = [the_other_loses_sight]
    lucky.finish()
    assert house.topics(payout) == ["ordered", "sent", "unknown", "confirmed"]
    assert house.case(dispute).dispute.stage is Stage.CLOSED


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (PaymentRefused(""), "no_reason_given"),
        (PaymentUnknown(""), "no_reason_given"),
        (PaymentRefused("x" * 200), "x" * 200),
        (PaymentUnknown("x" * 201), "x" * 200),
    ],
)
def test_an_answer_without_words_or_with_too_many_is_recorded_too(answer: Exception, reason: str) -> None:
    house = House()
    _, payout = to_be_paid(house)
    with pytest.raises(PayAgain):
        house.pay(ScriptedPayments(answer), payout)
    assert fold(*(one.event for one in run(house.store.load(payout)))).reason == reason

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from application.commands.desk import VersionMoved
from application.commands.recovery import ReportRecovery, report_recovery
from application.commands.remedy import PayAgain
from application.policy import NotAllowed, NotThere
from application.ports import Paid, PaymentRefused, PaymentUnknown, StatementEntry
from application.projections import case_file
from domain.calendars import ClockName
from domain.dispute.recovery import UnknownRecovery
from domain.dispute.stages import Stage
from domain.money import total
from domain.playbook.playbook import RemedyKind
from domain.remedy.payout import Payout, PayoutConfirmed, PayoutState
from tests.application.test_projections import filed_away
from tests.application.test_reconciliation import compared
from tests.support.builders import (
    ELSEWHERE,
    MERCHANT,
    OTHER_ARBITRATOR,
    PLATFORM_MACHINE,
    a_playbook_file,
    an_award_sought,
    cny,
)
from tests.support.given import fold
from tests.support.house import House, accept_offer, caller, make_offer, reverse_ruling, write_off_recovery
from tests.support.memory import ScriptedPayments
from tests.support.run import run

AT_ONCE = a_playbook_file(remedies_start="at_decision")
LOST = PaymentUnknown("no answer")


def appealed(house: House) -> tuple[UUID, UUID]:
    """Ordered at the decision, appealed, and heard by another."""
    dispute = house.appealed(source=AT_ONCE)
    [payout] = house.payouts()
    return dispute, payout


def state(house: House, payout: UUID) -> Payout:
    found: Payout = fold(*(one.event for one in run(house.store.load(payout))))
    return found


def test_a_reversal_stops_the_payment_in_the_same_call_and_nothing_is_ever_sent() -> None:
    house = House()
    dispute, payout = appealed(house)
    house.do(reverse_ruling(dispute))
    assert house.topics(payout) == ["ordered", "stopped"]
    stopped = [one for one in house.store.log if one.event.TOPIC.endswith("stopped")]
    assert len({one.metadata.command_id for one in stopped}) == 1
    case = house.case(dispute)
    assert run(house.cases.with_payouts(case, case.version)).payout_state("l1") is PayoutState.STOPPED
    payments = ScriptedPayments()
    assert house.pay(payments, payout) is PayoutState.STOPPED
    assert payments.asked == []
    assert house.case(dispute).dispute.stage is Stage.CLOSED


def test_what_was_paid_comes_back_in_parts_and_the_last_of_them_closes_the_case() -> None:
    house = House()
    dispute, payout = appealed(house)
    house.pay(ScriptedPayments(), payout)
    house.do(reverse_ruling(dispute))
    assert house.topics(dispute)[-2:] == ["remedy_stopped", "recovery_ordered"]
    assert house.topics(payout)[-1] == "confirmed"
    done = house.recover(dispute, cny(1000))
    assert (house.topics(payout)[-1], house.topics(dispute)[-1]) == ("recovered", "remedy_recovered")
    assert len({one.metadata.command_id for one in house.store.log[-2:]}) == 1
    again = house.recover(dispute, cny(1000))
    assert (again.version, again.repeated) == (done.version, True)
    other = house.recover(dispute, cny(1000), key="another key")
    assert (other.version, other.repeated) == (done.version, False)
    house.recover(dispute, cny(2980), reference="back-2")
    assert house.topics(dispute)[-2:] == ["remedy_recovered", "closed"]
    assert state(house, payout).state is PayoutState.RECOVERED


def test_a_payment_on_its_way_when_it_is_stopped_is_recorded_as_paid_and_comes_back() -> None:
    house = House()
    dispute, payout = appealed(house)
    worker = house.worker(ScriptedPayments(stops=True), payout)
    worker.to_next_stop()
    house.do(reverse_ruling(dispute))
    assert house.topics(payout) == ["ordered", "sent", "stopped"]
    worker.finish()
    assert house.topics(payout)[-1] == "confirmed"
    assert house.topics(dispute)[-2:] == ["remedy_confirmed", "recovery_ordered"]
    house.recover(dispute, cny(3980))
    assert house.case(dispute).dispute.stage is Stage.CLOSED


def test_what_the_statement_shows_of_a_stopped_payment_is_recorded_as_paid() -> None:
    house = House()
    dispute, payout = appealed(house)
    payments = ScriptedPayments(LOST)
    with pytest.raises(PayAgain):
        house.pay(payments, payout)
    house.do(reverse_ruling(dispute))
    payments.more = [StatementEntry(str(payout), "late-7", cny(3980))]
    assert compared(house, payments).confirmed == 1
    assert house.topics(dispute)[-2:] == ["remedy_confirmed", "recovery_ordered"]


def test_a_stopped_attempt_that_fails_is_the_end_of_its_job() -> None:
    house = House()
    dispute, payout = appealed(house)
    worker = house.worker(ScriptedPayments(PaymentRefused("closed"), stops=True), payout)
    worker.to_next_stop()
    house.do(reverse_ruling(dispute))
    assert worker.finish() is PayoutState.STOPPED
    assert house.topics(payout)[-1] == "stopped"


def test_a_payment_that_is_sent_while_it_is_stopped_is_stopped_all_the_same() -> None:
    house = House()
    dispute, payout = appealed(house)
    worker = house.worker(ScriptedPayments(stops=True), payout)

    async def the_worker_sends() -> None:
        worker.to_next_stop()

    house.store.meanwhile = [the_worker_sends]
    house.do(reverse_ruling(dispute))
    assert house.topics(payout) == ["ordered", "sent", "stopped"]


def test_a_payment_that_moved_after_the_decision_was_dated_makes_it_be_decided_anew() -> None:
    house = House()
    dispute, payout = appealed(house)
    house.clock.move(hours=1)
    with pytest.raises(PayAgain):
        house.pay(ScriptedPayments(LOST), payout)
    now = house.clock.now
    asked: list[Any] = []

    async def late_then_right() -> Any:
        asked.append(None)
        if len(asked) == 1:
            house.clock.move(hours=-1)
        elif len(asked) == 2:
            house.clock.move(hours=1)
        return await now()

    house.clock.now = late_then_right  # type: ignore[method-assign]
    house.do(reverse_ruling(dispute))
    times = [one.metadata.at for one in run(house.store.load(payout))]
    assert times == sorted(times)


def test_a_payout_that_was_halted_is_left_to_the_statement() -> None:
    house = House()
    dispute, payout = appealed(house)
    house.pay(ScriptedPayments(Paid("wrong", cny(3981))), payout)
    house.do(reverse_ruling(dispute))
    assert house.topics(payout)[-1] == "mismatched"


def test_a_settlement_during_the_appeal_stops_the_payment_too() -> None:
    house = House()
    dispute, payout = appealed(house)
    house.do(make_offer(dispute))
    house.do(accept_offer(dispute))
    assert house.topics(payout) == ["ordered", "stopped"]
    _, second = house.payouts()
    payments = ScriptedPayments()
    house.pay(payments, second)
    assert [order.amount for _, order in payments.asked] == [cny(1500)]
    assert house.case(dispute).dispute.stage is Stage.CLOSED


def owing(house: House) -> UUID:
    dispute, payout = appealed(house)
    house.pay(ScriptedPayments(), payout)
    house.do(reverse_ruling(dispute))
    return dispute


def test_a_report_that_races_itself_is_recorded_once() -> None:
    house = House()
    dispute = owing(house)
    command = ReportRecovery(
        caller=caller(PLATFORM_MACHINE),
        key="back back-1",
        dispute=dispute,
        recovery="v1",
        amount=cny(1000),
        reference="back-1",
    )

    async def the_same() -> None:
        await report_recovery(house.desk, command)

    house.store.meanwhile = [the_same]
    done = house.recover(dispute, cny(1000))
    assert (done.stream, done.version, done.repeated) == (dispute, house.case(dispute).version, True)
    assert house.topics(dispute).count("remedy_recovered") == 1


def test_only_the_platform_reports_what_came_back_of_a_case_that_is_there() -> None:
    house = House()
    dispute = owing(house)
    with pytest.raises(NotAllowed):
        house.recover(dispute, cny(1), caller=caller(MERCHANT))
    with pytest.raises(NotThere):
        house.recover(ELSEWHERE, cny(1))
    with pytest.raises(UnknownRecovery):
        house.recover(dispute, cny(1), recovery="v9")
    with pytest.raises(VersionMoved):
        house.recover(dispute, cny(1), if_version=1)


def test_lists_show_what_is_awarded_ordered_and_paid_now() -> None:
    house = House()
    dispute, payout = appealed(house)
    assert filed_away(house).sums() == (3980, 3980, 0)
    house.pay(ScriptedPayments(), payout)
    house.do(reverse_ruling(dispute, an_award_sought(remedy=RemedyKind.PARTIAL_REFUND, amount=cny(1000))))
    assert filed_away(house).sums() == (1000, 3980, 3980)
    house.recover(dispute, cny(2980))
    assert filed_away(house).sums() == (1000, 3980, 1000)
    assert case_file.NAME == "case_file"


def test_lists_do_not_show_as_ordered_what_was_stopped() -> None:
    house = House()
    dispute, _ = appealed(house)
    house.do(reverse_ruling(dispute))
    assert filed_away(house).sums() == (0, 0, 0)


AWARDS = st.sampled_from([0, 1, 1000, 3979])
ANSWERS = st.lists(st.sampled_from([LOST, PaymentRefused("closed")]), max_size=2)


@settings(max_examples=30)
@for_all(awarded=AWARDS, answers=ANSWERS, before=st.booleans(), outside=st.booleans())
def test_however_the_payment_goes_the_buyer_ends_with_what_the_reversal_awards(
    awarded: int, answers: list[Exception], *, before: bool, outside: bool
) -> None:
    house = House()
    dispute, first = appealed(house)
    payments = ScriptedPayments(*answers)
    for _ in range(3 if before else len(answers)):
        try:
            house.pay(payments, first)
        except PayAgain:
            continue
    refunded = 300 if outside else 0
    if outside:
        house.report(dispute, cny(refunded))
    part = an_award_sought(remedy=RemedyKind.PARTIAL_REFUND, amount=cny(awarded))
    house.do(reverse_ruling(dispute, *([part] if awarded else [])))
    house.pay(payments, first)
    for payout in house.payouts()[1:]:
        house.pay(payments, payout)
    for name, one in house.case(dispute).dispute.remedy.recoveries.items():
        house.recover(dispute, one.left, recovery=name, reference=name)
    assert house.case(dispute).dispute.stage is Stage.CLOSED
    paid = total((one.event.amount for one in house.store.log if isinstance(one.event, PayoutConfirmed)), "CNY")
    back = total((one.ordered.amount for one in house.case(dispute).dispute.remedy.recoveries.values()), "CNY")
    assert (paid - back).minor == max(awarded - refunded, 0)
    assert ClockName.APPEAL not in house.case(dispute).dispute.clocks


def test_a_senior_arbitrator_writes_off_what_nobody_can_collect_and_the_case_closes() -> None:
    house = House()
    dispute, payout = appealed(house)
    house.pay(ScriptedPayments(), payout)
    house.do(reverse_ruling(dispute))
    house.recover(dispute, cny(1000))
    with pytest.raises(NotAllowed):
        house.do(write_off_recovery(dispute, by=OTHER_ARBITRATOR))
    house.do(write_off_recovery(dispute))
    assert house.topics(dispute)[-2:] == ["recovery_written_off", "closed"]
    assert house.topics(payout)[-1] == "recovered"
    assert house.case(dispute).dispute.remedy.recoveries["v1"].uncollectable == cny(2980)

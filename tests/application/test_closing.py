from __future__ import annotations

import pytest

from application.policy import NotAllowed
from domain.calendars import ClockName
from domain.dispute.stages import Stage
from domain.playbook.playbook import RemedyKind
from tests.support.builders import MERCHANT, OTHER_ARBITRATOR, SENIOR, a_playbook_file, an_award_sought, cny
from tests.support.house import House, intervene, reopen, rule, withdraw
from tests.support.memory import ScriptedPayments


def test_the_buyer_withdraws_and_the_case_is_closed() -> None:
    house = House()
    dispute = house.contested()
    with pytest.raises(NotAllowed):
        house.do(withdraw(dispute, by=MERCHANT))
    house.do(withdraw(dispute))
    assert house.topics(dispute)[-2:] == ["withdrawn", "closed"]


def test_a_case_that_was_paid_is_opened_again_and_what_is_missing_is_paid() -> None:
    house = House()
    dispute = house.in_hand(source=a_playbook_file(remedies_start="at_decision"))
    part = an_award_sought(remedy=RemedyKind.PARTIAL_REFUND, amount=cny(1000))
    house.do(rule(dispute, part))
    house.pay(ScriptedPayments(), house.payouts()[0])
    house.clock.move(hours=168)
    house.expire(dispute, ClockName.APPEAL)
    assert house.case(dispute).dispute.stage is Stage.CLOSED
    house.do(reopen(dispute, by=SENIOR))
    house.do(intervene(dispute, by=OTHER_ARBITRATOR, key="anew"))
    house.do(rule(dispute, by=OTHER_ARBITRATOR, key="second"))
    _, second = house.payouts()
    payments = ScriptedPayments()
    house.pay(payments, second)
    assert [order.amount for _, order in payments.asked] == [cny(2980)]
    state = house.case(dispute).dispute
    assert state.closing.earlier[0].closed is not None
    assert [one.ruling for one in state.ruling.decisions] == ["r1", "r2"]

from __future__ import annotations

from application.ports import Recorded
from application.processes.when_a_payout_is_ordered_pay_it import Pay, react
from domain.remedy.payout import PayoutOrdered
from tests.support.builders import PLATFORM
from tests.support.given import given
from tests.support.house import House
from tests.support.memory import ScriptedPayments


def a_life() -> tuple[Recorded, ...]:
    house = House()
    house.accepted()
    house.pay(ScriptedPayments(), house.payouts()[0])
    return house.store.log


def test_when_a_payout_is_ordered_it_is_paid() -> None:
    [ordered] = [one for one in a_life() if isinstance(one.event, PayoutOrdered)]
    given(ordered).when(react).then(Pay(platform=PLATFORM, payout=ordered.stream))


def test_nothing_else_pays_anything() -> None:
    others = [one for one in a_life() if not isinstance(one.event, PayoutOrdered)]
    assert others
    for recorded in others:
        given(recorded).when(react).then_nothing()

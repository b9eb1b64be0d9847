from __future__ import annotations

import pytest

from domain.calendars import ClockName
from domain.dispute.stages import Stage
from domain.kernel import DomainError
from domain.playbook.playbook import RemedyKind
from domain.remedy.payout import PayoutState
from tests.support.builders import ARBITRATOR, OTHER_ARBITRATOR, an_award_sought, cny
from tests.support.house import (
    House,
    file_appeal,
    intervene,
    make_offer,
    reject_appeal,
    reverse_ruling,
    rule,
    uphold_ruling,
)
from tests.support.memory import ScriptedPayments


def test_a_ruling_is_appealed_heard_by_another_and_reversed_before_anything_is_paid() -> None:
    house = House()
    dispute = house.in_hand()
    house.do(rule(dispute))
    house.do(file_appeal(dispute))
    with pytest.raises(DomainError) as refused:
        house.do(intervene(dispute, by=ARBITRATOR, key="again"))
    assert refused.value.CODE == "heard_before"
    house.do(intervene(dispute, by=OTHER_ARBITRATOR, key="hear"))
    house.do(reverse_ruling(dispute))
    assert house.topics(dispute)[-6:] == [
        "appeal_filed",
        "appeal_heard",
        "case_assigned",
        "ruling_reversed",
        "ruling_became_final",
        "closed",
    ]
    assert house.payouts() == []


@pytest.mark.parametrize("end", [reject_appeal, uphold_ruling])
def test_a_ruling_that_stands_after_its_appeal_is_paid(end: object) -> None:
    house = House()
    dispute = house.appealed()
    assert callable(end)
    house.do(end(dispute))
    [payout] = house.payouts()
    assert house.pay(ScriptedPayments(), payout) is PayoutState.CONFIRMED
    assert house.case(dispute).dispute.stage is Stage.CLOSED


def test_a_reversal_that_awards_less_is_paid_as_it_says() -> None:
    house = House()
    dispute = house.appealed()
    house.do(reverse_ruling(dispute, an_award_sought(remedy=RemedyKind.PARTIAL_REFUND, amount=cny(700))))
    [payout] = house.payouts()
    payments = ScriptedPayments()
    house.pay(payments, payout)
    assert [order.amount for _, order in payments.asked] == [cny(700)]
    assert house.case(dispute).dispute.stage is Stage.CLOSED


def test_the_parties_go_on_talking_while_the_appeal_is_heard() -> None:
    house = House()
    dispute = house.appealed()
    house.do(make_offer(dispute))
    assert house.topics(dispute)[-1] == "offer_made"


def test_the_end_of_the_window_and_an_appeal_race_and_one_of_them_wins() -> None:
    house = House()
    dispute = house.in_hand()
    house.do(rule(dispute))
    house.clock.move(hours=168)
    due = house.case(dispute).dispute.clocks["appeal"].due_at

    async def somebody_appeals() -> None:
        await house.desk.on_dispute(file_appeal(dispute))

    house.store.meanwhile = [somebody_appeals]
    with pytest.raises(DomainError) as refused:
        house.expire(dispute, ClockName.APPEAL)
    assert refused.value.CODE == "clock_not_due"
    assert house.topics(dispute)[-1] == "appeal_filed"
    assert due <= house.clock.at

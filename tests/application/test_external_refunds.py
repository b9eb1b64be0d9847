from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from application.commands.desk import KeyReused, VersionMoved
from application.commands.remedy import PayAgain
from application.policy import NotAllowed, NotThere
from application.ports import Paid, PaymentRefused, PaymentUnknown
from domain.calendars import ClockName
from domain.dispute.stages import Stage
from domain.money import Money, total
from domain.remedy.payout import OPEN, Payout, PayoutConfirmed, PayoutState
from tests.support.builders import (
    BUYER,
    ELSEWHERE,
    a_playbook_file,
    a_term,
    an_award_sought,
    cny,
    hours,
    two_claims_asked,
)
from tests.support.given import fold
from tests.support.house import House, accept_offer, caller, make_offer, rule
from tests.support.memory import ScriptedPayments
from tests.support.run import run

REFUSED = PaymentRefused("account closed")
LOST = PaymentUnknown("no answer")


def to_be_paid(house: House) -> tuple[UUID, UUID]:
    dispute = house.accepted()
    [payout] = house.payouts()
    return dispute, payout


def payout_now(house: House, payout: UUID) -> Payout:
    state: Payout = fold(*(one.event for one in run(house.store.load(payout))))
    return state


def test_a_payout_that_waits_is_reduced_in_the_append_that_records_the_refund() -> None:
    house = House()
    dispute, payout = to_be_paid(house)
    assert house.case(dispute).payout_state("l1") is PayoutState.ORDERED
    done = house.report(dispute, cny(1000))
    assert house.topics(payout) == ["ordered", "reduced"]
    assert house.topics(dispute)[-1] == "external_refund_reported"
    assert len({one.metadata.command_id for one in house.store.log[-2:]}) == 1
    assert done.version == house.case(dispute).version
    payments = ScriptedPayments()
    house.pay(payments, payout)
    assert [order.amount for _, order in payments.asked] == [cny(2980)]
    assert house.case(dispute).dispute.stage is Stage.CLOSED


def test_of_a_payout_that_is_covered_nothing_is_sent_and_its_case_is_closed() -> None:
    house = House()
    dispute, payout = to_be_paid(house)
    house.report(dispute, cny(3980))
    assert house.topics(dispute)[-3:] == ["external_refund_reported", "compensated", "closed"]
    payments = ScriptedPayments()
    assert house.pay(payments, payout) is PayoutState.COVERED
    assert payments.asked == []


def test_a_line_that_is_covered_from_the_first_has_no_payout() -> None:
    house = House()
    dispute = house.contested()
    house.report(dispute, cny(1500))
    house.do(make_offer(dispute))
    house.do(accept_offer(dispute))
    assert house.payouts() == []
    case = house.case(dispute)
    assert case.dispute.stage is Stage.CLOSED
    assert run(house.cases.with_payouts(case)).payout_state("l1") is PayoutState.COVERED


@pytest.mark.parametrize(("answer", "less"), [(REFUSED, True), (LOST, False)])
def test_a_payout_that_was_refused_is_reduced_and_one_that_may_have_been_paid_is_not(
    answer: Exception, *, less: bool
) -> None:
    house = House()
    dispute, payout = to_be_paid(house)
    with pytest.raises(PayAgain):
        house.pay(ScriptedPayments(answer), payout)
    house.report(dispute, cny(1000))
    assert (house.topics(payout)[-1] == "reduced") == less
    house.pay(ScriptedPayments(), payout)
    remedy = house.case(dispute).dispute.remedy
    assert remedy.overpaid("c1", "CNY") == cny(0 if less else 1000)


def test_a_refund_after_the_payment_is_a_fact_and_shows_as_overpaid() -> None:
    house = House()
    dispute, payout = to_be_paid(house)
    house.pay(ScriptedPayments(), payout)
    house.report(dispute, cny(1000))
    assert house.topics(payout)[-1] == "confirmed"
    assert house.case(dispute).dispute.remedy.overpaid("c1", "CNY") == cny(1000)


def test_a_refund_that_races_a_payment_reduces_nothing_that_is_on_its_way() -> None:
    house = House()
    dispute, payout = to_be_paid(house)
    worker = house.worker(ScriptedPayments(stops=True), payout)

    async def the_worker_sends() -> None:
        worker.to_next_stop()

    house.store.meanwhile = [the_worker_sends]
    house.report(dispute, cny(1000))
    assert house.topics(payout) == ["ordered", "sent"]
    worker.finish()
    assert house.case(dispute).dispute.remedy.overpaid("c1", "CNY") == cny(1000)


def test_a_report_of_a_known_reference_changes_nothing_whoever_sends_it_again() -> None:
    house = House()
    dispute, _ = to_be_paid(house)
    first = house.report(dispute, cny(1000))
    again = house.report(dispute, cny(1000))
    assert (again.version, again.repeated) == (first.version, True)
    other = house.report(dispute, cny(1000), key="another key")
    assert (other.version, other.repeated) == (first.version, False)
    assert house.topics(dispute).count("external_refund_reported") == 1


def test_a_key_of_a_report_stands_for_one_report() -> None:
    house = House()
    dispute, _ = to_be_paid(house)
    house.report(dispute, cny(1000), key="k", body_digest="1")
    with pytest.raises(KeyReused):
        house.report(dispute, cny(0), key="k", body_digest="2")


def test_a_report_insists_on_the_version_that_it_names() -> None:
    house = House()
    dispute, _ = to_be_paid(house)
    with pytest.raises(VersionMoved):
        house.report(dispute, cny(1000), if_version=1)
    house.report(dispute, cny(1000), if_version=house.case(dispute).version)


def test_only_the_platform_reports_and_only_on_its_own_cases() -> None:
    house = House()
    dispute, _ = to_be_paid(house)
    with pytest.raises(NotAllowed):
        house.report(dispute, cny(1000), caller=caller(BUYER))
    with pytest.raises(NotThere):
        house.report(dispute, cny(1000), caller=caller(BUYER, "other"))
    with pytest.raises(NotThere):
        house.report(ELSEWHERE, cny(1000))


def test_a_report_is_never_dated_before_what_it_reduces() -> None:
    house = House()
    dispute, _ = to_be_paid(house)
    house.clock.at = hours(-1)
    house.report(dispute, cny(1000))
    assert {one.metadata.at for one in house.store.log[-2:]} == {hours(0)}


# --- whatever happens in whatever order


OPERATIONS = st.one_of(
    st.tuples(st.just("report"), st.integers(1, 4000), st.sampled_from(("c1", "c2"))),
    st.tuples(
        st.just("pay"), st.sampled_from((REFUSED, LOST, "paid", "paid, but nobody heard", "died")), st.booleans()
    ),
)


class Killed(BaseException):
    """The worker's process ended here."""


AWARDS = {True: {"c1": 1500, "c2": 700}, False: {"c1": 3980, "c2": 2001}}


class Life:
    """Two claims, and whatever comes: reports, payments that succeed, are refused, are lost, or whose worker dies."""

    def __init__(self) -> None:
        self.house, self.payments = House(), ScriptedPayments()
        source = a_playbook_file(remedies_start="at_decision")
        self.dispute = self.house.in_hand(*two_claims_asked(), source=source)
        self.reports = 0
        self.reported_in_flight = False

    def payout(self, payout: UUID) -> Payout:
        return payout_now(self.house, payout)

    def act(self, kind: str, what: Any, which: Any) -> None:
        waiting = [one for one in self.house.payouts() if self.payout(one).state in OPEN]
        if kind == "pay" and waiting:
            self.pay(waiting[0 if which else -1], what)
        if kind == "report":
            self.reports += 1
            stuck = [one for one in map(self.payout, self.house.payouts()) if not one.is_reducible]
            self.reported_in_flight |= any(one.state is not PayoutState.COVERED for one in stuck)
            self.house.report(self.dispute, cny(what), claim=which, reference=f"t-{self.reports}")

    def pay(self, payout: UUID, answer: Any) -> None:
        paid = self.payments.paid
        if answer == "paid, but nobody heard":
            paid.setdefault(payout, Paid(f"payment of {payout}", self.payout(payout).ordered.amount))
            answer = LOST
        if answer is REFUSED and payout in paid:
            answer = "paid"  # a provider that paid a key says so for ever
        self.payments.script = {"paid": [], "died": [Killed()]}.get(str(answer), [answer])
        with suppress(PayAgain, Killed):
            self.house.pay(self.payments, payout)

    def order(self, *, agreed: bool) -> None:
        if agreed:
            terms = (a_term("c1", cny(1500)), a_term("c2", cny(700)))
            self.house.do(make_offer(self.dispute, terms=terms))
            self.house.do(accept_offer(self.dispute))
        else:
            self.house.do(rule(self.dispute, an_award_sought(), an_award_sought(claim="c2")))

    def end(self, *, agreed: bool) -> None:
        """The provider pays in the end, and nobody appeals."""
        for payout in self.house.payouts():
            self.pay(payout, "paid")
        if not agreed:
            self.house.clock.move(hours=168)
            self.house.expire(self.dispute, ClockName.APPEAL)

    def check(self, claim: str, award: Money) -> None:
        remedy, there = self.house.case(self.dispute).dispute.remedy, self.payments.paid
        lines = remedy.lines_of(claim)
        paid = total((there[one.payout].amount for one in lines if one.payout in there), "CNY")
        credited = total((one.credited for one in lines), "CNY")
        assert paid + credited == award, "what was paid and what was credited are the award, to the cent"
        assert credited <= remedy.refunded(claim, "CNY")
        if not self.reported_in_flight:
            assert remedy.overpaid(claim, "CNY") == max(remedy.refunded(claim, "CNY") - award, cny(0))


@settings(max_examples=150)
@for_all(st.booleans(), st.integers(0, 3), st.lists(OPERATIONS, max_size=12))
def test_whatever_is_reported_and_whatever_fails_no_claim_is_paid_more_than_it_was_awarded(
    agreed: bool,  # noqa: FBT001 - an example of hypothesis
    early: int,
    operations: list[Any],
) -> None:
    life = Life()
    for operation in operations[:early]:
        life.act(*operation)
    life.order(agreed=agreed)
    for operation in operations[early:]:
        life.act(*operation)
    life.end(agreed=agreed)
    assert life.house.case(life.dispute).dispute.stage is Stage.CLOSED, "no line stays undone for ever"
    for claim, award in AWARDS[agreed].items():
        life.check(claim, cny(award))
    for payout in life.house.payouts():
        confirmed = [one for one in run(life.house.store.load(payout)) if isinstance(one.event, PayoutConfirmed)]
        assert len(confirmed) == (payout in life.payments.paid)

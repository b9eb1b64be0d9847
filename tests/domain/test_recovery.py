from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import settings

from domain.calendars import ClockName
from domain.dispute import appeal, recovery, remedy, ruling
from domain.dispute import dispute as disputes
from domain.dispute.dispute import Dispute
from domain.dispute.intake import Closed, Outcome
from domain.dispute.negotiation import Term
from domain.dispute.notice import NotThePlatform
from domain.dispute.recovery import (
    NothingToRecover,
    RecoveredOtherwise,
    RecoveryNotOpen,
    RecoveryOrdered,
    RecoveryTooHigh,
    RecoveryWrittenOff,
    RemedyRecovered,
    RemedyStopped,
    UnknownRecovery,
)
from domain.dispute.remedy import Compensated, RemedyConfirmed, RemedyOrdered
from domain.dispute.review import ConflictDeclared, ConflictGround, InConflict, NotASeniorArbitrator
from domain.dispute.stages import Stage
from domain.kernel import Actor, Role
from domain.money import total
from domain.playbook.playbook import RemedyKind
from domain.remedy.payout import Payout, PayoutRecovered, PayoutState
from tests.domain.test_closing import paid_out, ruled_again
from tests.support.builders import (
    ARBITRATOR,
    BUYER,
    DISPUTE,
    MERCHANT,
    OTHER_ARBITRATOR,
    PLATFORM,
    PLATFORM_MACHINE,
    SENIOR,
    a_dismissal_sought,
    a_playbook,
    a_remedy_sought,
    a_reopening,
    a_settlement,
    a_term,
    an_award_sought,
    cny,
    expire,
    heard,
    hours,
    remedies_of,
    reversing,
    taken_in_hand,
    two_claims_asked,
)
from tests.support.given import fold, given
from tests.support.money import a_refund_reported, a_remedy_ordered
from tests.support.walk import Life, lives

PAID = RemedyConfirmed(line="l1", amount=cny(3980), at=hours(25))
DONE = Compensated(claim="c1", paid=cny(3980), at=hours(25))


def at_once() -> Any:
    return a_playbook(remedies_start="at_decision")


def paid() -> tuple[Any, ...]:
    """Paid at the decision, appealed, and heard by another."""
    return (*heard(playbook=at_once()), PAID, DONE)


def part(minor: int) -> Any:
    return an_award_sought(remedy=RemedyKind.PARTIAL_REFUND, amount=cny(minor))


def of_kind(kind: type[Any], events: Any) -> list[Any]:
    return [one for one in events if isinstance(one, kind)]


def test_a_reversal_stops_what_is_not_paid_and_that_is_the_end() -> None:
    before = heard(playbook=at_once())
    _, _, stopped, closed = given(*before).when(reversing()).happened
    assert stopped == RemedyStopped(line="l1", claim="c1", paid=cny(0), unpaid=cny(3980), at=hours(40))
    assert closed == Closed(outcome=Outcome.DECIDED, at=hours(40))


def test_what_was_paid_under_a_ruling_that_is_reversed_is_to_come_back() -> None:
    _, _, stopped, back = given(*paid()).when(reversing()).happened
    assert stopped == RemedyStopped(line="l1", claim="c1", paid=cny(3980), unpaid=cny(0), at=hours(40))
    assert back == RecoveryOrdered(
        recovery="v1",
        line="l1",
        claim="c1",
        payer=Role.BUYER,
        payer_id=BUYER.id,
        payee=Role.MERCHANT,
        payee_id=MERCHANT.id,
        amount=cny(3980),
        at=hours(40),
    )
    state = fold(*paid(), *given(*paid()).when(reversing()).happened)
    assert (state.stage, state.remedy.compensated) == (Stage.CARRYING_OUT, {})


def test_what_was_paid_counts_towards_the_new_award_and_only_the_rest_comes_back() -> None:
    happened = given(*paid()).when(reversing(part(1000))).happened
    [ordered], [back] = of_kind(RemedyOrdered, happened), of_kind(RecoveryOrdered, happened)
    assert (ordered.line, ordered.amount, ordered.credited) == ("l2", cny(0), cny(1000))
    assert back.amount == cny(2980)
    assert Compensated(claim="c1", paid=cny(0), at=hours(40)) in happened
    assert fold(*paid(), *happened).remedy.overpaid("c1", "CNY") == cny(0)


def test_money_from_outside_covers_first_and_is_not_asked_back() -> None:
    before = (*paid(), a_refund_reported(400))
    [back] = of_kind(RecoveryOrdered, given(*before).when(reversing(part(1000))).happened)
    assert back.amount == cny(3380)  # 400 and 600 of the 3,980 are what is awarded
    [back] = of_kind(RecoveryOrdered, given(*before).when(reversing()).happened)
    assert back.amount == cny(3980)


def test_a_second_decision_of_more_pays_what_is_missing() -> None:
    less = (*heard(part(1000), playbook=at_once()), PAID.model_copy(update={"amount": cny(1000)}))
    happened = given(*less).when(reversing(an_award_sought())).happened
    [ordered] = of_kind(RemedyOrdered, happened)
    assert (ordered.amount, ordered.credited) == (cny(2980), cny(1000))
    assert of_kind(RecoveryOrdered, happened) == []


def test_what_one_paid_does_not_count_for_another_who_is_to_pay_now() -> None:
    platform_pays = a_playbook(remedies=remedies_of("partial_refund", payer="platform"))
    happened = given(*paid()).when(reversing(part(1000), playbook=platform_pays)).happened
    [ordered], [back] = of_kind(RemedyOrdered, happened), of_kind(RecoveryOrdered, happened)
    assert (ordered.payer, ordered.amount) == (Role.PLATFORM, cny(1000))
    assert (back.payee, back.amount) == (Role.MERCHANT, cny(3980))


SUBSIDY_PAID = RemedyConfirmed(line="l2", amount=cny(500), at=hours(25))


def both(subsidy: int) -> Any:
    """The price from the merchant and a subsidy from the platform."""
    return an_award_sought(remedies=(a_remedy_sought(), a_remedy_sought(RemedyKind.PLATFORM_SUBSIDY, subsidy)))


def both_paid() -> tuple[Any, ...]:
    return (*heard(both(500), playbook=at_once()), PAID, SUBSIDY_PAID)


def test_what_each_of_two_paid_counts_towards_what_each_is_to_pay_now() -> None:
    happened = given(*both_paid()).when(reversing(both(700))).happened
    ordered = [(one.payer, one.amount, one.credited) for one in of_kind(RemedyOrdered, happened)]
    assert ordered == [(Role.MERCHANT, cny(0), cny(3980)), (Role.PLATFORM, cny(200), cny(500))]
    assert of_kind(RecoveryOrdered, happened) == []


def test_money_from_outside_covers_the_lines_of_two_payers_once() -> None:
    before = (*both_paid(), a_refund_reported(400))
    happened = given(*before).when(reversing(both(500))).happened
    assert [(one.amount, one.credited) for one in of_kind(RemedyOrdered, happened)] == [
        (cny(0), cny(3980)),
        (cny(0), cny(500)),
    ]
    assert [(one.line, one.amount) for one in of_kind(RecoveryOrdered, happened)] == [("l1", cny(400))]


def test_a_coupon_that_was_given_counts_towards_a_coupon_and_not_towards_money() -> None:
    given_first = a_remedy_ordered("l2", "c1", cny(700)).model_copy(update={"remedy": RemedyKind.COUPON})
    before = (*paid(), given_first, RemedyConfirmed(line="l2", amount=cny(700), at=hours(25)))
    anew = Term(claim="c1", remedy=RemedyKind.COUPON, amount=cny(500))
    happened = remedy.order_settled(fold(*before), DISPUTE, a_settlement(anew, a_term(amount=cny(4000))))
    coupon, refund = of_kind(RemedyOrdered, happened)
    assert (coupon.amount, coupon.credited, refund.amount, refund.credited) == (cny(0), cny(500), cny(20), cny(3980))
    assert [(one.line, one.amount) for one in of_kind(RecoveryOrdered, happened)] == [("l2", cny(200))]


def test_a_settlement_during_the_appeal_takes_the_place_of_the_ruling_too() -> None:
    happened = remedy.order_settled(fold(*paid()), DISPUTE, a_settlement())
    [back] = of_kind(RecoveryOrdered, happened)
    assert back.amount == cny(2480)
    assert of_kind(RemedyStopped, remedy.order_settled(fold(*heard(playbook=at_once())), DISPUTE, a_settlement()))


def test_a_reopened_case_that_is_decided_anew_nets_what_was_paid_when_that_is_final() -> None:
    before = ruled_again(paid_out(), part(1500))
    assert of_kind(RecoveryOrdered, before) == []
    happened = expire(fold(*before), ClockName.APPEAL, hours(600))
    [ordered], [back] = of_kind(RemedyOrdered, happened), of_kind(RecoveryOrdered, happened)
    assert (ordered.amount, ordered.credited, back.amount) == (cny(0), cny(1500), cny(2480))
    state = fold(*before, *happened)
    assert state.stage is Stage.CARRYING_OUT
    assert [one.ruling for one in state.ruling.decisions] == ["r1", "r2"]


def test_nobody_pays_back_under_a_ruling_that_can_still_be_appealed() -> None:
    from tests.support.builders import a_reopening

    opened = (*paid_out(), a_reopening())
    taken = (*opened, *appeal.take_case(fold(*opened), by=OTHER_ARBITRATOR, at=hours(301)))
    made = ruling.rule(fold(*taken), at_once(), (a_dismissal_sought(),), "重新认定", by=OTHER_ARBITRATOR, at=hours(302))
    happened = disputes.decide(fold(*taken), DISPUTE, made)
    assert of_kind(RecoveryOrdered, happened) == []
    assert len(of_kind(RemedyStopped, happened)) == 1
    before = (*taken, *happened)
    assert fold(*before).stage is Stage.DECIDED
    [back] = of_kind(RecoveryOrdered, expire(fold(*before), ClockName.APPEAL, hours(600)))
    assert back.amount == cny(3980)


def test_what_a_stopped_payment_turns_out_to_have_paid_is_recorded_and_comes_back() -> None:
    before = heard(playbook=at_once())
    ended = (*before, *given(*before).when(reversing()).happened)
    assert fold(*ended).stage is Stage.CLOSED
    late = given(*ended).when(lambda one: remedy.confirm_line(one, "l1", at=hours(41))).happened
    assert [type(one) for one in late] == [RemedyConfirmed, RecoveryOrdered]
    assert (late[1].amount, fold(*ended, *late).stage) == (cny(3980), Stage.CARRYING_OUT)
    assert (fold(*ended).ended, fold(*ended, *late).ended) == (Closed(outcome=Outcome.DECIDED, at=hours(40)), None)
    given(*ended, *late).when(lambda one: remedy.confirm_line(one, "l1", at=hours(41))).then_refused(
        remedy.LineNotOpen, line="l1"
    )


def test_what_turns_out_to_have_been_paid_while_the_case_is_heard_again_counts_in_the_next_decision() -> None:

    before = heard(playbook=at_once())
    opened = (*before, *given(*before).when(reversing()).happened, a_reopening())
    given(*opened).when(lambda one: remedy.confirm_line(one, "l1", at=hours(310))).then(
        PAID.model_copy(update={"at": hours(310)})
    )


def owing_back(minor: int = 3980) -> tuple[Any, ...]:
    sought = (part(3980 - minor),) if minor < 3980 else ()
    return (*paid(), *given(*paid()).when(reversing(*sought)).happened)


def report(minor: int, reference: str = "back-1", recovery_id: str = "v1", by: Any = PLATFORM_MACHINE) -> Any:
    def act(dispute: Any) -> Any:
        payout = Payout(remedy.payout_of(PLATFORM, DISPUTE, dispute.remedy.ordered["l1"]), state=PayoutState.CONFIRMED)
        told = recovery.report(dispute, payout, recovery_id, cny(minor), reference, by=by, at=hours(50))
        return () if told is None else (*told, *remedy.follow_recovery(dispute, told[0]))

    return act


def back(minor: int, reference: str = "back-1") -> RemedyRecovered:
    return RemedyRecovered(recovery="v1", amount=cny(minor), reference=reference, by=PLATFORM_MACHINE, at=hours(50))


def test_the_case_waits_until_all_that_is_owed_back_has_come() -> None:
    in_payout = PayoutRecovered(recovery="v1", amount=cny(1000), left=cny(2980), reference="back-1", at=hours(50))
    given(*owing_back()).when(report(1000)).then(back(1000), in_payout)
    before = (*owing_back(), back(1000))
    assert fold(*before).remedy.recoveries["v1"].left == cny(2980)
    *_, closed = given(*before).when(report(2980, "back-2")).happened
    assert closed == Closed(outcome=Outcome.DECIDED, at=hours(50))


def test_the_same_money_is_reported_once() -> None:
    before = (*owing_back(), back(1000))
    given(*before).when(report(1000)).then_nothing()
    for act in (report(1001), report(1000, recovery_id="v2")):
        given(*before).when(act).then_refused(RecoveredOtherwise, recovery="v1")


@pytest.mark.parametrize("minor", [0, -1, 3981])
def test_no_more_comes_back_than_was_ordered_back(minor: int) -> None:
    given(*owing_back()).when(report(minor)).then_refused(RecoveryTooHigh, amount=minor, at_most=3980)


def test_only_the_platform_reports_what_came_back_and_only_where_something_is_to() -> None:
    given(*owing_back()).when(report(1000, by=MERCHANT)).then_refused(NotThePlatform)
    given(*owing_back()).when(report(1000, recovery_id="v2")).then_refused(UnknownRecovery, known_recoveries=["v1"])
    given(*paid()).when(report(1000)).then_refused(NothingToRecover)


def test_each_claim_is_netted_on_its_own() -> None:
    before = taken_in_hand(*two_claims_asked())
    lines = (
        a_remedy_ordered("l1", "c1", cny(3000)),
        a_remedy_ordered("l2", "c2", cny(900)),
        RemedyConfirmed(line="l2", amount=cny(900), at=hours(9)),
    )
    terms = tuple(remedy_terms(("c1", 500), ("c2", 400)))
    happened = remedy.order_settled(fold(*before, *lines), DISPUTE, a_settlement(*terms))
    assert [(one.line, one.unpaid) for one in of_kind(RemedyStopped, happened)] == [("l1", cny(3000)), ("l2", cny(0))]
    assert [(one.claim, one.amount) for one in of_kind(RemedyOrdered, happened)] == [("c1", cny(500)), ("c2", cny(0))]
    assert [(one.claim, one.amount) for one in of_kind(RecoveryOrdered, happened)] == [("c2", cny(500))]


def remedy_terms(*amounts: tuple[str, int]) -> Any:

    return [a_term(claim, cny(minor)) for claim, minor in amounts]


def give_up(by: Actor = SENIOR, recovery_id: str = "v1") -> Any:
    def act(dispute: Dispute) -> Any:
        given_up = recovery.write_off(dispute, recovery_id, "账号已注销", by=by, at=hours(60))
        return (given_up, *remedy.follow_recovery(dispute, given_up))

    return act


def test_what_nobody_can_collect_is_written_off_and_the_case_ends() -> None:
    given_up, closed = given(*owing_back()).when(give_up()).happened
    assert (given_up.recovery, given_up.amount, given_up.reason) == ("v1", cny(3980), "账号已注销")
    assert closed == Closed(outcome=Outcome.DECIDED, at=hours(60))
    state = fold(*owing_back(), given_up, closed)
    waiting = state.remedy.recoveries["v1"]
    assert (state.stage, waiting.left, waiting.uncollectable) == (Stage.CLOSED, cny(0), cny(3980))
    assert waiting.written_off == given_up


def test_of_a_recovery_that_came_back_in_part_the_rest_is_written_off() -> None:
    part = given(*owing_back()).when(report(1000)).happened[0]
    given_up, _ = given(*owing_back(), part).when(give_up()).happened
    assert given_up.amount == cny(2980)


@pytest.mark.parametrize("by", [ARBITRATOR, MERCHANT, PLATFORM_MACHINE, SENIOR.model_copy(update={"is_tool": True})])
def test_only_a_senior_arbitrator_in_person_writes_off(by: Actor) -> None:
    given(*owing_back()).when(give_up(by)).then_refused(NotASeniorArbitrator)


def test_nobody_writes_off_in_a_case_in_which_they_have_declared_a_conflict() -> None:
    declared = ConflictDeclared(ground=ConflictGround.KNOWS_PARTY, reason="认识", by=SENIOR, at=hours(50))
    given(*owing_back(), declared).when(give_up()).then_refused(InConflict)


def test_what_is_settled_or_was_never_ordered_back_is_not_written_off() -> None:
    given(*owing_back()).when(give_up(recovery_id="v2")).then_refused(UnknownRecovery)
    done = given(*owing_back()).when(give_up()).happened
    given(*owing_back(), *done).when(give_up()).then_refused(RecoveryNotOpen, recovery="v1")
    given(*owing_back(), *done).when(report(1)).then_refused(NothingToRecover)


def test_what_was_written_off_counts_when_the_case_is_heard_again_and_is_not_asked_back_twice() -> None:
    done = given(*owing_back()).when(give_up()).happened
    again = (*owing_back(), *done, a_reopening())
    part = remedy.order_settled(fold(*again), DISPUTE, a_settlement(*remedy_terms(("c1", 500))))
    [ordered] = of_kind(RemedyOrdered, part)
    assert (ordered.amount, ordered.credited) == (cny(0), cny(500))
    assert of_kind(RecoveryOrdered, part) == []
    assert [type(one) for one in part] == [RemedyOrdered, Compensated, Closed]


@settings(max_examples=1000)
@for_all(lives(steps_max=40))
def test_what_is_ordered_back_has_come_back_is_written_off_or_is_left(life: Life) -> None:
    """By the events alone: ordered = recovered + written off + left."""
    for name, one in life.dispute.remedy.recoveries.items():
        came = total((of.amount for of in of_kind(RemedyRecovered, life.events) if of.recovery == name), "CNY")
        lost = total((of.amount for of in of_kind(RecoveryWrittenOff, life.events) if of.recovery == name), "CNY")
        assert one.ordered.amount == came + lost + one.left
        assert not one.left.minor < 0

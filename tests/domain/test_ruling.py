from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from domain.calendars import ClockName
from domain.dispute import dispute as disputes
from domain.dispute import remedy, ruling
from domain.dispute.award import AwardSought, UnknownRule
from domain.dispute.intake import Closed, Outcome
from domain.dispute.remedy import RemedyOrdered, payout_id
from domain.dispute.review import NotAnArbitrator, NotYourCase, PlatformIntervened
from domain.dispute.ruling import DecidedByDefault, DefaultProof, RulingBecameFinal
from domain.dispute.stages import ClockNotDue, NotOpenForThis, Stage
from domain.kernel import Actor, BrokenStream, Event, Role
from domain.playbook.playbook import Finding, Playbook, RemediesStart, RemedyKind
from domain.playbook.remedies import Operation, Step
from tests.support import builders
from tests.support.builders import (
    ARBITRATOR,
    ARBITRATOR_MACHINE,
    BUYER,
    DISPUTE,
    MERCHANT,
    OTHER_ARBITRATOR,
    SENIOR,
    a_claim_asked,
    a_dismissal_sought,
    a_lapse,
    a_notice_served,
    a_playbook,
    a_ruling,
    an_award_sought,
    awaiting,
    cny,
    decided,
    hours,
    negotiating,
    served,
    taken_in_hand,
    two_claims_asked,
    under_review,
)
from tests.support.given import clock_of, fold, given


def rule(*sought: AwardSought, by: Actor = ARBITRATOR, playbook: Playbook | None = None) -> Any:
    awards, rules = sought or (an_award_sought(),), playbook or a_playbook()
    return lambda dispute: ruling.rule(dispute, rules, awards, "承诺应当兑现", by=by, at=hours(7))


def a_part(minor: int, **changes: Any) -> AwardSought:
    return an_award_sought(remedy=RemedyKind.PARTIAL_REFUND, amount=cny(minor), **changes)


def expire(at_hours: float) -> Any:
    return lambda dispute: builders.expire(dispute, ClockName.APPEAL, hours(at_hours))


def final(at_hours: float) -> RulingBecameFinal:
    return RulingBecameFinal(ruling="r1", clock=a_ruling().appeal_clock, at=hours(at_hours))


def test_an_arbitrator_decides_with_finding_facts_rules_reasons_and_the_derivation_of_every_amount() -> None:
    given(*taken_in_hand()).when(rule()).then(a_ruling())
    [award], confirmed = a_ruling().awards, a_ruling()
    assert (award.claim, award.finding, award.facts) == ("c1", Finding.UPHELD, "页面承诺不甜包赔，照片显示果肉发白")
    assert (award.rules, confirmed.reasons, confirmed.by) == (("COMMON-PROMISE-1",), "承诺应当兑现", ARBITRATOR)
    [line] = award.lines
    assert (line.payer, line.payer_id, line.payee, line.payee_id) == (Role.MERCHANT, MERCHANT.id, Role.BUYER, BUYER.id)
    assert line.amount == line.derivation.amount == cny(3980)
    assert line.derivation == Step(
        operation=Operation.PERCENT,
        amount=cny(3980),
        source="refund_only",
        rule="COMMON-REFUND-FULL",
        factor=100,
        rounding="half_up",
        inputs=(
            Step(
                operation=Operation.SUM,
                amount=cny(3980),
                source="price_paid",
                inputs=(Step(operation=Operation.FACT, amount=cny(3980), source="order.lines.1.paid"),),
            ),
        ),
    )


@pytest.mark.parametrize("lacking", ["facts", "finding"])
def test_nothing_is_decided_without_finding_or_facts(lacking: str) -> None:
    nothing: dict[str, Any] = {"facts": "", "finding": None}
    with pytest.raises(ValidationError):
        an_award_sought(**{lacking: nothing[lacking]})


def test_nothing_is_decided_without_reasons() -> None:
    dispute = fold(*taken_in_hand())
    with pytest.raises(ValidationError, match="reasons"):
        ruling.rule(dispute, a_playbook(), (an_award_sought(),), "", by=ARBITRATOR, at=hours(7))


def test_a_decision_starts_the_appeal_window_and_does_not_bind_yet() -> None:
    state = fold(*decided())
    window = a_playbook().start(ClockName.APPEAL, hours(7))
    assert (state.stage, clock_of(state), state.ruling.final) == (Stage.DECIDED, window, None)
    assert state.ruling.decision == a_ruling()


def test_every_decision_of_a_dispute_is_kept_the_last_binds_and_none_is_named_like_another() -> None:
    first = a_ruling()
    state = fold(*decided())
    assert (state.ruling.decisions, state.ruling.next_name) == ((first,), "r2")
    second = first.model_copy(update={"ruling": state.ruling.next_name})
    state = disputes.evolve(state, second)
    assert (state.ruling.decisions, state.ruling.decision, state.ruling.next_name) == ((first, second), second, "r3")


@pytest.mark.parametrize(
    "by",
    [OTHER_ARBITRATOR, SENIOR, Actor(role=Role.SENIOR_ARBITRATOR, id=ARBITRATOR.id)],
)
def test_only_the_arbitrator_who_has_the_case_decides_it(by: Actor) -> None:
    given(*taken_in_hand()).when(rule(by=by)).then_refused(NotYourCase)


@pytest.mark.parametrize("by", [BUYER, ARBITRATOR_MACHINE])
def test_only_an_arbitrator_in_person_decides(by: Actor) -> None:
    given(*taken_in_hand()).when(rule(by=by)).then_refused(NotAnArbitrator)


def test_a_case_that_nobody_has_is_not_decided() -> None:
    given(*under_review()).when(rule()).then_refused(NotYourCase)


@pytest.mark.parametrize("before", [awaiting(), negotiating(), decided()])
def test_a_case_is_decided_once_and_only_under_review(before: tuple[Event, ...]) -> None:
    given(*before).when(rule()).then_refused(NotOpenForThis, done_in=["under_review"])


def test_a_ruling_that_nobody_appeals_becomes_final_and_its_remedies_are_ordered() -> None:
    became_final, ordered = given(*decided()).when(expire(7 + 168)).happened
    assert became_final == final(7 + 168)
    assert ordered == RemedyOrdered(
        line="l1",
        claim="c1",
        remedy=RemedyKind.REFUND_ONLY,
        payer=Role.MERCHANT,
        payer_id=MERCHANT.id,
        payee=Role.BUYER,
        payee_id=BUYER.id,
        amount=cny(3980),
        credited=cny(0),
        payout=payout_id(DISPUTE, "l1"),
        at=hours(7 + 168),
    )
    state = fold(*decided(), became_final, ordered)
    assert (state.stage, clock_of(state), state.ruling.final) == (Stage.CARRYING_OUT, None, became_final)


def test_a_ruling_is_not_final_before_its_window_has_closed() -> None:
    given(*decided()).when(expire(7 + 168 - 0.01)).then_refused(ClockNotDue)


def test_the_clock_of_an_appeal_does_not_run_out_as_the_clock_of_an_answer() -> None:
    given(*decided()).when(lambda dispute: builders.expire(dispute, ClockName.ANSWER, hours(5000))).then_refused(
        ClockNotDue
    )


@pytest.mark.parametrize("before", [awaiting(), under_review(), (*decided(), final(200))])
def test_what_was_not_decided_or_is_final_already_does_not_become_final(before: tuple[Event, ...]) -> None:
    given(*before).when(expire(5000)).then_refused(ClockNotDue)


def test_a_final_ruling_that_gives_nothing_closes_the_dispute() -> None:
    closed = Closed(outcome=Outcome.DECIDED, at=hours(200))
    given(*decided(a_dismissal_sought())).when(expire(200)).then(final(200), closed)
    state = fold(*decided(a_dismissal_sought()), final(200), closed)
    assert (state.stage, state.intake.closed) == (Stage.CLOSED, closed)


def test_remedies_wait_for_the_final_ruling_where_the_playbook_says_so() -> None:
    assert disputes.decide(fold(*taken_in_hand()), DISPUTE, a_ruling()) == (a_ruling(),)


def test_remedies_start_at_the_decision_where_the_playbook_says_so() -> None:
    rules = a_playbook(remedies_start="at_decision")
    confirmed = a_ruling(playbook=rules)
    events = disputes.decide(fold(*taken_in_hand(playbook=rules)), DISPUTE, confirmed)
    assert confirmed.remedies_start is RemediesStart.AT_DECISION
    assert [type(event) for event in events] == [type(confirmed), RemedyOrdered]
    state = fold(*taken_in_hand(playbook=rules), *events)
    assert (state.stage, clock_of(state)) == (Stage.CARRYING_OUT, confirmed.appeal_clock)


def test_remedies_that_started_at_the_decision_are_not_ordered_again_when_it_is_final() -> None:
    rules = a_playbook(remedies_start="at_decision")
    in_hand = taken_in_hand(playbook=rules)
    before = (*in_hand, *disputes.decide(fold(*in_hand), DISPUTE, a_ruling(playbook=rules)))
    given(*before).when(expire(200)).then(final(200))
    assert fold(*before, final(200)).stage is Stage.CARRYING_OUT


def by_default(playbook: Playbook | None = None, at: float = 50) -> Any:
    return lambda dispute: builders.expire(dispute, ClockName.ANSWER, hours(at), playbook)


def test_who_was_told_and_is_silent_is_decided_against_as_claimed() -> None:
    lapsed, stepped_in, decision = given(*served(*two_claims_asked())).when(by_default()).happened
    assert (lapsed, type(stepped_in)) == (a_lapse(hours(50)), PlatformIntervened)
    assert (decision.rule, decision.ruling, decision.at) == ("COMMON-SILENCE-1", "r1", hours(50))
    assert [(award.claim, award.lines[0].amount, award.lines[0].payer_id) for award in decision.awards] == [
        ("c1", cny(3980), MERCHANT.id),
        ("c2", cny(1000), MERCHANT.id),
    ]
    state = fold(*served(*two_claims_asked()), lapsed, stepped_in, decision)
    assert (state.stage, state.ruling.decision, clock_of(state)) == (Stage.DECIDED, decision, decision.appeal_clock)
    assert decision.appeal_clock.due_at == hours(50 + 168)


def test_a_default_carries_its_proof() -> None:
    *_, decision = given(*served()).when(by_default()).happened
    told = a_notice_served()
    assert decision.proof == DefaultProof(
        how=told.how,
        channel=told.channel,
        reference=told.reference,
        served_at=told.served_at,
        clock=told.clock,
        lapsed_at=hours(50),
    )


def test_an_amount_by_default_has_its_derivation() -> None:
    *_, decision = given(*served()).when(by_default()).happened
    [line] = decision.awards[0].lines
    assert (line.derivation.operation, line.derivation.rule, line.derivation.amount) == (
        Operation.PERCENT,
        "COMMON-REFUND-FULL",
        cny(3980),
    )


def test_silence_decides_only_what_the_playbook_says() -> None:
    rule = {"id": "S", "clock": "answer", "reasons": ["not_as_described"], "source": "x"}
    rules = a_playbook(defaults=[rule | {"sentence": {"zh": "句", "en": "sentence"}}])
    [lapsed] = given(*served(playbook=rules)).when(by_default(rules)).happened
    assert lapsed == a_lapse(hours(50), rules)


def test_silence_decides_all_claims_or_none() -> None:
    rule = {"id": "S", "clock": "answer", "reasons": ["taste_or_freshness"], "source": "x"}
    rules = a_playbook(defaults=[rule | {"sentence": {"zh": "句", "en": "sentence"}}])
    asked = (a_claim_asked(), a_claim_asked(lines=("2",), reason="not_as_described"))
    assert len(given(*served(*asked, playbook=rules)).when(by_default(rules)).happened) == 1
    assert len(given(*served(playbook=rules)).when(by_default(rules)).happened) == 3


def test_a_silence_without_proof_of_service_decides_nothing() -> None:
    dispute = fold(*served())
    untold = replace(dispute, intake=replace(dispute.intake, served=None))
    assert ruling.decide_by_default(untold, a_playbook(), a_lapse(hours(50)), at=hours(50)) is None


def test_a_default_becomes_final_like_every_ruling_and_closes_as_a_default() -> None:
    before = (*served(), *given(*served()).when(by_default()).happened)
    became_final, ordered = given(*before).when(expire(50 + 168)).happened
    assert (type(became_final), became_final.ruling, ordered.amount) == (RulingBecameFinal, "r1", cny(3980))
    paid = (*before, became_final, ordered)
    *_, closed = remedy.confirm_line(fold(*paid), "l1", at=hours(300))
    assert closed == Closed(outcome=Outcome.DEFAULTED, at=hours(300))


def test_a_default_is_carried_out_at_once_where_the_playbook_says_so() -> None:
    rules = a_playbook(remedies_start="at_decision")
    *_, decision, ordered = given(*served(playbook=rules)).when(by_default(rules)).happened
    assert (type(decision), ordered.amount) == (DecidedByDefault, cny(3980))


def test_a_case_that_was_not_decided_has_no_decision_to_carry_out() -> None:
    with pytest.raises(BrokenStream):
        _ = fold(*served()).ruling.made


def test_no_arbitrator_cites_the_rule_of_silence() -> None:
    cited = an_award_sought(rules=("COMMON-SILENCE-1",))
    given(*taken_in_hand()).when(rule(cited)).then_refused(UnknownRule, rule="COMMON-SILENCE-1")


def test_silence_gives_back_what_was_paid_and_nothing_beside_it() -> None:
    coupon = a_claim_asked(remedy=RemedyKind.COUPON, amount=cny(100))
    assert {RemedyKind.REFUND_ONLY, RemedyKind.PARTIAL_REFUND, RemedyKind.FREIGHT_REFUND} == ruling.GIVEN_BACK
    [lapsed] = (
        given(*served(coupon)).when(lambda dispute: builders.expire(dispute, ClockName.ANSWER, hours(50))).happened
    )
    assert fold(*served(coupon), lapsed).stage is Stage.UNDER_REVIEW

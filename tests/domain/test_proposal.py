"""Four eyes: a ruling above the limit waits for a second arbitrator; a silence after a human request for one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import settings

from application.commands.desk import SERVICE
from domain.calendars import ClockName
from domain.dispute import admission, proposal, remedy, ruling
from domain.dispute import dispute as disputes
from domain.dispute.actions import Possible, next_actions
from domain.dispute.admission import ExhibitReliedOn
from domain.dispute.appeal import AppealState
from domain.dispute.award import AwardSought, awarded
from domain.dispute.intake import Closed, Outcome
from domain.dispute.proposal import OwnProposal, ProposalNotOpen, ProposalReturned, RulingProposed
from domain.dispute.remedy import RemedyOrdered
from domain.dispute.review import ConflictDeclared, ConflictGround, HeardBefore, NotAnArbitrator, NotYourCase
from domain.dispute.ruling import DecidedByDefault, RulingBecameFinal, RulingConfirmed, RulingReversed
from domain.dispute.stages import NotOpenForThis, Stage
from domain.kernel import Actor, Event, Role, begun
from domain.playbook.playbook import Playbook, RemedyKind
from tests.support import builders, money
from tests.support.builders import (
    ARBITRATOR,
    ARBITRATOR_MACHINE,
    BUYER,
    DISPUTE,
    MERCHANT,
    OTHER_ARBITRATOR,
    SENIOR,
    a_dismissal_sought,
    a_human_request,
    a_playbook,
    a_proposal,
    a_ruling,
    a_settlement,
    an_award_sought,
    an_exhibit,
    an_intervention,
    an_offer,
    awaiting,
    cny,
    decided,
    eur,
    heard,
    hours,
    proposed,
    reversing,
    served,
    taken_in_hand,
    watched,
)
from tests.support.given import fold, given
from tests.support.walk import Life, lives


def rule(*sought: AwardSought, playbook: Playbook | None = None) -> Any:
    rules = playbook or watched()

    def act(dispute: Any) -> Any:
        confirmed = ruling.rule(
            dispute, rules, sought or (an_award_sought(),), "承诺应当兑现", by=ARBITRATOR, at=hours(7)
        )
        return disputes.rule(dispute, rules, DISPUTE, confirmed)

    return act


def confirm(by: Actor = OTHER_ARBITRATOR, name: str = "r1", playbook: Playbook | None = None) -> Any:
    rules = playbook or watched()
    return lambda dispute: disputes.confirm(dispute, rules, DISPUTE, name, by=by, at=hours(9))


def send_back(by: Actor = OTHER_ARBITRATOR, name: str = "r1") -> Any:
    return lambda dispute: proposal.return_proposal(dispute, name, "理由没有回应商家的证据", by=by, at=hours(9))


def a_return() -> ProposalReturned:
    return ProposalReturned(ruling="r1", reason="理由没有回应商家的证据", by=OTHER_ARBITRATOR, at=hours(9))


def test_a_ruling_above_the_limit_of_four_eyes_is_a_proposal_and_decides_nothing() -> None:
    [made] = given(*taken_in_hand()).when(rule()).happened
    assert isinstance(made, RulingProposed)
    assert (made.ruling, made.awards, made.reasons) == ("r1", a_ruling().awards, "承诺应当兑现")
    assert (made.total, made.limit, made.proof, made.by) == (cny(3980), cny(1000), None, ARBITRATOR)
    state = fold(*taken_in_hand(), made)
    assert (state.stage, state.ruling.decision, state.ruling.proposal) == (Stage.UNDER_REVIEW, None, made)


def test_a_ruling_up_to_the_limit_decides_at_once() -> None:
    given(*taken_in_hand()).when(rule(playbook=watched(3980))).then(a_ruling())
    given(*taken_in_hand()).when(rule(a_dismissal_sought())).then(a_ruling(a_dismissal_sought()))


def test_the_limit_is_of_all_awards_together() -> None:
    before = taken_in_hand(*builders.two_claims_asked())
    both = (an_award_sought(), an_award_sought(claim="c2"))
    [made] = given(*before).when(rule(*both, playbook=watched(5980))).happened
    assert (made.total, made.limit) == (cny(5981), cny(5980))
    assert isinstance(given(*before).when(rule(*both, playbook=watched(5981))).happened[0], RulingConfirmed)


def test_a_limit_is_of_one_currency_and_others_have_none_unless_listed() -> None:
    rules = a_playbook(four_eyes=[{"minor": 1, "currency": "EUR"}])
    given(*taken_in_hand()).when(rule(playbook=rules)).then(a_ruling())
    assert (rules.four_eyes_limit("EUR"), rules.four_eyes_limit("CNY")) == (eur(1), None)
    assert a_playbook().four_eyes_limit("CNY") == cny(500_000)


def test_another_arbitrator_confirms_word_for_word_and_then_it_is_the_ruling() -> None:
    [confirmed] = given(*proposed()).when(confirm()).happened
    assert isinstance(confirmed, RulingConfirmed)
    assert (confirmed.ruling, confirmed.awards, confirmed.reasons) == ("r1", a_ruling().awards, "承诺应当兑现")
    assert (confirmed.by, confirmed.proposed_by, confirmed.at) == (OTHER_ARBITRATOR, ARBITRATOR, hours(9))
    state = fold(*proposed(), confirmed)
    assert (state.stage, state.ruling.proposal, state.ruling.next_name) == (Stage.DECIDED, None, "r2")
    assert state.clocks["appeal"] == watched().start(ClockName.APPEAL, hours(9))


def test_a_confirmed_ruling_is_carried_out_at_once_where_the_playbook_says_so() -> None:
    rules = watched(remedies_start="at_decision")
    _, ordered = given(*proposed()).when(confirm(playbook=rules)).happened
    assert (type(ordered), ordered.amount) == (RemedyOrdered, cny(3980))


@pytest.mark.parametrize("act", [confirm, send_back])
def test_nobody_confirms_or_returns_their_own_proposal_in_whatever_capacity(act: Any) -> None:
    for by in (ARBITRATOR, Actor(role=Role.SENIOR_ARBITRATOR, id=ARBITRATOR.id)):
        given(*proposed()).when(act(by)).then_refused(OwnProposal)


@pytest.mark.parametrize("act", [confirm, send_back])
@pytest.mark.parametrize(
    "by", [BUYER, MERCHANT, ARBITRATOR_MACHINE, OTHER_ARBITRATOR.model_copy(update={"is_tool": True})]
)
def test_a_second_pair_of_eyes_is_an_arbitrators_and_a_persons(by: Actor, act: Any) -> None:
    given(*proposed()).when(act(by)).then_refused(NotAnArbitrator)


def test_a_proposal_goes_back_with_a_reason_and_whoever_has_the_case_rules_anew() -> None:
    given(*proposed()).when(send_back(SENIOR)).then(a_return().model_copy(update={"by": SENIOR}))
    before = (*proposed(), a_return())
    state = fold(*before)
    assert (state.stage, state.ruling.proposal, state.ruling.returned) == (Stage.UNDER_REVIEW, None, a_return())
    [again] = given(*before).when(rule()).happened
    assert (type(again), again.ruling) == (RulingProposed, "r2")


def test_a_new_proposal_takes_the_place_of_the_open_one() -> None:
    [second] = given(*proposed()).when(rule()).happened
    before = (*proposed(), second)
    given(*before).when(confirm()).then_refused(ProposalNotOpen, ruling="r1", open_proposals=["r2"])
    [confirmed] = given(*before).when(confirm(name="r2")).happened
    assert (confirmed.ruling, fold(*before, confirmed).ruling.next_name) == ("r2", "r3")


def test_a_smaller_ruling_of_the_one_who_has_the_case_decides_and_nothing_is_left_to_confirm() -> None:
    [smaller] = given(*proposed()).when(rule(a_dismissal_sought())).happened
    state = fold(*proposed(), smaller)
    assert (smaller.ruling, state.ruling.proposal) == ("r2", None)
    given(*proposed(), smaller).when(confirm()).then_refused(NotOpenForThis)


@pytest.mark.parametrize("before", [taken_in_hand(), (*proposed(), a_return())])
def test_what_is_not_proposed_is_not_confirmed(before: tuple[Event, ...]) -> None:
    given(*before).when(confirm()).then_refused(ProposalNotOpen, ruling="r1", open_proposals=[])


@pytest.mark.parametrize("before", [awaiting(), decided()])
def test_proposals_are_confirmed_under_review_only(before: tuple[Event, ...]) -> None:
    given(*before).when(confirm()).then_refused(NotOpenForThis, done_in=["under_review"])


def test_a_settlement_ends_a_proposal() -> None:
    ordered = money.a_remedy_ordered()
    state = fold(*taken_in_hand(), an_offer(), a_proposal(), a_settlement(), ordered)
    assert (state.stage, state.ruling.proposal) == (Stage.CARRYING_OUT, None)


def test_a_proposal_is_shown_as_something_to_do_to_those_who_may_confirm_it() -> None:
    state = fold(*proposed())
    theirs = {Possible("confirm_ruling", "r1"), Possible("return_ruling", "r1")}
    for viewer in builders.EVERYONE:
        may = viewer.role in {"arbitrator", "senior_arbitrator"} and not viewer.is_tool and viewer != ARBITRATOR
        assert (theirs & set(next_actions(state, watched(), viewer))) == (theirs if may else set())


def silent(*before: Event, playbook: Playbook | None = None) -> tuple[Event, ...]:
    """The merchant, who was told, is silent though a person was asked for."""
    events = before or (*served(playbook=playbook), a_human_request())
    lapsed = builders.expire(fold(*events), ClockName.ANSWER, hours(50), playbook)
    return (*events, *lapsed)


def test_after_a_human_request_silence_proposes_and_does_not_decide() -> None:
    *_, lapsed, made = silent()
    assert isinstance(made, RulingProposed)
    assert (made.ruling, made.by, made.limit, made.total) == ("r1", SERVICE, None, cny(3980))
    [award] = made.awards
    assert (award.rules, award.facts, made.reasons) == (("COMMON-SILENCE-1",), "COMMON-SILENCE-1", "COMMON-SILENCE-1")
    assert made.proof is not None
    assert (made.proof.clock, made.proof.lapsed_at) == (lapsed.clock, hours(50))  # type: ignore[attr-defined]
    state = fold(*silent())
    assert (state.stage, state.ruling.decision, dict(state.clocks)) == (Stage.UNDER_REVIEW, None, {})


def test_where_silence_decides_nothing_it_proposes_nothing() -> None:
    rules = a_playbook(defaults=[])
    assert [one.TOPIC for one in silent(playbook=rules)[-2:]] == ["dispute.human_requested", "dispute.response_lapsed"]


def test_the_arbitrator_who_takes_a_silent_case_confirms_or_decides_otherwise() -> None:
    before = (*silent(), *an_intervention())
    [confirmed] = given(*before).when(confirm(ARBITRATOR)).happened
    assert (confirmed.by, confirmed.proposed_by, confirmed.proof.how) == (ARBITRATOR, SERVICE, "delivered")
    [otherwise] = given(*before).when(rule(a_dismissal_sought())).happened
    assert (otherwise.ruling, otherwise.awards[0].lines, otherwise.proposed_by) == ("r2", (), None)


@pytest.mark.parametrize("act", [confirm, send_back])
def test_what_silence_proposes_is_confirmed_by_the_one_who_has_the_case(act: Any) -> None:
    given(*silent()).when(act(ARBITRATOR)).then_refused(NotYourCase)
    given(*silent(), *an_intervention()).when(act(OTHER_ARBITRATOR)).then_refused(NotYourCase)


def test_what_a_person_confirmed_ends_as_decided_and_not_as_a_default() -> None:
    before = (*silent(), *an_intervention())
    [confirmed] = given(*before).when(confirm(ARBITRATOR)).happened
    final, ordered = builders.expire(fold(*before, confirmed), ClockName.APPEAL, hours(500))
    assert isinstance(ordered, RemedyOrdered)
    *_, closed = remedy.confirm_line(fold(*before, confirmed, final, ordered), "l1", at=hours(501))
    assert closed == Closed(outcome=Outcome.DECIDED, at=hours(501))


def proposed_on_appeal() -> tuple[Event, ...]:
    """A part was awarded; who hears the appeal would give the whole price, which is above the limit."""
    before = heard(an_award_sought(remedy=RemedyKind.PARTIAL_REFUND, amount=cny(900)), playbook=watched())
    return (*before, *given(*before).when(reversing(an_award_sought(), playbook=watched())).happened)


def test_a_reversal_above_the_limit_of_four_eyes_is_a_proposal_and_decides_nothing() -> None:
    *_, made = before = proposed_on_appeal()
    assert isinstance(made, RulingProposed)
    assert (made.ruling, made.appeal, made.total, made.limit, made.by) == (
        "r2",
        "a1",
        cny(3980),
        cny(1000),
        OTHER_ARBITRATOR,
    )
    state = fold(*before)
    assert (state.stage, state.ruling.proposal, state.ruling.made.ruling) == (Stage.UNDER_REVIEW, made, "r1")
    assert state.appeal.open is not None


def test_a_reversal_up_to_the_limit_decides_at_once() -> None:
    small = an_award_sought(remedy=RemedyKind.PARTIAL_REFUND, amount=cny(1000))
    reversed_, *_ = given(*heard(playbook=watched())).when(reversing(small, playbook=watched())).happened
    assert (type(reversed_), reversed_.proposed_by) == (RulingReversed, None)


def test_another_who_may_hear_the_appeal_confirms_the_reversal_and_it_is_final() -> None:
    before = proposed_on_appeal()
    reversed_, final, ordered = given(*before).when(confirm(SENIOR, "r2")).happened
    assert isinstance(reversed_, RulingReversed)
    assert (reversed_.ruling, reversed_.reversed, reversed_.appeal) == ("r2", "r1", "a1")
    assert (reversed_.by, reversed_.proposed_by, reversed_.awards) == (
        SENIOR,
        OTHER_ARBITRATOR,
        fold(*before).ruling.proposal.awards,
    )
    assert (type(final), type(ordered), ordered.amount) == (RulingBecameFinal, RemedyOrdered, cny(3980))
    state = fold(*before, reversed_, final, ordered)
    assert (state.appeal.appeal("a1").state, state.ruling.proposal) == (AppealState.REVERSED, None)


@pytest.mark.parametrize("act", [confirm, send_back])
def test_nobody_confirms_their_own_reversal_and_nobody_who_had_the_case_before(act: Any) -> None:
    before = proposed_on_appeal()
    for by in (OTHER_ARBITRATOR, Actor(role=Role.SENIOR_ARBITRATOR, id=OTHER_ARBITRATOR.id)):
        given(*before).when(act(by, "r2")).then_refused(OwnProposal)
    given(*before).when(act(ARBITRATOR, "r2")).then_refused(HeardBefore)


def test_a_reversal_goes_back_with_a_reason_and_the_appeal_is_still_to_be_decided() -> None:
    before = proposed_on_appeal()
    back = given(*before).when(send_back(SENIOR, "r2")).happened
    state = fold(*before, *back)
    assert (state.ruling.proposal, state.appeal.open is not None, state.ruling.returned) == (None, True, back[0])
    [again] = given(*before, *back).when(reversing(an_award_sought(), playbook=watched())).happened
    assert (type(again), again.ruling) == (RulingProposed, "r3")
    ended = given(*before, *back).when(reversing(a_dismissal_sought(), playbook=watched())).happened
    assert fold(*before, *back, *ended).ruling.returned is None


def test_what_an_open_proposal_relies_on_is_not_excluded() -> None:
    shown = (*taken_in_hand(), an_exhibit())
    made = a_proposal(an_award_sought(relied_on=("e1",)), before=shown)
    out = given(*shown, made).when(lambda dispute: admission.exclude(dispute, "e1", "无关", by=ARBITRATOR, at=hours(9)))
    out.then_refused(ExhibitReliedOn, exhibit="e1")
    assert (
        given(*shown)
        .when(lambda dispute: admission.exclude(dispute, "e1", "无关", by=ARBITRATOR, at=hours(9)))
        .happened
    )


@settings(max_examples=300)
@for_all(lives())
def test_no_decision_above_the_limit_is_proposed_and_confirmed_by_one_person(life: Life) -> None:
    """Invariant 12, in whichever instance, and however a correction lets the ruling read."""
    limit = begun(life.playbook.four_eyes_limit("CNY"))
    for decision in life.dispute.ruling.decisions:
        if isinstance(decision, DecidedByDefault) or awarded(decision.awards, "CNY") <= limit:
            continue
        assert decision.proposed_by is not None
        assert decision.proposed_by.id != decision.by.id


def silent_above(minor: int) -> Playbook:
    return a_playbook(silence=[{"minor": minor, "currency": "CNY"}])


@pytest.mark.parametrize("minor", [3980, 3981])
def test_silence_decides_up_to_its_limit(minor: int) -> None:
    rules = silent_above(minor)
    before = served(playbook=rules)
    assert isinstance(builders.expire(fold(*before), ClockName.ANSWER, hours(50), rules)[-1], DecidedByDefault)


def test_above_its_limit_silence_proposes_and_a_person_decides() -> None:
    rules = silent_above(3979)
    before = served(playbook=rules)
    lapsed, made = builders.expire(fold(*before), ClockName.ANSWER, hours(50), rules)
    assert isinstance(made, RulingProposed)
    assert (made.by, made.total, made.limit) == (SERVICE, cny(3980), cny(3979))
    assert made.proof is not None
    assert fold(*before, lapsed, made).stage is Stage.UNDER_REVIEW


def test_silence_is_limited_in_the_currencies_that_are_listed() -> None:
    rules = a_playbook(silence=[{"minor": 1, "currency": "EUR"}])
    before = served(playbook=rules)
    assert isinstance(builders.expire(fold(*before), ClockName.ANSWER, hours(50), rules)[-1], DecidedByDefault)


def test_the_proposal_of_who_declares_a_conflict_is_off_the_table() -> None:
    declared = ConflictDeclared(ground=ConflictGround.KNOWS_PARTY, reason="认识店主", by=ARBITRATOR, at=hours(9))
    state = fold(*proposed(), declared)
    assert state.ruling.proposal is None
    given(*proposed(), declared).when(confirm(SENIOR)).then_refused(ProposalNotOpen, ruling="r1", open_proposals=[])
    other = declared.model_copy(update={"by": OTHER_ARBITRATOR})
    assert fold(*proposed(), other).ruling.proposal is not None

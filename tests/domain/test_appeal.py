from __future__ import annotations

from typing import Any

import pytest

from domain.calendars import ClockName
from domain.dispute import actions, appeal, negotiation, remedy, review, ruling
from domain.dispute import dispute as disputes
from domain.dispute.actions import Possible, next_actions
from domain.dispute.appeal import (
    AppealGround,
    AppealNotOpen,
    AppealRejected,
    AppealState,
    NothingToAppeal,
    RulingUpheld,
    UnknownAppeal,
)
from domain.dispute.award import AwardsIncomplete
from domain.dispute.intake import Closed, NotAParty, Outcome
from domain.dispute.negotiation import OfferNotOpen, OfferState
from domain.dispute.remedy import RemedyOrdered
from domain.dispute.review import CaseAssigned, HeardBefore, NotAnArbitrator, NotYourCase
from domain.dispute.ruling import DecidedByDefault, RulingBecameFinal, RulingConfirmed, RulingReversed, UnderAppeal
from domain.dispute.stages import NotOpenForThis, Stage
from domain.kernel import Actor, Role
from domain.playbook.playbook import RemediesStart, RemedyKind
from tests.support.builders import (
    ARBITRATOR,
    ARBITRATOR_MACHINE,
    BUYER,
    DISPUTE,
    MERCHANT,
    OTHER_ARBITRATOR,
    OTHER_MERCHANT,
    SENIOR,
    a_dismissal_sought,
    a_hearing,
    a_playbook,
    an_appeal,
    an_award_sought,
    an_exhibit,
    an_offer,
    appealed,
    cny,
    decided,
    expire,
    heard,
    hours,
    limits,
    negotiating,
    reversing,
    served,
    taken_in_hand,
)
from tests.support.given import fold, given
from tests.support.money import settled


def file_appeal(by: Actor = MERCHANT, playbook: Any = None, at: Any = None) -> Any:
    return lambda dispute: appeal.file_appeal(
        dispute, playbook or a_playbook(), AppealGround.NEW_EVIDENCE, "找到了发货照片", by=by, at=at or hours(20)
    )


def take(by: Actor = OTHER_ARBITRATOR) -> Any:
    return lambda dispute: appeal.take_case(dispute, by=by, at=hours(30))


def reject(by: Actor = OTHER_ARBITRATOR, appeal_id: str = "a1") -> Any:
    def act(dispute: Any) -> Any:
        end = appeal.reject_appeal(dispute, appeal_id, "没有理由", by=by, at=hours(40))
        return disputes.end_appeal(dispute, DISPUTE, end)

    return act


def uphold(by: Actor = OTHER_ARBITRATOR, appeal_id: str = "a1") -> Any:
    def act(dispute: Any) -> Any:
        end = appeal.uphold_ruling(dispute, appeal_id, "没有错", by=by, at=hours(40))
        return disputes.end_appeal(dispute, DISPUTE, end)

    return act


def at_decision() -> Any:
    return a_playbook(remedies_start="at_decision")


@pytest.mark.parametrize("by", [BUYER, MERCHANT])
def test_either_party_appeals_a_ruling_and_the_case_is_open_again_with_no_clock_and_nobody_on_it(by: Actor) -> None:
    given(*decided()).when(file_appeal(by)).then(an_appeal(by))
    state = fold(*decided(), an_appeal(by))
    assert (state.stage, state.clocks, state.review.arbitrator) == (Stage.UNDER_REVIEW, {}, None)
    assert state.appeal.open is state.appeal.appeal("a1")


def test_what_silence_decided_can_be_appealed() -> None:
    before = (*served(), *expire(fold(*served()), ClockName.ANSWER, hours(50)))
    assert isinstance(fold(*before).ruling.decision, DecidedByDefault)
    given(*before).when(file_appeal()).then(an_appeal())


def test_a_stranger_does_not_appeal() -> None:
    for by in (OTHER_MERCHANT, ARBITRATOR):
        given(*decided()).when(file_appeal(by)).then_refused(NotAParty)


def test_an_appeal_comes_before_the_end_of_its_window_is_recorded_and_not_after() -> None:
    given(*decided()).when(file_appeal(at=hours(500))).then(an_appeal().model_copy(update={"at": hours(500)}))
    final = (*decided(), *expire(fold(*decided()), ClockName.APPEAL, hours(200)))
    given(*final).when(file_appeal()).then_refused(NothingToAppeal)


@pytest.mark.parametrize("before", [negotiating(), taken_in_hand(), appealed()])
def test_there_is_nothing_to_appeal_while_nothing_is_decided(before: Any) -> None:
    given(*before).when(file_appeal()).then_refused(NotOpenForThis)


def test_an_agreement_is_not_appealed() -> None:
    given(*settled()).when(file_appeal()).then_refused(NothingToAppeal)


def test_a_ruling_made_on_appeal_is_not_appealed_again() -> None:
    reversal = reversing(an_award_sought(remedy=RemedyKind.PARTIAL_REFUND, amount=cny(700)))
    before = (*heard(), *reversal(fold(*heard())))
    assert fold(*before).stage is Stage.CARRYING_OUT
    given(*before).when(file_appeal()).then_refused(NothingToAppeal)


def test_where_the_playbook_has_one_instance_nobody_appeals() -> None:
    once = a_playbook(limits=limits(instances=1))
    given(*decided()).when(file_appeal(playbook=once)).then_refused(NothingToAppeal)


def test_who_had_or_decided_the_case_does_not_hear_the_appeal_whatever_role_it_has_now() -> None:
    promoted = Actor(role=Role.SENIOR_ARBITRATOR, id=ARBITRATOR.id)
    for by in (ARBITRATOR, promoted):
        given(*appealed()).when(take(by)).then_refused(HeardBefore)
        assert next_actions(fold(*appealed()), a_playbook(), by) == (Possible("declare_conflict"),)
    given(*appealed()).when(take(ARBITRATOR_MACHINE)).then_refused(NotAnArbitrator)
    for by in (OTHER_ARBITRATOR, SENIOR):
        given(*appealed()).when(take(by)).then(*a_hearing(by))


def test_who_had_the_case_and_gave_it_to_another_does_not_hear_the_appeal_either() -> None:
    given_on = CaseAssigned(arbitrator=SENIOR, by=ARBITRATOR, at=hours(6))
    confirmed = ruling.rule(
        fold(*taken_in_hand(), given_on), a_playbook(), (an_award_sought(),), "理由", by=SENIOR, at=hours(7)
    )
    before = (*taken_in_hand(), given_on, confirmed, an_appeal())
    for by in (ARBITRATOR, SENIOR):
        given(*before).when(take(by)).then_refused(HeardBefore)


def test_a_case_that_is_not_appealed_is_taken_as_ever() -> None:
    before = taken_in_hand()[:-2]
    assert appeal.take_case(fold(*before), by=SENIOR, at=hours(6)) == review.intervene(
        fold(*before), by=SENIOR, at=hours(6)
    )


def test_an_appealed_case_is_not_ruled_on_as_if_it_were_not() -> None:
    def rule(dispute: Any) -> Any:
        return ruling.rule(dispute, a_playbook(), (an_award_sought(),), "理由", by=OTHER_ARBITRATOR, at=hours(40))

    given(*heard()).when(rule).then_refused(UnderAppeal)


def test_both_sides_show_evidence_and_offer_while_an_appeal_is_heard() -> None:
    shown = {one.action for one in next_actions(fold(*heard()), a_playbook(), MERCHANT)}
    assert shown == {"send_message", "submit_evidence", "make_offer", "give_goodwill", "chase", "request_human"}
    assert fold(*heard(), an_exhibit()).evidence.exhibit("e1") is not None


def test_an_offer_made_before_the_ruling_cannot_be_taken_when_it_is_appealed() -> None:
    ruled = (*taken_in_hand(), an_offer(), decided()[-1])
    before = (*ruled, an_appeal())
    assert fold(*before).negotiation.offer("o1").state is OfferState.EXPIRED
    given(*before).when(lambda one: negotiation.accept_offer(one, "o1", by=BUYER, at=hours(21))).then_refused(
        OfferNotOpen
    )


def test_a_settlement_ends_the_appeal() -> None:
    offered = (*heard(), an_offer())

    def accept(dispute: Any) -> Any:
        return disputes.settle(dispute, DISPUTE, negotiation.accept_offer(dispute, "o1", by=BUYER, at=hours(41)))

    happened = given(*offered).when(accept).happened
    state = fold(*offered, *happened)
    assert (state.stage, state.appeal.open) == (Stage.CARRYING_OUT, None)
    assert state.appeal.appeal("a1").state is AppealState.SETTLED
    given(*offered, *happened).when(reject()).then_refused(AppealNotOpen, state="settled")


@pytest.mark.parametrize("act", [reject, uphold])
def test_only_who_hears_the_appeal_decides_it(act: Any) -> None:
    given(*heard()).when(act(SENIOR)).then_refused(NotYourCase)
    given(*heard()).when(act(ARBITRATOR)).then_refused(HeardBefore)
    for by in (MERCHANT, OTHER_ARBITRATOR.model_copy(update={"is_tool": True})):
        given(*heard()).when(act(by)).then_refused(NotAnArbitrator)
    given(*appealed()).when(act()).then_refused(NotYourCase)
    given(*heard()).when(act(appeal_id="a2")).then_refused(UnknownAppeal, appeal="a2", known=["a1"])


def test_a_rejected_appeal_makes_the_ruling_final_at_once_and_its_remedies_begin() -> None:
    rejection, final, ordered = given(*heard()).when(reject()).happened
    assert rejection == AppealRejected(appeal="a1", reason="没有理由", by=OTHER_ARBITRATOR, at=hours(40))
    assert final == RulingBecameFinal(ruling="r1", clock=None, at=hours(40))
    assert isinstance(ordered, RemedyOrdered)
    assert ordered.amount == cny(3980)
    state = fold(*heard(), rejection, final, ordered)
    assert (state.stage, state.appeal.appeal("a1").state) == (Stage.CARRYING_OUT, AppealState.REJECTED)
    given(*heard(), rejection, final, ordered).when(uphold()).then_refused(AppealNotOpen, state="rejected")


def test_an_upheld_ruling_is_final_at_once() -> None:
    upheld, final, *_ = given(*heard()).when(uphold()).happened
    assert upheld == RulingUpheld(appeal="a1", ruling="r1", reasons="没有错", by=OTHER_ARBITRATOR, at=hours(40))
    assert final.ruling == "r1"
    assert fold(*heard(), upheld).appeal.appeal("a1").state is AppealState.UPHELD


def test_an_upheld_dismissal_is_the_end() -> None:
    before = heard(a_dismissal_sought())
    *_, closed = given(*before).when(uphold()).happened
    assert closed == Closed(outcome=Outcome.DECIDED, at=hours(40))


def test_what_silence_decided_and_an_appeal_left_as_it_was_ends_by_default() -> None:
    before = (*served(), *expire(fold(*served()), ClockName.ANSWER, hours(50)), an_appeal(), *a_hearing())
    happened = given(*before).when(uphold()).happened
    [line] = [one for one in happened if isinstance(one, RemedyOrdered)]

    *_, closed = remedy.confirm_line(fold(*before, *happened), line.line, at=hours(60))
    assert closed == Closed(outcome=Outcome.DEFAULTED, at=hours(60))


def test_what_was_being_paid_goes_on_when_the_ruling_is_upheld() -> None:
    before = heard(playbook=at_decision())
    upheld, final = given(*before).when(uphold()).happened
    state = fold(*before, upheld, final)
    assert state.stage is Stage.CARRYING_OUT
    assert [one.line for one in state.remedy.in_force()] == ["l1"]


def test_a_reversal_decides_every_claim_anew_as_the_next_ruling_and_is_final_at_once() -> None:
    part = an_award_sought(remedy=RemedyKind.PARTIAL_REFUND, amount=cny(700))
    made, final, ordered = given(*heard()).when(reversing(part)).happened
    assert isinstance(made, RulingReversed)
    assert (made.ruling, made.reversed, made.appeal) == ("r2", "r1", "a1")
    assert made.remedies_start is RemediesStart.AT_FINAL
    assert final == RulingBecameFinal(ruling="r2", clock=None, at=hours(40))
    assert (ordered.line, ordered.amount) == ("l1", cny(700))
    state = fold(*heard(), made, final, ordered)
    assert [type(one) for one in state.ruling.decisions] == [RulingConfirmed, RulingReversed]
    assert state.appeal.appeal("a1").state is AppealState.REVERSED


def test_a_reversal_that_awards_nothing_where_nothing_was_ordered_is_the_end() -> None:
    made, _, closed = given(*heard()).when(reversing()).happened
    assert isinstance(made, RulingReversed)
    assert closed == Closed(outcome=Outcome.DECIDED, at=hours(40))


def test_an_appeal_is_offered_to_who_hears_it_in_each_way_it_can_end_and_until_when_it_can_be_filed() -> None:
    shown = next_actions(fold(*heard()), a_playbook(), OTHER_ARBITRATOR)
    assert [one.action for one in shown if one.of == "a1"] == ["reject_appeal", "uphold_ruling", "reverse_ruling"]
    state = fold(*decided())
    clock = actions.until(state, Possible("file_appeal"), MERCHANT)
    assert clock == state.clocks["appeal"]


def test_a_reversal_decides_every_claim() -> None:
    given(*heard()).when(reversing(an_award_sought(claim="c2"))).then_refused(AwardsIncomplete, claims=["c1"])

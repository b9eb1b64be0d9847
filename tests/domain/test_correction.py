"""A slip in a ruling is put right by whoever made it; what was found and decided stays."""

from __future__ import annotations

from typing import Any

import pytest

from domain.calendars import ClockName
from domain.dispute import correction, negotiation
from domain.dispute import dispute as disputes
from domain.dispute.admission import UnknownExhibit
from domain.dispute.award import RemedyDoesNotFit, RuleDoesNotFit, UnknownRule
from domain.dispute.correction import (
    AlreadyCarriedOut,
    AwardCorrection,
    CorrectionAboveLimit,
    CorrectionDoesNotFit,
    CorrectionKind,
    RulingCorrected,
    RulingNotOpen,
)
from domain.dispute.intake import UnknownClaim
from domain.dispute.pause import ClockPaused, PauseGround
from domain.dispute.remedy import RemedyOrdered
from domain.dispute.review import NotYourCase
from domain.dispute.ruling import RulingBecameFinal, RulingConfirmed
from domain.dispute.stages import NotOpenForThis
from domain.kernel import Actor, Event
from domain.playbook.playbook import Playbook, RemedyKind
from domain.playbook.remedies import AmountNotChosen, AmountNotFree, FreightExceeded
from tests.support import builders, money
from tests.support.builders import (
    ARBITRATOR,
    ARBITRATOR_MACHINE,
    BUYER,
    DISPUTE,
    MERCHANT,
    OTHER_ARBITRATOR,
    a_correction,
    a_playbook,
    a_ruling,
    an_award_sought,
    an_exhibit,
    an_offer,
    appealed,
    cny,
    decided,
    hours,
    proposed,
    served,
    taken_in_hand,
    two_claims_asked,
    undetermined_sought,
    watched,
)
from tests.support.given import fold, given

TYPING, ARITHMETIC, OMISSION = CorrectionKind
PART = an_award_sought(remedy=RemedyKind.PARTIAL_REFUND, amount=cny(1500))


def correct(
    kind: CorrectionKind,
    *corrections: AwardCorrection,
    reasons: str | None = None,
    by: Actor = ARBITRATOR,
    name: str = "r1",
    playbook: Playbook | None = None,
) -> Any:
    return lambda dispute: correction.correct(
        dispute, playbook or a_playbook(), name, kind, corrections, reasons, "写错了", by=by, at=hours(8)
    )


def put(claim: str = "c1", **changes: Any) -> AwardCorrection:
    return AwardCorrection(claim=claim, **changes)


def test_a_slip_of_the_pen_changes_words_and_nothing_else() -> None:
    slip = correct(TYPING, put(facts="照片显示果肉发白"), reasons="承诺要兑现")
    [corrected] = given(*decided()).when(slip).happened
    assert corrected == RulingCorrected(
        ruling="r1",
        kind=TYPING,
        awards=(a_ruling().awards[0].model_copy(update={"facts": "照片显示果肉发白"}),),
        reasons="承诺要兑现",
        why="写错了",
        by=ARBITRATOR,
        at=hours(8),
    )


def test_a_corrected_ruling_reads_as_corrected_and_how_it_read_before_stays_in_the_history() -> None:
    state = fold(*decided(), a_correction())
    assert isinstance(state.ruling.decision, RulingConfirmed)
    assert (state.ruling.decision.reasons, state.ruling.corrections) == ("承诺应当兑现。", (a_correction(),))
    assert state.ruling.decision.appeal_clock == state.clocks["appeal"] == a_ruling().appeal_clock


def test_an_amount_that_was_reckoned_wrong_is_derived_anew_and_the_window_to_appeal_starts_anew() -> None:
    before = decided(PART)
    [corrected] = given(*before).when(correct(ARITHMETIC, put(amount=cny(1600)))).happened
    [line] = corrected.awards[0].lines
    assert (line.amount, line.derivation.amount) == (cny(1600), cny(1600))
    anew = a_playbook().start(ClockName.APPEAL, hours(8))
    assert corrected.appeal_clock == anew
    state = fold(*before, corrected)
    assert (state.clocks["appeal"], state.ruling.made.appeal_clock) == (anew, anew)
    _, ordered = builders.expire(state, ClockName.APPEAL, hours(8 + 168))
    assert isinstance(ordered, RemedyOrdered)
    assert ordered.amount == cny(1600)


def test_a_window_that_starts_anew_is_not_held_by_a_pause_of_the_old_one() -> None:
    pause = ClockPaused(
        clocks=("appeal",), ground=PauseGround.OUTAGE, reason="故障", until=hours(20), by=ARBITRATOR, at=hours(7.5)
    )
    before = (*decided(PART), pause)
    assert fold(*before, a_correction()).paused == pause
    [corrected] = given(*before).when(correct(ARITHMETIC, put(amount=cny(1600)))).happened
    assert fold(*before, corrected).paused is None


def test_only_an_amount_that_somebody_set_can_be_reckoned_wrong() -> None:
    given(*decided()).when(correct(ARITHMETIC, put(amount=cny(3000)))).then_refused(AmountNotFree, amount=3980)
    given(*decided(PART)).when(correct(ARITHMETIC, put(amount=cny(3981)))).then_refused(AmountNotChosen)
    dismissed = decided(builders.a_dismissal_sought())
    given(*dismissed).when(correct(ARITHMETIC, put(amount=cny(1)))).then_refused(RemedyDoesNotFit, open=[])


BOTH = an_award_sought(
    remedies=(
        builders.a_remedy_sought(RemedyKind.PARTIAL_REFUND, 1500),
        builders.a_remedy_sought(RemedyKind.COUPON, 200),
    )
)


def test_of_several_lines_the_one_that_is_named_is_corrected() -> None:
    slip = put(remedy=RemedyKind.COUPON, amount=cny(300))
    [corrected] = given(*decided(BOTH)).when(correct(ARITHMETIC, slip)).happened
    assert [line.amount for line in corrected.awards[0].lines] == [cny(1500), cny(300)]
    only = given(*decided(PART)).when(correct(ARITHMETIC, put(remedy=RemedyKind.PARTIAL_REFUND, amount=cny(1600))))
    assert only.happened[0].awards[0].lines[0].amount == cny(1600)


def test_a_correction_says_which_of_several_lines_it_is_of() -> None:
    there = ["partial_refund", "coupon"]
    for slip in (put(amount=cny(300)), put(remedy=RemedyKind.REFUND_ONLY, amount=cny(300))):
        given(*decided(BOTH)).when(correct(ARITHMETIC, slip)).then_refused(RemedyDoesNotFit, open=there)
    other = put(remedy=RemedyKind.COUPON, amount=cny(300))
    given(*decided(PART)).when(correct(ARITHMETIC, other)).then_refused(RemedyDoesNotFit, open=["partial_refund"])


def test_no_correction_gives_back_more_freight_than_was_paid() -> None:
    rules = a_playbook(remedies=builders.remedies_of("freight_refund", of="freight", chosen=True))
    before = taken_in_hand(*two_claims_asked(), playbook=rules)
    freight = [
        an_award_sought(claim=claim, remedy=RemedyKind.FREIGHT_REFUND, amount=cny(300)) for claim in ("c1", "c2")
    ]
    made = a_ruling(*freight, before=before, playbook=rules)
    given(*before, made).when(correct(ARITHMETIC, put(amount=cny(301)), playbook=rules)).then_refused(
        FreightExceeded, amount=601, at_most=600
    )
    assert given(*before, made).when(correct(ARITHMETIC, put(amount=cny(299)), playbook=rules)).happened


def test_what_was_left_out_is_added_and_nothing_is_taken_away() -> None:
    before = (*decided(), an_exhibit())
    added = put(rules=("COMMON-DESCRIBED-1", "COMMON-PROMISE-1"), relied_on=("e1",))
    [corrected] = given(*before).when(correct(OMISSION, added)).happened
    [award] = corrected.awards
    assert (award.rules, award.relied_on) == (("COMMON-PROMISE-1", "COMMON-DESCRIBED-1"), ("e1",))
    assert (award.finding, award.lines, corrected.appeal_clock) == ("upheld", a_ruling().awards[0].lines, None)


def test_what_is_added_fits_like_everything_that_is_cited() -> None:
    for added, refusal in (
        (put(rules=("COMMON-NEW-9",)), UnknownRule),
        (put(rules=("COMMON-UNPROVED-1",)), RuleDoesNotFit),
        (put(relied_on=("e9",)), UnknownExhibit),
    ):
        given(*decided()).when(correct(OMISSION, added)).then_refused(refusal)
    undetermined = decided(undetermined_sought())
    given(*undetermined).when(correct(OMISSION, put(rules=("COMMON-PROMISE-1",)))).then_refused(RuleDoesNotFit)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (TYPING, {"amount": cny(1)}),
        (TYPING, {"rules": ("COMMON-DESCRIBED-1",)}),
        (TYPING, {"relied_on": ("e1",)}),
        (ARITHMETIC, {"facts": "别的事实"}),
        (OMISSION, {"facts": "别的事实"}),
        (OMISSION, {"amount": cny(1)}),
    ],
)
def test_a_correction_changes_only_what_its_kind_is_for(kind: CorrectionKind, changes: dict[str, Any]) -> None:
    given(*decided(PART)).when(correct(kind, put(**changes))).then_refused(CorrectionDoesNotFit, kind=str(kind))
    given(*decided()).when(correct(ARITHMETIC, reasons="换个理由")).then_refused(CorrectionDoesNotFit)


def test_a_correction_that_changes_nothing_is_nothing_new() -> None:
    for one in (
        correct(TYPING),
        correct(OMISSION, put(rules=("COMMON-PROMISE-1",))),
        correct(TYPING, reasons="承诺应当兑现"),
    ):
        given(*decided()).when(one).then_nothing()
    given(*decided(PART)).when(correct(ARITHMETIC, put(amount=cny(1500)))).then_nothing()


def test_a_correction_is_of_a_claim_of_this_case() -> None:
    given(*decided()).when(correct(TYPING, put("c9", facts="x"))).then_refused(
        UnknownClaim, claim="c9", known_claims=["c1"]
    )


def test_what_was_not_corrected_stays_as_it_was() -> None:
    before = taken_in_hand(*two_claims_asked())
    made = a_ruling(an_award_sought(), builders.a_dismissal_sought("c2"), before=before)
    [corrected] = given(*before, made).when(correct(TYPING, put("c2", facts="没有证据"))).happened
    assert (corrected.awards[0], corrected.awards[1].facts) == (made.awards[0], "没有证据")


@pytest.mark.parametrize("by", [OTHER_ARBITRATOR, BUYER, ARBITRATOR_MACHINE])
def test_only_the_arbitrator_who_decided_corrects(by: Actor) -> None:
    given(*decided()).when(correct(TYPING, reasons="x", by=by)).then_refused(NotYourCase)


def test_of_a_ruling_of_two_either_corrects() -> None:
    confirmed = a_ruling().model_copy(update={"by": OTHER_ARBITRATOR, "proposed_by": ARBITRATOR})
    for by in (ARBITRATOR, OTHER_ARBITRATOR):
        assert given(*proposed(), confirmed).when(correct(TYPING, reasons="x", by=by)).happened


def a_default() -> tuple[Event, ...]:
    return (*served(), *builders.expire(fold(*served()), ClockName.ANSWER, hours(50)))


def test_a_final_ruling_another_ruling_and_a_default_are_not_corrected() -> None:
    final = RulingBecameFinal(ruling="r1", clock=a_ruling().appeal_clock, at=hours(200))
    for before, name in (
        ((*decided(), final), "r1"),
        (decided(), "r2"),
        (a_default(), "r1"),
        (money.settled(), "r1"),
    ):
        given(*before).when(correct(TYPING, reasons="x", name=name)).then_refused(RulingNotOpen, ruling=name)


@pytest.mark.parametrize("before", [taken_in_hand(), proposed()])
def test_what_was_not_decided_is_not_corrected(before: tuple[Event, ...]) -> None:
    given(*before).when(correct(TYPING, reasons="x")).then_refused(NotOpenForThis)


def test_amounts_that_are_being_paid_are_not_corrected_but_words_are() -> None:
    rules = a_playbook(remedies_start="at_decision")
    before = taken_in_hand(playbook=rules)
    paying = (*before, *disputes.decide(fold(*before), DISPUTE, a_ruling(PART, before=before, playbook=rules)))
    given(*paying).when(correct(ARITHMETIC, put(amount=cny(1600)))).then_refused(AlreadyCarriedOut, claims=["c1"])
    assert given(*paying).when(correct(TYPING, reasons="x")).happened


def test_nobody_alone_corrects_an_amount_above_the_limit_of_four_eyes() -> None:
    up = correct(ARITHMETIC, put(amount=cny(1600)), playbook=watched(1599))
    given(*decided(PART)).when(up).then_refused(CorrectionAboveLimit, amount=1600, at_most=1599, currency="CNY")
    assert given(*decided(PART)).when(correct(TYPING, reasons="x", playbook=watched(1))).happened
    assert given(*decided(PART)).when(correct(ARITHMETIC, put(amount=cny(1600)), playbook=watched(1600))).happened


def test_a_ruling_in_whose_place_the_parties_have_agreed_is_not_corrected() -> None:
    state = fold(*appealed(), an_offer(by=BUYER, offer="o9"))
    agreed = negotiation.accept_offer(state, "o9", by=MERCHANT, at=hours(33))
    events = disputes.settle(state, DISPUTE, agreed)
    given(*appealed(), an_offer(by=BUYER, offer="o9"), *events).when(
        correct(TYPING, put(facts="照片显示果肉发白"))
    ).then_refused(RulingNotOpen, ruling="r1")

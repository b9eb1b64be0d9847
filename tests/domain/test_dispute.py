from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from typing import get_args

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.dispute import dispute as disputes
from domain.dispute.actions import Possible, next_actions
from domain.dispute.admission import ChallengeGround, EvidenceAdmitted, EvidenceChallenged, EvidenceExcluded
from domain.dispute.appeal import AppealHeard, AppealRejected, RulingUpheld
from domain.dispute.chase import Chased
from domain.dispute.closing import Withdrawn
from domain.dispute.dispute import Dispute, DisputeEvent
from domain.dispute.goodwill import GoodwillPaid
from domain.dispute.hold import LegalHoldLifted, LegalHoldPlaced
from domain.dispute.intake import Closed, DisputeFiled, MerchantResponded, Outcome, ResponseLapsed
from domain.dispute.liability import LiabilityUndetermined
from domain.dispute.link import CaseLinked, LinkKind
from domain.dispute.negotiation import MessageSent, OfferAccepted, OfferDeclined, OfferExpired, Settled
from domain.dispute.note import NoteAdded, NoteKind
from domain.dispute.notice import Bounce, NoticeBounced, NoticeLapsed, NoticeServed
from domain.dispute.pause import ClockPaused, ClockResumed, PauseGround
from domain.dispute.proposal import ProposalReturned
from domain.dispute.recovery import RecoveryOrdered, RecoveryWrittenOff, RemedyRecovered, RemedyStopped
from domain.dispute.remedy import Compensated, RemedyConfirmed
from domain.dispute.review import CaseReassigned, CaseReleased, ConflictDeclared, ConflictGround
from domain.dispute.rounds import EvidenceRequestAnswered
from domain.dispute.ruling import RulingBecameFinal, RulingReversed
from domain.dispute.stages import Stage
from domain.events import EVENTS
from domain.kernel import ARBITRATORS, Actor, DomainError, Event, Role
from domain.playbook.playbook import Playbook
from tests.support import moves
from tests.support.builders import (
    ARBITRATOR,
    AUDITOR,
    BUYER,
    ELSEWHERE,
    EVERYONE,
    MERCHANT,
    OTHER_ARBITRATOR,
    PLATFORM_MACHINE,
    SENIOR,
    a_claim_added,
    a_closed_round,
    a_correction,
    a_default,
    a_filed_dispute,
    a_hearing,
    a_human_request,
    a_lapse,
    a_notice_served,
    a_playbook,
    a_proposal,
    a_reopening,
    a_request,
    a_response,
    a_ruling,
    a_settlement,
    an_appeal,
    an_escalation,
    an_exhibit,
    an_intervention,
    an_offer,
    appealed,
    awaiting,
    cny,
    decided,
    heard,
    hours,
    limits,
    negotiating,
    reversing,
    served,
    taken_in_hand,
    under_review,
)
from tests.support.given import clock_of, fold
from tests.support.money import a_refund_reported, a_remedy_ordered, goodwill_given, settled
from tests.support.walk import Life, lives


def a_reversal() -> RulingReversed:
    reversed_, *_ = reversing()(fold(*heard()))
    assert isinstance(reversed_, RulingReversed)
    return reversed_


ORDERED_BACK = RecoveryOrdered(
    recovery="v1",
    line="l1",
    claim="c1",
    payer=Role.BUYER,
    payer_id=BUYER.id,
    payee=Role.MERCHANT,
    payee_id=MERCHANT.id,
    amount=cny(1500),
    at=hours(40),
)
ONE_OF_EACH: tuple[DisputeEvent, ...] = (
    a_filed_dispute(),
    NoticeBounced(channel="sms", why=Bounce.FAILED, by=PLATFORM_MACHINE, at=hours(0)),
    NoticeLapsed(clock=a_filed_dispute().notice_clock, at=hours(72)),
    a_notice_served(),
    ClockPaused(
        clocks=("answer",), ground=PauseGround.OUTAGE, reason="故障", until=hours(9), by=ARBITRATOR, at=hours(1)
    ),
    ClockResumed(clocks=(a_notice_served().clock,), by=ARBITRATOR, at=hours(2)),
    a_default(),
    a_response(),
    a_claim_added(),
    a_lapse(hours(48)),
    Closed(outcome=Outcome.DECIDED, at=hours(9)),
    MessageSent(text="在吗", by=BUYER, at=hours(1)),
    an_offer(),
    OfferAccepted(offer="o1", by=BUYER, at=hours(4)),
    OfferDeclined(offer="o1", reason="太少了", by=BUYER, at=hours(4)),
    OfferExpired(offer="o1", clock=an_offer().clock, at=hours(60)),
    a_settlement(),
    an_exhibit(),
    a_request(),
    EvidenceRequestAnswered(request="q1", at=hours(8)),
    a_closed_round(),
    EvidenceChallenged(
        exhibit="e1", ground=ChallengeGround.AUTHENTICITY, statement="不是这件", by=MERCHANT, at=hours(2)
    ),
    EvidenceAdmitted(exhibit="e1", reason="情有可原", by=ARBITRATOR, at=hours(8)),
    EvidenceExcluded(exhibit="e1", reason="与本案无关", by=ARBITRATOR, at=hours(9)),
    an_escalation(),
    *an_intervention(),
    CaseReleased(reason="休假", by=ARBITRATOR, at=hours(7)),
    CaseReassigned(to=OTHER_ARBITRATOR, reason="分担", by=SENIOR, at=hours(7)),
    ConflictDeclared(ground=ConflictGround.PAST_TRADE, reason="买过", by=ARBITRATOR, at=hours(7)),
    Chased(by=BUYER, at=hours(7)),
    goodwill_given(),
    GoodwillPaid(line="g1", amount=cny(500), at=hours(8)),
    NoteAdded(kind=NoteKind.INTERNAL, text="已核对", by=ARBITRATOR, at=hours(7)),
    CaseLinked(other=ELSEWHERE, kind=LinkKind.RELATED, reason="同一批", by=ARBITRATOR, at=hours(7)),
    LegalHoldPlaced(reason="法院调卷", by=AUDITOR, at=hours(7)),
    LegalHoldLifted(reason="已结案", by=AUDITOR, at=hours(8)),
    a_ruling(),
    a_human_request(),
    a_proposal(),
    ProposalReturned(ruling="r1", reason="理由不足", by=OTHER_ARBITRATOR, at=hours(8)),
    LiabilityUndetermined(ruling="r1", claim="c1", facts="都可信", rule="U-1", by=ARBITRATOR, at=hours(7)),
    a_correction(),
    RulingBecameFinal(ruling="r1", clock=a_ruling().appeal_clock, at=hours(200)),
    an_appeal(),
    a_hearing()[0],
    AppealRejected(appeal="a1", reason="没有理由", by=OTHER_ARBITRATOR, at=hours(40)),
    RulingUpheld(appeal="a1", ruling="r1", reasons="原裁决没错", by=OTHER_ARBITRATOR, at=hours(40)),
    a_reversal(),
    a_remedy_ordered(),
    RemedyConfirmed(line="l1", amount=cny(1500), at=hours(9)),
    Compensated(claim="c1", paid=cny(1500), at=hours(9)),
    a_refund_reported(1000, ("l1", 500)),
    RemedyStopped(line="l1", claim="c1", paid=cny(1500), unpaid=cny(0), at=hours(40)),
    ORDERED_BACK,
    RemedyRecovered(recovery="v1", amount=cny(1500), reference="back-1", by=PLATFORM_MACHINE, at=hours(50)),
    RecoveryWrittenOff(recovery="v1", amount=cny(1500), reason="找不到人", by=SENIOR, at=hours(60)),
    Withdrawn(reason="不争了", by=BUYER, at=hours(5)),
    a_reopening(),
)


def test_there_is_a_sample_of_every_event_of_a_dispute() -> None:
    assert {type(event) for event in ONE_OF_EACH} == set(get_args(DisputeEvent))
    assert set(get_args(DisputeEvent)) <= set(EVENTS)


@for_all(st.lists(st.sampled_from(ONE_OF_EACH), max_size=25))
def test_reading_history_never_refuses_whatever_is_in_it(events: list[DisputeEvent]) -> None:
    assert isinstance(fold(a_filed_dispute(), *events), Dispute)


@pytest.mark.parametrize("event", ONE_OF_EACH, ids=lambda event: event.TOPIC)
def test_every_event_changes_the_state_of_a_dispute(event: DisputeEvent) -> None:
    before = fold(*negotiating(), an_offer())
    if isinstance(event, Settled):  # with no clock that would stop by it
        before = fold(*negotiating())
    if isinstance(event, DisputeFiled | NoticeServed | NoticeLapsed | MerchantResponded | ResponseLapsed):
        before = fold(*awaiting(), an_offer())
    if isinstance(event, GoodwillPaid):
        before = fold(*negotiating(), goodwill_given())
    if isinstance(event, CaseReleased | LegalHoldLifted):
        before = fold(*taken_in_hand(), LegalHoldPlaced(reason="法院调卷", by=AUDITOR, at=hours(7)))
    if isinstance(
        event, RulingBecameFinal | AppealHeard | AppealRejected | RulingUpheld | RemedyRecovered | RecoveryWrittenOff
    ):
        before = fold(*appealed(), ORDERED_BACK)
    assert disputes.evolve(before, event) != before


def test_the_random_lives_get_to_every_stage_and_to_nine_of_ten_events() -> None:
    """The lives of `tests/support/told.py` hold every event; these hold what nobody has thought of telling."""
    seen: set[tuple[type[Event], Stage]] = set()

    @settings(max_examples=400)
    @for_all(lives())
    def look(life: Life) -> None:
        seen.update((type(event), life.dispute.stage) for event in life.events)

    look()
    kinds = set(get_args(DisputeEvent))
    assert len(kinds - {kind for kind, _ in seen}) * 10 <= len(kinds)
    assert {stage for _, stage in seen} == set(Stage)


@for_all(lives())
def test_a_history_read_from_its_stored_text_gives_the_same_state(life: Life) -> None:
    stored = [(type(event), event.model_dump_json()) for event in life.events]
    again = [kind.model_validate_json(text) for kind, text in stored]
    assert tuple(again) == life.events
    assert fold(*again) == life.dispute
    assert [event.model_dump_json() for event in again] == [text for _, text in stored]


@for_all(lives())
def test_no_more_is_ordered_than_is_open_and_the_end_comes_when_all_is_paid(life: Life) -> None:
    dispute = life.dispute
    if dispute.stage is Stage.CLOSED:
        assert all(dispute.remedy.is_done(one) for one in dispute.remedy.in_force())
        assert not any(one.left.minor for one in dispute.remedy.recoveries.values())
        assert dispute.negotiation.settled or dispute.ruling.final or dispute.closing.withdrawn
        assert not dispute.clocks


def offered(dispute: Dispute, playbook: Playbook, viewer: Actor) -> set[Possible]:
    """What the deciders do not refuse the viewer when it is simply tried."""
    at = max((one.started_at for one in dispute.clocks.values()), default=hours(10_000))  # while none has run out
    possible = {
        Possible(name) for name, move in moves.ACTIONS.items() if not refused(move, dispute, playbook, viewer, at, 1)
    }
    for number, offer in enumerate(dispute.negotiation.offers):
        possible |= {
            Possible(name, offer.made.offer)
            for name, move in moves.OFFER_ACTIONS.items()
            if not refused(move, dispute, playbook, viewer, at, number)
        }
    for number, shown in enumerate(dispute.evidence.exhibits):
        possible |= {
            Possible(name, shown.exhibit)
            for name, move in moves.EXHIBIT_ACTIONS.items()
            if not refused(move, dispute, playbook, viewer, at, number)
        }
    for number, name in enumerate(dispute.remedy.recoveries):
        possible |= {
            Possible(action, name)
            for action, move in moves.RECOVERY_ACTIONS.items()
            if not refused(move, dispute, playbook, viewer, at, number)
        }
    last = f"a{len(dispute.appeal.filed)}"
    possible |= {
        Possible(name, last)
        for name, move in moves.APPEAL_ACTIONS.items()
        if not refused(move, dispute, playbook, viewer, at, 1)
    }
    possible |= {
        Possible(name, of(dispute))
        for name, (move, of) in moves.RULING_ACTIONS.items()
        if not refused(move, dispute, playbook, viewer, at, 1)
    }
    return possible


def refused(move: moves.Move, dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> bool:
    """Whether nothing happens: it is refused, or is nothing new."""
    try:
        return not move(dispute, playbook, by, at, choice)
    except DomainError:
        return True


@settings(max_examples=25)
@for_all(lives(steps_max=25))
def test_a_viewer_is_shown_exactly_what_the_rules_do_not_refuse(life: Life) -> None:
    for viewer in EVERYONE:
        shown = next_actions(life.dispute, life.playbook, viewer)
        assert len(shown) == len(set(shown))
        assert set(shown) == offered(life.dispute, life.playbook, viewer)


BEFORE: dict[Stage, tuple[Event, ...]] = {
    Stage.AWAITING_RESPONSE: awaiting(),
    Stage.NEGOTIATION: (*negotiating(), an_offer()),
    Stage.UNDER_REVIEW: taken_in_hand(),
    Stage.DECIDED: decided(),
    Stage.CARRYING_OUT: settled(),
    Stage.CLOSED: (*settled(), Closed(outcome=Outcome.SETTLED, at=hours(9))),
}
ANSWERS = {Possible("accept_offer", "o1"), Possible("decline_offer", "o1")}
HUMAN = {Possible("request_human")}
TALK = {Possible("send_message"), Possible("submit_evidence"), *HUMAN}
CLOCK = {Possible("pause_clock")}
APPEAL = {Possible("file_appeal")}
WITHDRAW = {Possible("withdraw")}
ANYBODY = [one for one in EVERYONE if one.role in ARBITRATORS and not one.is_tool]
CAN: dict[tuple[Stage, Actor], set[Possible]] = {
    (Stage.AWAITING_RESPONSE, BUYER): TALK | WITHDRAW,
    (Stage.AWAITING_RESPONSE, MERCHANT): TALK | {Possible("respond")},
    (Stage.NEGOTIATION, BUYER): TALK
    | ANSWERS
    | WITHDRAW
    | {Possible("make_offer"), Possible("escalate"), Possible("add_claim")},
    (Stage.NEGOTIATION, MERCHANT): TALK | {Possible("make_offer"), Possible("escalate")},
    (Stage.UNDER_REVIEW, BUYER): TALK | WITHDRAW | {Possible("make_offer")},
    (Stage.UNDER_REVIEW, MERCHANT): TALK | {Possible("make_offer")},
    (Stage.UNDER_REVIEW, ARBITRATOR): {
        Possible("rule"),
        Possible("request_evidence"),
        Possible("close_evidence_round"),
    },
    (Stage.DECIDED, ARBITRATOR): CLOCK | {Possible("correct_ruling", "r1")},
    (Stage.DECIDED, BUYER): APPEAL | HUMAN,
    (Stage.DECIDED, MERCHANT): APPEAL | HUMAN,
    **{(Stage.CLOSED, one): {Possible("reopen")} for one in ANYBODY if one.role is Role.SENIOR_ARBITRATOR},
    **{(Stage.NEGOTIATION, one): CLOCK for one in ANYBODY},
    **{(Stage.AWAITING_RESPONSE, one): CLOCK for one in ANYBODY},
    **{(Stage.AWAITING_RESPONSE, one): {Possible("report_notice")} for one in EVERYONE if one.role is Role.PLATFORM},
}


def besides(stage: Stage, viewer: Actor) -> set[Possible]:
    """What is possible in nearly every stage."""
    names: set[str] = set()
    if viewer in (BUYER, MERCHANT) and stage is not Stage.CLOSED:
        names |= {"chase"}
    if viewer == MERCHANT or (viewer in ANYBODY and viewer.role is Role.SENIOR_ARBITRATOR):
        names |= {"give_goodwill"} if stage is not Stage.CLOSED else set()
    if viewer in ANYBODY:
        names |= {"declare_conflict", "add_note", "link_case"}
    if stage is Stage.UNDER_REVIEW:
        names |= {"release_case"} if viewer == ARBITRATOR else set()
        names |= {"reassign_case"} if viewer.role is Role.SENIOR_ARBITRATOR else set()
    if viewer.role is Role.AUDITOR:
        names |= {"place_legal_hold"}
    return {Possible(name) for name in names}


@pytest.mark.parametrize(("stage", "viewer"), list(product(BEFORE, EVERYONE)), ids=str)
def test_what_each_may_do_in_each_stage(stage: Stage, viewer: Actor) -> None:
    assert fold(*BEFORE[stage]).stage is stage
    can = CAN.get((stage, viewer), set()) | besides(stage, viewer)
    assert set(next_actions(fold(*BEFORE[stage]), a_playbook(), viewer)) == can


def test_who_has_declared_a_conflict_is_not_asked_again() -> None:
    declared = ConflictDeclared(ground=ConflictGround.PAST_TRADE, reason="买过", by=ARBITRATOR, at=hours(7))
    assert Possible("declare_conflict") in next_actions(fold(*under_review()), a_playbook(), ARBITRATOR)
    assert Possible("declare_conflict") not in next_actions(fold(*under_review(), declared), a_playbook(), ARBITRATOR)


def test_a_case_that_nobody_has_is_offered_to_every_arbitrator_and_to_no_machine() -> None:
    for viewer in EVERYONE:
        can = Possible("intervene") in next_actions(fold(*under_review()), a_playbook(), viewer)
        assert can == (viewer.role in {"arbitrator", "senior_arbitrator"} and not viewer.is_tool)


def test_the_silence_of_the_merchant_brings_the_platform_in_and_the_answer_ends_it() -> None:
    lapsed = fold(*served(), a_lapse(hours(48)))
    assert (lapsed.stage, clock_of(lapsed)) == (Stage.UNDER_REVIEW, None)
    assert clock_of(fold(*negotiating())) is None


def test_a_dispute_stands_the_same_in_every_time_zone_in_which_it_is_read() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    filed = a_filed_dispute(at=noon)
    text = filed.model_dump_json().replace("2026-03-02T12:00:00Z", "2026-03-02T20:00:00+08:00")
    assert text != filed.model_dump_json()
    assert fold(DisputeFiled.model_validate_json(text)) == fold(filed)


@pytest.mark.parametrize(
    ("limit", "used_up", "action"),
    [
        ("offers_per_side", an_offer(by=BUYER), "make_offer"),
        ("messages_per_side", MessageSent(text="在吗", by=BUYER, at=hours(1)), "send_message"),
        ("exhibits_per_side", an_exhibit(by=BUYER), "submit_evidence"),
        ("chases_per_side", Chased(by=BUYER, at=hours(1)), "chase"),
    ],
)
def test_a_viewer_is_not_shown_what_its_side_has_used_up(limit: str, used_up: Event, action: str) -> None:
    dispute, one = fold(*negotiating(), used_up), a_playbook(limits=limits(**{limit: 1}))
    assert Possible(action) not in next_actions(dispute, one, BUYER)
    assert Possible(action) in next_actions(dispute, one, MERCHANT)
    assert Possible(action) in next_actions(dispute, a_playbook(), BUYER)

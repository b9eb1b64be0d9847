from __future__ import annotations

from typing import Any

import pytest

from domain.dispute import link, note, pause, review, ruling
from domain.dispute.intake import NotAParty
from domain.dispute.link import CaseLinked, LinkKind
from domain.dispute.note import NoteKind
from domain.dispute.pause import ClockPaused, PauseGround
from domain.dispute.review import (
    AlreadyTaken,
    CaseAssigned,
    CaseReassigned,
    CaseReleased,
    ConflictDeclared,
    ConflictGround,
    GivenToOneself,
    InConflict,
    NotAnArbitrator,
    NotASeniorArbitrator,
    NotYourCase,
)
from domain.dispute.stages import NotOpenForThis, Stage
from domain.kernel import Actor, Event, Role
from tests.support.builders import (
    ARBITRATOR,
    ARBITRATOR_MACHINE,
    AUDITOR,
    BUYER,
    DISPUTE,
    ELSEWHERE,
    MERCHANT,
    OTHER_ARBITRATOR,
    OTHER_BUYER,
    SENIOR,
    a_lapse,
    a_playbook,
    an_award_sought,
    an_escalation,
    an_intervention,
    awaiting,
    decided,
    hours,
    negotiating,
    served,
    taken_in_hand,
    under_review,
)
from tests.support.given import fold, given


def escalate(by: Actor = BUYER) -> Any:
    return lambda dispute: review.escalate(dispute, "谈不拢", by=by, at=hours(5))


def intervene(by: Actor = ARBITRATOR) -> Any:
    return lambda dispute: review.intervene(dispute, by=by, at=hours(6))


def test_either_party_calls_the_platform_once_the_merchant_has_answered() -> None:
    given(*negotiating()).when(escalate()).then(an_escalation())
    given(*negotiating()).when(escalate(by=MERCHANT)).then(an_escalation().model_copy(update={"by": MERCHANT}))
    state = fold(*under_review())
    assert (state.stage, state.review.escalated, state.review.arbitrator) == (Stage.UNDER_REVIEW, an_escalation(), None)


@pytest.mark.parametrize("before", [awaiting(), under_review(), decided()])
def test_the_platform_is_called_once_and_only_into_a_negotiation(before: tuple[Event, ...]) -> None:
    given(*before).when(escalate()).then_refused(NotOpenForThis, done_in=["negotiation"])


@pytest.mark.parametrize("by", [OTHER_BUYER, ARBITRATOR])
def test_strangers_do_not_call_the_platform(by: Actor) -> None:
    given(*negotiating()).when(escalate(by=by)).then_refused(NotAParty)


@pytest.mark.parametrize("by", [ARBITRATOR, SENIOR])
def test_the_platform_steps_in_through_an_arbitrator_who_then_has_the_case(by: Actor) -> None:
    given(*under_review()).when(intervene(by=by)).then(*an_intervention(by))
    state = fold(*under_review(), *an_intervention(by)).review
    assert (state.arbitrator, state.intervened) == (by, an_intervention(by)[0])


def test_the_platform_steps_in_where_the_merchant_is_silent() -> None:
    lapsed = a_lapse(hours(48))
    given(*served(), lapsed).when(intervene()).then(*an_intervention())


@pytest.mark.parametrize("by", [ARBITRATOR, OTHER_ARBITRATOR, SENIOR])
def test_a_case_is_taken_by_one_arbitrator(by: Actor) -> None:
    given(*taken_in_hand()).when(intervene(by=by)).then_refused(AlreadyTaken)


@pytest.mark.parametrize("before", [awaiting(), negotiating(), decided()])
def test_the_platform_does_not_step_in_uncalled(before: tuple[Event, ...]) -> None:
    given(*before).when(intervene()).then_refused(NotOpenForThis, done_in=["under_review"])


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.ARBITRATOR, Role.SENIOR_ARBITRATOR}])
def test_only_an_arbitrator_takes_a_case(role: Role) -> None:
    given(*under_review()).when(intervene(by=Actor(role=role, id=BUYER.id))).then_refused(NotAnArbitrator)


@pytest.mark.parametrize("by", [ARBITRATOR, SENIOR])
def test_a_machine_takes_no_case(by: Actor) -> None:
    machine = by.model_copy(update={"is_tool": True})
    given(*under_review()).when(intervene(by=machine)).then_refused(NotAnArbitrator)


# --- from hand to hand


def releasing(by: Actor = ARBITRATOR) -> Any:
    return lambda dispute: review.release(dispute, "休假", by=by, at=hours(7))


def released(by: Actor = ARBITRATOR) -> CaseReleased:
    return CaseReleased(reason="休假", by=by, at=hours(7))


def reassigning(to: Actor = OTHER_ARBITRATOR, by: Actor = SENIOR) -> Any:
    return lambda dispute: review.reassign(dispute, to, "分担", by=by, at=hours(7))


def reassigned(to: Actor = OTHER_ARBITRATOR) -> CaseReassigned:
    return CaseReassigned(to=to, reason="分担", by=SENIOR, at=hours(7))


def declaring(by: Actor = ARBITRATOR, ground: ConflictGround = ConflictGround.KNOWS_PARTY) -> Any:
    return lambda dispute: review.declare_conflict(dispute, ground, "认识店主", by=by, at=hours(7))


def declared(by: Actor = ARBITRATOR) -> ConflictDeclared:
    return ConflictDeclared(ground=ConflictGround.KNOWS_PARTY, reason="认识店主", by=by, at=hours(7))


def test_who_has_a_case_gives_it_back_and_another_takes_it() -> None:
    given(*taken_in_hand()).when(releasing()).then(released())
    free = (*taken_in_hand(), released())
    assert fold(*free).review.arbitrator is None
    given(*free).when(intervene(by=OTHER_ARBITRATOR)).then(*an_intervention(OTHER_ARBITRATOR))
    given(*free).when(intervene()).then(*an_intervention())


@pytest.mark.parametrize("by", [OTHER_ARBITRATOR, SENIOR, Actor(role=Role.SENIOR_ARBITRATOR, id=ARBITRATOR.id)])
def test_nobody_gives_back_what_another_has(by: Actor) -> None:
    given(*taken_in_hand()).when(releasing(by)).then_refused(NotYourCase)


def test_what_nobody_has_is_not_given_back() -> None:
    given(*under_review()).when(releasing()).then_refused(NotYourCase)
    given(*taken_in_hand(), released()).when(releasing()).then_refused(NotYourCase)
    given(*decided()).when(releasing()).then_refused(NotOpenForThis, done_in=["under_review"])


@pytest.mark.parametrize("by", [BUYER, AUDITOR, ARBITRATOR_MACHINE])
def test_only_an_arbitrator_in_person_gives_a_case_back_or_on(by: Actor) -> None:
    given(*taken_in_hand()).when(releasing(by)).then_refused(NotAnArbitrator)
    given(*taken_in_hand()).when(reassigning(by=by)).then_refused(NotAnArbitrator)


def test_a_senior_arbitrator_gives_a_held_or_a_free_case_to_another_who_then_has_it() -> None:
    for before in (taken_in_hand(), under_review()):
        given(*before).when(reassigning()).then(reassigned())
        state = fold(*before, reassigned())
        assert state.review.arbitrator == OTHER_ARBITRATOR
        with pytest.raises(NotYourCase):
            ruling.may_rule(state, ARBITRATOR)
        ruling.may_rule(state, OTHER_ARBITRATOR)


def test_only_a_senior_arbitrator_gives_a_case_to_another() -> None:
    given(*taken_in_hand()).when(reassigning(by=ARBITRATOR)).then_refused(NotASeniorArbitrator)


@pytest.mark.parametrize("before", [awaiting(), negotiating(), decided()])
def test_a_case_is_given_on_while_it_is_under_review(before: tuple[Event, ...]) -> None:
    given(*before).when(reassigning()).then_refused(NotOpenForThis, done_in=["under_review"])


def test_nobody_gives_a_case_to_themselves() -> None:
    given(*taken_in_hand()).when(reassigning(to=SENIOR)).then_refused(GivenToOneself)
    junior = Actor(role=Role.ARBITRATOR, id=SENIOR.id)
    given(*taken_in_hand()).when(reassigning(to=junior)).then_refused(GivenToOneself)


def test_a_case_is_given_to_nobody_who_may_not_hear_it() -> None:
    given(*under_review(), declared()).when(reassigning(to=ARBITRATOR)).then_refused(
        InConflict, arbitrator=ARBITRATOR.id
    )
    given(*under_review()).when(reassigning(to=ARBITRATOR_MACHINE)).then_refused(NotAnArbitrator)
    given(*under_review()).when(reassigning(to=AUDITOR)).then_refused(NotAnArbitrator)


def test_to_give_a_case_to_who_has_it_is_nothing_new() -> None:
    given(*taken_in_hand()).when(reassigning(to=ARBITRATOR)).then_nothing()


# --- conflicts


@pytest.mark.parametrize("by", [ARBITRATOR, SENIOR])
@pytest.mark.parametrize("before", [awaiting(), negotiating(), under_review(), taken_in_hand(), decided()])
def test_an_arbitrator_declares_a_conflict_at_any_time_whoever_has_the_case(
    before: tuple[Event, ...], by: Actor
) -> None:
    given(*before).when(declaring(by)).then(declared(by))


@pytest.mark.parametrize("by", [BUYER, AUDITOR, ARBITRATOR_MACHINE])
def test_only_an_arbitrator_in_person_declares_a_conflict(by: Actor) -> None:
    given(*under_review()).when(declaring(by)).then_refused(NotAnArbitrator)


def test_a_conflict_is_declared_once() -> None:
    again = declaring(ground=ConflictGround.OTHER)
    given(*under_review(), declared()).when(again).then_nothing()
    given(*under_review(), declared(OTHER_ARBITRATOR)).when(declaring()).then(declared())


def test_a_case_is_free_again_when_who_has_it_declares_a_conflict() -> None:
    assert fold(*taken_in_hand(), declared()).review.arbitrator is None
    promoted = declared(Actor(role=Role.SENIOR_ARBITRATOR, id=ARBITRATOR.id))
    assert fold(*taken_in_hand(), promoted).review.arbitrator is None
    given(*taken_in_hand(), declared()).when(intervene(by=OTHER_ARBITRATOR)).then(*an_intervention(OTHER_ARBITRATOR))


def test_a_case_stays_with_who_has_it_when_another_declares_a_conflict() -> None:
    assert fold(*taken_in_hand(), declared(OTHER_ARBITRATOR)).review.arbitrator == ARBITRATOR


PAUSED = ClockPaused(
    clocks=("answer",), ground=PauseGround.OUTAGE, reason="故障", until=hours(9), by=SENIOR, at=hours(1)
)
LINKED = CaseLinked(other=ELSEWHERE, kind=LinkKind.RELATED, reason="同一批", by=OTHER_ARBITRATOR, at=hours(7))
HEARING: dict[str, tuple[tuple[Event, ...], Any]] = {
    "take the case": (under_review(), lambda by: intervene(by=by)),
    "give it back": (taken_in_hand(), releasing),
    "give it to another": (under_review(), lambda by: reassigning(by=by)),
    "decide it": (
        taken_in_hand(),
        lambda by: lambda dispute: ruling.rule(dispute, a_playbook(), (an_award_sought(),), "理由", by=by, at=hours(8)),
    ),
    "stop its clocks": (
        served(),
        lambda by: (
            lambda dispute: pause.pause_clock(dispute, a_playbook(), PauseGround.OUTAGE, "故障", 1, by=by, at=hours(8))
        ),
    ),
    "let them run": (
        (*served(), PAUSED),
        lambda by: lambda dispute: pause.resume_clock(dispute, a_playbook(), by=by, at=hours(8)),
    ),
    "write on it": (
        under_review(),
        lambda by: lambda dispute: note.add_note(dispute, a_playbook(), NoteKind.PUBLIC, "已核对", by=by, at=hours(8)),
    ),
    "link it": (
        (*under_review(), LINKED),
        lambda by: (
            lambda dispute: link.link_case(dispute, DISPUTE, ELSEWHERE, LinkKind.RELATED, "同一批", by=by, at=hours(8))
        ),
    ),
}


@pytest.mark.parametrize("act", HEARING)
def test_who_has_declared_a_conflict_hears_nothing_of_the_case(act: str) -> None:
    before, doing = HEARING[act]
    given(*before, declared(SENIOR)).when(doing(SENIOR)).then_refused(InConflict, arbitrator=SENIOR.id)
    given(*before, declared(ARBITRATOR)).when(doing(ARBITRATOR)).then_refused(InConflict)


def test_a_conflict_is_the_persons_whatever_role_they_act_in() -> None:
    promoted = Actor(role=Role.SENIOR_ARBITRATOR, id=ARBITRATOR.id)
    given(*under_review(), declared()).when(intervene(by=promoted)).then_refused(InConflict)


def test_whoever_takes_a_case_after_a_conflict_has_it_alone() -> None:
    state = fold(*taken_in_hand(), declared(), CaseAssigned(arbitrator=SENIOR, by=SENIOR, at=hours(8)))
    assert state.review.arbitrator == SENIOR
    assert state.review.conflict_of(SENIOR) is None
    assert state.review.conflict_of(BUYER) is None
    assert state.review.conflict_of(ARBITRATOR) == declared()

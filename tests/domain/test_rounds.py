from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as for_all

from application.commands.desk import SERVICE
from domain.calendars import ClockName
from domain.dispute import actions, appeal, proposal, rounds, ruling
from domain.dispute import dispute as disputes
from domain.dispute.actions import Possible, next_actions
from domain.dispute.appeal import RulingUpheld
from domain.dispute.dispute import Dispute
from domain.dispute.evidence import EvidenceSubmitted, TooManyExhibits, submit_evidence
from domain.dispute.pause import ClockPaused, PauseGround
from domain.dispute.proposal import RulingProposed
from domain.dispute.review import NotAnArbitrator, NotYourCase
from domain.dispute.rounds import (
    AskedAlready,
    EvidenceAwaited,
    EvidenceRequestAnswered,
    EvidenceRoundClosed,
    RequestState,
    RoundIsClosed,
    Side,
    TooManyRequests,
)
from domain.dispute.ruling import RulingConfirmed, RulingReversed
from domain.dispute.stages import ClockNotDue, NotOpenForThis
from domain.kernel import ARBITRATORS, Actor, DomainError, Event, Role
from domain.playbook.playbook import Playbook
from tests.support import builders
from tests.support.builders import (
    ARBITRATOR,
    ARBITRATOR_MACHINE,
    BUYER,
    MERCHANT,
    OTHER_ARBITRATOR,
    SENIOR,
    a_closed_round,
    a_file,
    a_hearing,
    a_playbook,
    a_request,
    a_ruling,
    a_settlement,
    an_appeal,
    an_award_sought,
    an_exhibit,
    an_offer,
    awaiting,
    decided,
    heard,
    hours,
    limits,
    negotiating,
    proposed,
    reversing,
    taken_in_hand,
    under_review,
    watched,
)
from tests.support.given import fold, given
from tests.support.walk import Life, lives


def ask(
    *kinds: str, side: Side = Role.BUYER, by: Actor = ARBITRATOR, at: float = 7, playbook: Playbook | None = None
) -> Any:
    asked = kinds or ("parcel_photo",)
    return lambda dispute: rounds.request_evidence(
        dispute, playbook or a_playbook(), side, asked, "请补拍外包装", by=by, at=hours(at)
    )


def close(by: Actor = ARBITRATOR) -> Any:
    return lambda dispute: rounds.close_round(dispute, by=by, at=hours(8))


def show(kind: str = "parcel_photo", *, content: str = "a photo", by: Actor = BUYER, at: float = 9, **more: Any) -> Any:
    said: Any = {"file_name": "芒果.jpg", "shows": "切面发白"}
    playbook = more.get("playbook") or a_playbook()
    return lambda dispute: submit_evidence(dispute, playbook, a_file(content), kind=kind, **said, by=by, at=hours(at))


def expire(at: float, request: str = "q1") -> Any:
    return lambda dispute: builders.expire(dispute, f"evidence:{request}", hours(at))


def lapsed(*sides: Side, number: int = 1, request: str = "q1", at: float = 79) -> EvidenceRoundClosed:
    clock = a_request(request=request, side=sides[0]).clock
    return EvidenceRoundClosed(round=number, sides=sides, clock=clock, by=SERVICE, at=hours(at))


def late(*events: Event, by: Actor = BUYER, kind: str = "photo") -> bool:
    shown = given(*events).when(show(kind, by=by)).happened[0]
    assert isinstance(shown, EvidenceSubmitted)
    return shown.late


def test_the_arbitrator_who_has_the_case_asks_a_side_for_evidence_and_its_clock_starts() -> None:
    given(*taken_in_hand()).when(ask()).then(a_request())
    after = fold(*taken_in_hand(), a_request())
    assert after.clocks["evidence:q1"].due_at == hours(7 + 72)
    assert after.clocks["evidence:q1"].whose == (Role.BUYER,)
    assert rounds.state_of(after, a_request()) is RequestState.OPEN


def test_requests_are_numbered_and_name_each_kind_once() -> None:
    second = given(*taken_in_hand(), a_request()).when(ask("invoice", "invoice", "scale", side=Role.MERCHANT))
    second.then(a_request("invoice", "scale", request="q2", side=Role.MERCHANT))


@pytest.mark.parametrize(
    ("by", "refusal"),
    [
        *((by, NotYourCase) for by in (OTHER_ARBITRATOR, SENIOR)),
        *((by, NotAnArbitrator) for by in (ARBITRATOR_MACHINE, BUYER, MERCHANT)),
    ],
)
def test_nobody_else_asks_for_evidence_or_closes_the_round(by: Actor, refusal: type[DomainError]) -> None:
    given(*taken_in_hand()).when(ask(by=by)).then_refused(refusal)
    given(*taken_in_hand()).when(close(by)).then_refused(refusal)
    given(*under_review()).when(ask()).then_refused(NotYourCase)


@pytest.mark.parametrize("before", [awaiting(), negotiating(), decided()])
def test_evidence_is_asked_for_and_rounds_are_closed_while_the_case_is_under_review(before: tuple[Event, ...]) -> None:
    given(*before).when(ask()).then_refused(NotOpenForThis)
    given(*before).when(close()).then_refused(NotOpenForThis)


def test_as_much_is_asked_for_in_a_case_as_the_playbook_allows() -> None:
    one = a_playbook(limits=limits(evidence_requests=1))
    given(*taken_in_hand()).when(ask(playbook=one)).then(a_request())
    asked = (*taken_in_hand(), a_request())
    given(*asked).when(ask("invoice", side=Role.MERCHANT, playbook=one)).then_refused(TooManyRequests, at_most=1)
    assert Possible("request_evidence") not in next_actions(fold(*asked), one, ARBITRATOR)


def test_a_side_is_not_asked_twice_for_the_same_while_its_time_runs() -> None:
    asked = (*taken_in_hand(), a_request("parcel_photo", "invoice"))
    given(*asked).when(ask("scale", "invoice")).then_refused(AskedAlready, kinds=["invoice"])
    given(*asked).when(ask("invoice", side=Role.MERCHANT)).then(a_request("invoice", request="q2", side=Role.MERCHANT))
    shown = an_exhibit(kind="invoice", request="q1")
    given(*asked, shown).when(ask("invoice")).then(a_request("invoice", request="q2"))


def test_what_was_asked_for_answers_the_request_and_when_all_is_there_its_clock_stops() -> None:
    asked = (*taken_in_hand(), a_request("parcel_photo", "invoice"))
    first = an_exhibit(kind="parcel_photo", request="q1", at=hours(9))
    given(*asked).when(show()).then(first)
    assert fold(*asked, first).clocks.keys() == {"evidence:q1"}
    second = an_exhibit("e2", kind="invoice", request="q1", at=hours(9))
    answered = EvidenceRequestAnswered(request="q1", at=hours(9))
    given(*asked, first).when(show("invoice")).then(second, answered)
    after = fold(*asked, first, second, answered)
    assert after.clocks == {}
    assert rounds.state_of(after, after.rounds.requests[0]) is RequestState.ANSWERED


def test_what_the_other_side_shows_or_of_another_kind_answers_no_request() -> None:
    asked = (*taken_in_hand(), a_request())
    given(*asked).when(show(by=MERCHANT)).then(an_exhibit(kind="parcel_photo", by=MERCHANT, at=hours(9)))
    given(*asked).when(show("photo")).then(an_exhibit(at=hours(9)))


def test_each_kind_answers_once_and_more_of_it_is_shown_like_anything_else() -> None:
    asked = (*taken_in_hand(), a_request("parcel_photo", "invoice"), an_exhibit(kind="parcel_photo", request="q1"))
    given(*asked).when(show(content="another")).then(
        an_exhibit("e2", kind="parcel_photo", content="another", at=hours(9))
    )


def test_what_a_side_still_owes_is_told_until_it_is_there_or_its_time_is_over() -> None:
    def owed(*events: Event) -> list[tuple[str, str]]:
        return [(one.request.request, one.kind) for one in rounds.owed(fold(*taken_in_hand(), *events))]

    asked = a_request("parcel_photo", "invoice")
    assert owed(asked) == [("q1", "parcel_photo"), ("q1", "invoice")]
    assert owed(asked, an_exhibit(kind="invoice", request="q1")) == [("q1", "parcel_photo")]
    assert owed(asked, lapsed(Role.BUYER)) == []


def test_nobody_is_kept_by_the_limit_from_showing_what_they_were_asked_for() -> None:
    one = a_playbook(limits=limits(exhibits_per_side=1))
    full = (*taken_in_hand(), an_exhibit())
    given(*full).when(show(playbook=one)).then_refused(TooManyExhibits, at_most=1)
    assert Possible("submit_evidence") not in next_actions(fold(*full), one, BUYER)
    asked = (*full, a_request("parcel_photo", "invoice"))
    assert Possible("submit_evidence") in next_actions(fold(*asked), one, BUYER)
    [shown] = given(*asked).when(show(playbook=one)).happened
    assert shown.request == "q1"
    given(*asked, shown).when(show(content="another", playbook=one)).then_refused(TooManyExhibits, at_most=1)
    # What was asked for takes no room from what a side shows of itself.
    given(*taken_in_hand(), a_request(), an_exhibit(kind="parcel_photo", request="q1")).when(
        show("photo", content="another", playbook=one)
    ).then(an_exhibit("e2", content="another", at=hours(9)))


def test_the_round_is_open_to_both_sides_from_the_filing() -> None:
    for before in (awaiting(), negotiating(), under_review(), taken_in_hand()):
        assert fold(*before).rounds.number == 1
        assert not late(*before)
        assert not late(*before, by=MERCHANT)


def test_what_is_shown_after_the_arbitrator_closed_the_round_is_kept_and_marked_late() -> None:
    given(*taken_in_hand()).when(close()).then(a_closed_round())
    closed = (*taken_in_hand(), a_closed_round())
    given(*closed).when(show("photo")).then(an_exhibit(late=True, at=hours(9)))
    assert late(*closed, by=MERCHANT)


def test_a_round_is_closed_once_for_each_side() -> None:
    given(*taken_in_hand(), a_closed_round()).when(close()).then_refused(RoundIsClosed)
    half = (*taken_in_hand(), a_request(), lapsed(Role.BUYER))
    given(*half).when(close()).then(a_closed_round(Role.MERCHANT))


def test_a_request_that_is_not_answered_in_time_closes_the_round_for_that_side_and_nobody_else() -> None:
    asked = (*taken_in_hand(), a_request())
    given(*asked).when(expire(78.9)).then_refused(ClockNotDue)
    given(*asked).when(expire(79)).then(lapsed(Role.BUYER))
    after = (*asked, lapsed(Role.BUYER))
    assert fold(*after).clocks == {}
    assert rounds.state_of(fold(*after), a_request()) is RequestState.LAPSED
    assert late(*after)
    assert not late(*after, by=MERCHANT)
    given(*after).when(expire(80)).then_refused(ClockNotDue)


def test_who_was_asked_keeps_the_time_given_though_the_round_is_closed() -> None:
    closed = (*taken_in_hand(), a_request(), a_closed_round())
    assert not late(*closed)
    assert late(*closed, by=MERCHANT)
    assert late(*closed, lapsed(Role.BUYER))
    assert late(
        *closed, an_exhibit(kind="parcel_photo", request="q1"), EvidenceRequestAnswered(request="q1", at=hours(9))
    )


def test_one_of_two_requests_that_runs_out_leaves_the_time_of_the_other() -> None:
    second = a_request("invoice", request="q2")
    assert not late(*taken_in_hand(), a_request(), second, lapsed(Role.BUYER))
    assert late(*taken_in_hand(), a_request(), second, lapsed(Role.BUYER), lapsed(Role.BUYER, request="q2"))


def test_a_request_after_the_round_was_closed_opens_the_next_for_that_side_while_its_clock_runs() -> None:
    closed = (*taken_in_hand(), a_closed_round())
    given(*closed).when(ask()).then(a_request(number=2))
    again = (*closed, a_request(number=2))
    assert fold(*again).rounds.number == 2
    assert not late(*again)
    assert late(*again, by=MERCHANT)
    given(*again).when(ask("invoice")).then(a_request("invoice", request="q2", number=2))
    given(*again).when(expire(79)).then(lapsed(Role.BUYER, number=2))
    assert late(*again, lapsed(Role.BUYER, number=2))


def test_a_request_while_the_round_is_open_belongs_to_that_round() -> None:
    half = (*taken_in_hand(), a_request(), lapsed(Role.BUYER))
    given(*half).when(ask("invoice", side=Role.MERCHANT)).then(a_request("invoice", request="q2", side=Role.MERCHANT))


@pytest.mark.parametrize("end", [a_settlement(), a_ruling()])
def test_the_end_of_a_case_ends_what_was_asked_for(end: Event) -> None:
    over = fold(*taken_in_hand(), an_offer(), a_request(), end)
    assert not any(clock.name is ClockName.EVIDENCE for clock in over.clocks.values())
    assert rounds.state_of(over, a_request()) is RequestState.LAPSED
    assert rounds.owed(over) == ()


def test_an_appeal_opens_the_next_round_for_both_sides() -> None:
    before = (*taken_in_hand(), a_closed_round())
    after = (*before, a_ruling(before=before), an_appeal())
    assert fold(*after).rounds.number == 2
    for by in (BUYER, MERCHANT):
        assert not late(*after, by=by)
    closed = (*after, *a_hearing(), a_closed_round(number=2))
    assert late(*closed)  # what was asked for in the first instance keeps nothing open in the second


def test_a_pause_holds_the_clock_of_a_request() -> None:
    pause = ClockPaused(
        clocks=("evidence:q1",), ground=PauseGround.OUTAGE, reason="故障", until=hours(100), by=ARBITRATOR, at=hours(17)
    )
    held = (*taken_in_hand(), a_request(), pause)
    given(*held).when(expire(79)).then_refused(ClockNotDue)
    assert not late(*held)
    [resumed] = given(*held).when(expire(100)).happened
    assert resumed.clocks[0].due_at == hours(100 + 62)


def test_the_side_that_was_asked_is_told_until_when_it_can_show_evidence() -> None:
    asked = fold(*taken_in_hand(), a_request(), a_request("invoice", request="q2").model_copy(update={"at": hours(8)}))
    mine = actions.until(asked, Possible("submit_evidence"), BUYER)
    assert mine is not None
    assert mine.key == "evidence:q1"
    assert actions.until(asked, Possible("submit_evidence"), MERCHANT) is None


def decide(dispute: Dispute) -> Any:
    return ruling.rule(dispute, a_playbook(), (an_award_sought(),), "承诺应当兑现", by=ARBITRATOR, at=hours(9))


def test_nothing_is_decided_while_a_side_has_time_to_show_what_it_was_asked_for() -> None:
    asked = (*taken_in_hand(), a_request())
    given(*asked).when(decide).then_refused(EvidenceAwaited, requests=["q1"])
    answered = EvidenceRequestAnswered(request="q1", at=hours(8))
    assert given(*asked, answered).when(decide).happened
    lapsed = builders.expire(fold(*asked), "evidence:q1", hours(79))
    assert given(*asked, *lapsed).when(decide).happened


def test_closing_the_round_takes_no_time_from_who_was_asked() -> None:
    given(*taken_in_hand(), a_request(), a_closed_round()).when(decide).then_refused(EvidenceAwaited)


def test_an_appeal_is_decided_when_nothing_is_awaited_but_an_inadmissible_one_is_rejected_at_once() -> None:
    asked = (*heard(), a_request(number=2))
    given(*asked).when(reversing()).then_refused(EvidenceAwaited)
    given(*asked).when(
        lambda dispute: appeal.uphold_ruling(dispute, "a1", "没有错", by=OTHER_ARBITRATOR, at=hours(40))
    ).then_refused(EvidenceAwaited)
    assert (
        given(*asked)
        .when(lambda dispute: appeal.reject_appeal(dispute, "a1", "没有理由", by=OTHER_ARBITRATOR, at=hours(40)))
        .happened
    )


def test_a_proposal_is_sent_back_but_not_confirmed_while_evidence_is_awaited() -> None:
    asked = (*proposed(), a_request())
    given(*asked).when(
        lambda dispute: proposal.confirm(dispute, watched(), "r1", by=OTHER_ARBITRATOR, at=hours(9))
    ).then_refused(EvidenceAwaited)
    assert (
        given(*asked)
        .when(lambda dispute: proposal.return_proposal(dispute, "r1", "等证据", by=OTHER_ARBITRATOR, at=hours(9)))
        .happened
    )


@for_all(lives())
def test_a_case_waits_only_while_a_clock_runs_that_ends_the_wait(life: Life) -> None:
    """So no case can get stuck: when the clocks of the requests have run out there is nothing to wait for."""
    dispute = life.dispute
    while waited := [clock for clock in dispute.clocks.values() if clock.name is ClockName.EVIDENCE]:
        at = max(waited[0].due_at, dispute.paused.until) if dispute.paused else waited[0].due_at
        for event in builders.expire(dispute, waited[0].key, at, life.playbook):
            dispute = disputes.evolve(dispute, event)
    rounds.check_none_awaited(dispute)


@for_all(lives())
def test_no_life_is_decided_while_evidence_is_awaited(life: Life) -> None:
    state = fold(life.events[0])
    for event in life.events[1:]:
        decides = RulingConfirmed | RulingReversed | RulingUpheld | RulingProposed
        if isinstance(event, decides) and event.by.role in ARBITRATORS:
            rounds.check_none_awaited(state)
        state = disputes.evolve(state, event)

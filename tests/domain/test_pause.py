from __future__ import annotations

from typing import Any

import pytest

from domain.calendars import ClockName, Pause
from domain.dispute import pause
from domain.dispute.negotiation import OfferDeclined
from domain.dispute.pause import ClockNotPaused, ClockPaused, NoClockRuns, PauseGround, PauseTooLong
from domain.dispute.review import AlreadyTaken, NotAnArbitrator
from domain.dispute.stages import ClockNotDue, Stage, check_due
from domain.kernel import Actor, Event
from tests.support import builders
from tests.support.builders import (
    ARBITRATOR,
    ARBITRATOR_MACHINE,
    BUYER,
    MERCHANT,
    OTHER_ARBITRATOR,
    PLATFORM_MACHINE,
    SENIOR,
    a_notice_served,
    a_playbook,
    a_response,
    an_offer,
    awaiting,
    decided,
    hours,
    limits,
    negotiating,
    served,
)
from tests.support.given import clock_of, fold, given


def pausing(count: int, *, at: float, by: Actor = ARBITRATOR) -> Any:
    return lambda dispute: pause.pause_clock(
        dispute, a_playbook(), PauseGround.OUTAGE, "商家后台故障", count, by=by, at=hours(at)
    )


def paused(at: float = 10, until: float = 34, clock: str = ClockName.ANSWER) -> ClockPaused:
    return ClockPaused(
        clocks=(clock,),
        ground=PauseGround.OUTAGE,
        reason="商家后台故障",
        until=hours(until),
        by=ARBITRATOR,
        at=hours(at),
    )


def resume(at: float, by: Actor = ARBITRATOR) -> Any:
    return lambda dispute: pause.resume_clock(dispute, a_playbook(), by=by, at=hours(at))


def expire(clock: str, at: float) -> Any:
    return lambda dispute: builders.expire(dispute, clock, hours(at))


def test_an_arbitrator_lets_the_clock_stand_still_until_a_stated_moment() -> None:
    given(*served()).when(pausing(24, at=10)).then(paused())
    assert fold(*served(), paused()).paused == paused()


def test_a_clock_that_stands_still_does_not_run_out() -> None:
    given(*served(), paused(until=200)).when(expire(ClockName.ANSWER, 199)).then_refused(ClockNotDue)


def test_a_pause_ends_by_itself_and_what_was_left_of_the_clock_is_left_of_it_still() -> None:
    [resumed] = given(*served(), paused()).when(expire(ClockName.ANSWER, 34)).happened
    assert resumed.clocks[0].pauses == (Pause(since=hours(10), until=hours(34)),)
    assert (resumed.clocks[0].started_at, resumed.clocks[0].due_at) == (hours(0), hours(48 + 24))
    state = fold(*served(), paused(), resumed)
    assert (clock_of(state), state.paused) == (resumed.clocks[0], None)
    given(*served(), paused(), resumed).when(expire(ClockName.ANSWER, 71.9)).then_refused(ClockNotDue)
    assert given(*served(), paused(), resumed).when(expire(ClockName.ANSWER, 72)).happened


def test_a_pause_does_not_end_before_its_time_by_itself_or_for_another_clock() -> None:
    given(*served(), paused()).when(expire(ClockName.ANSWER, 33.9)).then_refused(ClockNotDue)
    given(*served(), paused()).when(expire(ClockName.NOTICE, 34)).then_refused(ClockNotDue)


def test_a_clock_stands_still_for_as_long_as_nobody_noticed_the_end_of_its_pause() -> None:
    [resumed] = given(*served(), paused()).when(expire(ClockName.ANSWER, 40)).happened
    assert resumed.clocks[0].due_at == hours(48 + 30)


def test_an_arbitrator_ends_a_pause_early() -> None:
    [resumed] = given(*served(), paused()).when(resume(12)).happened
    assert (resumed.clocks[0].due_at, resumed.by) == (hours(50), ARBITRATOR)


def test_each_pause_counts() -> None:
    first = given(*served(), paused()).when(resume(12)).happened[0]
    again = paused(at=20, until=30)
    [second] = given(*served(), paused(), first, again).when(expire(ClockName.ANSWER, 30)).happened
    assert second.clocks[0].due_at == hours(48 + 2 + 10)


def test_what_is_not_paused_is_not_resumed() -> None:
    given(*served()).when(resume(1)).then_refused(ClockNotPaused)


@pytest.mark.parametrize("count", [0, -1, 241])
def test_a_pause_ends_after_it_begins_and_within_the_playbooks_limit(count: int) -> None:
    given(*served()).when(pausing(count, at=10)).then_refused(PauseTooLong, at_most=240)


def test_the_playbook_says_how_long_a_clock_may_stand_still() -> None:
    rules = a_playbook(limits=limits(pause_hours=1))
    short = given(*served()).when(
        lambda dispute: pause.pause_clock(dispute, rules, PauseGround.OUTAGE, "故障", 2, by=ARBITRATOR, at=hours(1))
    )
    short.then_refused(PauseTooLong, at_most=1)


@pytest.mark.parametrize("before", [negotiating(), (*served(), paused())])
def test_there_must_be_a_clock_that_runs(before: tuple[Event, ...]) -> None:
    given(*before).when(pausing(19, at=11)).then_refused(NoClockRuns)


def test_what_has_run_out_is_not_paused_any_more() -> None:
    given(*served()).when(pausing(12, at=48)).then_refused(NoClockRuns)


@pytest.mark.parametrize("by", [BUYER, MERCHANT, PLATFORM_MACHINE, ARBITRATOR_MACHINE])
def test_only_an_arbitrator_in_person_touches_the_clock(by: Actor) -> None:
    given(*served()).when(pausing(19, at=11, by=by)).then_refused(NotAnArbitrator)
    given(*served(), paused()).when(resume(11, by)).then_refused(NotAnArbitrator)


@pytest.mark.parametrize("by", [OTHER_ARBITRATOR, SENIOR])
def test_who_has_the_case_has_its_clock(by: Actor) -> None:
    window = pausing(19, at=11, by=by)
    given(*decided()).when(window).then_refused(AlreadyTaken)
    assert given(*decided()).when(pausing(19, at=11)).happened


def test_an_answer_ends_the_pause_with_the_clock() -> None:
    state = fold(*served(), paused(), a_response())
    assert (state.stage, clock_of(state), state.paused) == (Stage.NEGOTIATION, None, None)


def test_the_clock_that_the_notice_starts_is_not_paused_with_the_one_before() -> None:
    state = fold(*awaiting(), paused(at=1, clock=ClockName.NOTICE), a_notice_served())
    assert (clock_of(state), state.paused) == (a_notice_served().clock, None)


def test_the_chapters_themselves_know_that_a_clock_stands_still() -> None:
    dispute = fold(*served(), paused(until=200))
    for clock in ClockName:
        with pytest.raises(ClockNotDue):
            check_due(dispute, clock, hours(5000))


def test_a_pause_holds_every_clock_that_runs_and_none_that_starts_after_it() -> None:
    two = (*negotiating(), an_offer(), an_offer(by=BUYER, offer="o2"))
    [stopped] = given(*two).when(pausing(24, at=10)).happened
    assert stopped.clocks == ("offer:o1", "offer:o2")
    third = an_offer(offer="o3")
    given(*two, stopped, third).when(expire("offer:o1", 33)).then_refused(ClockNotDue)
    assert given(*two, stopped, third).when(expire("offer:o3", 51)).happened
    [resumed] = given(*two, stopped, third).when(expire("offer:o2", 34)).happened
    assert [(one.of, one.due_at) for one in resumed.clocks] == [("o1", hours(75)), ("o2", hours(75))]
    assert {key: one.due_at for key, one in fold(*two, stopped, third, resumed).clocks.items()} == {
        "offer:o1": hours(75),
        "offer:o2": hours(75),
        "offer:o3": hours(51),
    }


def test_a_pause_whose_clocks_have_all_stopped_is_over() -> None:
    declined = OfferDeclined(offer="o1", reason="太少了", by=BUYER, at=hours(11))
    [stopped] = given(*negotiating(), an_offer()).when(pausing(24, at=10)).happened
    assert fold(*negotiating(), an_offer(), stopped).paused
    assert fold(*negotiating(), an_offer(), stopped, declined).paused is None

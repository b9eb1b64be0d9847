from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from domain.calendars import ClockName, ClockRule, start
from domain.kernel import Role
from tests.support.builders import FILED_AT, a_playbook, hours

ANSWER = a_playbook().clocks[ClockName.ANSWER]


def test_a_clock_says_whose_it_is_how_long_by_which_calendar_and_what_silence_does() -> None:
    clock = start(ClockName.ANSWER, ANSWER, FILED_AT)
    assert (clock.whose, clock.hours, clock.calendar) == ((Role.MERCHANT,), 48, "24x7")
    assert clock.on_silence == ANSWER.on_silence
    assert (clock.started_at, clock.due_at) == (FILED_AT, hours(48))


def test_a_clock_is_due_from_its_last_moment_on() -> None:
    clock = start(ClockName.ANSWER, ANSWER, FILED_AT)
    assert not clock.is_due(hours(48) - timedelta(microseconds=1))
    assert clock.is_due(hours(48))
    assert clock.is_due(hours(49))


@pytest.mark.parametrize("count", [0, -1, 24 * 366 + 1])
def test_a_playbook_sets_no_clock_of_no_time_or_of_more_than_a_year(count: int) -> None:
    with pytest.raises(ValidationError):
        ClockRule(whose=ANSWER.whose, hours=count, calendar=ANSWER.calendar, on_silence=ANSWER.on_silence)


def test_a_clock_is_somebodys() -> None:
    with pytest.raises(ValidationError):
        ClockRule(whose=(), hours=1, calendar=ANSWER.calendar, on_silence=ANSWER.on_silence)


@pytest.mark.parametrize("count", [1, 24, 168, 24 * 366])
def test_a_clock_runs_for_the_hours_that_its_rule_says(count: int) -> None:
    rule = ClockRule(whose=ANSWER.whose, hours=count, calendar=ANSWER.calendar, on_silence=ANSWER.on_silence)
    assert start(ClockName.APPEAL, rule, FILED_AT).due_at == hours(count)


def test_hours_are_hours_also_when_the_clocks_are_put_forward() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    due_at = start(ClockName.ANSWER, ANSWER, before).due_at
    assert due_at.astimezone(UTC) - before.astimezone(UTC) == timedelta(hours=48)

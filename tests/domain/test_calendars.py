from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.calendars import (
    Calendar,
    Clock,
    ClockName,
    ClockRule,
    Pause,
    Weekday,
    advance,
    due_at,
    open_time,
    resume,
    start,
)
from domain.kernel import Role
from tests.support.builders import FILED_AT, a_playbook, hours

ANSWER = a_playbook().clocks[ClockName.ANSWER]


def test_a_clock_says_whose_it_is_how_long_by_which_calendar_and_what_silence_does() -> None:
    clock = start(ClockName.ANSWER, ANSWER, {}, FILED_AT)
    assert (clock.whose, clock.hours, clock.calendar) == ((Role.MERCHANT,), 48, "24x7")
    assert clock.on_silence == ANSWER.on_silence
    assert (clock.started_at, clock.due_at) == (FILED_AT, hours(48))


def test_a_clock_is_due_from_its_last_moment_on() -> None:
    clock = start(ClockName.ANSWER, ANSWER, {}, FILED_AT)
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
    assert start(ClockName.APPEAL, rule, {}, FILED_AT).due_at == hours(count)


def test_hours_are_hours_also_when_the_clocks_are_put_forward() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    due_at = start(ClockName.ANSWER, ANSWER, {}, before).due_at
    assert due_at.astimezone(UTC) - before.astimezone(UTC) == timedelta(hours=48)


CHINA = a_playbook().calendars["cn_business"]


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("since", "hours_", "until"),
    [
        ("2026-03-02T10:00", 48, "2026-03-04T10:00"),  # Monday to Wednesday
        ("2026-03-06T18:00", 24, "2026-03-09T18:00"),  # Friday evening: the weekend does not count
        ("2026-03-07T11:00", 1, "2026-03-09T01:00"),  # begun on a Saturday, it runs from Monday on
        ("2026-02-13T12:00", 24, "2026-02-14T12:00"),  # the Saturday before New Year is worked
        ("2026-02-14T12:00", 24, "2026-02-24T12:00"),  # nine days of New Year stand still
        ("2026-09-30T12:00", 72, "2026-10-10T12:00"),  # over the National Day week, its Saturday made up for
        ("2026-03-02T00:00", 24, "2026-03-03T00:00"),  # a whole day ends at midnight
        ("2027-01-01T12:00", 24, "2027-01-04T12:00"),  # beyond the table only the week is known
    ],
)
def test_a_clock_of_business_days_runs_on_them_only(since: str, hours_: int, until: str) -> None:
    rule = ClockRule(whose=ANSWER.whose, hours=hours_, calendar="cn_business", on_silence=ANSWER.on_silence)
    started = start(ClockName.ANSWER, rule, {"cn_business": CHINA}, beijing(since))
    assert started.due_at == beijing(until)


def test_a_clock_counts_every_hour_where_its_calendar_is_none() -> None:
    assert open_time(None, hours(1), hours(100)) == timedelta(hours=99)
    assert advance(None, hours(1), timedelta(hours=99)) == hours(100)


def a_calendar(**changes: Any) -> Calendar:
    fields: dict[str, Any] = {
        "source": "made up",
        "utc_offset_minutes": 480,
        "workdays": (Weekday.MON,),
        "since": date(2026, 1, 1),
        "until": date(2026, 12, 31),
    }
    return Calendar(**(fields | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"workdays": ()},
        {"holidays": (date(2026, 3, 2),), "makeup_workdays": (date(2026, 3, 2),)},
        {"holidays": (date(2026, 3, 2), date(2026, 3, 2))},
        {"holidays": (date(2027, 3, 2),)},
        {"makeup_workdays": (date(2025, 3, 2),)},
        {"utc_offset_minutes": 841},
    ],
)
def test_a_table_holds_together(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        a_calendar(**changes)


def test_what_is_left_of_a_clock_is_left_of_it_after_each_pause() -> None:
    clock = start(ClockName.ANSWER, ANSWER, {}, FILED_AT)
    once = resume(clock, {}, hours(10), hours(20))
    twice = resume(once, {}, hours(30), hours(31))
    assert (once.due_at, twice.due_at) == (hours(58), hours(59))
    assert twice.pauses == (Pause(since=hours(10), until=hours(20)), Pause(since=hours(30), until=hours(31)))


days = st.dates(date(2026, 1, 1), date(2026, 6, 30))
calendars = st.builds(
    lambda offset, week, off, on: a_calendar(
        utc_offset_minutes=offset,
        workdays=tuple(sorted(week)),
        holidays=tuple(sorted(off)),
        makeup_workdays=tuple(sorted(on - off)),
    ),
    st.sampled_from((-720, -210, 0, 480, 840)),
    st.sets(st.sampled_from(list(Weekday)), min_size=1),
    st.sets(days, max_size=20),
    st.sets(days, max_size=20),
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 6, 30)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 - made aware here
stretches = st.integers(0, 20 * 24).map(lambda count: timedelta(hours=count))


@for_all(st.none() | calendars, moments, stretches)
def test_just_as_much_open_time_lies_before_an_end_as_the_clock_runs_for(
    calendar: Calendar | None, since: datetime, run: timedelta
) -> None:
    assert open_time(calendar, since, advance(calendar, since, run)) == run


@for_all(calendars, moments, st.integers(1, 400))
def test_a_clock_ends_where_counting_hour_by_hour_ends(calendar: Calendar, since: datetime, count: int) -> None:
    at = since.replace(minute=0, second=0, microsecond=0)  # offsets of half hours fall on whole halves
    half, left, ends = timedelta(minutes=30), 2 * count, at
    while left:
        left -= calendar.counts((ends.astimezone(calendar.zone)).date())
        ends += half
    assert due_at(at, count, calendar, ()) == ends


@for_all(st.none() | calendars, moments, st.integers(1, 400), st.lists(stretches, min_size=2, max_size=6))
def test_pauses_add_up_and_never_shorten_a_clock(
    calendar: Calendar | None, since: datetime, count: int, gaps: list[timedelta]
) -> None:
    rule = ClockRule(whose=ANSWER.whose, hours=count, calendar="24x7", on_silence=ANSWER.on_silence)
    clock: Clock = start(ClockName.ANSWER, rule, {}, since).model_copy(
        update={"calendar": "made_up", "due_at": due_at(since, count, calendar, ())}
    )
    tables = {"made_up": calendar} if calendar else {}
    at, stood_still = since, timedelta()
    for runs, stands in zip(gaps[::2], gaps[1::2], strict=False):
        begins = at + runs
        if begins >= clock.due_at:
            break
        at = begins + stands
        before, clock = clock, resume(clock, tables, begins, at)
        stood_still += open_time(calendar, begins, at)
        assert clock.due_at >= before.due_at
    ran = open_time(calendar, since, clock.due_at) - stood_still
    assert ran == timedelta(hours=count)

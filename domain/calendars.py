"""Clocks: whose they are, by which calendar they run, when they stood still, and what silence does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from domain.kernel import Bilingual, Code, Moment, Role, Value

HOURS_MAX: Final = 24 * 366
OFFSET_MINUTES_MAX: Final = 14 * 60
DAYS_MAX: Final = 1000

CalendarName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]{0,31}$")]
ALWAYS: Final = "24x7"  # the calendar that needs no table: every hour counts


class Weekday(StrEnum):
    """The days of a week, in the order of `date.weekday()`."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


WEEK: Final = tuple(Weekday)
Days = Annotated[tuple[date, ...], Field(max_length=DAYS_MAX)]


class Calendar(Value):
    """The business days of a country as a table of the playbook: the week, its holidays, its make-up workdays.

    A business day counts from midnight to midnight at a fixed offset from UTC, 24 hours; on other days a clock stands
    still. Outside `since`..`until` only the week is known.
    """

    utc_offset_minutes: Annotated[int, Field(ge=-OFFSET_MINUTES_MAX, le=OFFSET_MINUTES_MAX)]
    workdays: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)]
    since: date
    until: date
    holidays: Days = ()
    makeup_workdays: Days = ()
    source: Annotated[str, StringConstraints(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        listed = (*self.holidays, *self.makeup_workdays)
        if twice := sorted({str(day) for day in listed if listed.count(day) > 1}):
            raise ValueError("; ".join(f"the day {day} is listed twice" for day in twice))
        if outside := sorted(str(day) for day in listed if not self.since <= day <= self.until):
            raise ValueError("; ".join(f"the day {day} is outside since and until" for day in outside))
        return self

    @cached_property
    def zone(self) -> timezone:
        """Where its days begin and end."""
        return timezone(timedelta(minutes=self.utc_offset_minutes))

    @cached_property
    def _exceptions(self) -> dict[date, bool]:
        return dict.fromkeys(self.holidays, False) | dict.fromkeys(self.makeup_workdays, True)

    def counts(self, day: date) -> bool:
        """Whether a clock runs on this day."""
        return self._exceptions.get(day, WEEK[day.weekday()] in self.workdays)

    def day_of(self, at: datetime) -> tuple[date, datetime]:
        """The day of a moment, and the moment at which that day ends."""
        day = at.astimezone(self.zone).date()
        return day, datetime.combine(day + timedelta(days=1), time.min, self.zone).astimezone(UTC)


class ClockName(StrEnum):
    """The clocks of a dispute."""

    NOTICE = "notice"
    ANSWER = "answer"
    OFFER = "offer"
    EVIDENCE = "evidence"
    APPEAL = "appeal"


class ClockRule(Value):
    """A playbook's rule for one clock; `hours` count on the days of its calendar only."""

    whose: Annotated[tuple[Role, ...], Field(min_length=1)]
    hours: Annotated[int, Field(ge=1, le=HOURS_MAX)]
    calendar: CalendarName
    on_silence: Bilingual


class Pause(Value):
    """A time in which a clock stood still."""

    since: Moment
    until: Moment


class Clock(Value):
    """A clock that was started: the rule's figures as they stood, its pauses, and the moment it runs out.

    `of` is what it runs for, where a dispute may have several of its name: an offer, a request for evidence.
    """

    name: ClockName
    of: Code | None = None
    whose: tuple[Role, ...]
    hours: int
    calendar: CalendarName
    on_silence: Bilingual
    started_at: Moment
    pauses: tuple[Pause, ...] = ()
    due_at: Moment

    @property
    def key(self) -> str:
        """What tells it from the other clocks of its dispute: its name, and what it runs for."""
        return clock_key(self.name, self.of)

    def is_due(self, at: datetime) -> bool:
        """Whether the clock has run out at `at`; the due moment itself is out."""
        return at >= self.due_at


Calendars = dict[CalendarName, Calendar]
ClockKey = Annotated[str, StringConstraints(pattern=r"^[a-z]+(:[A-Za-z0-9_.-]{1,64})?$")]


def clock_key(name: ClockName, of: str | None) -> str:
    """The key of a clock."""
    return str(name) if of is None else f"{name}:{of}"


def read_key(key: str) -> tuple[ClockName, str | None]:
    """What a clock's key says: its name, and what it runs for."""
    name, _, of = key.partition(":")
    return ClockName(name), of or None


def start(
    name: ClockName,
    rule: ClockRule,
    calendars: Calendars,
    at: datetime,
    *,
    of: str | None = None,
    whose: Role | None = None,
) -> Clock:
    """Start a clock at `at` by the playbook's rule; `whose` where it runs for one side of those the rule names."""
    return Clock(
        name=name,
        of=of,
        whose=rule.whose if whose is None else (whose,),
        hours=rule.hours,
        calendar=rule.calendar,
        on_silence=rule.on_silence,
        started_at=at,
        due_at=due_at(at, rule.hours, calendars.get(rule.calendar), ()),
    )


def resume(clock: Clock, calendars: Calendars, since: datetime, until: datetime) -> Clock:
    """The clock after it stood still from `since` to `until`: what was left of it then is left of it now."""
    pauses = (*clock.pauses, Pause(since=since, until=until))
    due = due_at(clock.started_at, clock.hours, calendars.get(clock.calendar), pauses)
    return clock.model_copy(update={"pauses": pauses, "due_at": due})


def due_at(started_at: datetime, hours: int, calendar: Calendar | None, pauses: tuple[Pause, ...]) -> datetime:
    """When a clock has run for its hours, counting only time in which its calendar is open and it is not paused."""
    left, at = timedelta(hours=hours), started_at.astimezone(UTC)
    for pause in pauses:
        left -= open_time(calendar, at, pause.since)
        at = pause.until
    return advance(calendar, at, left)


def advance(calendar: Calendar | None, at: datetime, run: timedelta) -> datetime:
    """The moment when `run` of open time has passed since `at`."""
    if calendar is None:
        return at + run
    while True:
        day, ends = calendar.day_of(at)
        if calendar.counts(day):
            if at + run <= ends:
                return at + run
            run -= ends - at
        at = ends


def open_time(calendar: Calendar | None, since: datetime, until: datetime) -> timedelta:
    """How much open time lies between two moments."""
    if calendar is None:
        return until - since
    found, at = timedelta(), since
    while at < until:
        day, ends = calendar.day_of(at)
        if calendar.counts(day):
            found += min(ends, until) - at
        at = ends
    return found

"""Clocks: whose they are, by which calendar they run, and what silence does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.kernel import Bilingual, Moment, Role, Value

HOURS_MAX = 24 * 366


class Calendar(StrEnum):
    """How hours are counted. Business days arrive with their tables."""

    ALWAYS = "24x7"


class ClockName(StrEnum):
    """The clocks of a dispute."""

    ANSWER = "answer"
    APPEAL = "appeal"


class ClockRule(Value):
    """A playbook's rule for one clock."""

    whose: Annotated[tuple[Role, ...], Field(min_length=1)]
    hours: Annotated[int, Field(ge=1, le=HOURS_MAX)]
    calendar: Calendar
    on_silence: Bilingual


class Clock(Value):
    """A clock that was started: the rule's figures as they stood, and the moment it runs out."""

    name: ClockName
    whose: tuple[Role, ...]
    hours: int
    calendar: Calendar
    on_silence: Bilingual
    started_at: Moment
    due_at: Moment

    def is_due(self, at: datetime) -> bool:
        """Whether the clock has run out at `at`; the due moment itself is out."""
        return at >= self.due_at


def start(name: ClockName, rule: ClockRule, at: datetime) -> Clock:
    """Start a clock at `at` by the playbook's rule."""
    return Clock(
        name=name,
        whose=rule.whose,
        hours=rule.hours,
        calendar=rule.calendar,
        on_silence=rule.on_silence,
        started_at=at,
        due_at=at.astimezone(UTC) + timedelta(hours=rule.hours),
    )

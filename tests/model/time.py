"""What time does to a case that nobody touches."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.model.case import Case
from tests.model.does import run_out

PAUSE = ""  # stands among the keys of clocks for the end of the pause


def waiting(case: Case) -> list[tuple[datetime, str]]:
    """What is waited for, the first to come first: the ends of the clocks that run, and of the pause."""
    dues = [(clock.due, key) for key, clock in case.clocks.items() if clock.due and key not in case.held]
    return sorted([*dues, (case.pause_ends, PAUSE)] if case.pause_ends else dues)


def let_pass(case: Case, to: datetime) -> list[str]:
    """Let time pass; tells what ran out on the way. What starts then is due by the rules' hours from then."""
    passed = []
    while (coming := waiting(case)) and coming[0][0] <= to:
        at, key = coming[0]
        passed.append(key or "the pause")
        if key == PAUSE:
            for held in case.held:
                clock = case.clocks[held]
                clock.due = clock.due + timedelta(hours=case.pause_hours) if clock.due else None
            case.held, case.pause_ends = set(), None
        else:
            run_out(case, key)
        for clock in case.clocks.values():
            clock.due = clock.due or at + timedelta(hours=clock.hours)
    return passed

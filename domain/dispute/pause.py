"""Chapter pause, a part of review: an arbitrator lets the running clock stand still for a stated time and reason."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar

from domain import calendars
from domain.calendars import Clock, ClockName
from domain.dispute.review import AlreadyTaken, NotAnArbitrator
from domain.dispute.stages import ClockNotDue
from domain.kernel import ARBITRATORS, Act, Actor, Moment, Personal, Refused, Text, Unacceptable, begun
from domain.playbook.playbook import Playbook

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute


class PauseGround(StrEnum):
    """Why a clock may stand still."""

    FORCE_MAJEURE = "force_majeure"
    OUTAGE = "outage"
    INVESTIGATION = "investigation"
    OUTSIDE_PROCEEDINGS = "outside_proceedings"


class ClockPaused(Act):
    """The running clock stands still, at the latest until `until`; what is left of it stays left."""

    TOPIC: ClassVar[str] = "dispute.clock_paused"
    clock: ClockName
    ground: PauseGround
    reason: Annotated[Text, Personal("/by/id")]
    until: Moment


class ClockResumed(Act):
    """The clock runs again; `clock` has the pause and the new end in it."""

    TOPIC: ClassVar[str] = "dispute.clock_resumed"
    clock: Clock


PauseEvent = ClockPaused | ClockResumed


class NoClockRuns(Refused):
    """There is no clock that could be paused: none runs, it stands still already, or it has run out."""

    CODE = "no_clock_runs"


class ClockNotPaused(Refused):
    """The clock does not stand still."""

    CODE = "clock_not_paused"


class PauseTooLong(Unacceptable):
    """A pause lasts an hour at least, and at most as long as the playbook allows."""

    CODE = "pause_too_long"


def may_pause(dispute: Dispute, actor: Actor) -> None:
    """The arbitrator who has the case, or any while nobody has it, pauses a clock that runs."""
    _check_arbitrator(dispute, actor)
    if dispute.clock is None or dispute.paused is not None:
        raise NoClockRuns


def pause_clock(
    dispute: Dispute, playbook: Playbook, ground: PauseGround, reason: str, hours: int, *, by: Actor, at: Moment
) -> tuple[ClockPaused]:
    """Let the running clock stand still for so many hours."""
    may_pause(dispute, by)
    clock = begun(dispute.clock)
    if clock.is_due(at):
        raise NoClockRuns
    if not 0 < hours <= playbook.limits.pause_hours:
        raise PauseTooLong(at_most=playbook.limits.pause_hours)
    until = at + timedelta(hours=hours)
    return (ClockPaused(clock=clock.name, ground=ground, reason=reason, until=until, by=by, at=at),)


def may_resume(dispute: Dispute, actor: Actor) -> None:
    """The arbitrator who has the case, or any while nobody has it, ends a pause early."""
    _check_arbitrator(dispute, actor)
    if dispute.paused is None:
        raise ClockNotPaused


def resume_clock(dispute: Dispute, playbook: Playbook, *, by: Actor, at: Moment) -> tuple[ClockResumed]:
    """End the pause before its time."""
    may_resume(dispute, by)
    return (_resumed(dispute, playbook, by=by, at=at),)


def end_pause(dispute: Dispute, playbook: Playbook, name: ClockName, *, by: Actor, at: Moment) -> tuple[ClockResumed]:
    """The pause has come to its stated end, also where that is only noticed later: until then the clock stood still."""
    paused = dispute.paused
    if paused is None or paused.clock is not name or at < paused.until:
        raise ClockNotDue
    return (_resumed(dispute, playbook, by=by, at=at),)


def _resumed(dispute: Dispute, playbook: Playbook, *, by: Actor, at: Moment) -> ClockResumed:
    clock, paused = begun(dispute.clock), begun(dispute.paused)
    return ClockResumed(clock=calendars.resume(clock, playbook.calendars, paused.at, at), by=by, at=at)


def _check_arbitrator(dispute: Dispute, actor: Actor) -> None:
    if actor.role not in ARBITRATORS or actor.is_tool:
        raise NotAnArbitrator
    holder = dispute.review.arbitrator
    if holder is not None and (holder.role, holder.id) != (actor.role, actor.id):
        raise AlreadyTaken

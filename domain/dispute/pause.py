"""Chapter pause, a part of review: an arbitrator lets the running clocks stand still for a stated time and reason."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from domain import calendars
from domain.calendars import Clock, ClockKey
from domain.dispute.review import AlreadyTaken, check_hears
from domain.dispute.stages import ClockNotDue
from domain.kernel import Act, Actor, Moment, Personal, Refused, Text, Unacceptable, begun
from domain.playbook.playbook import Playbook

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute

CLOCKS_MAX = 200


class PauseGround(StrEnum):
    """Why a clock may stand still."""

    FORCE_MAJEURE = "force_majeure"
    OUTAGE = "outage"
    INVESTIGATION = "investigation"
    OUTSIDE_PROCEEDINGS = "outside_proceedings"


class ClockPaused(Act):
    """The running clocks stand still, at the latest until `until`; what is left of them stays left."""

    TOPIC: ClassVar[str] = "dispute.clock_paused"
    clocks: Annotated[tuple[ClockKey, ...], Field(min_length=1, max_length=CLOCKS_MAX)]
    ground: PauseGround
    reason: Annotated[Text, Personal("/by/id")]
    until: Moment


class ClockResumed(Act):
    """The clocks run again; `clocks` have the pause and their new ends in them."""

    TOPIC: ClassVar[str] = "dispute.clock_resumed"
    clocks: Annotated[tuple[Clock, ...], Field(min_length=1, max_length=CLOCKS_MAX)]


PauseEvent = ClockPaused | ClockResumed


class NoClockRuns(Refused):
    """There is no clock that could be paused: none runs, they stand still already, or they have run out."""

    CODE = "no_clock_runs"


class ClockNotPaused(Refused):
    """No clock stands still."""

    CODE = "clock_not_paused"


class PauseTooLong(Unacceptable):
    """A pause lasts an hour at least, and at most as long as the playbook allows."""

    CODE = "pause_too_long"


def may_pause(dispute: Dispute, actor: Actor) -> None:
    """The arbitrator who has the case, or any while nobody has it, pauses the clocks that run."""
    _check_arbitrator(dispute, actor)
    if not dispute.clocks or dispute.paused is not None:
        raise NoClockRuns


def pause_clock(
    dispute: Dispute, playbook: Playbook, ground: PauseGround, reason: str, hours: int, *, by: Actor, at: Moment
) -> tuple[ClockPaused]:
    """Let the running clocks stand still for so many hours; what has run out already is not held."""
    may_pause(dispute, by)
    held = tuple(key for key, clock in dispute.clocks.items() if not clock.is_due(at))
    if not held:
        raise NoClockRuns
    if not 0 < hours <= playbook.limits.pause_hours:
        raise PauseTooLong(at_most=playbook.limits.pause_hours)
    until = at + timedelta(hours=hours)
    return (ClockPaused(clocks=held, ground=ground, reason=reason, until=until, by=by, at=at),)


def may_resume(dispute: Dispute, actor: Actor) -> None:
    """The arbitrator who has the case, or any while nobody has it, ends a pause early."""
    _check_arbitrator(dispute, actor)
    if dispute.paused is None:
        raise ClockNotPaused


def resume_clock(dispute: Dispute, playbook: Playbook, *, by: Actor, at: Moment) -> tuple[ClockResumed]:
    """End the pause before its time."""
    may_resume(dispute, by)
    return (_resumed(dispute, playbook, by=by, at=at),)


def end_pause(dispute: Dispute, playbook: Playbook, *, by: Actor, at: Moment) -> tuple[ClockResumed]:
    """The pause has come to its stated end, also where that is only noticed later: until then the clock stood still."""
    paused = dispute.paused
    if paused is None or at < paused.until:
        raise ClockNotDue
    return (_resumed(dispute, playbook, by=by, at=at),)


def _resumed(dispute: Dispute, playbook: Playbook, *, by: Actor, at: Moment) -> ClockResumed:
    paused = begun(dispute.paused)
    resumed = tuple(
        calendars.resume(clock, playbook.calendars, paused.at, at)
        for key, clock in dispute.clocks.items()
        if key in paused.clocks
    )
    return ClockResumed(clocks=resumed, by=by, at=at)


def _check_arbitrator(dispute: Dispute, actor: Actor) -> None:
    check_hears(dispute, actor)
    holder = dispute.review.arbitrator
    if holder is not None and (holder.role, holder.id) != (actor.role, actor.id):
        raise AlreadyTaken

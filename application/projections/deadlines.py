"""Deadlines: which clock of which dispute runs out when. The sweeper asks it; wiping it loses nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast, get_args

from domain.dispute.dispute import DisputeEvent, clock_started, clock_stopped
from domain.dispute.pause import ClockPaused

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from application.ports import Recorded

NAME = "deadlines"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A running clock, or one that stands still until `due_at`."""

    dispute: UUID
    platform: str
    clock: str
    due_at: datetime


class DeadlineView(Protocol):
    """The table of running clocks, one for a dispute at a time."""

    async def start(self, deadline: Deadline) -> None:
        """A clock runs; it takes the place of the one before."""
        ...

    async def stop(self, dispute: UUID) -> None:
        """No clock of this dispute runs."""
        ...


async def project(view: DeadlineView, recorded: Recorded) -> None:
    """Follow one event."""
    if not isinstance(recorded.event, get_args(DisputeEvent)):
        return
    event = cast("DisputeEvent", recorded.event)
    if clock := clock_started(event):
        await view.start(Deadline(recorded.stream, recorded.metadata.platform, clock.name, clock.due_at))
    elif isinstance(event, ClockPaused):
        await view.start(Deadline(recorded.stream, recorded.metadata.platform, event.clock, event.until))
    elif clock_stopped(event):
        await view.stop(recorded.stream)

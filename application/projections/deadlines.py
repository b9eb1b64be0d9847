"""Deadlines: which clock of which dispute runs out when. The sweeper asks it; wiping it loses nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast, get_args

from domain.dispute.dispute import DisputeEvent
from domain.dispute.pause import ClockPaused
from domain.dispute.transitions import clocks_started, clocks_stopped

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from application.ports import Recorded

NAME = "deadlines"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A running clock by its key, or one that stands still until `due_at`."""

    dispute: UUID
    platform: str
    clock: str
    due_at: datetime
    paused: bool = False


class DeadlineView(Protocol):
    """The table of running clocks."""

    async def start(self, deadline: Deadline) -> None:
        """A clock runs; it takes the place of the one that had its key."""
        ...

    async def stop(self, dispute: UUID, clocks: tuple[str, ...]) -> None:
        """Clocks of this dispute run no more, by key; a name alone stands for all of its name."""
        ...


async def project(view: DeadlineView, recorded: Recorded) -> None:
    """Follow one event."""
    if not isinstance(recorded.event, get_args(DisputeEvent)):
        return
    event = cast("DisputeEvent", recorded.event)
    platform = recorded.metadata.platform
    if stopped := clocks_stopped(event):
        await view.stop(recorded.stream, stopped)
    for clock in clocks_started(event):
        await view.start(Deadline(recorded.stream, platform, clock.key, clock.due_at))
    if isinstance(event, ClockPaused):
        for key in event.clocks:
            await view.start(Deadline(recorded.stream, platform, key, event.until, paused=True))

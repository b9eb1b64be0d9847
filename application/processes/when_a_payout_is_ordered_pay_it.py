"""When a payout is ordered, pay it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.remedy.payout import PayoutOrdered

if TYPE_CHECKING:
    from uuid import UUID

    from application.ports import Recorded


@dataclass(frozen=True, slots=True)
class Pay:
    """The effect: a job that pays this payout. Carried out at least once; the payout's key makes it once in effect."""

    platform: str
    payout: UUID


def react(recorded: Recorded) -> tuple[Pay, ...]:
    """What follows from an event; never run on rebuild."""
    if isinstance(recorded.event, PayoutOrdered):
        return (Pay(platform=recorded.event.platform, payout=recorded.stream),)
    return ()

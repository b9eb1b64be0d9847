"""Where a dispute stands, the same for everybody, and whether its clock has run out."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from domain.calendars import clock_key
from domain.kernel import Refused

if TYPE_CHECKING:
    from datetime import datetime

    from domain.calendars import Clock, ClockName
    from domain.dispute.dispute import Dispute


class Stage(StrEnum):
    """The stages of a dispute's life."""

    AWAITING_RESPONSE = "awaiting_response"
    NEGOTIATION = "negotiation"
    UNDER_REVIEW = "under_review"
    DECIDED = "decided"
    CARRYING_OUT = "carrying_out"
    CLOSED = "closed"


UNCLOSED = tuple(stage for stage in Stage if stage is not Stage.CLOSED)
UNDECIDED = (Stage.AWAITING_RESPONSE, Stage.NEGOTIATION, Stage.UNDER_REVIEW)


class NotOpenForThis(Refused):
    """The dispute is in a stage in which this is not done."""

    CODE = "not_open_for_this"


class ClockNotDue(Refused):
    """The clock has not run out, is paused, or is not running."""

    CODE = "clock_not_due"


def check_stage(dispute: Dispute, *stages: Stage) -> None:
    """Refuse what is done only in these stages."""
    if dispute.stage not in stages:
        raise NotOpenForThis(stage=str(dispute.stage), done_in=[str(stage) for stage in stages])


def check_due(dispute: Dispute, name: ClockName, at: datetime, of: str | None = None) -> Clock:
    """The clock of this name, which has run out; refuses one that has not, stands still, or does not run."""
    clock = dispute.clocks.get(clock_key(name, of))
    if clock is None or dispute.stands_still(clock) or not clock.is_due(at):
        raise ClockNotDue
    return clock

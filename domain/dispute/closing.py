"""Chapter closing, a part of intake: the buyer withdraws; a senior arbitrator has an ended case heard again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar

from domain.dispute.intake import Closed, NotAParty, Outcome
from domain.dispute.review import NotASeniorArbitrator
from domain.dispute.stages import UNDECIDED, Stage, check_stage
from domain.kernel import Act, Actor, Event, Moment, Personal, Refused, Role, Text

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute
    from domain.dispute.negotiation import Settled


class ReopeningGround(StrEnum):
    """Why an ended case is heard again."""

    NEW_EVIDENCE = "new_evidence"
    FRAUD = "fraud"
    GOODWILL = "goodwill"


class Withdrawn(Act):
    """The buyer claims nothing more."""

    TOPIC: ClassVar[str] = "dispute.withdrawn"
    reason: Annotated[Text, Personal("/by/id")]


class Reopened(Act):
    """An ended case is open again, for others to hear; how it ended before stays on record."""

    TOPIC: ClassVar[str] = "dispute.reopened"
    ground: ReopeningGround
    reason: Annotated[Text, Personal("/by/id")]


ClosingEvent = Withdrawn | Reopened


class DecidedBefore(Refused):
    """What was decided or has ended once is not withdrawn any more."""

    CODE = "decided_before"


@dataclass(frozen=True, slots=True)
class Ended:
    """How the case ended before it was opened again, and what was agreed then, if anything."""

    reopened: Reopened
    closed: Closed | None
    settled: Settled | None


@dataclass(frozen=True, slots=True)
class Closing:
    """Whether the buyer withdrew, and every earlier end."""

    withdrawn: Withdrawn | None = None
    earlier: tuple[Ended, ...] = ()


def may_withdraw(dispute: Dispute, actor: Actor) -> None:
    """The buyer withdraws until the case has been decided or has ended for the first time."""
    check_stage(dispute, *UNDECIDED)
    if dispute.intake.party(actor) is not Role.BUYER:
        raise NotAParty
    if dispute.ruling.decision is not None or dispute.closing.earlier:
        raise DecidedBefore


def withdraw(dispute: Dispute, reason: str, *, by: Actor, at: Moment) -> tuple[Withdrawn, Closed]:
    """The buyer claims nothing more: the end."""
    may_withdraw(dispute, by)
    return Withdrawn(reason=reason, by=by, at=at), Closed(outcome=Outcome.WITHDRAWN, at=at)


def may_reopen(dispute: Dispute, actor: Actor) -> None:
    """A senior arbitrator opens a case that has ended."""
    check_stage(dispute, Stage.CLOSED)
    if actor.role is not Role.SENIOR_ARBITRATOR or actor.is_tool:
        raise NotASeniorArbitrator


def reopen(dispute: Dispute, ground: ReopeningGround, reason: str, *, by: Actor, at: Moment) -> tuple[Reopened]:
    """Have an ended case heard again."""
    may_reopen(dispute, by)
    return (Reopened(ground=ground, reason=reason, by=by, at=at),)


def evolve(dispute: Dispute, event: Event) -> Closing:
    """The chapter after any event of the dispute as it stood: when it is reopened, how it had ended is kept."""
    match event:
        case Withdrawn():
            return replace(dispute.closing, withdrawn=event)
        case Reopened():
            ended = Ended(event, dispute.intake.closed, dispute.negotiation.settled)
            return replace(dispute.closing, withdrawn=None, earlier=(*dispute.closing.earlier, ended))
        case _:
            return dispute.closing

"""Chapter review: a party calls the platform in, the platform steps in, an arbitrator takes the case."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, ClassVar, assert_never

from domain.dispute.stages import Stage, check_stage
from domain.kernel import ARBITRATORS, Act, Actor, Moment, NotYours, Personal, Refused, Text

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute


class Escalated(Act):
    """A party asked the platform to decide."""

    TOPIC: ClassVar[str] = "dispute.escalated"
    reason: Annotated[Text, Personal("/by/id")]


class PlatformIntervened(Act):
    """The platform stepped in."""

    TOPIC: ClassVar[str] = "dispute.platform_intervened"


class CaseAssigned(Act):
    """An arbitrator has the case: who that is stands in `arbitrator`."""

    TOPIC: ClassVar[str] = "dispute.case_assigned"
    arbitrator: Actor


ReviewEvent = Escalated | PlatformIntervened | CaseAssigned


class AlreadyTaken(Refused):
    """Another arbitrator has the case."""

    CODE = "already_taken"


class NotAnArbitrator(NotYours):
    """Only an arbitrator of the platform, a person, may do this."""

    CODE = "not_an_arbitrator"


class HeardBefore(NotYours):
    """Whoever had the case or decided it before its appeal or its reopening hears it no more."""

    CODE = "heard_before"


@dataclass(frozen=True, slots=True)
class Review:
    """Whether the platform was called and stepped in, who has the case, who has had it, and who hears it no more."""

    escalated: Escalated | None = None
    intervened: PlatformIntervened | None = None
    assigned: CaseAssigned | None = None
    had: frozenset[str] = frozenset()
    heard_before: frozenset[str] = frozenset()

    @property
    def arbitrator(self) -> Actor | None:
        """Who has the case."""
        return self.assigned.arbitrator if self.assigned else None


def may_escalate(dispute: Dispute, actor: Actor) -> None:
    """Either party calls the platform once the merchant has answered."""
    check_stage(dispute, Stage.NEGOTIATION)
    dispute.intake.party(actor)


def escalate(dispute: Dispute, reason: str, *, by: Actor, at: Moment) -> tuple[Escalated]:
    """A party calls the platform in."""
    may_escalate(dispute, by)
    return (Escalated(reason=reason, by=by, at=at),)


def check_hears(dispute: Dispute, actor: Actor) -> None:
    """Refuse whoever may not hear the case: a machine, no arbitrator, one who had or decided it before."""
    if actor.role not in ARBITRATORS or actor.is_tool:
        raise NotAnArbitrator
    if actor.id in dispute.review.heard_before:
        raise HeardBefore


def may_intervene(dispute: Dispute, actor: Actor) -> None:
    """An arbitrator takes an escalated or lapsed case that nobody has."""
    check_stage(dispute, Stage.UNDER_REVIEW)
    check_hears(dispute, actor)
    if dispute.review.assigned is not None:
        raise AlreadyTaken


def intervene(dispute: Dispute, *, by: Actor, at: Moment) -> tuple[PlatformIntervened, CaseAssigned]:
    """The platform steps in through an arbitrator, who has the case from now on."""
    may_intervene(dispute, by)
    return PlatformIntervened(by=by, at=at), CaseAssigned(arbitrator=by, by=by, at=at)


def evolve(review: Review, event: ReviewEvent) -> Review:
    """The chapter after `event`."""
    match event:
        case Escalated():
            return replace(review, escalated=event)
        case PlatformIntervened():
            return replace(review, intervened=event)
        case CaseAssigned():
            return replace(review, assigned=event, had=review.had | {event.arbitrator.id})
        case _:
            assert_never(event)


def begin_anew(review: Review, deciders: frozenset[str]) -> Review:
    """The chapter when the case is to be heard by others: nobody has it, and who had or decided it is out."""
    return replace(review, assigned=None, heard_before=review.had | deciders)

"""Chapter review: a party calls the platform in, an arbitrator takes the case, gives it back, or may not hear it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar, assert_never

from domain.dispute.stages import Stage, check_stage
from domain.kernel import ARBITRATORS, Act, Actor, Moment, NotYours, Personal, Refused, Role, Text, Unacceptable

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute


class ConflictGround(StrEnum):
    """Why an arbitrator may not hear a case."""

    KNOWS_PARTY = "knows_party"
    PAST_TRADE = "past_trade"
    OWN_INTEREST = "own_interest"
    OTHER = "other"


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


class CaseReleased(Act):
    """The arbitrator who had the case gave it back: nobody has it."""

    TOPIC: ClassVar[str] = "dispute.case_released"
    reason: Annotated[Text, Personal("/by/id")]


class CaseReassigned(Act):
    """A senior arbitrator gave the case to `to`, whoever had it before."""

    TOPIC: ClassVar[str] = "dispute.case_reassigned"
    to: Actor
    reason: Annotated[Text, Personal("/by/id")]


class ConflictDeclared(Act):
    """An arbitrator hears nothing of the case any more; where they had it, nobody has it."""

    TOPIC: ClassVar[str] = "dispute.conflict_declared"
    ground: ConflictGround
    reason: Annotated[Text, Personal("/by/id")]


ReviewEvent = Escalated | PlatformIntervened | CaseAssigned | CaseReleased | CaseReassigned | ConflictDeclared


class AlreadyTaken(Refused):
    """Another arbitrator has the case."""

    CODE = "already_taken"


class NotAnArbitrator(NotYours):
    """Only an arbitrator of the platform, a person, may do this."""

    CODE = "not_an_arbitrator"


class NotYourCase(NotYours):
    """Only the arbitrator who has taken the case, a person, does this."""

    CODE = "not_your_case"


class NotASeniorArbitrator(NotYours):
    """Only a senior arbitrator, a person, may do this."""

    CODE = "not_a_senior_arbitrator"


class InConflict(NotYours):
    """Who has declared a conflict hears nothing of the case."""

    CODE = "conflict_declared"


class GivenToOneself(Unacceptable):
    """Who gives a case to somebody gives it to somebody else."""

    CODE = "given_to_oneself"


class HeardBefore(NotYours):
    """Whoever had the case or decided it before its appeal or its reopening hears it no more."""

    CODE = "heard_before"


@dataclass(frozen=True, slots=True)
class Review:
    """Whether the platform was called and stepped in, who has the case, who has had it, and who may not hear it."""

    escalated: Escalated | None = None
    intervened: PlatformIntervened | None = None
    assigned: CaseAssigned | CaseReassigned | None = None
    conflicts: tuple[ConflictDeclared, ...] = ()
    had: frozenset[str] = frozenset()
    heard_before: frozenset[str] = frozenset()

    @property
    def arbitrator(self) -> Actor | None:
        """Who has the case."""
        match self.assigned:
            case CaseAssigned(arbitrator=holder) | CaseReassigned(to=holder):
                return holder
            case _:
                return None

    def is_with(self, actor: Actor) -> bool:
        """Whether the actor has the case."""
        holder = self.arbitrator
        return holder is not None and (holder.role, holder.id) == (actor.role, actor.id)

    def conflict_of(self, actor: Actor) -> ConflictDeclared | None:
        """The conflict that this person has declared, who is the same whether a senior arbitrator or not."""
        if actor.role not in ARBITRATORS:
            return None
        return next((one for one in self.conflicts if one.by.id == actor.id), None)


def _check_arbitrator(actor: Actor) -> None:
    if actor.role not in ARBITRATORS or actor.is_tool:
        raise NotAnArbitrator


def check_hears(dispute: Dispute, actor: Actor) -> None:
    """Refuse who may not hear the case: no arbitrator, a machine, one in conflict, one who had or decided it before."""
    _check_arbitrator(actor)
    if dispute.review.conflict_of(actor) is not None:
        raise InConflict(arbitrator=actor.id)
    if actor.id in dispute.review.heard_before:
        raise HeardBefore


def check_holds(dispute: Dispute, actor: Actor) -> None:
    """Refuse who does not have the case, or may not hear it."""
    check_hears(dispute, actor)
    if not dispute.review.is_with(actor):
        raise NotYourCase


def may_escalate(dispute: Dispute, actor: Actor) -> None:
    """Either party calls the platform once the merchant has answered."""
    check_stage(dispute, Stage.NEGOTIATION)
    dispute.intake.party(actor)


def escalate(dispute: Dispute, reason: str, *, by: Actor, at: Moment) -> tuple[Escalated]:
    """A party calls the platform in."""
    may_escalate(dispute, by)
    return (Escalated(reason=reason, by=by, at=at),)


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


def may_release(dispute: Dispute, actor: Actor) -> None:
    """Who has a case gives it back while it is under review."""
    check_stage(dispute, Stage.UNDER_REVIEW)
    check_holds(dispute, actor)


def release(dispute: Dispute, reason: str, *, by: Actor, at: Moment) -> tuple[CaseReleased]:
    """The arbitrator who has the case gives it back."""
    may_release(dispute, by)
    return (CaseReleased(reason=reason, by=by, at=at),)


def may_reassign(dispute: Dispute, actor: Actor) -> None:
    """A senior arbitrator gives cases under review to others, held or free, unless they may not hear them."""
    check_stage(dispute, Stage.UNDER_REVIEW)
    check_hears(dispute, actor)
    if actor.role is not Role.SENIOR_ARBITRATOR:
        raise NotASeniorArbitrator


def reassign(dispute: Dispute, to: Actor, reason: str, *, by: Actor, at: Moment) -> tuple[CaseReassigned, ...]:
    """Give the case to another arbitrator, who may hear it; to the one who has it is nothing new."""
    may_reassign(dispute, by)
    if to.id == by.id:
        raise GivenToOneself
    check_hears(dispute, to)
    return () if dispute.review.is_with(to) else (CaseReassigned(to=to, reason=reason, by=by, at=at),)


def may_declare_conflict(actor: Actor) -> None:
    """Every arbitrator declares a conflict at any time, whoever has the case."""
    _check_arbitrator(actor)


def declare_conflict(
    dispute: Dispute, ground: ConflictGround, reason: str, *, by: Actor, at: Moment
) -> tuple[ConflictDeclared, ...]:
    """An arbitrator declares a conflict; once more is nothing new."""
    may_declare_conflict(by)
    known = dispute.review.conflict_of(by) is not None
    return () if known else (ConflictDeclared(ground=ground, reason=reason, by=by, at=at),)


def evolve(review: Review, event: ReviewEvent) -> Review:
    """The chapter after `event`."""
    match event:
        case Escalated():
            return replace(review, escalated=event)
        case PlatformIntervened():
            return replace(review, intervened=event)
        case CaseAssigned(arbitrator=holder) | CaseReassigned(to=holder):
            return replace(review, assigned=event, had=review.had | {holder.id})
        case CaseReleased():
            return replace(review, assigned=None)
        case ConflictDeclared():
            freed = review.arbitrator is not None and review.arbitrator.id == event.by.id
            assigned = None if freed else review.assigned
            return replace(review, assigned=assigned, conflicts=(*review.conflicts, event))
        case _:
            assert_never(event)


def begin_anew(review: Review, deciders: frozenset[str]) -> Review:
    """The chapter when the case is to be heard by others: nobody has it, and who had or decided it is out."""
    return replace(review, assigned=None, heard_before=review.had | deciders)

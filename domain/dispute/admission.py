"""Chapter admission, a part of evidence: which exhibits count. Challenges, late ones admitted, others excluded."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar, assert_never

from domain.dispute.review import check_holds
from domain.dispute.stages import UNDECIDED, Stage, check_stage
from domain.kernel import Act, Actor, Code, Moment, NotYours, Personal, Refused, Text, Unacceptable

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute
    from domain.dispute.evidence import EvidenceSubmitted


class ChallengeGround(StrEnum):
    """Why the other side holds that an exhibit should not count."""

    AUTHENTICITY = "authenticity"
    RELEVANCE = "relevance"
    COMPLETENESS = "completeness"
    OBTAINED_UNLAWFULLY = "obtained_unlawfully"


class EvidenceChallenged(Act):
    """The other side disputes an exhibit; what comes of it is for the arbitrator to say."""

    TOPIC: ClassVar[str] = "dispute.evidence_challenged"
    exhibit: Code
    ground: ChallengeGround
    statement: Annotated[Text, Personal("/by/id")]


class EvidenceAdmitted(Act):
    """An arbitrator lets an exhibit count that was late or excluded."""

    TOPIC: ClassVar[str] = "dispute.evidence_admitted"
    exhibit: Code
    reason: Annotated[Text, Personal("/by/id")]


class EvidenceExcluded(Act):
    """An arbitrator takes an exhibit out of what counts; it is kept and shown as excluded."""

    TOPIC: ClassVar[str] = "dispute.evidence_excluded"
    exhibit: Code
    reason: Annotated[Text, Personal("/by/id")]


AdmissionEvent = EvidenceChallenged | EvidenceAdmitted | EvidenceExcluded


class UnknownExhibit(Unacceptable):
    """No such exhibit was shown in this dispute."""

    CODE = "unknown_exhibit"


class OwnExhibit(NotYours):
    """Nobody challenges what they have shown themselves."""

    CODE = "own_exhibit"


class AlreadyChallenged(Refused):
    """The other side has challenged this exhibit."""

    CODE = "already_challenged"


class ExhibitIsLate(Refused):
    """The exhibit came after the round was closed, and was not admitted."""

    CODE = "exhibit_is_late"


class ExhibitIsExcluded(Refused):
    """The exhibit was excluded."""

    CODE = "exhibit_is_excluded"


class ExhibitCounts(Refused):
    """The exhibit is considered as it is."""

    CODE = "exhibit_counts"


class ExhibitReliedOn(Refused):
    """The last decision, or an open proposal, relies on this exhibit."""

    CODE = "exhibit_relied_on"


@dataclass(frozen=True, slots=True)
class Admission:
    """What was said against exhibits, and what was decided last of each."""

    challenges: tuple[EvidenceChallenged, ...] = ()
    decided: dict[str, EvidenceAdmitted | EvidenceExcluded] = field(default_factory=dict)


def known(dispute: Dispute, exhibit_id: str) -> EvidenceSubmitted:
    """The exhibit of this id, which must be there."""
    exhibit = dispute.evidence.exhibit(exhibit_id)
    if exhibit is None:
        raise UnknownExhibit(exhibit=exhibit_id)
    return exhibit


def is_considered(dispute: Dispute, exhibit: EvidenceSubmitted) -> bool:
    """Whether it counts: as was decided of it, and where nothing was, whether it came in time."""
    decided = dispute.admission.decided.get(exhibit.exhibit)
    return not exhibit.late if decided is None else isinstance(decided, EvidenceAdmitted)


def check_considered(dispute: Dispute, exhibit_id: str) -> None:
    """Refuse an exhibit that is not there or does not count; a decision relies on no other."""
    if is_considered(dispute, known(dispute, exhibit_id)):
        return
    if exhibit_id in dispute.admission.decided:
        raise ExhibitIsExcluded(exhibit=exhibit_id)
    raise ExhibitIsLate(exhibit=exhibit_id)


def may_challenge(dispute: Dispute, actor: Actor, exhibit_id: str) -> None:
    """The other side challenges an exhibit, once, until the case is decided or settled."""
    check_stage(dispute, *UNDECIDED)
    side = dispute.intake.party(actor)
    if known(dispute, exhibit_id).by.role is side:
        raise OwnExhibit
    if any(one.exhibit == exhibit_id for one in dispute.admission.challenges):
        raise AlreadyChallenged(exhibit=exhibit_id)


def challenge(
    dispute: Dispute, exhibit_id: str, ground: ChallengeGround, statement: str, *, by: Actor, at: Moment
) -> tuple[EvidenceChallenged]:
    """Say why an exhibit of the other side should not count."""
    may_challenge(dispute, by, exhibit_id)
    return (EvidenceChallenged(exhibit=exhibit_id, ground=ground, statement=statement, by=by, at=at),)


def may_admit(dispute: Dispute, actor: Actor, exhibit_id: str) -> None:
    """The arbitrator who has the case admits what does not count: a late exhibit, or one that was excluded."""
    check_stage(dispute, Stage.UNDER_REVIEW)
    check_holds(dispute, actor)
    if is_considered(dispute, known(dispute, exhibit_id)):
        raise ExhibitCounts(exhibit=exhibit_id)


def admit(dispute: Dispute, exhibit_id: str, reason: str, *, by: Actor, at: Moment) -> tuple[EvidenceAdmitted]:
    """Let an exhibit count, with the reason."""
    may_admit(dispute, by, exhibit_id)
    return (EvidenceAdmitted(exhibit=exhibit_id, reason=reason, by=by, at=at),)


def may_exclude(dispute: Dispute, actor: Actor, exhibit_id: str) -> None:
    """The arbitrator who has the case excludes what counts, but not what a decision or proposal stands on."""
    check_stage(dispute, Stage.UNDER_REVIEW)
    check_holds(dispute, actor)
    check_considered(dispute, exhibit_id)
    if exhibit_id in dispute.ruling.relied_on:
        raise ExhibitReliedOn(exhibit=exhibit_id)


def exclude(dispute: Dispute, exhibit_id: str, reason: str, *, by: Actor, at: Moment) -> tuple[EvidenceExcluded]:
    """Take an exhibit out of what counts, with the reason."""
    may_exclude(dispute, by, exhibit_id)
    return (EvidenceExcluded(exhibit=exhibit_id, reason=reason, by=by, at=at),)


def evolve(admission: Admission, event: AdmissionEvent) -> Admission:
    """The chapter after `event`."""
    match event:
        case EvidenceChallenged():
            return replace(admission, challenges=(*admission.challenges, event))
        case EvidenceAdmitted() | EvidenceExcluded():
            return replace(admission, decided=admission.decided | {event.exhibit: event})
        case _:
            assert_never(event)

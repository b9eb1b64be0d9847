"""The dispute: composes its chapters. Stage transitions, the running clock, what a viewer may do next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import assert_never
from uuid import UUID

from domain.calendars import Clock, ClockName
from domain.dispute import evidence, intake, negotiation, remedy, review, ruling
from domain.dispute.evidence import EvidenceSubmitted
from domain.dispute.intake import Closed, DisputeFiled, MerchantResponded, ResponseLapsed
from domain.dispute.negotiation import MessageSent, OfferAccepted, OfferDeclined, OfferMade, Settled
from domain.dispute.remedy import Compensated, ExternalRefundReported, RemedyConfirmed, RemedyOrdered
from domain.dispute.review import CaseAssigned, Escalated, PlatformIntervened
from domain.dispute.ruling import RulingBecameFinal, RulingConfirmed
from domain.dispute.stages import Stage
from domain.kernel import Actor, DomainError, Moment, begun
from domain.playbook.playbook import Playbook, RemediesStart

DisputeEvent = (
    intake.IntakeEvent
    | negotiation.NegotiationEvent
    | evidence.EvidenceEvent
    | review.ReviewEvent
    | ruling.RulingEvent
    | remedy.RemedyEvent
)


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute now; every chapter holds its part."""

    stage: Stage
    clock: Clock | None
    intake: intake.Intake
    negotiation: negotiation.Negotiation = field(default_factory=negotiation.Negotiation)
    evidence: evidence.EvidenceFile = field(default_factory=evidence.EvidenceFile)
    review: review.Review = field(default_factory=review.Review)
    ruling: ruling.Ruling = field(default_factory=ruling.Ruling)
    remedy: remedy.Remedy = field(default_factory=remedy.Remedy)


@dataclass(frozen=True, slots=True)
class Possible:
    """Something a viewer may do now; `offer` where it is about one."""

    action: str
    offer: str | None = None


OFFER_ACTIONS = ("accept_offer", "decline_offer")


def next_actions(dispute: Dispute, playbook: Playbook, viewer: Actor) -> tuple[Possible, ...]:
    """What the viewer may do now: exactly what the deciders would not refuse."""
    questions: dict[str, Callable[[], None]] = {
        "respond": partial(intake.may_respond, dispute, viewer),
        "send_message": partial(negotiation.may_send_message, dispute, playbook, viewer),
        "make_offer": partial(negotiation.may_make_offer, dispute, playbook, viewer),
        "submit_evidence": partial(evidence.may_submit_evidence, dispute, playbook, viewer),
        "escalate": partial(review.may_escalate, dispute, viewer),
        "intervene": partial(review.may_intervene, dispute, viewer),
        "rule": partial(ruling.may_rule, dispute, viewer),
    }
    possible = [Possible(action) for action, may in questions.items() if _allowed(may)]
    for offer in dispute.negotiation.open_offers():
        name = offer.made.offer
        if _allowed(partial(negotiation.may_answer_offer, dispute, viewer, name)):
            possible += [Possible(action, name) for action in OFFER_ACTIONS]
    return tuple(possible)


def _allowed(may: Callable[[], None]) -> bool:
    try:
        may()
    except DomainError:
        return False
    return True


def settle(dispute: Dispute, stream: UUID, events: tuple[DisputeEvent, ...]) -> tuple[DisputeEvent, ...]:
    """Add to `events` what a settlement among them orders: agreed remedies start at once."""
    settled = [event for event in events if isinstance(event, Settled)]
    return (*events, *(order for one in settled for order in remedy.order_settled(dispute, stream, one)))


def decide(dispute: Dispute, stream: UUID, confirmed: RulingConfirmed) -> tuple[DisputeEvent, ...]:
    """A ruling with what it orders, where the playbook starts remedies at the decision."""
    if confirmed.remedies_start is RemediesStart.AT_FINAL:
        return (confirmed,)
    return (confirmed, *remedy.order_ruled(dispute, stream, confirmed, at=confirmed.at))


def expire(dispute: Dispute, stream: UUID, clock: ClockName, *, at: Moment) -> tuple[DisputeEvent, ...]:
    """What silence does when a clock has run out: the sweeper asks, the decider checks again."""
    match clock:
        case ClockName.ANSWER:
            return intake.lapse_response(dispute, at=at)
        case ClockName.APPEAL:
            final = ruling.become_final(dispute, at=at)
            return (final, *remedy.follow_final(dispute, stream, at=at))
        case _:
            assert_never(clock)


def evolve(dispute: Dispute | None, event: DisputeEvent) -> Dispute:
    """The dispute after `event`; refuses nothing, reads nothing but the event."""
    if isinstance(event, DisputeFiled):
        return Dispute(stage=Stage.AWAITING_RESPONSE, clock=event.answer_clock, intake=intake.evolve(None, event))
    dispute = begun(dispute)
    dispute = replace(dispute, stage=stage_after(event) or dispute.stage, clock=_clock_after(dispute, event))
    match event:
        case MerchantResponded() | ResponseLapsed() | Closed():
            return replace(dispute, intake=intake.evolve(dispute.intake, event))
        case MessageSent() | OfferMade() | OfferAccepted() | OfferDeclined() | Settled():
            return replace(dispute, negotiation=negotiation.evolve(dispute.negotiation, event))
        case EvidenceSubmitted():
            return replace(dispute, evidence=evidence.evolve(dispute.evidence, event))
        case Escalated() | PlatformIntervened() | CaseAssigned():
            return replace(dispute, review=review.evolve(dispute.review, event))
        case RulingConfirmed() | RulingBecameFinal():
            return replace(dispute, ruling=ruling.evolve(dispute.ruling, event))
        case RemedyOrdered() | RemedyConfirmed() | Compensated() | ExternalRefundReported():
            return replace(dispute, remedy=remedy.evolve(dispute.remedy, event))
        case _:
            assert_never(event)


def stage_after(event: DisputeEvent) -> Stage | None:
    """The stage that begins with `event`; None where the stage stays."""
    match event:
        case DisputeFiled():
            return Stage.AWAITING_RESPONSE
        case MerchantResponded():
            return Stage.NEGOTIATION
        case ResponseLapsed() | Escalated():
            return Stage.UNDER_REVIEW
        case RulingConfirmed():
            return Stage.DECIDED
        case RemedyOrdered():
            return Stage.CARRYING_OUT
        case Closed():
            return Stage.CLOSED
        case _:
            return None


def clock_started(event: DisputeEvent) -> Clock | None:
    """The clock that starts with `event`."""
    match event:
        case DisputeFiled():
            return event.answer_clock
        case RulingConfirmed():
            return event.appeal_clock
        case _:
            return None


def clock_stopped(event: DisputeEvent) -> bool:
    """Whether the running clock stops with `event`."""
    return isinstance(event, MerchantResponded | ResponseLapsed | Settled | RulingBecameFinal | Closed)


def _clock_after(dispute: Dispute, event: DisputeEvent) -> Clock | None:
    return clock_started(event) or (None if clock_stopped(event) else dispute.clock)

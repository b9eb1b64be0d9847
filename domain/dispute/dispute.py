"""The dispute: composes its chapters. Stage transitions, the running clock, what a viewer may do next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import assert_never
from uuid import UUID

from domain.calendars import Clock, ClockName
from domain.dispute import evidence, intake, negotiation, notice, pause, remedy, review, ruling
from domain.dispute.evidence import EvidenceSubmitted
from domain.dispute.intake import Closed, DisputeFiled, MerchantResponded, ResponseLapsed
from domain.dispute.negotiation import MessageSent, OfferAccepted, OfferDeclined, OfferMade, Settled
from domain.dispute.notice import NoticeBounced, NoticeLapsed, NoticeServed
from domain.dispute.pause import ClockPaused, ClockResumed
from domain.dispute.remedy import Compensated, ExternalRefundReported, RemedyConfirmed, RemedyOrdered
from domain.dispute.review import CaseAssigned, Escalated, PlatformIntervened
from domain.dispute.ruling import DecidedByDefault, Decision, RulingBecameFinal, RulingConfirmed
from domain.dispute.stages import Stage
from domain.kernel import Actor, DomainError, Moment, begun
from domain.playbook.playbook import Playbook, RemediesStart

DisputeEvent = (
    intake.IntakeEvent
    | negotiation.NegotiationEvent
    | evidence.EvidenceEvent
    | review.ReviewEvent
    | pause.PauseEvent
    | ruling.RulingEvent
    | remedy.RemedyEvent
)


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute now; every chapter holds its part."""

    stage: Stage
    clock: Clock | None
    paused: ClockPaused | None
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
        "report_notice": partial(notice.may_report_notice, dispute, viewer),
        "respond": partial(intake.may_respond, dispute, viewer),
        "send_message": partial(negotiation.may_send_message, dispute, playbook, viewer),
        "make_offer": partial(negotiation.may_make_offer, dispute, playbook, viewer),
        "submit_evidence": partial(evidence.may_submit_evidence, dispute, playbook, viewer),
        "escalate": partial(review.may_escalate, dispute, viewer),
        "intervene": partial(review.may_intervene, dispute, viewer),
        "pause_clock": partial(pause.may_pause, dispute, viewer),
        "resume_clock": partial(pause.may_resume, dispute, viewer),
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


def decide(dispute: Dispute, stream: UUID, decision: Decision) -> tuple[DisputeEvent, ...]:
    """A decision with what it orders, where the playbook starts remedies at the decision."""
    if decision.remedies_start is RemediesStart.AT_FINAL:
        return (decision,)
    return (decision, *remedy.order_ruled(dispute, stream, decision, at=decision.at))


def expire(
    dispute: Dispute, playbook: Playbook, stream: UUID, clock: ClockName, *, by: Actor, at: Moment
) -> tuple[DisputeEvent, ...]:
    """What silence does when a clock, or its pause, has run out: the sweeper asks, the decider checks again."""
    if dispute.paused is not None:
        return pause.end_pause(dispute, playbook, clock, by=by, at=at)
    match clock:
        case ClockName.NOTICE:
            return notice.lapse_notice(dispute, at=at)
        case ClockName.ANSWER:
            lapsed = intake.lapse_response(dispute, at=at)
            decided = ruling.decide_by_default(dispute, playbook, lapsed, at=at)
            if decided is None:
                return (lapsed,)
            return (lapsed, PlatformIntervened(by=by, at=at), *decide(dispute, stream, decided))
        case ClockName.APPEAL:
            final = ruling.become_final(dispute, at=at)
            return (final, *remedy.follow_final(dispute, stream, at=at))
        case _:
            assert_never(clock)


def evolve(dispute: Dispute | None, event: DisputeEvent) -> Dispute:
    """The dispute after `event`; refuses nothing, reads nothing but the event."""
    if isinstance(event, DisputeFiled):
        opened = intake.evolve(None, event)
        return Dispute(stage=Stage.AWAITING_RESPONSE, clock=event.notice_clock, paused=None, intake=opened)
    dispute = begun(dispute)
    dispute = replace(
        dispute,
        stage=stage_after(event) or dispute.stage,
        clock=_clock_after(dispute, event),
        paused=_pause_after(dispute, event),
    )
    match event:
        case NoticeServed() | NoticeBounced() | NoticeLapsed() | MerchantResponded() | ResponseLapsed() | Closed():
            return replace(dispute, intake=intake.evolve(dispute.intake, event))
        case MessageSent() | OfferMade() | OfferAccepted() | OfferDeclined() | Settled():
            return replace(dispute, negotiation=negotiation.evolve(dispute.negotiation, event))
        case EvidenceSubmitted():
            return replace(dispute, evidence=evidence.evolve(dispute.evidence, event))
        case Escalated() | PlatformIntervened() | CaseAssigned():
            return replace(dispute, review=review.evolve(dispute.review, event))
        case ClockPaused() | ClockResumed():
            return dispute
        case RulingConfirmed() | DecidedByDefault() | RulingBecameFinal():
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
        case NoticeLapsed() | ResponseLapsed() | Escalated():
            return Stage.UNDER_REVIEW
        case RulingConfirmed() | DecidedByDefault():
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
            return event.notice_clock
        case NoticeServed() | ClockResumed():
            return event.clock
        case RulingConfirmed() | DecidedByDefault():
            return event.appeal_clock
        case _:
            return None


def clock_stopped(event: DisputeEvent) -> bool:
    """Whether the running clock stops with `event`."""
    return isinstance(event, NoticeLapsed | MerchantResponded | ResponseLapsed | Settled | RulingBecameFinal | Closed)


def _clock_after(dispute: Dispute, event: DisputeEvent) -> Clock | None:
    return clock_started(event) or (None if clock_stopped(event) else dispute.clock)


def _pause_after(dispute: Dispute, event: DisputeEvent) -> ClockPaused | None:
    if isinstance(event, ClockPaused):
        return event
    return None if clock_started(event) or clock_stopped(event) else dispute.paused

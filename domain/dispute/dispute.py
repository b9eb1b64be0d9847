"""The dispute: composes its chapters. Stage transitions, the running clock, what a viewer may do next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import assert_never
from uuid import UUID

from domain.calendars import Clock, ClockName, clock_key
from domain.dispute import (
    correction,
    evidence,
    human,
    intake,
    liability,
    negotiation,
    notice,
    pause,
    proposal,
    remedy,
    review,
    ruling,
)
from domain.dispute.correction import RulingCorrected
from domain.dispute.evidence import EvidenceSubmitted
from domain.dispute.human import HumanRequested
from domain.dispute.intake import Closed, DisputeFiled, MerchantResponded, ResponseLapsed
from domain.dispute.liability import LiabilityUndetermined
from domain.dispute.negotiation import MessageSent, OfferAccepted, OfferDeclined, OfferExpired, OfferMade, Settled
from domain.dispute.notice import NoticeBounced, NoticeLapsed, NoticeServed
from domain.dispute.pause import ClockPaused, ClockResumed
from domain.dispute.proposal import ProposalReturned, RulingProposed
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
    | human.HumanRequested
    | ruling.RulingEvent
    | proposal.ProposalEvent
    | correction.RulingCorrected
    | remedy.RemedyEvent
)


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute now; every chapter holds its part."""

    stage: Stage
    clocks: dict[str, Clock]
    intake: intake.Intake
    paused: ClockPaused | None = None
    human: HumanRequested | None = None
    negotiation: negotiation.Negotiation = field(default_factory=negotiation.Negotiation)
    evidence: evidence.EvidenceFile = field(default_factory=evidence.EvidenceFile)
    review: review.Review = field(default_factory=review.Review)
    ruling: ruling.Ruling = field(default_factory=ruling.Ruling)
    remedy: remedy.Remedy = field(default_factory=remedy.Remedy)

    def stands_still(self, clock: Clock) -> bool:
        """Whether a pause holds this clock."""
        return self.paused is not None and clock.key in self.paused.clocks


@dataclass(frozen=True, slots=True)
class Possible:
    """Something a viewer may do now; `of` where it is about one of several."""

    action: str
    of: str | None = None


OFFER_ACTIONS = ("accept_offer", "decline_offer")
PROPOSAL_ACTIONS = ("confirm_ruling", "return_ruling")
# Until when something can be done, where a clock says so.
CLOCK_OF = {
    "report_notice": ClockName.NOTICE,
    "respond": ClockName.ANSWER,
    "accept_offer": ClockName.OFFER,
    "decline_offer": ClockName.OFFER,
}


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
    if dispute.human is None:
        questions["request_human"] = partial(human.may_request_human, dispute, viewer)
    possible = [Possible(action) for action, may in questions.items() if _allowed(may)]
    if (one := dispute.ruling.proposal) and _allowed(partial(proposal.may_confirm, dispute, viewer, one.ruling)):
        possible += [Possible(action, one.ruling) for action in PROPOSAL_ACTIONS]
    if (made := dispute.ruling.decision) and _allowed(partial(correction.may_correct, dispute, viewer, made.ruling)):
        possible.append(Possible("correct_ruling", made.ruling))
    for offer in dispute.negotiation.open_offers():
        name = offer.made.offer
        if _allowed(partial(negotiation.may_answer_offer, dispute, viewer, name)):
            possible += [Possible(action, name) for action in OFFER_ACTIONS]
    return tuple(possible)


def until(dispute: Dispute, possible: Possible, viewer: Actor) -> Clock | None:
    """The clock of the viewer's that runs for something it may do."""
    name = CLOCK_OF.get(possible.action)
    clock = dispute.clocks.get(clock_key(name, possible.of)) if name else None
    mine = clock is not None and not dispute.stands_still(clock) and viewer.role in clock.whose
    return clock if mine else None


def _allowed(may: Callable[[], object]) -> bool:
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
    """A decision with what it could not determine, and what it orders where remedies start at the decision."""
    open_ended = liability.undetermined(decision) if isinstance(decision, RulingConfirmed) else ()
    if decision.remedies_start is RemediesStart.AT_FINAL:
        return (*open_ended, decision)
    return (*open_ended, decision, *remedy.order_ruled(dispute, stream, decision, at=decision.at))


def rule(dispute: Dispute, playbook: Playbook, stream: UUID, confirmed: RulingConfirmed) -> tuple[DisputeEvent, ...]:
    """An arbitrator's ruling: it decides, or is a proposal where the playbook asks for a second pair of eyes."""
    proposed = proposal.propose_above(dispute, playbook, confirmed)
    return (proposed,) if proposed else decide(dispute, stream, confirmed)


def request_human(
    dispute: Dispute, reason: str | None, *, by: Actor, service: Actor, at: Moment
) -> tuple[HumanRequested | RulingProposed, ...]:
    """A party asks for a person: what silence has decided, and is not final, is a proposal again."""
    requested = human.request_human(dispute, reason, by=by, at=at)
    decision = dispute.ruling.decision
    if not requested or dispute.stage is not Stage.DECIDED or not isinstance(decision, DecidedByDefault):
        return requested
    return (*requested, proposal.propose_default(dispute, decision, by=service, at=at))


def expire(
    dispute: Dispute,
    playbook: Playbook,
    stream: UUID,
    clock: ClockName,
    of: str | None = None,
    *,
    by: Actor,
    at: Moment,
) -> tuple[DisputeEvent, ...]:
    """What silence does when a clock, or its pause, has run out: the sweeper asks, the decider checks again."""
    if dispute.paused is not None and clock_key(clock, of) in dispute.paused.clocks:
        return pause.end_pause(dispute, playbook, by=by, at=at)
    match clock:
        case ClockName.OFFER:
            return negotiation.expire_offer(dispute, of, at=at)
        case ClockName.NOTICE:
            return notice.lapse_notice(dispute, at=at)
        case ClockName.ANSWER:
            lapsed = intake.lapse_response(dispute, at=at)
            decided = ruling.decide_by_default(dispute, playbook, lapsed, at=at)
            if decided is None:
                return (lapsed,)
            if dispute.human is not None:
                return (lapsed, proposal.propose_default(dispute, decided, by=by, at=at))
            return (lapsed, PlatformIntervened(by=by, at=at), *decide(dispute, stream, decided))
        case ClockName.APPEAL:
            final = ruling.become_final(dispute, at=at)
            return (final, *remedy.follow_final(dispute, stream, at=at))
        case _:
            assert_never(clock)


def evolve(dispute: Dispute | None, event: DisputeEvent) -> Dispute:  # noqa: C901 - an arm for each chapter
    """The dispute after `event`; refuses nothing, reads nothing but the event."""
    if isinstance(event, DisputeFiled):
        opened = intake.evolve(None, event)
        return Dispute(stage=Stage.AWAITING_RESPONSE, clocks=_after({}, event), intake=opened)
    dispute = _moved(begun(dispute), event)
    match event:
        case NoticeServed() | NoticeBounced() | NoticeLapsed() | MerchantResponded() | ResponseLapsed() | Closed():
            return replace(dispute, intake=intake.evolve(dispute.intake, event))
        case MessageSent() | OfferMade() | OfferAccepted() | OfferDeclined() | OfferExpired() | Settled():
            return replace(dispute, negotiation=negotiation.evolve(dispute.negotiation, event))
        case EvidenceSubmitted():
            return replace(dispute, evidence=evidence.evolve(dispute.evidence, event))
        case Escalated() | PlatformIntervened() | CaseAssigned():
            return replace(dispute, review=review.evolve(dispute.review, event))
        case ClockPaused() | ClockResumed():
            return dispute
        case HumanRequested():
            return replace(dispute, human=event)
        case RulingConfirmed() | DecidedByDefault() | LiabilityUndetermined() | RulingBecameFinal():
            return replace(dispute, ruling=ruling.evolve(dispute.ruling, event))
        case RulingProposed() | ProposalReturned():
            return replace(dispute, ruling=proposal.evolve(dispute.ruling, event))
        case RulingCorrected():
            return replace(dispute, ruling=correction.evolve(dispute.ruling, event))
        case RemedyOrdered() | RemedyConfirmed() | Compensated() | ExternalRefundReported():
            return replace(dispute, remedy=remedy.evolve(dispute.remedy, event))
        case _:
            assert_never(event)


def _moved(dispute: Dispute, event: DisputeEvent) -> Dispute:
    """The dispute with its stage, clocks and pause after `event`; no proposal outlives the stage it was made in."""
    clocks, stage = _after(dispute.clocks, event), stage_after(event)
    return replace(
        dispute,
        stage=stage or dispute.stage,
        clocks=clocks,
        paused=_pause_after(dispute.paused, clocks, event),
        ruling=replace(dispute.ruling, proposal=None) if stage else dispute.ruling,
    )


def stage_after(event: DisputeEvent) -> Stage | None:
    """The stage that begins, or begins anew, with `event`; None where the stage stays."""
    match event:
        case DisputeFiled():
            return Stage.AWAITING_RESPONSE
        case MerchantResponded():
            return Stage.NEGOTIATION
        case NoticeLapsed() | ResponseLapsed() | Escalated() | RulingProposed() | ProposalReturned():
            return Stage.UNDER_REVIEW
        case RulingConfirmed() | DecidedByDefault():
            return Stage.DECIDED
        case RemedyOrdered():
            return Stage.CARRYING_OUT
        case Closed():
            return Stage.CLOSED
        case _:
            return None


def clocks_started(event: DisputeEvent) -> tuple[Clock, ...]:
    """The clocks that start with `event`."""
    match event:
        case DisputeFiled():
            return (event.notice_clock,)
        case NoticeServed():
            return (event.clock,)
        case ClockResumed():
            return event.clocks
        case OfferMade():
            return (event.clock,)
        case RulingConfirmed() | DecidedByDefault():
            return (event.appeal_clock,)
        case RulingCorrected(appeal_clock=Clock() as clock):
            return (clock,)
        case _:
            return ()


EVERY_CLOCK = tuple(str(name) for name in ClockName)


def clocks_stopped(event: DisputeEvent) -> tuple[str, ...]:
    """The clocks that stop with `event`, by key; a name alone stands for all of its name."""
    match event:
        case NoticeServed() | NoticeLapsed():
            return (ClockName.NOTICE,)
        case MerchantResponded():
            return (ClockName.NOTICE, ClockName.ANSWER)
        case ResponseLapsed():
            return (ClockName.ANSWER,)
        case OfferAccepted() | OfferDeclined() | OfferExpired():
            return (clock_key(ClockName.OFFER, event.offer),)
        case RulingBecameFinal() | RulingProposed():
            return (ClockName.APPEAL,)
        case Settled() | RulingConfirmed() | DecidedByDefault() | Closed():
            return EVERY_CLOCK
        case _:
            return ()


def _after(clocks: dict[str, Clock], event: DisputeEvent) -> dict[str, Clock]:
    stopped, started = clocks_stopped(event), clocks_started(event)
    if not stopped and not started:
        return clocks
    left = {key: clock for key, clock in clocks.items() if key not in stopped and clock.name not in stopped}
    return left | {clock.key: clock for clock in started}


def _pause_after(paused: ClockPaused | None, clocks: dict[str, Clock], event: DisputeEvent) -> ClockPaused | None:
    """The pause, while there is a clock that it holds; what starts anew is not held."""
    if isinstance(event, ClockPaused):
        return event
    anew = [clock.key for clock in clocks_started(event)]
    held = paused is not None and any(key in clocks and key not in anew for key in paused.clocks)
    return paused if held else None

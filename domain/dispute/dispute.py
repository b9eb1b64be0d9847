"""The dispute: composes its chapters. Stage transitions, the running clock, what a viewer may do next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import assert_never
from uuid import UUID

from domain.calendars import Clock, ClockName, clock_key
from domain.dispute import (
    appeal,
    closing,
    evidence,
    intake,
    negotiation,
    notice,
    pause,
    recovery,
    remedy,
    review,
    ruling,
)
from domain.dispute.appeal import AppealEnd, AppealFiled, AppealHeard, AppealRejected, RulingUpheld
from domain.dispute.closing import Reopened, Withdrawn
from domain.dispute.evidence import EvidenceSubmitted
from domain.dispute.intake import Closed, DisputeFiled, MerchantResponded, ResponseLapsed
from domain.dispute.negotiation import MessageSent, OfferAccepted, OfferDeclined, OfferExpired, OfferMade, Settled
from domain.dispute.notice import NoticeBounced, NoticeLapsed, NoticeServed
from domain.dispute.pause import ClockPaused, ClockResumed
from domain.dispute.recovery import RecoveryOrdered, RemedyRecovered, RemedyStopped
from domain.dispute.remedy import Compensated, ExternalRefundReported, RemedyConfirmed, RemedyOrdered
from domain.dispute.review import CaseAssigned, Escalated, PlatformIntervened
from domain.dispute.ruling import DecidedByDefault, Decision, RulingBecameFinal, RulingConfirmed, RulingReversed
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
    | appeal.AppealEvent
    | remedy.RemedyEvent
    | closing.ClosingEvent
)


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute now; every chapter holds its part."""

    stage: Stage
    clocks: dict[str, Clock]
    intake: intake.Intake
    paused: ClockPaused | None = None
    negotiation: negotiation.Negotiation = field(default_factory=negotiation.Negotiation)
    evidence: evidence.EvidenceFile = field(default_factory=evidence.EvidenceFile)
    review: review.Review = field(default_factory=review.Review)
    ruling: ruling.Ruling = field(default_factory=ruling.Ruling)
    appeal: appeal.Appeals = field(default_factory=appeal.Appeals)
    remedy: remedy.Remedy = field(default_factory=remedy.Remedy)
    closing: closing.Closing = field(default_factory=closing.Closing)

    @property
    def ended(self) -> Closed | None:
        """How it ended, while nothing has been opened or is to come back since."""
        return self.intake.closed if self.stage is Stage.CLOSED else None

    def stands_still(self, clock: Clock) -> bool:
        """Whether a pause holds this clock."""
        return self.paused is not None and clock.key in self.paused.clocks


@dataclass(frozen=True, slots=True)
class Possible:
    """Something a viewer may do now; `of` where it is about one of several."""

    action: str
    of: str | None = None


OFFER_ACTIONS = ("accept_offer", "decline_offer")
APPEAL_ACTIONS = ("reject_appeal", "uphold_ruling", "reverse_ruling")
# Until when something can be done, where a clock says so.
CLOCK_OF = {
    "report_notice": ClockName.NOTICE,
    "respond": ClockName.ANSWER,
    "accept_offer": ClockName.OFFER,
    "decline_offer": ClockName.OFFER,
    "file_appeal": ClockName.APPEAL,
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
        "file_appeal": partial(appeal.may_appeal, dispute, playbook, viewer),
        "report_recovery": partial(recovery.may_report_recovery, dispute, viewer),
        "withdraw": partial(closing.may_withdraw, dispute, viewer),
        "reopen": partial(closing.may_reopen, dispute, viewer),
    }
    possible = [Possible(action) for action, may in questions.items() if _allowed(may)]
    for offer in dispute.negotiation.open_offers():
        name = offer.made.offer
        if _allowed(partial(negotiation.may_answer_offer, dispute, viewer, name)):
            possible += [Possible(action, name) for action in OFFER_ACTIONS]
    pending = dispute.appeal.open
    if pending and _allowed(partial(appeal.may_decide_appeal, dispute, viewer, pending.filed.appeal)):
        possible += [Possible(action, pending.filed.appeal) for action in APPEAL_ACTIONS]
    return tuple(possible)


def until(dispute: Dispute, possible: Possible, viewer: Actor) -> Clock | None:
    """The clock of the viewer's that runs for something it may do."""
    name = CLOCK_OF.get(possible.action)
    clock = dispute.clocks.get(clock_key(name, possible.of)) if name else None
    mine = clock is not None and not dispute.stands_still(clock) and viewer.role in clock.whose
    return clock if mine else None


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


def end_appeal(dispute: Dispute, stream: UUID, end: AppealEnd) -> tuple[DisputeEvent, ...]:
    """What ends an appeal ends the instance: the ruling that stands is final at once, with what follows from that."""
    decided = evolve(dispute, end)
    final = RulingBecameFinal(ruling=decided.ruling.made.ruling, clock=None, at=end.at)
    return (end, final, *remedy.follow_final(decided, stream, at=end.at))


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
        return Dispute(stage=Stage.AWAITING_RESPONSE, clocks=_after({}, event), intake=opened)
    dispute = begun(dispute)
    clocks = _after(dispute.clocks, event)
    dispute = replace(
        dispute,
        stage=stage_after(event) or dispute.stage,
        clocks=clocks,
        paused=_pause_after(dispute.paused, clocks, event),
        appeal=appeal.evolve(dispute.appeal, event),
        closing=closing.evolve(dispute, event),
    )
    match event:
        case NoticeServed() | NoticeBounced() | NoticeLapsed() | MerchantResponded() | ResponseLapsed() | Closed():
            return replace(dispute, intake=intake.evolve(dispute.intake, event))
        case MessageSent() | OfferMade() | OfferAccepted() | OfferDeclined() | OfferExpired() | Settled():
            return replace(dispute, negotiation=negotiation.evolve(dispute.negotiation, event))
        case EvidenceSubmitted():
            return replace(dispute, evidence=evidence.evolve(dispute.evidence, event))
        case Escalated() | PlatformIntervened() | CaseAssigned():
            return replace(dispute, review=review.evolve(dispute.review, event))
        case ClockPaused() | ClockResumed() | AppealHeard() | AppealRejected() | RulingUpheld() | Withdrawn():
            return dispute
        case AppealFiled() | Reopened():
            return _anew(dispute)
        case RulingConfirmed() | DecidedByDefault() | RulingReversed() | RulingBecameFinal():
            return replace(dispute, ruling=ruling.evolve(dispute.ruling, event))
        case (
            RemedyOrdered()
            | RemedyConfirmed()
            | Compensated()
            | ExternalRefundReported()
            | RemedyStopped()
            | RecoveryOrdered()
            | RemedyRecovered()
        ):
            return replace(dispute, remedy=remedy.evolve(dispute.remedy, event))
        case _:
            assert_never(event)


def _anew(dispute: Dispute) -> Dispute:
    """The dispute when it is to be heard again, by others; of what was decided, agreed or offered nothing binds."""
    deciders = frozenset(one.by.id for one in dispute.ruling.decisions if not isinstance(one, DecidedByDefault))
    return replace(
        dispute,
        intake=replace(dispute.intake, closed=None),
        negotiation=negotiation.begin_anew(dispute.negotiation),
        review=review.begin_anew(dispute.review, deciders),
        ruling=replace(dispute.ruling, final=None),
    )


def stage_after(event: DisputeEvent) -> Stage | None:
    """The stage that begins with `event`; None where the stage stays."""
    match event:
        case DisputeFiled():
            return Stage.AWAITING_RESPONSE
        case MerchantResponded():
            return Stage.NEGOTIATION
        case NoticeLapsed() | ResponseLapsed() | Escalated() | AppealFiled() | Reopened():
            return Stage.UNDER_REVIEW
        case RulingConfirmed() | DecidedByDefault() | RulingReversed() | RulingUpheld() | AppealRejected():
            return Stage.DECIDED
        case RemedyOrdered() | RulingBecameFinal() | RecoveryOrdered():
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
        case RulingBecameFinal() | AppealFiled():
            return (ClockName.APPEAL,)
        case Settled() | RulingConfirmed() | DecidedByDefault() | RulingReversed() | RulingUpheld() | AppealRejected():
            return EVERY_CLOCK
        case Closed():
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
    """The pause, while there is a clock that it holds."""
    if isinstance(event, ClockPaused):
        return event
    held = paused is not None and not isinstance(event, ClockResumed) and any(key in clocks for key in paused.clocks)
    return paused if held else None

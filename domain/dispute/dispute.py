"""The dispute: composes its chapters. Stage transitions, the running clock, what a viewer may do next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, assert_never
from uuid import UUID

from domain.calendars import Clock, ClockName, clock_key
from domain.dispute import (
    admission,
    appeal,
    chase,
    closing,
    correction,
    evidence,
    hold,
    human,
    intake,
    liability,
    link,
    negotiation,
    note,
    notice,
    pause,
    proposal,
    recovery,
    remedy,
    review,
    rounds,
    ruling,
)
from domain.dispute.appeal import AppealEnd, AppealFiled, AppealRejected, RulingUpheld
from domain.dispute.chase import Chased
from domain.dispute.closing import Reopened
from domain.dispute.correction import RulingCorrected
from domain.dispute.hold import LegalHoldPlaced
from domain.dispute.human import HumanRequested
from domain.dispute.intake import Closed, DisputeFiled, MerchantResponded, ResponseLapsed
from domain.dispute.link import CaseLinked
from domain.dispute.negotiation import OfferAccepted, OfferDeclined, OfferExpired, OfferMade, Settled
from domain.dispute.note import NoteAdded
from domain.dispute.notice import NoticeLapsed, NoticeServed
from domain.dispute.pause import ClockPaused, ClockResumed
from domain.dispute.proposal import ProposalReturned, RulingProposed
from domain.dispute.recovery import RecoveryOrdered
from domain.dispute.remedy import RemedyOrdered
from domain.dispute.review import Escalated, PlatformIntervened
from domain.dispute.rounds import EvidenceRequestAnswered, EvidenceRequested, EvidenceRoundClosed
from domain.dispute.ruling import DecidedByDefault, Decision, RulingBecameFinal, RulingConfirmed, RulingReversed
from domain.dispute.stages import Stage
from domain.kernel import Actor, DomainError, Moment, begun
from domain.playbook.playbook import Playbook, RemediesStart

DisputeEvent = (
    intake.IntakeEvent
    | link.LinkEvent
    | hold.HoldEvent
    | negotiation.NegotiationEvent
    | chase.ChaseEvent
    | evidence.EvidenceEvent
    | rounds.RoundsEvent
    | admission.AdmissionEvent
    | review.ReviewEvent
    | pause.PauseEvent
    | note.NoteEvent
    | human.HumanRequested
    | ruling.RulingEvent
    | proposal.ProposalEvent
    | correction.RulingCorrected
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
    human: HumanRequested | None = None
    negotiation: negotiation.Negotiation = field(default_factory=negotiation.Negotiation)
    evidence: evidence.EvidenceFile = field(default_factory=evidence.EvidenceFile)
    rounds: rounds.Rounds = field(default_factory=rounds.Rounds)
    admission: admission.Admission = field(default_factory=admission.Admission)
    review: review.Review = field(default_factory=review.Review)
    ruling: ruling.Ruling = field(default_factory=ruling.Ruling)
    appeal: appeal.Appeals = field(default_factory=appeal.Appeals)
    remedy: remedy.Remedy = field(default_factory=remedy.Remedy)
    chases: tuple[Chased, ...] = ()
    notes: tuple[NoteAdded, ...] = ()
    links: tuple[CaseLinked, ...] = ()
    hold: LegalHoldPlaced | None = None
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
EXHIBIT_ACTIONS: dict[str, Callable[[Dispute, Actor, str], None]] = {
    "challenge_evidence": admission.may_challenge,
    "admit_evidence": admission.may_admit,
    "exclude_evidence": admission.may_exclude,
}
PROPOSAL_ACTIONS = ("confirm_ruling", "return_ruling")
APPEAL_ACTIONS = ("reject_appeal", "uphold_ruling", "reverse_ruling")
# Until when something can be done, where a clock says so.
CLOCK_OF = {
    "report_notice": ClockName.NOTICE,
    "respond": ClockName.ANSWER,
    "accept_offer": ClockName.OFFER,
    "decline_offer": ClockName.OFFER,
    "submit_evidence": ClockName.EVIDENCE,
    "file_appeal": ClockName.APPEAL,
}


def next_actions(dispute: Dispute, playbook: Playbook, viewer: Actor) -> tuple[Possible, ...]:
    """What the viewer may do now: exactly what the deciders would not refuse."""
    questions: dict[str, Callable[[], None]] = {
        "report_notice": partial(notice.may_report_notice, dispute, viewer),
        "respond": partial(intake.may_respond, dispute, viewer),
        "send_message": partial(negotiation.may_send_message, dispute, playbook, viewer),
        "make_offer": partial(negotiation.may_make_offer, dispute, playbook, viewer),
        "chase": partial(chase.may_chase, dispute, playbook, viewer),
        "submit_evidence": partial(evidence.may_submit_evidence, dispute, playbook, viewer),
        "request_evidence": partial(rounds.may_request_evidence, dispute, playbook, viewer),
        "close_evidence_round": partial(rounds.may_close_round, dispute, viewer),
        "escalate": partial(review.may_escalate, dispute, viewer),
        "intervene": partial(review.may_intervene, dispute, viewer),
        "release_case": partial(review.may_release, dispute, viewer),
        "reassign_case": partial(review.may_reassign, dispute, viewer),
        "declare_conflict": partial(review.may_declare_conflict, viewer),
        "add_note": partial(note.may_add_note, dispute, playbook, viewer),
        "link_case": partial(link.may_link, dispute, viewer),
        "place_legal_hold": partial(hold.may_place_hold, dispute, viewer),
        "lift_legal_hold": partial(hold.may_lift_hold, dispute, viewer),
        "pause_clock": partial(pause.may_pause, dispute, viewer),
        "resume_clock": partial(pause.may_resume, dispute, viewer),
        "rule": partial(ruling.may_rule, dispute, viewer),
        "file_appeal": partial(appeal.may_appeal, dispute, playbook, viewer),
        "report_recovery": partial(recovery.may_report_recovery, dispute, viewer),
        "withdraw": partial(closing.may_withdraw, dispute, viewer),
        "reopen": partial(closing.may_reopen, dispute, viewer),
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
    possible += [
        Possible(action, shown.exhibit)
        for shown in dispute.evidence.exhibits
        for action, may in EXHIBIT_ACTIONS.items()
        if _allowed(partial(may, dispute, viewer, shown.exhibit))
    ]
    pending = dispute.appeal.open
    if pending and _allowed(partial(appeal.may_decide_appeal, dispute, viewer, pending.filed.appeal)):
        possible += [Possible(action, pending.filed.appeal) for action in APPEAL_ACTIONS]
    return tuple(possible)


def until(dispute: Dispute, possible: Possible, viewer: Actor) -> Clock | None:
    """The clock of the viewer's that runs for something it may do; the first to end where there are several."""
    mine = (
        clock
        for clock in dispute.clocks.values()
        if clock.name is CLOCK_OF.get(possible.action)
        and possible.of in (None, clock.of)
        and viewer.role in clock.whose
        and not dispute.stands_still(clock)
    )
    return min(mine, key=lambda clock: clock.due_at, default=None)


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
    open_ended = () if isinstance(decision, DecidedByDefault) else liability.undetermined(decision)
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


def end_appeal(dispute: Dispute, stream: UUID, end: AppealEnd) -> tuple[DisputeEvent, ...]:
    """What ends an appeal ends the instance: the ruling that stands is final at once, with what follows from that."""
    decided = evolve(dispute, end)
    final = RulingBecameFinal(ruling=decided.ruling.made.ruling, clock=None, at=end.at)
    open_ended = liability.undetermined(end) if isinstance(end, RulingReversed) else ()
    return (*open_ended, end, final, *remedy.follow_final(decided, stream, at=end.at))


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
        case ClockName.EVIDENCE:
            return rounds.lapse_request(dispute, of, by=by, at=at)
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


def evolve(dispute: Dispute | None, event: DisputeEvent) -> Dispute:
    """The dispute after `event`; refuses nothing, reads nothing but the event."""
    if isinstance(event, DisputeFiled):
        opened = intake.evolve(None, event)
        first = rounds.begin_round(rounds.Rounds())
        return Dispute(stage=Stage.AWAITING_RESPONSE, clocks=_after({}, event), intake=opened, rounds=first)
    dispute = _moved(begun(dispute), event)
    if isinstance(event, AppealFiled | Reopened):
        return _anew(dispute)
    for events, part, follow in _PARTS:
        if isinstance(event, events):
            return replace(dispute, **{part: follow(getattr(dispute, part), event)})
    return dispute


def _moved(dispute: Dispute, event: DisputeEvent) -> Dispute:
    """The dispute with its stage, clocks and pause after `event`; no proposal outlives the stage it was made in."""
    clocks, stage = _after(dispute.clocks, event), stage_after(event)
    return replace(
        dispute,
        stage=stage or dispute.stage,
        clocks=clocks,
        paused=_pause_after(dispute.paused, clocks, event),
        ruling=replace(dispute.ruling, proposal=None) if stage else dispute.ruling,
        appeal=appeal.evolve(dispute.appeal, event),
        closing=closing.evolve(dispute, event),
    )


def _last(_kept: Any, event: Any) -> Any:  # noqa: ANN401 - whatever takes the place of what was
    return event


def _and(kept: tuple[Any, ...], event: Any) -> tuple[Any, ...]:  # noqa: ANN401 - whatever is only written down
    return (*kept, event)


# Which events belong to which part of the state, and how it follows them. Pauses move clocks, and nothing else.
_PARTS: tuple[tuple[Any, str, Callable[[Any, Any], Any]], ...] = (
    (intake.IntakeEvent, "intake", intake.evolve),
    (negotiation.NegotiationEvent, "negotiation", negotiation.evolve),
    (evidence.EvidenceEvent, "evidence", evidence.evolve),
    (rounds.RoundsEvent, "rounds", rounds.evolve),
    (admission.AdmissionEvent, "admission", admission.evolve),
    (review.ReviewEvent, "review", review.evolve),
    (human.HumanRequested, "human", _last),
    (ruling.RulingEvent, "ruling", ruling.evolve),
    (proposal.ProposalEvent, "ruling", proposal.evolve),
    (correction.RulingCorrected, "ruling", correction.evolve),
    (remedy.RemedyEvent, "remedy", remedy.evolve),
    (hold.HoldEvent, "hold", hold.evolve),
    (chase.ChaseEvent, "chases", _and),
    (note.NoteEvent, "notes", _and),
    (link.LinkEvent, "links", _and),
)


def _anew(dispute: Dispute) -> Dispute:
    """The dispute when it is to be heard again, by others; of what was decided, agreed or offered nothing binds."""
    deciders = frozenset(
        by.id
        for one in dispute.ruling.decisions
        if not isinstance(one, DecidedByDefault)
        for by in (one.by, one.proposed_by)
        if by is not None
    )
    return replace(
        dispute,
        intake=replace(dispute.intake, closed=None),
        negotiation=negotiation.begin_anew(dispute.negotiation),
        rounds=rounds.begin_round(dispute.rounds),
        review=review.begin_anew(dispute.review, deciders),
        ruling=replace(dispute.ruling, final=None),
    )


def stage_after(event: DisputeEvent) -> Stage | None:
    """The stage that begins, or begins anew, with `event`; None where the stage stays."""
    match event:
        case DisputeFiled():
            return Stage.AWAITING_RESPONSE
        case MerchantResponded():
            return Stage.NEGOTIATION
        case NoticeLapsed() | ResponseLapsed() | Escalated() | AppealFiled() | Reopened():
            return Stage.UNDER_REVIEW
        case RulingProposed() | ProposalReturned():
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
        case OfferMade() | EvidenceRequested():
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
        case EvidenceRequestAnswered():
            return (clock_key(ClockName.EVIDENCE, event.request),)
        case EvidenceRoundClosed(clock=Clock() as clock):
            return (clock.key,)
        case RulingBecameFinal() | AppealFiled() | RulingProposed():
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
    """The pause, while there is a clock that it holds; what starts anew is not held."""
    if isinstance(event, ClockPaused):
        return event
    anew = [clock.key for clock in clocks_started(event)]
    held = paused is not None and any(key in clocks and key not in anew for key in paused.clocks)
    return paused if held else None

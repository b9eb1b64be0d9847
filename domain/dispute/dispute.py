"""The dispute: composes its chapters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
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
    goodwill,
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
    remedy,
    review,
    rounds,
    ruling,
)
from domain.dispute.appeal import AppealEnd, AppealFiled
from domain.dispute.chase import Chased
from domain.dispute.closing import Reopened
from domain.dispute.hold import LegalHoldPlaced
from domain.dispute.human import HumanRequested
from domain.dispute.intake import ClaimAdded, Closed, DisputeFiled
from domain.dispute.link import CaseLinked
from domain.dispute.negotiation import Settled
from domain.dispute.note import NoteAdded
from domain.dispute.pause import ClockPaused
from domain.dispute.proposal import RulingProposed
from domain.dispute.review import ConflictDeclared, PlatformIntervened
from domain.dispute.ruling import DecidedByDefault, Decision, RulingBecameFinal, RulingConfirmed, RulingReversed
from domain.dispute.stages import Stage
from domain.dispute.transitions import clocks_after, pause_after, stage_after
from domain.kernel import Actor, Moment, begun
from domain.playbook.playbook import Playbook, RemediesStart

DisputeEvent = (
    intake.IntakeEvent
    | link.LinkEvent
    | hold.HoldEvent
    | negotiation.NegotiationEvent
    | chase.ChaseEvent
    | goodwill.GoodwillEvent
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
    goodwill: dict[str, goodwill.Goodwill] = field(default_factory=dict)
    notes: tuple[NoteAdded, ...] = ()
    links: tuple[CaseLinked, ...] = ()
    hold: LegalHoldPlaced | None = None
    closing: closing.Closing = field(default_factory=closing.Closing)

    @property
    def ended(self) -> Closed | None:
        """How it ended, while nothing has been opened or is to come back since."""
        return self.intake.closed if self.stage is Stage.CLOSED else None

    @property
    def payouts(self) -> dict[str, UUID]:
        """The stream of the money of every line, of what is owed and of what was given beside, by the line's id."""
        given = {line: one.given.payout for line, one in self.goodwill.items()}
        return {line: one.payout for line, one in self.remedy.ordered.items()} | given

    def stands_still(self, clock: Clock) -> bool:
        """Whether a pause holds this clock."""
        return self.paused is not None and clock.key in self.paused.clocks


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


def reverse(dispute: Dispute, playbook: Playbook, stream: UUID, reversed_: RulingReversed) -> tuple[DisputeEvent, ...]:
    """What the arbitrator who hears an appeal decides anew: at once, or a proposal as any ruling above the limit."""
    proposed = proposal.propose_above(dispute, playbook, reversed_)
    return (proposed,) if proposed else end_appeal(dispute, stream, reversed_)


def confirm(
    dispute: Dispute, playbook: Playbook, stream: UUID, ruling: str, *, by: Actor, at: Moment
) -> tuple[DisputeEvent, ...]:
    """A second pair of eyes makes a proposal the ruling, or on appeal the reversal, with what follows from that."""
    confirmed = proposal.confirm(dispute, playbook, ruling, by=by, at=at)
    if isinstance(confirmed, RulingReversed):
        return end_appeal(dispute, stream, confirmed)
    return decide(dispute, stream, confirmed)


def end_appeal(dispute: Dispute, stream: UUID, end: AppealEnd) -> tuple[DisputeEvent, ...]:
    """What ends an appeal ends the instance: the ruling that stands is final at once, with what follows from that."""
    decided = evolve(dispute, end)
    final = RulingBecameFinal(ruling=decided.ruling.made.ruling, clock=None, at=end.at)
    open_ended = liability.undetermined(end) if isinstance(end, RulingReversed) else ()
    return (*open_ended, end, final, *remedy.follow_final(decided, stream, at=end.at))


def confirm_payout(dispute: Dispute, line: str, *, at: Moment) -> tuple[DisputeEvent, ...]:
    """What follows when the money of a line was paid: what was given beside the claims leads to nothing more."""
    if line in dispute.goodwill:
        return goodwill.confirm_goodwill(dispute, line, at=at)
    return remedy.confirm_line(dispute, line, at=at)


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
            limit = proposal.above_silence(dispute, playbook, decided)
            if dispute.human is not None or limit is not None:
                return (lapsed, proposal.propose_default(dispute, decided, limit, by=by, at=at))
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
        return Dispute(stage=Stage.AWAITING_RESPONSE, clocks=clocks_after({}, event), intake=opened, rounds=first)
    dispute = _moved(begun(dispute), event)
    if isinstance(event, AppealFiled | Reopened):
        return _anew(dispute)
    if isinstance(event, ClaimAdded):
        dispute = replace(dispute, negotiation=negotiation.lapse_open(dispute.negotiation))
    for events, part, follow in _PARTS:
        if isinstance(event, events):
            return replace(dispute, **{part: follow(getattr(dispute, part), event)})
    return dispute


def _moved(dispute: Dispute, event: DisputeEvent) -> Dispute:
    """The dispute with its stage, clocks and pause after `event`; no proposal outlives the stage it was made in."""
    clocks, stage = clocks_after(dispute.clocks, event), stage_after(event)
    return replace(
        dispute,
        stage=stage or dispute.stage,
        clocks=clocks,
        paused=pause_after(dispute.paused, clocks, event),
        ruling=replace(dispute.ruling, proposal=None) if stage or _in_conflict(dispute, event) else dispute.ruling,
        appeal=appeal.evolve(dispute.appeal, event),
        closing=closing.evolve(dispute, event),
    )


def _in_conflict(dispute: Dispute, event: DisputeEvent) -> bool:
    """Whether whose proposal waits may not hear the case: then nobody confirms it."""
    waiting = dispute.ruling.proposal
    return isinstance(event, ConflictDeclared) and waiting is not None and waiting.by.id == event.by.id


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
    (goodwill.GoodwillEvent, "goodwill", goodwill.evolve),
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

"""Random lives of a dispute: anybody tries anything at any time; what the rules refuse did not happen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from application.commands.desk import SERVICE
from domain.calendars import ClockName
from domain.dispute import correction, evidence, negotiation, notice, pause, proposal, remedy, review, ruling
from domain.dispute import dispute as disputes
from domain.dispute.correction import CorrectionKind
from domain.dispute.dispute import Dispute, DisputeEvent
from domain.dispute.intake import Answer, DisputeFiled
from domain.dispute.notice import Bounce
from domain.dispute.pause import PauseGround
from domain.dispute.stages import Stage
from domain.kernel import Actor, DomainError
from domain.playbook.playbook import Playbook, RemedyKind
from domain.remedy.payout import Payout
from tests.support import builders
from tests.support.builders import (
    ARBITRATOR,
    BUYER,
    DISPUTE,
    EVERYONE,
    MERCHANT,
    OTHER_ARBITRATOR,
    PLATFORM_MACHINE,
)
from tests.support.given import fold

Happened = tuple[DisputeEvent, ...]
Move = Callable[[Dispute, Playbook, Actor, datetime, int], Happened]

# No deadline: how long a machine takes is no property of the business. The same examples in every run.
PROFILE = "steady"
settings.register_profile(PROFILE, deadline=None, derandomize=True, database=None, max_examples=60)


def _terms(dispute: Dispute, choice: int) -> tuple[negotiation.Term, ...]:
    return tuple(
        negotiation.Term(
            claim=claim.id,
            remedy=RemedyKind.PARTIAL_REFUND,
            amount=builders.cny(1 + choice * claim.paid.minor // 100),
        )
        for claim in dispute.intake.filed.claims
    )


def _report_notice(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    if choice % 4 == 0:
        return notice.bounce_notice(dispute, channel="sms", why=Bounce.FAILED, reference=None, by=by, at=at)
    return notice.serve_notice(dispute, playbook, channel="app", reference=None, served_at=None, by=by, at=at)


def _open(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return notice.open_notice(dispute, playbook, by=by, at=at)


def _pause_clock(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return pause.pause_clock(dispute, playbook, PauseGround.OUTAGE, "故障", 1 + choice, by=by, at=at)


def _resume_clock(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return pause.resume_clock(dispute, playbook, by=by, at=at)


def _respond(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    answer = list(Answer)[choice % 3]
    terms = _terms(dispute, choice) if answer is Answer.COUNTER else ()
    events = negotiation.answer_claims(dispute, playbook, answer, "我们的答复", terms, by=by, at=at)
    return disputes.settle(dispute, DISPUTE, events)


def _send_message(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return negotiation.send_message(dispute, playbook, f"第 {choice} 句", by=by, at=at)


def _make_offer(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return negotiation.make_offer(dispute, playbook, _terms(dispute, choice), "一口价", by=by, at=at)


def _an_offer(dispute: Dispute, choice: int) -> str:
    offers = dispute.negotiation.offers
    return offers[choice % len(offers)].made.offer if offers else "o1"


def _accept_offer(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    events = negotiation.accept_offer(dispute, _an_offer(dispute, choice), by=by, at=at)
    return disputes.settle(dispute, DISPUTE, events)


def _decline_offer(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return negotiation.decline_offer(dispute, _an_offer(dispute, choice), "不够", by=by, at=at)


def _submit_evidence(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    content = f"{len(dispute.evidence.exhibits)} {at} {choice}"
    return evidence.submit_evidence(
        dispute, playbook, builders.a_file(content), kind="photo", file_name="a.jpg", shows="果肉", by=by, at=at
    )


def _escalate(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return review.escalate(dispute, "谈不拢", by=by, at=at)


def _intervene(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return review.intervene(dispute, by=by, at=at)


def _rule(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    sought = tuple(_award(claim.id, claim.paid.minor, choice + index) for index, claim in enumerate(_claims(dispute)))
    confirmed = ruling.rule(dispute, playbook, sought, "理由", by=by, at=at)
    return disputes.rule(dispute, playbook, DISPUTE, confirmed)


def _request_human(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return disputes.request_human(dispute, None, by=by, service=SERVICE, at=at)


def last_proposal(dispute: Dispute) -> str:
    return dispute.ruling.proposals[-1].ruling if dispute.ruling.proposals else "r1"


def last_ruling(dispute: Dispute) -> str:
    return dispute.ruling.decision.ruling if dispute.ruling.decision else "r1"


def _confirm_ruling(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    confirmed = proposal.confirm(dispute, playbook, last_proposal(dispute), by=by, at=at)
    return disputes.decide(dispute, DISPUTE, confirmed)


def _return_ruling(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return proposal.return_proposal(dispute, last_proposal(dispute), "理由不足", by=by, at=at)


def _correct_ruling(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    claim = _claims(dispute)[0].id
    tries: list[tuple[CorrectionKind, dict[str, Any], str | None]] = [
        (CorrectionKind.OMISSION, {"rules": ("COMMON-DESCRIBED-1",)}, None),
        (CorrectionKind.TYPING, {}, f"理由更正 {len(dispute.ruling.corrections)}"),
        (CorrectionKind.ARITHMETIC, {"amount": builders.cny(1 + choice)}, None),
    ]
    kind, more, reasons = tries[choice % 5 % 3]
    corrected = (builders.a_corrected_award(claim, **more),)
    return correction.correct(dispute, playbook, last_ruling(dispute), kind, corrected, reasons, "笔误", by=by, at=at)


def _claims(dispute: Dispute) -> tuple[Any, ...]:
    return dispute.intake.filed.claims


def _award(claim: str, paid: int, choice: int) -> ruling.AwardSought:
    if choice % 7 == 0:
        return builders.undetermined_sought(claim)
    if choice % 3 == 0:
        return builders.a_dismissal_sought(claim)
    if choice % 3 == 1:
        return builders.an_award_sought(claim=claim)
    amount = builders.cny(1 + choice * (paid - 1) // 102)
    return builders.an_award_sought(claim=claim, remedy=RemedyKind.PARTIAL_REFUND, amount=amount)


def _expire(clock: ClockName) -> Move:
    def move(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
        running = [key for key, one in dispute.clocks.items() if one.name is clock] or [str(clock)]
        return builders.expire(dispute, running[choice % len(running)], at, playbook)

    return move


def _confirm_line(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    ordered = list(dispute.remedy.ordered.values())
    line = ordered[choice % len(ordered)] if ordered else builders.a_remedy_ordered()
    return remedy.confirm_line(dispute, line.line, at=at)


def _refund(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    claims = _claims(dispute)
    waiting = [one for one in dispute.remedy.ordered.values() if not dispute.remedy.is_done(one)]
    # Some of what is ordered is on its way and cannot be reduced.
    money = {one.line: Payout(remedy.payout_of(builders.PLATFORM, DISPUTE, one)) for one in waiting if choice % 4}
    source, amount = remedy.RefundSource.CHARGEBACK, builders.cny(1 + 60 * choice)
    claim = claims[choice % len(claims)].id
    machine = builders.PLATFORM_MACHINE
    return remedy.report_refund(dispute, money, claim, amount, source, f"t-{choice}", by=machine, at=at)[0]


ACTIONS: dict[str, Move] = {
    "report_notice": _report_notice,
    "respond": _respond,
    "send_message": _send_message,
    "make_offer": _make_offer,
    "submit_evidence": _submit_evidence,
    "escalate": _escalate,
    "intervene": _intervene,
    "pause_clock": _pause_clock,
    "resume_clock": _resume_clock,
    "rule": _rule,
    "request_human": _request_human,
}
# What is about one of several rulings, and which one it is tried on.
RULING_ACTIONS: dict[str, tuple[Move, Callable[[Dispute], str]]] = {
    "confirm_ruling": (_confirm_ruling, last_proposal),
    "return_ruling": (_return_ruling, last_proposal),
    "correct_ruling": (_correct_ruling, last_ruling),
}
OFFER_ACTIONS: dict[str, Move] = {"accept_offer": _accept_offer, "decline_offer": _decline_offer}
MOVES: dict[str, Move] = (
    ACTIONS
    | OFFER_ACTIONS
    | {name: move for name, (move, _) in RULING_ACTIONS.items()}
    | {f"{clock}_clock": _expire(clock) for clock in ClockName}
    | {"open": _open, "paid": _confirm_line, "refund": _refund}
)


# Whose turn it is for what: lives in which only chance spoke would hardly ever get beyond the filing.
_TALK = [(name, by) for name in ("make_offer", "accept_offer", "decline_offer") for by in (BUYER, MERCHANT)]
_TURNS: dict[Stage, list[tuple[str, Actor]]] = {
    Stage.AWAITING_RESPONSE: [
        *[("respond", MERCHANT), ("report_notice", PLATFORM_MACHINE)] * 2,
        *[("open", MERCHANT), ("submit_evidence", BUYER), ("notice_clock", BUYER), ("answer_clock", BUYER)],
        *[("pause_clock", ARBITRATOR), ("resume_clock", ARBITRATOR), ("request_human", BUYER)],
    ],
    Stage.NEGOTIATION: [*_TALK, ("send_message", BUYER), ("escalate", BUYER), ("offer_clock", BUYER)],
    Stage.UNDER_REVIEW: [
        *_TALK,
        *[("intervene", ARBITRATOR), ("rule", ARBITRATOR)] * 3,
        *[("confirm_ruling", OTHER_ARBITRATOR), ("confirm_ruling", ARBITRATOR)],
        *[("return_ruling", OTHER_ARBITRATOR)] * 2,
    ],
    Stage.DECIDED: [
        *[*[("appeal_clock", BUYER)] * 3, ("refund", BUYER), ("pause_clock", ARBITRATOR)],
        *[*[("correct_ruling", ARBITRATOR)] * 4, ("request_human", MERCHANT)],
    ],
    Stage.CARRYING_OUT: [("paid", BUYER), ("paid", BUYER), ("appeal_clock", BUYER), ("refund", BUYER)],
    Stage.CLOSED: [("paid", BUYER)],
}


@dataclass(frozen=True, slots=True)
class Step:
    """One try, how long after the try before; `wild` is by anybody, else by somebody whose turn it may be."""

    move: str
    by: Actor
    wild: bool
    turn: int
    hours: int
    choice: int

    def read(self, stage: Stage, nth: int) -> tuple[Move, Actor]:
        """What is tried; by its place in the life, too, for like steps often follow each other."""
        turns = _TURNS[stage]
        name, by = (self.move, self.by) if self.wild else turns[(self.turn + 7 * nth) % len(turns)]
        return MOVES[name], by


_steps = st.builds(
    Step,
    move=st.sampled_from(sorted(MOVES)),
    by=st.sampled_from(EVERYONE),
    wild=st.sampled_from((False, False, False, True)),
    turn=st.integers(0, 59),
    hours=st.sampled_from((0, 1, 60, 200)),
    choice=st.integers(0, 99),
)


def playbooks() -> st.SearchStrategy[Playbook]:
    """Their limits are low, so that some lives come up against them."""
    few = st.sampled_from((1, 3))
    limits = st.builds(builders.limits, offers_per_side=few, messages_per_side=few, exhibits_per_side=few)
    starts = st.sampled_from(("at_decision", "at_final"))
    eyes = st.sampled_from((500_000, 1_000))
    return st.builds(
        lambda start, most, minor: builders.watched(minor, remedies_start=start, limits=most),
        starts,
        limits,
        eyes,
    )


@dataclass(frozen=True, slots=True)
class Life:
    """What happened in one random life, and the rules it was lived under."""

    playbook: Playbook
    events: tuple[DisputeEvent, ...]

    @property
    def dispute(self) -> Dispute:
        state: Dispute = fold(*self.events)
        return state


def live(playbook: Playbook, steps: list[Step]) -> Life:
    filed: DisputeFiled = builders.a_filed_dispute(*builders.two_claims_asked(), playbook=playbook)
    events: list[DisputeEvent] = [filed]
    dispute, at = disputes.evolve(None, filed), filed.at
    for nth, step in enumerate(steps):
        at += timedelta(hours=step.hours)
        move, by = step.read(dispute.stage, nth)
        try:
            happened = move(dispute, playbook, by, at, step.choice)
        except DomainError:
            continue
        for event in happened:
            events.append(event)
            dispute = disputes.evolve(dispute, event)
    return Life(playbook, tuple(events))


def lives(steps_max: int = 30) -> st.SearchStrategy[Life]:
    """Short and long ones alike, so that every stage is somebody's last."""
    lengths = st.sampled_from((steps_max // 6, steps_max // 2, steps_max - 5, steps_max))
    steps = lengths.flatmap(lambda count: st.lists(_steps, min_size=count, max_size=count))
    return st.builds(live, playbooks(), steps)

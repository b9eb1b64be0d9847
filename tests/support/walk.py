"""Random lives of a dispute: anybody tries anything at any time; what the rules refuse did not happen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from domain.calendars import ClockName
from domain.dispute import appeal, closing, evidence, negotiation, notice, pause, recovery, remedy, review, ruling
from domain.dispute import dispute as disputes
from domain.dispute.appeal import AppealGround
from domain.dispute.closing import ReopeningGround
from domain.dispute.dispute import Dispute, DisputeEvent
from domain.dispute.intake import Answer, DisputeFiled
from domain.dispute.notice import Bounce
from domain.dispute.pause import PauseGround
from domain.dispute.stages import Stage
from domain.kernel import Actor, DomainError
from domain.playbook.playbook import Playbook, RemedyKind
from domain.remedy.payout import Payout, PayoutState
from tests.support import builders
from tests.support.builders import (
    ARBITRATOR,
    BUYER,
    DISPUTE,
    EVERYONE,
    MERCHANT,
    OTHER_ARBITRATOR,
    PLATFORM_MACHINE,
    SENIOR,
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
    return appeal.take_case(dispute, by=by, at=at)


def _rule(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return disputes.decide(
        dispute, DISPUTE, ruling.rule(dispute, playbook, _sought(dispute, choice), "理由", by=by, at=at)
    )


def _sought(dispute: Dispute, choice: int) -> tuple[ruling.AwardSought, ...]:
    return tuple(_award(claim.id, claim.paid.minor, choice + index) for index, claim in enumerate(_claims(dispute)))


def _file_appeal(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return appeal.file_appeal(dispute, playbook, AppealGround.WRONG_FACTS, "查错了", by=by, at=at)


def _an_appeal(dispute: Dispute) -> str:
    return f"a{len(dispute.appeal.filed)}"


def _reject_appeal(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    end = appeal.reject_appeal(dispute, _an_appeal(dispute), "没有理由", by=by, at=at)
    return disputes.end_appeal(dispute, DISPUTE, end)


def _uphold_ruling(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    end = appeal.uphold_ruling(dispute, _an_appeal(dispute), "原裁决没错", by=by, at=at)
    return disputes.end_appeal(dispute, DISPUTE, end)


def _reverse_ruling(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    sought = _sought(dispute, choice)
    end = appeal.reverse_ruling(dispute, playbook, _an_appeal(dispute), sought, "改判", by=by, at=at)
    return disputes.end_appeal(dispute, DISPUTE, end)


def _withdraw(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return closing.withdraw(dispute, "不争了", by=by, at=at)


def _reopen(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return closing.reopen(dispute, ReopeningGround.NEW_EVIDENCE, "有新照片", by=by, at=at)


def _report_recovery(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    """Some of what is to come back next, or all of it."""
    recovery.may_report_recovery(dispute, by)
    waiting = next(one for one in dispute.remedy.recoveries.values() if one.left.minor)
    amount = waiting.left if choice % 3 else builders.cny(1 + choice * (waiting.left.minor - 1) // 100)
    line = waiting.ordered.line
    paid = Payout(
        remedy.payout_of(builders.PLATFORM, DISPUTE, dispute.remedy.ordered[line]), state=PayoutState.CONFIRMED
    )
    told = recovery.report(dispute, paid, waiting.ordered.recovery, amount, f"back {at}", by=by, at=at)
    return (told[0], *remedy.follow_recovery(dispute, told[0])) if told else ()


def _claims(dispute: Dispute) -> tuple[Any, ...]:
    return dispute.intake.filed.claims


def _award(claim: str, paid: int, choice: int) -> ruling.AwardSought:
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
    "file_appeal": _file_appeal,
    "report_recovery": _report_recovery,
    "withdraw": _withdraw,
    "reopen": _reopen,
}
OFFER_ACTIONS: dict[str, Move] = {"accept_offer": _accept_offer, "decline_offer": _decline_offer}
APPEAL_ACTIONS: dict[str, Move] = {
    "reject_appeal": _reject_appeal,
    "uphold_ruling": _uphold_ruling,
    "reverse_ruling": _reverse_ruling,
}
MOVES: dict[str, Move] = (
    ACTIONS
    | OFFER_ACTIONS
    | APPEAL_ACTIONS
    | {f"{clock}_clock": _expire(clock) for clock in ClockName}
    | {"open": _open, "paid": _confirm_line, "refund": _refund}
)


# Whose turn it is for what: lives in which only chance spoke would hardly ever get beyond the filing.
_TALK = [(name, by) for name in ("make_offer", "accept_offer", "decline_offer") for by in (BUYER, MERCHANT)]
_TURNS: dict[Stage, list[tuple[str, Actor]]] = {
    Stage.AWAITING_RESPONSE: [
        *[("respond", MERCHANT), ("report_notice", PLATFORM_MACHINE)] * 2,
        *[("open", MERCHANT), ("submit_evidence", BUYER), ("notice_clock", BUYER), ("answer_clock", BUYER)],
        *[("pause_clock", ARBITRATOR), ("resume_clock", ARBITRATOR)],
    ],
    Stage.NEGOTIATION: [
        *[*_TALK, ("send_message", BUYER), *[("escalate", BUYER)] * 3, ("offer_clock", BUYER)],
        ("withdraw", BUYER),
    ],
    Stage.UNDER_REVIEW: [
        *[("make_offer", BUYER), ("accept_offer", MERCHANT), ("paid", BUYER)],
        *[("intervene", ARBITRATOR), ("rule", ARBITRATOR)] * 3,
        *[("intervene", SENIOR), ("rule", SENIOR)],
    ],
    Stage.DECIDED: [
        *[*[("appeal_clock", BUYER)] * 3, ("refund", BUYER), ("refund", BUYER)],
        *[*[("pause_clock", ARBITRATOR)] * 2, *[("file_appeal", MERCHANT)] * 2],
    ],
    Stage.CARRYING_OUT: [
        *[("paid", BUYER), ("paid", BUYER), ("appeal_clock", BUYER), ("refund", BUYER)],
        *[("file_appeal", BUYER)],
    ],
    Stage.CLOSED: [("paid", BUYER), ("reopen", SENIOR)],
}
_APPEALED = [
    *[("intervene", OTHER_ARBITRATOR)] * 3,
    *[(name, OTHER_ARBITRATOR) for name in APPEAL_ACTIONS] * 2,
    *[("paid", BUYER), ("reverse_ruling", OTHER_ARBITRATOR), ("make_offer", BUYER), ("accept_offer", MERCHANT)],
]
_OWED_BACK = [("report_recovery", PLATFORM_MACHINE), ("paid", BUYER)]


def _turns(dispute: Dispute) -> list[tuple[str, Actor]]:
    if dispute.appeal.open:
        return _APPEALED
    if any(one.left.minor for one in dispute.remedy.recoveries.values()):
        return _OWED_BACK
    return _TURNS[dispute.stage]


@dataclass(frozen=True, slots=True)
class Step:
    """One try, how long after the try before; `wild` is by anybody, else by somebody whose turn it may be."""

    move: str
    by: Actor
    wild: bool
    turn: int
    hours: int
    choice: int

    def read(self, dispute: Dispute) -> tuple[Move, Actor]:
        turns = _turns(dispute)
        name, by = (self.move, self.by) if self.wild else turns[self.turn % len(turns)]
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
    return st.builds(
        lambda start, most: builders.a_playbook(remedies_start=start, limits=most),
        starts,
        limits,
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
    for step in steps:
        at += timedelta(hours=step.hours)
        move, by = step.read(dispute)
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
    steps = st.integers(0, steps_max).flatmap(lambda count: st.lists(_steps, min_size=count, max_size=count))
    return st.builds(live, playbooks(), steps)

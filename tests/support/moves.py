"""What anybody may try on a dispute, by the names of the actions: the moves of random lives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from application.commands.desk import SERVICE
from domain.calendars import ClockName
from domain.dispute import (
    admission,
    appeal,
    award,
    chase,
    closing,
    correction,
    evidence,
    goodwill,
    hold,
    intake,
    link,
    negotiation,
    note,
    notice,
    outside,
    pause,
    proposal,
    recovery,
    remedy,
    review,
    rounds,
    ruling,
)
from domain.dispute import dispute as disputes
from domain.dispute.admission import ChallengeGround
from domain.dispute.appeal import AppealGround
from domain.dispute.closing import ReopeningGround
from domain.dispute.correction import CorrectionKind
from domain.dispute.dispute import Dispute, DisputeEvent
from domain.dispute.intake import Answer
from domain.dispute.link import LinkKind
from domain.dispute.note import NoteKind
from domain.dispute.notice import Bounce
from domain.dispute.pause import PauseGround
from domain.dispute.review import ConflictGround
from domain.intake import order as orders
from domain.kernel import Actor, Role, derived_id
from domain.money import Tender
from domain.playbook.playbook import Playbook, RemedyKind
from domain.playbook.remedies import Operation, freight_share
from domain.remedy.payout import Payout, PayoutState
from tests.support import builders
from tests.support.builders import (
    ARBITRATOR,
    DISPUTE,
    OTHER_ARBITRATOR,
)

Happened = tuple[DisputeEvent, ...]
Move = Callable[[Dispute, Playbook, Actor, datetime, int], Happened]


def _terms(dispute: Dispute, choice: int) -> tuple[negotiation.Term, ...]:
    """A part of the price for each claim; beside it now and then its part of the freight, or a coupon."""
    order, terms = dispute.intake.filed.order, []
    for claim in dispute.intake.claims:
        offered = {RemedyKind.PARTIAL_REFUND: builders.cny(1 + choice * claim.paid.minor // 100)}
        if choice % 3 == 1:
            offered[RemedyKind.FREIGHT_REFUND] = freight_share(order, claim.lines).amount
        if choice % 4 == 1:
            offered[RemedyKind.COUPON] = builders.cny(1 + choice)
        terms += [negotiation.Term(claim=claim.id, remedy=kind, amount=one) for kind, one in offered.items()]
    return tuple(terms)


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


def _add_claim(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    """For a line of the order that no claim has yet; now and then for one that has."""
    snapshot, claimed = dispute.intake.filed.order, {line for one in _claims(dispute) for line in one.lines}
    order = orders.Order(builders.PLATFORM, snapshot, snapshot.digest(), dict.fromkeys(claimed, DISPUTE))
    free = [line.id for line in snapshot.lines if line.id not in claimed or choice % 10 == 0]
    added = intake.add_claim(dispute, playbook, builders.a_claim_asked(lines=tuple(free[:1] or "1")), by=by, at=at)
    orders.dispute_lines(order, DISPUTE, added.claim.lines, by=by, at=at)
    return (added,)


def _send_message(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return negotiation.send_message(dispute, playbook, f"第 {choice} 句", by=by, at=at)


def _make_offer(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    counters = _an_offer(dispute, choice) if choice % 3 == 0 else None
    return negotiation.make_offer(dispute, playbook, _terms(dispute, choice), "一口价", counters, by=by, at=at)


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
    kind = next(iter(rounds.owed_by(dispute, by.role)), "photo")
    return evidence.submit_evidence(
        dispute, playbook, builders.a_file(content), kind=kind, file_name="a.jpg", shows="果肉", by=by, at=at
    )


def _request_evidence(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    kinds = tuple(f"kind-{len(dispute.rounds.requests)}-{number}" for number in range(1 + choice % 2))
    side = rounds.SIDES[choice % 3 % 2]
    return rounds.request_evidence(dispute, playbook, side, kinds, "请补充", by=by, at=at)


def _close_round(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return rounds.close_round(dispute, by=by, at=at)


def _an_exhibit(dispute: Dispute, choice: int) -> str:
    exhibits = dispute.evidence.exhibits
    return exhibits[choice % len(exhibits)].exhibit if exhibits else "e1"


def _challenge(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    ground = list(ChallengeGround)[choice % len(ChallengeGround)]
    return admission.challenge(dispute, _an_exhibit(dispute, choice), ground, "不是这件", by=by, at=at)


def _admit(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return admission.admit(dispute, _an_exhibit(dispute, choice), "情有可原", by=by, at=at)


def _exclude(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return admission.exclude(dispute, _an_exhibit(dispute, choice), "与本案无关", by=by, at=at)


def _escalate(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return review.escalate(dispute, "谈不拢", by=by, at=at)


def _intervene(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return appeal.take_case(dispute, by=by, at=at)


def _chase(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return chase.chase(dispute, playbook, "还要多久" if choice % 2 else None, by=by, at=at)


def _give_goodwill(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    amount, tender = builders.cny(1 + 20 * choice), list(Tender)[choice % 2]
    return goodwill.give_goodwill(dispute, playbook, DISPUTE, amount, tender, "一点心意", by=by, at=at)


def _release(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return review.release(dispute, "休假", by=by, at=at)


def _reassign(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    somebody_new = Actor(role=Role.ARBITRATOR, id=f"arbitrator-{len(dispute.review.had)}-{choice}")
    to = ARBITRATOR if choice % 4 == 0 else OTHER_ARBITRATOR if choice % 4 == 2 else somebody_new
    return review.reassign(dispute, to, "分担", by=by, at=at)


def _declare_conflict(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return review.declare_conflict(dispute, list(ConflictGround)[choice % 4], "认识店主", by=by, at=at)


def _add_note(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return note.add_note(dispute, playbook, list(NoteKind)[choice % 2], "已核对", by=by, at=at)


def _link_case(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    other = derived_id("another dispute", str(choice))
    return link.link_case(dispute, DISPUTE, other, list(LinkKind)[choice % 2], "同一批", by=by, at=at)


def _place_hold(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return hold.place_hold(dispute, "法院调卷", by=by, at=at)


def _lift_hold(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return hold.lift_hold(dispute, "已结案", by=by, at=at)


def _rule(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    sought = _sought(dispute, choice)
    confirmed = ruling.rule(dispute, playbook, sought, "理由", by=by, at=at)
    return disputes.rule(dispute, playbook, DISPUTE, confirmed)


def _sought(dispute: Dispute, choice: int) -> tuple[award.AwardSought, ...]:
    sought = tuple(_award(claim.id, claim.paid.minor, choice + index) for index, claim in enumerate(_claims(dispute)))
    if choice % 5 == 2 and dispute.evidence.exhibits:
        sought = tuple(one.model_copy(update={"relied_on": (_an_exhibit(dispute, choice),)}) for one in sought)
    return sought


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
    return disputes.reverse(dispute, playbook, DISPUTE, end)


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


def open_recovery(dispute: Dispute, choice: int) -> str:
    names = list(dispute.remedy.recoveries)
    return names[choice % len(names)] if names else "v1"


def _write_off(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    given_up = recovery.write_off(dispute, open_recovery(dispute, choice), "找不到人", by=by, at=at)
    return (given_up, *remedy.follow_recovery(dispute, given_up))


def _request_human(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return disputes.request_human(dispute, None, by=by, service=SERVICE, at=at)


def last_proposal(dispute: Dispute) -> str:
    return dispute.ruling.proposals[-1].ruling if dispute.ruling.proposals else "r1"


def last_ruling(dispute: Dispute) -> str:
    return dispute.ruling.decision.ruling if dispute.ruling.decision else "r1"


def _confirm_ruling(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return disputes.confirm(dispute, playbook, DISPUTE, last_proposal(dispute), by=by, at=at)


def _return_ruling(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    return proposal.return_proposal(dispute, last_proposal(dispute), "理由不足", by=by, at=at)


def _correct_ruling(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    claim = _claims(dispute)[0].id
    tries: list[tuple[CorrectionKind, dict[str, Any], str | None]] = [
        (CorrectionKind.OMISSION, {"rules": ("COMMON-DESCRIBED-1",)}, None),
        (CorrectionKind.TYPING, {}, f"理由更正 {len(dispute.ruling.corrections)}"),
        (CorrectionKind.ARITHMETIC, {"remedy": _set_by_hand(dispute), "amount": builders.cny(1 + choice)}, None),
    ]
    kind, more, reasons = tries[choice % 5 % 3]
    corrected = (builders.a_corrected_award(claim, **more),)
    return correction.correct(dispute, playbook, last_ruling(dispute), kind, corrected, reasons, "笔误", by=by, at=at)


def _claims(dispute: Dispute) -> tuple[Any, ...]:
    return dispute.intake.claims


def _award(claim: str, paid: int, choice: int) -> award.AwardSought:
    if choice % 7 == 0:
        return builders.undetermined_sought(claim)
    if choice % 3 == 0:
        return builders.a_dismissal_sought(claim)
    part = (RemedyKind.PARTIAL_REFUND, 1 + choice * (paid - 1) // 102)
    remedies = [builders.a_remedy_sought() if choice % 3 == 1 else builders.a_remedy_sought(*part)]
    if choice % 2:
        remedies.append(builders.a_remedy_sought(RemedyKind.FREIGHT_REFUND))
    if choice % 5 < 3:
        remedies.append(builders.a_remedy_sought(RemedyKind.COUPON, 1 + choice))
    if choice % 11 == 1:
        remedies.append(builders.a_remedy_sought(RemedyKind.PLATFORM_SUBSIDY, 500))
    return builders.an_award_sought(claim=claim, remedies=tuple(remedies))


def _set_by_hand(dispute: Dispute) -> RemedyKind:
    """A line of the last ruling's first claim whose amount the arbitrator set."""
    decision = dispute.ruling.decision
    lines = decision.awards[0].lines if decision else ()
    by_hand = [line.remedy for line in lines if line.derivation.operation is Operation.CHOSEN]
    return by_hand[-1] if by_hand else RemedyKind.PARTIAL_REFUND


def _expire(clock: ClockName) -> Move:
    def move(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
        running = [key for key, one in dispute.clocks.items() if one.name is clock] or [str(clock)]
        return builders.expire(dispute, running[choice % len(running)], at, playbook)

    return move


def _confirm_line(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    lines = list(dispute.payouts) or ["l1"]
    return disputes.confirm_payout(dispute, lines[choice % len(lines)], at=at)


def _refund(dispute: Dispute, playbook: Playbook, by: Actor, at: datetime, choice: int) -> Happened:
    claims = _claims(dispute)
    waiting = [one for one in dispute.remedy.ordered.values() if not dispute.remedy.is_done(one)]
    # Some of what is ordered is on its way and cannot be reduced.
    money = {one.line: Payout(remedy.payout_of(builders.PLATFORM, DISPUTE, one)) for one in waiting if choice % 4}
    source, amount = outside.RefundSource.CHARGEBACK, builders.cny(1 + 60 * choice)
    claim = claims[choice % len(claims)].id
    machine = builders.PLATFORM_MACHINE
    return remedy.report_refund(dispute, money, claim, amount, source, f"t-{choice}", by=machine, at=at)[0]


ACTIONS: dict[str, Move] = {
    "report_notice": _report_notice,
    "respond": _respond,
    "add_claim": _add_claim,
    "send_message": _send_message,
    "make_offer": _make_offer,
    "submit_evidence": _submit_evidence,
    "request_evidence": _request_evidence,
    "close_evidence_round": _close_round,
    "escalate": _escalate,
    "intervene": _intervene,
    "give_goodwill": _give_goodwill,
    "chase": _chase,
    "release_case": _release,
    "reassign_case": _reassign,
    "declare_conflict": _declare_conflict,
    "add_note": _add_note,
    "link_case": _link_case,
    "place_legal_hold": _place_hold,
    "lift_legal_hold": _lift_hold,
    "pause_clock": _pause_clock,
    "resume_clock": _resume_clock,
    "rule": _rule,
    "file_appeal": _file_appeal,
    "report_recovery": _report_recovery,
    "withdraw": _withdraw,
    "reopen": _reopen,
    "request_human": _request_human,
}
# What is about one of several rulings, and which one it is tried on.
RULING_ACTIONS: dict[str, tuple[Move, Callable[[Dispute], str]]] = {
    "confirm_ruling": (_confirm_ruling, last_proposal),
    "return_ruling": (_return_ruling, last_proposal),
    "correct_ruling": (_correct_ruling, last_ruling),
}
OFFER_ACTIONS: dict[str, Move] = {"accept_offer": _accept_offer, "decline_offer": _decline_offer}
EXHIBIT_ACTIONS: dict[str, Move] = {
    "challenge_evidence": _challenge,
    "admit_evidence": _admit,
    "exclude_evidence": _exclude,
}
RECOVERY_ACTIONS: dict[str, Move] = {"write_off_recovery": _write_off}
APPEAL_ACTIONS: dict[str, Move] = {
    "reject_appeal": _reject_appeal,
    "uphold_ruling": _uphold_ruling,
    "reverse_ruling": _reverse_ruling,
}
MOVES: dict[str, Move] = (
    ACTIONS
    | OFFER_ACTIONS
    | EXHIBIT_ACTIONS
    | APPEAL_ACTIONS
    | RECOVERY_ACTIONS
    | {name: move for name, (move, _) in RULING_ACTIONS.items()}
    | {f"{clock}_clock": _expire(clock) for clock in ClockName}
    | {"open": _open, "paid": _confirm_line, "refund": _refund}
)

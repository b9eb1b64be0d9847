"""One whole story as it stands in the log, and at least one sample of every event class there is."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from application.case import fold_payout
from application.ports import Recorded
from domain.audit.access import CaseViewed, ExhibitForm, ExhibitOpened, Part, access_stream
from domain.dispute import (
    admission,
    appeal,
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
from domain.dispute.appeal import AppealEnd, AppealGround
from domain.dispute.award import AwardSought, RemedySought
from domain.dispute.closing import ReopeningGround
from domain.dispute.correction import CorrectionKind
from domain.dispute.evidence import File
from domain.dispute.intake import Answer, Asked
from domain.dispute.link import LinkKind
from domain.dispute.negotiation import Term
from domain.dispute.note import NoteKind
from domain.dispute.notice import Bounce
from domain.dispute.pause import PauseGround
from domain.dispute.review import ConflictGround
from domain.intake import order as orders
from domain.intake.order import OrderSnapshot, order_stream
from domain.kernel import Actor, Event, Role
from domain.money import Tender
from domain.playbook import playbook as playbooks
from domain.playbook.playbook import Finding, Playbook, RemedyKind, Shelf, digest_of, playbook_stream
from domain.remedy import payout as payouts
from infrastructure.playbooks.reader import COMMON
from tests.contract import bargains, second_instance
from tests.contract.log import (
    ANOTHER,
    ARBITRATOR,
    AUDITOR,
    BUYER,
    DISPUTE,
    MERCHANT,
    OTHER_ARBITRATOR,
    PAID_AT_ONCE,
    PLATFORM,
    PLAYBOOK,
    RULE_WRITER,
    SENIOR,
    SERVICE,
    Log,
    an_order,
    digest,
    yuan,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def filed(
    statement: str = "收到的橙子又酸又干，页面写着不甜包退，要求退款。", snapshot: OrderSnapshot | None = None
) -> Log:
    """The playbook is published, the order registered, the dispute filed."""
    log, snapshot = Log(), snapshot or an_order()
    shelf = playbooks.publish(Shelf(), "common", PLAYBOOK, COMMON, by=RULE_WRITER, at=log.at)
    log.add(playbook_stream("common"), RULE_WRITER, shelf)
    order = order_stream("common", snapshot.order_id)
    registered = orders.register(None, "common", snapshot, by=PLATFORM, at=log.at)
    log.add(order, PLATFORM, registered)
    asked = Asked(reason="taste_or_freshness", lines=("1",), remedy=RemedyKind.REFUND_ONLY, statement=statement)
    begun = intake.file_dispute(
        snapshot,
        PLAYBOOK,
        number="D-ABCDE-12345",
        playbook_digest=digest_of(COMMON),
        draw_commitment=digest("secret"),
        claims=intake.check_filing(snapshot, PLAYBOOK, (asked,), by=BUYER),
        by=BUYER,
        at=log.at,
    )
    log.add(DISPUTE, BUYER, [begun])
    taken = orders.dispute_lines(orders.evolve(None, registered[0]), DISPUTE, ("1",), by=BUYER, at=log.at)
    log.add(order, BUYER, [taken])
    return log


def contested(statement: str = "口味因人而异，不是退款理由。") -> Log:
    log = filed()
    log.later(hours=2)
    log.act(MERCHANT, negotiation.answer_claims, PLAYBOOK, Answer.CONTEST, statement, ())
    return log


def negotiated() -> Log:
    """Messages, an exhibit, an offer that the buyer declines, the escalation."""
    log = contested()
    log.act(BUYER, negotiation.send_message, PLAYBOOK, "切开就是干的，不是我嘴刁。")
    photo = File(digest=digest("photo"), media_type="image/png", size_bytes=120_000)
    log.act(
        BUYER,
        evidence.submit_evidence,
        PLAYBOOK,
        photo,
        kind="photo",
        file_name="orange.png",
        shows="切开的橙子，果肉发干",
    )
    terms = (Term(claim="c1", remedy=RemedyKind.PARTIAL_REFUND, amount=yuan("5.00")),)
    log.act(MERCHANT, negotiation.make_offer, PLAYBOOK, terms, "退 5 元，算个心意。")
    log.act(BUYER, negotiation.decline_offer, "o1", "一大半不能吃，5 元不够。")
    log.later(hours=20)
    log.act(BUYER, review.escalate, "商家不认自己写的承诺，要平台处理。")
    return log


def decided(playbook: Playbook = PLAYBOOK) -> Log:
    log = negotiated()
    log.later(hours=1)
    log.act(ARBITRATOR, review.intervene)
    sought = AwardSought(
        claim="c1",
        finding=Finding.UPHELD,
        facts="页面承诺不甜包退；买家照片显示果肉发干。",
        relied_on=("e1",),
        rules=("COMMON-PROMISE-1",),
        remedies=(RemedySought(remedy=RemedyKind.REFUND_ONLY),),
    )
    confirmed = ruling.rule(log.dispute, playbook, (sought,), "商家自己作了承诺，就要照办。", by=ARBITRATOR, at=log.at)
    log.add(DISPUTE, ARBITRATOR, disputes.decide(log.dispute, DISPUTE, confirmed))
    for ordered in log.dispute.remedy.ordered.values():  # where the playbook starts remedies at the decision
        log.add(ordered.payout, ARBITRATOR, [remedy.payout_of("common", DISPUTE, ordered)])
    return log


def told_whole() -> Log:
    """The fruit story to its end: two attempts to pay fail, the third succeeds, the case closes."""
    log = decided()
    expired(log)
    ordered = log.dispute.remedy.ordered["l1"]
    log.add(ordered.payout, SERVICE, [remedy.payout_of("common", DISPUTE, ordered)])

    def pay(decide: Callable[..., Event], *arguments: Any) -> None:
        state = fold_payout(one.event for one in log.of(ordered.payout))
        log.add(ordered.payout, SERVICE, [decide(state, *arguments, at=log.at)])

    pay(payouts.send)
    pay(payouts.lose_sight, 1, "no_answer")
    pay(payouts.send)
    pay(payouts.fail, 2, "refused: insufficient_balance")
    pay(payouts.send)
    pay(payouts.confirm, 3, "pay-000001", ordered.amount)
    log.add(DISPUTE, SERVICE, remedy.confirm_line(log.dispute, "l1", at=log.at))
    return log


def settled() -> Log:
    """A counter-offer that the buyer takes: the remedy starts at once."""
    log = filed()
    terms = (Term(claim="c1", remedy=RemedyKind.PARTIAL_REFUND, amount=yuan("19.90")),)
    log.act(MERCHANT, negotiation.answer_claims, PLAYBOOK, Answer.COUNTER, "坏的我们认，退一半。", terms)
    events = negotiation.accept_offer(log.dispute, "o1", by=BUYER, at=log.at)
    log.add(DISPUTE, BUYER, disputes.settle(log.dispute, DISPUTE, events))
    return log


def given_goodwill() -> Log:
    """The merchant gives a small sum, which is paid; a senior arbitrator a coupon, which is on its way."""
    log = negotiated()
    log.act(MERCHANT, goodwill.give_goodwill, PLAYBOOK, DISPUTE, yuan("5.00"), Tender.MONEY, "让您久等了，一点心意。")
    log.act(SENIOR, goodwill.give_goodwill, PLAYBOOK, DISPUTE, yuan("10.00"), Tender.COUPON, "物流拖了一周。")
    for one in log.dispute.goodwill.values():
        log.add(one.given.payout, one.given.by, [goodwill.payout_of("common", DISPUTE, one.given)])
    stream = log.dispute.payouts["g1"]
    log.add(stream, SERVICE, [payouts.send(log.case.payouts["g1"], at=log.at)])
    log.add(stream, SERVICE, [payouts.confirm(log.case.payouts["g1"], 1, "pay-000005", yuan("5.00"), at=log.at)])
    log.add(DISPUTE, SERVICE, disputes.confirm_payout(log.dispute, "g1", at=log.at))
    return log


def accepted() -> Log:
    log = filed()
    events = negotiation.answer_claims(log.dispute, PLAYBOOK, Answer.ACCEPT, "退。", (), by=MERCHANT, at=log.at)
    log.add(DISPUTE, MERCHANT, disputes.settle(log.dispute, DISPUTE, events))
    return log


def refunded() -> Log:
    """Money from outside before and after the agreement; of what is left another amount is paid, and that halts it."""
    log = filed()

    def report(amount: str, reference: str) -> None:
        money = log.case.payouts
        source = outside.RefundSource.MERCHANT_TRANSFER
        events, reduced = remedy.report_refund(
            log.dispute, money, "c1", yuan(amount), source, reference, by=PLATFORM, at=log.at
        )
        log.add(DISPUTE, PLATFORM, events)
        for line, event in reduced.items():
            log.add(log.dispute.remedy.ordered[line].payout, PLATFORM, [event])

    report("1.00", "transfer-17")
    events = negotiation.answer_claims(log.dispute, PLAYBOOK, Answer.ACCEPT, "退。", (), by=MERCHANT, at=log.at)
    log.add(DISPUTE, MERCHANT, disputes.settle(log.dispute, DISPUTE, events))
    ordered = log.dispute.remedy.ordered["l1"]
    log.add(ordered.payout, MERCHANT, [remedy.payout_of("common", DISPUTE, ordered)])
    report("10.00", "transfer-18")
    log.add(ordered.payout, SERVICE, [payouts.send(log.case.payouts["l1"], at=log.at)])
    wrong = payouts.confirm(log.case.payouts["l1"], 1, "pay-000002", yuan("38.80"), at=log.at)
    log.add(ordered.payout, SERVICE, [wrong])
    report("0.50", "transfer-19")
    return log


def expired(log: Log, playbook: Playbook = PLAYBOOK) -> Log:
    """The clock that runs out next, or the pause, has come to its end."""
    clock = min(log.dispute.clocks.values(), key=lambda one: one.due_at)
    log.at = log.dispute.paused.until if log.dispute.paused else clock.due_at
    happened = disputes.expire(log.dispute, playbook, DISPUTE, clock.name, clock.of, by=SERVICE, at=log.at)
    log.add(DISPUTE, SERVICE, happened)
    return log


def served() -> Log:
    """A notice bounces, the next one arrives."""
    log = filed()
    log.act(PLATFORM, notice.bounce_notice, channel="sms", why=Bounce.UNKNOWN_ADDRESS, reference="sms-1")
    log.later(hours=1)
    log.act(PLATFORM, notice.serve_notice, PLAYBOOK, channel="app", reference="push-1", served_at=None)
    return log


def unanswered() -> Log:
    """Nobody takes the offer in time."""
    log = contested()
    terms = (Term(claim="c1", remedy=RemedyKind.PARTIAL_REFUND, amount=yuan("5.00")),)
    log.act(MERCHANT, negotiation.make_offer, PLAYBOOK, terms, "退 5 元，算个心意。")
    return expired(log)


def opened() -> Log:
    log = filed()
    log.act(MERCHANT, notice.open_notice, PLAYBOOK)
    return log


def defaulted() -> Log:
    """The merchant is told, the clock stands still for a day, nobody answers: decided by default."""
    log = served()
    log.later(hours=5)
    log.act(ARBITRATOR, pause.pause_clock, PLAYBOOK, PauseGround.OUTAGE, "商家后台故障。", 24)
    return expired(expired(log))


def resumed() -> Log:
    log = served()
    log.act(ARBITRATOR, pause.pause_clock, PLAYBOOK, PauseGround.FORCE_MAJEURE, "台风。", 24)
    log.later(hours=5)
    log.act(ARBITRATOR, pause.resume_clock, PLAYBOOK)
    return log


def lapsed() -> Log:
    """The merchant is silent on a platform where silence decides nothing."""
    return expired(served(), PLAYBOOK.model_copy(update={"defaults": ()}))


def rule(log: Log, sought: AwardSought, reasons: str, playbook: Playbook = PLAYBOOK) -> None:
    confirmed = ruling.rule(log.dispute, playbook, (sought,), reasons, by=ARBITRATOR, at=log.at)
    log.add(DISPUTE, ARBITRATOR, disputes.rule(log.dispute, playbook, DISPUTE, confirmed))


def confirm(log: Log, name: str, by: Actor) -> None:
    log.add(DISPUTE, by, disputes.confirm(log.dispute, PLAYBOOK, DISPUTE, name, by=by, at=log.at))


def twice_looked_at(*, to_the_end: bool = True) -> Log:
    """Above the limit of four eyes: proposed, sent back, proposed again with other reasons, confirmed, corrected."""
    log = negotiated()
    log.act(ARBITRATOR, review.intervene)
    strict = PLAYBOOK.model_copy(update={"four_eyes": (yuan("10.00"),)})
    sought = AwardSought(
        claim="c1",
        finding=Finding.UPHELD,
        facts="页面承诺不甜包退；买家照片显示果肉发干。",
        rules=("COMMON-PROMISE-1",),
        remedies=(RemedySought(remedy=RemedyKind.REFUND_ONLY),),
    )
    rule(log, sought, "商家自己作了承诺。", strict)
    log.act(OTHER_ARBITRATOR, proposal.return_proposal, "r1", "没有回应商家说的口味因人而异。")
    rule(log, sought, "商家自己作了承诺，口味正是承诺的内容。", strict)
    if to_the_end:
        confirm(log, "r2", OTHER_ARBITRATOR)
        why = "漏写了半句。"
        kind, reasons = CorrectionKind.TYPING, "商家自己作了承诺，口味正是承诺的内容，要照办。"
        log.act(ARBITRATOR, correction.correct, PLAYBOOK, "r2", kind, (), reasons, why)
    return log


def undetermined() -> Log:
    log = negotiated()
    log.act(ARBITRATOR, review.intervene)
    facts = "照片与页面都可信，无法认定果肉何时变干。"
    rule(log, AwardSought(claim="c1", finding=Finding.UNDETERMINED, facts=facts), "双方的证据都可信。")
    return log


def asked_for_a_person(*, to_the_end: bool = True) -> Log:
    """The buyer wants a person to decide, the merchant is silent: silence proposes, an arbitrator confirms."""
    log = served()
    log.add(DISPUTE, BUYER, disputes.request_human(log.dispute, "请人看。", by=BUYER, service=SERVICE, at=log.at))
    expired(log)
    if to_the_end:
        log.act(ARBITRATOR, review.intervene)
        confirm(log, "r1", ARBITRATOR)
    return log


def seen() -> Log:
    """The arbitrator reads the case, opens the photo in each form, and once when that was not yet recorded."""
    log = negotiated()
    version = len(log.of(DISPUTE))
    viewed = CaseViewed(dispute=DISPUTE, version=version, part=Part.FILE, by=ARBITRATOR, at=log.at)
    log.add(access_stream(DISPUTE), ARBITRATOR, [viewed])
    about: dict[str, Any] = {"dispute": DISPUTE, "version": version, "exhibit": "e1", "digest": digest("photo")}
    opened = [ExhibitOpened(**about, form=form, by=ARBITRATOR, at=log.at) for form in (*ExhibitForm, None)]
    log.add(access_stream(DISPUTE), ARBITRATOR, opened)
    return log


def requested() -> Log:
    """An arbitrator asks the buyer and the merchant; the buyer answers, the merchant does not, and comes late."""
    log = negotiated()
    log.later(hours=1)
    log.act(ARBITRATOR, review.intervene)
    log.act(ARBITRATOR, rounds.request_evidence, PLAYBOOK, Role.BUYER, ("parcel_photo",), "请补拍外包装和面单。")
    log.act(ARBITRATOR, rounds.request_evidence, PLAYBOOK, Role.MERCHANT, ("listing",), "请提供下单时的页面。")
    show = evidence.submit_evidence
    parcel = File(digest=digest("parcel"), media_type="image/jpeg", size_bytes=90_000)
    log.act(BUYER, show, PLAYBOOK, parcel, kind="parcel_photo", file_name="箱子.jpg", shows="外箱完好")
    log.act(MERCHANT, admission.challenge, "e2", ChallengeGround.AUTHENTICITY, "不是我们发的箱子。")
    expired(log)
    listing = File(digest=digest("listing"), media_type="application/pdf", size_bytes=300_000)
    log.act(MERCHANT, show, PLAYBOOK, listing, kind="listing", file_name="页面.pdf", shows="下单时的页面")
    log.act(ARBITRATOR, admission.admit, "e3", "页面由平台留存，可以核对。")
    log.act(ARBITRATOR, admission.exclude, "e2", "面单看不清，无法确认是这一单。")
    log.act(ARBITRATOR, rounds.close_round)
    return log


def unserved() -> Log:
    """Nobody could tell the merchant: an arbitrator takes the case."""
    return expired(filed())


def handed_over() -> Log:
    """The case goes from hand to hand: given back, reassigned, and free again because of a conflict."""
    log = negotiated()
    log.act(BUYER, chase.chase, PLAYBOOK, "已经三天了，请尽快处理。")
    log.act(MERCHANT, chase.chase, PLAYBOOK, None)
    log.later(hours=1)
    log.act(ARBITRATOR, review.intervene)
    log.act(ARBITRATOR, note.add_note, PLAYBOOK, NoteKind.INTERNAL, "买家口碑好，照片可信。")
    log.act(ARBITRATOR, note.add_note, PLAYBOOK, NoteKind.PUBLIC, "已请物流公司提供签收照片。")
    log.act(ARBITRATOR, link.link_case, DISPUTE, ANOTHER, LinkKind.RELATED, "同一批次的橙子。")
    log.act(ARBITRATOR, review.release, "下周休假，来不及处理。")
    log.act(SENIOR, review.reassign, OTHER_ARBITRATOR, "熟悉生鲜类目。")
    log.act(OTHER_ARBITRATOR, review.declare_conflict, ConflictGround.KNOWS_PARTY, "店主是我的邻居。")
    log.act(AUDITOR, hold.place_hold, "法院已受理同一纠纷。")
    log.act(AUDITOR, hold.lift_hold, "法院案件已结。")
    return log


def appealed(playbook: Playbook = PLAYBOOK) -> Log:
    """The merchant appeals the ruling; another arbitrator takes the case."""
    log = decided(playbook)
    log.later(hours=9)
    log.act(MERCHANT, appeal.file_appeal, PLAYBOOK, AppealGround.NEW_EVIDENCE, "仓库找到了发货前的抽检照片。")
    log.later(hours=3)
    log.act(SENIOR, appeal.take_case)
    return log


def _ended(log: Log, end: AppealEnd) -> Log:
    log.add(DISPUTE, SENIOR, disputes.end_appeal(log.dispute, DISPUTE, end))
    return log


def rejected() -> Log:
    log = appealed()
    return _ended(log, appeal.reject_appeal(log.dispute, "a1", "没有说明错在哪里。", by=SENIOR, at=log.at))


def upheld() -> Log:
    log = appealed()
    return _ended(log, appeal.uphold_ruling(log.dispute, "a1", "原裁决没有错。", by=SENIOR, at=log.at))


def reversed_unpaid(*, whole: bool = True) -> Log:
    """What was ordered at the decision is stopped on the way: it turns out to have been paid, and comes back."""
    log = appealed(PAID_AT_ONCE)
    line = log.dispute.remedy.ordered["l1"]
    log.add(line.payout, SERVICE, [payouts.send(log.case.payouts["l1"], at=log.at)])
    dismissed = AwardSought(
        claim="c1", finding=Finding.DISMISSED, facts="抽检照片与批次一致。", rules=("COMMON-UNPROVED-1",)
    )
    _ended(
        log,
        appeal.reverse_ruling(log.dispute, PLAYBOOK, "a1", (dismissed,), "新证据更可信。", by=SENIOR, at=log.at),
    )
    stopped = payouts.stop(log.case.payouts["l1"], at=log.at)
    log.add(line.payout, SENIOR, [stopped] if stopped else [])
    paid = payouts.confirm(log.case.payouts["l1"], 1, "pay-000003", line.amount, at=log.at)
    log.add(line.payout, SERVICE, [paid])
    log.add(DISPUTE, SERVICE, remedy.confirm_line(log.dispute, "l1", at=log.at))
    log.later(hours=30)
    back = line.amount if whole else yuan("10.00")
    told = recovery.report(log.dispute, log.case.payouts["l1"], "v1", back, "back-7", by=PLATFORM, at=log.at)
    if told is not None:
        log.add(DISPUTE, PLATFORM, [told[0], *remedy.follow_recovery(log.dispute, told[0])])
        log.add(line.payout, PLATFORM, [told[1]])
    return log if whole else second_instance.written_off(log)


def withdrawn() -> Log:
    log = contested()
    log.act(BUYER, closing.withdraw, "和商家说好了。")
    return log


def reopened() -> Log:
    log = told_whole()
    log.later(hours=100)
    log.act(SENIOR, closing.reopen, ReopeningGround.FRAUD, "买家的照片取自另一个订单。")
    return log


STORIES: dict[str, Callable[[], Log]] = {
    "told_whole": told_whole,
    "settled": settled,
    "accepted": accepted,
    "given_goodwill": given_goodwill,
    "served": served,
    "opened": opened,
    "unanswered": unanswered,
    "bargained": lambda: bargains.bargained(filed(snapshot=bargains.two_boxes())),
    "defaulted": defaulted,
    "resumed": resumed,
    "refunded": refunded,
    "rejected": rejected,
    "upheld": upheld,
    "reversed_unpaid": reversed_unpaid,
    "written_off": lambda: reversed_unpaid(whole=False),
    "reversed_by_two": lambda: second_instance.reversed_by_two(appealed()),
    "withdrawn": withdrawn,
    "reopened": reopened,
    "lapsed": lapsed,
    "seen": seen,
    "unserved": unserved,
    "handed_over": handed_over,
    "requested": requested,
    "twice_looked_at": twice_looked_at,
    "undetermined": undetermined,
    "asked_for_a_person": asked_for_a_person,
    "decided": decided,
    "negotiated": negotiated,
    "filed": filed,
}


@cache
def samples() -> tuple[Recorded, ...]:
    """Every event of every story: all classes, with the variants that are told in other words."""
    return tuple(recorded for tell in STORIES.values() for recorded in tell().trail)


def sample_of(kind: type[Event]) -> Event:
    """One event of this class."""
    return next(recorded.event for recorded in samples() if type(recorded.event) is kind)

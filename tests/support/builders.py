"""One builder per noun of the business; each call makes its thing anew, and a test names only what it is about."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from ruamel.yaml import YAML

from application.commands.desk import SERVICE
from domain.calendars import ClockName, read_key
from domain.dispute import appeal, correction, intake, proposal, ruling
from domain.dispute import dispute as disputes
from domain.dispute.appeal import AppealFiled, AppealGround, AppealHeard
from domain.dispute.award import AwardSought, RemedySought
from domain.dispute.closing import Reopened, ReopeningGround
from domain.dispute.correction import AwardCorrection, CorrectionKind, RulingCorrected
from domain.dispute.dispute import Dispute, DisputeEvent
from domain.dispute.evidence import EvidenceSubmitted, File
from domain.dispute.human import HumanRequested
from domain.dispute.intake import OTHER_SIDE, Answer, Asked, ClaimAdded, DisputeFiled, MerchantResponded, ResponseLapsed
from domain.dispute.negotiation import OfferMade, Settled, Term
from domain.dispute.notice import NoticeServed, Service
from domain.dispute.proposal import RulingProposed
from domain.dispute.review import CaseAssigned, Escalated, PlatformIntervened
from domain.dispute.rounds import SIDES, EvidenceRequested, EvidenceRoundClosed, Side
from domain.dispute.ruling import DecidedByDefault, RulingConfirmed
from domain.intake.order import OrderLine, OrderRegistered, OrderSnapshot
from domain.kernel import Actor, Event, Role
from domain.money import Money
from domain.playbook.playbook import Finding, Playbook, PlaybookPublished, RemedyKind, digest_of
from tests.support.given import fold

PLATFORM = "common"
DISPUTE = UUID("00000000-0000-7000-8000-000000000001")
ELSEWHERE = UUID("00000000-0000-7000-8000-000000000002")
FILED_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
COMMITMENT = "c" * 64

BUYER = Actor(role=Role.BUYER, id="buyer-lan")
OTHER_BUYER = Actor(role=Role.BUYER, id="buyer-yu")
MERCHANT = Actor(role=Role.MERCHANT, id="fruit-shop")
OTHER_MERCHANT = Actor(role=Role.MERCHANT, id="tea-shop")
ARBITRATOR = Actor(role=Role.ARBITRATOR, id="arbitrator-wen")
OTHER_ARBITRATOR = Actor(role=Role.ARBITRATOR, id="arbitrator-qiu")
SENIOR = Actor(role=Role.SENIOR_ARBITRATOR, id="senior-hao")
ARBITRATOR_MACHINE = ARBITRATOR.model_copy(update={"is_tool": True})
AUDITOR = Actor(role=Role.AUDITOR, id="auditor-he")
RULE_WRITER = Actor(role=Role.RULE_WRITER, id="writer-min")
PLATFORM_MACHINE = Actor(role=Role.PLATFORM, id="orders")
ADMIN = Actor(role=Role.ADMIN, id="admin")
EVERYONE = (
    *(BUYER, OTHER_BUYER, MERCHANT, OTHER_MERCHANT, ARBITRATOR, OTHER_ARBITRATOR, SENIOR, ARBITRATOR_MACHINE),
    *(Actor(role=role, id="somebody") for role in Role),
)

_COMMON = Path(__file__).parents[2] / "infrastructure" / "playbooks" / "common.yaml"


def hours(count: float) -> datetime:
    """The moment so many hours after the filing."""
    return FILED_AT + timedelta(hours=count)


def cny(minor: int) -> Money:
    return Money(minor=minor, currency="CNY")


def eur(minor: int) -> Money:
    return Money(minor=minor, currency="EUR")


def digest(of: str) -> str:
    return hashlib.sha256(of.encode()).hexdigest()


# --- playbooks


@cache
def common_source() -> str:
    return _COMMON.read_text(encoding="utf-8")


@cache
def as_json(source: str) -> str:
    return json.dumps(YAML(typ="safe", pure=True).load(source), ensure_ascii=False, default=str)


def read_playbook(source: str) -> Playbook:
    """The port PlaybookReader, as far as these tests need it."""
    return Playbook.model_validate_json(as_json(source))


def a_playbook(**changes: Any) -> Playbook:
    return _changed(json.dumps(changes, default=str))


@cache  # nothing changes a playbook, and to read one takes long
def _changed(changes: str) -> Playbook:
    return Playbook.model_validate_json(json.dumps(json.loads(as_json(common_source())) | json.loads(changes)))


def a_playbook_file(*, version: str = "2", platform: str = PLATFORM, remedies_start: str = "at_final") -> str:
    source = common_source().replace('version: "2"', f'version: "{version}"')
    source = source.replace("platform: common", f"platform: {platform}")
    return source.replace("remedies_start: at_final", f"remedies_start: {remedies_start}")


def undefaulted() -> str:
    """The file of a platform on which silence brings the platform in and decides nothing."""
    return common_source().partition("defaults:")[0]


def remedies_of(rule_for: str, **changes: Any) -> list[dict[str, Any]]:
    """The remedies of the common playbook, one of them changed."""
    remedies: list[dict[str, Any]] = json.loads(as_json(common_source()))["remedies"]
    return [one | changes if one["kind"] == rule_for else one for one in remedies]


def limits(**changes: int) -> dict[str, int]:
    common: dict[str, int] = json.loads(as_json(common_source()))["limits"]
    return common | changes


def reasons_with(*remedies: str) -> list[dict[str, Any]]:
    """The reasons of the common playbook, the first of them with these remedies alone."""
    first, *others = json.loads(as_json(common_source()))["reasons"]
    return [first | {"remedies": list(remedies)}, *others]


def a_published_playbook(source: str | None = None) -> PlaybookPublished:
    text = common_source() if source is None else source
    read = read_playbook(text)
    return PlaybookPublished(
        platform=read.platform,
        version=read.version,
        digest=digest_of(text),
        source=text,
        by=RULE_WRITER,
        at=hours(-100),
    )


# --- orders


def a_line(line: str, paid: Money) -> OrderLine:
    return OrderLine(id=line, title=f"果 {line}", quantity=1, paid=paid)


def an_order(**changes: Any) -> OrderSnapshot:
    """Mangoes (line 1) for CNY 39.80 and grapes (line 2) for CNY 20.01, freight CNY 6.00."""
    fields: dict[str, Any] = {
        "order_id": "order-1",
        "buyer": BUYER.id,
        "merchant": MERCHANT.id,
        "ordered_at": hours(-72),
        "listing": "树上熟芒果，不甜包赔",
        "lines": (a_line("1", cny(3980)), a_line("2", cny(2001))),
        "freight": cny(600),
    }
    return OrderSnapshot(**(fields | changes))


def a_registered_order(**changes: Any) -> OrderRegistered:
    snapshot = an_order(**changes)
    return OrderRegistered(
        platform=PLATFORM, snapshot=snapshot, digest=snapshot.digest(), by=PLATFORM_MACHINE, at=hours(-71)
    )


# --- disputes


def a_claim_asked(**changes: Any) -> Asked:
    """The mangoes are sour, the whole price back."""
    fields: dict[str, Any] = {
        "reason": "taste_or_freshness",
        "lines": ("1",),
        "remedy": RemedyKind.REFUND_ONLY,
        "statement": "芒果是酸的",
    }
    return Asked(**(fields | changes))


def two_claims_asked() -> tuple[Asked, Asked]:
    grapes = a_claim_asked(lines=("2",), remedy=RemedyKind.PARTIAL_REFUND, amount=cny(1000), statement="葡萄烂了一半")
    return a_claim_asked(), grapes


def a_filed_dispute(*asked: Asked, playbook: Playbook | None = None, **changes: Any) -> DisputeFiled:
    rules = playbook or a_playbook()
    facts: dict[str, Any] = {
        "number": "D-ABCDE-23456",
        "playbook_digest": digest("playbook"),
        "draw_commitment": COMMITMENT,
        "by": BUYER,
        "at": FILED_AT,
    } | changes
    order = facts.pop("order", None) or an_order()
    claims = intake.check_filing(order, rules, asked or (a_claim_asked(),), by=facts["by"])
    return intake.file_dispute(order, rules, claims=claims, **facts)


def a_notice_served(playbook: Playbook | None = None, at: datetime | None = None) -> NoticeServed:
    """The platform's channel delivered the notice, by default at once."""
    at = at or FILED_AT
    return NoticeServed(
        how=Service.DELIVERED,
        channel="app",
        reference="push-1",
        served_at=at,
        clock=(playbook or a_playbook()).start(ClockName.ANSWER, at),
        by=PLATFORM_MACHINE,
        at=at,
    )


def a_lapse(at: datetime, playbook: Playbook | None = None) -> ResponseLapsed:
    """The merchant, told at the filing, has not answered."""
    return ResponseLapsed(clock=a_notice_served(playbook).clock, at=at)


def a_response(answer: Answer = Answer.CONTEST) -> MerchantResponded:
    return MerchantResponded(answer=answer, statement="口味不是退款理由", by=MERCHANT, at=hours(2))


def a_claim_added(before: tuple[Event, ...] | None = None, line: str = "2") -> ClaimAdded:
    """The grapes are bad, too."""
    asked = a_claim_asked(lines=(line,), statement="葡萄也烂了")
    return intake.add_claim(fold(*(before or negotiating())), a_playbook(), asked, by=BUYER, at=hours(3))


def a_term(claim: str = "c1", amount: Money | None = None) -> Term:
    return Term(claim=claim, remedy=RemedyKind.PARTIAL_REFUND, amount=amount or cny(1500))


def an_offer(*terms: Term, by: Actor = MERCHANT, offer: str = "o1", counters: str | None = None) -> OfferMade:
    other = OTHER_SIDE[by.role]
    clock = a_playbook().start(ClockName.OFFER, hours(3), of=offer, whose=other)
    fields: dict[str, Any] = {"terms": terms or (a_term(),), "note": "赔您一部分", "counters": counters}
    return OfferMade(offer=offer, clock=clock, by=by, at=hours(3), **fields)


def a_settlement(*terms: Term) -> Settled:
    return Settled(offer="o1", terms=terms or (a_term(),), at=hours(4))


def an_escalation() -> Escalated:
    return Escalated(reason="谈不拢", by=BUYER, at=hours(5))


def an_intervention(by: Actor = ARBITRATOR) -> tuple[PlatformIntervened, CaseAssigned]:
    return PlatformIntervened(by=by, at=hours(6)), CaseAssigned(arbitrator=by, by=by, at=hours(6))


def a_file(content: str = "a photo") -> File:
    return File(digest=digest(content), media_type="image/jpeg", size_bytes=1000)


def an_exhibit(
    exhibit: str = "e1", *, content: str = "a photo", kind: str = "photo", by: Actor = BUYER, **changes: Any
) -> EvidenceSubmitted:
    fields: dict[str, Any] = {"file_name": "芒果.jpg", "shows": "切面发白", "by": by, "at": hours(1)} | changes
    return EvidenceSubmitted(exhibit=exhibit, kind=kind, file=a_file(content), **fields)


def a_request(*kinds: str, request: str = "q1", side: Side = Role.BUYER, number: int = 1) -> EvidenceRequested:
    """The arbitrator asks for a photo of the parcel."""
    return EvidenceRequested(
        request=request,
        round=number,
        side=side,
        kinds=kinds or ("parcel_photo",),
        why="请补拍外包装",
        clock=a_playbook().start(ClockName.EVIDENCE, hours(7), of=request, whose=side),
        by=ARBITRATOR,
        at=hours(7),
    )


def a_closed_round(*sides: Side, number: int = 1) -> EvidenceRoundClosed:
    return EvidenceRoundClosed(round=number, sides=sides or SIDES, by=ARBITRATOR, at=hours(8))


def a_remedy_sought(kind: RemedyKind = RemedyKind.REFUND_ONLY, minor: int | None = None) -> RemedySought:
    return RemedySought(remedy=kind, amount=None if minor is None else cny(minor))


def an_award_sought(
    remedy: RemedyKind | None = RemedyKind.REFUND_ONLY, amount: Money | None = None, **changes: Any
) -> AwardSought:
    """The claim is upheld by the promise, the whole price is returned."""
    fields: dict[str, Any] = {
        "claim": "c1",
        "finding": Finding.UPHELD,
        "facts": "页面承诺不甜包赔，照片显示果肉发白",
        "rules": ("COMMON-PROMISE-1",),
        "remedies": () if remedy is None else (RemedySought(remedy=remedy, amount=amount),),
    }
    return AwardSought(**(fields | changes))


def a_dismissal_sought(claim: str = "c1") -> AwardSought:
    return an_award_sought(claim=claim, finding=Finding.DISMISSED, rules=("COMMON-UNPROVED-1",), remedy=None)


def undetermined_sought(claim: str = "c1") -> AwardSought:
    """Both sides are credible, and nothing tells who is right."""
    return an_award_sought(
        claim=claim, finding=Finding.UNDETERMINED, facts="双方证据都可信，无法认定", rules=(), remedy=None
    )


def a_human_request(by: Actor = BUYER) -> HumanRequested:
    return HumanRequested(reason="请让人来看", by=by, at=hours(1))


def awaiting(*asked: Asked, playbook: Playbook | None = None) -> tuple[Event, ...]:
    return (a_filed_dispute(*asked, playbook=playbook),)


def served(*asked: Asked, playbook: Playbook | None = None) -> tuple[Event, ...]:
    return (*awaiting(*asked, playbook=playbook), a_notice_served(playbook))


def negotiating(*asked: Asked, playbook: Playbook | None = None) -> tuple[Event, ...]:
    return (*awaiting(*asked, playbook=playbook), a_response())


def under_review(*asked: Asked, playbook: Playbook | None = None) -> tuple[Event, ...]:
    return (*negotiating(*asked, playbook=playbook), an_escalation())


def taken_in_hand(*asked: Asked, playbook: Playbook | None = None) -> tuple[Event, ...]:
    return (*under_review(*asked, playbook=playbook), *an_intervention())


def a_ruling(
    *sought: AwardSought, before: tuple[Event, ...] | None = None, playbook: Playbook | None = None
) -> RulingConfirmed:
    dispute = fold(*(before or taken_in_hand()))
    rules, awards = playbook or a_playbook(), sought or (an_award_sought(),)
    return ruling.rule(dispute, rules, awards, "承诺应当兑现", by=ARBITRATOR, at=hours(7))


def decided(*sought: AwardSought, playbook: Playbook | None = None) -> tuple[Event, ...]:
    before = taken_in_hand(playbook=playbook)
    return (*before, a_ruling(*sought, before=before, playbook=playbook))


def a_default() -> DecidedByDefault:
    *_, decision = expire(fold(*served()), ClockName.ANSWER, hours(50))
    assert isinstance(decision, DecidedByDefault)
    return decision


def watched(minor: int = 1000, **changes: Any) -> Playbook:
    """The rules of a platform where more than CNY 10.00 needs a second arbitrator."""
    return a_playbook(four_eyes=[{"minor": minor, "currency": "CNY"}], **changes)


def a_proposal(*sought: AwardSought, before: tuple[Event, ...] | None = None) -> RulingProposed:
    """The usual ruling, which comes to more than one arbitrator may decide on the platform of `watched`."""
    dispute = fold(*(before or taken_in_hand()))
    proposed = proposal.propose_above(dispute, watched(), a_ruling(*sought, before=before))
    assert proposed is not None
    return proposed


def proposed(*sought: AwardSought) -> tuple[Event, ...]:
    return (*taken_in_hand(), a_proposal(*sought))


def a_correction(before: tuple[Event, ...] | None = None) -> RulingCorrected:
    """A slip of the pen in the reasons of the usual ruling."""
    words = ("承诺应当兑现。", "漏了句号")
    corrected = correction.correct(
        fold(*(before or decided())), a_playbook(), "r1", CorrectionKind.TYPING, (), *words, by=ARBITRATOR, at=hours(8)
    )
    return corrected[0]


def a_corrected_award(claim: str = "c1", **changes: Any) -> AwardCorrection:
    return AwardCorrection(claim=claim, **changes)


def an_appeal(by: Actor = MERCHANT, appeal: str = "a1", ruling: str = "r1") -> AppealFiled:
    return AppealFiled(
        appeal=appeal, ruling=ruling, ground=AppealGround.NEW_EVIDENCE, statement="找到了发货照片", by=by, at=hours(20)
    )


def a_hearing(by: Actor = OTHER_ARBITRATOR) -> tuple[AppealHeard, CaseAssigned]:
    return AppealHeard(appeal="a1", by=by, at=hours(30)), CaseAssigned(arbitrator=by, by=by, at=hours(30))


def ruled(*sought: AwardSought, playbook: Playbook) -> tuple[Event, ...]:
    """Decided, with what the decision orders at once."""
    *before, ruling = decided(*sought, playbook=playbook)
    return (*before, *disputes.decide(fold(*before), DISPUTE, cast("RulingConfirmed", ruling)))


def appealed(*sought: AwardSought, playbook: Playbook | None = None) -> tuple[Event, ...]:
    return (*ruled(*sought, playbook=playbook or a_playbook()), an_appeal())


def heard(*sought: AwardSought, playbook: Playbook | None = None) -> tuple[Event, ...]:
    """Another arbitrator has the appeal."""
    return (*appealed(*sought, playbook=playbook), *a_hearing())


def reversing(*sought: AwardSought, playbook: Playbook | None = None, at: datetime | None = None) -> Any:
    """What the arbitrator who hears the appeal does: decide anew, with all that follows."""

    def act(dispute: Dispute) -> tuple[DisputeEvent, ...]:
        rules, awards = playbook or a_playbook(), sought or (a_dismissal_sought(),)
        when = at or hours(40)
        end = appeal.reverse_ruling(dispute, rules, "a1", awards, "照片是真的", by=OTHER_ARBITRATOR, at=when)
        return disputes.reverse(dispute, rules, DISPUTE, end)

    return act


def a_reopening(by: Actor = SENIOR) -> Reopened:
    return Reopened(ground=ReopeningGround.FRAUD, reason="照片是别人的", by=by, at=hours(300))


def expire(dispute: Dispute, clock: str, at: datetime, playbook: Playbook | None = None) -> tuple[DisputeEvent, ...]:
    """What the sweeper asks for; the clock by its key."""
    return disputes.expire(dispute, playbook or a_playbook(), DISPUTE, *read_key(clock), by=SERVICE, at=at)

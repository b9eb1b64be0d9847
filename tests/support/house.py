"""The whole application on fakes: what a test does to it are the commands that anybody can send."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from application.case import Bookcase, Case, CaseReader
from application.commands.admission import AdmitEvidence, ChallengeEvidence, ExcludeEvidence
from application.commands.appeal import FileAppeal, RejectAppeal, ReverseRuling, UpholdRuling
from application.commands.chase import Chase
from application.commands.closing import Reopen, Withdraw
from application.commands.desk import Desk, DisputeCommand, Done
from application.commands.evidence import SubmitEvidence
from application.commands.goodwill import GiveGoodwill
from application.commands.hold import LiftLegalHold, PlaceLegalHold
from application.commands.intake import (
    AddClaim,
    FileDispute,
    RegisterOrder,
    Respond,
    add_claim,
    expire_clock,
    file_dispute,
    register_order,
)
from application.commands.link import LinkCase, link_case
from application.commands.negotiation import AcceptOffer, DeclineOffer, MakeOffer, SendMessage
from application.commands.note import AddNote
from application.commands.notice import OpenNotice, ReportNotice
from application.commands.pause import PauseClock, ResumeClock
from application.commands.playbook import PublishPlaybook, publish_playbook
from application.commands.recovery import ReportRecovery, WriteOffRecovery, report_recovery
from application.commands.remedy import ReportRefund, pay, report_refund
from application.commands.review import DeclareConflict, Escalate, Intervene, ReassignCase, ReleaseCase
from application.commands.rounds import CloseEvidenceRound, RequestEvidence
from application.commands.ruling import Rule
from application.policy import Caller
from application.ports import Payments
from domain.dispute.admission import ChallengeGround
from domain.dispute.appeal import AppealGround
from domain.dispute.closing import ReopeningGround
from domain.dispute.intake import Answer, Asked
from domain.dispute.link import LinkKind
from domain.dispute.note import NoteKind
from domain.dispute.outside import RefundSource
from domain.dispute.pause import PauseGround
from domain.dispute.review import ConflictGround
from domain.dispute.rounds import Side
from domain.intake.order import OrderSnapshot
from domain.kernel import Actor, Role
from domain.money import Money, Tender
from domain.remedy.payout import PayoutOrdered, PayoutState
from tests.support import builders
from tests.support.builders import (
    ARBITRATOR,
    AUDITOR,
    BUYER,
    MERCHANT,
    OTHER_ARBITRATOR,
    PLATFORM,
    PLATFORM_MACHINE,
    RULE_WRITER,
    SENIOR,
)
from tests.support.memory import FixedClock, MemoryEventStore, MemoryKeys, ScriptedPayments
from tests.support.run import Worker, run


def caller(actor: Actor, platform: str = PLATFORM) -> Caller:
    return Caller(actor, platform)


class House:
    """A platform at work; `key` of a command is its own name unless the test says otherwise."""

    def __init__(self, store: MemoryEventStore | None = None) -> None:
        self.store = store or MemoryEventStore()
        self.clock = FixedClock()
        self.keys = MemoryKeys()
        self.bookcase = Bookcase(self.store, builders.read_playbook)
        self.cases = CaseReader(self.store, self.bookcase)
        self.desk = Desk(store=self.store, clock=self.clock, cases=self.cases, bookcase=self.bookcase, keys=self.keys)

    # commands

    def publish(self, source: str | None = None, by: Actor = RULE_WRITER, **envelope: Any) -> Done:
        text = builders.common_source() if source is None else source
        fields = {"key": builders.digest(text), "platform": PLATFORM} | envelope
        who = caller(by, fields.pop("platform"))
        return run(publish_playbook(self.desk, PublishPlaybook(caller=who, source=text, **fields)))

    def register(self, snapshot: OrderSnapshot | None = None, by: Actor = PLATFORM_MACHINE) -> Done:
        command = RegisterOrder(caller=caller(by), snapshot=snapshot or builders.an_order())
        return run(register_order(self.desk, command))

    def file(self, *asked: Asked, by: Actor = BUYER, order: str = "order-1", key: str = "file", body: str = "") -> Done:
        claims = asked or (builders.a_claim_asked(),)
        command = FileDispute(caller=caller(by), key=key, order_id=order, claims=claims, body_digest=body)
        return run(file_dispute(self.desk, command))

    def claim(self, dispute: UUID, *, line: str = "2", by: Actor = BUYER, **changes: Any) -> Done:
        """The buyer adds a claim."""
        fields: dict[str, Any] = {"caller": caller(by), "key": "claim", "dispute": dispute} | changes
        asked = builders.a_claim_asked(lines=(line,), statement="葡萄也烂了")
        return run(add_claim(self.desk, AddClaim(asked=asked, **fields)))

    def do(self, command: DisputeCommand) -> Done:
        done = run(self.desk.on_dispute(command))
        if done.case is not None:  # what the house keeps in its head is what the log says
            assert done.case == run(CaseReader(self.store, self.bookcase).load(command.dispute, done.version))
        return done

    def opened(self, *asked: Asked, source: str | None = None) -> UUID:
        """A dispute, filed on a registered order under a published playbook."""
        self.publish(source)
        self.register()
        return self.file(*asked).stream

    def told(self, *asked: Asked, source: str | None = None) -> UUID:
        """The merchant is proved to know of it: its clock runs."""
        dispute = self.opened(*asked, source=source)
        self.do(report_notice(dispute))
        return dispute

    def contested(self, *asked: Asked, source: str | None = None) -> UUID:
        dispute = self.opened(*asked, source=source)
        self.do(respond(dispute))
        return dispute

    def in_hand(self, *asked: Asked, source: str | None = None) -> UUID:
        dispute = self.contested(*asked, source=source)
        self.do(escalate(dispute))
        self.do(intervene(dispute))
        return dispute

    def accepted(self, source: str | None = None) -> UUID:
        """The merchant gives in; what the buyer asked for is to be paid."""
        dispute = self.opened(source=source)
        self.do(respond(dispute, Answer.ACCEPT))
        return dispute

    def expire(self, dispute: UUID, clock: str) -> Done:
        case = self.case(dispute).dispute
        running = case.clocks.get(clock)
        due_at = case.paused.until if case.paused else running.due_at if running else self.clock.at
        return self.do(expire_clock(PLATFORM, dispute, clock, due_at))

    def pay(self, payments: Payments, payout: UUID, platform: str = PLATFORM) -> PayoutState:
        state: PayoutState = run(self.paying(payments, payout, platform))
        return state

    def paying(self, payments: Payments, payout: UUID, platform: str = PLATFORM) -> Any:
        return pay(self.desk, payments, platform, payout)

    def worker(self, payments: ScriptedPayments, payout: UUID) -> Worker[PayoutState]:
        return Worker(self.paying(payments, payout))

    def report(
        self, dispute: UUID, amount: Money, *, claim: str = "c1", reference: str = "t-1", **changes: Any
    ) -> Done:
        """The platform's machine reports money from outside."""
        fields: dict[str, Any] = {"caller": caller(PLATFORM_MACHINE), "key": f"report {reference}"} | changes
        source = fields.pop("source", RefundSource.MERCHANT_TRANSFER)
        command = ReportRefund(
            dispute=dispute, claim=claim, amount=amount, source=source, reference=reference, **fields
        )
        return run(report_refund(self.desk, command))

    def link(self, dispute: UUID, other: UUID, *, by: Actor = ARBITRATOR, **changes: Any) -> Done:
        fields: dict[str, Any] = {"caller": caller(by), "key": "link", "kind": LinkKind.RELATED} | changes
        return run(link_case(self.desk, LinkCase(dispute=dispute, other=other, reason="同一批", **fields)))

    def recover(self, dispute: UUID, amount: Money, *, reference: str = "back-1", **changes: Any) -> Done:
        """The platform's machine reports money that came back."""
        fields: dict[str, Any] = {"caller": caller(PLATFORM_MACHINE), "key": f"back {reference}"} | changes
        name = fields.pop("recovery", "v1")
        command = ReportRecovery(dispute=dispute, recovery=name, amount=amount, reference=reference, **fields)
        return run(report_recovery(self.desk, command))

    def appealed(self, source: str | None = None) -> UUID:
        """Decided, appealed by the merchant, taken by another arbitrator."""
        dispute = self.in_hand(source=source)
        self.do(rule(dispute))
        self.do(file_appeal(dispute))
        self.do(intervene(dispute, by=OTHER_ARBITRATOR, key="hear"))
        return dispute

    # sights

    def case(self, dispute: UUID) -> Case:
        found = run(self.cases.load(dispute))
        assert found is not None
        return found

    def topics(self, stream: UUID) -> list[str]:
        return [one.event.TOPIC.split(".")[1] for one in run(self.store.load(stream))]

    def payouts(self) -> list[UUID]:
        return [one.stream for one in self.store.log if isinstance(one.event, PayoutOrdered)]


def fields(dispute: UUID, by: Actor, key: str, envelope: dict[str, Any]) -> dict[str, Any]:
    return {"caller": caller(by), "key": key, "dispute": dispute} | envelope


def report_notice(dispute: UUID, *, by: Actor = PLATFORM_MACHINE, **envelope: Any) -> ReportNotice:
    changes = {"channel": "app", "reference": "push-1"} | envelope
    return ReportNotice(**fields(dispute, by, "notice", changes))


def open_notice(dispute: UUID, *, by: Actor = MERCHANT, **envelope: Any) -> OpenNotice:
    return OpenNotice(**fields(dispute, by, "open", envelope))


def pause_clock(dispute: UUID, hours: int, *, by: Actor = ARBITRATOR, **envelope: Any) -> PauseClock:
    return PauseClock(ground=PauseGround.OUTAGE, reason="故障", hours=hours, **fields(dispute, by, "pause", envelope))


def resume_clock(dispute: UUID, *, by: Actor = ARBITRATOR, **envelope: Any) -> ResumeClock:
    return ResumeClock(**fields(dispute, by, "resume", envelope))


def respond(dispute: UUID, answer: Answer = Answer.CONTEST, *, by: Actor = MERCHANT, **envelope: Any) -> Respond:
    return Respond(answer=answer, statement="口味不是退款理由", **fields(dispute, by, "respond", envelope))


def send_message(dispute: UUID, text: str = "在吗", *, by: Actor = BUYER, **envelope: Any) -> SendMessage:
    return SendMessage(text=text, **fields(dispute, by, "message", envelope))


def make_offer(dispute: UUID, *, by: Actor = MERCHANT, **envelope: Any) -> MakeOffer:
    terms = envelope.pop("terms", (builders.a_term(),))
    return MakeOffer(terms=terms, note="赔您一部分", **fields(dispute, by, "offer", envelope))


def accept_offer(dispute: UUID, offer: str = "o1", *, by: Actor = BUYER, **envelope: Any) -> AcceptOffer:
    return AcceptOffer(offer=offer, **fields(dispute, by, "accept", envelope))


def decline_offer(dispute: UUID, offer: str = "o1", *, by: Actor = BUYER, **envelope: Any) -> DeclineOffer:
    return DeclineOffer(offer=offer, reason="太少了", **fields(dispute, by, "decline", envelope))


def submit_evidence(dispute: UUID, content: str = "a photo", *, by: Actor = BUYER, **envelope: Any) -> SubmitEvidence:
    return SubmitEvidence(
        file=builders.a_file(content),
        kind="photo",
        file_name="芒果.jpg",
        shows="切面发白",
        **fields(dispute, by, "evidence", envelope),
    )


def escalate(dispute: UUID, *, by: Actor = BUYER, **envelope: Any) -> Escalate:
    return Escalate(reason="谈不拢", **fields(dispute, by, "escalate", envelope))


def intervene(dispute: UUID, *, by: Actor = ARBITRATOR, **envelope: Any) -> Intervene:
    return Intervene(**fields(dispute, by, "intervene", envelope))


def chase(dispute: UUID, *, by: Actor = BUYER, **envelope: Any) -> Chase:
    return Chase(text="还要多久", **fields(dispute, by, "chase", envelope))


def give_goodwill(
    dispute: UUID, minor: int = 500, tender: Tender = Tender.MONEY, *, by: Actor = MERCHANT, **envelope: Any
) -> GiveGoodwill:
    what: dict[str, Any] = {"amount": builders.cny(minor), "tender": tender, "why": "一点心意"}
    return GiveGoodwill(**what, **fields(dispute, by, "goodwill", envelope))


def request_evidence(
    dispute: UUID, *kinds: str, side: Side = Role.BUYER, by: Actor = ARBITRATOR, **envelope: Any
) -> RequestEvidence:
    return RequestEvidence(side=side, kinds=kinds, why="请补充", **fields(dispute, by, "request", envelope))


def close_evidence_round(dispute: UUID, *, by: Actor = ARBITRATOR, **envelope: Any) -> CloseEvidenceRound:
    return CloseEvidenceRound(**fields(dispute, by, "close round", envelope))


def challenge_evidence(
    dispute: UUID, exhibit: str = "e1", *, by: Actor = MERCHANT, **envelope: Any
) -> ChallengeEvidence:
    ground = ChallengeGround.AUTHENTICITY
    about = fields(dispute, by, "challenge", envelope)
    return ChallengeEvidence(exhibit=exhibit, ground=ground, statement="不是这箱", **about)


def admit_evidence(dispute: UUID, exhibit: str = "e1", *, by: Actor = ARBITRATOR, **envelope: Any) -> AdmitEvidence:
    return AdmitEvidence(exhibit=exhibit, reason="情有可原", **fields(dispute, by, "admit", envelope))


def exclude_evidence(dispute: UUID, exhibit: str = "e1", *, by: Actor = ARBITRATOR, **envelope: Any) -> ExcludeEvidence:
    return ExcludeEvidence(exhibit=exhibit, reason="与本案无关", **fields(dispute, by, "exclude", envelope))


def release_case(dispute: UUID, *, by: Actor = ARBITRATOR, **envelope: Any) -> ReleaseCase:
    return ReleaseCase(reason="休假", **fields(dispute, by, "release", envelope))


def reassign_case(dispute: UUID, to: Actor, *, by: Actor = SENIOR, **envelope: Any) -> ReassignCase:
    return ReassignCase(to=to, reason="分担", **fields(dispute, by, "reassign", envelope))


def declare_conflict(dispute: UUID, *, by: Actor = ARBITRATOR, **envelope: Any) -> DeclareConflict:
    ground = ConflictGround.KNOWS_PARTY
    return DeclareConflict(ground=ground, reason="认识店主", **fields(dispute, by, "conflict", envelope))


def add_note(dispute: UUID, kind: NoteKind = NoteKind.INTERNAL, *, by: Actor = ARBITRATOR, **envelope: Any) -> AddNote:
    return AddNote(kind=kind, text="已核对", **fields(dispute, by, "note", envelope))


def place_legal_hold(dispute: UUID, *, by: Actor = AUDITOR, **envelope: Any) -> PlaceLegalHold:
    return PlaceLegalHold(reason="法院调卷", **fields(dispute, by, "hold", envelope))


def lift_legal_hold(dispute: UUID, *, by: Actor = AUDITOR, **envelope: Any) -> LiftLegalHold:
    return LiftLegalHold(reason="已结案", **fields(dispute, by, "lift", envelope))


def rule(dispute: UUID, *sought: Any, by: Actor = ARBITRATOR, **envelope: Any) -> Rule:
    awards = sought or (builders.an_award_sought(),)
    return Rule(awards=awards, reasons="承诺应当兑现", **fields(dispute, by, "rule", envelope))


def file_appeal(dispute: UUID, *, by: Actor = MERCHANT, **envelope: Any) -> FileAppeal:
    ground = AppealGround.NEW_EVIDENCE
    return FileAppeal(ground=ground, statement="找到了发货照片", **fields(dispute, by, "appeal", envelope))


def reject_appeal(dispute: UUID, *, by: Actor = OTHER_ARBITRATOR, **envelope: Any) -> RejectAppeal:
    return RejectAppeal(appeal="a1", reason="没有理由", **fields(dispute, by, "reject", envelope))


def uphold_ruling(dispute: UUID, *, by: Actor = OTHER_ARBITRATOR, **envelope: Any) -> UpholdRuling:
    return UpholdRuling(appeal="a1", reasons="没有错", **fields(dispute, by, "uphold", envelope))


def reverse_ruling(dispute: UUID, *sought: Any, by: Actor = OTHER_ARBITRATOR, **envelope: Any) -> ReverseRuling:
    awards = sought or (builders.a_dismissal_sought(),)
    return ReverseRuling(appeal="a1", awards=awards, reasons="照片是真的", **fields(dispute, by, "reverse", envelope))


def write_off_recovery(dispute: UUID, *, by: Actor = SENIOR, **envelope: Any) -> WriteOffRecovery:
    return WriteOffRecovery(recovery="v1", reason="账号已注销", **fields(dispute, by, "write off", envelope))


def withdraw(dispute: UUID, *, by: Actor = BUYER, **envelope: Any) -> Withdraw:
    return Withdraw(reason="不争了", **fields(dispute, by, "withdraw", envelope))


def reopen(
    dispute: UUID, *, ground: ReopeningGround = ReopeningGround.FRAUD, by: Actor = SENIOR, **envelope: Any
) -> Reopen:
    return Reopen(ground=ground, reason="照片是别人的", **fields(dispute, by, "reopen", envelope))

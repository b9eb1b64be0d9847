"""What an answer about a case is made of; `viewing.py` fills it for a caller."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from domain.calendars import Pause
from domain.dispute.award import Award
from domain.dispute.negotiation import Term
from domain.dispute.provenance import ProvenanceCode
from domain.intake.order import OrderSnapshot
from domain.kernel import Role
from domain.money import Money


class ClaimAnswer(BaseModel):
    """A claim: what for, what is asked; `added_at` where it was not in the filing."""

    id: str
    nature: str
    reason: str
    reason_title: str
    lines: list[str]
    paid: Money
    remedy: str
    asked: Money
    statement: str
    added_at: datetime | None = None
    compensated: Money | None = None
    refunded_outside: Money | None = None
    overpaid: Money | None = None


class NoticeAnswer(BaseModel):
    """What became of the notice to the merchant; its clock runs from `recorded_at` on."""

    how: str
    channel: str
    served_at: datetime
    recorded_at: datetime


class BounceAnswer(BaseModel):
    """A notice that did not arrive."""

    channel: str
    why: str
    at: datetime


class ResponseAnswer(BaseModel):
    """How the merchant answered."""

    answer: str
    statement: str
    at: datetime


class MessageAnswer(BaseModel):
    """A message of a party."""

    side: Role
    text: str
    at: datetime


class ChaseAnswer(BaseModel):
    """A reminder of a party."""

    side: Role
    text: str | None = None
    at: datetime


class NoteAnswer(BaseModel):
    """A note of an arbitrator; internal ones are for the platform's own people."""

    kind: str
    text: str
    arbitrator: str | None = None
    at: datetime


class LinkAnswer(BaseModel):
    """Another case that belongs with this one, as noted in this one."""

    dispute: UUID
    kind: str
    reason: str
    at: datetime
    href: str


class ConflictAnswer(BaseModel):
    """An arbitrator who may not hear the case."""

    arbitrator: str
    ground: str
    reason: str
    at: datetime


class LegalHoldAnswer(BaseModel):
    """The legal hold that the case is under."""

    auditor: str
    reason: str
    at: datetime


class OfferAnswer(BaseModel):
    """An offer and what became of it; `counters` is the offer that it answers."""

    id: str
    side: Role
    state: str
    counters: str | None = None
    terms: list[Term]
    note: str
    at: datetime


class ChallengeAnswer(BaseModel):
    """What the other side says against an exhibit."""

    side: Role
    ground: str
    statement: str
    at: datetime


class ExhibitDecisionAnswer(BaseModel):
    """What an arbitrator decided last of an exhibit: admitted, or else excluded, with the reason."""

    admitted: bool
    reason: str
    at: datetime


class ProvenanceAnswer(BaseModel):
    """What an exhibit's file itself tells of where it comes from, unverified; it decides nothing."""

    code: ProvenanceCode
    count: int | None = None


class ExhibitAnswer(BaseModel):
    """An exhibit: `view` its picture, `href` the original for who may have it; rulings rely on the `considered`."""

    id: str
    side: Role
    kind: str
    media_type: str
    size_bytes: int
    digest: str
    file_name: str
    shows: str
    at: datetime
    href: str | None = None
    view: str | None = None
    request: str | None = None
    late: bool
    considered: bool
    decided: ExhibitDecisionAnswer | None = None
    provenance: list[ProvenanceAnswer] | None = None
    challenges: list[ChallengeAnswer]


class EvidenceRequestAnswer(BaseModel):
    """What an arbitrator asked a side to show, until when, and what became of it."""

    id: str
    round: int
    side: Role
    kinds: list[str]
    why: str
    state: str
    at: datetime
    due_at: datetime


class RoundAnswer(BaseModel):
    """The evidence round: what a side shows is in time while it is open for that side, and late afterwards."""

    number: int
    open_for: list[Role]


class EscalationAnswer(BaseModel):
    """Who called the platform, and why."""

    side: Role
    reason: str
    at: datetime


class ClockAnswer(BaseModel):
    """A running clock: whose it is, what it runs for where there may be several, and what silence does."""

    name: str
    of: str | None = None
    whose: list[Role]
    hours: int
    calendar: str
    started_at: datetime
    due_at: datetime
    pauses: list[Pause]
    on_silence: str
    paused_until: datetime | None = None


class DefaultProofAnswer(BaseModel):
    """Why silence could decide: how it is known that the merchant was told, and the clock that ran out."""

    rule: str
    how: str
    channel: str
    reference: str | None = None
    served_at: datetime
    clock: ClockAnswer
    lapsed_at: datetime


class CorrectionAnswer(BaseModel):
    """A slip in a ruling that was put right: of which kind, why, and when."""

    ruling: str
    kind: str
    why: str
    at: datetime


class RulingAnswer(BaseModel):
    """The decision on every claim as it reads now, each amount with its derivation; `proof` of a silence behind it."""

    id: str
    awards: list[Award]
    reasons: str
    proof: DefaultProofAnswer | None = None
    by: str | None = None
    proposed_by: str | None = None
    corrections: list[CorrectionAnswer]
    at: datetime
    appeal_until: datetime | None = None
    final_at: datetime | None = None


class AppealAnswer(BaseModel):
    """An appeal of a ruling and what became of it; `reasons` once it is decided."""

    id: str
    side: Role
    ruling: str
    ground: str
    statement: str
    state: str
    reasons: str | None = None
    at: datetime
    decided_at: datetime | None = None


class ProposalAnswer(BaseModel):
    """A ruling that waits for another to confirm it: above `limit`, or, with the `proof`, instead of a silence.

    On `appeal` it reverses the ruling that was appealed.
    """

    id: str
    awards: list[Award]
    reasons: str
    total: Money
    limit: Money | None = None
    appeal: str | None = None
    proof: DefaultProofAnswer | None = None
    by: str
    at: datetime


class ReturnAnswer(BaseModel):
    """A proposed ruling that was sent back, and why."""

    id: str
    reason: str
    by: str
    at: datetime


class HumanRequestAnswer(BaseModel):
    """Who asked that a person decide, and why where that was said."""

    side: Role
    reason: str | None = None
    at: datetime


class SettlementAnswer(BaseModel):
    """What the parties agreed."""

    offer: str | None = None
    terms: list[Term]
    at: datetime


class TryAnswer(BaseModel):
    """An attempt to pay: how it stands, and since when."""

    number: int
    state: str
    at: datetime


class RemedyAnswer(BaseModel):
    """A remedy line and how far its payment has come; `amount` is to be paid in `tender`, `credited` is had already."""

    line: str
    claim: str
    remedy: str
    payer: Role
    payee: Role
    amount: Money
    tender: str
    credited: Money | None = None
    stopped_at: datetime | None = None
    payout: UUID
    state: str
    attempts: int
    tries: list[TryAnswer]
    reference: str | None = None
    reason: str | None = None


class RefundAnswer(BaseModel):
    """Money that the buyer got outside, as the platform reported it."""

    claim: str
    amount: Money
    source: str
    at: datetime
    reference: str | None = None


class WriteOffAnswer(BaseModel):
    """What nobody will collect, and why."""

    amount: Money
    reason: str
    at: datetime


class RecoveryAnswer(BaseModel):
    """Money that was paid for a line and is to come back; `left` is what has not and was not written off."""

    id: str
    line: str
    claim: str
    payer: Role
    payee: Role
    amount: Money
    left: Money
    written_off: WriteOffAnswer | None = None
    at: datetime
    references: list[str] = []


class GoodwillAnswer(BaseModel):
    """What the buyer was given beside all that is claimed, and how far it has come; it counts towards nothing."""

    line: str
    payer: Role
    payee: Role
    amount: Money
    tender: str
    why: str
    at: datetime
    payout: UUID
    state: str
    attempts: int
    tries: list[TryAnswer]
    reference: str | None = None
    reason: str | None = None


class WithdrawalAnswer(BaseModel):
    """Why the buyer claims nothing more."""

    reason: str
    at: datetime


class EarlierEndAnswer(BaseModel):
    """How the case ended before it was opened again, and why it was."""

    outcome: str
    closed_at: datetime
    settled: SettlementAnswer | None = None
    ground: str
    reason: str
    reopened_at: datetime


class MissingAnswer(BaseModel):
    """Evidence that is still asked for: by the rules for a claim, or by an arbitrator's request."""

    claim: str | None = None
    request: str | None = None
    who: Role
    kind: str
    sentence: str


class NextAction(BaseModel):
    """Something the caller may do now; `until` and `on_silence` where a clock of the caller runs."""

    name: str = Field(examples=["respond"])
    method: str = Field(examples=["POST"])
    href: str = Field(examples=["/v1/disputes/6f0f…/responses"])
    until: datetime | None = None
    on_silence: str | None = None


class PinnedPlaybook(BaseModel):
    """The version of the rules to which the case is pinned."""

    version: str
    digest: str


class CaseAnswer(BaseModel):
    """A case as the caller may see it, at one version of its stream."""

    id: UUID
    number: str
    platform: str
    stage: str
    version: int
    filed_at: datetime
    playbook: PinnedPlaybook
    custody: str
    draw_commitment: str
    order: OrderSnapshot
    claims: list[ClaimAnswer]
    notice: NoticeAnswer | None = None
    bounces: list[BounceAnswer]
    response: ResponseAnswer | None = None
    response_lapsed_at: datetime | None = None
    messages: list[MessageAnswer]
    offers: list[OfferAnswer]
    goodwill: list[GoodwillAnswer] = []
    chases: list[ChaseAnswer] = []
    notes: list[NoteAnswer] = []
    links: list[LinkAnswer] = []
    conflicts: list[ConflictAnswer] = []
    legal_hold: LegalHoldAnswer | None = None
    exhibits: list[ExhibitAnswer]
    evidence_round: RoundAnswer
    evidence_requests: list[EvidenceRequestAnswer]
    escalation: EscalationAnswer | None = None
    intervened_at: datetime | None = None
    arbitrator: str | None = None
    human_request: HumanRequestAnswer | None = None
    proposal: ProposalAnswer | None = None
    returned: ReturnAnswer | None = None
    ruling: RulingAnswer | None = None
    earlier_rulings: list[RulingAnswer] = []
    appeals: list[AppealAnswer] = []
    settled: SettlementAnswer | None = None
    remedies: list[RemedyAnswer]
    external_refunds: list[RefundAnswer] = []
    recoveries: list[RecoveryAnswer] = []
    withdrawal: WithdrawalAnswer | None = None
    earlier_ends: list[EarlierEndAnswer] = []
    clocks: list[ClockAnswer]
    missing: list[MissingAnswer]
    next_actions: list[NextAction]
    outcome: str | None = None
    closed_at: datetime | None = None
    as_of: datetime | None = None

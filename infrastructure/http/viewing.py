"""A case as a caller sees it: the same stage for everybody, only the fields it may see, what it may do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from application.policy import Caller, allows, sees, sees_provenance
from domain.dispute.actions import Possible, next_actions, until
from domain.dispute.admission import EvidenceAdmitted, is_considered
from domain.dispute.appeal import AppealRejected
from domain.dispute.evidence import missing, sees_original
from domain.dispute.rounds import SIDES, is_open_for, owed, state_of
from infrastructure.http import noted
from infrastructure.http.answers import (
    AppealAnswer,
    BounceAnswer,
    CaseAnswer,
    ChallengeAnswer,
    ChaseAnswer,
    ClaimAnswer,
    EarlierEndAnswer,
    EscalationAnswer,
    EvidenceRequestAnswer,
    ExhibitAnswer,
    ExhibitDecisionAnswer,
    GoodwillAnswer,
    HumanRequestAnswer,
    MessageAnswer,
    MissingAnswer,
    NextAction,
    NoticeAnswer,
    OfferAnswer,
    PinnedPlaybook,
    ProvenanceAnswer,
    RecoveryAnswer,
    RefundAnswer,
    RemedyAnswer,
    ResponseAnswer,
    RoundAnswer,
    SettlementAnswer,
    TryAnswer,
    WithdrawalAnswer,
    WriteOffAnswer,
)
from infrastructure.http.decisions import clock_answer, proposal_answer, return_answer, ruling_answer
from infrastructure.http.language import Language, chosen

if TYPE_CHECKING:
    from application.case import Case
    from domain.dispute.admission import EvidenceExcluded
    from domain.dispute.negotiation import Settled

HREFS = {
    "report_notice": "notices",
    "add_claim": "claims",
    "respond": "responses",
    "send_message": "messages",
    "make_offer": "offers",
    "accept_offer": "offers/{of}/acceptance",
    "decline_offer": "offers/{of}/refusal",
    "give_goodwill": "goodwill",
    "chase": "chases",
    "submit_evidence": "evidence",
    "request_evidence": "evidence-requests",
    "close_evidence_round": "evidence-rounds/closing",
    "challenge_evidence": "evidence/{of}/challenges",
    "admit_evidence": "evidence/{of}/admission",
    "exclude_evidence": "evidence/{of}/exclusion",
    "escalate": "escalations",
    "intervene": "interventions",
    "release_case": "releases",
    "reassign_case": "assignments",
    "declare_conflict": "conflicts",
    "add_note": "notes",
    "link_case": "links",
    "place_legal_hold": "legal-holds",
    "lift_legal_hold": "legal-holds/lifting",
    "pause_clock": "pauses",
    "resume_clock": "resumptions",
    "rule": "rulings",
    "confirm_ruling": "rulings/{of}/confirmation",
    "return_ruling": "rulings/{of}/return",
    "correct_ruling": "rulings/{of}/corrections",
    "request_human": "human-request",
    "file_appeal": "appeals",
    "reject_appeal": "appeals/{of}/rejection",
    "uphold_ruling": "appeals/{of}/upholding",
    "reverse_ruling": "appeals/{of}/reversal",
    "report_recovery": "recoveries",
    "write_off_recovery": "recoveries/{of}/write-off",
    "withdraw": "withdrawal",
    "reopen": "reopenings",
}


def case_answer(case: Case, caller: Caller, language: Language, *, past: bool = False) -> CaseAnswer:
    """What this caller sees of the case; a past state offers nothing to do."""
    dispute, filed = case.dispute, case.dispute.intake.filed
    base = f"/v1/disputes/{case.id}"
    response, escalated = dispute.intake.response, dispute.review.escalated
    served, withdrawn, human = dispute.intake.served, dispute.closing.withdrawn, dispute.human
    arbitrator, closed, lapsed = dispute.review.arbitrator, dispute.ended, dispute.intake.lapsed
    return CaseAnswer(
        id=case.id,
        number=filed.number,
        platform=filed.platform,
        stage=dispute.stage,
        version=case.version,
        filed_at=filed.at,
        playbook=PinnedPlaybook(version=filed.playbook_version, digest=filed.playbook_digest),
        custody=chosen(filed.custody, language),
        draw_commitment=filed.draw_commitment,
        order=filed.order,
        claims=_claims(case, language),
        notice=NoticeAnswer(how=served.how, channel=served.channel, served_at=served.served_at, recorded_at=served.at)
        if served
        else None,
        bounces=[BounceAnswer(channel=one.channel, why=one.why, at=one.at) for one in dispute.intake.bounced],
        response=ResponseAnswer(answer=response.answer, statement=response.statement, at=response.at)
        if response
        else None,
        response_lapsed_at=lapsed.at if lapsed else None,
        messages=[
            MessageAnswer(side=message.by.role, text=message.text, at=message.at)
            for message in dispute.negotiation.messages
        ],
        offers=[
            OfferAnswer(
                id=offer.made.offer,
                side=offer.side,
                state=offer.state,
                counters=offer.made.counters,
                terms=list(offer.made.terms),
                note=offer.made.note,
                at=offer.made.at,
            )
            for offer in dispute.negotiation.offers
        ],
        exhibits=_exhibits(case, caller, base),
        goodwill=_goodwill(case, caller),
        chases=[ChaseAnswer(side=one.by.role, text=one.text, at=one.at) for one in dispute.chases],
        notes=noted.notes(case, caller),
        links=noted.links(case, caller),
        conflicts=noted.conflicts(case, caller),
        legal_hold=noted.legal_hold(case, caller),
        escalation=EscalationAnswer(side=escalated.by.role, reason=escalated.reason, at=escalated.at)
        if escalated
        else None,
        intervened_at=dispute.review.intervened.at if dispute.review.intervened else None,
        arbitrator=arbitrator.id if arbitrator and sees("arbitrator", caller.actor.role) else None,
        human_request=HumanRequestAnswer(side=human.by.role, reason=human.reason, at=human.at) if human else None,
        proposal=proposal_answer(case, caller, language),
        returned=return_answer(case, caller),
        ruling=ruling_answer(case, decision, caller, language) if (decision := dispute.ruling.decision) else None,
        earlier_rulings=[ruling_answer(case, one, caller, language) for one in dispute.ruling.decisions[:-1]],
        appeals=_appeals(case),
        settled=_settled(dispute.negotiation.settled),
        remedies=_remedies(case, caller),
        external_refunds=_refunds(case, caller),
        recoveries=_recoveries(case, caller),
        withdrawal=WithdrawalAnswer(reason=withdrawn.reason, at=withdrawn.at) if withdrawn else None,
        earlier_ends=_earlier_ends(case),
        clocks=[
            clock_answer(clock, language, dispute.paused if dispute.stands_still(clock) else None)
            for clock in sorted(dispute.clocks.values(), key=lambda clock: clock.due_at)
        ],
        evidence_round=RoundAnswer(
            number=dispute.rounds.number, open_for=[side for side in SIDES if is_open_for(dispute, side)]
        ),
        evidence_requests=_requests(case),
        missing=_missing(case, language),
        next_actions=[] if past else _next_actions(case, caller, base, language),
        outcome=closed.outcome if closed else None,
        closed_at=closed.at if closed else None,
        as_of=case.last_at if past else None,
    )


def _claims(case: Case, language: Language) -> list[ClaimAnswer]:
    answers = []
    added = {one.claim.id: one.at for one in case.dispute.intake.added}
    for claim in case.dispute.intake.claims:
        reason = case.playbook.reason(claim.reason)
        remedy = case.dispute.remedy
        compensated = remedy.compensated.get(claim.id)
        refunded = remedy.refunded(claim.id, claim.paid.currency)
        overpaid = remedy.overpaid(claim.id, claim.paid.currency)
        answers.append(
            ClaimAnswer(
                id=claim.id,
                nature=claim.nature,
                reason=claim.reason,
                reason_title=chosen(reason.title, language) if reason else claim.reason,
                lines=list(claim.lines),
                paid=claim.paid,
                remedy=claim.remedy,
                asked=claim.asked,
                statement=claim.statement,
                added_at=added.get(claim.id),
                compensated=compensated.paid if compensated else None,
                refunded_outside=refunded if refunded.minor else None,
                overpaid=overpaid if overpaid.minor else None,
            )
        )
    return answers


def _missing(case: Case, language: Language) -> list[MissingAnswer]:
    """What the rules ask for, then what an arbitrator asked for and there is time to show."""
    by_rule = [
        MissingAnswer(
            claim=one.claim, who=one.need.who, kind=one.need.kind, sentence=chosen(one.need.sentence, language)
        )
        for one in missing(case.dispute, case.playbook)
    ]
    return by_rule + [
        MissingAnswer(request=one.request.request, who=one.request.side, kind=one.kind, sentence=one.request.why)
        for one in owed(case.dispute)
    ]


def _requests(case: Case) -> list[EvidenceRequestAnswer]:
    return [
        EvidenceRequestAnswer(
            id=one.request,
            round=one.round,
            side=one.side,
            kinds=list(one.kinds),
            why=one.why,
            state=state_of(case.dispute, one),
            at=one.at,
            due_at=case.dispute.clocks.get(one.clock.key, one.clock).due_at,
        )
        for one in case.dispute.rounds.requests
    ]


def _exhibits(case: Case, caller: Caller, base: str) -> list[ExhibitAnswer]:
    admission = case.dispute.admission
    may_look = allows("see_exhibit", caller, case.platform, case.dispute)
    return [
        ExhibitAnswer(
            id=one.exhibit,
            side=one.by.role,
            kind=one.kind,
            media_type=one.file.media_type,
            size_bytes=one.file.size_bytes,
            digest=one.file.digest,
            file_name=one.file_name,
            shows=one.shows,
            at=one.at,
            href=f"{base}/evidence/{one.exhibit}"
            if may_look and sees_original(case.dispute, one, caller.actor)
            else None,
            view=f"{base}/evidence/{one.exhibit}/view" if may_look and one.file.has_view else None,
            request=one.request,
            late=one.late,
            considered=is_considered(case.dispute, one),
            decided=_decided_on(admission.decided.get(one.exhibit)),
            provenance=[ProvenanceAnswer(code=found.code, count=found.count) for found in one.provenance]
            if sees_provenance(one, caller.actor.role)
            else None,
            challenges=[
                ChallengeAnswer(side=against.by.role, ground=against.ground, statement=against.statement, at=against.at)
                for against in admission.challenges
                if against.exhibit == one.exhibit
            ],
        )
        for one in case.dispute.evidence.exhibits
    ]


def _decided_on(decided: EvidenceAdmitted | EvidenceExcluded | None) -> ExhibitDecisionAnswer | None:
    if decided is None:
        return None
    return ExhibitDecisionAnswer(admitted=isinstance(decided, EvidenceAdmitted), reason=decided.reason, at=decided.at)


def _appeals(case: Case) -> list[AppealAnswer]:
    answers = []
    for one in case.dispute.appeal.filed:
        end = one.end
        answers.append(
            AppealAnswer(
                id=one.filed.appeal,
                side=one.filed.by.role,
                ruling=one.filed.ruling,
                ground=one.filed.ground,
                statement=one.filed.statement,
                state=one.state,
                reasons=(end.reason if isinstance(end, AppealRejected) else end.reasons) if end else None,
                at=one.filed.at,
                decided_at=end.at if end else None,
            )
        )
    return answers


def _settled(settled: Settled | None) -> SettlementAnswer | None:
    return SettlementAnswer(offer=settled.offer, terms=list(settled.terms), at=settled.at) if settled else None


def _earlier_ends(case: Case) -> list[EarlierEndAnswer]:
    return [
        EarlierEndAnswer(
            outcome=one.closed.outcome,
            closed_at=one.closed.at,
            settled=_settled(one.settled),
            ground=one.reopened.ground,
            reason=one.reopened.reason,
            reopened_at=one.reopened.at,
        )
        for one in case.dispute.closing.earlier
        if one.closed
    ]


def _remedies(case: Case, caller: Caller) -> list[RemedyAnswer]:
    answers = []
    for line, ordered in case.dispute.remedy.ordered.items():
        answers.append(
            RemedyAnswer(
                line=line,
                claim=ordered.claim,
                remedy=ordered.remedy,
                payer=ordered.payer,
                payee=ordered.payee,
                amount=ordered.amount,
                tender=ordered.remedy.tender,
                credited=ordered.credited if ordered.credited.minor else None,
                stopped_at=stopped.at if (stopped := case.dispute.remedy.stopped.get(line)) else None,
                payout=ordered.payout,
                **_money(case, caller, line),
            )
        )
    return answers


def _goodwill(case: Case, caller: Caller) -> list[GoodwillAnswer]:
    return [
        GoodwillAnswer(
            line=line,
            payer=one.given.payer,
            payee=one.given.payee,
            amount=one.given.amount,
            tender=one.given.tender,
            why=one.given.why,
            at=one.given.at,
            payout=one.given.payout,
            **_money(case, caller, line),
        )
        for line, one in case.dispute.goodwill.items()
    ]


def _money(case: Case, caller: Caller, line: str) -> dict[str, Any]:
    """How far the money of a line has come, as the caller may see it."""
    payout, role = case.payouts.get(line), caller.actor.role
    return {
        "state": case.payout_state(line),
        "attempts": payout.attempts if payout else 0,
        "tries": [TryAnswer(number=one.number, state=one.state, at=one.at) for one in payout.tries] if payout else [],
        "reference": payout.reference if payout and sees("payment_reference", role) else None,
        "reason": payout.reason if payout and sees("payment_reason", role) else None,
    }


def _refunds(case: Case, caller: Caller) -> list[RefundAnswer]:
    return [
        RefundAnswer(
            claim=one.claim,
            amount=one.amount,
            source=one.source,
            at=one.at,
            reference=one.reference if sees("payment_reference", caller.actor.role) else None,
        )
        for one in case.dispute.remedy.external
    ]


def _recoveries(case: Case, caller: Caller) -> list[RecoveryAnswer]:
    named = sees("payment_reference", caller.actor.role)
    return [
        RecoveryAnswer(
            id=one.ordered.recovery,
            line=one.ordered.line,
            claim=one.ordered.claim,
            payer=one.ordered.payer,
            payee=one.ordered.payee,
            amount=one.ordered.amount,
            left=one.left,
            written_off=WriteOffAnswer(amount=off.amount, reason=off.reason, at=off.at)
            if (off := one.written_off)
            else None,
            at=one.ordered.at,
            references=[told.reference for told in one.reported] if named else [],
        )
        for one in case.dispute.remedy.recoveries.values()
    ]


def _next_actions(case: Case, caller: Caller, base: str, language: Language) -> list[NextAction]:
    return [
        NextAction(
            name=one.action,
            method="POST",
            href=href(base, one),
            until=clock.due_at if clock else None,
            on_silence=chosen(clock.on_silence, language) if clock else None,
        )
        for one in next_actions(case.dispute, case.playbook, caller.actor)
        for clock in (until(case.dispute, one, caller.actor),)
        if allows(one.action, caller, case.platform, case.dispute)
    ]


def href(base: str, possible: Possible) -> str:
    """Where an action is sent."""
    return f"{base}/{HREFS[possible.action].format(of=possible.of)}"

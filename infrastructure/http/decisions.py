"""What a caller sees of proposals and rulings; `viewing.py` puts it into the case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from application.policy import Caller, sees
from domain.dispute.award import Award
from domain.dispute.ruling import DecidedByDefault, Decision, DefaultAward, DefaultProof
from domain.playbook.playbook import Finding
from infrastructure.http.answers import (
    ClockAnswer,
    CorrectionAnswer,
    DefaultProofAnswer,
    ProposalAnswer,
    ReturnAnswer,
    RulingAnswer,
)
from infrastructure.http.language import chosen

if TYPE_CHECKING:
    from application.case import Case
    from domain.calendars import Clock
    from domain.dispute.pause import ClockPaused
    from infrastructure.http.language import Language


def proposal_answer(case: Case, caller: Caller, language: Language) -> ProposalAnswer | None:
    """The ruling that waits for another to confirm it; parties learn what is decided, not what is proposed."""
    proposal = case.dispute.ruling.proposal
    if proposal is None or not sees("proposal", caller.actor.role):
        return None
    return ProposalAnswer(
        id=proposal.ruling,
        awards=[_said(case, one, language) for one in proposal.awards],
        reasons=_sentence(case, proposal.reasons, language),
        total=proposal.total,
        limit=proposal.limit,
        appeal=proposal.appeal,
        proof=_proof(proposal.proof, proposal.awards[0].rules[0], language) if proposal.proof else None,
        by=proposal.by.id,
        at=proposal.at,
    )


def return_answer(case: Case, caller: Caller) -> ReturnAnswer | None:
    """The proposal that was sent back last, until there is a decision."""
    returned = case.dispute.ruling.returned
    if returned is None or not sees("proposal", caller.actor.role):
        return None
    return ReturnAnswer(id=returned.ruling, reason=returned.reason, by=returned.by.id, at=returned.at)


def ruling_answer(case: Case, decision: Decision, caller: Caller, language: Language) -> RulingAnswer:
    """A decision as it reads now."""
    final, named = case.dispute.ruling.final, sees("arbitrator", caller.actor.role)
    by = proposed_by = None
    proof: DefaultProof | None
    if isinstance(decision, DecidedByDefault):
        proof, reasons = decision.proof, decision.rule
        awards = tuple(_by_default(one, decision.rule) for one in decision.awards)
    else:
        proof, reasons, awards = decision.proof, decision.reasons, decision.awards
        by, proposed_by = decision.by, decision.proposed_by
    return RulingAnswer(
        id=decision.ruling,
        awards=[_said(case, one, language) for one in awards],
        reasons=_sentence(case, reasons, language),
        proof=_proof(proof, awards[0].rules[0], language) if proof else None,
        by=by.id if by and named else None,
        proposed_by=proposed_by.id if proposed_by and named else None,
        corrections=[
            CorrectionAnswer(ruling=one.ruling, kind=one.kind, why=one.why, at=one.at)
            for one in case.dispute.ruling.corrections
            if one.ruling == decision.ruling
        ],
        at=decision.at,
        appeal_until=decision.appeal_clock.due_at if decision.appeal_clock else None,
        final_at=final.at if final and final.ruling == decision.ruling else None,
    )


def _by_default(award: DefaultAward, rule: str) -> Award:
    """An award by default in the shape of every award."""
    return Award(claim=award.claim, finding=Finding.UPHELD, facts=rule, relied_on=(), rules=(rule,), lines=award.lines)


def _said(case: Case, award: Award, language: Language) -> Award:
    return award.model_copy(update={"facts": _sentence(case, award.facts, language)})


def _sentence(case: Case, text: str, language: Language) -> str:
    """What somebody wrote, or the sentence of the rule whose id stands there because nobody wrote anything."""
    rule = next((one for one in case.playbook.defaults if one.id == text), None)
    return chosen(rule.sentence, language) if rule else text


def _proof(proof: DefaultProof, rule: str, language: Language) -> DefaultProofAnswer:
    return DefaultProofAnswer(
        rule=rule,
        how=proof.how,
        channel=proof.channel,
        reference=proof.reference,
        served_at=proof.served_at,
        clock=clock_answer(proof.clock, language, None),
        lapsed_at=proof.lapsed_at,
    )


def clock_answer(clock: Clock, language: Language, paused: ClockPaused | None) -> ClockAnswer:
    """A running clock, and until when it stands still."""
    return ClockAnswer(
        name=clock.name,
        of=clock.of,
        whose=list(clock.whose),
        hours=clock.hours,
        calendar=clock.calendar,
        started_at=clock.started_at,
        due_at=clock.due_at,
        pauses=list(clock.pauses),
        on_silence=chosen(clock.on_silence, language),
        paused_until=paused.until if paused else None,
    )

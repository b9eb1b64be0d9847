"""Chapter correction, a part of ruling: a slip in a ruling is put right; what was found and decided stays."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from domain.calendars import Clock, ClockName
from domain.dispute.award import (
    Award,
    Awards,
    RemedyDoesNotFit,
    award_line,
    awarded,
    check_cited,
    check_freight_of,
    check_relied_on,
)
from domain.dispute.intake import UnknownClaim
from domain.dispute.review import NotYourCase
from domain.dispute.ruling import Ruling, RulingConfirmed
from domain.dispute.stages import Stage, check_stage
from domain.kernel import Act, Actor, Code, Moment, Personal, Refused, Text, Unacceptable, Value, begun
from domain.money import Money
from domain.playbook.playbook import Finding, Playbook, RemedyKind

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute


class CorrectionKind(StrEnum):
    """What went wrong."""

    TYPING = "typing"  # the words do not say what was meant
    ARITHMETIC = "arithmetic"  # an amount that the arbitrator set is reckoned wrong
    OMISSION = "omission"  # a rule or an exhibit that the ruling rests on is not named


class AwardCorrection(Value):
    """What is put right about one claim; `rules` and `relied_on` are added to those that the ruling names.

    `remedy` says of which line the `amount` is, where the claim gets several.
    """

    claim: Code
    facts: Text | None = None
    # Left out where it is not named, so that a request of before there were several has the digest that it had.
    remedy: Annotated[RemedyKind | None, Field(exclude_if=lambda remedy: remedy is None)] = None
    amount: Money | None = None
    rules: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    relied_on: Annotated[tuple[Code, ...], Field(max_length=100)] = ()


class RulingCorrected(Act):
    """A ruling reads so from now on; how it read before stays in the history.

    The window to appeal goes on as it was: whoever wanted to appeal knew the decision. Where an amount is another now
    that is a new reason to appeal, and the window starts anew: `appeal_clock`.
    """

    TOPIC: ClassVar[str] = "dispute.ruling_corrected"
    ruling: Code
    kind: CorrectionKind
    awards: Awards
    reasons: Annotated[Text, Personal("/by/id")]
    why: Annotated[Text, Personal("/by/id")]
    appeal_clock: Clock | None = None


class RulingNotOpen(Refused):
    """Only the decision that binds last is corrected, an arbitrator's, while it can be appealed and was not."""

    CODE = "ruling_not_open"


class CorrectionDoesNotFit(Unacceptable):
    """A correction of this kind does not change that."""

    CODE = "correction_does_not_fit"


class AlreadyCarriedOut(Refused):
    """The remedies of this claim were ordered with the amount that the ruling gave."""

    CODE = "already_carried_out"


class CorrectionAboveLimit(Unacceptable):
    """Nobody alone corrects an amount so that the ruling comes to more than one arbitrator may decide."""

    CODE = "correction_above_limit"


def may_correct(dispute: Dispute, actor: Actor, ruling: str) -> RulingConfirmed:
    """Who decided or proposed the ruling corrects it, while the window to appeal runs; answers the ruling."""
    check_stage(dispute, Stage.DECIDED, Stage.CARRYING_OUT)
    decision = dispute.ruling.decision
    known = decision is not None and decision.ruling == ruling
    over = dispute.ruling.final is not None or dispute.negotiation.settled is not None
    if not known or over or not isinstance(decision, RulingConfirmed):
        raise RulingNotOpen(ruling=ruling)
    authors = [(one.role, one.id) for one in (decision.by, decision.proposed_by) if one is not None]
    if (actor.role, actor.id) not in authors or actor.is_tool:
        raise NotYourCase
    return decision


def correct(
    dispute: Dispute,
    playbook: Playbook,
    ruling: str,
    kind: CorrectionKind,
    corrections: tuple[AwardCorrection, ...],
    reasons: str | None,
    why: str,
    *,
    by: Actor,
    at: Moment,
) -> tuple[RulingCorrected, ...]:
    """Put a slip right; what changes nothing is nothing new."""
    decision = may_correct(dispute, by, ruling)
    _check_kind(kind, corrections, reasons)
    awards = {one.claim: one for one in decision.awards}
    for one in corrections:
        if one.claim not in awards:
            raise UnknownClaim(claim=one.claim, known_claims=list(awards))
        awards[one.claim] = _corrected(dispute, playbook, awards[one.claim], one)
    corrected, reasons = tuple(awards.values()), reasons or decision.reasons
    if (corrected, reasons) == (decision.awards, decision.reasons):
        return ()
    other = [new.claim for old, new in zip(decision.awards, corrected, strict=True) if old.lines != new.lines]
    _check_amounts(dispute, playbook, corrected, other)
    return (
        RulingCorrected(
            ruling=ruling,
            kind=kind,
            awards=corrected,
            reasons=reasons,
            why=why,
            appeal_clock=playbook.start(ClockName.APPEAL, at) if other else None,
            by=by,
            at=at,
        ),
    )


def _check_kind(kind: CorrectionKind, corrections: tuple[AwardCorrection, ...], reasons: str | None) -> None:
    """Refuse to change more than a correction of this kind is for."""
    changed = {
        CorrectionKind.TYPING: reasons is not None or any(one.facts is not None for one in corrections),
        CorrectionKind.ARITHMETIC: any(one.amount is not None for one in corrections),
        CorrectionKind.OMISSION: any(one.rules or one.relied_on for one in corrections),
    }
    if any(found and of is not kind for of, found in changed.items()):
        raise CorrectionDoesNotFit(kind=str(kind))


def _corrected(dispute: Dispute, playbook: Playbook, award: Award, correction: AwardCorrection) -> Award:
    """The award as it reads with the correction."""
    claim = begun(dispute.intake.claim(award.claim))
    rules, exhibits = _new(correction.rules, award.rules), _new(correction.relied_on, award.relied_on)
    if rules:
        check_cited(playbook, claim, Finding.UNDETERMINED if award.undetermined else award.finding, rules)
    check_relied_on(dispute, exhibits)
    lines = award.lines
    if correction.amount is not None:
        named = _named(award, correction)
        anew = award_line(dispute, playbook, claim, named, correction.amount)
        lines = tuple(anew if line.remedy is named else line for line in lines)
    return award.model_copy(
        update={
            "facts": correction.facts or award.facts,
            "rules": (*award.rules, *rules),
            "relied_on": (*award.relied_on, *exhibits),
            "lines": lines,
        }
    )


def _named(award: Award, correction: AwardCorrection) -> RemedyKind:
    """The line that is corrected: the one that is named, or the only one."""
    kinds = [line.remedy for line in award.lines]
    named = kinds[0] if correction.remedy is None and len(kinds) == 1 else correction.remedy
    if named is None or named not in kinds:
        raise RemedyDoesNotFit(finding=str(award.finding), open=[str(kind) for kind in kinds])
    return named


def _new(named: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for one in dict.fromkeys(named) if one not in known)


def _check_amounts(dispute: Dispute, playbook: Playbook, awards: tuple[Award, ...], other: list[str]) -> None:
    """Refuse other amounts for these claims where they are being paid, or no one arbitrator may award so much."""
    check_freight_of(dispute, awards)
    ordered = [claim for claim in other if dispute.remedy.lines_of(claim)]
    if ordered:
        raise AlreadyCarriedOut(claims=ordered)
    currency = dispute.intake.filed.order.currency
    limit, total = playbook.four_eyes_limit(currency), awarded(awards, currency)
    if other and limit is not None and total > limit:
        raise CorrectionAboveLimit(amount=total.minor, at_most=limit.minor, currency=currency)


def evolve(ruling: Ruling, event: RulingCorrected) -> Ruling:
    """The chapter after `event`."""
    clock = {"appeal_clock": event.appeal_clock} if event.appeal_clock else {}
    reads = {"awards": event.awards, "reasons": event.reasons} | clock
    return replace(
        ruling,
        decisions=tuple(
            one.model_copy(update=reads) if isinstance(one, RulingConfirmed) and one.ruling == event.ruling else one
            for one in ruling.decisions
        ),
        corrections=(*ruling.corrections, event),
    )

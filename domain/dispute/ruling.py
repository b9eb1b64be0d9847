"""Chapter ruling: an award per claim with its derivation, by an arbitrator or by default; when it is final.

Its parts with files of their own: `liability.py`, `proposal.py`, `correction.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, ClassVar, assert_never

from pydantic import Field

from domain.calendars import Clock, ClockName
from domain.dispute.admission import check_considered
from domain.dispute.intake import CLAIMS_MAX, Claim, ResponseLapsed
from domain.dispute.liability import LiabilityUndetermined, fall_back
from domain.dispute.notice import Service
from domain.dispute.review import check_holds
from domain.dispute.stages import Stage, check_due, check_stage
from domain.kernel import (
    Act,
    Actor,
    BrokenStream,
    Code,
    Event,
    Id,
    Moment,
    Personal,
    Refused,
    Role,
    Text,
    Unacceptable,
    Value,
)
from domain.money import Money, total
from domain.playbook.playbook import Decided, Finding, Playbook, RemediesStart, RemedyKind
from domain.playbook.remedies import Step, derive

if TYPE_CHECKING:
    from domain.dispute.correction import RulingCorrected
    from domain.dispute.dispute import Dispute
    from domain.dispute.proposal import ProposalReturned, RulingProposed


class AwardSought(Value):
    """What an arbitrator decides on one claim; the amount follows from the rules unless they leave it open.

    Where liability is found undetermined, `facts` say why, and the rules decide: none is cited, nothing is chosen.
    """

    claim: Code
    finding: Finding
    facts: Text
    relied_on: Annotated[tuple[Code, ...], Field(max_length=100)] = ()
    rules: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    remedy: RemedyKind | None = None
    amount: Money | None = None


class AwardLine(Value):
    """What is to be paid for a claim, by whom to whom, and how the amount was derived."""

    remedy: RemedyKind
    payer: Role
    payer_id: Id
    payee: Role
    payee_id: Id
    amount: Money
    derivation: Step


class Award(Value):
    """The decision on one claim; `undetermined` where the rules for undetermined liability gave it."""

    claim: Code
    finding: Decided
    facts: Annotated[Text, Personal("/by/id")]
    relied_on: tuple[Code, ...]
    rules: Annotated[tuple[Code, ...], Field(min_length=1)]
    lines: tuple[AwardLine, ...]
    undetermined: bool = False


Awards = Annotated[tuple[Award, ...], Field(min_length=1, max_length=CLAIMS_MAX)]


class DefaultAward(Value):
    """What silence gives on one claim: as filed."""

    claim: Code
    lines: Annotated[tuple[AwardLine, ...], Field(min_length=1)]


class DefaultProof(Value):
    """Why silence may decide: how it is known that the merchant was told, and the clock that it let run out.

    Whoever has the version of the playbook that the dispute is pinned to re-computes `clock.due_at`: from its start,
    for its hours, by its calendar, less its pauses. `lapsed_at` is when the service noticed.
    """

    how: Service
    channel: Code
    reference: Id | None
    served_at: Moment
    clock: Clock
    lapsed_at: Moment


class RulingConfirmed(Act):
    """An arbitrator decided every claim, with reasons; it binds when it is final.

    `proposed_by` is whose proposal it was, where another confirmed it: a colleague's, or the service's own with the
    `proof` of a silence, where `reasons` and facts are the id of the rule whose sentence they are.
    """

    TOPIC: ClassVar[str] = "dispute.ruling_confirmed"
    ruling: Code
    awards: Awards
    reasons: Annotated[Text, Personal("/by/id")]
    remedies_start: RemediesStart
    appeal_clock: Clock
    proposed_by: Actor | None = None
    proof: DefaultProof | None = None


class DecidedByDefault(Event):
    """Nobody answered in time: the claims are decided as filed, by the playbook's rule for this silence."""

    TOPIC: ClassVar[str] = "dispute.decided_by_default"
    ruling: Code
    rule: Code
    awards: Annotated[tuple[DefaultAward, ...], Field(min_length=1, max_length=CLAIMS_MAX)]
    proof: DefaultProof
    remedies_start: RemediesStart
    appeal_clock: Clock
    at: Moment


class RulingReversed(Act):
    """The arbitrator who heard the appeal decided every claim anew, with reasons, in place of `reversed`.

    It is final at once (`appeal.py`), so no clock runs for an appeal and its remedies start with it.
    """

    TOPIC: ClassVar[str] = "dispute.ruling_reversed"
    remedies_start: ClassVar[RemediesStart] = RemediesStart.AT_FINAL
    appeal_clock: ClassVar[None] = None
    proposed_by: ClassVar[None] = None
    proof: ClassVar[None] = None
    appeal: Code
    reversed: Code
    ruling: Code
    awards: Awards
    reasons: Annotated[Text, Personal("/by/id")]


Decision = RulingConfirmed | DecidedByDefault | RulingReversed


class RulingBecameFinal(Event):
    """Nobody appealed in time, and `clock` holds the arithmetic; or, without a clock, an appeal was decided."""

    TOPIC: ClassVar[str] = "dispute.ruling_became_final"
    ruling: Code
    clock: Clock | None
    at: Moment


RulingEvent = Decision | LiabilityUndetermined | RulingBecameFinal


class UnderAppeal(Refused):
    """The ruling was appealed: what is decided now is the appeal."""

    CODE = "under_appeal"


class AwardsIncomplete(Unacceptable):
    """A ruling decides every claim exactly once."""

    CODE = "awards_incomplete"


class NoRuleCited(Unacceptable):
    """Every decision on a claim cites a rule, except where liability is undetermined and the playbook's row decides."""

    CODE = "no_rule_cited"


class UnknownRule(Unacceptable):
    """The version of the playbook that this dispute is pinned to has no such rule."""

    CODE = "unknown_rule"


class RuleDoesNotFit(Unacceptable):
    """The cited rule is not for this reason or not for this finding."""

    CODE = "rule_does_not_fit"


class RemedyDoesNotFit(Unacceptable):
    """An upheld claim gets a remedy that its reason opens; a dismissed one gets none."""

    CODE = "remedy_does_not_fit"


@dataclass(frozen=True, slots=True)
class Ruling:
    """Every decision, the one that binds last, whether that is final, and what is proposed.

    A corrected decision stands in `decisions` as it reads now; `proposal` is open until the case leaves its stage.
    """

    decisions: tuple[Decision, ...] = ()
    final: RulingBecameFinal | None = None
    undetermined: tuple[LiabilityUndetermined, ...] = ()
    proposals: tuple[RulingProposed, ...] = ()
    proposal: RulingProposed | None = None
    returned: ProposalReturned | None = None
    corrections: tuple[RulingCorrected, ...] = ()

    @property
    def decision(self) -> Decision | None:
        """The decision that binds, or will when it is final."""
        return self.decisions[-1] if self.decisions else None

    @property
    def made(self) -> Decision:
        """The decision of a case that has been decided."""
        if self.decision is None:
            raise BrokenStream
        return self.decision

    @property
    def relied_on(self) -> frozenset[str]:
        """The exhibits on which the last decision stands; silence relies on none."""
        if self.decision is None or isinstance(self.decision, DecidedByDefault):
            return frozenset()
        return frozenset(exhibit for award in self.decision.awards for exhibit in award.relied_on)

    @property
    def next_name(self) -> str:
        """The id of the next ruling: no two of one dispute have the same."""
        return f"r{len({one.ruling for one in (*self.decisions, *self.proposals)}) + 1}"


def may_rule(dispute: Dispute, actor: Actor) -> None:
    """The arbitrator who has the case decides it, once."""
    check_stage(dispute, Stage.UNDER_REVIEW)
    check_holds(dispute, actor)
    if dispute.appeal.open is not None:
        raise UnderAppeal


def rule(
    dispute: Dispute,
    playbook: Playbook,
    sought: tuple[AwardSought, ...],
    reasons: str,
    *,
    by: Actor,
    at: Moment,
) -> RulingConfirmed:
    """Decide every claim under the pinned playbook; each amount with its derivation."""
    may_rule(dispute, by)
    return RulingConfirmed(
        ruling=dispute.ruling.next_name,
        awards=awards_for(dispute, playbook, sought),
        reasons=reasons,
        remedies_start=playbook.remedies_start,
        appeal_clock=playbook.start(ClockName.APPEAL, at),
        by=by,
        at=at,
    )


def awards_for(dispute: Dispute, playbook: Playbook, sought: tuple[AwardSought, ...]) -> tuple[Award, ...]:
    """The decision on every claim, each exactly once."""
    claims = {claim.id: claim for claim in dispute.intake.filed.claims}
    if sorted(one.claim for one in sought) != sorted(claims):
        raise AwardsIncomplete(claims=sorted(claims))
    return tuple(award(dispute, playbook, claims[one.claim], one) for one in sought)


def award(dispute: Dispute, playbook: Playbook, claim: Claim, sought: AwardSought) -> Award:
    """The decision on one claim, checked against the rules it cites."""
    check_cited(playbook, claim, sought.finding, sought.rules)
    check_relied_on(dispute, sought.relied_on)
    lines = award_lines(dispute, playbook, claim, sought)
    finding, rules = sought.finding, sought.rules
    if finding is Finding.UNDETERMINED:
        row = fall_back(playbook, claim)
        finding, rules = row.finding, (row.id,)
        if finding is Finding.UPHELD:
            asked = claim.asked if row.remedy is None else None
            lines = (award_line(dispute, playbook, claim, row.remedy or claim.remedy, asked),)
    return Award(
        claim=claim.id,
        finding=finding,
        facts=sought.facts,
        relied_on=sought.relied_on,
        rules=rules,
        lines=lines,
        undetermined=sought.finding is Finding.UNDETERMINED,
    )


def check_cited(playbook: Playbook, claim: Claim, finding: Finding, rules: tuple[str, ...]) -> None:
    """Refuse a decision without a rule, and rules that are not there or not made for this reason and finding."""
    if not rules and finding is not Finding.UNDETERMINED:
        raise NoRuleCited(claim=claim.id)
    for rule_id in rules:
        cited = playbook.rule(rule_id)
        if cited is None:
            raise UnknownRule(rule=rule_id, known=[one.id for one in playbook.rules])
        if claim.reason not in cited.reasons or cited.finding is not finding:
            raise RuleDoesNotFit(rule=rule_id, reason=claim.reason, finding=str(finding))


def check_relied_on(dispute: Dispute, exhibits: tuple[str, ...]) -> None:
    """Refuse exhibits that nobody showed, that came late and were not admitted, or that were excluded."""
    for exhibit in exhibits:
        check_considered(dispute, exhibit)


def award_lines(dispute: Dispute, playbook: Playbook, claim: Claim, sought: AwardSought) -> tuple[AwardLine, ...]:
    """What an upheld claim is paid; nothing for one that is dismissed, or on which the rules are yet to decide."""
    reason = playbook.reason(claim.reason)
    opened = reason.remedies if reason is not None and sought.finding is Finding.UPHELD else ()
    if sought.finding is not Finding.UPHELD and sought.remedy is None and sought.amount is None:
        return ()
    if sought.remedy is None or sought.remedy not in opened:
        raise RemedyDoesNotFit(finding=str(sought.finding), open=[str(kind) for kind in opened])
    return (award_line(dispute, playbook, claim, sought.remedy, sought.amount),)


def award_line(
    dispute: Dispute, playbook: Playbook, claim: Claim, remedy: RemedyKind, amount: Money | None
) -> AwardLine:
    """What a remedy comes to for a claim, and who pays it to whom."""
    order = dispute.intake.filed.order
    derivation, payer = derive(playbook, remedy, order, claim.lines, amount)
    return AwardLine(
        remedy=remedy,
        payer=payer,
        payer_id=order.merchant if payer is Role.MERCHANT else dispute.intake.filed.platform,
        payee=Role.BUYER,
        payee_id=order.buyer,
        amount=derivation.amount,
        derivation=derivation,
    )


def awarded(awards: tuple[Award, ...], currency: str) -> Money:
    """What awards come to together."""
    return total((line.amount for one in awards for line in one.lines), currency)


def decide_by_default(
    dispute: Dispute, playbook: Playbook, lapsed: ResponseLapsed, *, at: Moment
) -> DecidedByDefault | None:
    """What the merchant's silence decides, if the playbook has a rule for it and the merchant is proved to know."""
    claims, served = dispute.intake.filed.claims, dispute.intake.served
    rule = playbook.default(lapsed.clock.name, [claim.reason for claim in claims])
    if rule is None or served is None:
        return None
    return DecidedByDefault(
        ruling=dispute.ruling.next_name,
        rule=rule.id,
        awards=tuple(
            DefaultAward(claim=claim.id, lines=(award_line(dispute, playbook, claim, claim.remedy, claim.asked),))
            for claim in claims
        ),
        proof=DefaultProof(
            how=served.how,
            channel=served.channel,
            reference=served.reference,
            served_at=served.served_at,
            clock=lapsed.clock,
            lapsed_at=lapsed.at,
        ),
        remedies_start=playbook.remedies_start,
        appeal_clock=playbook.start(ClockName.APPEAL, at),
        at=at,
    )


def become_final(dispute: Dispute, *, at: Moment) -> RulingBecameFinal:
    """Record that the appeal window ran out; what then starts is `remedy.follow_final`, joined in `dispute.expire`."""
    clock = check_due(dispute, ClockName.APPEAL, at)
    return RulingBecameFinal(ruling=dispute.ruling.made.ruling, clock=clock, at=at)


def evolve(ruling: Ruling, event: RulingEvent) -> Ruling:
    """The chapter after `event`."""
    match event:
        case RulingConfirmed() | DecidedByDefault() | RulingReversed():
            return replace(ruling, decisions=(*ruling.decisions, event))
        case LiabilityUndetermined():
            return replace(ruling, undetermined=(*ruling.undetermined, event))
        case RulingBecameFinal():
            return replace(ruling, final=event)
        case _:
            assert_never(event)

"""Chapter award, a part of ruling: what is decided on a claim, checked against the rules it cites, with its amounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from domain.dispute.admission import check_considered
from domain.dispute.intake import CLAIMS_MAX, Claim
from domain.dispute.liability import fall_back
from domain.kernel import Code, Id, Personal, Role, Text, Unacceptable, Value
from domain.money import Money, total
from domain.playbook.playbook import Decided, Finding, Playbook, RemedyKind
from domain.playbook.remedies import Step, check_combination, check_freight, derive

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute


class RemedySought(Value):
    """A remedy that an arbitrator gives; the amount follows from the rules unless they leave it open."""

    remedy: RemedyKind
    amount: Money | None = None


class AwardSought(Value):
    """What an arbitrator decides on one claim: an upheld one gets one remedy or several.

    Where liability is found undetermined, `facts` say why, and the rules decide: none is cited, nothing is given.
    """

    claim: Code
    finding: Finding
    facts: Text
    relied_on: Annotated[tuple[Code, ...], Field(max_length=100)] = ()
    rules: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    remedies: Annotated[tuple[RemedySought, ...], Field(max_length=len(RemedyKind))] = ()


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
    """An upheld claim gets remedies that its reason opens, one at least; a dismissed one gets none."""

    CODE = "remedy_does_not_fit"


def awards_for(dispute: Dispute, playbook: Playbook, sought: tuple[AwardSought, ...]) -> tuple[Award, ...]:
    """The decision on every claim, each exactly once."""
    claims = {claim.id: claim for claim in dispute.intake.claims}
    if sorted(one.claim for one in sought) != sorted(claims):
        raise AwardsIncomplete(claims=sorted(claims))
    awards = tuple(award(dispute, playbook, claims[one.claim], one) for one in sought)
    check_freight_of(dispute, awards)
    return awards


def check_freight_of(dispute: Dispute, awards: tuple[Award, ...]) -> None:
    """Refuse a decision that gives back more freight than was paid."""
    given = ((line.remedy, line.amount) for one in awards for line in one.lines)
    check_freight(dispute.intake.filed.order, given)


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
    kinds = [one.remedy for one in sought.remedies]
    if sought.finding is not Finding.UPHELD and not kinds:
        return ()
    if not kinds or not set(kinds) <= set(opened):
        raise RemedyDoesNotFit(finding=str(sought.finding), open=[str(kind) for kind in opened])
    check_combination(claim.id, kinds)
    return tuple(award_line(dispute, playbook, claim, one.remedy, one.amount) for one in sought.remedies)


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

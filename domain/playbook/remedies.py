"""How much a remedy is, with the derivation of every amount: facts → rule → arithmetic → rounding."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.intake.order import OrderSnapshot
from domain.kernel import Line, Role, Unacceptable, Value
from domain.money import Money, total
from domain.playbook.playbook import Playbook, RemedyKind, RemedyRule

SOURCES_MAX = 200


class Operation(StrEnum):
    """How a step gets its amount from its inputs."""

    FACT = "fact"  # read from the case: `source` says where
    SUM = "sum"
    PERCENT = "percent"  # `factor` percent of the one input, rounded half up
    CHOSEN = "chosen"  # set by a person: at most `factor` percent of the one input


class Step(Value):
    """One amount and where it comes from; `rule` is the playbook's row that asks for the step."""

    operation: Operation
    amount: Money
    source: Line
    rule: Line | None = None
    factor: int | None = None
    rounding: Line | None = None
    inputs: Annotated[tuple[Step, ...], Field(max_length=SOURCES_MAX)] = ()


class AmountNotChosen(Unacceptable):
    """This remedy is set by the decider: an amount above nothing and at most the limit must be given."""

    CODE = "amount_not_chosen"


class AmountNotFree(Unacceptable):
    """The playbook computes this remedy; no other amount can be set."""

    CODE = "amount_not_free"


class NoSuchRemedy(Unacceptable):
    """The playbook has no rule for this remedy."""

    CODE = "no_such_remedy"


class NothingToPay(Unacceptable):
    """The rule gives an amount of nothing for these lines."""

    CODE = "nothing_to_pay"


def price_paid(order: OrderSnapshot, lines: tuple[str, ...]) -> Step:
    """What was actually paid for these lines, one fact for each."""
    facts = tuple(
        Step(operation=Operation.FACT, amount=line.paid, source=f"order.lines.{line.id}.paid")
        for line in order.lines
        if line.id in lines
    )
    return Step(
        operation=Operation.SUM,
        amount=total((fact.amount for fact in facts), order.currency),
        source="price_paid",
        inputs=facts,
    )


def rule_of(playbook: Playbook, kind: RemedyKind) -> RemedyRule:
    """How the playbook computes this remedy."""
    rule = playbook.remedy(kind)
    if rule is None:
        raise NoSuchRemedy(remedy=str(kind), known=[str(one.kind) for one in playbook.remedies])
    return rule


def limit_of(rule: RemedyRule, order: OrderSnapshot, lines: tuple[str, ...]) -> Money:
    """As much as a remedy can come to for these lines."""
    return price_paid(order, lines).amount.percent(rule.percent)


def derive(
    playbook: Playbook, kind: RemedyKind, order: OrderSnapshot, lines: tuple[str, ...], chosen: Money | None
) -> tuple[Step, Role]:
    """The amount of a remedy for these lines with its derivation, and who pays it."""
    rule = rule_of(playbook, kind)
    base = price_paid(order, lines)
    limit = base.amount.percent(rule.percent)
    if not rule.chosen:
        if chosen is not None and chosen != limit:
            raise AmountNotFree(amount=limit.minor, currency=limit.currency, rule=rule.id)
        operation, amount = Operation.PERCENT, limit
    else:
        if chosen is None or chosen.currency != limit.currency or not 0 < chosen.minor <= limit.minor:
            raise AmountNotChosen(at_most=limit.minor, currency=limit.currency, rule=rule.id)
        operation, amount = Operation.CHOSEN, chosen
    if not amount.minor:
        raise NothingToPay(rule=rule.id, paid=base.amount.minor, currency=base.amount.currency)
    step = Step(
        operation=operation,
        amount=amount,
        source=str(kind),
        rule=rule.id,
        factor=rule.percent,
        rounding="half_up",
        inputs=(base,),
    )
    return step, rule.payer

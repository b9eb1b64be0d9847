"""How much a remedy is, with the derivation of every amount: facts → rule → arithmetic → rounding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.intake.order import OrderSnapshot
from domain.kernel import Line, Role, Unacceptable, Value
from domain.money import Money, total
from domain.playbook.playbook import REFUNDS, Basis, Playbook, RemedyKind, RemedyRule

SOURCES_MAX = 200


class Operation(StrEnum):
    """How a step gets its amount from its inputs."""

    FACT = "fact"  # read from the case: `source` says where
    SUM = "sum"
    PERCENT = "percent"  # `factor` percent of the one input, rounded half up
    CHOSEN = "chosen"  # set by a person: at most `factor` percent of the one input
    SHARE = "share"  # the first input split over the lines that the others sum up: the part of those of the second
    CAP = "cap"  # set by the rule of the playbook
    LOWEST = "lowest"  # the lowest of the inputs


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


class RemediesDoNotCombine(Unacceptable):
    """For one claim no remedy stands twice, and the price is given back in one way only."""

    CODE = "remedies_do_not_combine"


class FreightExceeded(Unacceptable):
    """The freight of an order is given back once: for all claims together no more than was paid."""

    CODE = "freight_exceeded"


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


def freight_paid(order: OrderSnapshot) -> Step:
    """What was paid for the carriage of the order."""
    return Step(operation=Operation.FACT, amount=order.freight, source="order.freight")


def freight_share(order: OrderSnapshot, lines: tuple[str, ...]) -> Step:
    """The part of the freight that falls on these lines, so that the parts of all lines are the freight.

    Split by the price paid for each line, equally where nothing was paid, by largest remainder (`Money.allocate`), the
    lines in the order of their ids: whoever reads the step alone gets the same.
    """
    # One fact for the claimed lines and one for the others: an order has up to a hundred, and an event has a limit.
    rest = tuple(line.id for line in order.lines if line.id not in lines)
    inputs = (
        freight_paid(order),
        Step(operation=Operation.FACT, amount=order.paid_for(lines), source="order.claimed_lines.paid"),
        Step(operation=Operation.FACT, amount=order.paid_for(rest), source="order.other_lines.paid"),
    )
    ordered = sorted(order.lines, key=lambda line: line.id)
    prices = [line.paid.minor for line in ordered]
    parts = order.freight.allocate(prices if any(prices) else [1] * len(prices))
    return Step(
        operation=Operation.SHARE,
        amount=total((part for line, part in zip(ordered, parts, strict=True) if line.id in lines), order.currency),
        source="freight_share",
        rounding="largest_remainder",
        inputs=inputs,
    )


def rule_of(playbook: Playbook, kind: RemedyKind) -> RemedyRule:
    """How the playbook computes this remedy."""
    rule = playbook.remedy(kind)
    if rule is None:
        raise NoSuchRemedy(remedy=str(kind), known=[str(one.kind) for one in playbook.remedies])
    return rule


def limit_of(rule: RemedyRule, order: OrderSnapshot, lines: tuple[str, ...]) -> Money:
    """As much as a remedy can come to for these lines."""
    return _limit(rule, order, lines).amount


def _base(rule: RemedyRule, order: OrderSnapshot, lines: tuple[str, ...]) -> Step:
    """Of what the rule takes its percentage."""
    bases = {Basis.PRICE_PAID: price_paid, Basis.FREIGHT_SHARE: freight_share}
    return bases[rule.of](order, lines) if rule.of in bases else freight_paid(order)


def _limit(rule: RemedyRule, order: OrderSnapshot, lines: tuple[str, ...]) -> Step:
    """The percentage, the cap, or the lower of both."""
    limits: list[Step] = []
    if rule.percent is not None:
        base = _base(rule, order, lines)
        limits.append(
            Step(
                operation=Operation.PERCENT,
                amount=base.amount.percent(rule.percent),
                source=str(rule.kind),
                rule=rule.id,
                factor=rule.percent,
                rounding="half_up",
                inputs=(base,),
            )
        )
    if (cap := rule.cap(order.currency)) is not None:
        limits.append(Step(operation=Operation.CAP, amount=cap, source="at_most", rule=rule.id))
    if len(limits) == 1:
        return limits[0]
    lowest = min(one.amount for one in limits)
    return Step(operation=Operation.LOWEST, amount=lowest, source=str(rule.kind), rule=rule.id, inputs=tuple(limits))


def derive(
    playbook: Playbook, kind: RemedyKind, order: OrderSnapshot, lines: tuple[str, ...], chosen: Money | None
) -> tuple[Step, Role]:
    """The amount of a remedy for these lines with its derivation, and who pays it."""
    rule = rule_of(playbook, kind)
    step = _limit(rule, order, lines)
    limit = step.amount
    if not rule.chosen:
        if chosen is not None and chosen != limit:
            raise AmountNotFree(amount=limit.minor, currency=limit.currency, rule=rule.id)
    else:
        if chosen is None or chosen.currency != limit.currency or not 0 < chosen.minor <= limit.minor:
            raise AmountNotChosen(at_most=limit.minor, currency=limit.currency, rule=rule.id)
        step = _chosen(step, chosen)
    if not step.amount.minor:
        base = _base(rule, order, lines).amount
        raise NothingToPay(rule=rule.id, paid=base.minor, currency=base.currency)
    return step, rule.payer


def _chosen(limit: Step, amount: Money) -> Step:
    """What a person set, under its limit; a plain percentage is told in the same step."""
    if limit.operation is Operation.PERCENT:
        return limit.model_copy(update={"operation": Operation.CHOSEN, "amount": amount})
    return Step(
        operation=Operation.CHOSEN,
        amount=amount,
        source=limit.source,
        rule=limit.rule,
        factor=100,
        rounding="half_up",
        inputs=(limit,),
    )


def check_combination(claim: str, kinds: Sequence[RemedyKind]) -> None:
    """Refuse remedies for one claim that are the same twice, or give the price back in two ways."""
    if len(set(kinds)) != len(kinds) or len(REFUNDS & set(kinds)) > 1:
        raise RemediesDoNotCombine(claim=claim, remedies=[str(kind) for kind in kinds])


def check_freight(order: OrderSnapshot, given: Iterable[tuple[RemedyKind, Money]]) -> None:
    """Refuse to give back more freight than was paid, for all claims together."""
    freight = total((amount for kind, amount in given if kind is RemedyKind.FREIGHT_REFUND), order.currency)
    if not freight <= order.freight:
        raise FreightExceeded(amount=freight.minor, at_most=order.freight.minor, currency=order.currency)

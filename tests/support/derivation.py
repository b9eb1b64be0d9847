"""Reckons the derivation of an amount anew, from the prices of the order alone; shares no code with the rules."""

from __future__ import annotations

from domain.dispute.award import AwardLine
from domain.intake.order import OrderSnapshot
from domain.playbook.remedies import Operation, Step


def follows(order: OrderSnapshot, lines: tuple[str, ...], line: AwardLine) -> bool:
    """Whether the amount is what its derivation gives, from the prices that were paid for these lines and no other."""
    return line.amount == line.derivation.amount and _reckon(order, set(lines), line.derivation) == line.amount.minor


def _reckon(order: OrderSnapshot, lines: set[str], step: Step) -> int | None:
    """The amount of a step in minor units; None where it does not follow."""
    inputs = [_reckon(order, lines, one) for one in step.inputs]
    numbers = [one for one in inputs if one is not None]
    if len(numbers) != len(inputs) or (step.factor is not None and len(inputs) != 1):
        return None
    match step.operation:
        case Operation.FACT:
            price = {f"order.lines.{one.id}.paid": one.paid.minor for one in order.lines if one.id in lines}
            return price.get(step.source)
        case Operation.SUM:
            named = [one.source for one in step.inputs]
            return sum(numbers) if sorted(named) == sorted(f"order.lines.{one}.paid" for one in lines) else None
        case Operation.PERCENT:
            return _half_up(sum(numbers), step.factor)
        case Operation.CHOSEN:
            return step.amount.minor if 0 < step.amount.minor <= _half_up(sum(numbers), step.factor) else None


def _half_up(base: int, percent: int | None) -> int:
    return (base * (percent or 0) * 2 + 100) // 200

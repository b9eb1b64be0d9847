"""Reckons the derivation of an amount anew, from the prices of the order alone; shares no code with the rules."""

from __future__ import annotations

from typing import assert_never

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
            price = {f"order.lines.{one.id}.paid": one.paid.minor for one in order.lines}
            claimed = sum(one.paid.minor for one in order.lines if one.id in lines)
            sums = {"claimed": claimed, "other": sum(price.values()) - claimed}
            price |= {f"order.{which}_lines.paid": minor for which, minor in sums.items()}
            return (price | {"order.freight": order.freight.minor}).get(step.source)
        case Operation.SUM:
            named = [one.source for one in step.inputs]
            return sum(numbers) if sorted(named) == sorted(f"order.lines.{one}.paid" for one in lines) else None
        case Operation.PERCENT:
            return _half_up(sum(numbers), step.factor)
        case Operation.CHOSEN:
            return step.amount.minor if 0 < step.amount.minor <= _half_up(sum(numbers), step.factor) else None
        case Operation.SHARE:
            return sum(part for line, part in _parts(order, numbers[0]).items() if line in lines)
        case Operation.CAP:
            return step.amount.minor  # the playbook's own figure
        case Operation.LOWEST:
            return min(numbers)
        case _:
            assert_never(step.operation)


def _parts(order: OrderSnapshot, freight: int) -> dict[str, int]:
    """The freight over the lines by their prices; what is left goes to the largest remainders, by id where even."""
    weights = {one.id: one.paid.minor for one in order.lines}
    if not any(weights.values()):
        weights = dict.fromkeys(weights, 1)
    whole = sum(weights.values())
    parts = {name: freight * weight // whole for name, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda name: (-(freight * weights[name] % whole), name))
    for name in by_remainder[: freight - sum(parts.values())]:
        parts[name] += 1
    return parts


def _half_up(base: int, percent: int | None) -> int:
    return (base * (percent or 0) * 2 + 100) // 200

"""A playbook as an outsider reads it: the published file and nothing else."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML

REFUNDS = {"refund_only", "partial_refund"}  # the price comes back in one way only
GIVEN_BACK = REFUNDS | {"freight_refund"}  # all that silence gives
FREIGHT, SUBSIDY = "freight_refund", "platform_subsidy"


def tender_of(remedy: str) -> str:
    """In what it is paid."""
    return "coupon" if remedy == "coupon" else "money"


def percent_of(amount: int, percent: int) -> int:
    """Half a unit is rounded up."""
    return (amount * percent + 50) // 100


@dataclass(frozen=True, slots=True)
class Bought:
    """The order: what was paid for each line, and for its carriage."""

    prices: dict[str, int]
    freight: int

    def paid(self, lines: Collection[str]) -> int:
        return sum(self.prices[line] for line in lines)

    def share(self, lines: Collection[str]) -> int:
        """The part of the freight that falls on these lines: by price, what is left over to the largest remainders."""
        weights = {line: price if any(self.prices.values()) else 1 for line, price in sorted(self.prices.items())}
        all_of_it = sum(weights.values())
        parts = {line: self.freight * weight // all_of_it for line, weight in weights.items()}
        by_rest = sorted(weights, key=lambda line: -(self.freight * weights[line] % all_of_it))
        for line in by_rest[: self.freight - sum(parts.values())]:
            parts[line] += 1
        return sum(parts[line] for line in lines)


@dataclass(frozen=True, slots=True)
class Remedy:
    """How much it is: `percent` of something, at most the cap, or chosen up to that; and who pays."""

    rule: str
    payer: str
    of: str
    percent: int | None
    cap: int | None
    chosen: bool


@dataclass(frozen=True, slots=True)
class Fallback:
    """What decides where liability cannot be determined."""

    rule: str
    upheld: bool
    remedy: str | None


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one platform."""

    platform: str
    hours: dict[str, int]
    at_decision: bool
    four_eyes: int | None
    silence_limit: int | None
    limits: dict[str, int]
    open_remedies: dict[str, tuple[str, ...]]  # by reason
    needs: dict[str, tuple[tuple[str, str], ...]]  # by reason: who brings which kind of evidence
    remedies: dict[str, Remedy]
    citable: dict[str, tuple[bool, tuple[str, ...]]]  # by rule: whether it upholds, and for which reasons
    fallbacks: dict[str, Fallback]  # by reason
    silence: tuple[tuple[str, ...], ...]  # the reasons that each rule for the merchant's silence is for

    def rules_for(self, reason: str, *, upheld: bool) -> list[str]:
        return [name for name, (for_it, reasons) in self.citable.items() if for_it is upheld and reason in reasons]

    def for_parties(self, reason: str) -> list[str]:
        """What parties may ask for and promise: nobody promises what the platform gives."""
        return [one for one in self.open_remedies[reason] if one != SUBSIDY]

    def most(self, remedy: str, bought: Bought, lines: Collection[str]) -> int:
        """As much as a remedy can come to for these lines, in minor units."""
        rule = self.remedies[remedy]
        bases = {"price_paid": bought.paid(lines), "freight_share": bought.share(lines), "freight": bought.freight}
        limits = [percent_of(bases[rule.of], rule.percent)] if rule.percent is not None else []
        return min(limits + ([rule.cap] if rule.cap is not None else []), default=0)


def read(source: str) -> Rules:
    told: dict[str, Any] = YAML(typ="safe").load(source)
    return Rules(
        platform=told["platform"],
        hours={name: clock["hours"] for name, clock in told["clocks"].items()},
        at_decision=told["remedies_start"] == "at_decision",
        four_eyes=_in_cny(told.get("four_eyes", [])),
        silence_limit=_in_cny(told.get("silence", [])),
        limits={"goodwill_per_side": 0, "goodwill_percent": 0} | told["limits"],
        open_remedies={one["id"]: tuple(one["remedies"]) for one in told["reasons"]},
        needs={
            one["id"]: tuple((need["who"], need["kind"]) for need in one.get("evidence", [])) for one in told["reasons"]
        },
        remedies={
            one["kind"]: Remedy(
                one["id"],
                one["payer"],
                one.get("of", "price_paid"),
                one.get("percent"),
                _in_cny(one.get("at_most", [])),
                one.get("chosen", False),
            )
            for one in told["remedies"]
        },
        citable={one["id"]: (one["finding"] == "upheld", tuple(one["reasons"])) for one in told["rules"]},
        fallbacks={
            reason: Fallback(one["id"], one["finding"] == "upheld", one.get("remedy"))
            for one in reversed(told.get("undetermined", []))
            for reason in one["reasons"]
        },
        silence=tuple(tuple(one["reasons"]) for one in told.get("defaults", []) if one["clock"] == "answer"),
    )


def _in_cny(amounts: list[Any]) -> int | None:
    return next((int(one["minor"]) for one in amounts if one["currency"] == "CNY"), None)

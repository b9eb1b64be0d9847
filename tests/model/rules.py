"""A playbook as an outsider reads it: the published file and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML

KNOWN_REMEDIES = ("refund_only", "partial_refund")  # what the simple model can reckon; others are not asked for


@dataclass(frozen=True, slots=True)
class Remedy:
    """How much it is: `percent` of the price paid for the claimed lines, or chosen up to that; and who pays."""

    rule: str
    payer: str
    percent: int
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
    limits: dict[str, int]
    open_remedies: dict[str, tuple[str, ...]]  # by reason
    needs: dict[str, tuple[tuple[str, str], ...]]  # by reason: who brings which kind of evidence
    remedies: dict[str, Remedy]
    citable: dict[str, tuple[bool, tuple[str, ...]]]  # by rule: whether it upholds, and for which reasons
    fallbacks: dict[str, Fallback]  # by reason
    silence: tuple[tuple[str, ...], ...]  # the reasons that each rule for the merchant's silence is for

    def rules_for(self, reason: str, *, upheld: bool) -> list[str]:
        return [name for name, (for_it, reasons) in self.citable.items() if for_it is upheld and reason in reasons]

    def most(self, remedy: str, paid: int) -> int:
        """As much as a remedy can come to, in minor units, half a unit rounded up."""
        return (paid * self.remedies[remedy].percent + 50) // 100


def read(source: str) -> Rules:
    told: dict[str, Any] = YAML(typ="safe").load(source)
    limits = [one["minor"] for one in told.get("four_eyes", []) if one["currency"] == "CNY"]
    return Rules(
        platform=told["platform"],
        hours={name: clock["hours"] for name, clock in told["clocks"].items()},
        at_decision=told["remedies_start"] == "at_decision",
        four_eyes=limits[0] if limits else None,
        limits=told["limits"],
        open_remedies={one["id"]: tuple(one["remedies"]) for one in told["reasons"]},
        needs={
            one["id"]: tuple((need["who"], need["kind"]) for need in one.get("evidence", [])) for one in told["reasons"]
        },
        remedies={
            one["kind"]: Remedy(one["id"], one["payer"], one["percent"], one.get("chosen", False))
            for one in told["remedies"]
            if one["kind"] in KNOWN_REMEDIES
        },
        citable={one["id"]: (one["finding"] == "upheld", tuple(one["reasons"])) for one in told["rules"]},
        fallbacks={
            reason: Fallback(one["id"], one["finding"] == "upheld", one.get("remedy"))
            for one in reversed(told.get("undetermined", []))
            for reason in one["reasons"]
        },
        silence=tuple(tuple(one["reasons"]) for one in told.get("defaults", []) if one["clock"] == "answer"),
    )

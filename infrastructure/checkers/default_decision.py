"""Checks a decision by default from what is published, apart from the code that made it: only the formats are shared.

Given the case's events as `gongduan replay CASE --json` prints them and the playbook file to which the case is pinned:

    python -m infrastructure.checkers.default_decision events.json playbook.yaml
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS_MAX = 10_000
Span = tuple[datetime, datetime]


class Finding(NamedTuple):
    """Something that does not hold: what was checked, what the case says, what comes out here."""

    code: str
    said: str
    computed: str


def check(events: Sequence[Mapping[str, Any]], playbook: str) -> list[Finding]:
    """All that does not hold about the case's decision by default; nothing where it is as it must be."""
    told = [(one["topic"], one["event"]) for one in events if str(one["topic"]).startswith("dispute.")]
    topics = [topic for topic, _ in told]
    if topics.count("dispute.decided_by_default") != 1:
        return [Finding("one_default", str(topics.count("dispute.decided_by_default")), "1")]
    decided_at = topics.index("dispute.decided_by_default")
    before, decision = told[:decided_at], told[decided_at][1]
    if "dispute.notice_served" not in topics[:decided_at] or "dispute.response_lapsed" not in topics[:decided_at]:
        return [Finding("served_and_silent", ", ".join(topics[:decided_at]), "notice_served, response_lapsed")]
    rules = YAML(typ="safe", pure=True).load(playbook)
    return [one for one in _all(before, decision, rules, playbook) if one.said != one.computed]


def _all(before: Sequence[tuple[str, Any]], decision: Any, rules: Any, playbook: str) -> Iterator[Finding]:  # noqa: ANN401 - parsed JSON and YAML
    filed, served = _only(before, "filed"), _only(before, "notice_served")
    lapsed = _only(before, "response_lapsed")
    proof, clock, rule = decision["proof"], decision["proof"]["clock"], rules["clocks"]["answer"]
    yield Finding("playbook_digest", filed["playbook_digest"], hashlib.sha256(playbook.encode()).hexdigest())
    for name in ("how", "channel", "reference", "served_at"):
        yield Finding(f"service_{name}", str(proof[name]), str(served[name]))
    yield Finding("clock_starts_with_the_proof", clock["started_at"], served["at"])
    for name in ("hours", "calendar", "whose"):
        yield Finding(f"clock_{name}", str(clock[name]), str(rule[name]))
    pauses = list(_pauses(before))
    yield Finding("clock_pauses", str([(one["since"], one["until"]) for one in clock["pauses"]]), str(pauses))
    spans = [(_moment(since), _moment(until)) for since, until in pauses]
    table = (rules.get("calendars") or {}).get(rule["calendar"])
    due = _due(_moment(served["at"]), timedelta(hours=rule["hours"]), table, spans)
    yield Finding("clock_due_at", str(_moment(clock["due_at"])), str(due))
    yield Finding("not_before_it_was_due", str(due is not None and _moment(lapsed["at"]) >= due), str(True))
    yield Finding("lapsed_at", proof["lapsed_at"], lapsed["at"])
    answered = {"dispute.merchant_responded", "dispute.settled"} & {topic for topic, _ in before}
    yield Finding("nobody_answered", str(sorted(answered)), str([]))
    reasons = {one["reason"] for one in filed["claims"]}
    applies = [one["id"] for one in rules["defaults"] if one["clock"] == "answer" and reasons <= set(one["reasons"])]
    yield Finding("rule", decision["rule"], next(iter(applies), "none"))
    asked = {one["id"]: [(one["remedy"], one["asked"])] for one in filed["claims"]}
    given = {one["claim"]: [(line["remedy"], line["amount"]) for line in one["lines"]] for one in decision["awards"]}
    yield Finding("as_claimed", str(given), str(asked))
    yield from _amounts(filed, given, rules)


def _amounts(filed: Any, given: Mapping[str, list[Any]], rules: Any) -> Iterator[Finding]:  # noqa: ANN401 - parsed JSON and YAML
    """What was given against what the playbook's rows give, and against what silence may decide by itself."""
    rows, order = {one["kind"]: one for one in rules["remedies"]}, filed["order"]
    lines = {one["id"]: one["lines"] for one in filed["claims"]}
    for claim, remedies in given.items():
        for remedy, amount in remedies:
            limit = _limit(rows[remedy], order, lines.get(claim, ()))
            by_rule = min(amount["minor"], limit) if rows[remedy].get("chosen") else limit
            yield Finding("amount_by_rule", f"{claim} {remedy} {amount['minor']}", f"{claim} {remedy} {by_rule}")
    whole = sum(amount["minor"] for remedies in given.values() for _, amount in remedies)
    currency = order["freight"]["currency"]
    least = min((one["minor"] for one in rules.get("silence") or () if one["currency"] == currency), default=whole)
    yield Finding("above_silence", str(whole), str(min(whole, least)))


def _limit(row: Any, order: Any, lines: Sequence[str]) -> int:  # noqa: ANN401 - parsed JSON and YAML
    """As much as a row gives for these lines, in minor units."""
    caps = [one["minor"] for one in row.get("at_most") or () if one["currency"] == order["freight"]["currency"]]
    if row.get("percent") is None:
        return min(caps, default=0)
    of = row.get("of", "price_paid")
    base: int = order["freight"]["minor"]
    if of == "price_paid":
        base = sum(one["paid"]["minor"] for one in order["lines"] if one["id"] in lines)
    elif of == "freight_share":
        base = sum(part for line, part in _parts(order).items() if line in lines)
    of_base: int = (base * row["percent"] + 50) // 100
    return min(of_base, *caps) if caps else of_base


def _parts(order: Any) -> dict[str, int]:  # noqa: ANN401 - parsed JSON
    """The freight over the lines by their prices, whole units first, what is left to the largest remainders."""
    prices = {one["id"]: one["paid"]["minor"] for one in order["lines"]}
    weights = prices if any(prices.values()) else dict.fromkeys(prices, 1)
    exact = {line: Fraction(order["freight"]["minor"] * one, sum(weights.values())) for line, one in weights.items()}
    parts = {line: int(share) for line, share in exact.items()}
    left = order["freight"]["minor"] - sum(parts.values())
    for line in sorted(exact, key=lambda one: (parts[one] - exact[one], one))[:left]:
        parts[line] += 1
    return parts


def _only(before: Sequence[tuple[str, Any]], name: str) -> Any:  # noqa: ANN401 - parsed JSON
    return next(event for topic, event in reversed(before) if topic == f"dispute.{name}")


def _pauses(before: Sequence[tuple[str, Any]]) -> Iterator[tuple[str, str]]:
    """The times in which the merchant's clock stood still, from the events that stopped and resumed it."""
    since = None
    for topic, event in before:
        if topic == "dispute.notice_served":
            since = None
        elif topic == "dispute.clock_paused" and "answer" in event["clocks"]:
            since = event["at"]
        elif topic == "dispute.clock_resumed" and since is not None:
            yield since, event["at"]
            since = None


def _due(start: datetime, run: timedelta, table: Any, pauses: Sequence[Span]) -> datetime | None:  # noqa: ANN401 - parsed YAML
    """When `run` has passed since `start`, counted day by day: the days that count, less the pauses on each."""
    zone = timezone(timedelta(minutes=table["utc_offset_minutes"])) if table else UTC
    day = start.astimezone(zone).date()
    for _ in range(DAYS_MAX):
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        pieces = [(max(start, midnight), midnight + timedelta(days=1))] if _counts(table, day) else []
        for pause in pauses:
            pieces = [piece for one in pieces for piece in _without(one, pause)]
        for since, until in pieces:
            if run <= until - since:
                return (since + run).astimezone(UTC)
            run -= until - since
        day += timedelta(days=1)
    return None


def _counts(table: Any, day: date) -> bool:  # noqa: ANN401 - parsed YAML
    if not table or day in (table.get("makeup_workdays") or ()):
        return True
    return day not in (table.get("holidays") or ()) and DAYS[day.weekday()] in table["workdays"]


def _without(piece: Span, pause: Span) -> list[Span]:
    """What is left of a piece of time outside a pause."""
    (since, until), (stops, goes_on) = piece, pause
    left = [(since, min(until, stops)), (max(since, goes_on), until)]
    return [one for one in left if one[0] < one[1]]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def main(arguments: Sequence[str]) -> int:
    """Read the two files; 0 where all holds, 3 where something does not."""
    if len(arguments) != 2:  # noqa: PLR2004 - the two files
        sys.stderr.write(f"{__doc__}\n")
        return 2
    events, playbook = (Path(one).read_text(encoding="utf-8") for one in arguments)
    findings = check(json.loads(events), playbook)
    for one in findings:
        sys.stdout.write(f"{one.code}: the case says {one.said}; it should be {one.computed}\n")
    sys.stdout.write("the decision by default holds\n" if not findings else "")
    return 3 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What holds of every answer and every case, whatever happened: the invariants of the domain that a caller can see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.model.rules import Bought, tender_of

STAFF = ("arbitrator", "senior_arbitrator", "auditor")
FOR_STAFF = ("arbitrator", "conflicts", "links", "legal_hold", "proposal", "returned")
# By which clock it is told until when something can be done.
CLOCK_OF = {
    "report_notice": "notice",
    "respond": "answer",
    "accept_offer": "offer",
    "decline_offer": "offer",
    "submit_evidence": "evidence",
    "file_appeal": "appeal",
}
DECISIONS = ("dispute.ruling_confirmed", "dispute.decided_by_default", "dispute.ruling_reversed")
# Payments go on after a version was seen, and the present alone has something to do.
PRESENT = ("next_actions", "as_of", "remedies", "goodwill")


def check(holds: object, what: str) -> None:
    if not holds:
        raise AssertionError(what)


@dataclass(slots=True)
class Watch:
    """What has been seen of one case."""

    hours: dict[str, int]
    four_eyes: int | None
    digest: str = ""
    bought: Bought = field(default_factory=lambda: Bought({}, 0))
    seen: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)  # by viewer and version
    rulings: dict[str, Any] = field(default_factory=dict)
    ends: list[Any] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)
    awarded_ever: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def look(self, role: str, viewer: str, answer: dict[str, Any]) -> None:
        """Check what can be checked of an answer by itself and of those before it."""
        self._pinned(answer)
        self._fields(role, answer)
        for path, value in walk(answer):
            check(not isinstance(value, float), f"invariant 17: {path} is a float")
            if isinstance(value, dict) and "minor" in value:
                whole = isinstance(value["minor"], int) and not isinstance(value["minor"], bool)
                check(whole and set(value) == {"minor", "currency"}, f"invariant 17: {path} is {value}")
                check(value["currency"] == "CNY", f"invariant 17: {path} is {value}")
        for clock in answer["clocks"]:
            self._clock(clock)
        self._time_limits(role, answer)
        made = [*answer.get("earlier_rulings", []), *([answer["ruling"]] if "ruling" in answer else [])]
        self._rulings(answer, made, role)
        self._money(answer, made)
        known = self.seen.setdefault((viewer, answer["version"]), answer)
        check(then(known) == then(answer), f"invariant 20: version {answer['version']} is not always told alike")

    def versions(self, viewer: str) -> list[int]:
        """The versions that this viewer has seen."""
        return sorted(version for name, version in self.seen if name == viewer)

    def _pinned(self, answer: dict[str, Any]) -> None:
        self.digest = self.digest or answer["playbook"]["digest"]
        check(answer["playbook"]["digest"] == self.digest, "invariant 2: the rules moved under the case")

    def _fields(self, role: str, answer: dict[str, Any]) -> None:
        if role in STAFF:
            return
        for name in FOR_STAFF:
            check(not answer.get(name), f"invariant 13: {role} is told of {name}")
        check(all(one["kind"] == "public" for one in answer.get("notes", [])), f"invariant 13: {role} reads notes")
        named = [one.get(name) for one in (answer.get("ruling", {}),) for name in ("by", "proposed_by")]
        check(not any(named), f"invariant 13: {role} is told who decided")
        if role != "platform":
            check(not any("reference" in one for one in answer["remedies"]), f"invariant 13: {role} reads references")

    def _clock(self, clock: dict[str, Any]) -> None:
        stood = (moment(one["until"]) - moment(one["since"]) for one in clock["pauses"])
        due = moment(clock["started_at"]) + timedelta(hours=clock["hours"]) + sum(stood, timedelta())
        check(due == moment(clock["due_at"]), f"invariant 16: {clock['name']} is due otherwise than it is reckoned")
        check(clock["hours"] == self.hours[clock["name"]], f"invariant 16: {clock['name']} has other hours")
        told = clock["whose"] and clock["calendar"] and clock["on_silence"]
        check(told, f"invariant 16: {clock['name']} does not say whose it is, its calendar, and what silence does")

    def _time_limits(self, role: str, answer: dict[str, Any]) -> None:
        """What can be done tells until when and what silence does, where a clock of the caller runs for it."""
        running = {(one["name"], one.get("of")): one for one in answer["clocks"] if role in one["whose"]}
        for action in answer["next_actions"]:
            name, of = CLOCK_OF.get(action["name"]), thing(action)
            mine = [one for key, one in running.items() if key[0] == name and of in (None, key[1])]
            dues = [one["due_at"] for one in mine if "paused_until" not in one]
            told = action.get("until"), "on_silence" in action
            must = (min(dues, default=None), bool(dues))
            check(told == must, f"invariant 16: {role} is told of {action['name']} {told}, the clocks say {must}")

    def _rulings(self, answer: dict[str, Any], made: list[Any], role: str) -> None:
        names = [one["id"] for one in made]
        check(len(set(names)) == len(names), "invariant 7: two decisions of one name")
        for one in made:
            check(one["reasons"] and one["awards"], f"invariant 3: {one['id']} has no reasons or no awards")
            decider = one.get("by") or "proof" in one
            check(role not in STAFF or decider, f"invariant 3: {one['id']} does not say who or what decided")
            for award in one["awards"]:
                self._award(one["id"], award, {claim["id"]: claim["lines"] for claim in answer["claims"]})
            self._default(answer, one)
            apart = one.get("proposed_by") is None or one["proposed_by"] != one.get("by")
            check(apart, f"invariant 12: {one['id']} was confirmed by who proposed it")
            amount = sum(line["amount"]["minor"] for award in one["awards"] for line in award["lines"])
            alone = role in STAFF and one.get("by") and not one.get("proposed_by")
            below = self.four_eyes is None or amount <= self.four_eyes
            check(not alone or below, f"invariant 12: one alone decided {one['id']} above the limit")
            findings = [(award["claim"], award["finding"], award["undetermined"]) for award in one["awards"]]
            kept = self.rulings.setdefault(one["id"], findings)
            check(kept == findings, f"invariant 19: {one['id']} finds otherwise than it did")
        lost = [name for name in self.rulings if name not in names]
        check(not lost, f"invariant 19: {lost} are no more among the decisions")
        ends = answer.get("earlier_ends", [])
        check(ends[: len(self.ends)] == self.ends or ends == self.ends[: len(ends)], "invariant 19: an end was changed")
        self.ends = max(ends, self.ends, key=len)
        exhibits = {one["id"]: one for one in answer["exhibits"]}
        if made:
            leaned = {name for award in made[-1]["awards"] for name in award["relied_on"]}
            lame = [name for name in leaned if name not in exhibits or not exhibits[name]["considered"]]
            check(not lame, f"invariant 14: {made[-1]['id']} relies on {lame}, which do not count")

    def _award(self, ruling: str, award: dict[str, Any], claimed: dict[str, list[str]]) -> None:
        told = award["facts"] and award["rules"]
        check(told, f"invariant 3: {ruling} has no facts or no rule for {award['claim']}")
        check((award["finding"] == "upheld") == bool(award["lines"]), f"invariant 3: {ruling} pays against its finding")
        for line in award["lines"]:
            check(line["derivation"]["amount"] == line["amount"], f"invariant 3: {ruling} derives another amount")
            reckon(line["derivation"], self.bought, claimed[award["claim"]])

    def _default(self, answer: dict[str, Any], ruling: dict[str, Any]) -> None:
        if "proof" in ruling:
            check("notice" in answer, "invariant 4: somebody who was not told is in default")
            began = ruling["proof"]["clock"]["started_at"]
            check(began == answer["notice"]["recorded_at"], "invariant 4: the clock began before the proof")
            self._clock(ruling["proof"]["clock"])
            lapsed = moment(ruling["proof"]["lapsed_at"]) >= moment(ruling["proof"]["clock"]["due_at"])
            check(lapsed, "invariant 16: it lapsed before it was due")

    def _money(self, answer: dict[str, Any], made: list[Any]) -> None:
        """What is ordered is what was awarded or agreed; what was paid and stays is never more."""
        for lines in (*(decided(one) for one in made), agreed(answer)):
            for whose, amount in lines.items():
                self.awarded_ever[whose] = max(self.awarded_ever[whose], amount)
        owed, paid = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
        whose_lines = {one["line"]: (one["claim"], one["payer"], one["tender"]) for one in answer["remedies"]}
        for one in answer["remedies"]:
            whose, amount = whose_lines[one["line"]], one["amount"]["minor"]
            credited = one.get("credited", {"minor": 0})["minor"]
            check(amount >= 0 and credited >= 0, f"invariant 5: {one['line']} is below nothing")
            paid[whose] += amount if one["state"] in ("confirmed", "recovered") else 0
            owed[whose] += amount + credited if "stopped_at" not in one else 0
        for one in answer.get("recoveries", []):
            paid[whose_lines[one["line"]]] -= one["amount"]["minor"]
        for whose in set(whose_lines.values()):
            most = self.awarded_ever[whose]
            check(paid[whose] <= most, f"invariant 5: more was paid for {whose} than ever awarded")
            check(0 <= owed[whose] <= most, f"invariant 18: {owed[whose]} is owed for {whose}, which nobody awarded")

    def past(self, viewer: str, answer: dict[str, Any]) -> None:
        """A past version, told again."""
        was = self.seen[viewer, answer["version"]]
        check(then(was) == then(answer), f"invariant 20: version {answer['version']} is told otherwise now")
        check(answer["next_actions"] == [], "invariant 20: the past offers something to do")

    def trail(self, case: str, entries: list[Any]) -> None:
        """The events that have come since."""
        self.events += [one for one in entries if one["stream"] == case]
        versions = [one["version"] for one in self.events]
        check(versions == list(range(1, len(versions) + 1)), f"invariant 7: the versions are not dense: {versions}")
        topics = [one["event"] for one in self.events]
        asked = topics.index("dispute.human_requested") if "dispute.human_requested" in topics else len(topics)
        check("dispute.decided_by_default" not in topics[asked:], "silence decided though a person was asked for")
        served = topics.index("dispute.notice_served") if "dispute.notice_served" in topics else len(topics)
        silent = topics.index("dispute.response_lapsed") if "dispute.response_lapsed" in topics else len(topics)
        check(silent == len(topics) or served < silent, "invariant 4: silence before anybody was told")
        self._who_heard()

    def _who_heard(self) -> None:
        """Nobody who had the case or decided it before it was to be heard anew takes it or decides it again."""
        before: set[str] = set()
        had: set[str] = set()
        conflicts: set[str] = set()
        for one in self.events:
            actor, what = one.get("actor"), one["event"]
            if what in ("dispute.appeal_filed", "dispute.reopened"):
                before |= had
            if one["role"] not in ("arbitrator", "senior_arbitrator"):
                continue
            if what in ("dispute.case_assigned", "dispute.appeal_heard", *DECISIONS):
                check(actor not in before, f"invariant 11: {actor} heard the case before ({what})")
                check(actor not in conflicts, f"invariant 11: {actor} has a conflict ({what})")
                had.add(actor)
            if what == "dispute.conflict_declared":
                conflicts.add(actor)


def decided(ruling: dict[str, Any]) -> Counter[tuple[str, str, str]]:
    """By claim, payer and tender: what a decision gives."""
    given = Counter[tuple[str, str, str]]()
    for award in ruling["awards"]:
        for line in award["lines"]:
            given[award["claim"], line["payer"], tender_of(line["remedy"])] += line["amount"]["minor"]
    return given


def agreed(answer: dict[str, Any]) -> Counter[tuple[str, str, str]]:
    """By claim, payer and tender: what was agreed, which the merchant pays."""
    given = Counter[tuple[str, str, str]]()
    for term in answer.get("settled", {}).get("terms", []):
        given[term["claim"], "merchant", tender_of(term["remedy"])] += term["amount"]["minor"]
    return given


def thing(action: dict[str, Any]) -> str | None:
    """What a next action is about, which stands in the middle of its address."""
    _, _, _, _, *rest = action["href"].split("/")  # "", v1, disputes, the id
    return rest[1] if len(rest) == 3 else None


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def then(answer: dict[str, Any]) -> dict[str, Any]:
    """What of an answer belongs to its version alone."""
    return {name: value for name, value in answer.items() if name not in PRESENT}


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    yield path, value
    if isinstance(value, dict):
        for name, one in value.items():
            yield from walk(one, f"{path}/{name}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from walk(one, f"{path}/{number}")


def reckon(step: dict[str, Any], bought: Bought, lines: list[str]) -> int:
    """Compute a derivation for these lines again from what the order says."""
    inputs = [reckon(one, bought, lines) for one in step.get("inputs", [])]
    amount = int(step["amount"]["minor"])
    match step["operation"]:
        case "fact":
            again = fact(step["source"], bought, lines)
        case "sum":
            again = sum(inputs)
        case "percent":
            again = (inputs[0] * step["factor"] + 50) // 100
        case "share":
            again = bought.share(lines)
        case "lowest":
            again = min(inputs)
        case "cap":
            again = amount  # the playbook's word, which the model has read for itself
        case "chosen":
            check(0 < amount <= (inputs[0] * step["factor"] + 50) // 100, f"invariant 3: {step} is beyond its limit")
            again = amount
        case other:
            raise AssertionError(f"invariant 3: nobody can reckon {other}")
    check(again == amount, f"invariant 3: {step['source']} is {amount}, reckoned again {again}")
    return amount


def fact(source: str, bought: Bought, lines: list[str]) -> int:
    """What the order says of its freight, of the claimed lines, of the others, or of one: order.lines.1.paid."""
    others = [line for line in bought.prices if line not in lines]
    known = {"order.freight": bought.freight, "order.claimed_lines.paid": bought.paid(lines)}
    known |= {"order.other_lines.paid": bought.paid(others)}
    return known[source] if source in known else bought.prices[source.split(".")[2]]

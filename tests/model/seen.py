"""What each role has to be told of the case, and the same taken out of an answer, to be held against each other."""

from __future__ import annotations

from typing import Any

from tests.model import money
from tests.model.case import PARTIES, Award, Case, Ruling, Who
from tests.model.may import allowed

STAFF = ("arbitrator", "senior_arbitrator", "auditor")


def expected(case: Case, who: Who) -> dict[str, Any]:
    """What this viewer has to be told."""
    staff = who.role in STAFF
    return {
        "stage": case.stage,
        "outcome": case.outcome if case.stage == "closed" else None,
        "next actions": allowed(case, who),
        "served": case.served,
        "answer": case.answered,
        "messages": case.messages.total(),
        "reminders": case.chases.total(),
        "offers": {name: (one.by, one.state, one.terms, one.counters) for name, one in case.offers.items()},
        "exhibits": {name: (one.by, one.late, one.counts, one.challenged) for name, one in case.exhibits.items()},
        "original and view": {name: case.sees(who, one) for name, one in case.exhibits.items()},
        "evidence is open for": {side for side in PARTIES if case.open_for(side)},
        "round": case.round,
        "requests": {name: (one.side, _state(case, name)) for name, one in case.requests.items()},
        "missing": case.missing(),
        "clocks": {key: set(clock.whose) for key, clock in case.clocks.items()},
        "held": case.held,
        "asked for a person": case.human,
        "arbitrator": case.arbitrator[1] if staff and case.arbitrator else None,
        "conflicts": case.conflicts if staff else set(),
        "notes": [kind for kind in case.notes if staff or kind == "public"],
        "links": len(case.links) if staff else 0,
        "legal hold": staff and case.hold,
        "proposal": (*_ruling(case.proposal), case.proposal.appeal) if staff and case.proposal else None,
        "ruling": _ruling(case.ruling) if case.ruling else None,
        "decided by": case.ruling.by.id if staff and case.ruling and case.ruling.by else None,
        "final": case.final and case.ruling is not None,
        "earlier rulings": [_ruling(one) for one in case.rulings[:-1]],
        "appeals": case.appeals,
        "agreed": case.agreed,
        "money": {
            name: (one.claim, one.remedy, one.tender, one.payer, one.amount, one.credited, _paid(one), one.stopped)
            for name, one in case.lines.items()
        },
        "given": {name: (one.payer, one.tender, one.amount, one.paid) for name, one in case.gifts.items()},
        "to come back": {
            name: (one.line, one.amount, one.left, one.written_off) for name, one in case.recoveries.items()
        },
        "got outside": sorted(amount for _, amount, _ in case.outside.values()),
        "claims": {
            name: (
                (one.reason, one.lines, one.paid, one.remedy, one.asked),
                money.compensated(case, name),
                money.outside(case, name) or None,
                money.overpaid(case, name) or None,
            )
            for name, one in case.claims.items()
        },
        "earlier ends": case.earlier_ends,
    }


def _paid(line: Any) -> bool:
    return bool(line.paid)


def _state(case: Case, name: str) -> str:
    if case.requests[name].answered:
        return "answered"
    return "open" if f"evidence:{name}" in case.clocks else "lapsed"


def _ruling(ruling: Ruling) -> tuple[str, dict[str, Any]]:
    return ruling.name, {claim: _award(one) for claim, one in ruling.awards.items()}


def _award(one: Award) -> tuple[bool, dict[str, int], bool]:
    return one.upheld, one.given, one.undetermined


def told(answer: dict[str, Any]) -> dict[str, Any]:
    """The same, as the service tells it."""
    clocks = {clock["name"] + (f":{clock['of']}" if "of" in clock else ""): clock for clock in answer["clocks"]}
    ruling = answer.get("ruling")
    return {
        "stage": answer["stage"],
        "outcome": answer.get("outcome"),
        "next actions": {action_of(one) for one in answer["next_actions"]},
        "served": "notice" in answer,
        "answer": answer.get("response", {}).get("answer"),
        "messages": len(answer["messages"]),
        "reminders": len(answer.get("chases", [])),
        "offers": {
            one["id"]: (one["side"], one["state"], _terms(one["terms"]), one.get("counters"))
            for one in answer["offers"]
        },
        "exhibits": {
            one["id"]: (one["side"], one["late"], one["considered"], bool(one["challenges"]))
            for one in answer["exhibits"]
        },
        "original and view": {one["id"]: ("href" in one, "view" in one) for one in answer["exhibits"]},
        "evidence is open for": set(answer["evidence_round"]["open_for"]),
        "round": answer["evidence_round"]["number"],
        "requests": {one["id"]: (one["side"], one["state"]) for one in answer["evidence_requests"]},
        "missing": {(one.get("claim") or one["request"], one["who"], one["kind"]) for one in answer["missing"]},
        "clocks": {key: set(clock["whose"]) for key, clock in clocks.items()},
        "held": {key for key, clock in clocks.items() if "paused_until" in clock},
        "asked for a person": answer.get("human_request", {}).get("side"),
        "arbitrator": answer.get("arbitrator"),
        "conflicts": {one["arbitrator"] for one in answer.get("conflicts", [])},
        "notes": [one["kind"] for one in answer.get("notes", [])],
        "links": len(answer.get("links", [])),
        "legal hold": "legal_hold" in answer,
        "proposal": _told_proposal(answer["proposal"]) if "proposal" in answer else None,
        "ruling": _told_ruling(ruling) if ruling else None,
        "decided by": ruling.get("by") if ruling else None,
        "final": bool(ruling and "final_at" in ruling),
        "earlier rulings": [_told_ruling(one) for one in answer.get("earlier_rulings", [])],
        "appeals": [(one["side"], one["state"]) for one in answer.get("appeals", [])],
        "agreed": "settled" in answer,
        "money": {
            one["line"]: (
                one["claim"],
                one["remedy"],
                one["tender"],
                one["payer"],
                one["amount"]["minor"],
                one.get("credited", {"minor": 0})["minor"],
                one["state"] in ("confirmed", "recovered"),
                "stopped_at" in one,
            )
            for one in answer["remedies"]
        },
        "given": {
            one["line"]: (one["payer"], one["tender"], one["amount"]["minor"], one["state"] == "confirmed")
            for one in answer["goodwill"]
        },
        "to come back": {
            one["id"]: (
                one["line"],
                one["amount"]["minor"],
                one["left"]["minor"],
                one.get("written_off", {"amount": {"minor": 0}})["amount"]["minor"],
            )
            for one in answer.get("recoveries", [])
        },
        "got outside": sorted(one["amount"]["minor"] for one in answer.get("external_refunds", [])),
        "claims": {
            one["id"]: (
                (one["reason"], tuple(one["lines"]), one["paid"]["minor"], one["remedy"], one["asked"]["minor"]),
                *(_minor(one.get(name)) for name in ("compensated", "refunded_outside", "overpaid")),
            )
            for one in answer["claims"]
        },
        "earlier ends": [one["outcome"] for one in answer.get("earlier_ends", [])],
    }


def _minor(amount: Any) -> int | None:
    return int(amount["minor"]) if amount else None


def _terms(terms: list[Any]) -> list[tuple[str, str, int]]:
    return [(one["claim"], one["remedy"], one["amount"]["minor"]) for one in terms]


def action_of(one: dict[str, Any]) -> tuple[str, str | None]:
    """The action and what it is about, which stands in the middle of its address: /v1/disputes/id/offers/o1/refusal."""
    _, _, _, _, *rest = one["href"].split("/")
    return one["name"], rest[1] if len(rest) == 3 else None


def _told_ruling(ruling: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return ruling["id"], {one["claim"]: _told_award(one) for one in ruling["awards"]}


def _told_proposal(proposal: dict[str, Any]) -> tuple[str, dict[str, Any], str | None]:
    return *_told_ruling(proposal), proposal.get("appeal")


def _told_award(one: dict[str, Any]) -> tuple[bool, dict[str, int], bool]:
    given = {line["remedy"]: line["amount"]["minor"] for line in one["lines"]}
    return one["finding"] == "upheld", given, one["undetermined"]


def differences(case: Case, who: Who, answer: dict[str, Any]) -> list[str]:
    """Where what was told is not what had to be told."""
    wanted, found = expected(case, who), told(answer)
    lines = []
    for what, must in wanted.items():
        if found[what] == must:
            continue
        if isinstance(must, set):
            more, less = found[what] - must, must - found[what]
            lines.append(f"{what}: told {_list(more)} too much, {_list(less)} not")
        else:
            lines.append(f"{what}: the model says {must!r}, the service {found[what]!r}")
    return lines


def _list(things: Any) -> str:
    return ", ".join(sorted(map(str, things))) or "nothing"

"""What is tried next: mostly what is somebody's turn and was not done yet, now and then anything by anybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tests.model.case import DECIDERS, PARTIES, Case, Move, Who
from tests.model.may import WHO_DOES, allowed, things

GROUNDS = ("new_evidence", "wrong_facts", "wrong_rule", "procedure", "conflict_of_interest")
KINDS = ("photo", "listing", "parcel_photo")
# How much likelier than the rest something is that moves a case on; what is never anybody's turn comes last.
WEIGHT = {
    **dict.fromkeys(("confirm_ruling", "return_ruling"), 80),
    **dict.fromkeys(("report_recovery", "correct_ruling", "admit_evidence"), 40),
    **dict.fromkeys(("respond", "escalate", "intervene", "rule", "report_notice"), 30),
    **dict.fromkeys(("file_appeal", "reverse_ruling", "uphold_ruling", "reject_appeal"), 25),
    **dict.fromkeys(("accept_offer", "decline_offer", "request_evidence", "resume_clock", "exclude_evidence"), 15),
    **dict.fromkeys(("submit_evidence", "challenge_evidence", "pause_clock", "make_offer", "reopen"), 10),
    **dict.fromkeys(("declare_conflict", "link_case", "chase", "add_note", "place_legal_hold"), 1),
    **dict.fromkeys(("withdraw", "request_human"), 2),
}


def turn(case: Case, done: Counter[str], chance: Random) -> tuple[Who, Move]:
    """Something that may be done; what was not done in this life yet comes first."""
    by_action: dict[str, list[tuple[Who, str | None]]] = {}
    for who in case.cast:
        for action, of in sorted(allowed(case, who), key=str):
            by_action.setdefault(action, []).append((who, of))
    if not done["report_external_refund"]:
        by_action["report_external_refund"] = [(one, None) for one in case.cast if one.role == "platform"]
    actions = sorted(by_action)
    action = chance.choices(actions, [_weight(one, done[one]) for one in actions])[0]
    who, of = chance.choice(by_action[action])
    return who, Move(action, of, body(case, who, action, chance))


def _weight(action: str, done: int) -> int:
    """What was not done in this life yet comes first."""
    return WEIGHT.get(action, 4) * (4, 2, 1)[min(done, 2)]


def anything(case: Case, chance: Random) -> tuple[Who, Move]:
    """Anything by anybody, also about what is not there."""
    action = chance.choice(sorted(WHO_DOES))
    fitting = [one for one in case.cast if one.role in WHO_DOES[action]]
    who = chance.choice(fitting if chance.random() < 0.7 else case.cast)
    of = chance.choice(things(case, action) or [None])
    if of is None and action in NAMES:
        of = NAMES[action]
    return who, Move(action, of, body(case, who, action, chance))


NAMES = {
    **dict.fromkeys(("accept_offer", "decline_offer"), "o9"),
    **dict.fromkeys(("challenge_evidence", "admit_evidence", "exclude_evidence"), "e9"),
    **dict.fromkeys(("confirm_ruling", "return_ruling", "correct_ruling"), "r9"),
    **dict.fromkeys(("reject_appeal", "uphold_ruling", "reverse_ruling"), "a9"),
}


def cny(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "CNY"}


def body(case: Case, who: Who, action: str, chance: Random) -> Any:
    """What is said with it: mostly what would be taken."""
    return BODIES[action](case, who, chance) if action in BODIES else None


def filing(lines: dict[str, int], reasons: Sequence[str], case_rules: Any, chance: Random) -> list[dict[str, Any]]:
    """A claim for each line of the order."""
    claims = []
    for line, paid in lines.items():
        reason = chance.choice(reasons)
        remedy = chance.choice([one for one in case_rules.open_remedies[reason] if one in case_rules.remedies])
        claim = {"reason": reason, "lines": [line], "remedy": remedy, "statement": "又酸又干"}
        if case_rules.remedies[remedy].chosen:
            claim["amount"] = cny(chance.randint(1, paid))
        claims.append(claim)
    return claims


def _terms(case: Case, chance: Random) -> list[dict[str, Any]]:
    terms: list[dict[str, Any]] = []
    for name, claim in case.claims.items():
        remedy = chance.choice([one for one in case.rules.open_remedies[claim.reason] if one in case.rules.remedies])
        amount = claim.paid if chance.random() < 0.3 else chance.randint(1, claim.paid)
        terms.append({"claim": name, "remedy": remedy, "amount": cny(amount)})
    if chance.random() < 0.1:
        terms[0]["amount"] = cny(chance.choice([0, terms[0]["amount"]["minor"] + 10_000_000]))
    return terms if chance.random() < 0.95 else terms[:-1] + terms[:1] * 2


def _respond(case: Case, _who: Who, chance: Random) -> Any:
    answer = chance.choice(["contest"] * 5 + ["counter", "counter", "accept"])
    said: dict[str, Any] = {"answer": answer, "statement": "口味因人而异"}
    return said | ({"terms": _terms(case, chance)} if (answer == "counter") is (chance.random() < 0.95) else {})


def _offer(case: Case, _who: Who, chance: Random) -> Any:
    return {"terms": _terms(case, chance), "note": "这样可以吗"}


def _show(case: Case, who: Who, chance: Random) -> Any:
    owed = sorted(kind for side, kind in case.owed() if side == who.role)
    kind = chance.choice(owed) if owed and chance.random() < 0.7 else chance.choice(KINDS)
    return {"kind": kind, "content": f"picture {chance.randint(1, 4)} in words"}


def _ask(_case: Case, _who: Who, chance: Random) -> Any:
    kinds = chance.sample(KINDS, chance.choice([1, 1, 2]))
    return {"side": chance.choice(PARTIES), "kinds": kinds, "why": "请补拍"}


def _pause(case: Case, _who: Who, chance: Random) -> Any:
    hours = case.rules.limits["pause_hours"] + 1 if chance.random() < 0.1 else chance.choice([1, 30, 100])
    return {"ground": "outage", "reason": "后台故障", "hours": hours}


def _rule(case: Case, _who: Who, chance: Random) -> Any:
    awards = [_award(case, name, chance) for name in case.claims]
    if chance.random() < 0.04:
        awards = awards[:-1] + awards[:1] * 2
    return {"awards": awards, "reasons": f"理由 {chance.randint(1, 9)}"}


def _award(case: Case, name: str, chance: Random) -> dict[str, Any]:
    claim = case.claims[name]
    finding = chance.choice(["upheld"] * 4 + ["dismissed", "dismissed", "undetermined"])
    said: dict[str, Any] = {"claim": name, "finding": finding, "facts": "已查明"}
    sound = [one for one, exhibit in case.exhibits.items() if exhibit.counts]
    if sound and chance.random() < 0.6:
        said["relied_on"] = [chance.choice(sound)]
    elif case.exhibits and chance.random() < 0.15:
        said["relied_on"] = [chance.choice([*case.exhibits, "e9"])]
    if finding != "undetermined":
        rules = case.rules.rules_for(claim.reason, upheld=finding == "upheld")
        said["rules"] = [chance.choice(rules)]
    if finding == "upheld":
        kinds = [one for one in case.rules.open_remedies[claim.reason] if one in case.rules.remedies]
        said["remedy"] = chance.choice(kinds)
        if case.rules.remedies[said["remedy"]].chosen:
            said["amount"] = cny(chance.randint(1, case.rules.most(said["remedy"], claim.paid)))
    if chance.random() < 0.06:
        said |= chance.choice(
            [
                {"rules": []},
                {"rules": ["NO-SUCH-RULE"]},
                {"rules": [chance.choice([*case.rules.citable])]},
                {"amount": cny(claim.paid + 1)},
                {"amount": cny(0)},
            ]
        )
    return said


def _correct(case: Case, _who: Who, chance: Random) -> Any:
    awards = case.ruling.awards if case.ruling else {}
    set_by_hand = [n for n, one in awards.items() if one.remedy and case.rules.remedies[one.remedy].chosen]
    kind = chance.choice(["typing", "arithmetic", "arithmetic", "omission"])
    name = chance.choice(set_by_hand or [*case.claims])
    claim = case.claims[name]
    said: dict[str, Any] = {"kind": kind, "why": "笔误"}
    match kind:
        case "typing":
            said["reasons"] = f"理由 {chance.randint(1, 9)}"
        case "arithmetic":
            said["awards"] = [{"claim": name, "amount": cny(chance.randint(1, claim.paid))}]
        case _:
            rules = case.rules.rules_for(claim.reason, upheld=awards[name].upheld if awards else True)
            said["awards"] = [{"claim": name, "rules": [chance.choice(rules)]}]
            sound = [one for one, exhibit in case.exhibits.items() if exhibit.counts]
            if sound:
                said["awards"][0]["relied_on"] = [chance.choice(sound)]
    if chance.random() < 0.08:
        said["kind"] = chance.choice(["typing", "arithmetic", "omission"])
    return said


def _refund(case: Case, _who: Who, chance: Random) -> Any:
    name = chance.choice([*case.claims])
    amount = chance.randint(1, case.claims[name].paid) if chance.random() < 0.9 else 0
    source = chance.choice(["chargeback", "merchant_transfer", "other"])
    return {"claim": name, "amount": cny(amount), "source": source, "reference": f"outside-{chance.randint(1, 3)}"}


def _recover(case: Case, _who: Who, chance: Random) -> Any:
    waiting = [name for name, one in case.recoveries.items() if one.left]
    name = chance.choice(waiting or ["v9"])
    left = case.recoveries[name].left if waiting else 1
    amount = left if chance.random() < 0.6 else chance.randint(1, left) if chance.random() < 0.8 else left + 1
    return {"recovery": name, "amount": cny(amount), "reference": f"back-{chance.randint(1, 6)}"}


def _give(case: Case, who: Who, chance: Random) -> Any:
    others = [one for one in case.cast if one.role in DECIDERS and one.platform == case.rules.platform]
    free = [one for one in others if one.id not in case.out | case.conflicts | {who.id}]
    to = chance.choice(free if free and chance.random() < 0.8 else others)
    return {"arbitrator": to.id, "role": to.role, "reason": "分担"}


def _link(case: Case, _who: Who, chance: Random) -> Any:
    to = case.id if chance.random() < 0.1 else case.beside
    return {"dispute": to, "kind": chance.choice(["duplicate", "related"]), "reason": "同一批"}


def _notice(_case: Case, _who: Who, chance: Random) -> Any:
    return {"channel": "app"} | ({"bounced": "unknown_address"} if chance.random() < 0.3 else {})


BODIES: dict[str, Callable[[Case, Who, Random], Any]] = {
    "report_notice": _notice,
    "respond": _respond,
    "send_message": lambda _case, _who, _chance: {"text": "照片已经发了"},
    "chase": lambda _case, _who, _chance: {"text": "还要多久"},
    "make_offer": _offer,
    "decline_offer": lambda _case, _who, _chance: {"reason": "不够"},
    "submit_evidence": _show,
    "request_evidence": _ask,
    "challenge_evidence": lambda _case, _who, _chance: {"ground": "relevance", "statement": "不是这一单"},
    "admit_evidence": lambda _case, _who, _chance: {"reason": "情有可原"},
    "exclude_evidence": lambda _case, _who, _chance: {"reason": "与本案无关"},
    "escalate": lambda _case, _who, _chance: {"reason": "请平台处理"},
    "reassign_case": _give,
    "link_case": _link,
    "release_case": lambda _case, _who, _chance: {"reason": "休假"},
    "declare_conflict": lambda _case, _who, _chance: {"ground": "knows_party", "reason": "认识店主"},
    "add_note": lambda _case, _who, chance: {"kind": chance.choice(["internal", "public"]), "text": "已核对"},
    "place_legal_hold": lambda _case, _who, _chance: {"reason": "法院调卷"},
    "lift_legal_hold": lambda _case, _who, _chance: {"reason": "已结案"},
    "pause_clock": _pause,
    "request_human": lambda _case, _who, _chance: {"reason": "请人看"},
    "rule": _rule,
    "return_ruling": lambda _case, _who, _chance: {"reason": "理由不足"},
    "correct_ruling": _correct,
    "file_appeal": lambda _case, _who, chance: {"ground": chance.choice(GROUNDS), "statement": "不服"},
    "reject_appeal": lambda _case, _who, _chance: {"reason": "没有理由"},
    "uphold_ruling": lambda _case, _who, _chance: {"reasons": "没有错"},
    "reverse_ruling": _rule,
    "withdraw": lambda _case, _who, _chance: {"reason": "不争了"},
    "reopen": lambda _case, _who, _chance: {"ground": "fraud", "reason": "照片是别人的"},
    "report_external_refund": _refund,
    "report_recovery": _recover,
}

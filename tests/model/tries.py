"""What is tried next: mostly what is somebody's turn and was not done yet, now and then anything by anybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tests.model.case import DECIDERS, PARTIES, Case, Move, Who
from tests.model.may import WHO_DOES, allowed, gives_for, things
from tests.model.rules import FREIGHT, REFUNDS, SUBSIDY, Bought, Rules
from tests.model.says import do_not_combine, may_promise

GROUNDS = ("new_evidence", "wrong_facts", "wrong_rule", "procedure", "conflict_of_interest")
KINDS = ("photo", "listing", "parcel_photo")
# How much likelier than the rest something is that moves a case on; what is never anybody's turn comes last.
WEIGHT = {
    **dict.fromkeys(("confirm_ruling", "return_ruling"), 80),
    **dict.fromkeys(("report_recovery", "write_off_recovery", "resume_clock", "correct_ruling", "admit_evidence"), 40),
    **dict.fromkeys(("respond", "escalate", "intervene", "rule", "report_notice"), 30),
    **dict.fromkeys(("file_appeal", "reverse_ruling", "uphold_ruling", "reject_appeal"), 25),
    **dict.fromkeys(("accept_offer", "decline_offer", "request_evidence", "exclude_evidence"), 15),
    **dict.fromkeys(("submit_evidence", "challenge_evidence", "pause_clock", "make_offer", "reopen"), 10),
    **dict.fromkeys(("add_claim",), 20),
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
    **dict.fromkeys(("write_off_recovery",), "v9"),
}


def cny(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "CNY"}


def body(case: Case, who: Who, action: str, chance: Random) -> Any:
    """What is said with it: mostly what would be taken."""
    return BODIES[action](case, who, chance) if action in BODIES else None


def filing(bought: Bought, lines: Sequence[str], rules: Rules, chance: Random) -> list[dict[str, Any]]:
    """Claims for these lines, mostly each its own."""
    left, claims = list(lines), list[dict[str, Any]]()
    while left:
        some = [left.pop(0) for _ in range(2 if len(left) == 2 and chance.random() < 0.25 else 1)]
        claims.append(_claiming(bought, some, rules, chance))
        if [one["remedy"] for one in claims].count(FREIGHT) > 1 and rules.remedies[FREIGHT].of == "freight":
            del claims[-1]  # all the freight is asked for already
            left = some + left
    return claims


def _claiming(bought: Bought, lines: list[str], rules: Rules, chance: Random) -> dict[str, Any]:
    reason = chance.choice([*rules.open_remedies])
    kinds = [one for one in rules.for_parties(reason) if rules.most(one, bought, lines)]
    remedy = chance.choice(kinds)
    claim: dict[str, Any] = {"reason": reason, "lines": lines, "remedy": remedy, "statement": "又酸又干"}
    if rules.remedies[remedy].chosen:
        claim["amount"] = cny(chance.randint(1, rules.most(remedy, bought, lines)))
    return claim


def _claim(case: Case, _who: Who, chance: Random) -> Any:
    free = [line for line in case.bought.prices if line not in case.claimed() | case.elsewhere]
    lines = chance.sample(free, min(len(free), chance.choice([1, 1, 2])))
    if not lines or chance.random() < 0.1:
        lines = [chance.choice([*case.bought.prices])]
    said = _claiming(case.bought, lines, case.rules, chance)
    if chance.random() < 0.15:
        said |= chance.choice(
            [
                {"lines": [*lines, lines[0]]},
                {"lines": ["no such line"]},
                {"reason": "no_such_reason"},
                {"remedy": SUBSIDY},
                {"amount": cny(sum(case.bought.prices.values()) + 10_000_000)},
                {"amount": cny(0)},
            ]
        )
    return said


def together(kinds: list[str], chance: Random) -> list[str]:
    """One remedy or several that go together."""
    chosen = chance.sample(kinds, min(len(kinds), chance.choice([1, 1, 1, 2, 3])))
    if do_not_combine(chosen):
        chosen.remove(chance.choice(sorted(REFUNDS)))
    return chosen


def _terms(case: Case, chance: Random) -> list[dict[str, Any]]:
    terms: list[dict[str, Any]] = []
    freight = case.bought.freight
    for name, claim in case.claims.items():
        open_ones = case.rules.for_parties(claim.reason)
        kinds = [one for one in open_ones if (freight if one == FREIGHT else may_promise(case, name, one))]
        for remedy in together(kinds, chance):
            most = freight if remedy == FREIGHT else may_promise(case, name, remedy)
            amount = most if chance.random() < 0.3 else chance.randint(1, most)
            freight -= amount if remedy == FREIGHT else 0
            terms.append({"claim": name, "remedy": remedy, "amount": cny(amount)})
    number, last = chance.random(), terms[-1]
    if number < 0.1:
        last["amount"] = cny(chance.choice([0, last["amount"]["minor"] + 10_000_000]))
    elif number < 0.15:
        return terms[:-1] + terms[:1] * 2
    elif number < 0.2:
        more = chance.choice([*REFUNDS, FREIGHT, SUBSIDY, last["remedy"]])
        terms.append({"claim": last["claim"], "remedy": more, "amount": cny(chance.choice([1, 1000]))})
    return terms


def _respond(case: Case, _who: Who, chance: Random) -> Any:
    answer = chance.choice(["contest"] * 5 + ["counter", "counter", "accept"])
    said: dict[str, Any] = {"answer": answer, "statement": "口味因人而异"}
    return said | ({"terms": _terms(case, chance)} if (answer == "counter") is (chance.random() < 0.95) else {})


def _offer(case: Case, who: Who, chance: Random) -> Any:
    said = {"terms": _terms(case, chance), "note": "这样可以吗"}
    theirs = [name for name, one in case.offers.items() if one.state == "open" and one.by != who.role]
    if theirs and chance.random() < 0.5:
        return said | {"counters": chance.choice(theirs)}
    return said | ({"counters": chance.choice([*case.offers, "o9"])} if chance.random() < 0.07 else {})


def _gift(case: Case, who: Who, chance: Random) -> Any:
    left = max(case.left_to_give(gives_for(who)), 1)
    amount = left if chance.random() < 0.1 else chance.randint(1, min(left, 2000))
    amount = chance.choice([0, left + 1]) if chance.random() < 0.1 else amount
    return {"amount": cny(amount), "tender": chance.choice(["money", "coupon"]), "why": "一点心意"}


def _show(case: Case, who: Who, chance: Random) -> Any:
    owed = sorted(kind for side, kind in case.owed() if side == who.role)
    kind = chance.choice(owed) if owed and chance.random() < 0.7 else chance.choice(KINDS)
    what = chance.choice(["words", "words", "words", "words", "words", "a picture", "a document"])
    return {"kind": kind, "content": f"{what} {chance.randint(1, 3)}"}


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


def dismissing(case: Case) -> Any:
    """A ruling that nothing stands against and nobody has to confirm."""
    awards = [
        {
            "claim": name,
            "finding": "dismissed",
            "facts": "已查明",
            "rules": case.rules.rules_for(one.reason, upheld=False),
        }
        for name, one in case.claims.items()
    ]
    return {"awards": awards, "reasons": "理由 0"}


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
        kinds = [one for one in case.rules.open_remedies[claim.reason] if case.most(one, name)]
        said["remedies"] = [_given(case, name, one, chance) for one in together(kinds, chance)]
    if chance.random() < 0.06:
        said |= chance.choice(
            [
                {"rules": []},
                {"rules": ["NO-SUCH-RULE"]},
                {"rules": [chance.choice([*case.rules.citable])]},
                {"remedies": [{"remedy": chance.choice([*case.rules.remedies])}]},
                {"remedies": [{"remedy": one, "amount": cny(1)} for one in sorted(REFUNDS)]},
                {"remedies": [{"remedy": "coupon", "amount": cny(one)} for one in (1, 2)]},
                {"remedies": [{"remedy": "partial_refund", "amount": cny(chance.choice([0, claim.paid + 1]))}]},
            ]
        )
    return said


def _given(case: Case, claim: str, remedy: str, chance: Random) -> dict[str, Any]:
    said: dict[str, Any] = {"remedy": remedy}
    if case.rules.remedies[remedy].chosen:
        said["amount"] = cny(chance.randint(1, case.most(remedy, claim)))
    return said


def _correct(case: Case, _who: Who, chance: Random) -> Any:
    awards = case.ruling.awards if case.ruling else {}
    set_by_hand = [
        (name, remedy) for name, one in awards.items() for remedy in one.given if case.rules.remedies[remedy].chosen
    ]
    kind = chance.choice(["typing", "arithmetic", "arithmetic", "omission"])
    name, remedy = chance.choice(set_by_hand or [(name, "partial_refund") for name in case.claims])
    claim = case.claims[name]
    said: dict[str, Any] = {"kind": kind, "why": "笔误"}
    match kind:
        case "typing":
            said["reasons"] = f"理由 {chance.randint(1, 9)}"
        case "arithmetic":
            most = max(case.most(remedy, name), 1)
            said["awards"] = [{"claim": name, "amount": cny(chance.randint(1, most))}]
            if chance.random() < 0.8:
                said["awards"][0]["remedy"] = remedy
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
    "add_claim": _claim,
    "give_goodwill": _gift,
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
    "write_off_recovery": lambda _case, _who, _chance: {"reason": "联系不上买家"},
}

"""What stands against what a move says: the terms, the awards, the amounts. Bodies are the JSON that is sent."""

from __future__ import annotations

from typing import Any

from tests.model.case import Award, Case, Move, Who
from tests.model.may import _full, unusable


def amount_of(money: Any) -> int:
    return int(money["minor"])


def against_words(case: Case, who: Who, move: Move) -> set[str]:
    """Every reason there is against what is said."""
    asked = CHECKS.get(move.action)
    return asked(case, who, move.body or {}) if asked else set()


def _terms(case: Case, _who: Who, body: Any) -> set[str]:
    terms = body["terms"]
    if sorted(one["claim"] for one in terms) != sorted(case.claims):
        return {"terms_incomplete"}
    reasons = set()
    for one in terms:
        claim = case.claims[one["claim"]]
        if one["remedy"] not in case.rules.open_remedies[claim.reason]:
            reasons.add("remedy_not_open")
        if not 0 < amount_of(one["amount"]) <= claim.paid:
            reasons.add("amount_too_high")
    return reasons


def _answer(case: Case, who: Who, body: Any) -> set[str]:
    terms = body.get("terms", [])
    if (body["answer"] == "counter") != bool(terms):
        return {"counter_needs_terms"}
    return _terms(case, who, body) if terms else set()


def _exhibit(case: Case, who: Who, body: Any) -> set[str]:
    if (who.role, body["kind"]) in case.owed() or shown_before(case, who, body):
        return set()
    return _full(case, who)


def shown_before(case: Case, who: Who, body: Any) -> str | None:
    """The same content from the same side, shown as the same, is the same exhibit."""
    alike = (who.role, body["kind"], body["content"])
    return next((name for name, one in case.exhibits.items() if (one.by, one.kind, one.content) == alike), None)


def _request(case: Case, _who: Who, body: Any) -> set[str]:
    twice = any((body["side"], kind) in case.owed() for kind in body["kinds"])
    return {"asked_already"} if twice else set()


def _give(case: Case, who: Who, body: Any) -> set[str]:
    reasons = {"given_to_oneself"} if body["arbitrator"] == who.id else set()
    if body["arbitrator"] in case.conflicts:
        reasons.add("conflict_declared")
    return reasons | ({"heard_before"} if body["arbitrator"] in case.out else set())


def _link(case: Case, _who: Who, body: Any) -> set[str]:
    return {"linked_to_itself"} if body["dispute"] == case.id else set()


def _pause(case: Case, _who: Who, body: Any) -> set[str]:
    return {"pause_too_long"} if body["hours"] > case.rules.limits["pause_hours"] else set()


def _awards(case: Case, _who: Who, body: Any) -> set[str]:
    awards = body["awards"]
    if sorted(one["claim"] for one in awards) != sorted(case.claims):
        return {"awards_incomplete"}
    return set().union(*(_award(case, one) for one in awards))


def _award(case: Case, award: Any) -> set[str]:
    claim = case.claims[award["claim"]]
    upheld, rules, remedy = award["finding"] == "upheld", award.get("rules", []), award.get("remedy")
    undetermined = award["finding"] == "undetermined"
    reasons = {"no_rule_cited"} if not rules and not undetermined else set()
    reasons |= _cited(case, claim.reason, rules, None if undetermined else upheld)
    for name in award.get("relied_on", []):
        reasons |= unusable(case, name)
    if undetermined and claim.reason not in case.rules.fallbacks:
        reasons.add("no_fallback")
    if not upheld:
        return reasons | ({"remedy_does_not_fit"} if remedy or award.get("amount") else set())
    if remedy not in case.rules.open_remedies[claim.reason]:
        return reasons | {"remedy_does_not_fit"}
    return reasons | _amount(case, remedy, claim.paid, award.get("amount"))


def _cited(case: Case, reason: str, rules: list[str], upheld: bool | None) -> set[str]:  # noqa: FBT001 - a finding
    reasons = set()
    for name in rules:
        if name not in case.rules.citable:
            reasons.add("unknown_rule")
        elif case.rules.citable[name][0] is not upheld or reason not in case.rules.citable[name][1]:
            reasons.add("rule_does_not_fit")
    return reasons


def _amount(case: Case, remedy: str, paid: int, amount: Any) -> set[str]:
    most = case.rules.most(remedy, paid)
    if case.rules.remedies[remedy].chosen:
        return set() if amount and 0 < amount_of(amount) <= most else {"amount_not_chosen"}
    return {"amount_not_free"} if amount and amount_of(amount) != most else set()


def award_of(case: Case, said: Any) -> Award:
    """What an award that nothing stands against comes to."""
    claim, rules = case.claims[said["claim"]], said.get("rules", [])
    leaned = list(said.get("relied_on", []))
    if said["finding"] == "undetermined":
        row = case.rules.fallbacks[claim.reason]
        award = Award(row.upheld, [row.rule], exhibits=leaned, undetermined=True)
        if row.upheld:
            award.remedy = row.remedy or claim.remedy
            award.amount = case.rules.most(row.remedy, claim.paid) if row.remedy else claim.asked
    else:
        award = Award(said["finding"] == "upheld", list(rules), exhibits=leaned)
        if award.upheld:
            award.remedy = said["remedy"]
            chosen = said.get("amount")
            award.amount = amount_of(chosen) if chosen else case.rules.most(said["remedy"], claim.paid)
    if award.remedy:
        award.payer = case.rules.remedies[award.remedy].payer
    return award


def _correction(case: Case, _who: Who, body: Any) -> set[str]:
    """Words, an amount that was set, or what was left out; never another finding."""
    ruling, kind = case.ruling, body["kind"]
    if ruling is None:
        return set()
    reasons = set()
    changes = {"typing"} if body.get("reasons") else set()
    for one in body.get("awards", []):
        changes |= {"typing"} if one.get("facts") else set()
        changes |= {"arithmetic"} if one.get("amount") else set()
        changes |= {"omission"} if one.get("rules") or one.get("relied_on") else set()
        if one["claim"] not in ruling.awards:
            reasons.add("unknown_claim")
            continue
        reasons |= _put_right(case, ruling.awards[one["claim"]], case.claims[one["claim"]].reason, one)
    reasons |= {"correction_does_not_fit"} if changes - {kind} else set()
    if other := other_amounts(case, body):
        if any(not line.stopped and line.claim in other for line in case.lines.values()):
            reasons.add("already_carried_out")
        limit, new = case.rules.four_eyes, {name: one.amount for name, one in ruling.awards.items()} | other
        if limit is not None and sum(new.values()) > limit:
            reasons.add("correction_above_limit")
    return reasons


def _put_right(case: Case, award: Award, reason: str, one: Any) -> set[str]:
    reasons = set()
    rules = [name for name in one.get("rules", []) if name not in award.rules]
    reasons |= _cited(case, reason, rules, None if award.undetermined else award.upheld)
    for name in [*award.exhibits, *one.get("relied_on", [])]:
        reasons |= unusable(case, name)
    if one.get("amount"):
        if award.remedy is None:
            return reasons | {"remedy_does_not_fit"}
        reasons |= _amount(case, award.remedy, case.claims[one["claim"]].paid, one["amount"])
    return reasons


def other_amounts(case: Case, body: Any) -> dict[str, int]:
    """By claim: the amounts that a correction changes."""
    awards = case.ruling.awards if case.ruling else {}
    return {
        one["claim"]: amount_of(one["amount"])
        for one in body.get("awards", [])
        if one.get("amount") and one["claim"] in awards and awards[one["claim"]].amount != amount_of(one["amount"])
    }


def _refund(case: Case, _who: Who, body: Any) -> set[str]:
    if (known := case.outside.get(body["reference"])) is not None:
        same = known == (body["claim"], amount_of(body["amount"]), body["source"])
        return set() if same else {"refund_reported_otherwise"}
    reasons = set() if body["claim"] in case.claims else {"unknown_claim"}
    return reasons | (set() if amount_of(body["amount"]) > 0 else {"nothing_refunded"})


def _recovery(case: Case, _who: Who, body: Any) -> set[str]:
    if body["recovery"] not in case.recoveries:
        return {"unknown_recovery"}
    for name, one in case.recoveries.items():
        if body["reference"] in one.reported:
            same = (name, one.reported[body["reference"]]) == (body["recovery"], amount_of(body["amount"]))
            return set() if same else {"recovered_otherwise"}
    left = case.recoveries[body["recovery"]].left
    return set() if 0 < amount_of(body["amount"]) <= left else {"recovery_too_high"}


CHECKS = {
    "respond": _answer,
    "make_offer": _terms,
    "submit_evidence": _exhibit,
    "request_evidence": _request,
    "reassign_case": _give,
    "pause_clock": _pause,
    "link_case": _link,
    "rule": _awards,
    "reverse_ruling": _awards,
    "correct_ruling": _correction,
    "report_external_refund": _refund,
    "report_recovery": _recovery,
}

"""What stands against what a move says: the terms, the awards, the amounts. Bodies are the JSON that is sent."""

from __future__ import annotations

from typing import Any

from tests.model.case import Award, Case, Claim, Move, Who
from tests.model.may import _full, _offer, gives_for, unusable
from tests.model.rules import FREIGHT, REFUNDS


def amount_of(money: Any) -> int:
    return int(money["minor"])


def against_words(case: Case, who: Who, move: Move) -> set[str]:
    """Every reason there is against what is said."""
    asked = CHECKS.get(move.action)
    return asked(case, who, move.body or {}) if asked else set()


def _claim(case: Case, _who: Who, body: Any) -> set[str]:
    """Why it cannot be claimed."""
    lines, remedy, asked = body["lines"], body["remedy"], body.get("amount")
    reasons = {"lines_claimed_twice"} if len(set(lines)) < len(lines) else set()
    if set(lines) & (case.elsewhere | case.claimed()):
        reasons.add("line_already_disputed")
    if body["reason"] not in case.rules.open_remedies:
        return reasons | {"unknown_reason"}
    if remedy not in case.rules.for_parties(body["reason"]):
        return reasons | {"remedy_not_open"}
    if set(lines) - set(case.bought.prices):
        return reasons | {"unknown_line"}
    most = case.rules.most(remedy, case.bought, lines)
    amount = amount_of(asked) if asked else most
    if not 0 < amount <= most:
        reasons.add("amount_too_high")
    elif amount != most and not case.rules.remedies[remedy].chosen:
        reasons.add("amount_not_free")
    before = sum(one.asked for one in case.claims.values() if one.remedy == FREIGHT)
    return reasons | too_much_freight(case, before + (amount if remedy == FREIGHT else 0))


def claim_of(case: Case, body: Any) -> Claim:
    """A claim that nothing stands against."""
    lines, asked = tuple(body["lines"]), body.get("amount")
    amount = amount_of(asked) if asked else case.rules.most(body["remedy"], case.bought, lines)
    return Claim(body["reason"], lines, case.bought.paid(lines), body["remedy"], amount)


def too_much_freight(case: Case, amount: int) -> set[str]:
    """Freight is given back once."""
    return {"freight_exceeded"} if amount > case.bought.freight else set()


def do_not_combine(remedies: list[str]) -> set[str]:
    """No remedy stands twice, and the price comes back in one way."""
    twice = len(set(remedies)) < len(remedies) or set(remedies) >= REFUNDS
    return {"remedies_do_not_combine"} if twice else set()


def _terms(case: Case, _who: Who, body: Any) -> set[str]:
    terms = body["terms"]
    if {one["claim"] for one in terms} != set(case.claims):
        return {"terms_incomplete"}
    reasons = set()
    for one in terms:
        claim, remedy = case.claims[one["claim"]], one["remedy"]
        if remedy not in case.rules.for_parties(claim.reason):
            reasons.add("remedy_not_open")
        elif not 0 < amount_of(one["amount"]) <= may_promise(case, one["claim"], remedy):
            reasons.add("amount_too_high")
    for name in case.claims:
        reasons |= do_not_combine([one["remedy"] for one in terms if one["claim"] == name])
    freight = sum(amount_of(one["amount"]) for one in terms if one["remedy"] == FREIGHT)
    return reasons | too_much_freight(case, freight)


def may_promise(case: Case, claim: str, remedy: str) -> int:
    """Of price and freight the parties may agree on all, of the rest on what the rules give."""
    if remedy in REFUNDS:
        return case.claims[claim].paid
    return case.bought.freight if remedy == FREIGHT else case.most(remedy, claim)


def _offering(case: Case, who: Who, body: Any) -> set[str]:
    return _terms(case, who, body) | (_offer(case, who, body["counters"]) if "counters" in body else set())


def _gift(case: Case, who: Who, body: Any) -> set[str]:
    left = case.left_to_give(gives_for(who))
    return set() if 0 < amount_of(body["amount"]) <= left else {"goodwill_too_high"}


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
    reasons: set[str] = set().union(*(_award(case, one) for one in awards))
    given = [award_of(case, one).given for one in awards] if not reasons else []
    return reasons | too_much_freight(case, sum(one.get(FREIGHT, 0) for one in given))


def _award(case: Case, award: Any) -> set[str]:
    claim = case.claims[award["claim"]]
    upheld, rules, sought = award["finding"] == "upheld", award.get("rules", []), award.get("remedies", [])
    undetermined = award["finding"] == "undetermined"
    reasons = {"no_rule_cited"} if not rules and not undetermined else set()
    reasons |= _cited(case, claim.reason, rules, None if undetermined else upheld)
    for name in award.get("relied_on", []):
        reasons |= unusable(case, name)
    if undetermined and claim.reason not in case.rules.fallbacks:
        reasons.add("no_fallback")
    if not upheld:
        return reasons | ({"remedy_does_not_fit"} if sought else set())
    kinds = [one["remedy"] for one in sought]
    if not kinds or not set(kinds) <= set(case.rules.open_remedies[claim.reason]):
        return reasons | {"remedy_does_not_fit"}
    reasons |= do_not_combine(kinds)
    for one in sought:
        reasons |= _amount(case, one["remedy"], award["claim"], one.get("amount"))
    return reasons


def _cited(case: Case, reason: str, rules: list[str], upheld: bool | None) -> set[str]:  # noqa: FBT001 - a finding
    reasons = set()
    for name in rules:
        if name not in case.rules.citable:
            reasons.add("unknown_rule")
        elif case.rules.citable[name][0] is not upheld or reason not in case.rules.citable[name][1]:
            reasons.add("rule_does_not_fit")
    return reasons


def _amount(case: Case, remedy: str, claim: str, amount: Any) -> set[str]:
    most = case.most(remedy, claim)
    if case.rules.remedies[remedy].chosen:
        return set() if amount and 0 < amount_of(amount) <= most else {"amount_not_chosen"}
    if amount and amount_of(amount) != most:
        return {"amount_not_free"}
    return set() if most else {"nothing_to_pay"}


def award_of(case: Case, said: Any) -> Award:
    """What an award that nothing stands against comes to."""
    claim, rules = case.claims[said["claim"]], said.get("rules", [])
    leaned = list(said.get("relied_on", []))
    if said["finding"] == "undetermined":
        row = case.rules.fallbacks[claim.reason]
        award = Award(row.upheld, [row.rule], exhibits=leaned, undetermined=True)
        if row.upheld:
            award.given = {row.remedy: case.most(row.remedy, said["claim"])} if row.remedy else as_asked(claim)
    else:
        award = Award(said["finding"] == "upheld", list(rules), exhibits=leaned)
        for one in said.get("remedies", []):
            chosen = one.get("amount")
            award.given[one["remedy"]] = amount_of(chosen) if chosen else case.most(one["remedy"], said["claim"])
    return award


def as_asked(claim: Claim) -> dict[str, int]:
    return {claim.remedy: claim.asked}


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
        reasons |= _put_right(case, ruling.awards[one["claim"]], one)
    reasons |= {"correction_does_not_fit"} if changes - {kind} else set()
    if other := other_amounts(case, body):
        claims = {claim for claim, _ in other}
        if any(not line.stopped and line.claim in claims for line in case.lines.values()):
            reasons.add("already_carried_out")
        more = sum(amount - ruling.awards[claim].given[remedy] for (claim, remedy), amount in other.items())
        limit = case.rules.four_eyes
        if limit is not None and ruling.total + more > limit:
            reasons.add("correction_above_limit")
    return reasons


def _put_right(case: Case, award: Award, one: Any) -> set[str]:
    reasons, reason = set(), case.claims[one["claim"]].reason
    rules = [name for name in one.get("rules", []) if name not in award.rules]
    reasons |= _cited(case, reason, rules, None if award.undetermined else award.upheld)
    for name in [*award.exhibits, *one.get("relied_on", [])]:
        reasons |= unusable(case, name)
    if one.get("amount"):
        remedy = corrected_remedy(award, one)
        if remedy not in award.given:
            return reasons | {"remedy_does_not_fit"}
        reasons |= _amount(case, remedy, one["claim"], one["amount"])
    return reasons


def corrected_remedy(award: Award, one: Any) -> str:
    """Whose amount it is: the one that is named, or the only one."""
    return one.get("remedy") or (next(iter(award.given)) if len(award.given) == 1 else "")


def other_amounts(case: Case, body: Any) -> dict[tuple[str, str], int]:
    """By claim and remedy: the amounts that a correction changes."""
    awards, other = case.ruling.awards if case.ruling else {}, {}
    for one in body.get("awards", []):
        if one.get("amount") and one["claim"] in awards:
            award, amount = awards[one["claim"]], amount_of(one["amount"])
            remedy = corrected_remedy(award, one)
            if award.given.get(remedy, amount) != amount:
                other[one["claim"], remedy] = amount
    return other


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
    "add_claim": _claim,
    "make_offer": _offering,
    "give_goodwill": _gift,
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

"""What comes of a move that nothing stands against, and of a clock that runs out."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from tests.model import money
from tests.model.case import OTHER, PARTIES, Award, Case, Exhibit, Gift, Move, Offer, Request, Ruling, Who
from tests.model.may import against, gives_for
from tests.model.rules import GIVEN_BACK
from tests.model.says import against_words, amount_of, as_asked, award_of, claim_of, other_amounts, shown_before


def reasons_against(case: Case, who: Who, move: Move) -> set[str]:
    """Every reason there is against a move; what is nothing new is not refused for want of room."""
    reasons = against(case, who, move)
    if reasons & {"not_found", "not_allowed"}:
        return reasons
    reasons |= against_words(case, who, move)
    if move.action == "submit_evidence" and shown_before(case, who, move.body):
        reasons -= {"too_many_exhibits"}
    if move.action == "report_recovery" and reference_known(case, move.body):
        reasons -= {"nothing_to_recover"}
    return reasons


def reference_known(case: Case, body: Any) -> bool:
    return any(body["reference"] in one.reported for one in case.recoveries.values())


def do(case: Case, who: Who, move: Move) -> bool:
    """Carry it out; tells whether it is anything new."""
    return EFFECTS[move.action](case, who, move) is not False


def look(case: Case, who: Who) -> None:
    """The merchant, signed in, opens the case: the first time that is proof that it was told."""
    if case.stage == "awaiting_response" and not case.served and case.side(who) == "merchant":
        _serve(case)


def _serve(case: Case) -> None:
    case.served = True
    case.stop("notice")
    case.start("answer", ("merchant",))


def _notice(case: Case, _who: Who, move: Move) -> None:
    if "bounced" not in move.body:
        _serve(case)


def _respond(case: Case, who: Who, move: Move) -> None:
    case.answered = move.body["answer"]
    case.stage = "negotiation"
    case.stop("notice", "answer")
    if case.answered == "accept":
        _settle(case, [(name, claim.remedy, claim.asked) for name, claim in case.claims.items()])
    if case.answered == "counter":
        _offer(case, who, move)


def _claim(case: Case, _who: Who, move: Move) -> None:
    """Offers name every claim, so those that are open lapse."""
    case.claims[f"c{len(case.claims) + 1}"] = claim_of(case, move.body)
    _lapse_offers(case)


def _lapse_offers(case: Case) -> None:
    for name, offer in case.offers.items():
        if offer.state == "open":
            offer.state = "expired"
            case.stop(f"offer:{name}")


def _goodwill(case: Case, who: Who, move: Move) -> None:
    gift = Gift(gives_for(who), amount_of(move.body["amount"]), move.body["tender"])
    case.gifts[f"g{len(case.gifts) + 1}"] = gift


def _message(case: Case, who: Who, _move: Move) -> None:
    case.messages[who.role] += 1


def _chase(case: Case, who: Who, _move: Move) -> None:
    case.chases[who.role] += 1


def _offer(case: Case, who: Who, move: Move) -> None:
    name = f"o{len(case.offers) + 1}"
    terms = [(one["claim"], one["remedy"], amount_of(one["amount"])) for one in move.body["terms"]]
    countered = move.body.get("counters")
    case.offers[name] = Offer(who.role, terms, counters=countered)
    if countered:
        case.offers[countered].state = "countered"
        case.stop(f"offer:{countered}")
    case.start("offer", (OTHER[who.role],), name)


def _accept(case: Case, _who: Who, move: Move) -> None:
    offer = case.offers[str(move.of)]
    offer.state = "accepted"
    _settle(case, offer.terms)


def _settle(case: Case, terms: list[tuple[str, str, int]]) -> None:
    """What the parties agree is carried out at once, and the merchant pays it."""
    case.stop_all()
    case.agreed = True
    if case.open_appeal:
        case.appeals[-1] = (case.appeals[-1][0], "settled")
    money.order(case, [(claim, remedy, "merchant", amount) for claim, remedy, amount in terms], "settled")
    leave_stage(case)


def _decline(case: Case, _who: Who, move: Move) -> None:
    case.offers[str(move.of)].state = "declined"
    case.stop(f"offer:{move.of}")


def _show(case: Case, who: Who, move: Move) -> bool:
    if shown_before(case, who, move.body):
        return False
    kind = move.body["kind"]
    asked = case.owed().get((who.role, kind))
    name = f"e{len(case.exhibits) + 1}"
    late = not case.open_for(who.role)
    case.exhibits[name] = Exhibit(who.role, kind, move.body["content"], late=late, request=asked)
    if asked and asked not in case.owed().values():
        case.requests[asked].answered = True
        case.stop(f"evidence:{asked}")
    return True


def _ask(case: Case, _who: Who, move: Move) -> None:
    side = move.body["side"]
    case.round += not case.open_for(side)
    name = f"q{len(case.requests) + 1}"
    case.requests[name] = Request(side, tuple(dict.fromkeys(move.body["kinds"])))
    case.start("evidence", (side,), name)


def _close_round(case: Case, _who: Who, _move: Move) -> None:
    case.closed_for = set(PARTIES)


def _challenge(case: Case, _who: Who, move: Move) -> None:
    case.exhibits[str(move.of)].challenged = True


def _admit(case: Case, _who: Who, move: Move) -> None:
    case.exhibits[str(move.of)].admitted = move.action == "admit_evidence"


def _escalate(case: Case, _who: Who, _move: Move) -> None:
    to_review(case)


def to_review(case: Case) -> None:
    case.stage = "under_review"
    leave_stage(case)


def leave_stage(case: Case) -> None:
    """No proposal outlives the stage it was made in."""
    case.proposal = None


def _intervene(case: Case, who: Who, _move: Move) -> None:
    _give_to(case, who.role, who.id)
    if case.open_appeal:
        case.appeals[-1] = (case.appeals[-1][0], "heard")


def _give_to(case: Case, role: str, name: str) -> None:
    case.arbitrator = (role, name)
    case.had.add(name)


def _release(case: Case, _who: Who, _move: Move) -> None:
    case.arbitrator = None


def _reassign(case: Case, _who: Who, move: Move) -> bool:
    to = (move.body.get("role", "arbitrator"), move.body["arbitrator"])
    if case.arbitrator == to:
        return False
    _give_to(case, *to)
    return True


def _conflict(case: Case, who: Who, _move: Move) -> bool:
    if who.id in case.conflicts:
        return False
    case.conflicts.add(who.id)
    if case.arbitrator and case.arbitrator[1] == who.id:
        case.arbitrator = None
    return True


def _note(case: Case, _who: Who, move: Move) -> None:
    case.notes.append(move.body["kind"])


def _link(case: Case, _who: Who, move: Move) -> bool:
    link = (move.body["dispute"], move.body["kind"])
    if link in case.links:
        return False
    case.links.append(link)
    return True


def _hold(case: Case, _who: Who, move: Move) -> None:
    case.hold = move.action == "place_legal_hold"


def _pause(case: Case, _who: Who, move: Move) -> None:
    case.held, case.pause_hours = set(case.clocks), move.body["hours"]


def _resume(case: Case, _who: Who, _move: Move) -> None:
    case.held, case.pause_ends = set(), None


def _human(case: Case, who: Who, _move: Move) -> bool:
    """From now on silence proposes, and what it has decided is a proposal again."""
    if case.human:
        return False
    case.human = who.role
    if case.stage == "decided" and case.ruling and case.ruling.by is None:
        case.stop("appeal")
        to_review(case)
        _propose(case, replace(_named(case, deepcopy(case.ruling.awards)), of_silence=True))
    return True


def _named(case: Case, awards: dict[str, Award], by: Who | None = None) -> Ruling:
    return Ruling(f"r{len(case.names_used) + 1}", awards, by)


def _propose(case: Case, ruling: Ruling) -> None:
    case.names_used.add(ruling.name)
    to_review(case)
    case.stop("appeal")
    case.proposal = ruling


def _rule(case: Case, who: Who, move: Move) -> None:
    ruling = _named(case, {one["claim"]: award_of(case, one) for one in move.body["awards"]}, who)
    ruling.reasons = move.body["reasons"]
    if not _propose_above(case, case.rules.four_eyes, ruling):
        _decide(case, ruling)


def _propose_above(case: Case, limit: int | None, ruling: Ruling) -> bool:
    """What comes to more than the limit is only proposed."""
    if limit is None or ruling.total <= limit:
        return False
    _propose(case, ruling)
    return True


def _decide(case: Case, ruling: Ruling) -> None:
    case.names_used.add(ruling.name)
    case.rulings.append(ruling)
    case.stage = "decided"
    leave_stage(case)
    case.stop_all()
    if ruling.appeal:
        case.appeals[-1] = (case.appeals[-1][0], "reversed")
        _become_final(case)
        return
    case.start("appeal", PARTIES)
    if case.rules.at_decision:
        money.order(case, money.due_under(case, ruling), None)


def _confirm(case: Case, who: Who, _move: Move) -> None:
    proposal = case.proposal
    assert proposal is not None
    _decide(case, replace(proposal, by=who, proposed_by=proposal.by, of_silence=False))


def _return(case: Case, _who: Who, _move: Move) -> None:
    case.proposal = None


def _correct(case: Case, _who: Who, move: Move) -> bool:
    ruling = case.ruling
    assert ruling is not None
    other, changed = other_amounts(case, move.body), False
    for one in move.body.get("awards", []):
        award = ruling.awards[one["claim"]]
        new_rules = [name for name in dict.fromkeys(one.get("rules", [])) if name not in award.rules]
        new_exhibits = [name for name in dict.fromkeys(one.get("relied_on", [])) if name not in award.exhibits]
        award.rules, award.exhibits = [*award.rules, *new_rules], [*award.exhibits, *new_exhibits]
        changed = changed or bool(new_rules or new_exhibits or one.get("facts"))
    for (claim, remedy), amount in other.items():
        ruling.awards[claim].given[remedy] = amount
    said = move.body.get("reasons")
    changed = changed or bool(other) or (said is not None and said != ruling.reasons)
    ruling.reasons = said or ruling.reasons
    if other:
        case.start("appeal", PARTIES)  # another amount is a new reason to appeal
    return changed


def _appeal(case: Case, who: Who, _move: Move) -> None:
    case.appeals.append((who.role, "filed"))
    case.stop("appeal")
    _anew(case)


def _anew(case: Case) -> None:
    """To be heard by others; what was offered before lapses, nothing is agreed, evidence is open to both."""
    to_review(case)
    case.final, case.agreed = False, False
    _lapse_offers(case)
    case.round, case.closed_for = case.round + 1, set()
    deciders = {one.id for made in case.rulings for one in (made.by, made.proposed_by) if one}
    case.arbitrator, case.out = None, case.had | deciders


def _end_appeal(case: Case, _who: Who, move: Move) -> None:
    """What ends an appeal is final at once."""
    case.appeals[-1] = (case.appeals[-1][0], "rejected" if move.action == "reject_appeal" else "upheld")
    leave_stage(case)
    case.stop_all()
    _become_final(case)


def _reverse(case: Case, who: Who, move: Move) -> None:
    """Decided anew, and final at once; above the limit only when another who may hear it has confirmed."""
    ruling = _named(case, {one["claim"]: award_of(case, one) for one in move.body["awards"]}, who)
    ruling = replace(ruling, appeal=move.of, reasons=move.body["reasons"])
    if not _propose_above(case, case.rules.four_eyes, ruling):
        _decide(case, ruling)


def _become_final(case: Case) -> None:
    ruling = case.rulings[-1]
    case.stop("appeal")
    case.final, case.stage = True, "carrying_out"
    leave_stage(case)
    if ruling.appeal or not case.rules.at_decision:
        money.order(case, money.due_under(case, ruling), money.of_ruling(ruling))
    else:
        money.follow(case, money.of_ruling(ruling))


def _withdraw(case: Case, _who: Who, _move: Move) -> None:
    case.stage, case.outcome = "closed", "withdrawn"
    leave_stage(case)
    case.stop_all()


def _reopen(case: Case, _who: Who, _move: Move) -> None:
    case.earlier_ends.append(str(case.outcome))
    case.outcome = None
    _anew(case)


def _refund(case: Case, _who: Who, move: Move) -> bool:
    body = move.body
    if body["reference"] in case.outside:
        return False
    money.refund(case, body["claim"], amount_of(body["amount"]), body["source"], body["reference"])
    return True


def _recover(case: Case, _who: Who, move: Move) -> bool:
    if reference_known(case, move.body):
        return False
    money.recovered(case, move.body["recovery"], amount_of(move.body["amount"]), move.body["reference"])
    return True


def _write_off(case: Case, _who: Who, move: Move) -> None:
    money.write_off(case, str(move.of))


def run_out(case: Case, key: str) -> None:
    """What silence does when this clock has run out."""
    name, _, of = key.partition(":")
    if name == "offer":
        case.offers[of].state = "expired"
        case.stop(key)
    elif name == "evidence":
        case.closed_for.add(case.requests[of].side)
        case.stop(key)
    elif name == "notice":
        case.stop(key)
        to_review(case)
    elif name == "answer":
        _lapse(case)
    else:
        _become_final(case)


def _lapse(case: Case) -> None:
    """The claims as filed, if there is a rule for such a silence; a proposal where a person was asked for."""
    case.stop("answer")
    to_review(case)
    if not any({one.reason for one in case.claims.values()} <= set(reasons) for reasons in case.rules.silence):
        return
    if not {one.remedy for one in case.claims.values()} <= GIVEN_BACK:
        return
    awards = {name: Award(upheld=True, rules=[], given=as_asked(one)) for name, one in case.claims.items()}
    proposed = replace(_named(case, awards), of_silence=True)
    if case.human:
        _propose(case, proposed)
    elif not _propose_above(case, case.rules.silence_limit, proposed):
        _decide(case, _named(case, awards))


EFFECTS: dict[str, Callable[[Case, Who, Move], bool | None]] = {
    "report_notice": _notice,
    "respond": _respond,
    "add_claim": _claim,
    "give_goodwill": _goodwill,
    "send_message": _message,
    "chase": _chase,
    "make_offer": _offer,
    "accept_offer": _accept,
    "decline_offer": _decline,
    "submit_evidence": _show,
    "request_evidence": _ask,
    "close_evidence_round": _close_round,
    "challenge_evidence": _challenge,
    "admit_evidence": _admit,
    "exclude_evidence": _admit,
    "escalate": _escalate,
    "intervene": _intervene,
    "release_case": _release,
    "reassign_case": _reassign,
    "declare_conflict": _conflict,
    "add_note": _note,
    "link_case": _link,
    "place_legal_hold": _hold,
    "lift_legal_hold": _hold,
    "pause_clock": _pause,
    "resume_clock": _resume,
    "request_human": _human,
    "rule": _rule,
    "confirm_ruling": _confirm,
    "return_ruling": _return,
    "correct_ruling": _correct,
    "file_appeal": _appeal,
    "reject_appeal": _end_appeal,
    "uphold_ruling": _end_appeal,
    "reverse_ruling": _reverse,
    "withdraw": _withdraw,
    "reopen": _reopen,
    "report_external_refund": _refund,
    "report_recovery": _recover,
    "write_off_recovery": _write_off,
}

"""Who may do what, when: every reason there is against a move. None means that it is done.

Where several reasons are against it the service may name any of them.
"""

from __future__ import annotations

from typing import Any

from tests.model.case import DECIDERS, OPEN_STAGES, PARTIES, Case, Move, Who

# Which class each refusal is of.
STATUS = (
    dict.fromkeys(("not_found",), 404)
    | dict.fromkeys(("version_moved",), 412)
    | dict.fromkeys(
        (
            *("not_allowed", "own_offer", "own_exhibit", "own_proposal", "not_your_case", "heard_before"),
            *("conflict_declared", "not_a_party"),
        ),
        403,
    )
    | dict.fromkeys(
        (
            *("not_open_for_this", "too_many_messages", "too_many_offers", "too_many_chases", "too_many_exhibits"),
            *("too_many_notes", "too_many_evidence_requests", "offer_not_open", "asked_already", "round_is_closed"),
            *("already_challenged", "exhibit_counts", "exhibit_is_late", "exhibit_is_excluded", "exhibit_relied_on"),
            *("already_taken", "no_clock_runs", "clock_not_paused", "under_appeal", "proposal_not_open"),
            *("ruling_not_open", "already_carried_out", "nothing_to_appeal", "appeal_not_open", "decided_before"),
            *("notice_already_served", "nothing_to_recover", "on_hold_already", "not_on_hold", "evidence_awaited"),
            *("too_many_claims", "no_line_left", "line_already_disputed", "goodwill_used_up", "recovery_not_open"),
        ),
        409,
    )
    | dict.fromkeys(
        (
            *("unknown_offer", "unknown_exhibit", "unknown_appeal", "unknown_claim", "unknown_recovery"),
            *("counter_needs_terms", "terms_incomplete", "remedy_not_open", "amount_too_high", "given_to_oneself"),
            *("pause_too_long", "awards_incomplete", "no_rule_cited", "unknown_rule", "rule_does_not_fit"),
            *("remedy_does_not_fit", "amount_not_chosen", "amount_not_free", "no_fallback", "correction_does_not_fit"),
            *("correction_above_limit", "nothing_refunded", "refund_reported_otherwise", "recovered_otherwise"),
            *("recovery_too_high", "linked_to_itself", "not_from_the_future", "lines_claimed_twice", "unknown_line"),
            *("unknown_reason", "remedies_do_not_combine", "freight_exceeded", "nothing_to_pay", "goodwill_too_high"),
        ),
        422,
    )
)

WHO_DOES = {
    **dict.fromkeys(("send_message", "make_offer", "accept_offer", "decline_offer", "chase"), PARTIES),
    **dict.fromkeys(("submit_evidence", "challenge_evidence", "escalate", "request_human", "file_appeal"), PARTIES),
    **dict.fromkeys(("respond",), ("merchant",)),
    **dict.fromkeys(("withdraw", "add_claim"), ("buyer",)),
    **dict.fromkeys(("give_goodwill",), ("merchant", "senior_arbitrator")),
    **dict.fromkeys(("request_evidence", "close_evidence_round", "admit_evidence", "exclude_evidence"), DECIDERS),
    **dict.fromkeys(("intervene", "release_case", "declare_conflict", "add_note", "link_case"), DECIDERS),
    **dict.fromkeys(("pause_clock", "resume_clock", "rule", "confirm_ruling", "return_ruling"), DECIDERS),
    **dict.fromkeys(("correct_ruling", "reject_appeal", "uphold_ruling", "reverse_ruling"), DECIDERS),
    **dict.fromkeys(("reassign_case", "reopen", "write_off_recovery"), ("senior_arbitrator",)),
    **dict.fromkeys(("report_notice", "report_external_refund", "report_recovery"), ("platform",)),
    **dict.fromkeys(("place_legal_hold", "lift_legal_hold"), ("auditor",)),
}
# In which stages something is done, where not in all.
WHEN = {
    **dict.fromkeys(("respond", "report_notice"), ("awaiting_response",)),
    **dict.fromkeys(("send_message", "accept_offer", "decline_offer", "submit_evidence", "withdraw"), OPEN_STAGES),
    **dict.fromkeys(("challenge_evidence",), OPEN_STAGES),
    **dict.fromkeys(("make_offer",), ("negotiation", "under_review")),
    **dict.fromkeys(("chase",), (*OPEN_STAGES, "decided", "carrying_out")),
    **dict.fromkeys(("escalate", "add_claim"), ("negotiation",)),
    **dict.fromkeys(("give_goodwill",), (*OPEN_STAGES, "decided", "carrying_out")),
    **dict.fromkeys(("request_human",), (*OPEN_STAGES, "decided")),
    **dict.fromkeys(("request_evidence", "close_evidence_round", "admit_evidence"), ("under_review",)),
    **dict.fromkeys(("exclude_evidence", "intervene", "release_case", "reassign_case", "rule"), ("under_review",)),
    **dict.fromkeys(("confirm_ruling", "return_ruling"), ("under_review",)),
    **dict.fromkeys(("file_appeal", "correct_ruling"), ("decided", "carrying_out")),
    **dict.fromkeys(("reopen",), ("closed",)),
}
# Done only by the arbitrator who has the case; the others of these roles must at least be free to hear it.
BY_WHO_HAS_IT = frozenset(
    (
        *("request_evidence", "close_evidence_round", "admit_evidence", "exclude_evidence", "release_case", "rule"),
        *("reject_appeal", "uphold_ruling", "reverse_ruling"),
    )
)
BY_WHO_MAY_HEAR = frozenset(
    (
        *("intervene", "reassign_case", "add_note", "link_case", "pause_clock", "resume_clock"),
        *("confirm_ruling", "return_ruling", "give_goodwill"),
    )
)
CLAIMS_MAX = 20


def against(case: Case, who: Who, move: Move) -> set[str]:
    """What stands against this move whatever it says: who it is, and how the case stands."""
    if who.platform != case.rules.platform:
        return {"not_found"}
    declares = move.action == "declare_conflict" and who.role in DECIDERS
    if not case.may_see(who) and not declares:
        return {"not_found"}
    if who.role not in WHO_DOES[move.action]:
        return {"not_allowed"}
    reasons = set()
    if case.stage not in WHEN.get(move.action, (case.stage,)):
        reasons.add("not_open_for_this")
    if move.action in BY_WHO_HAS_IT | BY_WHO_MAY_HEAR and who.role in DECIDERS and who.id in case.out:
        reasons.add("heard_before")
    if move.action in BY_WHO_HAS_IT and not case.has_it(who):
        reasons.add("not_your_case")
    return reasons | set(FURTHER.get(move.action, _nothing)(case, who, move.of))


def _nothing(_case: Case, _who: Who, _of: str | None) -> set[str]:
    return set()


def _at_most(limit: str, what: str) -> Any:
    def ask(case: Case, who: Who, _of: str | None) -> set[str]:
        sent = {
            "messages_per_side": case.messages[who.role],
            "chases_per_side": case.chases[who.role],
            "offers_per_side": sum(one.by == who.role for one in case.offers.values()),
            "notes": len(case.notes),
            "evidence_requests": len(case.requests),
        }[limit]
        return {f"too_many_{what}"} if sent >= case.rules.limits[limit] else set()

    return ask


def _claim(case: Case, _who: Who, _of: str | None) -> set[str]:
    reasons = {"too_many_claims"} if len(case.claims) >= CLAIMS_MAX else set()
    return reasons | ({"no_line_left"} if case.claimed() >= set(case.bought.prices) else set())


def gives_for(who: Who) -> str:
    """Whose money somebody gives."""
    return "merchant" if who.role == "merchant" else "platform"


def _goodwill(case: Case, who: Who, _of: str | None) -> set[str]:
    payer = gives_for(who)
    often = sum(one.payer == payer for one in case.gifts.values()) >= case.rules.limits["goodwill_per_side"]
    return {"goodwill_used_up"} if often or case.left_to_give(payer) <= 0 else set()


def _offer(case: Case, who: Who, of: str | None) -> set[str]:
    offer = case.offers.get(of or "")
    if offer is None:
        return {"unknown_offer"}
    own = {"own_offer"} if offer.by == who.role else set()
    return own | ({"offer_not_open"} if offer.state != "open" else set())


def _show(case: Case, who: Who, _of: str | None) -> set[str]:
    """Nobody is kept from showing what they were asked for."""
    owes = any(side == who.role for side, _ in case.owed())
    return _full(case, who) if not owes else set()


def _full(case: Case, who: Who) -> set[str]:
    return {"too_many_exhibits"} if case.shown_by(who.role) >= case.rules.limits["exhibits_per_side"] else set()


def _challenge(case: Case, who: Who, of: str | None) -> set[str]:
    exhibit = case.exhibits.get(of or "")
    if exhibit is None:
        return {"unknown_exhibit"}
    own = {"own_exhibit"} if exhibit.by == who.role else set()
    return own | ({"already_challenged"} if exhibit.challenged else set())


def _admit(case: Case, _who: Who, of: str | None) -> set[str]:
    exhibit = case.exhibits.get(of or "")
    if exhibit is None:
        return {"unknown_exhibit"}
    return {"exhibit_counts"} if exhibit.counts else set()


def _exclude(case: Case, _who: Who, of: str | None) -> set[str]:
    """What is decided or proposed stands on what counts."""
    reasons = unusable(case, of or "")
    standing = [one for one in (case.ruling, case.proposal) if one]
    leaned_on = {one for ruling in standing for award in ruling.awards.values() for one in award.exhibits}
    return reasons | ({"exhibit_relied_on"} if of in leaned_on else set())


def unusable(case: Case, name: str) -> set[str]:
    """Why nothing can rest on this exhibit."""
    exhibit = case.exhibits.get(name)
    if exhibit is None:
        return {"unknown_exhibit"}
    if exhibit.counts:
        return set()
    return {"exhibit_is_excluded" if exhibit.admitted is False else "exhibit_is_late"}


def _close_round(case: Case, _who: Who, _of: str | None) -> set[str]:
    return {"round_is_closed"} if case.closed_for >= set(PARTIES) else set()


def _intervene(case: Case, _who: Who, _of: str | None) -> set[str]:
    return {"already_taken"} if case.arbitrator else set()


def _not_anothers(case: Case, who: Who) -> set[str]:
    return {"already_taken"} if case.arbitrator and not case.has_it(who) else set()


def _pause(case: Case, who: Who, _of: str | None) -> set[str]:
    return _not_anothers(case, who) | ({"no_clock_runs"} if not case.clocks or case.held else set())


def _resume(case: Case, who: Who, _of: str | None) -> set[str]:
    return _not_anothers(case, who) | (set() if case.held else {"clock_not_paused"})


def _awaited(case: Case) -> set[str]:
    """Nothing is decided while somebody has time to show what was asked for."""
    return {"evidence_awaited"} if case.awaited() else set()


def _first(case: Case) -> set[str]:
    return {"under_appeal"} if case.open_appeal else set()


def _rule(case: Case, _who: Who, _of: str | None) -> set[str]:
    return _first(case) | _awaited(case)


def _confirm(case: Case, who: Who, of: str | None) -> set[str]:
    return _return(case, who, of) | _awaited(case)


def _return(case: Case, who: Who, of: str | None) -> set[str]:
    """Another looks at what one proposed; at what silence proposes, the one who has the case."""
    if case.proposal is None or case.proposal.name != of:
        return {"proposal_not_open"}
    if case.proposal.of_silence:
        return _first(case) | (set() if case.has_it(who) else {"not_your_case"})
    by = case.proposal.by
    return {"own_proposal"} if by is not None and by.id == who.id else set()


def _correct(case: Case, who: Who, of: str | None) -> set[str]:
    """Who decided or proposed it, while it can be appealed; what the parties agreed has taken its place."""
    ruling, over = case.ruling, case.final or case.agreed
    if ruling is None or ruling.name != of or over or ruling.by is None or ruling.appeal:
        return {"ruling_not_open"}
    authors = [(one.role, one.id) for one in (ruling.by, ruling.proposed_by) if one]
    return set() if (who.role, who.id) in authors else {"not_your_case"}


def _appeal(case: Case, _who: Who, _of: str | None) -> set[str]:
    once = case.rules.limits["instances"] == 1
    return {"nothing_to_appeal"} if once or "appeal" not in case.clocks else set()


def _decide_appeal(case: Case, _who: Who, of: str | None) -> set[str]:
    if of not in {f"a{number}" for number in range(1, len(case.appeals) + 1)}:
        return {"unknown_appeal"}
    return set() if of == case.open_appeal else {"appeal_not_open"}


def _rule_on_appeal(case: Case, who: Who, of: str | None) -> set[str]:
    return _decide_appeal(case, who, of) | _awaited(case)


def _withdraw(case: Case, _who: Who, _of: str | None) -> set[str]:
    return {"decided_before"} if case.rulings or case.earlier_ends else set()


def _notice(case: Case, _who: Who, _of: str | None) -> set[str]:
    return {"notice_already_served"} if case.served else set()


def _back(case: Case, _who: Who, _of: str | None) -> set[str]:
    return set() if any(one.left for one in case.recoveries.values()) else {"nothing_to_recover"}


def _write_off(case: Case, _who: Who, of: str | None) -> set[str]:
    if of not in case.recoveries:
        return {"unknown_recovery"}
    return set() if case.recoveries[of].left else {"recovery_not_open"}


def _place(case: Case, _who: Who, _of: str | None) -> set[str]:
    return {"on_hold_already"} if case.hold else set()


def _lift(case: Case, _who: Who, _of: str | None) -> set[str]:
    return set() if case.hold else {"not_on_hold"}


FURTHER = {
    "add_claim": _claim,
    "give_goodwill": _goodwill,
    "send_message": _at_most("messages_per_side", "messages"),
    "make_offer": _at_most("offers_per_side", "offers"),
    "accept_offer": _offer,
    "decline_offer": _offer,
    "chase": _at_most("chases_per_side", "chases"),
    "submit_evidence": _show,
    "request_evidence": _at_most("evidence_requests", "evidence_requests"),
    "close_evidence_round": _close_round,
    "challenge_evidence": _challenge,
    "admit_evidence": _admit,
    "exclude_evidence": _exclude,
    "intervene": _intervene,
    "add_note": _at_most("notes", "notes"),
    "pause_clock": _pause,
    "resume_clock": _resume,
    "rule": _rule,
    "confirm_ruling": _confirm,
    "return_ruling": _return,
    "correct_ruling": _correct,
    "file_appeal": _appeal,
    "reject_appeal": _decide_appeal,
    "uphold_ruling": _rule_on_appeal,
    "reverse_ruling": _rule_on_appeal,
    "withdraw": _withdraw,
    "report_notice": _notice,
    "report_recovery": _back,
    "write_off_recovery": _write_off,
    "place_legal_hold": _place,
    "lift_legal_hold": _lift,
}

ON_OFFERS = ("accept_offer", "decline_offer")
ON_EXHIBITS = ("challenge_evidence", "admit_evidence", "exclude_evidence")
ON_PROPOSALS = ("confirm_ruling", "return_ruling")
ON_APPEALS = ("reject_appeal", "uphold_ruling", "reverse_ruling")
NOT_TOLD = ("report_external_refund",)  # can be done at any time, and is nobody's turn


def things(case: Case, action: str) -> list[str | None]:
    """What an action can be about in this case."""
    if action in ON_OFFERS:
        return [*case.offers]
    if action in ON_EXHIBITS:
        return [*case.exhibits]
    if action in ON_PROPOSALS:
        return [case.proposal.name] if case.proposal else []
    if action == "correct_ruling":
        return [case.ruling.name] if case.ruling else []
    if action == "write_off_recovery":
        return [*case.recoveries]
    if action in ON_APPEALS:
        return [f"a{number}" for number in range(1, len(case.appeals) + 1)]
    return [None]


def allowed(case: Case, who: Who) -> set[tuple[str, str | None]]:
    """What somebody may do now, as `next_actions` has to tell it."""
    return {
        (action, of)
        for action in WHO_DOES
        if action not in NOT_TOLD
        and not (action == "request_human" and case.human)
        and not (action == "declare_conflict" and not case.may_see(who))
        for of in things(case, action)
        if not against(case, who, Move(action, of))
    }

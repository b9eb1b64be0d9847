"""What a viewer may do next, and until when: exactly what the deciders of the chapters would not refuse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from domain.calendars import Clock, ClockName
from domain.dispute import (
    admission,
    appeal,
    chase,
    closing,
    correction,
    evidence,
    goodwill,
    hold,
    human,
    intake,
    link,
    negotiation,
    note,
    notice,
    pause,
    proposal,
    recovery,
    review,
    rounds,
    ruling,
)
from domain.kernel import Actor, DomainError
from domain.playbook.playbook import Playbook

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute


@dataclass(frozen=True, slots=True)
class Possible:
    """Something a viewer may do now; `of` where it is about one of several."""

    action: str
    of: str | None = None


OFFER_ACTIONS: dict[str, Callable[[Dispute, Actor, str], None]] = {
    "accept_offer": negotiation.may_answer_offer,
    "decline_offer": negotiation.may_answer_offer,
}
EXHIBIT_ACTIONS: dict[str, Callable[[Dispute, Actor, str], None]] = {
    "challenge_evidence": admission.may_challenge,
    "admit_evidence": admission.may_admit,
    "exclude_evidence": admission.may_exclude,
}
PROPOSAL_ACTIONS: dict[str, Callable[[Dispute, Actor, str], None]] = {
    "confirm_ruling": proposal.may_confirm,
    "return_ruling": proposal.may_return,
}
APPEAL_ACTIONS: dict[str, Callable[[Dispute, Actor, str], None]] = {
    "reject_appeal": appeal.may_decide_appeal,
    "uphold_ruling": appeal.may_rule_on_appeal,
    "reverse_ruling": appeal.may_rule_on_appeal,
}
RECOVERY_ACTIONS: dict[str, Callable[[Dispute, Actor, str], None]] = {"write_off_recovery": recovery.may_write_off}
# Until when something can be done, where a clock says so.
CLOCK_OF = {
    "report_notice": ClockName.NOTICE,
    "respond": ClockName.ANSWER,
    "accept_offer": ClockName.OFFER,
    "decline_offer": ClockName.OFFER,
    "submit_evidence": ClockName.EVIDENCE,
    "file_appeal": ClockName.APPEAL,
}


def next_actions(dispute: Dispute, playbook: Playbook, viewer: Actor) -> tuple[Possible, ...]:
    """What the viewer may do now: exactly what the deciders would not refuse."""
    questions: dict[str, Callable[[], None]] = {
        "report_notice": partial(notice.may_report_notice, dispute, viewer),
        "add_claim": partial(intake.may_add_claim, dispute, viewer),
        "respond": partial(intake.may_respond, dispute, viewer),
        "send_message": partial(negotiation.may_send_message, dispute, playbook, viewer),
        "make_offer": partial(negotiation.may_make_offer, dispute, playbook, viewer),
        "give_goodwill": partial(goodwill.may_give_goodwill, dispute, playbook, viewer),
        "chase": partial(chase.may_chase, dispute, playbook, viewer),
        "submit_evidence": partial(evidence.may_submit_evidence, dispute, playbook, viewer),
        "request_evidence": partial(rounds.may_request_evidence, dispute, playbook, viewer),
        "close_evidence_round": partial(rounds.may_close_round, dispute, viewer),
        "escalate": partial(review.may_escalate, dispute, viewer),
        "intervene": partial(review.may_intervene, dispute, viewer),
        "release_case": partial(review.may_release, dispute, viewer),
        "reassign_case": partial(review.may_reassign, dispute, viewer),
        "add_note": partial(note.may_add_note, dispute, playbook, viewer),
        "link_case": partial(link.may_link, dispute, viewer),
        "place_legal_hold": partial(hold.may_place_hold, dispute, viewer),
        "lift_legal_hold": partial(hold.may_lift_hold, dispute, viewer),
        "pause_clock": partial(pause.may_pause, dispute, viewer),
        "resume_clock": partial(pause.may_resume, dispute, viewer),
        "rule": partial(ruling.may_rule, dispute, viewer),
        "file_appeal": partial(appeal.may_appeal, dispute, playbook, viewer),
        "report_recovery": partial(recovery.may_report_recovery, dispute, viewer),
        "withdraw": partial(closing.may_withdraw, dispute, viewer),
        "reopen": partial(closing.may_reopen, dispute, viewer),
    }
    if dispute.review.conflict_of(viewer) is None:
        questions["declare_conflict"] = partial(review.may_declare_conflict, viewer)
    if dispute.human is None:
        questions["request_human"] = partial(human.may_request_human, dispute, viewer)
    possible = [Possible(action) for action, may in questions.items() if _allowed(may)]
    if one := dispute.ruling.proposal:
        possible += _about(dispute, viewer, one.ruling, PROPOSAL_ACTIONS)
    if (made := dispute.ruling.decision) and _allowed(partial(correction.may_correct, dispute, viewer, made.ruling)):
        possible.append(Possible("correct_ruling", made.ruling))
    for offer in dispute.negotiation.open_offers():
        possible += _about(dispute, viewer, offer.made.offer, OFFER_ACTIONS)
    for shown in dispute.evidence.exhibits:
        possible += _about(dispute, viewer, shown.exhibit, EXHIBIT_ACTIONS)
    for name in dispute.remedy.recoveries:
        possible += _about(dispute, viewer, name, RECOVERY_ACTIONS)
    if pending := dispute.appeal.open:
        possible += _about(dispute, viewer, pending.filed.appeal, APPEAL_ACTIONS)
    return tuple(possible)


def _about(
    dispute: Dispute, viewer: Actor, name: str, actions: Mapping[str, Callable[[Dispute, Actor, str], object]]
) -> list[Possible]:
    """What the viewer may do about one of several."""
    return [Possible(action, name) for action, may in actions.items() if _allowed(partial(may, dispute, viewer, name))]


def until(dispute: Dispute, possible: Possible, viewer: Actor) -> Clock | None:
    """The clock of the viewer's that runs for something it may do; the first to end where there are several."""
    mine = (
        clock
        for clock in dispute.clocks.values()
        if clock.name is CLOCK_OF.get(possible.action)
        and possible.of in (None, clock.of)
        and viewer.role in clock.whose
        and not dispute.stands_still(clock)
    )
    return min(mine, key=lambda clock: clock.due_at, default=None)


def _allowed(may: Callable[[], object]) -> bool:
    try:
        may()
    except DomainError:
        return False
    return True

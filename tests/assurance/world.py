"""What all random lives share: where commands are sent, how lives begin, what happened in all of them together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.model.tries import dismissing

if TYPE_CHECKING:
    from tests.http.bank import Bank
    from tests.http.service import Service
    from tests.model.rules import Rules

ADDRESSES = {
    "report_notice": "notices",
    "add_claim": "claims",
    "respond": "responses",
    "send_message": "messages",
    "make_offer": "offers",
    "give_goodwill": "goodwill",
    "accept_offer": "offers/{of}/acceptance",
    "decline_offer": "offers/{of}/refusal",
    "chase": "chases",
    "submit_evidence": "evidence",
    "request_evidence": "evidence-requests",
    "close_evidence_round": "evidence-rounds/closing",
    "challenge_evidence": "evidence/{of}/challenges",
    "admit_evidence": "evidence/{of}/admission",
    "exclude_evidence": "evidence/{of}/exclusion",
    "escalate": "escalations",
    "intervene": "interventions",
    "release_case": "releases",
    "reassign_case": "assignments",
    "declare_conflict": "conflicts",
    "add_note": "notes",
    "link_case": "links",
    "place_legal_hold": "legal-holds",
    "lift_legal_hold": "legal-holds/lifting",
    "pause_clock": "pauses",
    "resume_clock": "resumptions",
    "rule": "rulings",
    "confirm_ruling": "rulings/{of}/confirmation",
    "return_ruling": "rulings/{of}/return",
    "correct_ruling": "rulings/{of}/corrections",
    "request_human": "human-request",
    "file_appeal": "appeals",
    "reject_appeal": "appeals/{of}/rejection",
    "uphold_ruling": "appeals/{of}/upholding",
    "reverse_ruling": "appeals/{of}/reversal",
    "report_external_refund": "external-refunds",
    "report_recovery": "recoveries",
    "write_off_recovery": "recoveries/{of}/write-off",
    "withdraw": "withdrawal",
    "reopen": "reopenings",
}
CONTESTS = ("respond", "the merchant", {"answer": "contest", "statement": "口味因人而异"})
ACCEPTS = ("respond", "the merchant", {"answer": "accept", "statement": "照赔"})
TOLD = ("report_notice", "the platform", {"channel": "app"})
MORE = ("add_claim", "the buyer", None)
SILENCE = ("silence", "nobody", None)  # until the first clock has run out
# The first steps of a life are given, so that many lives get far; where nothing is said, that is left to chance.
IN_HAND = (CONTESTS, ("escalate", "the buyer", None), ("intervene", "arbitrator A", None))
RULED = (*IN_HAND, ("submit_evidence", "the buyer", None), ("rule", "arbitrator A", None))
HEARD = (*RULED, ("file_appeal", "the merchant", None), ("intervene", "arbitrator B", None))
DISMISSED = (*IN_HAND, ("rule", "arbitrator A", dismissing))
SLIP = {"kind": "typing", "reasons": "理由 10", "why": "笔误"}
BEGINNINGS: tuple[Sequence[tuple[str, str, Any]], ...] = (
    (),
    (*IN_HAND, ("close_evidence_round", "arbitrator A", None), ("submit_evidence", "the buyer", None)),
    (*DISMISSED, ("correct_ruling r1", "arbitrator A", SLIP)),
    (*DISMISSED, *HEARD[-2:], ("uphold_ruling a1", "arbitrator B", None)),
    (*HEARD, ("reverse_ruling a1", "arbitrator B", None)),
    (ACCEPTS, ("reopen", "the senior arbitrator", None), ("intervene", "arbitrator B", None)),
    (CONTESTS, ("withdraw", "the buyer", None), ("reopen", "the senior arbitrator", None)),
    (TOLD, SILENCE),
    (TOLD, ("request_human", "the buyer", None), SILENCE),
    (*RULED, SILENCE),
    (CONTESTS, ("make_offer", "the merchant", None), MORE, MORE, ("make_offer", "the buyer", None)),
)


@dataclass(slots=True)
class Tally:
    """What happened in all lives together."""

    steps: int = 0
    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    ran_out: Counter[str] = field(default_factory=Counter)
    compared: int = 0

    def __str__(self) -> str:
        return "\n".join(
            f"{name}: {value if isinstance(value, int) else dict(value.most_common())}"
            for name, value in (
                ("steps", self.steps),
                ("answers held against the model", self.compared),
                ("accepted", self.accepted),
                ("refused", self.refused),
                ("ran out", self.ran_out),
                ("lives ended as", self.ended),
            )
        )


@dataclass(slots=True)
class World:
    """What all lives share."""

    service: Service
    playbooks: dict[str, str]  # by name: the sources of the rules that lives are lived under
    rules: dict[str, Rules]  # by name: the same, read once
    tally: Tally
    bank: Bank
    pool: ThreadPoolExecutor
    platforms: int = 0
    beginnings: dict[bytes, int] = field(default_factory=dict)  # by chance: the how-manieth life it began

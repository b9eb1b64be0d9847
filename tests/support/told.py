"""Lives of a dispute that somebody has told, so that what hardly ever happens by chance happens in every run."""

from __future__ import annotations

from functools import cache

from domain.dispute.intake import Answer
from domain.kernel import Actor
from domain.playbook.playbook import Playbook
from tests.support import builders
from tests.support.builders import (
    ARBITRATOR,
    AUDITOR,
    BUYER,
    MERCHANT,
    OTHER_ARBITRATOR,
    PLATFORM_MACHINE,
    SENIOR,
)
from tests.support.walk import Life, Step, live

LATER = 200  # hours: every clock of the common playbook has run out
UPHELD, DISMISSED, UNDETERMINED, IN_PART = 1, 3, 7, 2  # what the first claim gets, by the choices of the moves
CONTESTS = list(Answer).index(Answer.CONTEST)


def tried(move: str, by: Actor, choice: int = 1, hours: int = 1) -> Step:
    return Step(move=move, by=by, wild=True, turn=0, hours=hours, choice=choice)


def told(*steps: Step, playbook: Playbook | None = None) -> Life:
    return live(playbook or builders.a_playbook(), list(steps))


_CONTESTED = (tried("respond", MERCHANT, CONTESTS),)
_IN_HAND = (*_CONTESTED, tried("escalate", BUYER), tried("intervene", ARBITRATOR))
_FINAL = (tried("appeal_clock", BUYER, hours=LATER),)
_PAID = tuple(tried("paid", BUYER, choice) for choice in range(6))


@cache
def told_lives() -> dict[str, Life]:
    """By what they are about."""
    return {
        "silent": told(  # the merchant is told and stays silent; later it is heard that the photos were not real
            *(tried("report_notice", PLATFORM_MACHINE, 4), tried("open", MERCHANT)),
            *(tried("pause_clock", ARBITRATOR), tried("answer_clock", BUYER, hours=2)),
            *(tried("answer_clock", BUYER, hours=LATER), *_FINAL, *_PAID),
            *(
                tried("reopen", SENIOR),
                tried("intervene", OTHER_ARBITRATOR),
                tried("rule", OTHER_ARBITRATOR, DISMISSED),
            ),
            *(*_FINAL, *_PAID, *[tried("report_recovery", PLATFORM_MACHINE, choice) for choice in (3, 1, 1)]),
        ),
        "person asked for": told(  # silence proposes, a person confirms, the merchant appeals and is right
            *(tried("report_notice", PLATFORM_MACHINE), tried("request_human", MERCHANT)),
            *(tried("answer_clock", BUYER, hours=LATER), tried("intervene", ARBITRATOR)),
            *(
                tried("confirm_ruling", ARBITRATOR),
                tried("file_appeal", MERCHANT),
                tried("intervene", OTHER_ARBITRATOR),
            ),
            *(tried("reverse_ruling", OTHER_ARBITRATOR, DISMISSED), *_PAID),
        ),
        "person asked for late": told(  # what silence has decided already is a proposal again
            *(tried("open", MERCHANT), tried("answer_clock", BUYER, hours=LATER), tried("request_human", MERCHANT)),
            *(
                tried("intervene", ARBITRATOR),
                tried("return_ruling", ARBITRATOR),
                tried("rule", ARBITRATOR, UNDETERMINED),
            ),
            *_FINAL,
        ),
        "four eyes": told(  # a second arbitrator confirms; slips are put right, the appeal is turned down
            *(*_IN_HAND, tried("submit_evidence", BUYER), tried("request_evidence", ARBITRATOR, 0)),
            *(tried("submit_evidence", BUYER), tried("challenge_evidence", MERCHANT, 0)),
            *(tried("request_evidence", ARBITRATOR, 0), tried("evidence_clock", BUYER, hours=LATER)),
            *(
                tried("close_evidence_round", ARBITRATOR),
                tried("submit_evidence", BUYER),
                tried("submit_evidence", MERCHANT),
            ),
            *(tried("admit_evidence", ARBITRATOR, 2), tried("exclude_evidence", ARBITRATOR, 0)),
            *[tried("rule", ARBITRATOR, choice) for choice in (52, 67, 22)],  # on what is excluded, late, admitted
            *(tried("confirm_ruling", ARBITRATOR), tried("return_ruling", OTHER_ARBITRATOR)),
            *(
                tried("rule", ARBITRATOR, 37),
                tried("confirm_ruling", ARBITRATOR),
                tried("confirm_ruling", OTHER_ARBITRATOR),
            ),
            *[tried("correct_ruling", by, choice) for by in (ARBITRATOR, OTHER_ARBITRATOR) for choice in (0, 1, 2)],
            *(
                tried("file_appeal", MERCHANT),
                *[tried("intervene", by) for by in (ARBITRATOR, OTHER_ARBITRATOR, SENIOR)],
            ),
            *(tried("reject_appeal", SENIOR), *_PAID),
            playbook=builders.watched(),
        ),
        "paid at once": told(  # reversed when one claim is paid and the other is not
            *(*_IN_HAND, tried("rule", ARBITRATOR, UPHELD), tried("paid", BUYER, 0), tried("file_appeal", MERCHANT)),
            *(tried("intervene", ARBITRATOR), tried("intervene", OTHER_ARBITRATOR), tried("rule", OTHER_ARBITRATOR)),
            *(tried("reverse_ruling", OTHER_ARBITRATOR, DISMISSED), *_PAID),
            tried("report_recovery", PLATFORM_MACHINE),
            *[tried("write_off_recovery", SENIOR, choice) for choice in range(4)],
            playbook=builders.a_playbook(remedies_start="at_decision"),
        ),
        "upheld on appeal": told(
            *(*_IN_HAND, tried("rule", ARBITRATOR, IN_PART), tried("file_appeal", BUYER), tried("intervene", SENIOR)),
            *(tried("uphold_ruling", SENIOR), *_PAID, tried("reopen", SENIOR)),
            *(tried("intervene", ARBITRATOR), tried("intervene", SENIOR), tried("intervene", OTHER_ARBITRATOR)),
            *(tried("make_offer", BUYER, 91), tried("accept_offer", MERCHANT, 0), *_PAID),
        ),
        "in conflict": told(  # who declares a conflict is out, whatever is tried; the case goes round
            *(
                *_IN_HAND,
                tried("add_note", ARBITRATOR),
                tried("link_case", ARBITRATOR),
                tried("release_case", ARBITRATOR),
            ),
            *(tried("reassign_case", SENIOR, 0), tried("declare_conflict", ARBITRATOR), tried("intervene", ARBITRATOR)),
            *(tried("reassign_case", SENIOR, 0), tried("rule", ARBITRATOR), tried("add_note", ARBITRATOR)),
            *(tried("reassign_case", SENIOR, 2), tried("rule", OTHER_ARBITRATOR, UPHELD), *_FINAL),
            *(tried("place_legal_hold", AUDITOR), tried("lift_legal_hold", AUDITOR)),
        ),
        "talked": told(
            *(
                tried("send_message", BUYER),
                *(*_CONTESTED, tried("give_goodwill", MERCHANT)),
                tried("make_offer", MERCHANT),
                tried("decline_offer", BUYER, 0),
            ),
            *(tried("make_offer", MERCHANT), tried("offer_clock", BUYER, hours=LATER), tried("chase", BUYER)),
            *(tried("refund", BUYER, 8), tried("make_offer", MERCHANT, 91), tried("accept_offer", BUYER, 2)),
            *(tried("refund", BUYER, 3), *_PAID, *_PAID, tried("reopen", SENIOR), tried("withdraw", BUYER)),
        ),
        "withdrawn": told(
            *(*_CONTESTED, tried("add_claim", BUYER), tried("make_offer", MERCHANT)),
            *(tried("withdraw", BUYER), tried("accept_offer", BUYER, 0)),
        ),
        "never told": told(
            *(tried("report_notice", PLATFORM_MACHINE, 4), tried("answer_clock", BUYER, hours=100)),
            *(tried("notice_clock", BUYER), tried("answer_clock", BUYER), tried("intervene", ARBITRATOR)),
            *(tried("rule", ARBITRATOR, DISMISSED), *_FINAL),
        ),
    }

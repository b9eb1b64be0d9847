"""Random lives of a dispute: anybody tries anything at any time; what the rules refuse did not happen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st

from domain.dispute import dispute as disputes
from domain.dispute.dispute import Dispute, DisputeEvent
from domain.dispute.intake import DisputeFiled
from domain.dispute.stages import Stage
from domain.kernel import Actor, DomainError
from domain.playbook.playbook import Playbook
from tests.support import builders
from tests.support.builders import (
    ARBITRATOR,
    AUDITOR,
    BUYER,
    EVERYONE,
    MERCHANT,
    OTHER_ARBITRATOR,
    PLATFORM_MACHINE,
    SENIOR,
)
from tests.support.given import fold
from tests.support.moves import APPEAL_ACTIONS, MOVES, Move

# No deadline: how long a machine takes is no property of the business. The same examples in every run.
PROFILE = "steady"
settings.register_profile(PROFILE, deadline=None, derandomize=True, database=None, max_examples=60)


_ASIDE = [(name, OTHER_ARBITRATOR) for name in ("add_note", "link_case", "declare_conflict")]
_HOLD = [("place_legal_hold", AUDITOR), ("lift_legal_hold", AUDITOR)]
# Whose turn it is for what: lives in which only chance spoke would hardly ever get beyond the filing.
_TALK = [(name, by) for name in ("make_offer", "accept_offer", "decline_offer") for by in (BUYER, MERCHANT)]
_PROVE = [
    *[("submit_evidence", BUYER), ("submit_evidence", MERCHANT), ("evidence_clock", BUYER)],
    *[("request_evidence", ARBITRATOR), ("close_evidence_round", ARBITRATOR), ("challenge_evidence", MERCHANT)],
    *[("admit_evidence", ARBITRATOR), ("exclude_evidence", ARBITRATOR)],
    ("admit_evidence", ARBITRATOR),
]
_TURNS: dict[Stage, list[tuple[str, Actor]]] = {
    Stage.AWAITING_RESPONSE: [
        *[("respond", MERCHANT), ("report_notice", PLATFORM_MACHINE)] * 2,
        *[("open", MERCHANT), ("submit_evidence", BUYER), ("notice_clock", BUYER), ("answer_clock", BUYER)],
        *[("pause_clock", ARBITRATOR), ("resume_clock", ARBITRATOR), ("request_human", BUYER)],
        *_HOLD,
    ],
    Stage.NEGOTIATION: [
        *[*_TALK, ("send_message", BUYER), ("offer_clock", BUYER), ("add_claim", BUYER), ("give_goodwill", MERCHANT)],
        *[("escalate", BUYER), ("chase", BUYER)] * 2,
        ("withdraw", BUYER),
    ],
    Stage.UNDER_REVIEW: [
        *[*_TALK, ("paid", BUYER), *_PROVE * 2, ("give_goodwill", SENIOR)],
        *[("intervene", ARBITRATOR), ("rule", ARBITRATOR)] * 4,
        *[("intervene", SENIOR), ("rule", SENIOR)],
        *[("release_case", ARBITRATOR), ("reassign_case", SENIOR)] * 2,
        *[("confirm_ruling", OTHER_ARBITRATOR), ("confirm_ruling", ARBITRATOR)],
        *[("return_ruling", OTHER_ARBITRATOR)] * 2,
    ],
    Stage.DECIDED: [
        *[*[("appeal_clock", BUYER)] * 3, ("refund", BUYER), ("refund", BUYER)],
        *[*[("pause_clock", ARBITRATOR)] * 2, *[("file_appeal", MERCHANT)] * 2],
        *[*[("correct_ruling", ARBITRATOR)] * 4, ("request_human", MERCHANT)],
        *_HOLD,
    ],
    Stage.CARRYING_OUT: [
        *[("paid", BUYER), ("paid", BUYER), ("appeal_clock", BUYER), ("refund", BUYER)],
        *[("file_appeal", BUYER), ("paid", BUYER)] * 2,
    ],
    Stage.CLOSED: [("paid", BUYER), *[("reopen", SENIOR)] * 3, *_ASIDE, *_HOLD],
}
_APPEALED = [
    *[("intervene", OTHER_ARBITRATOR)] * 3,
    *[(name, OTHER_ARBITRATOR) for name in APPEAL_ACTIONS] * 2,
    *[("confirm_ruling", SENIOR), ("confirm_ruling", SENIOR), ("confirm_ruling", ARBITRATOR)],
    *[("paid", BUYER), ("reverse_ruling", OTHER_ARBITRATOR), ("make_offer", BUYER), ("accept_offer", MERCHANT)],
]
_OWED_BACK = [("report_recovery", PLATFORM_MACHINE), ("paid", BUYER), ("write_off_recovery", SENIOR)]


def _turns(dispute: Dispute) -> list[tuple[str, Actor]]:
    if dispute.appeal.open:
        return _APPEALED
    if any(one.left.minor for one in dispute.remedy.recoveries.values()):
        return _OWED_BACK
    return _TURNS[dispute.stage]


@dataclass(frozen=True, slots=True)
class Step:
    """One try, how long after the try before; `wild` is by anybody, else by somebody whose turn it may be."""

    move: str
    by: Actor
    wild: bool
    turn: int
    hours: int
    choice: int

    def read(self, dispute: Dispute, nth: int) -> tuple[Move, Actor]:
        """What is tried; by its place in the life, too, for like steps often follow each other."""
        turns = _turns(dispute)
        name, by = (self.move, self.by) if self.wild else turns[(self.turn + 7 * nth) % len(turns)]
        return MOVES[name], by


def _step(wild: int, turn: int, hours: int, choice: int, move: int, by: int) -> Step:
    names = sorted(MOVES)
    return Step(
        wild=wild % 4 == 3,
        turn=turn,
        hours=(0, 1, 60, 200)[hours % 4],
        choice=choice % 100,
        move=names[move % len(names)],
        by=EVERYONE[by % len(EVERYONE)],
    )


def _begins(*moves: tuple[str, Actor]) -> tuple[Step, ...]:
    """As if somebody had meant it so: the merchant contests, and what is awarded is little."""
    return tuple(Step(move, by, wild=True, turn=0, hours=1, choice=5 if move == "rule" else 1) for move, by in moves)


# Most lives begin where an arbitrator has the case, or hears the appeal of a ruling, so that they get to what is only
# done there.
_IN_HAND = (("respond", MERCHANT), ("escalate", BUYER), ("intervene", ARBITRATOR))
_HEARD = (*_IN_HAND, ("rule", ARBITRATOR), ("file_appeal", MERCHANT), ("intervene", OTHER_ARBITRATOR))


def playbooks() -> st.SearchStrategy[Playbook]:
    """Their limits are low, so that some lives come up against them."""
    few = st.sampled_from((1, 3))
    sides = {f"{name}_per_side": few for name in ("offers", "messages", "exhibits", "chases")}
    limits = st.builds(builders.limits, notes=few, evidence_requests=few, goodwill_per_side=few, **sides)
    starts = st.sampled_from(("at_decision", "at_final"))
    eyes = st.sampled_from((500_000, 1_000))
    freight = st.sampled_from(("freight_share", "freight"))
    silence = st.sampled_from((200_000, 4_000))
    return st.builds(
        lambda start, most, minor, of, silent: builders.watched(
            minor,
            remedies_start=start,
            limits=most,
            remedies=builders.remedies_of("freight_refund", of=of),
            silence=[{"minor": silent, "currency": "CNY"}],
        ),
        starts,
        limits,
        eyes,
        freight,
        silence,
    )


@dataclass(frozen=True, slots=True)
class Life:
    """What happened in one random life, and the rules it was lived under."""

    playbook: Playbook
    events: tuple[DisputeEvent, ...]

    @property
    def dispute(self) -> Dispute:
        state: Dispute = fold(*self.events)
        return state


def live(playbook: Playbook, steps: list[Step]) -> Life:
    order = builders.an_order(lines=(*builders.an_order().lines, builders.a_line("3", builders.cny(900))))
    filed: DisputeFiled = builders.a_filed_dispute(*builders.two_claims_asked(), playbook=playbook, order=order)
    events: list[DisputeEvent] = [filed]
    dispute, at = disputes.evolve(None, filed), filed.at
    for nth, step in enumerate(steps):
        at += timedelta(hours=step.hours)
        move, by = step.read(dispute, nth)
        try:
            happened = move(dispute, playbook, by, at, step.choice)
        except DomainError:
            continue
        for event in happened:
            events.append(event)
            dispute = disputes.evolve(dispute, event)
    return Life(playbook, tuple(events))


def lives(steps_max: int = 30) -> st.SearchStrategy[Life]:
    """Short and long ones alike, so that every stage is somebody's last.

    Six bytes a step in one draw: a draw for each would take most of the time of every property.
    """
    chance = st.integers(0, steps_max).flatmap(lambda count: st.binary(min_size=6 * count, max_size=6 * count))
    steps = chance.map(lambda drawn: [_step(*drawn[start : start + 6]) for start in range(0, len(drawn), 6)])
    begins = st.sampled_from(((), _begins(*_IN_HAND), _begins(*_HEARD)))
    begun = st.builds(lambda first, then: [*first, *then], begins, steps)
    return st.builds(live, playbooks(), begun)

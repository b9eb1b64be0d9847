"""Evidence asked for, rounds and what counts: commands, and what the list of deadlines holds of them."""

from __future__ import annotations

import pytest

from application.policy import NotAllowed, NotThere
from application.projections import deadlines
from domain.dispute import rounds
from domain.dispute.admission import ChallengeGround, is_considered
from domain.dispute.rounds import RequestState
from domain.kernel import Actor, Role
from tests.application.test_projections import Deadlines, follow, running
from tests.support.builders import ARBITRATOR, AUDITOR, BUYER, MERCHANT, OTHER_MERCHANT, hours
from tests.support.house import (
    House,
    admit_evidence,
    challenge_evidence,
    close_evidence_round,
    exclude_evidence,
    make_offer,
    request_evidence,
    submit_evidence,
)


def due(house: House) -> dict[str, object]:
    """The running clocks of all disputes, by key."""
    view = Deadlines()
    follow(deadlines.project, view, house)
    return {key: deadline.due_at for (_, key), deadline in view.clocks.items()}


def test_the_deadlines_hold_a_request_beside_an_offer_until_it_is_answered() -> None:
    house = House()
    dispute = house.in_hand()
    house.do(make_offer(dispute))
    house.do(request_evidence(dispute, "photo"))
    house.do(request_evidence(dispute, "invoice", side=Role.MERCHANT, key="another"))
    assert due(house) == {"offer:o1": hours(48), "evidence:q1": hours(72), "evidence:q2": hours(72)}
    house.do(submit_evidence(dispute))
    assert due(house) == {"offer:o1": hours(48), "evidence:q2": hours(72)}


def test_a_request_that_nobody_answers_lapses_once_and_closes_the_round_for_that_side() -> None:
    house = House()
    dispute = house.in_hand()
    house.do(request_evidence(dispute, "invoice"))
    house.clock.move(hours=72)
    first, again = house.expire(dispute, "evidence:q1"), house.expire(dispute, "evidence:q1")
    assert (again.version, again.repeated) == (first.version, True)
    assert running(house) == {}
    state = house.case(dispute).dispute
    assert rounds.state_of(state, state.rounds.requests[0]) is RequestState.LAPSED
    house.do(submit_evidence(dispute))
    house.do(submit_evidence(dispute, by=MERCHANT))
    assert [shown.late for shown in house.case(dispute).dispute.evidence.exhibits] == [True, False]


def test_a_side_challenges_and_the_arbitrator_decides_what_counts() -> None:
    house = House()
    dispute = house.in_hand()
    house.do(close_evidence_round(dispute))
    house.do(submit_evidence(dispute))
    house.do(challenge_evidence(dispute))

    def counts() -> bool:
        state = house.case(dispute).dispute
        return is_considered(state, state.evidence.exhibits[0])

    assert not counts()
    house.do(admit_evidence(dispute))
    assert counts()
    house.do(exclude_evidence(dispute))
    assert not counts()
    [challenged] = house.case(dispute).dispute.admission.challenges
    assert (challenged.by, challenged.ground) == (MERCHANT, ChallengeGround.AUTHENTICITY)


def test_a_request_that_is_sent_again_is_the_same_request() -> None:
    house = House()
    dispute = house.in_hand()
    first, again = house.do(request_evidence(dispute, "photo")), house.do(request_evidence(dispute, "photo"))
    assert (again.version, again.repeated) == (first.version, True)


@pytest.mark.parametrize("by", [BUYER, AUDITOR, ARBITRATOR.model_copy(update={"is_tool": True})])
def test_what_arbitrators_do_nobody_else_does(by: Actor) -> None:
    house = House()
    dispute = house.in_hand()
    for command in (
        request_evidence(dispute, "photo", by=by),
        close_evidence_round(dispute, by=by),
        admit_evidence(dispute, by=by),
        exclude_evidence(dispute, by=by),
    ):
        with pytest.raises(NotAllowed):
            house.do(command)


def test_a_stranger_challenges_nothing() -> None:
    house = House()
    dispute = house.in_hand()
    with pytest.raises(NotThere):
        house.do(challenge_evidence(dispute, by=OTHER_MERCHANT))

"""A case from hand to hand: commands, and what the lists hold of it."""

from __future__ import annotations

import pytest

from application.commands.desk import KeyReused
from application.policy import NotAllowed, NotThere
from application.projections.queue import QueueEntry
from domain.dispute.note import NoteKind
from domain.dispute.stages import Stage
from domain.kernel import Actor, Role
from tests.application.test_projections import Queue, filed_away, queued
from tests.support.builders import (
    ARBITRATOR,
    AUDITOR,
    BUYER,
    FILED_AT,
    MERCHANT,
    OTHER_ARBITRATOR,
    PLATFORM,
    SENIOR,
)
from tests.support.house import (
    House,
    add_note,
    chase,
    declare_conflict,
    intervene,
    lift_legal_hold,
    place_legal_hold,
    reassign_case,
    release_case,
    rule,
)


def test_the_queue_knows_who_has_a_case_and_when_nobody_has_it() -> None:
    house = House()
    dispute = house.in_hand()
    waiting = {dispute: QueueEntry(dispute, PLATFORM, FILED_AT, "escalated")}
    house.do(release_case(dispute))
    assert queued(house) == Queue(waiting)
    house.do(reassign_case(dispute, OTHER_ARBITRATOR))
    assert queued(house) == Queue(waiting, {dispute: OTHER_ARBITRATOR.id})
    house.do(declare_conflict(dispute))
    assert queued(house) == Queue(waiting, {dispute: OTHER_ARBITRATOR.id})
    house.do(declare_conflict(dispute, by=OTHER_ARBITRATOR))
    assert queued(house) == Queue(waiting)
    house.do(intervene(dispute, by=SENIOR))
    assert queued(house) == Queue(waiting, {dispute: SENIOR.id})
    house.do(rule(dispute, by=SENIOR))
    assert queued(house) == Queue()


def test_the_case_file_knows_who_is_not_to_see_the_case() -> None:
    house = House()
    dispute = house.in_hand()
    house.do(declare_conflict(dispute))
    house.do(chase(dispute))
    assert [one.conflict for one in filed_away(house).moves if one.conflict] == [ARBITRATOR.id]
    assert filed_away(house).last("version") == house.case(dispute).version


def test_a_case_that_is_given_on_is_decided_by_who_has_it_now() -> None:
    house = House()
    dispute = house.in_hand()
    house.do(reassign_case(dispute, OTHER_ARBITRATOR))
    house.do(rule(dispute, by=OTHER_ARBITRATOR))
    assert house.case(dispute).dispute.stage is Stage.DECIDED


def test_for_who_declared_a_conflict_the_case_is_not_there_whatever_they_try() -> None:
    house = House()
    dispute = house.in_hand()
    house.do(declare_conflict(dispute))
    for command in (intervene(dispute, key="again"), add_note(dispute), release_case(dispute), rule(dispute)):
        with pytest.raises(NotThere):
            house.do(command)
    with pytest.raises(NotThere):  # what they did before is not told again, either
        house.do(intervene(dispute))


def test_a_declaration_that_is_sent_again_gets_its_first_answer() -> None:
    house = House()
    dispute = house.in_hand()
    first = house.do(declare_conflict(dispute))
    house.do(chase(dispute))
    again = house.do(declare_conflict(dispute))
    assert (again.version, again.position, again.repeated) == (first.version, first.position, True)
    nothing_new = house.do(declare_conflict(dispute, key="another"))
    assert nothing_new.version == house.case(dispute).version
    with pytest.raises(KeyReused):
        house.do(declare_conflict(dispute, body_digest="another"))
    assert house.topics(dispute).count("conflict_declared") == 1


def test_to_give_a_case_to_who_has_it_changes_nothing() -> None:
    house = House()
    dispute = house.in_hand()
    before = house.case(dispute).version
    assert house.do(reassign_case(dispute, ARBITRATOR)).version == before


def test_an_arbitrator_who_is_not_senior_gives_no_case_on() -> None:
    house = House()
    dispute = house.in_hand()
    with pytest.raises(NotAllowed):
        house.do(reassign_case(dispute, OTHER_ARBITRATOR, by=ARBITRATOR))


def test_what_is_written_down_stands_in_the_case() -> None:
    house = House()
    dispute = house.in_hand()
    for by in (BUYER, MERCHANT):
        house.do(chase(dispute, by=by))
    house.do(add_note(dispute, NoteKind.PUBLIC))
    house.do(place_legal_hold(dispute))
    state = house.case(dispute).dispute
    assert [one.by for one in state.chases] == [BUYER, MERCHANT]
    assert [(one.kind, one.text, one.by) for one in state.notes] == [("public", "已核对", ARBITRATOR)]
    assert state.hold is not None
    assert state.hold.by == AUDITOR
    house.do(lift_legal_hold(dispute))
    assert house.case(dispute).dispute.hold is None


@pytest.mark.parametrize("role", [Role.ADMIN, Role.RULE_WRITER])
def test_who_does_not_see_a_case_puts_no_hold_on_it(role: Role) -> None:
    house = House()
    dispute = house.in_hand()
    with pytest.raises(NotThere):
        house.do(place_legal_hold(dispute, by=Actor(role=role, id="somebody")))

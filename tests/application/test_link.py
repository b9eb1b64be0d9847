from __future__ import annotations

from uuid import UUID

import pytest

from application.commands.link import UnknownDispute
from application.policy import NotAllowed, NotThere
from domain.dispute.link import LinkedToItself, LinkKind
from tests.support.builders import ARBITRATOR, BUYER, ELSEWHERE, OTHER_ARBITRATOR, a_claim_asked
from tests.support.house import House, caller, declare_conflict


def two_cases(house: House) -> tuple[UUID, UUID]:
    mangoes = house.opened()
    return mangoes, house.file(a_claim_asked(lines=("2",)), key="grapes").stream


def test_a_link_is_noted_in_the_case_that_is_linked_and_in_no_other() -> None:
    house = House()
    mangoes, grapes = two_cases(house)
    house.link(mangoes, grapes)
    [noted] = house.case(mangoes).dispute.links
    assert (noted.other, noted.kind, noted.reason, noted.by) == (grapes, "related", "同一批", ARBITRATOR)
    assert house.case(grapes).dispute.links == ()
    assert house.topics(mangoes) == ["filed", "case_linked"]


def test_the_same_link_is_nothing_new_and_the_same_request_gets_its_first_answer() -> None:
    house = House()
    mangoes, grapes = two_cases(house)
    first = house.link(mangoes, grapes)
    again = house.link(mangoes, grapes)
    assert (again.version, again.position, again.repeated) == (first.version, first.position, True)
    assert house.link(mangoes, grapes, key="another").version == first.version
    assert house.link(mangoes, grapes, key="third", kind=LinkKind.DUPLICATE).version == first.version + 1


def test_a_case_is_linked_to_one_that_is_there() -> None:
    house = House()
    mangoes, _ = two_cases(house)
    with pytest.raises(UnknownDispute) as refused:
        house.link(mangoes, ELSEWHERE)
    assert refused.value.details == {"dispute": str(ELSEWHERE)}
    with pytest.raises(LinkedToItself):
        house.link(mangoes, mangoes)


def test_a_case_that_the_arbitrator_may_not_see_is_not_there_for_them() -> None:
    house = House()
    mangoes, grapes = two_cases(house)
    house.do(declare_conflict(grapes))
    with pytest.raises(UnknownDispute):
        house.link(mangoes, grapes)
    house.link(mangoes, grapes, by=OTHER_ARBITRATOR)


def test_whether_the_other_case_is_there_is_told_to_nobody_who_may_not_link() -> None:
    house = House()
    mangoes, grapes = two_cases(house)
    for other in (grapes, ELSEWHERE):
        with pytest.raises(NotAllowed):
            house.link(mangoes, other, by=BUYER)
        with pytest.raises(NotThere):
            house.link(mangoes, other, caller=caller(ARBITRATOR, "another platform"))

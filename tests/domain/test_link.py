from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from domain.dispute import link
from domain.dispute.intake import Closed, Outcome
from domain.dispute.link import LINKS_MAX, CaseLinked, LinkedToItself, LinkKind, TooManyLinks
from domain.dispute.review import NotAnArbitrator
from domain.kernel import Actor, Event, derived_id
from tests.support.builders import (
    ARBITRATOR,
    ARBITRATOR_MACHINE,
    AUDITOR,
    BUYER,
    DISPUTE,
    ELSEWHERE,
    SENIOR,
    awaiting,
    decided,
    hours,
    taken_in_hand,
)
from tests.support.given import fold, given
from tests.support.money import settled


def linking(other: UUID = ELSEWHERE, kind: LinkKind = LinkKind.RELATED, by: Actor = ARBITRATOR) -> Any:
    return lambda dispute: link.link_case(dispute, DISPUTE, other, kind, "同一批", by=by, at=hours(9))


def linked(other: UUID = ELSEWHERE, kind: LinkKind = LinkKind.RELATED, by: Actor = ARBITRATOR) -> CaseLinked:
    return CaseLinked(other=other, kind=kind, reason="同一批", by=by, at=hours(9))


@pytest.mark.parametrize("by", [ARBITRATOR, SENIOR])
@pytest.mark.parametrize("before", [awaiting(), taken_in_hand(), decided(), settled()])
def test_an_arbitrator_links_a_case_to_another_at_any_time(before: tuple[Event, ...], by: Actor) -> None:
    given(*before).when(linking(by=by)).then(linked(by=by))
    given(*before, Closed(outcome=Outcome.SETTLED, at=hours(8))).when(linking(by=by)).then(linked(by=by))


@pytest.mark.parametrize("by", [BUYER, AUDITOR, ARBITRATOR_MACHINE])
def test_nobody_else_does(by: Actor) -> None:
    given(*taken_in_hand()).when(linking(by=by)).then_refused(NotAnArbitrator)


def test_a_case_is_not_linked_to_itself() -> None:
    given(*taken_in_hand()).when(linking(DISPUTE)).then_refused(LinkedToItself)


def test_the_same_link_is_noted_once() -> None:
    given(*taken_in_hand(), linked()).when(linking(by=SENIOR)).then_nothing()
    given(*taken_in_hand(), linked()).when(linking(kind=LinkKind.DUPLICATE)).then(linked(kind=LinkKind.DUPLICATE))


def test_a_case_has_a_hundred_links_at_most() -> None:
    many = [linked(derived_id("another", str(number))) for number in range(LINKS_MAX)]
    assert fold(*awaiting(), *many).links == tuple(many)
    given(*awaiting(), *many).when(linking()).then_refused(TooManyLinks, at_most=100)
    given(*awaiting(), *many[1:]).when(linking()).then(linked())
    given(*awaiting(), *many).when(linking(many[0].other)).then_nothing()

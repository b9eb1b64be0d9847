from __future__ import annotations

from typing import Any

import pytest

from domain.dispute import chase
from domain.dispute.chase import Chased, TooManyChases
from domain.dispute.intake import Closed, NotAParty, Outcome
from domain.dispute.stages import NotOpenForThis
from domain.kernel import Actor, Event
from tests.support.builders import (
    ARBITRATOR,
    BUYER,
    MERCHANT,
    OTHER_BUYER,
    a_playbook,
    awaiting,
    decided,
    hours,
    limits,
    negotiating,
    taken_in_hand,
)
from tests.support.given import fold, given
from tests.support.money import settled


def chasing(by: Actor = BUYER, text: str | None = "还要多久", at_most: int = 20) -> Any:
    rules = a_playbook(limits=limits(chases_per_side=at_most))
    return lambda dispute: chase.chase(dispute, rules, text, by=by, at=hours(9))


def chased(by: Actor = BUYER) -> Chased:
    return Chased(text="还要多久", by=by, at=hours(9))


@pytest.mark.parametrize("by", [BUYER, MERCHANT])
@pytest.mark.parametrize("before", [awaiting(), negotiating(), taken_in_hand(), decided(), settled()])
def test_either_party_reminds_the_others_until_the_case_is_closed(before: tuple[Event, ...], by: Actor) -> None:
    given(*before).when(chasing(by)).then(chased(by))
    closed = (*before, Closed(outcome=Outcome.SETTLED, at=hours(8)))
    given(*closed).when(chasing(by)).then_refused(NotOpenForThis, stage="closed")


def test_a_reminder_needs_no_words() -> None:
    given(*negotiating()).when(chasing(text=None)).then(Chased(by=BUYER, at=hours(9)))


@pytest.mark.parametrize("by", [OTHER_BUYER, ARBITRATOR])
def test_only_a_party_reminds(by: Actor) -> None:
    given(*negotiating()).when(chasing(by)).then_refused(NotAParty)


def test_all_reminders_stand_in_one_timeline() -> None:
    both = (chased(), chased(MERCHANT), chased())
    assert fold(*negotiating(), *both).chases == both


def test_each_side_reminds_as_often_as_the_playbook_allows() -> None:
    given(*negotiating(), chased()).when(chasing(at_most=1)).then_refused(TooManyChases, at_most=1)
    given(*negotiating(), chased()).when(chasing(at_most=2)).then(chased())
    given(*negotiating(), chased()).when(chasing(MERCHANT, at_most=1)).then(chased(MERCHANT))


def test_the_common_playbook_allows_twenty_reminders() -> None:
    given(*negotiating(), *[chased()] * 20).when(chasing()).then_refused(TooManyChases, at_most=20)

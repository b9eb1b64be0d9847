"""The one language of the tests of rules: given what happened, when somebody acts, then this follows or is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from application.ports import Recorded
from domain.calendars import Clock
from domain.dispute import dispute as disputes
from domain.dispute.dispute import Dispute, DisputeEvent
from domain.intake import order as orders
from domain.intake.order import OrderEvent
from domain.kernel import DomainError, Event
from domain.playbook import playbook as playbooks
from domain.playbook.playbook import PlaybookEvent, Shelf
from domain.remedy import payout as payouts
from domain.remedy.payout import PayoutEvent

Act = Callable[[Any], Any]

_EVOLVE: tuple[tuple[tuple[type, ...], Any], ...] = (
    (get_args(DisputeEvent), disputes.evolve),
    (get_args(OrderEvent), orders.evolve),
    (get_args(PayoutEvent), payouts.evolve),
    ((PlaybookEvent,), playbooks.evolve),
)


def fold(*events: Event) -> Any:
    """The state after these events of one stream; None where nothing happened."""
    state: Any = Shelf() if events and isinstance(events[0], PlaybookEvent) else None
    for event in events:
        evolve = next(evolve for kinds, evolve in _EVOLVE if isinstance(event, kinds))
        state = evolve(state, event)
    return state


def clock_of(dispute: Dispute) -> Any:
    """The only clock that runs; None where none does."""
    [clock] = dispute.clocks.values() or (None,)
    return clock


def clocks_in(value: object) -> Iterator[Clock]:
    """Every clock anywhere in a value."""
    if isinstance(value, Clock):
        yield value
    elif isinstance(value, BaseModel):
        for field in type(value).model_fields:
            yield from clocks_in(getattr(value, field))
    elif isinstance(value, tuple):
        for one in value:
            yield from clocks_in(one)


class When:
    """What an act led to."""

    def __init__(self, act: Act, state: Any) -> None:
        self._act, self._state = act, state

    @property
    def happened(self) -> tuple[Any, ...]:
        outcome = self._act(self._state)
        return tuple(outcome) if isinstance(outcome, Sequence) else (outcome,)

    def then(self, *expected: object) -> None:
        assert self.happened == expected

    def then_nothing(self) -> None:
        assert self.happened == ()

    def then_refused(self, refusal: type[DomainError], **details: object) -> None:
        with pytest.raises(DomainError) as caught:
            self._act(self._state)
        assert type(caught.value) is refusal
        assert {name: caught.value.details.get(name) for name in details} == details


class Given:
    """What happened before; a process (`react`) is given the one stored event that it follows."""

    def __init__(self, state: Any) -> None:
        self._state = state

    def when(self, act: Act) -> When:
        return When(act, self._state)


def given(*happened: Event | Recorded) -> Given:
    if len(happened) == 1 and isinstance(happened[0], Recorded):
        return Given(happened[0])
    return Given(fold(*(one for one in happened if isinstance(one, Event))))

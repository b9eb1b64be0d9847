"""Every event class there is: the closed list that the store, the tests and the documentation read."""

from __future__ import annotations

from typing import get_args

from domain.audit.access import AccessEvent
from domain.dispute.dispute import DisputeEvent
from domain.intake.order import OrderEvent
from domain.kernel import Event
from domain.playbook.playbook import PlaybookEvent
from domain.remedy.payout import PayoutEvent

EVENTS: tuple[type[Event], ...] = (
    *get_args(OrderEvent),
    PlaybookEvent,
    *get_args(DisputeEvent),
    *get_args(PayoutEvent),
    *get_args(AccessEvent),
)

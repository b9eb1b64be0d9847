"""Payouts: how far the money of every remedy line has come. The sweep asks it what still wants to be paid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast, get_args

from domain.remedy.payout import (
    PayoutEvent,
    PayoutOrdered,
    PayoutRecovered,
    PayoutReduced,
    PayoutSent,
    PayoutState,
    state_after,
)

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from application.ports import Recorded

NAME = "payouts"


@dataclass(frozen=True, slots=True)
class PayoutOpened:
    """A payout as it is ordered; the amount in minor units of `currency`; without a claim it is goodwill."""

    payout: UUID
    dispute: UUID
    platform: str
    line: str
    claim: str | None
    amount_minor: int
    currency: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PayoutMoved:
    """What one event changes of a payout; None leaves a thing as it is."""

    payout: UUID
    at: datetime | None
    state: PayoutState | None = None
    attempts: int | None = None
    amount_minor: int | None = None


class PayoutView(Protocol):
    """The table of payouts."""

    async def open(self, opened: PayoutOpened) -> None:
        """A payout is ordered."""
        ...

    async def move(self, moved: PayoutMoved) -> None:
        """A payout moves on."""
        ...


async def project(view: PayoutView, recorded: Recorded) -> None:
    """Follow one event."""
    if not isinstance(recorded.event, get_args(PayoutEvent)):
        return
    event = cast("PayoutEvent", recorded.event)
    if isinstance(event, PayoutOrdered):
        await view.open(
            PayoutOpened(
                payout=recorded.stream,
                dispute=event.dispute,
                platform=event.platform,
                line=event.line,
                claim=event.claim,
                amount_minor=event.amount.minor,
                currency=event.amount.currency,
                at=recorded.metadata.at,
            )
        )
        return
    await view.move(
        PayoutMoved(
            payout=recorded.stream,
            # What came back does not change when it was paid, which is looked for in the statement.
            at=None if isinstance(event, PayoutRecovered) else recorded.metadata.at,
            state=state_after(event),
            attempts=event.attempt if isinstance(event, PayoutSent) else None,
            amount_minor=event.to.minor if isinstance(event, PayoutReduced) else None,
        )
    )

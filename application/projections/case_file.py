"""Case files: what lists show of every case: parties, stage, clock and money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast, get_args

from domain.dispute.correction import RulingCorrected
from domain.dispute.dispute import DisputeEvent
from domain.dispute.intake import ClaimAdded, Closed, DisputeFiled
from domain.dispute.recovery import RemedyRecovered, RemedyStopped
from domain.dispute.remedy import RemedyConfirmed, RemedyOrdered
from domain.dispute.review import ConflictDeclared
from domain.dispute.ruling import DecidedByDefault, RulingConfirmed, RulingReversed
from domain.dispute.stages import Stage
from domain.dispute.transitions import stage_after
from domain.money import total

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from application.ports import Recorded

NAME = "case_file"


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """A case as it is filed; amounts in minor units of `currency`."""

    dispute: UUID
    platform: str
    number: str
    buyer: str
    merchant: str
    order_id: str
    filed_at: datetime
    currency: str
    asked_minor: int


@dataclass(frozen=True, slots=True)
class CaseMoved:
    """What one event changes of a case; None leaves a thing as it is, what is asked, ordered and paid is added."""

    dispute: UUID
    version: int
    at: datetime
    stage: Stage | None = None
    outcome: str | None = None
    conflict: str | None = None  # an arbitrator who is not to see it any more
    asked_minor: int = 0
    awarded_minor: int | None = None
    ordered_minor: int = 0
    paid_minor: int = 0


class CaseFileView(Protocol):
    """The table of case files."""

    async def open(self, opened: CaseOpened) -> None:
        """A case begins."""
        ...

    async def move(self, moved: CaseMoved) -> None:
        """A case moves on."""
        ...


async def project(view: CaseFileView, recorded: Recorded) -> None:
    """Follow one event."""
    if not isinstance(recorded.event, get_args(DisputeEvent)):
        return
    event = cast("DisputeEvent", recorded.event)
    if isinstance(event, DisputeFiled):
        await view.open(
            CaseOpened(
                dispute=recorded.stream,
                platform=event.platform,
                number=event.number,
                buyer=event.order.buyer,
                merchant=event.order.merchant,
                order_id=event.order.order_id,
                filed_at=event.at,
                currency=event.order.currency,
                asked_minor=total((claim.asked for claim in event.claims), event.order.currency).minor,
            )
        )
    await view.move(
        CaseMoved(
            dispute=recorded.stream,
            version=recorded.version,
            at=recorded.metadata.at,
            stage=stage_after(event),
            outcome=str(event.outcome) if isinstance(event, Closed) else None,
            conflict=event.by.id if isinstance(event, ConflictDeclared) else None,
            asked_minor=event.claim.asked.minor if isinstance(event, ClaimAdded) else 0,
            awarded_minor=_awarded(event),
            ordered_minor=_ordered(event),
            paid_minor=_paid(event),
        )
    )


def _ordered(event: DisputeEvent) -> int:
    match event:
        case RemedyOrdered():
            return event.amount.minor
        case RemedyStopped():
            return -event.unpaid.minor
        case _:
            return 0


def _paid(event: DisputeEvent) -> int:
    match event:
        case RemedyConfirmed():
            return event.amount.minor
        case RemedyRecovered():
            return -event.amount.minor
        case _:
            return 0


def _awarded(event: DisputeEvent) -> int | None:
    """What a decision awards, in the place of what an earlier one did."""
    if not isinstance(event, RulingConfirmed | DecidedByDefault | RulingReversed | RulingCorrected):
        return None
    return sum(line.amount.minor for award in event.awards for line in award.lines)

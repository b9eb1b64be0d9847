"""Routes of review: escalation, intervention, the arbitrators' queue."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from application import policy
from application.commands.review import Escalate, Intervene
from domain.kernel import Text
from infrastructure.http import examples
from infrastructure.http.answers import CaseAnswer
from infrastructure.http.cursors import Cursor, read_cursor, write_cursor
from infrastructure.http.intake import CursorText, Limit
from infrastructure.http.requests import (
    Acting,
    After,
    Body,
    ByCaller,
    DisputeId,
    container_of,
    described,
    json_body,
)

router = APIRouter(tags=["review"])


class Escalating(Body):
    """Why the platform is asked to decide."""

    reason: Text


class QueuedCase(BaseModel):
    """A case that waits for the platform; amounts in minor units of `currency`."""

    id: str
    number: str
    since: datetime
    because: str
    arbitrator: str | None = None
    order_id: str
    currency: str
    asked_minor: int
    href: str


class Queue(BaseModel):
    """A page of the queue, longest waiting first; `next` is the cursor of the page after it."""

    cases: list[QueuedCase]
    next: str | None = None


@router.post(
    "/disputes/{dispute}/escalations",
    status_code=201,
    openapi_extra=described(Escalating, examples.ESCALATING),
    response_model_exclude_none=True,
    name="escalate_dispute",
    summary="Call the platform in",
)
async def escalate(
    dispute: DisputeId, act: Acting, escalating: Annotated[Escalating, Depends(json_body(Escalating))]
) -> CaseAnswer:
    """A party asks the platform to decide."""
    return await act.carry_out(Escalate(**act.about(dispute, escalating), reason=escalating.reason))


@router.post(
    "/disputes/{dispute}/interventions",
    status_code=201,
    response_model_exclude_none=True,
    name="intervene_in_dispute",
    summary="Step in and take the case",
)
async def intervene(dispute: DisputeId, act: Acting) -> CaseAnswer:
    """An arbitrator steps in for the platform and has the case from now on."""
    return await act.carry_out(Intervene(**act.about(dispute)))


@router.get("/queue", response_model_exclude_none=True, summary="The arbitrators' queue")
async def get_queue(
    request: Request,
    caller: ByCaller,
    after: After = None,
    free: Annotated[bool, Query(description="Only cases that nobody has.")] = False,  # noqa: FBT002 - a query's default
    cursor: CursorText = None,
    limit: Limit = 20,
) -> Queue:
    """Cases under review on the caller's platform, the longest waiting first."""
    policy.require("see_queue", caller, caller.platform)
    container = container_of(request)
    if after is not None:
        await container.views.wait(after)
    start = read_cursor(cursor)
    rows = await container.views.queue(
        platform=caller.platform,
        free=free,
        since_after=start.at if start else None,
        dispute_after=start.dispute if start else None,
        limit=limit + 1,
    )
    page = rows[:limit]
    return Queue(
        cases=[
            QueuedCase(
                id=str(row.dispute),
                number=row.number,
                since=row.since,
                because=row.because,
                arbitrator=row.arbitrator,
                order_id=row.order_id,
                currency=row.currency,
                asked_minor=row.asked_minor,
                href=f"/v1/disputes/{row.dispute}",
            )
            for row in page
        ],
        next=write_cursor(Cursor(page[-1].since, page[-1].dispute)) if len(rows) > limit else None,
    )

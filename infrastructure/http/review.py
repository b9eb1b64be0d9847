"""Routes of review: escalation, intervention, hand-over, conflicts, the arbitrators' queue."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from application import policy
from application.commands.review import DeclareConflict, Escalate, Intervene, ReassignCase, ReleaseCase
from domain.dispute.review import ConflictGround
from domain.kernel import Actor, Id, Role, Text, begun
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
from infrastructure.observability import logged

router = APIRouter(tags=["review"])


class Escalating(Body):
    """Why the platform is asked to decide."""

    reason: Text


class Releasing(Body):
    """Why a case is given back."""

    reason: Text


class Reassigning(Body):
    """To which arbitrator a case is given, as the token names it, and why."""

    arbitrator: Id
    role: Literal[Role.ARBITRATOR, Role.SENIOR_ARBITRATOR] = Role.ARBITRATOR
    reason: Text


class DeclaringConflict(Body):
    """Why one may not hear a case."""

    ground: ConflictGround
    reason: Text


class DeclaredConflict(BaseModel):
    """A conflict that is on record; for who declared it the case is not there any more."""

    dispute: UUID
    ground: ConflictGround
    at: datetime


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


@router.post(
    "/disputes/{dispute}/releases",
    status_code=201,
    openapi_extra=described(Releasing, examples.RELEASING),
    response_model_exclude_none=True,
    summary="Give a case back",
)
async def release_case(
    dispute: DisputeId, act: Acting, releasing: Annotated[Releasing, Depends(json_body(Releasing))]
) -> CaseAnswer:
    """The arbitrator who has the case gives it back to the queue."""
    return await act.carry_out(ReleaseCase(**act.about(dispute, releasing), reason=releasing.reason))


@router.post(
    "/disputes/{dispute}/assignments",
    status_code=201,
    openapi_extra=described(Reassigning, examples.REASSIGNING),
    response_model_exclude_none=True,
    summary="Give a case to another arbitrator",
)
async def reassign_case(
    dispute: DisputeId, act: Acting, giving: Annotated[Reassigning, Depends(json_body(Reassigning))]
) -> CaseAnswer:
    """A senior arbitrator gives a case to another, whoever had it; to the one who has it is nothing new."""
    to = Actor(role=giving.role, id=giving.arbitrator)
    return await act.carry_out(ReassignCase(**act.about(dispute, giving), to=to, reason=giving.reason))


@router.post(
    "/disputes/{dispute}/conflicts",
    status_code=201,
    openapi_extra=described(DeclaringConflict, examples.DECLARING),
    summary="Declare a conflict",
)
async def declare_conflict(
    dispute: DisputeId, act: Acting, declaring: Annotated[DeclaringConflict, Depends(json_body(DeclaringConflict))]
) -> DeclaredConflict:
    """An arbitrator may not hear a case and from now on does not see it; a case that was theirs is free again."""
    command = DeclareConflict(**act.about(dispute, declaring), ground=declaring.ground, reason=declaring.reason)
    actor = act.caller.actor
    case = await act.came_to(await logged(command.OPERATION, actor.role, act.container.desk.on_dispute(command)))
    declared = begun(case.dispute.review.conflict_of(actor))
    return DeclaredConflict(dispute=case.id, ground=declared.ground, at=declared.at)


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
        caller=caller.actor.id,
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

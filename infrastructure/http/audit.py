"""Routes of audit: a case's trail, every event with who, when and why; its account; who has seen it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, cast

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from application.commands.audit import viewings
from application.policy import Caller, sees, sees_event
from application.ports import Recorded
from domain.audit.access import AccessEvent, CaseViewed, ExhibitOpened, Part
from domain.kernel import ARBITRATORS
from infrastructure.http import examples
from infrastructure.http.intake import Limit
from infrastructure.http.language import InLanguage, Language
from infrastructure.http.opening import open_case
from infrastructure.http.requests import After, ByCaller, DisputeId, container_of
from infrastructure.web.account import account, tell

router = APIRouter(tags=["audit"])


class TrailEntry(BaseModel):
    """An event of a case: where it stands, who did what, when, and why."""

    position: int
    stream: str
    version: int
    event: str
    at: datetime
    recorded_at: datetime
    role: str
    actor: str | None = None
    command_id: str | None = None
    who: str
    what: str
    why: str | None = None


class Trail(BaseModel):
    """A page of a trail in the order of the log; `next` is the position to go on from."""

    entries: list[TrailEntry]
    next: int | None = None


@router.get("/disputes/{dispute}/trail", response_model_exclude_none=True, summary="A case's audit trail")
async def get_trail(
    dispute: DisputeId,
    request: Request,
    caller: ByCaller,
    language: InLanguage,
    after: After = None,
    since: Annotated[int, Query(ge=0, le=2**62, description="`next` of the page before.")] = 0,
    limit: Limit = 100,
) -> Trail:
    """Every event of the case, its payouts and its order's part in it, in the caller's language."""
    container = container_of(request)
    await container.sights.record(caller, await open_case(container, caller, dispute, "see_trail"), Part.TRAIL)
    views = container.views
    if after is not None:
        await views.wait(after)
    found = await views.trail(dispute, since, limit + 1)
    page = found[:limit]
    return Trail(
        entries=[
            _entry(recorded, caller, language) for recorded in page if sees_event(recorded.event, caller.actor.role)
        ],
        next=page[-1].position if len(found) > limit else None,
    )


@router.get(
    "/disputes/{dispute}/account",
    response_class=PlainTextResponse,
    summary="A case told in plain words",
    responses={200: {"content": {"text/plain": {"example": examples.ACCOUNT}}}},
)
async def get_account(
    dispute: DisputeId, request: Request, caller: ByCaller, language: InLanguage, after: After = None
) -> PlainTextResponse:
    """The whole case as a readable text in the caller's language."""
    container = container_of(request)
    case = await open_case(container, caller, dispute, "see_trail")
    await container.sights.record(caller, case, Part.ACCOUNT)
    # The timeline comes from a view: without waiting it could lack what the rest of the text already tells.
    await container.views.wait(max(after or 0, case.position))
    trail = await container.views.whole_trail(dispute)
    return PlainTextResponse(account(await container.cases.with_payouts(case), trail, language, caller.actor.role))


class Viewing(BaseModel):
    """Somebody was shown the case as it stood at `version`, a part of it, or an exhibit in some form."""

    place: int
    at: datetime
    role: str
    actor: str
    tool: bool
    version: int
    part: str | None = None
    exhibit: str | None = None
    digest: str | None = None
    form: str | None = None


class Viewings(BaseModel):
    """A page of who saw the case, in order; `next` is the place to go on from."""

    viewings: list[Viewing]
    next: int | None = None


@router.get("/disputes/{dispute}/viewings", response_model_exclude_none=True, summary="Who has seen a case")
async def get_viewings(
    dispute: DisputeId,
    request: Request,
    caller: ByCaller,
    since: Annotated[int, Query(ge=0, le=2**62, description="`next` of the page before.")] = 0,
    limit: Limit = 100,
) -> Viewings:
    """Who was shown which version, part and exhibit of the case, and when; for auditors."""
    container = container_of(request)
    case = await open_case(container, caller, dispute, "see_viewings")
    found = await viewings(container.desk, case, since, limit + 1)
    page = found[:limit]
    return Viewings(viewings=[_viewing(one) for one in page], next=page[-1].version if len(found) > limit else None)


def _viewing(recorded: Recorded) -> Viewing:
    seen = cast("AccessEvent", recorded.event)
    opened = seen if isinstance(seen, ExhibitOpened) else None
    return Viewing(
        place=recorded.version,
        at=seen.at,
        role=seen.by.role,
        actor=seen.by.id,
        tool=seen.by.is_tool,
        version=seen.version,
        part=seen.part if isinstance(seen, CaseViewed) else None,
        exhibit=opened.exhibit if opened else None,
        digest=opened.digest if opened else None,
        form=opened.form if opened else None,
    )


def _entry(recorded: Recorded, caller: Caller, language: Language) -> TrailEntry:
    told = tell(recorded, language, caller.actor.role)
    actor = recorded.metadata.actor
    shown = actor.role not in ARBITRATORS or sees("arbitrator", caller.actor.role)
    return TrailEntry(
        position=recorded.position,
        stream=str(recorded.stream),
        version=recorded.version,
        event=recorded.event.TOPIC,
        at=recorded.metadata.at,
        recorded_at=recorded.recorded_at,
        role=actor.role,
        actor=actor.id if shown else None,
        # Made from the actor's id and key: who may not know the id could try guesses against it.
        command_id=str(recorded.metadata.command_id) if shown else None,
        who=told.who,
        what=told.what,
        why=told.why,
    )

"""Routes of time: the service's clock, and moving the test clock outside production."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel

from application import policy
from infrastructure.deadlines import walk
from infrastructure.http import examples
from infrastructure.http.requests import Body, ByCaller, container_of, described, json_body

router = APIRouter(tags=["time"])


class ClockFace(BaseModel):
    """What the service's clock shows; `fired` are the deadlines passed on the way."""

    now: datetime
    fired: list[datetime] = []


class Moving(Body):
    """Where to move the test clock: a moment with its offset from UTC."""

    to: AwareDatetime


@router.get("/test-clock", summary="What the service's clock shows")
async def get_clock(request: Request, caller: ByCaller) -> ClockFace:
    """The time by which cases live."""
    policy.require("move_test_clock", caller)
    return ClockFace(now=await container_of(request).clock.now())


@router.post("/test-clock", openapi_extra=described(Moving, examples.MOVING), summary="Move the test clock forward")
async def move_clock(
    request: Request, caller: ByCaller, moving: Annotated[Moving, Depends(json_body(Moving))]
) -> ClockFace:
    """Walks to each due deadline on the way, and answers when what followed stands and the lists know it."""
    policy.require("move_test_clock", caller)
    container = container_of(request)
    fired = await walk(container.clock, container.views, moving.to)
    return ClockFace(now=await container.clock.now(), fired=fired)

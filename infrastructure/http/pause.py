"""Routes of pause, a part of review: the running clocks stand still, or run again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from application.commands.pause import PauseClock, ResumeClock
from domain.calendars import HOURS_MAX
from domain.dispute.pause import PauseGround
from domain.kernel import Text
from infrastructure.http import examples
from infrastructure.http.answers import CaseAnswer
from infrastructure.http.requests import Acting, Body, DisputeId, described, json_body

router = APIRouter(tags=["review"])


class Pausing(Body):
    """On which ground, why, and for how many hours the clocks stand still."""

    ground: PauseGround
    reason: Text
    hours: Annotated[int, Field(ge=1, le=HOURS_MAX)]


@router.post(
    "/disputes/{dispute}/pauses",
    status_code=201,
    openapi_extra=described(Pausing, examples.PAUSING),
    response_model_exclude_none=True,
    summary="Let the running clocks stand still",
)
async def pause_clock(
    dispute: DisputeId, act: Acting, pausing: Annotated[Pausing, Depends(json_body(Pausing))]
) -> CaseAnswer:
    """An arbitrator stops the clocks that run; what is left of them stays left, and after these hours they go on."""
    return await act.carry_out(PauseClock(**act.about(dispute, pausing), **dict(pausing)))


@router.post(
    "/disputes/{dispute}/resumptions",
    status_code=201,
    response_model_exclude_none=True,
    summary="Let the clocks run again",
)
async def resume_clock(dispute: DisputeId, act: Acting) -> CaseAnswer:
    """An arbitrator ends a pause before its time."""
    return await act.carry_out(ResumeClock(**act.about(dispute)))

"""Routes of closing, a part of intake: withdraw a dispute, have an ended one heard again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from application.commands.closing import Reopen, Withdraw
from domain.dispute.closing import ReopeningGround
from domain.kernel import Text
from infrastructure.http import examples
from infrastructure.http.answers import CaseAnswer
from infrastructure.http.requests import Acting, Body, DisputeId, described, json_body

router = APIRouter(tags=["intake"])


class Withdrawing(Body):
    """Why the buyer claims nothing more."""

    reason: Text


class Reopening(Body):
    """On which ground an ended case is heard again, and why."""

    ground: ReopeningGround
    reason: Text


@router.post(
    "/disputes/{dispute}/withdrawal",
    status_code=201,
    openapi_extra=described(Withdrawing, examples.WITHDRAWING),
    response_model_exclude_none=True,
    name="withdraw_dispute",
    summary="Withdraw a dispute",
)
async def withdraw(
    dispute: DisputeId, act: Acting, withdrawing: Annotated[Withdrawing, Depends(json_body(Withdrawing))]
) -> CaseAnswer:
    """The buyer claims nothing more: the case is closed, before anything is decided."""
    return await act.carry_out(Withdraw(**act.about(dispute, withdrawing), reason=withdrawing.reason))


@router.post(
    "/disputes/{dispute}/reopenings",
    status_code=201,
    openapi_extra=described(Reopening, examples.REOPENING),
    response_model_exclude_none=True,
    name="reopen_dispute",
    summary="Have an ended case heard again",
)
async def reopen(
    dispute: DisputeId, act: Acting, reopening: Annotated[Reopening, Depends(json_body(Reopening))]
) -> CaseAnswer:
    """A senior arbitrator opens an ended case for others to hear; how it ended before stays on record."""
    return await act.carry_out(Reopen(**act.about(dispute, reopening), **dict(reopening)))

"""Routes of human, a part of review: a party asks that a person decide."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from application.commands.human import RequestHuman
from domain.kernel import Text
from infrastructure.http import examples
from infrastructure.http.answers import CaseAnswer
from infrastructure.http.requests import Acting, Body, DisputeId, described, json_body

router = APIRouter(tags=["review"])


class RequestingHuman(Body):
    """Why a person is to decide, if the party wants to say so."""

    reason: Text | None = None


@router.post(
    "/disputes/{dispute}/human-request",
    status_code=201,
    openapi_extra=described(RequestingHuman, examples.REQUESTING_HUMAN),
    response_model_exclude_none=True,
    summary="Ask for a person",
)
async def request_human(
    dispute: DisputeId, act: Acting, requesting: Annotated[RequestingHuman, Depends(json_body(RequestingHuman))]
) -> CaseAnswer:
    """From now on no silence decides the case; what it has decided and is not final goes to an arbitrator."""
    return await act.carry_out(RequestHuman(**act.about(dispute, requesting), reason=requesting.reason))

"""Routes of chase, a part of negotiation: remind the others."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from application.commands.chase import Chase
from domain.kernel import Text
from infrastructure.http import examples
from infrastructure.http.answers import CaseAnswer
from infrastructure.http.requests import Acting, Body, DisputeId, described, json_body

router = APIRouter(tags=["negotiation"])


class Chasing(Body):
    """A reminder; `text` says for what, where there is something to say."""

    text: Text | None = None


@router.post(
    "/disputes/{dispute}/chases",
    status_code=201,
    openapi_extra=described(Chasing, examples.CHASING),
    response_model_exclude_none=True,
    name="chase_dispute",
    summary="Remind the platform and the other side",
)
async def chase(
    dispute: DisputeId, act: Acting, chasing: Annotated[Chasing, Depends(json_body(Chasing))]
) -> CaseAnswer:
    """A party reminds the others that it waits; all reminders stand in one timeline."""
    return await act.carry_out(Chase(**act.about(dispute, chasing), text=chasing.text))

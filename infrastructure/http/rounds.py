"""Routes of rounds, a part of evidence: ask a side for evidence, close the round."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from application.commands.rounds import CloseEvidenceRound, RequestEvidence
from domain.dispute.rounds import Kinds, Side
from domain.kernel import Text
from infrastructure.http import examples
from infrastructure.http.answers import CaseAnswer
from infrastructure.http.requests import Acting, Body, DisputeId, described, json_body

router = APIRouter(tags=["evidence"])


class RequestingEvidence(Body):
    """Which side is asked for which kinds of exhibit, and why."""

    side: Side
    kinds: Kinds
    why: Text


@router.post(
    "/disputes/{dispute}/evidence-requests",
    status_code=201,
    openapi_extra=described(RequestingEvidence, examples.REQUESTING),
    response_model_exclude_none=True,
    summary="Ask a side for evidence",
)
async def request_evidence(
    dispute: DisputeId, act: Acting, requesting: Annotated[RequestingEvidence, Depends(json_body(RequestingEvidence))]
) -> CaseAnswer:
    """The arbitrator who has the case asks; that side's clock starts, and while it runs what it shows is in time."""
    return await act.carry_out(RequestEvidence(**act.about(dispute, requesting), **dict(requesting)))


@router.post(
    "/disputes/{dispute}/evidence-rounds/closing",
    status_code=201,
    response_model_exclude_none=True,
    summary="Close the evidence round",
)
async def close_evidence_round(dispute: DisputeId, act: Acting) -> CaseAnswer:
    """What is shown from now on is late: kept and marked, but considered only if an arbitrator admits it."""
    return await act.carry_out(CloseEvidenceRound(**act.about(dispute)))

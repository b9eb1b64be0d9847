"""Routes of hold, a part of intake: put a case under legal hold, and lift it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from application.commands.hold import LiftLegalHold, PlaceLegalHold
from domain.kernel import Text
from infrastructure.http import examples
from infrastructure.http.answers import CaseAnswer
from infrastructure.http.requests import Acting, Body, DisputeId, described, json_body

router = APIRouter(tags=["intake"])


class Holding(Body):
    """Why a case is put under legal hold, or why that is lifted."""

    reason: Text


@router.post(
    "/disputes/{dispute}/legal-holds",
    status_code=201,
    openapi_extra=described(Holding, examples.HOLDING),
    response_model_exclude_none=True,
    summary="Put a case under legal hold",
)
async def place_legal_hold(
    dispute: DisputeId, act: Acting, holding: Annotated[Holding, Depends(json_body(Holding))]
) -> CaseAnswer:
    """An auditor has a case kept as it is, also a closed one: nothing of it is erased until the hold is lifted."""
    return await act.carry_out(PlaceLegalHold(**act.about(dispute, holding), reason=holding.reason))


@router.post(
    "/disputes/{dispute}/legal-holds/lifting",
    status_code=201,
    openapi_extra=described(Holding, examples.LIFTING),
    response_model_exclude_none=True,
    summary="Lift a legal hold",
)
async def lift_legal_hold(
    dispute: DisputeId, act: Acting, lifting: Annotated[Holding, Depends(json_body(Holding))]
) -> CaseAnswer:
    """An auditor lifts the legal hold, whoever placed it."""
    return await act.carry_out(LiftLegalHold(**act.about(dispute, lifting), reason=lifting.reason))

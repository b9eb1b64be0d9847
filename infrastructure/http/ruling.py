"""Routes of ruling: decide every claim of a case."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from application.commands.ruling import Rule
from domain.dispute.intake import CLAIMS_MAX
from domain.dispute.ruling import AwardSought
from domain.kernel import Text
from infrastructure.http import examples
from infrastructure.http.answers import CaseAnswer
from infrastructure.http.requests import Acting, Body, DisputeId, described, json_body

router = APIRouter(tags=["ruling"])


class Deciding(Body):
    """A decision: a finding with its rules for every claim, and the reasons."""

    awards: Annotated[tuple[AwardSought, ...], Field(min_length=1, max_length=CLAIMS_MAX)]
    reasons: Text


@router.post(
    "/disputes/{dispute}/rulings",
    status_code=201,
    openapi_extra=described(Deciding, examples.DECIDING),
    response_model_exclude_none=True,
    name="rule_on_dispute",
    summary="Decide a case",
)
async def rule(
    dispute: DisputeId, act: Acting, deciding: Annotated[Deciding, Depends(json_body(Deciding))]
) -> CaseAnswer:
    """The arbitrator who has the case decides every claim; amounts follow from the pinned rules."""
    return await act.carry_out(Rule(**act.about(dispute, deciding), awards=deciding.awards, reasons=deciding.reasons))

"""Routes of appeal: take a ruling to the second instance; reject the appeal, uphold or reverse the ruling."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import Field

from application.commands.appeal import FileAppeal, RejectAppeal, ReverseRuling, UpholdRuling
from domain.dispute.appeal import AppealGround
from domain.dispute.award import AwardSought
from domain.dispute.intake import CLAIMS_MAX
from domain.kernel import Text
from infrastructure.http import examples
from infrastructure.http.answers import CaseAnswer
from infrastructure.http.requests import Acting, Body, DisputeId, described, json_body

router = APIRouter(tags=["appeal"])

AppealId = Annotated[str, Path(pattern=r"^a[0-9]{1,6}$", description="The appeal's id.")]


class Appealing(Body):
    """On which ground a ruling is appealed, and why."""

    ground: AppealGround
    statement: Text


class Rejecting(Body):
    """Why an appeal is not admissible."""

    reason: Text


class Upholding(Body):
    """Why a ruling stands."""

    reasons: Text


class Reversing(Body):
    """A new decision in place of the one appealed: a finding with its rules for every claim, and the reasons."""

    awards: Annotated[tuple[AwardSought, ...], Field(min_length=1, max_length=CLAIMS_MAX)]
    reasons: Text


@router.post(
    "/disputes/{dispute}/appeals",
    status_code=201,
    openapi_extra=described(Appealing, examples.APPEALING),
    response_model_exclude_none=True,
    summary="Appeal a ruling",
)
async def file_appeal(
    dispute: DisputeId, act: Acting, appealing: Annotated[Appealing, Depends(json_body(Appealing))]
) -> CaseAnswer:
    """A party takes the ruling to the second instance while the appeal window is open: others hear the case."""
    return await act.carry_out(FileAppeal(**act.about(dispute, appealing), **dict(appealing)))


@router.post(
    "/disputes/{dispute}/appeals/{appeal}/rejection",
    status_code=201,
    openapi_extra=described(Rejecting, examples.REJECTING),
    response_model_exclude_none=True,
    summary="Reject an appeal as inadmissible",
)
async def reject_appeal(
    dispute: DisputeId, appeal: AppealId, act: Acting, rejecting: Annotated[Rejecting, Depends(json_body(Rejecting))]
) -> CaseAnswer:
    """The arbitrator who hears the appeal does not admit it: the ruling stands and is final."""
    return await act.carry_out(RejectAppeal(**act.about(dispute, rejecting), appeal=appeal, reason=rejecting.reason))


@router.post(
    "/disputes/{dispute}/appeals/{appeal}/upholding",
    status_code=201,
    openapi_extra=described(Upholding, examples.UPHOLDING),
    response_model_exclude_none=True,
    summary="Uphold the ruling that was appealed",
)
async def uphold_ruling(
    dispute: DisputeId, appeal: AppealId, act: Acting, upholding: Annotated[Upholding, Depends(json_body(Upholding))]
) -> CaseAnswer:
    """The arbitrator who hears the appeal has looked anew: the ruling stands and is final."""
    return await act.carry_out(UpholdRuling(**act.about(dispute, upholding), appeal=appeal, reasons=upholding.reasons))


@router.post(
    "/disputes/{dispute}/appeals/{appeal}/reversal",
    status_code=201,
    openapi_extra=described(Reversing, examples.REVERSING),
    response_model_exclude_none=True,
    summary="Reverse the ruling that was appealed",
)
async def reverse_ruling(
    dispute: DisputeId, appeal: AppealId, act: Acting, reversing: Annotated[Reversing, Depends(json_body(Reversing))]
) -> CaseAnswer:
    """The arbitrator who hears the appeal decides every claim anew, finally; above the limit a second one confirms.

    Open payments of the ruling before are stopped; what was paid counts, and what exceeds the new awards is to come
    back.
    """
    return await act.carry_out(
        ReverseRuling(
            **act.about(dispute, reversing), appeal=appeal, awards=reversing.awards, reasons=reversing.reasons
        )
    )

"""Routes of ruling: decide every claim of a case, confirm or return a proposal, correct a slip."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import Field

from application.commands.correction import CorrectRuling
from application.commands.proposal import ConfirmRuling, ReturnRuling
from application.commands.ruling import Rule
from domain.dispute.award import AwardSought
from domain.dispute.correction import AwardCorrection, CorrectionKind
from domain.dispute.intake import CLAIMS_MAX
from domain.kernel import Code, Text
from infrastructure.http import examples
from infrastructure.http.answers import CaseAnswer
from infrastructure.http.requests import Acting, Body, DisputeId, described, json_body

router = APIRouter(tags=["ruling"])

RulingId = Annotated[Code, Path(description="The ruling's id.")]


class Deciding(Body):
    """A decision: a finding with its rules and remedies for every claim, and the reasons."""

    awards: Annotated[tuple[AwardSought, ...], Field(min_length=1, max_length=CLAIMS_MAX)]
    reasons: Text


class Returning(Body):
    """Why a proposed ruling is not confirmed."""

    reason: Text


class Correcting(Body):
    """A slip and how the ruling reads without it: words, an amount that was set, or what was left out.

    Where a claim gets several remedies, `remedy` says whose amount is another.
    """

    kind: CorrectionKind
    awards: Annotated[tuple[AwardCorrection, ...], Field(max_length=CLAIMS_MAX)] = ()
    reasons: Text | None = None
    why: Text


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
    """The arbitrator who has the case decides every claim; above the limit of the rules a second one confirms."""
    return await act.carry_out(Rule(**act.about(dispute, deciding), awards=deciding.awards, reasons=deciding.reasons))


@router.post(
    "/disputes/{dispute}/rulings/{ruling}/confirmation",
    status_code=201,
    response_model_exclude_none=True,
    summary="Confirm a proposed ruling",
)
async def confirm_ruling(dispute: DisputeId, ruling: RulingId, act: Acting) -> CaseAnswer:
    """Another arbitrator than the one who proposed it makes it the ruling, word for word."""
    return await act.carry_out(ConfirmRuling(**act.about(dispute), ruling=ruling))


@router.post(
    "/disputes/{dispute}/rulings/{ruling}/return",
    status_code=201,
    openapi_extra=described(Returning, examples.RETURNING),
    response_model_exclude_none=True,
    summary="Send a proposed ruling back",
)
async def return_ruling(
    dispute: DisputeId, ruling: RulingId, act: Acting, returning: Annotated[Returning, Depends(json_body(Returning))]
) -> CaseAnswer:
    """Another arbitrator does not confirm it and says why; whoever has the case rules anew."""
    return await act.carry_out(ReturnRuling(**act.about(dispute, returning), ruling=ruling, reason=returning.reason))


@router.post(
    "/disputes/{dispute}/rulings/{ruling}/corrections",
    status_code=201,
    openapi_extra=described(Correcting, examples.CORRECTING),
    response_model_exclude_none=True,
    summary="Correct a slip in a ruling",
)
async def correct_ruling(
    dispute: DisputeId,
    ruling: RulingId,
    act: Acting,
    correcting: Annotated[Correcting, Depends(json_body(Correcting))],
) -> CaseAnswer:
    """Who decided puts a slip right, while an appeal is open; findings stay, and how it read before is kept."""
    return await act.carry_out(CorrectRuling(**act.about(dispute, correcting), ruling=ruling, **dict(correcting)))

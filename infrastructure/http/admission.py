"""Routes of admission, a part of evidence: challenge an exhibit, let it count or not."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from application.commands.admission import AdmitEvidence, ChallengeEvidence, ExcludeEvidence
from domain.dispute.admission import ChallengeGround
from domain.kernel import Text
from infrastructure.http import examples
from infrastructure.http.answers import CaseAnswer
from infrastructure.http.evidence import ExhibitId
from infrastructure.http.requests import Acting, Body, DisputeId, described, json_body

router = APIRouter(tags=["evidence"])


class Challenging(Body):
    """On which ground and why an exhibit of the other side should not count."""

    ground: ChallengeGround
    statement: Text


class DecidingOnExhibit(Body):
    """Why an exhibit counts, or does not."""

    reason: Text


Deciding = Annotated[DecidingOnExhibit, Depends(json_body(DecidingOnExhibit))]


@router.post(
    "/disputes/{dispute}/evidence/{exhibit}/challenges",
    status_code=201,
    openapi_extra=described(Challenging, examples.CHALLENGING),
    response_model_exclude_none=True,
    summary="Challenge an exhibit",
)
async def challenge_evidence(
    dispute: DisputeId,
    exhibit: ExhibitId,
    act: Acting,
    challenging: Annotated[Challenging, Depends(json_body(Challenging))],
) -> CaseAnswer:
    """The other side says once why an exhibit should not count; what comes of it is for the arbitrator to say."""
    command = ChallengeEvidence(**act.about(dispute, challenging), exhibit=exhibit, **dict(challenging))
    return await act.carry_out(command)


@router.post(
    "/disputes/{dispute}/evidence/{exhibit}/admission",
    status_code=201,
    openapi_extra=described(DecidingOnExhibit, examples.ADMITTING),
    response_model_exclude_none=True,
    summary="Admit an exhibit",
)
async def admit_evidence(dispute: DisputeId, exhibit: ExhibitId, act: Acting, deciding: Deciding) -> CaseAnswer:
    """An arbitrator lets an exhibit count that was late or excluded, and says why."""
    return await act.carry_out(AdmitEvidence(**act.about(dispute, deciding), exhibit=exhibit, **dict(deciding)))


@router.post(
    "/disputes/{dispute}/evidence/{exhibit}/exclusion",
    status_code=201,
    openapi_extra=described(DecidingOnExhibit, examples.EXCLUDING),
    response_model_exclude_none=True,
    summary="Exclude an exhibit",
)
async def exclude_evidence(dispute: DisputeId, exhibit: ExhibitId, act: Acting, deciding: Deciding) -> CaseAnswer:
    """An arbitrator takes an exhibit out of what counts, and says why; it stays in the file, marked."""
    return await act.carry_out(ExcludeEvidence(**act.about(dispute, deciding), exhibit=exhibit, **dict(deciding)))

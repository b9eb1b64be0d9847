"""Routes of recovery, a part of remedy: money that came back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from application.commands.recovery import ReportRecovery, report_recovery
from domain.kernel import Code, Line
from domain.money import Money
from infrastructure.http import examples
from infrastructure.http.answers import CaseAnswer
from infrastructure.http.requests import Acting, Body, DisputeId, described, json_body
from infrastructure.observability import logged

router = APIRouter(tags=["remedy"])


class Recovering(Body):
    """Money that came back, all of a recovery or a part; `reference` is the platform's own name for it."""

    recovery: Code
    amount: Money
    reference: Line


@router.post(
    "/disputes/{dispute}/recoveries",
    status_code=201,
    openapi_extra=described(Recovering, examples.RECOVERING),
    response_model_exclude_none=True,
    name="report_recovery",
    summary="Report money that came back",
)
async def report(
    dispute: DisputeId, act: Acting, recovering: Annotated[Recovering, Depends(json_body(Recovering))]
) -> CaseAnswer:
    """What was paid beyond a new decision has come back, all of it or a part.

    A reference that was reported before is nothing new.
    """
    command = ReportRecovery(**act.about(dispute, recovering), **dict(recovering))
    return await act.answer(
        await logged(command.OPERATION, act.caller.actor.role, report_recovery(act.container.desk, command))
    )

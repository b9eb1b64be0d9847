"""Routes of recovery, a part of remedy: money that came back, and what nobody can collect."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from application.commands.recovery import ReportRecovery, WriteOffRecovery, report_recovery
from domain.kernel import Code, Line, Text
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


class WritingOff(Body):
    """Why nobody can collect what is left."""

    reason: Text


RecoveryId = Annotated[str, Path(pattern=r"^v[0-9]{1,6}$", description="The recovery's id.")]


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


@router.post(
    "/disputes/{dispute}/recoveries/{recovery}/write-off",
    status_code=201,
    openapi_extra=described(WritingOff, examples.WRITING_OFF),
    response_model_exclude_none=True,
    summary="Write off what nobody can collect",
)
async def write_off_recovery(
    dispute: DisputeId,
    recovery: RecoveryId,
    act: Acting,
    writing_off: Annotated[WritingOff, Depends(json_body(WritingOff))],
) -> CaseAnswer:
    """A senior arbitrator gives up what is left of a recovery; it stays visible, and the case can close."""
    return await act.carry_out(
        WriteOffRecovery(**act.about(dispute, writing_off), recovery=recovery, reason=writing_off.reason)
    )

"""Routes of remedy: money that the buyer got outside."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from application.commands.remedy import ReportRefund, report_refund
from domain.dispute.outside import RefundSource
from domain.kernel import Code, Line
from domain.money import Money
from infrastructure.http import examples
from infrastructure.http.answers import CaseAnswer
from infrastructure.http.requests import Acting, Body, DisputeId, described, json_body
from infrastructure.observability import logged

router = APIRouter(tags=["remedy"])


class Reporting(Body):
    """Money that the buyer got for a claim outside; `reference` is the platform's own name for it."""

    claim: Code
    amount: Money
    source: RefundSource
    reference: Line


@router.post(
    "/disputes/{dispute}/external-refunds",
    status_code=201,
    openapi_extra=described(Reporting, examples.REPORTING),
    response_model_exclude_none=True,
    name="report_external_refund",
    summary="Report money that the buyer got outside",
)
async def report(
    dispute: DisputeId, act: Acting, reporting: Annotated[Reporting, Depends(json_body(Reporting))]
) -> CaseAnswer:
    """A chargeback, or the merchant's own transfer: so much less is paid, where nothing has been sent yet.

    A reference that was reported before is nothing new.
    """
    command = ReportRefund(
        **act.about(dispute, reporting),
        claim=reporting.claim,
        amount=reporting.amount,
        source=reporting.source,
        reference=reporting.reference,
    )
    return await act.answer(
        await logged(command.OPERATION, act.caller.actor.role, report_refund(act.container.desk, command))
    )

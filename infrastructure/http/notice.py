"""Routes of notice, a part of intake: the platform tells what became of the notice to the merchant."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import APIRouter, Depends
from pydantic import ConfigDict, model_validator

from application.commands.notice import ReportNotice
from domain.dispute.notice import Bounce
from domain.kernel import Code, Id, Moment
from infrastructure.http import examples
from infrastructure.http.answers import CaseAnswer
from infrastructure.http.requests import Acting, Body, DisputeId, described, json_body

router = APIRouter(tags=["intake"])


class Notice(Body):
    """How the notice went: by which channel, with which receipt; `bounced` says why it did not arrive."""

    # The description says what the validator below checks.
    model_config = ConfigDict(json_schema_extra={"not": {"required": ["served_at", "bounced"]}})

    channel: Code
    reference: Id | None = None
    served_at: Moment | None = None
    bounced: Bounce | None = None

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if self.bounced is not None and self.served_at is not None:
            msg = "what bounced was not served"
            raise ValueError(msg)
        return self


@router.post(
    "/disputes/{dispute}/notices",
    status_code=201,
    openapi_extra=described(Notice, examples.NOTICE),
    response_model_exclude_none=True,
    summary="Report that the notice arrived, or bounced",
)
async def report_notice(
    dispute: DisputeId, act: Acting, said: Annotated[Notice, Depends(json_body(Notice))]
) -> CaseAnswer:
    """The platform's own channel delivered the notice: the merchant's clock starts. Or it bounced: no clock does."""
    return await act.carry_out(ReportNotice(**act.about(dispute, said), **dict(said)))

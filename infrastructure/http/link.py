"""Routes of link, a part of intake: note that another case belongs with this one."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from application.commands.link import LinkCase
from application.commands.link import link_case as link_cases
from domain.dispute.link import LinkKind
from domain.kernel import Text
from infrastructure.http import examples
from infrastructure.http.answers import CaseAnswer
from infrastructure.http.requests import Acting, Body, DisputeId, described, json_body
from infrastructure.observability import logged

router = APIRouter(tags=["intake"])


class Linking(Body):
    """The other case, how it belongs with this one, and why."""

    dispute: UUID
    kind: LinkKind
    reason: Text


@router.post(
    "/disputes/{dispute}/links",
    status_code=201,
    openapi_extra=described(Linking, examples.LINKING),
    response_model_exclude_none=True,
    summary="Link a case to another one",
)
async def link_case(
    dispute: DisputeId, act: Acting, linking: Annotated[Linking, Depends(json_body(Linking))]
) -> CaseAnswer:
    """An arbitrator notes that another case belongs with this one. It is noted here alone, not in the other case."""
    command = LinkCase(**act.about(dispute, linking), other=linking.dispute, kind=linking.kind, reason=linking.reason)
    doing = link_cases(act.container.desk, command)
    return await act.answer(await logged(command.OPERATION, act.caller.actor.role, doing))

"""Routes of note, a part of review: write something down on a case."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from application.commands.note import AddNote
from domain.dispute.note import NoteKind
from domain.kernel import Text
from infrastructure.http import examples
from infrastructure.http.answers import CaseAnswer
from infrastructure.http.requests import Acting, Body, DisputeId, described, json_body

router = APIRouter(tags=["review"])


class Noting(Body):
    """A note, and who reads it: the platform's own people, or everybody who sees the case."""

    kind: NoteKind
    text: Text


@router.post(
    "/disputes/{dispute}/notes",
    status_code=201,
    openapi_extra=described(Noting, examples.NOTING),
    response_model_exclude_none=True,
    summary="Write a note",
)
async def add_note(
    dispute: DisputeId, act: Acting, noting: Annotated[Noting, Depends(json_body(Noting))]
) -> CaseAnswer:
    """An arbitrator writes something down on the case."""
    return await act.carry_out(AddNote(**act.about(dispute, noting), kind=noting.kind, text=noting.text))

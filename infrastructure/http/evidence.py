"""Routes of evidence: show an exhibit, fetch its file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, File, Form, Path, Query, Request, UploadFile
from fastapi.responses import FileResponse
from pydantic import BaseModel

from application import policy
from application.commands.evidence import SubmitEvidence
from application.policy import NotThere
from domain.audit.access import ExhibitForm
from domain.dispute.evidence import VIDEO_BYTES_MAX, OriginalSealed, sees_original
from domain.kernel import Code, Line
from infrastructure.evidence.vault import VIDEO
from infrastructure.evidence.viewer import PICTURE
from infrastructure.http.answers import CaseAnswer
from infrastructure.http.opening import open_case
from infrastructure.http.requests import Act, Acting, ByCaller, DisputeId, checked, container_of, refuse_controls
from infrastructure.observability import logged
from infrastructure.web.plain_text import neutral

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from application.commands.desk import Done

router = APIRouter(tags=["evidence"])

ExhibitId = Annotated[str, Path(pattern=r"^e[0-9]{1,6}$", description="The exhibit's id.")]
UPLOAD_BYTES_MAX = VIDEO_BYTES_MAX + 64 * 1024  # the form around the file
PIECE_BYTES = 256 * 1024
INERT = "default-src 'none'; sandbox"  # whatever a browser takes a file for, it runs nothing of it
FOLDERS = re.compile(r"[/\\\\\uff0f\uff3c\u2215\u29f5]")
FILE = {"schema": {"type": "string", "format": "binary"}}
EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "application/pdf": "pdf",
    "video/mp4": "mp4",
    "text/plain": "txt",
}


class Exhibit(BaseModel):
    """What is said of an exhibit, checked like every other body."""

    kind: Code
    shows: Line
    file_name: Line


@router.post(
    "/disputes/{dispute}/evidence",
    status_code=201,
    response_model_exclude_none=True,
    max_body_size=UPLOAD_BYTES_MAX,
    summary="Show an exhibit",
)
async def submit_evidence(
    dispute: DisputeId,
    act: Acting,
    file: Annotated[UploadFile, File(description="The file; its type is told by its content.")],
    kind: Annotated[Code, Form(description="The kind of exhibit, as the playbook names it.", examples=["photo"])],
    shows: Annotated[Line, Form(description="What it shows, in one line.", examples=["The cut orange is dry"])],
) -> CaseAnswer:
    """A party shows an exhibit; the file is stored by its content's digest, once, and never changed."""
    said = _checked(kind, shows, file.filename or "")
    doing = _submit(act, dispute, file, said)
    return await act.answer(await logged(SubmitEvidence.OPERATION, act.caller.actor.role, doing))


async def _submit(act: Act, dispute: UUID, file: UploadFile, said: Exhibit) -> Done:
    """Nothing of somebody who may not show an exhibit here comes into the vault."""
    case = await act.container.cases.load(dispute)
    if case is None:
        raise NotThere
    policy.require(SubmitEvidence.OPERATION, act.caller, case.platform, case.dispute)
    stored = await act.container.vault.put(_pieces(file))
    return await act.container.desk.on_dispute(
        SubmitEvidence(
            **act.about(dispute, f"{stored.digest} {said.model_dump_json()}"),
            file=stored,
            facts=await act.container.viewer.facts(stored),
            kind=said.kind,
            file_name=said.file_name,
            shows=said.shows,
        )
    )


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(PIECE_BYTES):
        yield piece


def _checked(kind: str, shows: str, file_name: str) -> Exhibit:
    said = checked(lambda: Exhibit(kind=kind, shows=shows, file_name=_own_name(file_name)))
    refuse_controls(said)
    return said


def _own_name(file_name: str) -> str:
    """The file's name without the folders before it and without what cannot be seen; it is shown and leads nowhere."""
    return neutral(FOLDERS.split(file_name)[-1])[-200:].lstrip(". ") or "file"


@router.get(
    "/disputes/{dispute}/evidence/{exhibit}",
    response_class=FileResponse,
    responses={
        200: {"content": {"application/octet-stream": FILE}, "description": "The file, to be saved, never run."},
        206: {"content": {"application/octet-stream": FILE}, "description": "The part of it that `Range` asks for."},
    },
    summary="Fetch an exhibit's file",
)
async def get_exhibit(
    dispute: DisputeId,
    exhibit: ExhibitId,
    request: Request,
    caller: ByCaller,
) -> FileResponse:
    """The original, to be saved, never run; of the other side's images, videos and documents a party gets the view."""
    container = container_of(request)
    case = await open_case(container, caller, dispute, "see_exhibit")
    shown = case.dispute.evidence.exhibit(exhibit)
    if shown is None:
        raise NotThere
    if not sees_original(case.dispute, shown, caller.actor):
        raise OriginalSealed
    await container.sights.record(caller, case, exhibit=exhibit)
    name = f"{exhibit}.{EXTENSIONS[shown.file.media_type]}"
    return FileResponse(
        await container.vault.place(shown.file.digest),
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": INERT,
        },
    )


@router.get(
    "/disputes/{dispute}/evidence/{exhibit}/view",
    response_class=FileResponse,
    responses={
        200: {"content": {PICTURE: FILE, VIDEO: FILE}, "description": "The picture, drawn anew, or what plays."},
        206: {"content": {PICTURE: FILE, VIDEO: FILE}, "description": "The part of it that `Range` asks for."},
    },
    summary="Look at an exhibit's picture",
)
async def view_exhibit(
    dispute: DisputeId,
    exhibit: ExhibitId,
    request: Request,
    caller: ByCaller,
    page: Annotated[int, Query(ge=1, le=9_999, description="Which page of a document.")] = 1,
) -> FileResponse:
    """An image or a page as pixels alone, a video as what plays of it: nothing else that the file holds, no place."""
    container = container_of(request)
    case = await open_case(container, caller, dispute, "see_exhibit")
    shown = case.dispute.evidence.exhibit(exhibit)
    if shown is None:
        raise NotThere
    drawn = await container.viewer.view(shown.file, page)
    await container.sights.record(caller, case, exhibit=exhibit, form=ExhibitForm.VIEW)
    headers = {
        "Content-Disposition": f'inline; filename="{exhibit}{drawn.suffix}"',
        "Content-Security-Policy": INERT,
    }
    is_video = shown.file.media_type == VIDEO
    return FileResponse(drawn, media_type=VIDEO if is_video else PICTURE, headers=headers)

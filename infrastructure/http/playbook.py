"""Routes of playbook: the rules in force, to the letter, and publishing a version."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from application import policy
from application.commands.playbook import PublishPlaybook, publish_playbook
from application.policy import NotThere
from domain.kernel import NO_NUL, Digest
from domain.playbook.playbook import SOURCE_CHARS_MAX
from infrastructure.http import examples
from infrastructure.http.requests import (
    Body,
    ByCaller,
    Key,
    container_of,
    described,
    digest,
    json_body,
    mark,
)
from infrastructure.observability import logged

router = APIRouter(tags=["playbook"])


class PublishedVersion(BaseModel):
    """A version of the caller's platform's rules."""

    version: str
    digest: str
    published_at: datetime
    in_force: bool


class PublishedVersions(BaseModel):
    """All versions, the oldest first."""

    versions: list[PublishedVersion]


class Publishing(Body):
    """The file's whole text."""

    source: Annotated[str, Field(min_length=1, max_length=SOURCE_CHARS_MAX, pattern=NO_NUL)]


@router.get("/playbooks", summary="The published versions of the rules")
async def list_playbooks(request: Request, caller: ByCaller) -> PublishedVersions:
    """All published versions of the caller's platform; cases keep the one they were filed under."""
    policy.require("see_playbook", caller, caller.platform)
    return await _versions(request, caller.platform)


@router.get(
    "/playbooks/{digest}",
    response_class=PlainTextResponse,
    summary="A version of the rules, to the letter",
    responses={200: {"content": {"text/plain": {"example": examples.PLAYBOOK}}}},
)
async def get_playbook(
    digest: Annotated[Digest, Path(description="The version's SHA-256.")], request: Request, caller: ByCaller
) -> PlainTextResponse:
    """The file as it was published; its SHA-256 is the digest that cases are pinned to."""
    policy.require("see_playbook", caller, caller.platform)
    shelf, _ = await container_of(request).bookcase.shelf(caller.platform)
    published = shelf.with_digest(digest)
    if published is None:
        raise NotThere
    return PlainTextResponse(published.source)


@router.post(
    "/playbooks",
    status_code=201,
    openapi_extra=described(Publishing, examples.PUBLISHING),
    name="publish_playbook",
    summary="Publish a version of the rules",
)
async def publish(
    request: Request,
    response: Response,
    caller: ByCaller,
    key: Key,
    publishing: Annotated[Publishing, Depends(json_body(Publishing))],
) -> PublishedVersions:
    """A rule-writer puts a version in force for cases filed from now on; the same file again is nothing new."""
    command = PublishPlaybook(
        caller=caller,
        key=key,
        body_digest=digest(request, publishing.model_dump_json()),
        source=publishing.source,
    )
    done = await logged(command.OPERATION, caller.actor.role, publish_playbook(container_of(request).desk, command))
    mark(response, done)
    return await _versions(request, caller.platform)


async def _versions(request: Request, platform: str) -> PublishedVersions:
    shelf, _ = await container_of(request).bookcase.shelf(platform)
    return PublishedVersions(
        versions=[
            PublishedVersion(
                version=one.version, digest=one.digest, published_at=one.at, in_force=one is shelf.in_force
            )
            for one in shelf.published
        ]
    )

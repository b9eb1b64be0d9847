"""What every route asks of a request, and how a command is carried out and answered."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Header, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, ValidationError

from application.commands.desk import DisputeCommand, Done
from application.policy import Caller, NotThere
from domain.kernel import Unacceptable
from infrastructure.http.answers import CaseAnswer
from infrastructure.http.language import InLanguage, Language
from infrastructure.http.viewing import case_answer
from infrastructure.http.words import MAY_HOLD_CONTROL, controls
from infrastructure.observability import logged

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from application.case import Case
    from infrastructure.bootstrap import Container

KEY = re.compile(r"[\x21-\x7e]{1,200}")
VERSION = re.compile(r'(?:W/)?"([0-9]{1,18})"')
T = TypeVar("T", bound=BaseModel)


class IdempotencyKeyRequired(Unacceptable):
    """Every POST brings an Idempotency-Key, so that it can be sent again without harm."""

    CODE = "idempotency_key_required"


class Body(BaseModel):
    """A request's body: nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


BODIES: list[type[BaseModel]] = []


def json_body(model: type[T]) -> Callable[[Request], Awaitable[T]]:
    """Read the body as this model, strictly and straight from its bytes."""

    async def read(request: Request) -> T:
        content = await request.body()
        found = checked(lambda: model.model_validate_json(content))
        if MAY_HOLD_CONTROL.search(content):
            refuse_controls(found)
        return found

    return read


def checked(read: Callable[[], T]) -> T:
    """What is read, or its faults as they are told of every body."""
    try:
        return read()
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in faults]) from None


def refuse_controls(found: BaseModel) -> None:
    """Refuse control characters in any text of a body."""
    if faults := list(controls(found.model_dump())):
        raise RequestValidationError(faults)


def described(model: type[BaseModel], example: dict[str, Any]) -> dict[str, Any]:
    """What the documentation says of a body that `json_body` reads."""
    if model not in BODIES:
        BODIES.append(model)
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema, "example": example}},
        }
    }


def container_of(request: Request) -> Container:
    """The parts of this process."""
    container: Container = request.app.state.container
    return container


async def caller_of(request: Request) -> Caller:
    """Who calls; the token was checked before any route was looked for."""
    caller: Caller = request.state.caller
    return caller


async def idempotency_key(
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="Any text of yours, new for each new act; the same again gives the same answer.",
            max_length=200,
            pattern=r"^[\x21-\x7e]+$",
            examples=["7f3c-message-1"],
        ),
    ] = None,
) -> str:
    """The caller's key for this act; a key that came with another request is refused by the desk."""
    if key is None or not KEY.fullmatch(key):
        raise IdempotencyKeyRequired
    return key


async def if_match(
    etag: Annotated[
        str | None,
        Header(alias="If-Match", description="The version that you last saw, as in ETag.", examples=['"3"']),
    ] = None,
) -> int | None:
    """The version on which the caller insists."""
    if etag is None or etag.strip() == "*":
        return None
    found = VERSION.fullmatch(etag.strip())
    return int(found.group(1)) if found else -1


# Dependencies are asynchronous because the framework takes each other one to a thread and back.
ByCaller = Annotated[Caller, Depends(caller_of)]
Key = Annotated[str, Depends(idempotency_key)]
DisputeId = Annotated[UUID, Path(description="The dispute's id.")]
After = Annotated[
    int | None,
    Query(ge=0, le=2**62, description="Wait until the lists know the log up to this Gongduan-Position."),
]


@dataclass(frozen=True, slots=True)
class Act:
    """What a route needs to carry out a command on a dispute and to answer it."""

    request: Request
    response: Response
    container: Container
    caller: Caller
    key: str
    if_version: int | None
    language: Language

    def about(self, dispute: UUID, body: BaseModel | str = "") -> dict[str, Any]:
        """The fields that every command on a dispute has; the digest tells a repeat from another request."""
        text = body if isinstance(body, str) else body.model_dump_json()
        return {
            "caller": self.caller,
            "key": self.key,
            "body_digest": digest(self.request, text),
            "dispute": dispute,
            "if_version": self.if_version,
        }

    async def carry_out(self, command: DisputeCommand) -> CaseAnswer:
        """Carry out and answer as the caller sees the case at the version that came of it."""
        done = await logged(command.OPERATION, self.caller.actor.role, self.container.desk.on_dispute(command))
        return await self.answer(done)

    async def came_to(self, done: Done) -> Case:
        """The case at the version that a command came to, which the answer's headers tell."""
        case = done.case or await self.container.cases.load(done.stream, done.version)
        if case is None:
            raise NotThere
        mark(self.response, done)
        self.response.headers["Location"] = f"/v1/disputes/{done.stream}"
        return case

    async def answer(self, done: Done) -> CaseAnswer:
        """The case at that version, as the caller sees it."""
        case = await self.came_to(done)
        return case_answer(await self.container.cases.with_payouts(case, done.version), self.caller, self.language)


async def act(
    request: Request,
    response: Response,
    caller: ByCaller,
    key: Key,
    if_version: Annotated[int | None, Depends(if_match)],
    language: InLanguage,
) -> Act:
    """Gather what a command's route needs."""
    return Act(request, response, container_of(request), caller, key, if_version, language)


Acting = Annotated[Act, Depends(act)]


def digest(request: Request, body: str) -> str:
    """SHA-256 over what was asked: the route and the body as understood."""
    return hashlib.sha256(f"{request.method} {request.url.path}\n{body}".encode()).hexdigest()


def mark(response: Response, done: Done) -> None:
    """Tell where a command stands: the stream's version, the log's position, and whether this was a repeat."""
    response.headers["ETag"] = f'"{done.version}"'
    response.headers["Gongduan-Position"] = str(done.position)
    if done.repeated:
        response.headers["Idempotent-Replayed"] = "true"

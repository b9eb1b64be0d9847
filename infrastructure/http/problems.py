"""Refusals as problem documents (RFC 9457): a stable code, words in the reader's language, what would be allowed."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from application.commands.desk import Busy, VersionMoved
from application.policy import NotThere
from domain.kernel import DomainError, EventTooLarge, NotYours, Refused, Unacceptable
from infrastructure.evidence.vault import NO_ROOM, ExhibitTooLarge, NoRoom
from infrastructure.http.language import language_of
from infrastructure.postgres.readers import NotCaughtUp
from infrastructure.postgres.writer import Overloaded
from infrastructure.web.sentences import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MEDIA_TYPE: Final = "application/problem+json"

# The first class that fits says the status.
STATUS: Final[tuple[tuple[type[DomainError], HTTPStatus], ...]] = (
    (VersionMoved, HTTPStatus.PRECONDITION_FAILED),
    (EventTooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (ExhibitTooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (Refused, HTTPStatus.CONFLICT),
    (NotYours, HTTPStatus.FORBIDDEN),
    (Unacceptable, HTTPStatus.UNPROCESSABLE_ENTITY),
)
BY_STATUS: Final = {
    400: "bad_request",
    401: "unauthenticated",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    416: "no_such_range",
    422: "validation",
    500: "internal",
    503: "no_worker",
    507: "storage_full",
}
NOT_NOW: Final = ("busy_try_again", "overloaded")  # 503, too

# These tell a character of what was sent.
MESSAGES: Final = {"uuid_parsing": "Input should be a valid UUID"}
NAME: Final = re.compile(r"[a-z][a-z_]{0,39}")

log = structlog.get_logger()


class Problem(BaseModel):
    """A refusal; `code` never changes, `title` and `detail` are for people, `details` for programs."""

    type: str = Field(examples=["urn:gongduan:problem:offer_not_open"])
    code: str = Field(examples=["offer_not_open"])
    status: int = Field(examples=[409])
    title: str
    detail: str
    details: dict[str, Any] = Field(default_factory=dict)


def problem(
    request: Request,
    status: int,
    code: str,
    details: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The document for a refusal, in the language that the request asks for."""
    language = language_of(request)
    given = dict(details or {})
    document = Problem(
        type=f"urn:gongduan:problem:{code}",
        code=code,
        status=status,
        title=say(language, f"problem.{code}.title", **given),
        detail=say(language, f"problem.{code}.detail", **given),
        details=given,
    )
    request.state.code = code
    return JSONResponse(document.model_dump(), status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def status_of(error: type[DomainError]) -> HTTPStatus:
    """The status with which a refusal of this class is answered."""
    return next(status for kind, status in STATUS if issubclass(error, kind))


def codes() -> dict[str, int]:
    """Every code that can be answered, with its status."""
    kinds = [DomainError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    refusals = {kind.CODE: int(status_of(kind)) for kind in kinds if hasattr(kind, "CODE")}
    return {code: status for status, code in BY_STATUS.items()} | dict.fromkeys(NOT_NOW, 503) | refusals


def add_handlers(app: FastAPI) -> None:
    """Answer every error with a problem document."""

    @app.exception_handler(DomainError)
    def refused(request: Request, error: DomainError) -> JSONResponse:
        headers = {"Retry-After": "1"} if isinstance(error, Busy) else {}
        return problem(request, status_of(type(error)), error.CODE, error.details, headers)

    @app.exception_handler(NotThere)
    def not_there(request: Request, _error: NotThere) -> JSONResponse:
        return problem(request, 404, "not_found")

    @app.exception_handler(NotCaughtUp)
    def not_caught_up(request: Request, _error: NotCaughtUp) -> JSONResponse:
        return problem(request, 503, "no_worker", headers={"Retry-After": "2"})

    @app.exception_handler(NoRoom)
    def no_room(request: Request, _error: NoRoom) -> JSONResponse:
        return problem(request, 507, "storage_full")

    @app.exception_handler(Overloaded)
    def overloaded(request: Request, error: Overloaded) -> JSONResponse:
        return problem(request, 503, "overloaded", {"at_most": error.at_most}, headers={"Retry-After": "1"})

    @app.exception_handler(OperationalError)
    @app.exception_handler(PoolTimeout)
    def database_away(request: Request, error: Exception) -> JSONResponse:
        # Whether a command was stored is not known here; the same Idempotency-Key asks again safely.
        log.warning("http.database_away", error=type(error).__name__)
        return problem(request, 503, "busy_try_again", headers={"Retry-After": "1"})

    @app.exception_handler(RequestValidationError)
    def not_valid(request: Request, error: RequestValidationError) -> JSONResponse:
        # What was sent is left out: it may be somebody's words.
        faults = [
            {"field": _pointer(one), "message": MESSAGES.get(one["type"], one["msg"])}
            for one in error.errors()
            if not _follows(one, error.errors())
        ]
        return problem(request, 422, "validation", {"faults": faults})

    @app.exception_handler(HTTPException)
    def http_error(request: Request, error: HTTPException) -> JSONResponse:
        code = BY_STATUS.get(error.status_code, "bad_request")
        return problem(request, error.status_code, code, headers=error.headers)


def broken(request: Request, error: Exception) -> JSONResponse:
    """The answer to a fault of ours; only its kind is logged, its message may hold somebody's words."""
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return problem(request, 507, "storage_full")
    log.error("http.broken", error=type(error).__name__, route=_route(request))
    return problem(request, 500, "internal")


def _follows(fault: Mapping[str, Any], faults: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a list is called too short only because what stands in it has faults of its own."""
    place = fault["loc"]
    inside = (one["loc"] for one in faults if len(one["loc"]) > len(place))
    return fault["type"] == "too_short" and any(loc[: len(place)] == place for loc in inside)


def _pointer(fault: Mapping[str, Any]) -> str:
    """A JSON pointer into the body, or the parameter's place and name."""
    location = fault["loc"]
    if fault["type"] == "extra_forbidden" and not NAME.fullmatch(str(location[-1])):
        location = location[:-1]  # a field's name that the sender made up may be somebody's words, too
    if location[:1] == ("body",):
        return "".join(f"/{step}" for step in location[1:])
    return ".".join(str(step) for step in location)


def _route(request: Request) -> str:
    return str(getattr(request.scope.get("route"), "path", ""))

"""The HTTP service: routes by chapter, who calls, safe headers, problems, documentation."""

from __future__ import annotations

import secrets
import time
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders

from infrastructure.http import (
    admission,
    appeal,
    audit,
    chase,
    closing,
    documentation,
    evidence,
    goodwill,
    hold,
    human,
    intake,
    link,
    negotiation,
    note,
    notice,
    pause,
    playbook,
    recovery,
    remedy,
    requirements,
    review,
    rounds,
    ruling,
)
from infrastructure.http import time as time_routes
from infrastructure.http.auth import BadToken, Verifier
from infrastructure.http.openapi import openapi
from infrastructure.http.problems import BY_STATUS, MEDIA_TYPE, add_handlers, broken, problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from infrastructure.bootstrap import Container

JSON_BYTES_MAX: Final = 1024 * 1024
PLAIN: Final = (400, 413, 416)  # a range that cannot be read, a body without end, a range that is not there
ROUTERS: Final = (
    intake.router,
    notice.router,
    link.router,
    hold.router,
    negotiation.router,
    goodwill.router,
    chase.router,
    evidence.router,
    rounds.router,
    admission.router,
    review.router,
    note.router,
    pause.router,
    human.router,
    ruling.router,
    appeal.router,
    remedy.router,
    recovery.router,
    closing.router,
    playbook.router,
    requirements.router,
    audit.router,
    time_routes.router,
)
SAFE_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}

log = structlog.get_logger()


def create_app(container: Container, verifier: Verifier) -> FastAPI:
    """The application over an open container."""
    app = FastAPI(
        title="Gongduan 公断",
        version="0.1.0",
        summary="Settles disputes between buyers and sellers on marketplaces, and can prove how it did.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        generate_unique_id_function=_operation_id,
        separate_input_output_schemas=False,
    )
    app.state.container = container
    app.state.verifier = verifier
    for router in ROUTERS:
        app.include_router(router, prefix="/v1", max_body_size=JSON_BYTES_MAX)
    app.include_router(documentation.router)
    app.mount("/static", StaticFiles(directory=str(files("infrastructure.web") / "static")), name="static")
    add_handlers(app)
    app.add_middleware(Check)
    app.openapi = lambda: openapi(app)  # type: ignore[method-assign]  # the framework's documented way
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


class Check:
    """Who calls is known before anything else is looked at; every answer carries the safe headers.

    Written to the server's own interface: the framework's way of saying this in one function costs each request a task
    and two queues.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        answer = Answer(request, send)
        try:
            if stranger := _refuse_stranger(request):
                await stranger(scope, receive, answer.send)
            else:
                await self._app(scope, receive, answer.send)
        except Exception as error:
            if answer.status:
                raise
            # Here and not in a handler, so that this answer has the headers, too.
            await broken(request, error)(scope, receive, answer.send)
        answer.log()


class Answer:
    """An answer on its way out."""

    def __init__(self, request: Request, send: Send) -> None:
        self.status = 0
        self._request = request
        self._send = send
        self._id = secrets.token_hex(8)
        self._started = time.perf_counter()
        self._replaced = False

    async def send(self, message: Message) -> None:
        """Add the headers to its beginning."""
        if self._replaced:
            return
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if message["status"] in PLAIN and headers.get("content-type") != MEDIA_TYPE:
                # The framework's limits say so in plain text.
                kept = {"Content-Range": headers["content-range"]} if "content-range" in headers else {}
                said = problem(self._request, message["status"], BY_STATUS[message["status"]], headers=kept)
                await said(self._request.scope, self._request.receive, self.send)
                self._replaced = True
                return
            self.status = message["status"]
            for name, value in SAFE_HEADERS.items():
                headers.setdefault(name, value)
            if self._request.url.path.startswith("/v1/"):
                headers["Cache-Control"] = "no-store"
            headers["X-Request-Id"] = self._id
        await self._send(message)

    def log(self) -> None:
        """A line about it; what went wrong here is an error."""
        line = log.error if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR else log.debug
        route = self._request.scope.get("route")
        line(
            "http",
            method=self._request.method,
            route=getattr(route, "path", ""),
            status=self.status,
            code=getattr(self._request.state, "code", None),
            request_id=self._id,
            ms=round((time.perf_counter() - self._started) * 1000, 1),
        )


def _refuse_stranger(request: Request) -> Response | None:
    if not request.url.path.startswith("/v1/"):
        return None
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        # Another scheme carries no token of ours: it is read as an empty one.
        request.state.caller = request.app.state.verifier.caller(token.strip() if scheme.lower() == "bearer" else "")
    except BadToken:
        return problem(request, 401, "unauthenticated", headers={"WWW-Authenticate": "Bearer"})
    return None

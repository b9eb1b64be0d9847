"""The HTTP service: routes by chapter, who calls, safe headers, problems, documentation."""

from __future__ import annotations

import secrets
import time
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles

from infrastructure.http import audit, documentation, evidence, intake, negotiation, playbook, remedy, review, ruling
from infrastructure.http import time as time_routes
from infrastructure.http.auth import BadToken, Verifier
from infrastructure.http.openapi import openapi
from infrastructure.http.problems import MEDIA_TYPE, add_handlers, broken, problem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from infrastructure.bootstrap import Container

JSON_BYTES_MAX: Final = 1024 * 1024
ROUTERS: Final = (
    intake.router,
    negotiation.router,
    evidence.router,
    review.router,
    ruling.router,
    remedy.router,
    playbook.router,
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
    app.middleware("http")(_check)
    app.openapi = lambda: openapi(app)  # type: ignore[method-assign]  # the framework's documented way
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


async def _check(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Who calls is known before anything else is looked at; every answer carries the safe headers."""
    started = time.perf_counter()
    request_id = secrets.token_hex(8)
    try:
        response = _refuse_stranger(request) or await call_next(request)
    except Exception as error:  # noqa: BLE001 - here and not in a handler, so that this answer has the headers, too
        response = broken(request, error)
    if response.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and response.headers["content-type"] != MEDIA_TYPE:
        response = problem(request, 413, "too_large")  # the framework's limit says so in plain text
    for name, value in SAFE_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.url.path.startswith("/v1/"):
        response.headers["Cache-Control"] = "no-store"
    response.headers["X-Request-Id"] = request_id
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("http", **_line(request, response, request_id, started))
    else:
        log.debug("http", **_line(request, response, request_id, started))
    return response


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


def _line(request: Request, response: Response, request_id: str, started: float) -> dict[str, Any]:
    route = request.scope.get("route")
    return {
        "method": request.method,
        "route": getattr(route, "path", ""),
        "status": response.status_code,
        "code": getattr(request.state, "code", None),
        "request_id": request_id,
        "ms": round((time.perf_counter() - started) * 1000, 1),
    }

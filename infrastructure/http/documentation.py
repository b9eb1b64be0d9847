"""The documentation page: ours, made on the server, without scripts, so that it works offline and under our CSP."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from infrastructure.http.language import Language, language_of
from infrastructure.web.sentences import say

router = APIRouter(include_in_schema=False)
PAGES = Environment(
    loader=FileSystemLoader(str(files("infrastructure.web") / "templates")),
    autoescape=select_autoescape(default=True),
    trim_blocks=True,
    lstrip_blocks=True,
)


@router.get("/")
def home() -> RedirectResponse:
    """The documentation is the first page there is."""
    return RedirectResponse("/docs")


@router.get("/health")
def health() -> PlainTextResponse:
    """Whether the process answers."""
    return PlainTextResponse("ok")


@router.get("/docs")
def documentation(request: Request, lang: Annotated[Language | None, Query()] = None) -> HTMLResponse:
    """Every operation with its example, in the reader's language."""
    language = lang or language_of(request)
    schema = request.app.openapi()
    page = PAGES.get_template("documentation.html").render(
        schema=schema,
        chapters=chapters(schema),
        schemas=schema["components"]["schemas"],
        language=language,
        say=lambda key, **params: say(language, f"docs.{key}", **params),
        pretty=lambda value: json.dumps(value, ensure_ascii=False, indent=2),
    )
    return HTMLResponse(page, headers={"Content-Language": "zh-CN" if language == "zh" else "en"})


def chapters(schema: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The operations by chapter, in the order of the routes."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            chapter = operation.get("tags", ["other"])[0]
            found.setdefault(chapter, []).append({"path": path, "method": method.upper(), **operation})
    return found

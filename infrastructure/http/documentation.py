"""The documentation page: ours, made on the server, without scripts, so that it works offline and under our CSP."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup, escape

from infrastructure.http.language import Language, language_of
from infrastructure.http.problems import codes
from infrastructure.http.reference import Reference, translated
from infrastructure.web.sentences import say

MARKED: Final = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*")

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
    reference = Reference(schema, language, str(request.base_url).rstrip("/"))
    page = PAGES.get_template("documentation.html").render(
        info=schema["info"],
        reference=reference,
        problems=sorted(codes().items()),
        language=language,
        say=lambda key, **params: say(language, key, **params),
        told=lambda text: marked(translated(language, text)),
        marked=marked,
        pretty=lambda value: json.dumps(value, ensure_ascii=False, indent=2),
    )
    return HTMLResponse(page, headers={"Content-Language": "zh-CN" if language == "zh" else "en"})


def marked(text: str) -> Markup:
    """The text with its `code` and **strong** as elements."""
    return Markup(MARKED.sub(_element, str(escape(text))))  # noqa: S704 - escaped first


def _element(found: re.Match[str]) -> str:
    return f"<code>{found[1]}</code>" if found[1] else f"<strong>{found[2]}</strong>"

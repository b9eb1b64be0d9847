"""What the access matrix reads in answers: the word of a cell, every byte, every field, every text."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from tests.http.matrix import operations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.http.service import Response, Service


def verdict(response: Response) -> str:
    """The word of a cell: let in (`yes`), not for this role (`no`), not there, nobody, or why it is not theirs."""
    if response.is_success:
        return "yes"
    code: str = response.json()["code"]
    if response.status_code in {409, 412, 422} and code not in {"validation", "idempotency_key_required"}:
        return "yes"  # let in; the case itself says not now
    known = {(403, "not_allowed"): "no", (404, "not_found"): "404", (401, "unauthenticated"): "401"}
    return known.get((response.status_code, code), code if response.status_code == 403 else str(response.status_code))


def count(kind: str, cells: int, at_least: int) -> None:
    """So many cells were looked at; said, and held to what there must be."""
    sys.stdout.write(f"{kind}: {cells} cells, 0 wrong\n")
    assert cells >= at_least, kind


def bytes_of(response: Response) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
    """All of an answer that a caller can hold against another: each has its own number and its own moment."""
    passing = {"date", "x-request-id"}
    headers = sorted((name, value) for name, value in response.headers.multi_items() if name not in passing)
    return response.status_code, response.content, tuple(headers)


# What is one thing for whoever may see it: values of the domain, and what is made for each caller.
ONE_THING = frozenset(
    {"order", "snapshot", "awards", "terms", "pauses", "limits", "proof", "next_actions", "provenance"}
)
# Which element of its list a field belongs to, where that decides who sees it.
_NOTE = "get_dispute.notes[]"
APART: Final[dict[str, Callable[[Any], str]]] = {
    "get_dispute.exhibits[].href": lambda one: f"{one['side']}'s {one['media_type'].split('/')[0]}",
    "get_dispute.exhibits[].provenance": lambda one: f"{one['side']}'s",
    **{f"{_NOTE}.{name}": (lambda one: str(one["kind"])) for name in ("kind", "text", "arbitrator", "at")},
}


def fields_of(value: Any, place: str) -> Iterator[str]:
    """Every field of an answer by its place."""
    yield place
    if together(place).rsplit(".", 1)[-1] in ONE_THING:
        return
    if isinstance(value, dict) and set(value) != {"minor", "currency"}:  # an amount is one thing, too
        for name, inner in value.items():
            field = f"{place}.{name}"
            yield from fields_of(inner, f"{field} ({APART[field](value)})" if field in APART else field)
    if isinstance(value, list):
        for inner in value:
            yield from fields_of(inner, f"{place}[]")


def described_fields(service: Service) -> Iterator[str]:
    """Every field that the description knows of an answer to a reading, its lists not told apart."""
    description = service.client.get(f"{service.address}/openapi.json").json()
    schemas = description["components"]["schemas"]

    def walk(schema: dict[str, Any], place: str) -> Iterator[str]:
        schema = schemas[schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else schema
        yield place
        if place.rsplit(".", 1)[-1] in ONE_THING or set(schema.get("properties", ())) == {"minor", "currency"}:
            return
        for name, inner in schema.get("properties", {}).items():
            yield from walk(inner, f"{place}.{name}")
        if "items" in schema:
            yield from walk(schema["items"], f"{place}[]")

    for one in operations(service):
        content = one.described["responses"].get("200", {}).get("content", {}) if one.method == "GET" else {}
        if "application/json" in content:
            yield from walk(content["application/json"]["schema"], one.id)


def together(field: str) -> str:
    """The field without what tells the elements of its list apart."""
    return field.split(" (", maxsplit=1)[0]


def text_of(response: Response) -> str:
    """All that can be read in an answer; what is written as an escape is read as what it means."""
    body = response.text
    if response.headers.get("content-type", "").endswith("json"):
        body = json.dumps(response.json(), ensure_ascii=False)
    return f"{response.headers.multi_items()}\n{body}"

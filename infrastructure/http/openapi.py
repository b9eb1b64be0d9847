"""The service's description (OpenAPI 3.1), written so that common client generators read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from domain.kernel import NO_NUL
from domain.money import DIGITS
from infrastructure.http import examples
from infrastructure.http.links import add_links
from infrastructure.http.problems import MEDIA_TYPE, Problem
from infrastructure.http.requests import BODIES
from infrastructure.http.words import NO_CONTROL

if TYPE_CHECKING:
    from fastapi import FastAPI

REF = "#/components/schemas/{model}"
DESCRIPTION = """\
Every answer about a case carries `stage`, `version`, `next_actions` and `missing`, and only what the caller may see:
follow `next_actions` and you never guess what is allowed.

- **Who calls**: `Authorization: Bearer <token>`.
- **Safe to repeat**: every POST but the test clock's brings an `Idempotency-Key`; the same key and body give the same
  answer, for ever.
- **Safe to race**: `ETag` is the version; send it as `If-Match` to insist on it.
- **Refusals** are problem documents (RFC 9457) with a `code` that never changes; words in `Accept-Language` zh or en.
- **What one may not see answers like what is not there**: 404, the same bytes.
- **Read your own writes**: send `Gongduan-Position` of an answer as `?after=` to a list.
- **Amounts** are whole minor units (fen, cents) with an ISO 4217 currency.
- **Absent, never null**: a field without a value is left out.
"""
REFUSALS = {
    "400": "A form, or a range of bytes, that cannot be read.",
    "401": "No token, or one that does not hold.",
    "403": "Your role, or your side, does not do this.",
    "404": "Not there, or not for you to see.",
    "409": "Not in this state; `code` says why and `details` what would be allowed.",
    "412": "The case has moved on from the version in If-Match.",
    "413": "More than is taken at once.",
    "416": "The file has no such bytes.",
    "422": "What was sent breaks a rule; `code` or the named fields say which.",
    "503": "Not now: too much at once, or the lists have not caught up; send the same again after Retry-After.",
}
HEADERS = {
    "ETag": "The case's version, for If-Match.",
    "Gongduan-Position": "The log's position behind this; send it as `after` to a list to read your own writes.",
    "Location": "Where the case is read.",
    "Idempotent-Replayed": "`true` where this very request was carried out before.",
}


def openapi(app: FastAPI) -> dict[str, Any]:
    """The description, made once."""
    if app.openapi_schema:
        return app.openapi_schema
    schema = get_openapi(
        title=app.title, version=app.version, summary=app.summary, description=DESCRIPTION, routes=app.routes
    )
    schemas = schema["components"]["schemas"]
    models: list[type[BaseModel]] = [*BODIES, Problem]
    kinds: list[tuple[type[BaseModel], Literal["validation"]]] = [(model, "validation") for model in models]
    schemas |= models_json_schema(kinds, ref_template=REF)[1]["$defs"]
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    # The model says it in words, when it reads an amount; a reader of the description is to know it before.
    schemas["Money"]["properties"]["currency"]["pattern"] = f"^({'|'.join(DIGITS)})$"
    schema["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            _describe(path, method, operation)
    add_links(schema["paths"])
    app.openapi_schema = without_null(schema)
    return app.openapi_schema


def _describe(path: str, method: str, operation: dict[str, Any]) -> None:
    if not path.startswith("/v1/"):
        return
    operation["security"] = [{"token": []}]
    names = [parameter["name"] for parameter in operation.get("parameters", [])]
    for status in _refusals(method, names, operation):
        operation["responses"][status] = {
            "description": REFUSALS[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": REF.format(model="Problem")}}},
        }
    for parameter in operation.get("parameters", []):
        if parameter["name"] == "Idempotency-Key":
            parameter["required"] = True
    for status, response in operation["responses"].items():
        if status in ("200", "201"):
            _describe_answer(method, names, response)


def _refusals(method: str, parameters: list[str], operation: dict[str, Any]) -> list[str]:
    """The statuses with which this operation may be refused."""
    found = {"401", "403", "404", "422", "503"}
    if method in ("post", "put"):
        found.add("409")
    if "requestBody" in operation:
        found.add("413")
        if "multipart/form-data" in operation["requestBody"]["content"]:
            found.add("400")
    if "If-Match" in parameters:
        found.add("412")
    if "206" in operation["responses"]:
        found |= {"400", "409", "416"}  # 409: there is nothing to be had of it in this form
    return sorted(found)


def _describe_answer(method: str, parameters: list[str], response: dict[str, Any]) -> None:
    names = []
    if method == "put" or {"Idempotency-Key", "as_of"} & set(parameters):
        names += ["ETag", "Gongduan-Position"]
    if "Idempotency-Key" in parameters:
        names.append("Idempotent-Replayed")
    if "If-Match" in parameters:
        names.append("Location")
    if names:
        response["headers"] = {name: {"description": HEADERS[name], "schema": {"type": "string"}} for name in names}
    response["description"] = response["description"].replace("Successful Response", "Done.")
    for content in response["content"].values():
        model = content.get("schema", {}).get("$ref", "").rsplit("/", 1)[-1]
        if model in examples.ANSWERS:
            content["example"] = examples.ANSWERS[model]


def without_null(node: Any) -> Any:  # noqa: ANN401 - any JSON
    """The same description without what generators misread: absent is written as not required, never as null."""
    if isinstance(node, list):
        return [without_null(one) for one in node]
    if not isinstance(node, dict):
        return node
    if "contentMediaType" in node:
        node = node | {"format": "binary"}  # by which generators know a file
    kinds = node.get("anyOf")
    if isinstance(kinds, list) and {"type": "null"} in kinds:
        rest = [kind for kind in kinds if kind != {"type": "null"}]
        others = {key: value for key, value in node.items() if key not in ("anyOf", "default")}
        # A reference stands alone: generators drop what stands beside it.
        alone = rest[0] if "$ref" in rest[0] else rest[0] | others
        node = alone if len(rest) == 1 else {"anyOf": rest} | others
    if node.get("pattern") == NO_NUL:
        node = node | {"pattern": NO_CONTROL}  # what is asked at the door, more than the domain asks of what is stored
    return {key: without_null(value) for key, value in node.items()}

"""The service's description as its documentation page shows it: fields in words, and a curl line for each operation."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

from babel.messages.pofile import read_po

from application.policy import TABLE
from domain.kernel import Role
from infrastructure.http import examples
from infrastructure.http.words import NO_CONTROL
from infrastructure.web.sentences import say, word

if TYPE_CHECKING:
    from infrastructure.http.language import Language

JSON: Final = "application/json"
FORM: Final = "multipart/form-data"
PICTURE: Final = "orange.png"
HUGE: Final = 10**12  # a limit from here on is the store's, and tells a reader nothing
# What stands in the address of a curl line: variables that the reader sets, and parts of the examples' case.
PLACES: Final = {
    "dispute": "$DISPUTE",
    "digest": "$DIGEST",
    "order_id": examples.ORDER["order_id"],
    "offer": "o1",
    "ruling": "r1",
    "exhibit": "e1",
    "appeal": "a1",
    "recovery": "v1",
}
# Rows of the policy table whose operation has another name here.
OPERATIONS: Final = {
    "get_order": "see_order",
    "get_dispute": "see_case",
    "respond_to_dispute": "respond",
    "get_exhibit": "see_exhibit",
    "view_exhibit": "see_exhibit",
    "chase_dispute": "chase",
    "escalate_dispute": "escalate",
    "intervene_in_dispute": "intervene",
    "get_queue": "see_queue",
    "rule_on_dispute": "rule",
    "withdraw_dispute": "withdraw",
    "reopen_dispute": "reopen",
    "list_playbooks": "see_playbook",
    "get_playbook": "see_playbook",
    "list_disputes": "list_cases",
    "get_trail": "see_trail",
    "get_account": "see_trail",
    "get_viewings": "see_viewings",
    "get_clock": "move_test_clock",
    "move_clock": "move_test_clock",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field or parameter as a row of a table; `of` names the schema that its type is about."""

    name: str
    kind: str
    of: str
    required: bool
    about: str
    limits: tuple[str, ...]
    values: tuple[str, ...]
    pattern: str


@cache
def _chinese() -> dict[str, str]:
    file = files("infrastructure.web").joinpath("locales", "api", "zh_Hans.po")
    read = read_po(StringIO(file.read_text(encoding="utf-8")), abort_invalid=True)
    return {str(message.id): str(message.string) for message in read if message.id}


def translated(language: Language, text: str) -> str:
    """A text of the description in this language; it is written in English, on one line whatever its breaks."""
    flat = " ".join(text.split())
    return _chinese().get(flat, flat) if language == "zh" else flat


class Reference:
    """Reads a description in one language."""

    def __init__(self, schema: dict[str, Any], language: Language, address: str) -> None:
        self.schema = schema
        self.language = language
        self.address = address

    def chapters(self) -> dict[str, list[dict[str, Any]]]:
        """The operations by chapter, in the order of the routes."""
        found: dict[str, list[dict[str, Any]]] = {}
        for path, operations in self.schema["paths"].items():
            for method, operation in operations.items():
                shown = {"path": path, "method": method.upper(), **operation}
                found.setdefault(operation["tags"][0], []).append(shown)
        return found

    def schemas(self) -> dict[str, dict[str, Any]]:
        """The named schemas, without those that only one form uses."""
        found = self.schema["components"]["schemas"].items()
        return {name: schema for name, schema in sorted(found) if not name.startswith("Body_")}

    def introduction(self) -> list[tuple[str, list[str]]]:
        """The paragraphs and lists of the description's own text."""
        blocks: list[tuple[str, list[str]]] = []
        for block in self.schema["info"]["description"].strip().split("\n\n"):
            kind, texts = ("list", block.removeprefix("- ").split("\n- ")) if block.startswith("- ") else ("p", [block])
            blocks.append((kind, [translated(self.language, text) for text in texts]))
        return blocks

    def fields(self, schema: dict[str, Any]) -> list[Field]:
        """The fields of a schema, or of the schema that it refers to."""
        found = self._resolved(schema)
        required = found.get("required", [])
        return [self._field(name, one, required=name in required) for name, one in found.get("properties", {}).items()]

    def parameters(self, operation: dict[str, Any]) -> list[Field]:
        """What stands in address and headers."""
        return [
            self._field(one["name"], one["schema"] | {"description": one["description"]}, required=one["required"])
            for one in operation.get("parameters", [])
        ]

    def who(self, operation: dict[str, Any]) -> list[str]:
        """The roles that may do it, in words."""
        name = OPERATIONS.get(operation["operationId"], operation["operationId"])
        roles = {row.role for row in TABLE if row.operation == name}
        return [word(self.language, role) for role in Role if role in roles]

    def curl(self, operation: dict[str, Any]) -> str:
        """A line for a shell with TOKEN, and DISPUTE or DIGEST where the address holds them."""
        path = operation["path"]
        for name, value in PLACES.items():
            path = path.replace(f"{{{name}}}", value)
        method = operation["method"]
        parts = ["curl -sS" if method == "GET" else f"curl -sS -X {method}", f'"{self.address}{path}"']
        parts.append('-H "Authorization: Bearer $TOKEN"')
        names = [one["name"] for one in operation.get("parameters", [])]
        if "Idempotency-Key" in names:
            about = "$DISPUTE" if "$DISPUTE" in path else "1"
            parts.append(f'-H "Idempotency-Key: {operation["operationId"]}-{about}"')
        content = operation.get("requestBody", {}).get("content", {})
        if JSON in content:
            example = json.dumps(content[JSON]["example"], ensure_ascii=False, indent=2)
            parts += [f'-H "Content-Type: {JSON}"', f"-d {shlex.quote(example)}"]
        if FORM in content:
            form = self._resolved(content[FORM]["schema"])["properties"]
            values = {name: one.get("examples", [f"@{PICTURE}"])[0] for name, one in form.items()}
            parts += [f"-F {shlex.quote(f'{name}={value}')}" for name, value in values.items()]
        return " \\\n  ".join(parts)

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        name = schema.get("$ref", "").rsplit("/", 1)[-1]
        found: dict[str, Any] = self.schema["components"]["schemas"][name] if name else schema
        return found

    def _field(self, name: str, schema: dict[str, Any], *, required: bool) -> Field:
        items = schema.get("items", {})
        inner = items or schema
        of = inner.get("$ref", "").rsplit("/", 1)[-1]
        kind = of or self._kind(inner)
        pattern = inner.get("pattern", "")
        return Field(
            name=name,
            kind=self._say("type.list", of=kind) if items else kind,
            of=of,
            required=required,
            about=translated(self.language, schema.get("description", "")),
            limits=tuple(self._limits(schema)),
            values=tuple(self._resolved(inner).get("enum", ())),
            pattern="" if pattern == NO_CONTROL else pattern,
        )

    def _kind(self, schema: dict[str, Any]) -> str:
        if "contentMediaType" in schema:
            return self._say("type.file")
        return self._say(f"type.{schema.get('format') or schema.get('type', 'any')}")

    def _limits(self, schema: dict[str, Any]) -> list[str]:
        """How long, how many, how much."""
        pairs = (("minLength", "maxLength"), ("minItems", "maxItems"), ("minimum", "maximum"))
        found = [
            self._say(f"limit.{high}", low=f"{schema.get(low, 0):,}", high=f"{schema[high]:,}")
            for low, high in pairs
            if schema.get(high, HUGE) < HUGE
        ]
        if schema.get("default") not in (None, []):
            found.append(self._say("limit.default", value=json.dumps(schema["default"])))
        return found

    def _say(self, key: str, **params: object) -> str:
        return say(self.language, f"docs.{key}", **params)

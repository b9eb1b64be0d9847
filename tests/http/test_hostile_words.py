"""Hostile words in every free text of the API: refused at the door, or kept word for word and shown harmless."""

from __future__ import annotations

import json
import sys
import unicodedata
from copy import deepcopy
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import pytest

from infrastructure.http.words import NO_CONTROL
from tests.http.service import good, refused
from tests.http.story import COMMANDS, Case, a_case, an_order, negotiated
from tests.support.hostile.words import KEPT, NO_JSON, REFUSED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.http.service import Person, Response, Service

PLACES = {"exhibit": "e1", "offer": "o1", "ruling": "r1", "appeal": "a1", "recovery": "v1", "order_id": "order-x"}


class Field:
    """A free text somewhere in an operation's body, with a body that is good but for it."""

    def __init__(
        self, method: str, path: str, operation: str, body: dict[str, Any], place: tuple[str | int, ...]
    ) -> None:
        self.method, self.path, self.operation, self.body, self.place = method, path, operation, body, place

    def __str__(self) -> str:
        return f"{self.operation}{self.pointer}"

    @property
    def pointer(self) -> str:
        return "".join(f"/{step}" for step in self.place)

    def holding(self, text: str) -> Any:
        """The body with this text in the field."""
        body = deepcopy(self.body)
        node: Any = body
        for step in self.place[:-1]:
            node = node[step]
        node[self.place[-1]] = text
        return body


def free_texts(description: dict[str, Any]) -> Iterator[Field]:
    schemas = description["components"]["schemas"]

    def resolved(schema: dict[str, Any]) -> dict[str, Any]:
        return resolved(schemas[schema["$ref"].rsplit("/", 1)[-1]]) if "$ref" in schema else schema

    def walk(schema: dict[str, Any], place: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
        schema = resolved(schema)
        for one in schema.get("anyOf", []):
            yield from walk(one, place)
        if schema.get("pattern") == NO_CONTROL or (
            schema.get("type") == "string" and "maxLength" in schema and "pattern" not in schema
        ):
            yield place
        for name, one in schema.get("properties", {}).items():
            yield from walk(one, (*place, name))
        if "items" in schema:
            yield from walk(schema["items"], (*place, 0))

    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            for place in walk(content["schema"], ()) if content else ():
                yield Field(
                    method.upper(), path, operation["operationId"], _with_room(content["example"], place), place
                )


def _with_room(example: dict[str, Any], place: tuple[str | int, ...]) -> dict[str, Any]:
    """The description's example; where a list of it is empty or absent, one that has the field's place."""
    body = deepcopy(example)
    if place[0] == "promises" and not body.get("promises"):
        body["promises"] = [{"code": "a", "text": "b"}]
    if place[0] == "awards" and not body.get("awards"):
        body["awards"] = [{"claim": "c1"}]
    return body


@pytest.fixture(scope="module")
def fields(service: Service) -> list[Field]:
    return list(free_texts(service.client.get(f"{service.address}/openapi.json").json()))


@pytest.fixture(scope="module")
def case(service: Service) -> Case:
    found = negotiated(service)
    good(found.buyer.show(found.at, b"an exhibit"))
    return found


def send(case: Case, field: Field, body: Any) -> Response:
    """As whoever: words are looked at before it is asked who says them."""
    path = field.path.format(dispute=case.id, **PLACES)
    if field.method == "PUT":
        return case.platform.call("PUT", path, json=body)
    return case.buyer.send(path, body)


def test_the_words_are_sent_to_every_free_text_that_the_description_names(fields: list[Field]) -> None:
    named = {str(one) for one in fields}
    assert {
        "register_order/lines/0/title",
        "file_dispute/claims/0/statement",
        "rule_on_dispute/awards/0/facts",
    } <= named
    assert {"correct_ruling/awards/0/facts", "publish_playbook/source", "report_recovery/reference"} <= named
    assert len(named) >= 39


@pytest.mark.parametrize("name", REFUSED)
def test_a_control_character_is_refused_in_every_field(case: Case, fields: list[Field], name: str) -> None:
    before = case.service.log_size()
    for field in fields:
        document = refused(send(case, field, field.holding(REFUSED[name])), 422, "validation")
        assert field.pointer in [one["field"] for one in document["details"]["faults"]], field
        assert REFUSED[name] not in json.dumps(document, ensure_ascii=False)
    form = {"kind": "photo", "shows": REFUSED[name]}
    document = refused(case.buyer.show(case.at, b"a text", data=form), 422, "validation")
    assert [one["field"] for one in document["details"]["faults"]] == ["/shows"]
    assert not [line for line in case.service.lines(before) if line.get("level") not in ("info", "debug")]


@pytest.mark.parametrize("name", NO_JSON)
def test_half_a_character_is_no_json(case: Case, fields: list[Field], name: str) -> None:
    for field in fields:
        body = json.dumps(field.holding("§")).replace('"\\u00a7"', f'"{NO_JSON[name]}"')
        path = field.path.format(dispute=case.id, **PLACES)
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"half {name}".replace(" ", "-")}
        refused(case.buyer.call(field.method, path, headers=headers, content=body.encode()), 422, "validation")


TOGETHER = [" · ".join(words) for words in zip_longest(*[iter(KEPT.values())] * 5, fillvalue="")]


@pytest.mark.parametrize("words", TOGETHER, ids=range(len(TOGETHER)))
def test_other_words_break_nothing_in_any_field(case: Case, fields: list[Field], words: str) -> None:
    before = case.service.log_size()
    cut = " · ".join(one[:36] for one in words.split(" · "))
    for field in fields:
        response = send(case, field, field.holding(cut))
        assert response.status_code < 500
        code = response.json().get("code") if not response.is_success else ""
        assert code != "validation", (str(field), response.text)
    assert not [line for line in case.service.lines(before) if line.get("level") not in ("info", "debug")]
    assert cut not in case.service.log(before)


def told(service: Service, words: str) -> Case:
    """A life in which everybody says nothing else."""
    case = a_case(service)
    line = an_order(case.buyer.id, case.merchant.id, case.order_id)["lines"][0] | {"title": words[:200]}
    case.register(listing=words, lines=[line], promises=[{"code": "sweet_or_refund", "text": words}])
    case.file(statement=words).respond(statement=words)

    def say(person: Person, command: str, **changes: Any) -> None:
        end, body = COMMANDS[command]
        good(person.send(f"{case.at}/{end}", body | changes))

    say(case.buyer, "send_message", text=words)
    say(case.merchant, "make_offer", note=words)
    say(case.buyer, "decline_offer", reason=words)
    good(case.buyer.show(case.at, b"an exhibit", words[:200], data={"kind": "photo", "shows": words[:200]}))
    say(case.merchant, "challenge_evidence", statement=words)
    say(case.buyer, "chase", text=words)
    say(case.buyer, "escalate", reason=words)
    case.intervene()
    say(case.arbitrator, "request_evidence", why=words)
    say(case.arbitrator, "exclude_evidence", reason=words)
    say(case.arbitrator, "admit_evidence", reason=words)
    say(case.arbitrator, "add_note", text=words)
    say(case.arbitrator, "pause_clock", reason=words)
    good(case.buyer.show(case.at, b"the parcel", data={"kind": "parcel_photo", "shows": "the parcel"}))
    award = COMMANDS["rule"][1]["awards"][0] | {"facts": words}
    say(case.arbitrator, "rule", awards=[award], reasons=words)
    say(case.arbitrator, "correct_ruling", reasons=f"{words[:200]} …", why=words)
    say(case.merchant, "file_appeal", statement=words)
    return case


def hidden(text: str) -> set[str]:
    """What moves a cursor, turns the direction or cannot be seen."""
    return {one for one in text if one != "\n" and unicodedata.category(one)[0] == "C"} | set(text) & {
        "\u2028",
        "\u2029",
    }


@pytest.mark.parametrize("words", TOGETHER, ids=range(len(TOGETHER)))
def test_other_words_are_kept_word_for_word_and_told_harmless(service: Service, words: str) -> None:
    case = told(service, words)
    for person in (case.buyer, case.merchant, case.arbitrator, service.person("auditor")):
        seen = case.seen_by(person)
        assert seen["claims"][0]["statement"] == words
        assert seen["exhibits"][0]["shows"] == words[:200]
        assert hidden(seen["exhibits"][0]["file_name"]) == set()
        for language in ("zh", "en"):
            headers = {"Accept-Language": language}
            account = good(person.call("GET", f"{case.at}/account", headers=headers))
            assert account.headers["content-type"] == "text/plain; charset=utf-8"
            assert account.headers["x-content-type-options"] == "nosniff"
            assert account.headers["content-security-policy"].startswith("default-src 'none'")
            assert hidden(account.text) == set()
            entries = good(person.call("GET", f"{case.at}/trail", headers=headers)).json()["entries"]
            assert len(entries) >= 15
            for entry in entries:
                assert not any(hidden(value) for value in entry.values() if isinstance(value, str)), entry


def test_the_table_of_words_is_long_enough(fields: list[Field], capsys: pytest.CaptureFixture[str]) -> None:
    count = len(REFUSED) + len(NO_JSON) + len(KEPT)
    with capsys.disabled():
        sys.stdout.write(f"\n{count} hostile texts in {len(fields)} fields\n")
    assert count >= 50

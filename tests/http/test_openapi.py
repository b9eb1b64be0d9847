"""The description: what generators and integrators stumble over is not in it, and what is answered is as described."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from tests.http.service import good, refused
from tests.http.story import (
    OFFER,
    RULING,
    a_case,
    a_claim,
    bargained,
    do,
    filed,
    heard,
    negotiated,
    owed_back,
    proposed,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.http.service import Person, Response, Service
    from tests.http.story import Case

PICTURE = (files("infrastructure.demo") / "pictures" / "orange.png").read_bytes()
# What a reference may not have beside it: generators drop it.
REF = "$ref"
BYTES = {"application/octet-stream", "image/jpeg", "video/mp4"}


@pytest.fixture(scope="module")
def description(service: Service) -> dict[str, Any]:
    found: dict[str, Any] = service.client.get(f"{service.address}/openapi.json").json()
    return found


def nodes(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        yield path, node
        for name, value in node.items():
            if name not in ("example", "examples"):
                yield from nodes(value, f"{path}/{name}")
    if isinstance(node, list):
        for index, value in enumerate(node):
            yield from nodes(value, f"{path}/{index}")


def operations(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]


def checker(description: dict[str, Any], schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema | {"components": description["components"]}, validate_formats=True)


def test_it_is_openapi_3_1(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")


def test_no_optional_field_is_written_as_null(description: dict[str, Any]) -> None:
    for path, node in nodes(description):
        assert {"type": "null"} not in node.get("anyOf", []), path
        assert {"type": "null"} not in node.get("oneOf", []), path
        assert node.get("type") != "null", path
        assert "null" not in (node["type"] if isinstance(node.get("type"), list) else []), path


def test_a_reference_stands_alone(description: dict[str, Any]) -> None:
    for path, node in nodes(description):
        if isinstance(node.get(REF), str):
            assert list(node) == [REF], path
            assert node[REF].startswith("#/components/schemas/")
            assert node[REF].rsplit("/", 1)[-1] in description["components"]["schemas"]


def test_operation_ids_are_a_verb_and_a_noun_and_each_stands_once(description: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(description)]
    assert len(set(ids)) == len(ids) > 20
    assert [one for one in ids if not re.fullmatch(r"[a-z]+(_[a-z]+)+", one)] == []


def test_each_operation_is_told_with_an_example(description: dict[str, Any]) -> None:
    for method, path, operation in operations(description):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["description"], where
        assert operation["security"] == [{"token": []}], where
        assert [one["name"] for one in operation.get("parameters", []) if not one.get("description")] == [], where
        answers = [answer for status, answer in operation["responses"].items() if status < "300"]
        contents = [content for answer in answers for content in answer["content"].items()]
        assert all("example" in content for media, content in contents if media not in BYTES), where
        for body in operation.get("requestBody", {}).get("content", {}).values():
            fields = description["components"]["schemas"].get(body["schema"][REF].rsplit("/", 1)[-1], {})
            assert "example" in body or any("examples" in one for one in fields["properties"].values()), where


def test_every_example_is_as_described(description: dict[str, Any]) -> None:
    found = 0
    for path, node in nodes(description):
        if "example" in node and REF in node.get("schema", {}):
            found += 1
            checker(description, node["schema"]).validate(node["example"])
            assert path
    assert found > 20


def test_each_refusal_is_a_problem(description: dict[str, Any]) -> None:
    for method, path, operation in operations(description):
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], (method, path, status)
        assert {"401", "403", "404", "422"} <= set(operation["responses"])


def test_a_currency_that_is_not_known_does_not_fit_the_description(description: dict[str, Any]) -> None:
    money = checker(description, {REF: "#/components/schemas/Money"})
    assert money.is_valid({"minor": 1, "currency": "CNY"})
    assert not money.is_valid({"minor": 1, "currency": "AAA"})


def test_a_notice_that_was_served_and_bounced_does_not_fit_the_description(description: dict[str, Any]) -> None:
    notice = checker(description, {REF: "#/components/schemas/Notice"})
    served, bounced = {"channel": "app", "served_at": "2026-11-26T00:00:00Z"}, {"channel": "app", "bounced": "refused"}
    assert notice.is_valid(served)
    assert notice.is_valid(bounced)
    assert not notice.is_valid(served | bounced)


def test_every_name_in_an_address_is_linked_from_where_it_is_made(description: dict[str, Any]) -> None:
    linked = {
        name
        for _, _, operation in operations(description)
        for answer in operation["responses"].values()
        for name in answer.get("links", ())
    }
    asking = {one["operationId"] for _, path, one in operations(description) if "{" in path}
    assert asking - linked == {"register_order"}  # its name is the platform's own


class Recorder:
    """Calls, and holds each answer against the description."""

    def __init__(self, description: dict[str, Any]) -> None:
        self.description = description
        self.patterns = [
            (method, re.compile(re.sub(r"\{[a-z_]+\}", "[^/]+", path)), operation)
            for method, path, operation in operations(description)
        ]
        self.seen: set[str] = set()

    def hear(self, response: Response) -> None:
        response.read()
        self.check(response)

    def check(self, response: Response) -> None:
        method, path = response.request.method.lower(), response.request.url.path
        [operation] = [one for verb, pattern, one in self.patterns if verb == method and pattern.fullmatch(path)]
        status = str(response.status_code)
        assert status in operation["responses"], (operation["operationId"], status)
        answer = operation["responses"][status]
        media = response.headers["content-type"].split(";")[0]
        assert media in answer["content"], (operation["operationId"], media)
        if media.endswith("json"):
            checker(self.description, answer["content"][media]["schema"]).validate(response.json())
        for name in answer.get("headers", {}):
            assert name in response.headers or name == "Idempotent-Replayed", (operation["operationId"], name)
        if response.is_success:
            self.seen.add(operation["operationId"])


def test_all_that_is_answered_in_a_story_is_as_described(service: Service, description: dict[str, Any]) -> None:
    recorder = Recorder(description)
    service.client.event_hooks["response"] = [recorder.hear]
    try:
        play(service)
    finally:
        service.client.event_hooks["response"] = []
    assert recorder.seen == {operation["operationId"] for _, _, operation in operations(description)}


def play(service: Service) -> None:
    """Every operation once, and a refusal of each kind."""
    case, other = a_case(service), negotiated(service)
    admin, auditor, writer = (service.person(role) for role in ("admin", "auditor", "rule_writer"))
    [version] = good(writer.call("GET", "/v1/playbooks")).json()["versions"]
    source = good(writer.call("GET", f"/v1/playbooks/{version['digest']}")).text
    case.platform.get(f"/v1/orders/{case.order_id}")
    good(case.buyer.call("GET", "/v1/requirements"))
    refused(case.buyer.call("GET", "/v1/requirements", params={"reason": "none"}), 422, "unknown_reason")
    case.file()
    look(case.at, (case.buyer, case.arbitrator))
    good(do(case.platform, case.at, "report_notice"))
    good(do(case.arbitrator, case.at, "pause_clock"))
    good(do(case.arbitrator, case.at, "resume_clock"))
    case.respond()
    good(do(case.buyer, case.at, "send_message"))
    good(case.buyer.show(case.at, PICTURE))
    good(case.buyer.call("GET", f"{case.at}/evidence/e1"))
    good(case.merchant.send(f"{case.at}/offers", OFFER))
    good(do(case.buyer, case.at, "decline_offer"))
    case.escalate()
    good(case.arbitrator.call("GET", "/v1/queue", params={"after": case.position}))
    refused(do(case.arbitrator, case.at, "rule"), 403, "not_your_case")
    case.intervene()
    hand_over(case, auditor)
    good(case.arbitrator.call("GET", "/v1/queue"))
    weigh(case)
    refused(do(case.arbitrator, case.at, "rule", headers={"If-Match": '"1"'}), 412, "version_moved")
    dismissed = RULING["awards"][0] | {"finding": "upheld"}
    case._keep(case.arbitrator.send(f"{case.at}/rulings", RULING | {"awards": [dismissed]}))
    good(case.merchant.call("GET", f"{case.at}/evidence/e1/view"))
    good(do(case.arbitrator, case.at, "correct_ruling"))
    look(case.at, (case.buyer, case.merchant, case.arbitrator, auditor, case.platform))
    good(admin.call("POST", "/v1/test-clock", json={"to": case.last["ruling"]["appeal_until"]}))
    good(admin.call("GET", "/v1/test-clock"))
    play_twice_looked_at(service)
    case.until_closed()
    look(case.at, (case.buyer, auditor))
    good(auditor.call("GET", f"{case.at}/viewings"))
    other.offer().accept().until_closed()
    refund = {"claim": "c1", "amount": {"minor": 500, "currency": "CNY"}, "source": "chargeback", "reference": "cb-1"}
    good(other.platform.send(f"{other.at}/external-refunds", refund))
    look(other.at, (other.merchant, auditor))
    good(case.buyer.call("GET", case.at, params={"as_of": 3}))
    good(writer.send("/v1/playbooks", {"source": source}))
    refused(writer.send("/v1/playbooks", {"source": "format: 1"}), 422, "unreadable_playbook")
    refused(case.buyer.send("/v1/disputes", {"order_id": "none", "claims": [a_claim()]}), 409, "unknown_order")
    refused(case.buyer.call("GET", "/v1/disputes", params={"cursor": "x"}), 422, "bad_cursor")
    refused(service.person("buyer").call("GET", case.at), 404, "not_found")
    refused(do(filed(service).merchant, other.at, "escalate"), 404, "not_found")
    play_appeals(service)


def play_appeals(service: Service) -> None:
    for end in ("reject_appeal", "uphold_ruling"):
        case = heard(service)
        good(do(case.arbitrator, case.at, end))
        look(case.at, (case.buyer, case.arbitrator))
    more = bargained(service).offer().claim_more()
    look(more.at, (more.buyer, more.merchant))
    good(do((withdrawn := filed(service)).buyer, withdrawn.at, "withdraw"))
    case = owed_back(service)
    look(case.at, (case.merchant, case.arbitrator, case.platform))
    lost = owed_back(service)
    good(do(service.person("senior_arbitrator"), lost.at, "write_off_recovery"))
    look(lost.at, (lost.buyer, lost.merchant))
    good(do(case.platform, case.at, "report_recovery"))
    look(case.at, (case.buyer, case.platform))


def hand_over(case: Case, auditor: Person) -> None:
    """From hand to hand and back again, with all that is written down on the way."""
    senior, other = case.service.person("senior_arbitrator"), case.service.person("arbitrator")
    for person, command in (
        *((case.buyer, "chase"), (case.arbitrator, "add_note"), (case.arbitrator, "link_case")),
        (case.merchant, "give_goodwill"),
        *((auditor, "place_legal_hold"), (case.arbitrator, "release_case"), (senior, "reassign_case")),
        (other, "declare_conflict"),
    ):
        good(do(person, case.at, command))
    look(case.at, (case.buyer, case.arbitrator, auditor))
    refused(do(other, case.at, "intervene"), 404, "not_found")
    good(do(auditor, case.at, "lift_legal_hold"))
    good(senior.send(f"{case.at}/assignments", {"arbitrator": case.arbitrator.id, "reason": "还给您"}))


def weigh(case: Case) -> None:
    """What counts of what was shown."""
    good(do(case.merchant, case.at, "challenge_evidence"))
    case.ask().close_round().show(case.buyer, b"the parcel", kind="parcel_photo")
    good(do(case.arbitrator, case.at, "exclude_evidence"))
    good(do(case.arbitrator, case.at, "admit_evidence"))
    look(case.at, (case.buyer, case.arbitrator))


def play_twice_looked_at(service: Service) -> None:
    """A ruling above the limit: sent back, made anew, confirmed."""
    case, colleague = proposed(service), service.person("arbitrator")
    look(case.at, (case.buyer, colleague))
    good(do(case.buyer, case.at, "request_human"))
    good(do(colleague, case.at, "return_ruling"))
    look(case.at, (case.arbitrator, colleague))
    case.rule()
    good(colleague.send(f"{case.at}/rulings/r2/confirmation"))
    look(case.at, (case.arbitrator, case.merchant))


def look(at: str, people: tuple[Person, ...]) -> None:
    for person in people:
        good(person.call("GET", at))
        good(person.call("GET", "/v1/disputes", params={"limit": 1}))
        for end in ("trail", "account"):
            assert person.call("GET", f"{at}/{end}").status_code in (200, 403)

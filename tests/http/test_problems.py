"""Refusals: problem documents with a code, in the reader's language, that never tell what was sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from infrastructure.http import app as http_app
from infrastructure.http import examples
from infrastructure.http.problems import codes
from infrastructure.web.sentences import LANGUAGES, catalogue
from tests.http.service import refused
from tests.http.story import COMMANDS, a_case, a_claim, an_order, filed, negotiated

if TYPE_CHECKING:
    from tests.http.service import Response, Service

CANARY = "canary-7f3c-鸟"
HEADERS = {
    "content-security-policy": http_app.SAFE_HEADERS["Content-Security-Policy"],
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}
BODIES = {
    "/v1/disputes": examples.FILING,
    "responses": examples.RESPONDING,
    "messages": examples.MESSAGE,
    "offers": examples.OFFERING,
    "offers/o1/refusal": examples.REFUSING,
    "evidence-requests": examples.REQUESTING,
    "evidence/e1/challenges": examples.CHALLENGING,
    "evidence/e1/admission": examples.ADMITTING,
    "evidence/e1/exclusion": examples.EXCLUDING,
    "escalations": examples.ESCALATING,
    "releases": examples.RELEASING,
    "assignments": examples.REASSIGNING,
    "conflicts": examples.DECLARING,
    "notes": examples.NOTING,
    "links": examples.LINKING,
    "legal-holds": examples.HOLDING,
    "legal-holds/lifting": examples.LIFTING,
    "rulings": examples.DECIDING,
    "rulings/r1/return": examples.RETURNING,
    "rulings/r1/corrections": examples.CORRECTING,
    "/v1/playbooks": examples.PUBLISHING,
    "/v1/test-clock": examples.MOVING,
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_that_can_be_answered_has_its_words(language: Any) -> None:
    words = catalogue(language)
    known = codes()
    assert len(known) > 50
    assert [code for code in known if not words.get(f"problem.{code}.title")] == []
    assert [code for code in known if not words.get(f"problem.{code}.detail")] == []


def spoiled(body: dict[str, Any]) -> list[Any]:
    """The body with the canary in every place where it does not belong."""
    wrong: list[Any] = [CANARY, [CANARY], body | {CANARY: CANARY}, body | {"extra": CANARY}, {}]
    for name, value in body.items():
        wrong.append(body | {name: {CANARY: CANARY}})
        if not isinstance(value, str):
            wrong += [body | {name: CANARY}, body | {name: [CANARY]}, body | {name: [{CANARY: CANARY}]}]
    return wrong


@pytest.mark.parametrize("end", BODIES)
def test_a_wrong_body_is_refused_with_pointers_and_without_its_words(service: Service, end: str) -> None:
    case = negotiated(service).offer()
    since = service.log_size()
    path = end if end.startswith("/") else f"{case.at}/{end}"
    person = service.person("admin") if end == "/v1/test-clock" else case.buyer
    for body in spoiled(BODIES[end]):
        document = without_canary(person.send(path, body), "validation")
        for fault in document["details"]["faults"]:
            assert fault["message"]
            assert fault["field"] == "" or fault["field"].startswith("/")
    broken = json.dumps(BODIES[end])[:-1] + CANARY
    without_canary(person.send(path, content=broken.encode()), "validation")
    without_canary(person.send(path, content=b"\xff" + CANARY.encode()), "validation")
    assert CANARY not in service.log(since)
    assert "canary" not in service.log(since)


def without_canary(response: Response, code: str) -> dict[str, Any]:
    document = refused(response, 422, code)
    for text in (response.text, str(response.headers)):
        assert "canary" not in text
        assert "鸟" not in text
    return document


def test_a_wrong_order_is_refused_without_its_words(service: Service) -> None:
    case = a_case(service)
    since = service.log_size()
    order = an_order(case.buyer.id, case.merchant.id, case.order_id)
    for body in spoiled(order):
        without_canary(case.platform.call("PUT", f"/v1/orders/{case.order_id}", json=body), "validation")
    assert "canary" not in service.log(since)


def test_pointers_lead_to_the_field(service: Service) -> None:
    case = negotiated(service)
    claim = a_claim(reason=7, lines=["1", ""], amount={"minor": "39", "currency": "CNY"})
    body = {"order_id": case.order_id, "claims": [a_claim(), claim], "more": 1}
    document = refused(case.buyer.send("/v1/disputes", body), 422, "validation")
    fields = {fault["field"] for fault in document["details"]["faults"]}
    assert fields == {"/claims/1/reason", "/claims/1/lines/1", "/claims/1/amount/minor", "/more"}


def test_wrong_parameters_are_refused_without_their_words(service: Service) -> None:
    case = filed(service)
    since = service.log_size()
    for path, params, field in (
        ("/v1/disputes", {"stage": CANARY}, "query.stage"),
        ("/v1/disputes", {"order_id": CANARY}, "query.order_id"),
        ("/v1/disputes", {"number": CANARY * 3}, "query.number"),
        ("/v1/disputes", {"after": CANARY}, "query.after"),
        ("/v1/queue", {"free": CANARY}, "query.free"),
        (f"{case.at}/trail", {"since": CANARY}, "query.since"),
        (f"/v1/disputes/{CANARY}", {}, "path.dispute"),
        (f"{case.at}/evidence/{CANARY}", {}, "path.exhibit"),
        (f"/v1/playbooks/{CANARY}", {}, "path.digest"),
        ("/v1/requirements", {"reason": CANARY}, "query.reason"),
        ("/v1/requirements", {"platform": CANARY}, "query.platform"),
    ):
        document = without_canary(case.arbitrator.call("GET", path, params=params), "validation")
        assert [fault["field"] for fault in document["details"]["faults"]] == [field]
    without_canary(case.buyer.call("GET", case.at, params={"as_of": CANARY}), "bad_as_of")
    without_canary(case.buyer.call("GET", "/v1/disputes", params={"cursor": CANARY}), "bad_cursor")
    without_canary(case.buyer.send(f"{case.at}/offers/{CANARY}/acceptance"), "validation")
    assert "canary" not in service.log(since)


def test_refusals_speak_the_readers_language(service: Service) -> None:
    case = filed(service)
    for accepted, language in (
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB", "en"),
        ("fr-FR, zh-TW, en", "zh"),
        ("fr", "en"),
        ("", "en"),
        ("*", "en"),
        ("%%;;q=x,,", "en"),
    ):
        headers = {"Accept-Language": accepted}
        for response, code in (
            (case.buyer.call("GET", "/v1/nothing", headers=headers), "not_found"),
            (case.buyer.call("GET", "/v1/disputes?limit=0", headers=headers), "validation"),
            (case.buyer.send(f"{case.at}/interventions", headers=headers), "not_allowed"),
        ):
            document = response.json()
            assert document["code"] == code
            assert document["title"] == catalogue(language)[f"problem.{code}.title"], accepted


def test_unknown_addresses_and_methods_are_problems(service: Service) -> None:
    person = service.person("buyer")
    for path in ("/v1/nothing", "/v1/disputes/x/y/z", "/nothing", "/static/nothing", "/static/../secret"):
        refused(person.call("GET", path), 404, "not_found")
    for method, path in (
        ("DELETE", "/v1/disputes"),
        ("PATCH", "/v1/orders/1"),
        ("GET", f"{filed(service).at}/messages"),
        ("POST", "/docs"),
    ):
        response = person.call(method, path)
        refused(response, 405, "method_not_allowed")
        assert response.headers["allow"]


def test_every_answer_carries_the_safe_headers(service: Service) -> None:
    case = filed(service)
    answers = [
        case.buyer.call("GET", case.at),
        case.buyer.call("GET", f"{case.at}/account"),
        case.buyer.call("GET", "/v1/nothing"),
        case.buyer.call("GET", "/v1/disputes?limit=0"),
        case.buyer.send(f"{case.at}/interventions"),
        service.client.get(f"{service.address}/v1/disputes"),
        service.client.get(f"{service.address}/docs"),
        service.client.get(f"{service.address}/openapi.json"),
        service.client.get(f"{service.address}/static/gongduan.css"),
        service.client.get(f"{service.address}/"),
        service.client.get(f"{service.address}/health"),
    ]
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, answer.request.url
        assert answer.headers["x-request-id"]
        if answer.request.url.path.startswith("/v1/"):
            assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers


def test_a_fault_of_ours_is_a_problem_with_the_safe_headers_too(service: Service) -> None:
    case = filed(service)
    shown = case.buyer.show(case.at, b"this file will be lost").json()["exhibits"][0]
    [lost] = (service.data / "evidence").rglob(shown["digest"])
    lost.unlink()
    since = service.log_size()
    response = case.buyer.call("GET", shown["href"])
    refused(response, 500, "internal")
    for name, value in HEADERS.items():
        assert response.headers[name] == value
    assert response.headers["cache-control"] == "no-store"
    assert "NotInVault" in service.log(since)


def test_too_much_at_once_is_refused(service: Service) -> None:
    case = negotiated(service)
    huge = {"text": "长" * (512 * 1024)}
    refused(case.buyer.send(f"{case.at}/messages", huge), 413, "too_large")
    long = {"text": "长" * 4001}
    document = refused(case.buyer.send(f"{case.at}/messages", long), 422, "validation")
    assert [fault["field"] for fault in document["details"]["faults"]] == ["/text"]
    lines = [
        {"id": str(n), "title": "长" * 200, "quantity": 1, "paid": {"minor": 1, "currency": "CNY"}} for n in range(100)
    ]
    wide = an_order(case.buyer.id, case.merchant.id, "wide", lines=lines, listing="长" * 4000)
    refused(case.platform.call("PUT", "/v1/orders/wide", json=wide), 413, "event_too_large")


def test_a_role_that_sees_a_case_but_may_not_act_hears_so(service: Service) -> None:
    case = negotiated(service)
    for person in (service.person("auditor"), case.platform, service.person("senior_arbitrator")):
        for command in ("respond", "send_message", "escalate"):
            end, body = COMMANDS[command]
            document = refused(person.send(f"{case.at}/{end}", body), 403, "not_allowed")
            assert document["details"]["operation"] == command

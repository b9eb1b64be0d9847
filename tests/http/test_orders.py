"""The order is the platform's word, and it stands once it is disputed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.http.service import good, refused
from tests.http.story import a_case, a_claim, an_order, filed, yuan

if TYPE_CHECKING:
    from tests.http.service import Service


def test_an_order_may_be_registered_anew_until_it_is_disputed(service: Service) -> None:
    case = a_case(service)
    changed = case.register(listing="冰糖橙 10 斤装")
    assert changed["version"] == 2
    case.file()
    body = an_order(case.buyer.id, case.merchant.id, case.order_id, listing="换了说法")
    document = refused(case.platform.call("PUT", f"/v1/orders/{case.order_id}", json=body), 409, "order_is_disputed")
    assert document["details"]["disputes"] == [case.id]
    same = an_order(case.buyer.id, case.merchant.id, case.order_id, listing="冰糖橙 10 斤装")
    again = good(case.platform.call("PUT", f"/v1/orders/{case.order_id}", json=same)).json()
    assert again["snapshot"]["listing"] == "冰糖橙 10 斤装"
    assert case.seen_by(case.buyer)["order"]["listing"] == "冰糖橙 10 斤装"


def test_an_orders_people_stay(service: Service) -> None:
    case = a_case(service)
    body = an_order(case.merchant.id, case.buyer.id, case.order_id)
    refused(case.platform.call("PUT", f"/v1/orders/{case.order_id}", json=body), 409, "order_of_others")


def test_address_and_body_name_the_same_order(service: Service) -> None:
    case = a_case(service)
    body = an_order(case.buyer.id, case.merchant.id, case.order_id)
    refused(case.platform.call("PUT", "/v1/orders/another", json=body), 422, "order_id_differs")


@pytest.mark.parametrize(
    "stated",
    [
        {"paid": yuan(1)},
        {"price": 1},
        {"promises": [{"code": "x", "text": "y"}]},
        {"order": {}},
    ],
)
def test_a_buyer_cannot_state_price_or_promises(service: Service, stated: dict[str, Any]) -> None:
    case = a_case(service)
    name = next(iter(stated))
    in_claim = {"order_id": case.order_id, "claims": [a_claim() | stated]}
    beside = {"order_id": case.order_id, "claims": [a_claim()]} | stated
    for body, field in ((in_claim, f"/claims/0/{name}"), (beside, f"/{name}")):
        document = refused(case.buyer.send("/v1/disputes", body), 422, "validation")
        assert [fault["field"] for fault in document["details"]["faults"]] == [field]


def test_a_buyer_cannot_ask_more_than_was_paid(service: Service) -> None:
    case = a_case(service)
    body = {"order_id": case.order_id, "claims": [a_claim(remedy="partial_refund", amount=yuan(3981))]}
    document = refused(case.buyer.send("/v1/disputes", body), 422, "amount_too_high")
    assert document["details"]["at_most"] == 3980


def test_a_buyer_files_on_an_own_order_only(service: Service) -> None:
    case = a_case(service)
    body = {"order_id": case.order_id, "claims": [a_claim()]}
    other = refused(service.person("buyer").send("/v1/disputes", body), 409, "unknown_order")
    none = refused(case.buyer.send("/v1/disputes", body | {"order_id": "none"}), 409, "unknown_order")
    assert other | {"detail": "", "details": {}} == none | {"detail": "", "details": {}}
    for role in ("merchant", "platform", "arbitrator"):
        refused(service.person(role).send("/v1/disputes", body), 403, "not_allowed")


def test_a_line_is_disputed_once(service: Service) -> None:
    case = filed(service)
    body = {"order_id": case.order_id, "claims": [a_claim()]}
    refused(case.buyer.send("/v1/disputes", body), 409, "line_already_disputed")


def test_only_the_platform_registers_and_only_it_and_its_staff_read(service: Service) -> None:
    case = a_case(service)
    path = f"/v1/orders/{case.order_id}"
    body = an_order(case.buyer.id, case.merchant.id, case.order_id)
    for role in ("buyer", "merchant", "arbitrator", "admin", "rule_writer"):
        refused(service.person(role).call("PUT", path, json=body), 403, "not_allowed")
    for role in ("platform", "arbitrator", "senior_arbitrator", "auditor"):
        assert service.person(role).get(path)["snapshot"]["order_id"] == case.order_id
    refused(case.buyer.call("GET", path), 403, "not_allowed")
    refused(service.person("platform", "", "elsewhere").call("GET", path), 404, "not_found")


def test_another_platforms_order_of_the_same_number_is_another_order(service: Service) -> None:
    case = a_case(service)
    elsewhere = service.person("platform", "", "elsewhere")
    mine = elsewhere.put(f"/v1/orders/{case.order_id}", an_order("b", "m", case.order_id))
    assert mine["version"] == 1
    assert case.platform.get(f"/v1/orders/{case.order_id}")["snapshot"]["buyer"] == case.buyer.id

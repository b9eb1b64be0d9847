"""Lists: read your own writes, pages that neither miss nor repeat, filters, and each sees its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from infrastructure.playbooks.reader import COMMON
from tests.http.service import good, refused
from tests.http.story import a_claim, an_order, do, filed, negotiated, reviewed, settled

if TYPE_CHECKING:
    from tests.http.service import Person, Service

PAGE = 10
CASES = 25


class Shop:
    """A platform of its own, so that its lists hold nothing of other tests."""

    def __init__(self, service: Service, name: str) -> None:
        self.name = name
        self.machine = service.person("platform", "", name)
        self.buyer = service.person("buyer", "", name)
        self.merchant = service.person("merchant", "", name)
        self.arbitrator = service.person("arbitrator", "", name)
        source = COMMON.replace("platform: common", f"platform: {name}")
        service.person("rule_writer", "", name).post("/v1/playbooks", {"source": source})
        self.filed: list[str] = []
        self.position = "0"

    def file(self, *, escalate: bool = False) -> str:
        order_id = f"{self.name}-{len(self.filed)}"
        order = an_order(self.buyer.id, self.merchant.id, order_id)
        self.machine.put(f"/v1/orders/{order_id}", order)
        case = good(self.buyer.send("/v1/disputes", {"order_id": order_id, "claims": [a_claim()]}))
        if escalate:
            at = case.headers["location"]
            good(do(self.merchant, at, "respond"))
            case = good(do(self.buyer, at, "escalate"))
        self.position = case.headers["gongduan-position"]
        self.filed.append(case.json()["id"])
        return self.filed[-1]


def pages(reader: Person, path: str, shop: Shop, *, escalate: bool = False) -> list[str]:
    """All pages, with a new case put in after each."""
    found: list[str] = []
    page: Any = reader.get(path, limit=PAGE, after=shop.position)
    while True:
        assert len(page["cases"]) <= PAGE
        found += [case["id"] for case in page["cases"]]
        if "next" not in page:
            return found
        shop.file(escalate=escalate)
        page = reader.get(path, limit=PAGE, after=shop.position, cursor=page["next"])


def test_pages_of_cases_miss_none_and_repeat_none_while_new_ones_come(service: Service) -> None:
    shop = Shop(service, "paged-cases")
    for _ in range(CASES):
        shop.file()
    for reader in (shop.arbitrator, shop.buyer, shop.machine):
        before = shop.filed[::-1]
        assert pages(reader, "/v1/disputes", shop) == before


def test_pages_of_the_queue_miss_none_and_repeat_none_while_new_ones_come(service: Service) -> None:
    shop = Shop(service, "paged-queue")
    for _ in range(CASES):
        shop.file(escalate=True)
    # The longest waiting come first, so what is put in while reading stands at the end and is read, too.
    assert pages(shop.arbitrator, "/v1/queue", shop, escalate=True) == shop.filed


def test_pages_of_the_trail_miss_none_and_repeat_none_while_events_come(service: Service) -> None:
    case = negotiated(service)
    for _ in range(CASES):
        do(case.buyer, case.at, "send_message")
    found: list[int] = []
    page: Any = case.buyer.get(f"{case.at}/trail", limit=PAGE, after=_position(case.buyer, case.at))
    while True:
        found += [entry["position"] for entry in page["entries"]]
        if "next" not in page:
            break
        if len(found) < CASES:
            do(case.buyer, case.at, "send_message")
        page = case.buyer.get(f"{case.at}/trail", limit=PAGE, since=page["next"], after=_position(case.buyer, case.at))
    assert found == sorted(set(found))
    assert len(found) == case.seen_by(case.buyer)["version"] + 1  # that the order is disputed is part of the case
    assert found[-1] == int(_position(case.buyer, case.at))


def _position(person: Person, at: str) -> str:
    position: str = person.call("GET", at).headers["gongduan-position"]
    return position


@pytest.mark.parametrize("_round", range(10))
def test_with_after_each_list_holds_what_was_just_written(service: Service, _round: int) -> None:
    case = filed(service)
    listed = case.buyer.get("/v1/disputes", after=case.position)["cases"]
    assert [(one["id"], one["stage"], one["version"]) for one in listed] == [(case.id, "awaiting_response", 1)]
    case.respond()
    listed = case.merchant.get("/v1/disputes", after=case.position)["cases"]
    assert [(one["id"], one["stage"], one["version"]) for one in listed] == [(case.id, "negotiation", 2)]
    case.escalate()
    queued = case.arbitrator.get("/v1/queue", after=case.position, limit=100)["cases"]
    assert case.id in [one["id"] for one in queued]
    assert case.trail(case.buyer)[-1]["event"] == "dispute.escalated"
    case.intervene()
    free = case.arbitrator.get("/v1/queue", after=case.position, limit=100, free=True)["cases"]
    assert case.id not in [one["id"] for one in free]
    [mine] = [one for one in _queue(case.arbitrator, case.position) if one["id"] == case.id]
    assert mine["arbitrator"] == case.arbitrator.id
    case.rule()
    assert case.id not in [one["id"] for one in _queue(case.arbitrator, case.position)]


def _queue(arbitrator: Person, position: int) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = arbitrator.get("/v1/queue", after=position, limit=100)["cases"]
    return cases


def test_a_position_that_nobody_was_ever_given_is_not_waited_for(service: Service) -> None:
    response = service.person("arbitrator").call("GET", "/v1/queue", params={"after": 2**61})
    assert refused(response, 422, "no_such_position")["details"]["last"] < 2**61


def test_each_party_lists_its_own_cases_only(service: Service) -> None:
    case = settled(service).until_closed()
    other = filed(service)
    for party in (case.buyer, case.merchant):
        [one] = party.get("/v1/disputes", after=other.position)["cases"]
        assert one["id"] == case.id
        assert (one["asked_minor"], one["ordered_minor"], one["paid_minor"]) == (3980, 1000, 1000)
        assert one["outcome"] == "settled"
    assert service.person("buyer", case.merchant.id).get("/v1/disputes")["cases"] == []
    assert service.person("arbitrator", "", "elsewhere").get("/v1/disputes")["cases"] == []


def test_lists_are_filtered(service: Service) -> None:
    one, two = reviewed(service), negotiated(service)
    reader = service.person("auditor")

    def ids(**filters: Any) -> list[str]:
        return [case["id"] for case in reader.get("/v1/disputes", after=two.position, limit=100, **filters)["cases"]]

    assert one.id in ids(stage="under_review")
    assert two.id not in ids(stage="under_review")
    assert ids(order_id=one.order_id) == [one.id]
    assert ids(number=two.last["number"]) == [two.id]
    assert ids(number="D-NONE") == []
    assert ids(order_id=one.order_id, stage="closed") == []


@pytest.mark.parametrize("cursor", ["", "x", "eA==", "MjAyNi0wMS0wMSBub25l", "bm93IA==", "公断"])
def test_a_cursor_that_no_list_gave_is_refused(service: Service, cursor: str) -> None:
    reader = service.person("arbitrator")
    for path in ("/v1/disputes", "/v1/queue"):
        refused(reader.call("GET", path, params={"cursor": cursor}), 422, "bad_cursor")


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten"])
def test_a_page_has_one_to_a_hundred_rows(service: Service, limit: str) -> None:
    reader = service.person("arbitrator")
    for path in ("/v1/disputes", "/v1/queue"):
        document = refused(reader.call("GET", path, params={"limit": limit}), 422, "validation")
        assert [fault["field"] for fault in document["details"]["faults"]] == ["query.limit"]


def test_lists_are_not_for_every_role(service: Service) -> None:
    refused(service.person("juror").call("GET", "/v1/disputes"), 403, "not_allowed")
    for role in ("buyer", "merchant", "platform", "auditor", "rule_writer", "admin"):
        refused(service.person(role).call("GET", "/v1/queue"), 403, "not_allowed")

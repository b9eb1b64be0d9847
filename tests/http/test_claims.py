"""Claims added during the negotiation, over HTTP: taken once, told to everybody, and what was offered before lapses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.http.service import good, refused
from tests.http.story import TERMS, a_claim, bargained, do, yuan

if TYPE_CHECKING:
    from tests.http.service import Service


def test_a_claim_is_added_and_told_to_everybody(service: Service) -> None:
    case = bargained(service).offer().claim_more()
    for person in (case.buyer, case.merchant, case.platform):
        seen = case.seen_by(person)
        first, second = seen["claims"]
        assert (second["id"], second["lines"], second["asked"]) == ("c2", ["2"], yuan(3980))
        assert "added_at" in second
        assert "added_at" not in first
        assert [one["state"] for one in seen["offers"]] == ["expired"]
        assert seen["clocks"] == []
    assert {one["claim"] for one in case.seen_by(case.buyer)["missing"]} == {"c1", "c2"}
    assert [one["event"] for one in case.trail(case.merchant)][-2:] == ["dispute.claim_added", "order.disputed"]
    [row] = case.merchant.get("/v1/disputes", after=case.position)["cases"]
    assert row["asked_minor"] == 7960
    told = case.merchant.call("GET", f"{case.at}/account", params={"after": case.position}).text
    assert "added on" in told
    assert case.platform.get(f"/v1/orders/{case.order_id}")["disputed_lines"] == ["1", "2"]


def test_what_was_offered_for_fewer_claims_is_not_taken_and_a_new_offer_names_them_all(service: Service) -> None:
    case = bargained(service).offer().claim_more()
    refused(do(case.buyer, case.at, "accept_offer"), 409, "offer_not_open")
    refused(do(case.merchant, case.at, "make_offer"), 422, "terms_incomplete")
    both = {"terms": [TERMS[0], TERMS[0] | {"claim": "c2"}], "note": "两箱都退一点"}
    good(case.merchant.send(f"{case.at}/offers", both))
    case.accept("o2").until_closed()
    assert [one["amount"] for one in case.last["remedies"]] == [yuan(1000), yuan(1000)]


def test_a_claim_is_refused_with_what_would_be_allowed(service: Service) -> None:
    case = bargained(service)
    assert refused(case.buyer.send(f"{case.at}/claims", a_claim(lines=["3"])), 422, "unknown_order_line")
    refused(case.buyer.send(f"{case.at}/claims", a_claim(lines=["1"])), 409, "line_already_disputed")
    refused(do(case.merchant, case.at, "add_claim"), 403, "not_allowed")
    refused(do(case.service.person("buyer"), case.at, "add_claim"), 404, "not_found")
    case.claim_more()
    assert refused(do(case.buyer, case.at, "add_claim"), 409, "no_line_left")["detail"]
    refused(do(case.escalate().buyer, case.at, "add_claim"), 409, "not_open_for_this")


def test_the_same_claim_sent_again_is_answered_as_the_first_time(service: Service) -> None:
    case = bargained(service)
    first = good(do(case.buyer, case.at, "add_claim", key="once"))
    case.escalate()
    again = good(do(case.buyer, case.at, "add_claim", key="once"))
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")

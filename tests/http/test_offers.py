"""Offers that answer offers, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.dispute.negotiation import Term
from infrastructure.http.negotiation import Offering
from tests.http.service import good, refused
from tests.http.story import OFFER, TERMS, a_case, a_claim, negotiated, yuan

if TYPE_CHECKING:
    from tests.http.service import Service


def test_an_offer_answers_an_offer_and_the_chain_is_told(service: Service) -> None:
    case = negotiated(service).offer()
    higher = OFFER | {"terms": [TERMS[0] | {"amount": yuan(2500)}], "counters": "o1"}
    case._keep(case.buyer.send(f"{case.at}/offers", higher))
    first, second = case.last["offers"]
    assert (first["state"], second["state"], second["counters"]) == ("countered", "open", "o1")
    assert "counters" not in first
    assert [one["of"] for one in case.last["clocks"]] == ["o2"]
    refused(case.buyer.send(f"{case.at}/offers/o1/acceptance"), 409, "offer_not_open")
    told = case.merchant.call("GET", f"{case.at}/account", params={"after": case.position}).text
    assert "o2 buyer, in answer to o1: c1 partial refund CNY 25.00" in " ".join(told.split())
    good(case.merchant.send(f"{case.at}/offers/o2/acceptance"))
    assert case.seen_by(case.buyer)["settled"]["offer"] == "o2"


def test_one_answers_an_open_offer_of_the_other_side(service: Service) -> None:
    case = negotiated(service).offer()
    refused(case.merchant.send(f"{case.at}/offers", OFFER | {"counters": "o1"}), 403, "own_offer")
    refused(case.buyer.send(f"{case.at}/offers", OFFER | {"counters": "o9"}), 422, "unknown_offer")
    refused(case.buyer.send(f"{case.at}/offers", OFFER | {"counters": "first"}), 422, "validation")
    good(case.buyer.send(f"{case.at}/offers/o1/refusal", {"reason": "不够"}))
    refused(case.buyer.send(f"{case.at}/offers", OFFER | {"counters": "o1"}), 409, "offer_not_open")


def test_a_counter_offer_names_several_remedies_for_each_of_many_claims_as_any_offer_does(service: Service) -> None:
    case = a_case(service)
    numbers = [str(number) for number in range(1, 12)]
    case.register(lines=[{"id": one, "title": "冰糖橙", "quantity": 1, "paid": yuan(3980)} for one in numbers])
    claims = [a_claim(lines=[one]) for one in numbers]
    filing = {"order_id": case.order_id, "claims": claims}
    at = f"/v1/disputes/{good(case.buyer.send('/v1/disputes', filing)).json()['id']}"
    terms = [
        {"claim": f"c{one}", "remedy": remedy, "amount": yuan(100)}
        for one in numbers
        for remedy in ("partial_refund", "coupon")
    ]
    counter = {"answer": "counter", "statement": "各退一点", "terms": terms}
    [offer] = good(case.merchant.send(f"{at}/responses", counter)).json()["offers"]
    assert offer["terms"] == terms


def test_an_offer_that_was_sent_before_there_were_answers_can_be_sent_again() -> None:
    terms = (
        Term.model_validate_json('{"claim":"c1","remedy":"partial_refund","amount":{"minor":1,"currency":"CNY"}}'),
    )
    assert "counters" not in Offering(terms=terms, note="退").model_dump_json()
    assert "counters" in Offering(terms=terms, note="退", counters="o1").model_dump_json()

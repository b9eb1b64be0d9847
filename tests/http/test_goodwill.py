"""Goodwill over HTTP: given beside the claims, paid like a remedy, marked as goodwill to whoever sees the case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.http.service import good, refused
from tests.http.story import do, filed, negotiated, settled, until, yuan

if TYPE_CHECKING:
    from tests.http.service import Person, Service
    from tests.http.story import Case

COUPON = {"amount": yuan(800), "tender": "coupon", "why": "物流拖了一周"}


def gifts(case: Case, person: Person) -> list[Any]:
    found: list[Any] = case.seen_by(person).get("goodwill", [])
    return found


def until_paid(case: Case) -> None:
    until(lambda: gifts(case, case.platform), lambda seen: all(one["state"] == "confirmed" for one in seen))


def test_what_the_merchant_gives_is_paid_and_both_sides_see_it_as_goodwill(service: Service) -> None:
    case = negotiated(service)
    answer = good(do(case.merchant, case.at, "give_goodwill")).json()
    assert (answer["stage"], answer["goodwill"][0]["state"]) == ("negotiation", "ordered")
    until_paid(case)
    for person in (case.buyer, case.merchant, case.arbitrator):
        [one] = gifts(case, person)
        assert (one["line"], one["payer"], one["payee"], one["tender"]) == ("g1", "merchant", "buyer", "money")
        assert (one["amount"], one["why"], one["state"], one["attempts"]) == (yuan(500), "一点心意", "confirmed", 1)
        assert ("reference" in one) == (person is case.arbitrator)
    seen = case.seen_by(case.buyer)
    assert seen["remedies"] == []
    assert not {"compensated", "refunded_outside", "overpaid"} & set(seen["claims"][0])
    account = case.buyer.call("GET", f"{case.at}/account", headers={"Accept-Language": "en"}).text
    assert "Goodwill (counts towards no claim)" in account
    told = [one["what"] for one in case.trail(case.merchant)]
    assert any("善意补偿 g1" in one or "goodwill g1" in one for one in told)


def test_the_platform_gives_a_coupon_by_a_senior_arbitrator_whom_the_parties_do_not_learn(service: Service) -> None:
    case, senior = negotiated(service), service.person("senior_arbitrator")
    refused(case.arbitrator.send(f"{case.at}/goodwill", COUPON), 403, "not_allowed")
    refused(case.buyer.send(f"{case.at}/goodwill", COUPON), 403, "not_allowed")
    good(senior.send(f"{case.at}/goodwill", COUPON))
    until_paid(case)
    [one] = gifts(case, case.merchant)
    assert (one["payer"], one["tender"], one["amount"]) == ("platform", "coupon", yuan(800))
    for party in (case.buyer, case.merchant):
        assert senior.id not in party.call("GET", case.at).text
        assert senior.id not in party.call("GET", f"{case.at}/account").text
        assert senior.id not in repr(case.trail(party))
    good(senior.send(f"{case.at}/conflicts", {"ground": "knows_party", "reason": "认识店主"}))
    refused(senior.send(f"{case.at}/goodwill", COUPON), 404, "not_found")


def test_no_more_is_given_than_the_rules_allow_and_nothing_once_the_case_is_closed(service: Service) -> None:
    case = filed(service)
    for amount in (yuan(0), yuan(3981), {"minor": 500, "currency": "EUR"}):
        refused(case.merchant.send(f"{case.at}/goodwill", COUPON | {"amount": amount}), 422, "goodwill_too_high")
    good(case.merchant.send(f"{case.at}/goodwill", COUPON | {"amount": yuan(3980)}))
    refused(do(case.merchant, case.at, "give_goodwill"), 409, "goodwill_used_up")
    assert "give_goodwill" not in {one["name"] for one in case.seen_by(case.merchant)["next_actions"]}
    closed = settled(service).until_closed()
    refused(do(closed.merchant, closed.at, "give_goodwill"), 409, "not_open_for_this")


def test_a_closed_case_is_reopened_for_goodwill(service: Service) -> None:
    case, senior = settled(service).until_closed(), service.person("senior_arbitrator")
    good(senior.send(f"{case.at}/reopenings", {"ground": "goodwill", "reason": "三个月前的旧案"}))
    good(senior.send(f"{case.at}/goodwill", COUPON))
    until_paid(case)
    seen = case.seen_by(case.buyer)
    assert seen["earlier_ends"][0]["ground"] == "goodwill"
    assert [one["state"] for one in seen["goodwill"]] == ["confirmed"]

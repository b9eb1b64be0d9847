"""Several remedies for one claim over HTTP: ruled, agreed, refused, corrected, and each paid in its tender."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.http.service import good, refused
from tests.http.story import OFFER, RULING, negotiated, reviewed, yuan

if TYPE_CHECKING:
    from tests.http.service import Service

AWARD = RULING["awards"][0]
COUPON = {"remedy": "coupon", "amount": yuan(500)}


def ruling_of(*remedies: dict[str, Any]) -> dict[str, Any]:
    return RULING | {"awards": [AWARD | {"remedies": list(remedies)}]}


def test_an_agreement_on_several_remedies_pays_each_of_them(service: Service) -> None:
    case = negotiated(service)
    terms = [
        {"claim": "c1", "remedy": "partial_refund", "amount": yuan(1000)},
        {"claim": "c1", "remedy": "coupon", "amount": yuan(500)},
    ]
    good(case.merchant.send(f"{case.at}/offers", OFFER | {"terms": terms}))
    case.accept().until_closed()
    told = [(one["line"], one["remedy"], one["tender"], one["amount"], one["state"]) for one in case.last["remedies"]]
    assert told == [
        ("l1", "partial_refund", "money", yuan(1000), "confirmed"),
        ("l2", "coupon", "coupon", yuan(500), "confirmed"),
    ]
    assert case.last["claims"][0]["compensated"] == yuan(1500)


def test_a_ruling_gives_several_remedies_with_a_derivation_for_each(service: Service) -> None:
    case = reviewed(service).intervene()
    subsidy = {"remedy": "platform_subsidy", "amount": yuan(300)}
    answer = good(case.arbitrator.send(f"{case.at}/rulings", ruling_of({"remedy": "refund_only"}, COUPON, subsidy)))
    lines = answer.json()["ruling"]["awards"][0]["lines"]
    assert [(one["remedy"], one["payer"], one["amount"]) for one in lines] == [
        ("refund_only", "merchant", yuan(3980)),
        ("coupon", "merchant", yuan(500)),
        ("platform_subsidy", "platform", yuan(300)),
    ]
    assert [one["derivation"]["operation"] for one in lines] == ["percent", "chosen", "chosen"]
    at = f"{case.at}/rulings/r1/corrections"
    slip = {"kind": "arithmetic", "awards": [{"claim": "c1", "amount": yuan(600)}], "why": "写错了"}
    refused(case.arbitrator.send(at, slip), 422, "remedy_does_not_fit")
    slip["awards"] = [{"claim": "c1", "remedy": "coupon", "amount": yuan(600)}]
    corrected = good(case.arbitrator.send(at, slip)).json()["ruling"]["awards"][0]["lines"]
    assert [one["amount"] for one in corrected] == [yuan(3980), yuan(600), yuan(300)]


def test_what_does_not_go_together_is_refused_in_words(service: Service) -> None:
    case = reviewed(service).intervene()
    part = {"remedy": "partial_refund", "amount": yuan(100)}
    document = refused(
        case.arbitrator.send(f"{case.at}/rulings", ruling_of({"remedy": "refund_only"}, part)),
        422,
        "remedies_do_not_combine",
    )
    assert document["detail"].endswith("Named were: refund only, partial refund.")
    over = ruling_of(COUPON | {"amount": yuan(5001)})
    refused(case.arbitrator.send(f"{case.at}/rulings", over), 422, "amount_not_chosen")
    terms = [{"claim": "c1", "remedy": "platform_subsidy", "amount": yuan(100)}]
    refused(case.merchant.send(f"{case.at}/offers", OFFER | {"terms": terms}), 422, "remedy_not_open")

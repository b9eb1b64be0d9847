"""Money from outside over HTTP: reported once, counted, seen by the parties, its name kept from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.http.service import good, refused
from tests.http.story import a_case, filed, negotiated, settled, until, yuan

if TYPE_CHECKING:
    from tests.http.service import Service

REFUND: dict[str, Any] = {
    "claim": "c1",
    "amount": yuan(400),
    "source": "merchant_transfer",
    "reference": "transfer-17",
}


def test_what_came_from_outside_is_not_paid_again(service: Service) -> None:
    case = negotiated(service)
    answer = good(case.platform.send(f"{case.at}/external-refunds", REFUND)).json()
    assert answer["external_refunds"][0]["reference"] == "transfer-17"
    case.offer().accept().until_closed()
    for person in (case.buyer, case.merchant):
        seen = case.seen_by(person)
        [line], [claim], [refund] = seen["remedies"], seen["claims"], seen["external_refunds"]
        assert (line["amount"], line["credited"], line["state"]) == (yuan(600), yuan(400), "confirmed")
        assert [(one["number"], one["state"]) for one in line["tries"]] == [(1, "confirmed")]
        assert claim["refunded_outside"] == yuan(400)
        assert "overpaid" not in claim
        assert (refund["amount"], refund["source"]) == (yuan(400), "merchant_transfer")
        assert "reference" not in refund


def test_a_case_that_is_wholly_covered_is_closed_without_a_payment(service: Service) -> None:
    case = negotiated(service)
    good(case.platform.send(f"{case.at}/external-refunds", REFUND | {"amount": yuan(1000)}))
    case.offer().accept()
    assert (case.last["stage"], case.last["remedies"][0]["state"]) == ("closed", "covered")
    assert case.last["remedies"][0]["tries"] == []


def test_what_came_after_the_payment_shows_as_overpaid(service: Service) -> None:
    case = settled(service).until_closed()
    answer = good(case.platform.send(f"{case.at}/external-refunds", REFUND)).json()
    assert answer["claims"][0]["overpaid"] == yuan(400)
    trail = until(
        lambda: case.trail(case.buyer), lambda entries: entries[-1]["event"] == "dispute.external_refund_reported"
    )
    assert "transfer-17" not in str(trail)


def test_the_same_report_is_taken_once(service: Service) -> None:
    case = filed(service)
    path = f"{case.at}/external-refunds"
    first = good(case.platform.send(path, REFUND, key="k-1"))
    again = good(case.platform.send(path, REFUND, key="k-1"))
    assert again.headers["idempotent-replayed"] == "true"
    assert again.content == first.content
    other = good(case.platform.send(path, REFUND, key="k-2"))
    assert other.headers["etag"] == first.headers["etag"]
    refused(case.platform.send(path, REFUND | {"amount": yuan(1)}), 422, "refund_reported_otherwise")


@pytest.mark.parametrize("role", ["buyer", "merchant", "arbitrator", "auditor"])
def test_only_the_platform_reports_money_from_outside(service: Service, role: str) -> None:
    case = a_case(service).file()
    person = {"buyer": case.buyer, "merchant": case.merchant}.get(role) or service.person(role)
    refused(person.send(f"{case.at}/external-refunds", REFUND), 403, "not_allowed")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"source": "a gift"}, "validation"),
        ({"reference": ""}, "validation"),
        ({"claim": "c9"}, "unknown_claim"),
        ({"amount": yuan(0)}, "nothing_refunded"),
        ({"amount": {"minor": 1, "currency": "EUR"}}, "currencies_differ"),
    ],
)
def test_a_report_that_cannot_be_is_refused(service: Service, changes: dict[str, Any], code: str) -> None:
    case = filed(service)
    refused(case.platform.send(f"{case.at}/external-refunds", REFUND | changes), 422, code)

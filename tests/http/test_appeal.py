"""Case 21 over HTTP: a ruling is appealed, heard by another, reversed; what was paid comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.http.service import good, refused
from tests.http.story import COMMANDS, appealed, decided, do, filed, heard, owed_back, reviewed, settled, until, yuan

if TYPE_CHECKING:
    from tests.http.service import Service


def test_a_ruling_that_is_reversed_before_anything_is_paid_pays_nothing(service: Service) -> None:
    case = decided(service)
    first = case.arbitrator
    case.appeal()
    assert (case.last["stage"], case.last["clocks"]) == ("under_review", [])
    refused(first.send(f"{case.at}/interventions"), 403, "heard_before")
    case.hear().reverse()
    assert (case.last["stage"], case.last["outcome"], case.last["remedies"]) == ("closed", "decided", [])
    seen = case.seen_by(case.buyer)
    assert (seen["ruling"]["id"], [one["id"] for one in seen["earlier_rulings"]]) == ("r2", ["r1"])
    assert "appeal_until" not in seen["ruling"]
    assert seen["ruling"]["final_at"]
    [appeal] = seen["appeals"]
    assert (appeal["side"], appeal["ground"], appeal["state"]) == ("merchant", "new_evidence", "reversed")
    assert appeal["reasons"]
    told = [one["event"] for one in case.trail(case.merchant)]
    assert told[-6:] == [
        "dispute.appeal_filed",
        "dispute.appeal_heard",
        "dispute.case_assigned",
        "dispute.ruling_reversed",
        "dispute.ruling_became_final",
        "dispute.closed",
    ]


def test_the_queue_tells_that_a_case_is_appealed_and_free(service: Service) -> None:
    case = appealed(service)
    queue = case.arbitrator.get("/v1/queue", after=case.position, free=True, limit=100)["cases"]
    [waiting] = [one for one in queue if one["id"] == case.id]
    assert (waiting["because"], "arbitrator" in waiting) == ("appealed", False)


def test_a_ruling_that_is_upheld_is_paid_at_once(service: Service) -> None:
    case = heard(service)
    assert do(case.arbitrator, case.at, "uphold_ruling").status_code == 201
    case.until_closed()
    assert case.last["remedies"][0]["state"] == "confirmed"


def test_parties_learn_what_became_of_an_appeal_and_not_who_heard_it(service: Service) -> None:
    case = heard(service)
    good(do(case.arbitrator, case.at, "reject_appeal"))
    for person in (case.buyer, case.merchant):
        account = case.service.client.get(
            f"{case.service.address}{case.at}/account", headers=person.headers(), params={"after": case.position}
        ).text
        assert "appeal" in account
        assert case.arbitrator.id not in account
        assert case.arbitrator.id not in str(case.seen_by(person))


def test_what_was_paid_too_much_comes_back_in_parts_and_closes_the_case(service: Service) -> None:
    case = owed_back(service)
    [back] = case.last["recoveries"]
    assert (back["id"], back["payer"], back["payee"]) == ("v1", "buyer", "merchant")
    assert (back["amount"], back["left"]) == (yuan(1000), yuan(1000))
    assert case.last["remedies"][0]["stopped_at"]
    [end] = case.last["earlier_ends"]
    assert (end["outcome"], end["ground"]) == ("settled", "fraud")
    [listed] = case.buyer.get("/v1/disputes", after=case.position)["cases"]
    assert (listed["stage"], "outcome" in listed) == ("carrying_out", False)
    path = f"{case.at}/recoveries"
    part = {"recovery": "v1", "amount": yuan(400), "reference": "back-1"}
    first = good(case.platform.send(path, part, key="k-1"))
    assert first.json()["recoveries"][0]["references"] == ["back-1"]
    again = good(case.platform.send(path, part, key="k-1"))
    assert (again.headers["idempotent-replayed"], again.content) == ("true", first.content)
    refused(case.platform.send(path, part | {"amount": yuan(601), "reference": "back-2"}), 422, "recovery_too_high")
    refused(case.platform.send(path, part | {"recovery": "v2", "reference": "back-2"}), 422, "unknown_recovery")
    refused(case.platform.send(path, part | {"amount": yuan(1)}), 422, "recovered_otherwise")
    last = good(case.platform.send(path, part | {"amount": yuan(600), "reference": "back-2"})).json()
    assert (last["stage"], last["outcome"], last["remedies"][0]["state"]) == ("closed", "decided", "recovered")
    seen = case.seen_by(case.buyer)["recoveries"][0]
    assert (seen["left"], seen["references"]) == (yuan(0), [])
    listed = until(lambda: case.buyer.get("/v1/disputes")["cases"][0], lambda one: one["stage"] == "closed")
    assert listed["paid_minor"] == 0


def test_the_buyer_withdraws_and_everybody_sees_why(service: Service) -> None:
    case = filed(service)
    answer = good(do(case.buyer, case.at, "withdraw")).json()
    assert (answer["stage"], answer["outcome"], answer["withdrawal"]["reason"]) == ("closed", "withdrawn", "不争了")
    assert case.seen_by(case.merchant)["withdrawal"]["reason"] == "不争了"
    refused(do(case.buyer, case.at, "withdraw"), 409, "not_open_for_this")


@pytest.mark.parametrize(
    ("command", "role", "status", "code"),
    [
        ("file_appeal", "arbitrator", 403, "not_allowed"),
        ("reopen", "arbitrator", 403, "not_allowed"),
        ("withdraw", "merchant", 403, "not_allowed"),
        ("report_recovery", "merchant", 403, "not_allowed"),
        ("file_appeal", "buyer", 409, "not_open_for_this"),
        ("reverse_ruling", "arbitrator", 422, "unknown_appeal"),
    ],
)
def test_what_one_may_not_do_is_refused(service: Service, command: str, role: str, status: int, code: str) -> None:
    case = reviewed(service)
    person = {"buyer": case.buyer, "merchant": case.merchant, "arbitrator": case.arbitrator}[role]
    refused(do(person, case.at, command), status, code)


@pytest.mark.parametrize(
    ("command", "changes"),
    [
        ("file_appeal", {"ground": "because"}),
        ("file_appeal", {"statement": ""}),
        ("reopen", {"ground": "outside_ruling"}),
        ("withdraw", {"reason": ""}),
        ("reject_appeal", {"reason": ""}),
        ("uphold_ruling", {"reasons": ""}),
        ("reverse_ruling", {"awards": []}),
        ("report_recovery", {"reference": ""}),
    ],
)
def test_what_cannot_be_read_is_refused(service: Service, command: str, changes: dict[str, Any]) -> None:
    case = settled(service)
    end, body = COMMANDS[command]
    refused(case.platform.send(f"{case.at}/{end}", body | changes), 422, "validation")


def test_what_nobody_can_collect_is_written_off_and_stays_visible(service: Service) -> None:
    case, senior = owed_back(service), service.person("senior_arbitrator")
    part = {"recovery": "v1", "amount": yuan(400), "reference": "back-1"}
    good(case.platform.send(f"{case.at}/recoveries", part))
    at = f"{case.at}/recoveries/v1/write-off"
    for person in (case.buyer, case.arbitrator, case.platform):
        refused(person.send(at, {"reason": "账号已注销"}), 403, "not_allowed")
    refused(senior.send(f"{case.at}/recoveries/v2/write-off", {"reason": "账号已注销"}), 422, "unknown_recovery")
    last = good(senior.send(at, {"reason": "账号已注销"})).json()
    assert (last["stage"], last["outcome"]) == ("closed", "decided")
    refused(senior.send(at, {"reason": "账号已注销"}), 409, "recovery_not_open")
    for person in (case.buyer, case.merchant):
        [seen] = case.seen_by(person)["recoveries"]
        assert (seen["left"], seen["written_off"]["amount"]) == (yuan(0), yuan(600))
    told = case.merchant.call("GET", f"{case.at}/account", params={"after": case.position}).text
    assert "was written off on" in told

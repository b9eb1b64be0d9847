"""Evidence that an arbitrator asks for, what comes late, and what counts, as each side sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.http.service import good, refused
from tests.http.story import RULING, do, reviewed, until

if TYPE_CHECKING:
    from tests.http.service import Service
    from tests.http.story import Case


def taken(service: Service) -> Case:
    return reviewed(service).intervene()


def relying_on(*exhibits: str) -> dict[str, Any]:
    return RULING | {"awards": [RULING["awards"][0] | {"relied_on": list(exhibits)}]}


def test_a_request_is_seen_by_both_and_told_to_the_side_that_owes_it(service: Service) -> None:
    case = taken(service).ask(kinds=["parcel_photo", "invoice"])
    for person in (case.buyer, case.merchant, case.arbitrator):
        seen = case.seen_by(person)
        [request] = seen["evidence_requests"]
        assert (request["id"], request["side"], request["state"]) == ("q1", "buyer", "open")
        assert (request["kinds"], request["why"]) == (["parcel_photo", "invoice"], "请补拍外包装")
        owed = [one for one in seen["missing"] if one.get("request") == "q1"]
        assert [(one["who"], one["kind"], one["sentence"]) for one in owed] == [
            ("buyer", "parcel_photo", "请补拍外包装"),
            ("buyer", "invoice", "请补拍外包装"),
        ]
        [clock] = seen["clocks"]
        assert (clock["name"], clock["of"], clock["whose"], clock["hours"]) == ("evidence", "q1", ["buyer"], 72)
        assert clock["due_at"] == request["due_at"]
        [show] = [one for one in seen["next_actions"] if one["name"] == "submit_evidence"] or [{}]
        assert show.get("until") == (clock["due_at"] if person is case.buyer else None)
    case.show(case.buyer, b"the parcel", "parcel_photo").show(case.buyer, b"the invoice", "invoice")
    assert case.last["evidence_requests"][0]["state"] == "answered"
    assert [exhibit["request"] for exhibit in case.last["exhibits"]] == ["q1", "q1"]
    assert [one for one in case.last["missing"] if "request" in one] == []
    assert case.last["clocks"] == []


def test_a_request_that_runs_out_closes_the_round_for_that_side_alone(service: Service) -> None:
    case = taken(service).ask()
    due = case.last["evidence_requests"][0]["due_at"]
    good(service.person("admin").call("POST", "/v1/test-clock", json={"to": due}))
    until(lambda: case.seen_by(case.platform), lambda seen: seen["evidence_requests"][0]["state"] == "lapsed")
    case.show(case.buyer, b"too late").show(case.merchant, b"in time")
    assert case.last["evidence_round"] == {"number": 1, "open_for": ["merchant"]}
    assert [(one["late"], one["considered"]) for one in case.last["exhibits"]] == [(True, False), (False, True)]
    assert "photo" in [one["kind"] for one in case.last["missing"]]
    case.ask(kinds=["invoice"])
    assert case.last["evidence_round"] == {"number": 2, "open_for": ["buyer", "merchant"]}


def test_a_ruling_relies_on_late_evidence_only_if_it_was_admitted(service: Service) -> None:
    case = taken(service).close_round()
    case.show(case.buyer)
    document = refused(case.arbitrator.send(f"{case.at}/rulings", relying_on("e1")), 409, "exhibit_is_late")
    assert document["details"] == {"exhibit": "e1"}
    refused(do(case.arbitrator, case.at, "close_evidence_round"), 409, "round_is_closed")
    good(do(case.arbitrator, case.at, "admit_evidence"))
    [exhibit] = case.seen_by(case.merchant)["exhibits"]
    assert (exhibit["late"], exhibit["considered"]) == (True, True)
    assert (exhibit["decided"]["admitted"], exhibit["decided"]["reason"]) == (True, "情有可原")
    good(case.arbitrator.send(f"{case.at}/rulings", relying_on("e1")))


def test_a_challenge_and_an_exclusion_stand_with_their_reasons_at_the_exhibit(service: Service) -> None:
    case = taken(service)
    case.show(case.buyer)
    refused(do(case.buyer, case.at, "challenge_evidence"), 403, "own_exhibit")
    good(do(case.merchant, case.at, "challenge_evidence"))
    refused(do(case.merchant, case.at, "challenge_evidence"), 409, "already_challenged")
    good(do(case.arbitrator, case.at, "exclude_evidence"))
    for person in (case.buyer, case.merchant, case.arbitrator):
        [exhibit] = case.seen_by(person)["exhibits"]
        [challenge] = exhibit["challenges"]
        assert (challenge["side"], challenge["ground"], challenge["statement"]) == (
            "merchant",
            "relevance",
            "不是这一单",
        )
        assert (exhibit["late"], exhibit["considered"]) == (False, False)
        assert (exhibit["decided"]["admitted"], exhibit["decided"]["reason"]) == (False, "与本案无关")
        assert "photo" in [one["kind"] for one in case.seen_by(person)["missing"]]
    refused(case.arbitrator.send(f"{case.at}/rulings", relying_on("e1")), 409, "exhibit_is_excluded")
    refused(case.arbitrator.send(f"{case.at}/evidence/e9/exclusion", {"reason": "无"}), 422, "unknown_exhibit")


def test_who_asks_and_decides_of_exhibits_is_not_told_to_the_parties(service: Service) -> None:
    case = taken(service).ask()
    case.show(case.buyer)
    case._keep(do(case.arbitrator, case.at, "exclude_evidence"))
    for party in (case.buyer, case.merchant):
        seen = (case.seen_by(party), case.trail(party), party.call("GET", f"{case.at}/account").text)
        assert case.arbitrator.id not in repr(seen)
        assert "与本案无关" in repr(seen)


def test_nothing_is_decided_while_evidence_is_awaited(service: Service) -> None:
    case = taken(service).ask()
    offered = [one["name"] for one in case.seen_by(case.arbitrator)["next_actions"]]
    assert "rule" not in offered
    problem = refused(case.arbitrator.send(f"{case.at}/rulings", RULING), 409, "evidence_awaited")
    assert problem["details"] == {"requests": ["q1"]}
    assert case.show(case.buyer, kind="parcel_photo").rule().last["stage"] == "decided"

"""Rulings over HTTP: four eyes, a person instead of a silence, undetermined liability, corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.http.service import good, refused
from tests.http.story import RULING, a_case, decided, negotiated, proposed, reviewed, served, yuan

if TYPE_CHECKING:
    from tests.http.service import Person, Service
    from tests.http.story import Case

AWARD = RULING["awards"][0]
PART = RULING | {"awards": [AWARD | {"remedies": [{"remedy": "partial_refund", "amount": yuan(1500)}]}]}


def queue_of(person: Person, case: Case) -> dict[str, Any] | None:
    cases = person.get("/v1/queue", after=case.position, limit=100)["cases"]
    return next((one for one in cases if one["id"] == case.id), None)


def everything_seen_by(person: Person, case: Case) -> str:
    told = person.call("GET", f"{case.at}/account", params={"after": case.position}).text
    return f"{case.seen_by(person)} {case.trail(person)} {told}"


def test_above_the_limit_a_ruling_waits_for_a_colleague_and_the_parties_do_not_read_it(service: Service) -> None:
    case = proposed(service)
    assert case.last["stage"] == "under_review"
    assert "ruling" not in case.last
    proposal = case.last["proposal"]
    assert (proposal["id"], proposal["by"], proposal["total"]) == ("r1", case.arbitrator.id, yuan(600_000))
    assert (proposal["limit"], proposal["awards"][0]["facts"]) == (yuan(500_000), AWARD["facts"])
    for person in (case.buyer, case.merchant):
        seen = everything_seen_by(person, case)
        for hidden in (AWARD["facts"], RULING["reasons"], "COMMON-PROMISE-1", case.arbitrator.id):
            assert hidden not in seen
    assert "proposal" not in case.seen_by(case.platform)
    waiting = queue_of(case.arbitrator, case)
    assert waiting is not None
    assert (waiting["because"], waiting["arbitrator"]) == ("proposed", case.arbitrator.id)


def test_nobody_confirms_their_own_proposal_and_a_colleague_does(service: Service) -> None:
    case, colleague = proposed(service), service.person("arbitrator")
    at = f"{case.at}/rulings/r1/confirmation"
    refused(case.arbitrator.send(at), 403, "own_proposal")
    refused(service.person("senior_arbitrator", case.arbitrator.id).send(at), 403, "own_proposal")
    refused(case.buyer.send(at), 403, "not_allowed")
    refused(colleague.send(f"{case.at}/rulings/r2/confirmation"), 409, "proposal_not_open")
    answer = good(colleague.send(at))
    confirmed, case.position = answer.json(), int(answer.headers["Gongduan-Position"])
    assert (confirmed["stage"], confirmed["ruling"]["by"]) == ("decided", colleague.id)
    assert (confirmed["ruling"]["proposed_by"], confirmed["ruling"]["reasons"]) == (
        case.arbitrator.id,
        RULING["reasons"],
    )
    assert "proposal" not in confirmed
    seen = case.seen_by(case.buyer)["ruling"]
    assert seen["awards"] == confirmed["ruling"]["awards"]
    assert not {"by", "proposed_by"} & set(seen)
    assert queue_of(colleague, case) is None


def test_a_proposal_that_goes_back_is_ruled_on_anew(service: Service) -> None:
    case, colleague = proposed(service), service.person("senior_arbitrator")
    answer = good(colleague.send(f"{case.at}/rulings/r1/return", {"reason": "没有回应商家"}))
    returned, case.position = answer.json(), int(answer.headers["Gongduan-Position"])
    assert (returned["returned"]["reason"], returned["returned"]["by"]) == ("没有回应商家", colleague.id)
    assert "proposal" not in returned
    assert "returned" not in case.seen_by(case.merchant)
    assert "没有回应商家" not in everything_seen_by(case.merchant, case)
    waiting = queue_of(colleague, case)
    assert waiting is not None
    assert waiting["because"] == "returned"
    assert case.rule().last["proposal"]["id"] == "r2"


def test_a_settlement_ends_a_proposal(service: Service) -> None:
    case = proposed(service).offer(amount=yuan(300_000))
    case.accept()
    assert case.last["stage"] == "carrying_out"
    colleague = service.person("arbitrator")
    refused(colleague.send(f"{case.at}/rulings/r1/confirmation"), 409, "not_open_for_this")
    assert "proposal" not in case.seen_by(colleague)


def test_a_person_decides_where_one_was_asked_for_and_the_merchant_was_silent(service: Service) -> None:
    case = served(service)
    asked = good(case.buyer.send(f"{case.at}/human-request", {"reason": "请人看"})).json()
    assert (asked["human_request"]["side"], asked["human_request"]["reason"]) == ("buyer", "请人看")
    again = good(case.merchant.send(f"{case.at}/human-request", {})).json()
    assert (again["human_request"], again["version"]) == (asked["human_request"], asked["version"])
    service.person("admin").post("/v1/test-clock", {"to": asked["clocks"][0]["due_at"]})
    seen = case.seen_by(case.arbitrator)
    assert (seen["stage"], seen["proposal"]["proof"]["rule"]) == ("under_review", "COMMON-SILENCE-1")
    assert seen["proposal"]["reasons"].startswith("Where the merchant was told and did not answer")
    assert "ruling" not in seen
    refused(case.arbitrator.send(f"{case.at}/rulings/r1/confirmation"), 403, "not_your_case")
    case.intervene()
    confirmed = good(case.arbitrator.send(f"{case.at}/rulings/r1/confirmation")).json()
    assert (confirmed["stage"], confirmed["ruling"]["proposed_by"]) == ("decided", "gongduan")
    ruling = case.seen_by(case.merchant)["ruling"]
    assert (ruling["proof"]["how"], ruling["awards"][0]["lines"][0]["amount"]) == ("delivered", yuan(3980))
    assert ruling["reasons"] == ruling["awards"][0]["facts"] == seen["proposal"]["reasons"]


def test_a_default_that_is_not_final_goes_to_a_person_who_is_asked_for(service: Service) -> None:
    case = served(service)
    service.person("admin").post("/v1/test-clock", {"to": case.last["clocks"][0]["due_at"]})
    assert case.seen_by(case.merchant)["stage"] == "decided"
    asked = good(case.merchant.send(f"{case.at}/human-request", {"reason": "没看到通知"}))
    assert (asked.json()["stage"], asked.json()["clocks"]) == ("under_review", [])
    case.position = int(asked.headers["Gongduan-Position"])
    waiting = queue_of(case.arbitrator, case)
    assert waiting is not None
    assert waiting["because"] == "proposed"
    assert "arbitrator" not in waiting
    dismissed = AWARD | {"finding": "dismissed", "rules": ["COMMON-UNPROVED-1"]}
    case.intervene()
    del dismissed["remedies"]
    ruled = good(case.arbitrator.send(f"{case.at}/rulings", RULING | {"awards": [dismissed]}))
    assert (ruled.json()["ruling"]["id"], ruled.json()["stage"]) == ("r3", "decided")
    [listed] = case.merchant.get("/v1/disputes", after=int(ruled.headers["Gongduan-Position"]))["cases"]
    assert listed["awarded_minor"] == 0


def test_what_cannot_be_determined_is_decided_by_the_rules(service: Service) -> None:
    case = reviewed(service).intervene()
    found = {"claim": "c1", "finding": "undetermined", "facts": "双方证据都可信，无法认定何时损坏"}
    ruled = good(case.arbitrator.send(f"{case.at}/rulings", {"awards": [found], "reasons": "双方都可信"}))
    [award] = ruled.json()["ruling"]["awards"]
    assert (award["finding"], award["undetermined"], award["rules"]) == ("upheld", True, ["COMMON-UNDETERMINED-1"])
    assert award["lines"][0]["amount"] == yuan(3980)
    case.position = int(ruled.headers["Gongduan-Position"])
    assert "dispute.liability_undetermined" in [one["event"] for one in case.trail(case.buyer)]


def test_a_finding_for_somebody_cites_a_rule(service: Service) -> None:
    case = reviewed(service).intervene()
    bare = {name: value for name, value in AWARD.items() if name != "rules"}
    refused(case.arbitrator.send(f"{case.at}/rulings", RULING | {"awards": [bare]}), 422, "no_rule_cited")


def test_a_slip_is_put_right_and_says_so(service: Service) -> None:
    case = decided(service)
    at, slip = (
        f"{case.at}/rulings/r1/corrections",
        {"kind": "typing", "reasons": "承诺是合同的一部分。", "why": "漏了句号"},
    )
    refused(service.person("arbitrator").send(at, slip), 403, "not_your_case")
    refused(case.arbitrator.send(at, slip | {"kind": "omission"}), 422, "correction_does_not_fit")
    refused(case.arbitrator.send(f"{case.at}/rulings/r9/corrections", slip), 409, "ruling_not_open")
    corrected = good(case.arbitrator.send(at, slip)).json()
    ruling = case.seen_by(case.buyer)["ruling"]
    assert (ruling["reasons"], ruling["appeal_until"]) == ("承诺是合同的一部分。", case.last["ruling"]["appeal_until"])
    assert [(one["kind"], one["why"], one["ruling"]) for one in ruling["corrections"]] == [("typing", "漏了句号", "r1")]
    before = case.seen_by(case.buyer, as_of=corrected["version"] - 1)["ruling"]
    assert (before["reasons"], before["corrections"]) == (RULING["reasons"], [])


def test_another_amount_starts_the_window_anew_and_is_what_the_lists_show(service: Service) -> None:
    case = reviewed(service).intervene()
    ruled = good(case.arbitrator.send(f"{case.at}/rulings", PART)).json()
    wrong = {"kind": "arithmetic", "awards": [{"claim": "c1", "amount": yuan(1600)}], "why": "加错了"}
    corrected = good(case.arbitrator.send(f"{case.at}/rulings/r1/corrections", wrong))
    ruling = corrected.json()["ruling"]
    assert ruling["awards"][0]["lines"][0]["amount"] == yuan(1600)
    assert ruling["appeal_until"] > ruled["ruling"]["appeal_until"]
    assert corrected.json()["clocks"][0]["due_at"] == ruling["appeal_until"]
    [listed] = case.buyer.get("/v1/disputes", after=int(corrected.headers["Gongduan-Position"]))["cases"]
    assert listed["awarded_minor"] == 1600


def test_a_person_is_asked_for_by_a_party_alone(service: Service) -> None:
    case = negotiated(service)
    refused(case.arbitrator.send(f"{case.at}/human-request", {}), 403, "not_allowed")
    refused(service.person("buyer").send(f"{case.at}/human-request", {}), 404, "not_found")


def heard_of_much(service: Service) -> Case:
    """So much is at stake that no arbitrator alone may award it; a part was, and the buyer appealed."""
    case = a_case(service)
    case.register(lines=[{"id": "1", "title": "山参一支", "quantity": 1, "paid": yuan(600_000)}])
    case.file().respond().escalate().intervene()
    case._keep(case.arbitrator.send(f"{case.at}/rulings", PART))
    case._keep(case.buyer.send(f"{case.at}/appeals", {"ground": "wrong_facts", "statement": "整支都是假的"}))
    return case


def test_a_reversal_above_the_limit_waits_for_another_who_may_hear_the_appeal(service: Service) -> None:
    case = heard_of_much(service)
    first = case.arbitrator
    case.hear()
    case._keep(case.arbitrator.send(f"{case.at}/appeals/a1/reversal", RULING))
    proposal = case.last["proposal"]
    assert (case.last["stage"], proposal["id"], proposal["appeal"]) == ("under_review", "r2", "a1")
    assert (proposal["total"], case.last["appeals"][0]["state"]) == (yuan(600_000), "heard")
    assert "proposal" not in case.seen_by(case.buyer)
    at, colleague = f"{case.at}/rulings/r2", service.person("senior_arbitrator")
    refused(case.arbitrator.send(f"{at}/confirmation"), 403, "own_proposal")
    refused(first.send(f"{at}/confirmation"), 403, "heard_before")
    back = good(colleague.send(f"{at}/return", {"reason": "没有说明鉴定"})).json()
    assert (back["returned"]["id"], back["stage"]) == ("r2", "under_review")
    case._keep(case.arbitrator.send(f"{case.at}/appeals/a1/reversal", RULING))
    told = everything_seen_by(colleague, case)
    assert "It decides appeal a1" in told
    confirmed = good(colleague.send(f"{case.at}/rulings/r3/confirmation")).json()
    assert (confirmed["ruling"]["id"], confirmed["ruling"]["by"]) == ("r3", colleague.id)
    assert confirmed["ruling"]["proposed_by"] == case.arbitrator.id
    assert (confirmed["appeals"][0]["state"], "proposal" in confirmed, "returned" in confirmed) == (
        "reversed",
        False,
        False,
    )
    assert confirmed["remedies"][0]["amount"] == yuan(600_000)

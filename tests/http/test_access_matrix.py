"""Who may do what: role × relation × operation over HTTP, each cell against a list written by hand.

In `access/operations.csv` a cell says what somebody is answered: `yes` (let in, whatever the case itself says then),
`no` (403 not_allowed), another code of a 403 (the role does it, this person does not), `404` (not there), `401`.
`story` names the case in which the operation is tried; somebody who is let in must do it there.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from application.commands.intake import case_number
from infrastructure.playbooks.reader import COMMON
from tests.http import story
from tests.http.answered import bytes_of, count, verdict
from tests.http.matrix import Operation, call, cast, conflict_in, operations, table, told
from tests.http.story import Case

if TYPE_CHECKING:
    from tests.http.service import Person, Service

OPERATIONS = table("operations.csv")
NOT_THERE = {
    "dispute": "7a0c6d1e-0000-5000-8000-000000000000",
    "order_id": "order-of-nobody",
    "digest": "0" * 64,
    "offer": "o99",
    "exhibit": "e99",
    "ruling": "r99",
    "appeal": "a99",
    "recovery": "v99",
}


@pytest.fixture(scope="module")
def described(service: Service) -> list[Operation]:
    return list(operations(service))


def test_every_operation_of_the_description_has_its_row(described: list[Operation]) -> None:
    assert {one.id for one in described} == set(OPERATIONS)


def test_everybody_does_what_the_matrix_says_and_nothing_else(service: Service, described: list[Operation]) -> None:
    wrong, cells = [], 0
    for operation in described:
        row = OPERATIONS[operation.id] | {}
        case = told(service, row.pop("story"))
        people, done, version = cast(case), 0, _version(case)
        # Those who are let in come last, for what they do changes the case.
        for who in sorted(row, key=lambda name: row[name] == "yes"):
            if row[who] == "yes" and not done:
                assert _version(case) == version, f"somebody who may not {operation.id} did something"
            answer = call(operation, people[who], case)
            done += answer.is_success
            cells += 1
            if verdict(answer) != row[who]:
                wrong.append((operation.id, who, row[who], answer.status_code, answer.text))
        assert done, f"nobody could do {operation.id} in its story"
    assert wrong == []
    count("role × relation × operation", cells, 2000)


def _version(case: Case) -> Any:
    """Where the case stands, without the merchant's first sight of it."""
    return case.seen_by(case.platform)["version"] if case.at else 0


def test_what_one_may_not_see_answers_byte_for_byte_like_what_is_not_there(
    service: Service, described: list[Operation]
) -> None:
    """For every operation: the case, the order, the rules; and within a case that is there: each part of it."""
    unlike, twins = [], 0
    cases = {name: told(service, name) for name in {row["story"] for row in OPERATIONS.values()}}
    people = {name: cast(case) for name, case in cases.items()}
    for operation in described:
        row = OPERATIONS[operation.id]
        case = cases[row["story"]]
        named = [name for name in NOT_THERE if f"{{{name}}}" in operation.path]
        for who, person in people[row["story"]].items():
            # Who may see the case but not do this is told so; outside of a case that tells nothing of what is there.
            if row[who] not in ({"404", "401"} if operation.is_about_a_case else {"404", "401", "no"}):
                continue
            there = bytes_of(call(operation, person, case))
            for name in named:
                twins += 1
                if bytes_of(call(operation, person, case, **{name: NOT_THERE[name]})) != there:
                    unlike.append((operation.id, who, name, there))
    assert unlike == []
    count("twins of what is not there", twins, 1000)


def hidden(service: Service) -> dict[str, Case]:
    """Cases that may not be seen: another platform's, and one in which the arbitrator of this name has a conflict."""
    rules = COMMON.replace("platform: common", "platform: next-door")
    service.person("rule_writer", "", "next-door").post("/v1/playbooks", {"source": rules})
    buyer, merchant, arbitrator, platform = (
        service.person(role, "", "next-door") for role in ("buyer", "merchant", "arbitrator", "platform")
    )
    elsewhere = Case(service, buyer, merchant, arbitrator, platform, "order-next-door")
    elsewhere.register()
    return {"another platform's": elsewhere.file(), "in conflict": conflict_in(story.filed(service))}


def number_of(name: str) -> str:
    """How a case of this id is called where people read it; the name itself where it is no id."""
    try:
        return case_number(UUID(name))
    except ValueError:
        return name


def test_what_is_named_in_a_request_and_may_not_be_seen_is_answered_like_what_is_not_there(service: Service) -> None:
    case, twins = story.negotiated(service), 0

    def alike(person: Person, method: str, path: str, there: str, not_there: str, body: Any = None) -> None:
        """The same request with the one name and with the other: the answers differ in that name at most."""
        nonlocal twins
        answers = []
        for name in (there, not_there):
            text = json.dumps(body).replace("NAME", name) if body else None
            sent = {"Content-Type": "application/json", "Idempotency-Key": f"twin-{twins}-{name}"}
            answer = person.call(method, path.replace("NAME", name), headers=sent, content=text)
            status, content, headers = bytes_of(answer)
            for said in (name, number_of(name)):
                content = content.replace(said.encode(), b"NAME")
            answers.append((status, content, headers))
        assert answers[0] == answers[1], (method, path, there)
        twins += 1

    for other in hidden(service).values():
        linking = {"kind": "related", "reason": "同一批", "dispute": "NAME"}
        conflicted = service.person("arbitrator", f"conflicted-{other.arbitrator.id}")
        nowhere = NOT_THERE["dispute"]
        alike(conflicted, "POST", f"{case.at}/links", other.id, nowhere, linking)
        for reader in (conflicted, service.person("buyer"), service.person("merchant")):
            alike(reader, "GET", "/v1/disputes?number=NAME", other.last["number"], "D-NONE0-NONE0")
            alike(reader, "GET", "/v1/disputes?order_id=NAME", other.order_id, "x" * len(other.order_id))
        filing = {"order_id": "NAME", "claims": [story.a_claim()]}
        alike(service.person("buyer"), "POST", "/v1/disputes", other.order_id, "x" * len(other.order_id), filing)
    alike(case.buyer, "GET", "/v1/requirements?platform=NAME", "next-door", "no-where-")
    assert twins == 17

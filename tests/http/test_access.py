"""Who gets in, and who sees what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid5

import httpx2
import pytest

from domain.kernel import NAMESPACE
from tests.http.service import refused
from tests.http.story import COMMANDS, decided, do, negotiated, settled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.http.service import Person, Service
    from tests.http.story import Case

NOBODY = str(uuid5(NAMESPACE, "no such dispute"))
PLACES = {
    "dispute": NOBODY,
    "offer": "o1",
    "exhibit": "e1",
    "ruling": "r1",
    "appeal": "a1",
    "order_id": "order-1",
    "digest": "0" * 64,
}
READS = ("", "?as_of=1", "/account", "/trail", "/evidence/e1")


def operations(service: Service) -> Iterator[tuple[str, str]]:
    description = service.client.get(f"{service.address}/openapi.json").json()
    for path, methods in description["paths"].items():
        for method in methods:
            yield method.upper(), path.format(**PLACES)


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer junk", "Basic Ym9iOmJvYg==", "Bearer a.b.c", "bearer"]
)
def test_anonymous_is_refused_everywhere(service: Service, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    walked = list(operations(service))
    assert len(walked) > 20
    for method, path in walked:
        response = service.client.request(method, f"{service.address}{path}", headers=headers, json={})
        refused(response, 401, "unauthenticated")
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.headers["cache-control"] == "no-store"


def test_anonymous_does_not_learn_which_addresses_there_are(service: Service) -> None:
    there, not_there = (
        httpx2.get(f"{service.address}{path}", trust_env=False) for path in ("/v1/disputes", "/v1/nothing")
    )
    assert there.content == not_there.content


def strangers(service: Service, case: Case) -> dict[str, Person]:
    other = "another-platform"
    return {
        "another buyer": service.person("buyer"),
        "another merchant": service.person("merchant"),
        "a merchant with the buyer's id": service.person("merchant", case.buyer.id),
        "the buyer's namesake on another platform": service.person("buyer", case.buyer.id, other),
        "another platform": service.person("platform", "shop-system", other),
        "another platform's arbitrator": service.person("arbitrator", "", other),
        "another platform's senior arbitrator": service.person("senior_arbitrator", "", other),
        "another platform's auditor": service.person("auditor", "", other),
        "a juror": service.person("juror"),
        "a third party": service.person("third_party"),
        "an inspector": service.person("inspector"),
        "a rule writer": service.person("rule_writer"),
        "an administrator": service.person("admin"),
    }


def test_a_stranger_reads_of_a_case_what_it_reads_of_none(service: Service) -> None:
    case = negotiated(service)
    case.merchant.show(case.at, b"exhibit")
    for who, stranger in strangers(service, case).items():
        for end in READS:
            there = stranger.call("GET", f"{case.at}{end}")
            not_there = stranger.call("GET", f"/v1/disputes/{NOBODY}{end}")
            refused(there, 404, "not_found")
            assert there.content == not_there.content, who
            assert set(there.headers) == set(not_there.headers)


def test_a_stranger_does_to_a_case_what_it_does_to_none(service: Service) -> None:
    case = negotiated(service).offer()
    before = case.seen_by(case.platform)
    for who, stranger in strangers(service, case).items():
        for command in COMMANDS:
            there = do(stranger, case.at, command)
            not_there = do(stranger, f"/v1/disputes/{NOBODY}", command)
            refused(there, 404, "not_found")
            assert there.content == not_there.content, (who, command)
    assert case.seen_by(case.platform) == before


def test_a_strangers_file_does_not_reach_the_vault(service: Service) -> None:
    case = negotiated(service)
    kept = sorted((service.data / "evidence").rglob("*"))
    refused(service.person("buyer").show(case.at, b"from outside"), 404, "not_found")
    assert sorted((service.data / "evidence").rglob("*")) == kept


def everything_seen(person: Person, case: Case) -> str:
    texts = [repr(case.trail(person))]
    for language in ("en", "zh"):
        texts += [
            person.call("GET", path, headers={"Accept-Language": language}).text
            for path in (case.at, f"{case.at}/trail", f"{case.at}/account", "/v1/disputes", f"{case.at}?as_of=5")
        ]
    return "\n".join(texts)


def test_the_parties_do_not_learn_which_person_decides(service: Service) -> None:
    case = decided(service)
    refused(do(service.person("arbitrator"), case.at, "intervene"), 409, "not_open_for_this")
    for party in (case.buyer, case.merchant):
        assert case.arbitrator.id not in everything_seen(party, case)
    for staff in (case.arbitrator, service.person("senior_arbitrator"), service.person("auditor")):
        assert case.seen_by(staff)["arbitrator"] == case.arbitrator.id
        assert case.arbitrator.id in repr(case.trail(staff))
        assert case.arbitrator.id in staff.call("GET", f"{case.at}/account").text


def test_the_parties_cannot_try_guesses_of_the_arbitrators_id(service: Service) -> None:
    case = decided(service)
    entries = case.trail(case.buyer)
    hidden = [entry for entry in entries if entry["role"] == "arbitrator"]
    assert hidden
    assert all("command_id" not in entry and "actor" not in entry for entry in hidden)
    assert all("command_id" in entry for entry in entries if entry["role"] != "arbitrator")


def test_only_staff_and_the_platform_see_the_payments_reference(service: Service) -> None:
    case = settled(service).until_closed()
    [line] = case.seen_by(case.platform)["remedies"]
    reference: str = line["reference"]
    for person in (case.arbitrator, service.person("auditor")):
        assert reference in everything_seen(person, case)
    for party in (case.buyer, case.merchant):
        seen: Any = case.seen_by(party)["remedies"][0]
        assert "reference" not in seen
        assert seen["state"] == "confirmed"
        assert reference not in everything_seen(party, case)


def test_the_platform_sees_the_case_but_not_what_was_said_when(service: Service) -> None:
    case = negotiated(service)
    for end in ("/trail", "/account"):
        refused(case.platform.call("GET", f"{case.at}{end}"), 403, "not_allowed")

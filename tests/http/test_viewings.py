"""Who saw what: each sight is on record before it is had, and only auditors read that record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.test_viewer import a_photo
from tests.http.service import good, refused
from tests.http.story import do, filed, negotiated

if TYPE_CHECKING:
    from tests.http.service import Person, Service
    from tests.http.story import Case


def viewings(auditor: Person, case: Case) -> list[Any]:
    found: list[Any] = auditor.get(f"{case.at}/viewings")["viewings"]
    return found


def test_each_sight_of_a_case_is_on_record_with_who_saw_which_version_and_when(service: Service) -> None:
    case, auditor = filed(service), service.person("auditor")
    case.seen_by(case.buyer)
    case.respond()
    case.seen_by(case.buyer)
    case.seen_by(case.buyer)
    good(case.merchant.call("GET", f"{case.at}/trail"))
    good(auditor.call("GET", f"{case.at}/account"))
    told = [(one["role"], one["actor"], one["version"], one["part"]) for one in viewings(auditor, case)]
    version = case.seen_by(case.buyer)["version"]
    assert told == [
        ("buyer", case.buyer.id, 1, "file"),
        ("buyer", case.buyer.id, version, "file"),
        ("merchant", case.merchant.id, version, "trail"),
        ("auditor", auditor.id, version, "account"),
    ]


def test_a_sight_of_the_past_is_on_record_as_what_it_was(service: Service) -> None:
    case, auditor = negotiated(service), service.person("auditor")
    case.seen_by(auditor, as_of="1")
    assert [one["version"] for one in viewings(auditor, case) if one["actor"] == auditor.id] == [1]


def test_who_opens_an_exhibit_is_on_record_with_the_files_digest(service: Service) -> None:
    case, auditor = filed(service), service.person("auditor")
    good(do(case.buyer, case.at, "submit_evidence"))
    good(case.arbitrator.call("GET", f"{case.at}/evidence/e1"))
    [exhibit] = case.seen_by(case.buyer)["exhibits"]
    [opened] = [one for one in viewings(auditor, case) if "exhibit" in one]
    assert (opened["actor"], opened["exhibit"], opened["digest"]) == (case.arbitrator.id, "e1", exhibit["digest"])


def test_it_is_on_record_whether_the_picture_or_the_original_was_opened(service: Service) -> None:
    case, auditor = filed(service), service.person("auditor")
    [exhibit] = good(case.buyer.show(case.at, a_photo())).json()["exhibits"]
    for address in (exhibit["view"], exhibit["href"], exhibit["view"]):
        good(case.arbitrator.call("GET", address))
    good(case.merchant.call("GET", exhibit["view"]))
    opened = [one for one in viewings(auditor, case) if "exhibit" in one]
    assert [(one["role"], one["form"]) for one in opened] == [
        ("arbitrator", "view"),
        ("arbitrator", "original"),
        ("merchant", "view"),
    ]
    assert {one["digest"] for one in opened} == {exhibit["digest"]}


def test_looking_does_not_move_the_case(service: Service) -> None:
    case = negotiated(service)
    before = case.seen_by(case.buyer)["version"]
    case.seen_by(case.arbitrator)
    assert case.seen_by(case.buyer)["version"] == before


def test_who_may_not_see_the_case_leaves_no_trace_of_a_sight(service: Service) -> None:
    case, auditor = filed(service), service.person("auditor")
    refused(service.person("buyer").call("GET", case.at), 404, "not_found")
    assert viewings(auditor, case) == []


@pytest.mark.parametrize("role", ["arbitrator", "senior_arbitrator", "platform"])
def test_only_auditors_read_who_has_seen_a_case(service: Service, role: str) -> None:
    case = filed(service)
    refused(service.person(role).call("GET", f"{case.at}/viewings"), 403, "not_allowed")
    refused(case.buyer.call("GET", f"{case.at}/viewings"), 403, "not_allowed")
    refused(service.person("buyer").call("GET", f"{case.at}/viewings"), 404, "not_found")


def test_sights_are_listed_page_by_page(service: Service) -> None:
    case, auditor = filed(service), service.person("auditor")
    for person in (case.buyer, case.arbitrator, case.platform):
        case.seen_by(person)
    first = auditor.get(f"{case.at}/viewings", limit=2)
    second = auditor.get(f"{case.at}/viewings", limit=2, since=first["next"])
    assert [one["place"] for one in first["viewings"] + second["viewings"]] == [1, 2, 3]
    assert "next" not in second

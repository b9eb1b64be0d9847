"""The test clock: the administrator's, forward only, and with all that follows before it answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.http.service import refused
from tests.http.story import decided, filed, served

if TYPE_CHECKING:
    from tests.http.service import Service

ROLES = (
    "buyer",
    "merchant",
    "arbitrator",
    "senior_arbitrator",
    "auditor",
    "platform",
    "rule_writer",
    "juror",
    "inspector",
    "third_party",
)


@pytest.mark.parametrize("role", ROLES)
def test_only_the_administrator_reads_and_moves_the_clock(service: Service, role: str) -> None:
    person = service.person(role)
    refused(person.call("GET", "/v1/test-clock"), 403, "not_allowed")
    moving = {"to": "2030-01-01T00:00:00Z"}
    refused(person.call("POST", "/v1/test-clock", json=moving), 403, "not_allowed")


def test_the_clock_does_not_go_back(service: Service) -> None:
    admin = service.person("admin")
    now = datetime.fromisoformat(admin.get("/v1/test-clock")["now"])
    back = (now - timedelta(seconds=1)).isoformat()
    refused(admin.call("POST", "/v1/test-clock", json={"to": back}), 422, "clock_cannot_go_back")


def test_the_clock_ends_before_the_calendars_of_programs_do(service: Service) -> None:
    admin = service.person("admin")
    refused(admin.call("POST", "/v1/test-clock", json={"to": "9999-12-31T23:59:59Z"}), 422, "clock_too_far")
    assert admin.get("/v1/test-clock")["now"]


@pytest.mark.parametrize("to", ["2030-01-01T00:00:00", "2030-01-01", "tomorrow", 1, None])
def test_the_clock_is_moved_to_a_moment_with_its_offset(service: Service, to: object) -> None:
    admin = service.person("admin")
    document = refused(admin.call("POST", "/v1/test-clock", json={"to": to}), 422, "validation")
    assert [fault["field"] for fault in document["details"]["faults"]] == ["/to"]


def test_the_clock_walks_past_each_deadline_on_its_way(service: Service) -> None:
    admin = service.person("admin")
    silent, untold, ruled = served(service), filed(service), decided(service)
    answer_due = datetime.fromisoformat(silent.last["clocks"][0]["due_at"])
    appeal_due = datetime.fromisoformat(ruled.last["ruling"]["appeal_until"])
    to = appeal_due + timedelta(hours=1)

    moved = admin.post("/v1/test-clock", {"to": to.isoformat()})

    notice_due = datetime.fromisoformat(untold.last["clocks"][0]["due_at"])
    assert [datetime.fromisoformat(due) for due in moved["fired"]] == [answer_due, notice_due, appeal_due]
    assert datetime.fromisoformat(moved["now"]) >= to
    # The lists know it already, without being asked to wait.
    [listed] = silent.buyer.get("/v1/disputes")["cases"]
    assert listed["stage"] == "decided"
    queued = {case["id"]: case for case in silent.arbitrator.get("/v1/queue", limit=100)["cases"]}
    assert silent.id not in queued
    assert queued[untold.id]["because"] == "not_served"
    lapsed = silent.seen_by(silent.buyer)
    assert datetime.fromisoformat(lapsed["response_lapsed_at"]) >= answer_due
    assert lapsed["ruling"]["proof"]["clock"]["due_at"] == answer_due.isoformat().replace("+00:00", "Z")
    unheard = untold.seen_by(untold.buyer)
    assert [one["name"] for one in unheard["next_actions"]] == [
        "send_message",
        "make_offer",
        "chase",
        "submit_evidence",
        "withdraw",
        "request_human",
    ]
    final = ruled.seen_by(ruled.buyer)["ruling"]["final_at"]
    assert datetime.fromisoformat(final) >= appeal_due
    assert datetime.fromisoformat(lapsed["response_lapsed_at"]) < appeal_due
    ruled.until_closed()
    assert ruled.last["outcome"] == "decided"
    assert [line["state"] for line in ruled.last["remedies"]] == ["confirmed"]


def test_moving_past_nothing_fires_nothing(service: Service) -> None:
    admin = service.person("admin")
    now = datetime.fromisoformat(admin.get("/v1/test-clock")["now"])
    assert admin.post("/v1/test-clock", {"to": (now + timedelta(hours=1)).isoformat()})["fired"] == []


def test_cases_live_by_the_moved_clock_and_tokens_do_not(service: Service) -> None:
    admin, case = service.person("admin"), filed(service)
    now = datetime.fromisoformat(admin.get("/v1/test-clock")["now"])
    admin.post("/v1/test-clock", {"to": (now + timedelta(days=400)).isoformat()})
    later = filed(service)
    between = datetime.fromisoformat(later.last["filed_at"]) - datetime.fromisoformat(case.last["filed_at"])
    assert between >= timedelta(days=400)
    assert case.seen_by(case.buyer)["stage"] == "under_review"  # its token, of one hour, still holds

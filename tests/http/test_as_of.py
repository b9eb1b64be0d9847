"""A case as of any of its events and as of any moment."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from tests.http.service import good, refused
from tests.http.story import do, filed, negotiated, settled

if TYPE_CHECKING:
    from tests.http.service import Service


def then(answer: dict[str, Any]) -> dict[str, Any]:
    """Without what only the present has."""
    return {name: value for name, value in answer.items() if name not in ("next_actions", "as_of")}


def test_each_version_is_read_as_it_was(service: Service) -> None:
    case = filed(service)
    seen = {1: case.seen_by(case.buyer)}
    for person, command in (
        (case.merchant, "respond"),
        (case.buyer, "send_message"),
        (case.merchant, "submit_evidence"),
        (case.merchant, "make_offer"),
        (case.buyer, "decline_offer"),
        (case.buyer, "escalate"),
        (case.arbitrator, "intervene"),
        (case.arbitrator, "rule"),
    ):
        good(do(person, case.at, command))
        now = case.seen_by(case.buyer)
        seen[now["version"]] = now
    for version, was in seen.items():
        past = case.seen_by(case.buyer, as_of=version)
        assert then(past) == then(was)
        assert past["version"] == version
        assert past["next_actions"] == []
        assert past["as_of"]


def test_each_moment_is_read_as_it_was(service: Service) -> None:
    case = settled(service).until_closed()
    events = [entry for entry in case.trail(case.arbitrator) if entry["stream"] == case.id]
    for entry in events:
        last_of_moment = max(one["version"] for one in events if one["at"] == entry["at"])
        past = case.seen_by(case.arbitrator, as_of=entry["at"])
        assert past["version"] == last_of_moment
        assert past["next_actions"] == []
        assert past["as_of"] == entry["at"]
    first = datetime.fromisoformat(events[0]["at"])
    before = (first - timedelta(microseconds=1)).isoformat()
    refused(case.arbitrator.call("GET", case.at, params={"as_of": before}), 404, "not_found")


def test_a_moment_may_be_told_in_any_zone(service: Service) -> None:
    case = negotiated(service)
    at = datetime.fromisoformat(case.trail(case.buyer)[-1]["at"])
    for hours in (-8, 0, 8):
        local = at.astimezone(timezone(timedelta(hours=hours))).isoformat()
        assert case.seen_by(case.buyer, as_of=local)["version"] == 2


def test_money_is_read_as_of_then(service: Service) -> None:
    case = settled(service).until_closed()
    ordered = next(entry for entry in case.trail(case.arbitrator) if entry["event"] == "dispute.remedy_ordered")
    past = case.seen_by(case.arbitrator, as_of=ordered["version"])
    assert past["stage"] == "carrying_out"
    assert [(line["state"], line["attempts"]) for line in past["remedies"]] == [("ordered", 0)]
    assert "reference" not in past["remedies"][0]
    assert "compensated" not in past["claims"][0]
    assert "outcome" not in past


def test_the_past_hides_what_the_present_hides(service: Service) -> None:
    case = filed(service).respond().escalate().intervene().rule()
    for version in range(1, case.last["version"] + 1):
        assert case.arbitrator.id not in case.buyer.call("GET", case.at, params={"as_of": version}).text


@pytest.mark.parametrize(
    "as_of", ["", "0", "-1", "1.5", "now", "2026-11-23", "2026-11-23T14:05:00", "2026-11-23T14:05:00 08:00", "9" * 30]
)
def test_what_is_neither_a_version_nor_a_moment_is_refused(service: Service, as_of: str) -> None:
    case = filed(service)
    document = refused(case.buyer.call("GET", case.at, params={"as_of": as_of}), 422, "bad_as_of")
    assert document["details"] == {}

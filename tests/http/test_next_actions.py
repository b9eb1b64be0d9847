"""What an answer says that one may do next is what the service then takes, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.http.story import (
    COMMANDS,
    appealed,
    bargained,
    decided,
    do,
    filed,
    heard,
    negotiated,
    owed_back,
    proposed,
    reviewed,
    settled,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.http.service import Person, Service
    from tests.http.story import Case

STAGES: dict[str, Callable[[Service], Case]] = {
    "filed": filed,
    "answered": negotiated,
    "answered, with another box in the order": bargained,
    "with an offer of the merchant": lambda service: negotiated(service).offer(),
    "with an offer of the buyer": lambda service: (case := negotiated(service)).offer(case.buyer),
    "escalated": reviewed,
    "escalated, with an offer": lambda service: negotiated(service).offer().escalate(),
    "with an exhibit": lambda service: (case := negotiated(service)).show(case.buyer),
    "taken, with an exhibit": lambda service: (case := reviewed(service).intervene()).show(case.merchant),
    "taken, with a late exhibit": lambda service: (case := reviewed(service).intervene().close_round()).show(
        case.buyer
    ),
    "taken, with an open request": lambda service: reviewed(service).intervene().ask(kinds=["invoice"]),
    "taken": lambda service: reviewed(service).intervene(),
    "proposed": proposed,
    "decided": decided,
    "appealed": appealed,
    "with an appeal that is heard": heard,
    "with money that is owed back": owed_back,
    "settled and paid": lambda service: settled(service).until_closed(),
}
ROLES: dict[str, Callable[[Case], Person]] = {
    "the buyer": lambda case: case.buyer,
    "the merchant": lambda case: case.merchant,
    "the arbitrator": lambda case: case.arbitrator,
    "another arbitrator": lambda case: case.service.person("arbitrator"),
    "a senior arbitrator": lambda case: case.service.person("senior_arbitrator"),
    "an auditor": lambda case: case.service.person("auditor"),
    "the platform": lambda case: case.platform,
}
# These change nothing of what anybody may do, so one case will do for all who try them.
WRITTEN_DOWN = {"chase", "add_note", "link_case", "give_goodwill"}
REFUSALS = (403, 409, 422)  # 422: there is no such offer


def offered(person: Person, case: Case) -> list[str]:
    actions = case.seen_by(person)["next_actions"]
    assert all(one["method"] == "POST" for one in actions)
    assert all(one["href"] == f"{case.at}/{COMMANDS[one['name']][0]}" for one in actions)
    return [one["name"] for one in actions]


@pytest.mark.parametrize("stage", STAGES)
def test_what_is_offered_is_taken_and_what_is_not_offered_is_refused(service: Service, stage: str) -> None:
    case, written_on = STAGES[stage](service), STAGES[stage](service)
    for who, role in ROLES.items():
        person = role(case)
        names = offered(person, case)
        version = case.seen_by(case.platform)["version"]
        for command in COMMANDS:
            if command in names:
                fresh = written_on if command in WRITTEN_DOWN else STAGES[stage](service)
                other = role(fresh)
                assert command in offered(other, fresh)
                assert do(other, fresh.at, command).status_code == 201, (who, command)
            else:
                assert do(person, case.at, command).status_code in REFUSALS, (who, command)
        assert case.seen_by(case.platform)["version"] == version, f"something that was refused to {who} happened"


def test_some_stages_offer_something_to_each_side(service: Service) -> None:
    assert "respond" in offered((case := filed(service)).merchant, case)
    assert "escalate" in offered((case := negotiated(service)).buyer, case)
    assert "intervene" in offered((case := reviewed(service)).arbitrator, case)
    assert "rule" not in offered(case.arbitrator, case)
    assert "rule" in offered((case := reviewed(service).intervene()).arbitrator, case)


def test_the_clock_is_told_to_the_side_whose_it_is(service: Service) -> None:
    case = filed(service)
    seen = case.seen_by(case.merchant)
    respond = next(one for one in seen["next_actions"] if one["name"] == "respond")
    assert respond["until"] == seen["clocks"][0]["due_at"]
    assert respond["on_silence"] == seen["clocks"][0]["on_silence"]
    for one in case.seen_by(case.buyer)["next_actions"]:
        assert "until" not in one

"""Who calls in the access matrix, in which stories, and what the lists written by hand expect of them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from infrastructure.playbooks.reader import COMMON
from tests.contract.test_viewer import a_photo
from tests.http import story
from tests.http.service import Person, good
from tests.http.story import COMMANDS, Case, an_order, do

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.http.service import Response, Service

ELSEWHERE = "elsewhere"
NAMES = {"offer": "o1", "exhibit": "e1", "ruling": "r1", "appeal": "a1", "recovery": "v1"}
CONFLICT = {"ground": "knows_party", "reason": "认识店主"}


def table(name: str) -> dict[str, dict[str, str]]:
    """A list written by hand: its rows by their first cell."""
    with (Path(__file__).parent / "access" / name).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    first = next(iter(rows[0]))
    named = {row.pop(first): row for row in rows}
    assert len(named) == len(rows), f"{name} has a row twice"
    assert all(cell for row in named.values() for cell in row.values()), f"{name} has an empty cell"
    return named


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as the service describes it."""

    id: str
    method: str
    path: str
    described: dict[str, Any]

    @property
    def is_about_a_case(self) -> bool:
        return "{dispute}" in self.path


def operations(service: Service) -> Iterator[Operation]:
    """Every operation of the description."""
    description = service.client.get(f"{service.address}/openapi.json").json()
    for path, methods in description["paths"].items():
        for method, described in methods.items():
            yield Operation(described["operationId"], method.upper(), path, described)


# --- people


def cast(case: Case) -> dict[str, Person]:
    """Everybody whom a column of the matrix names, as they stand to this case."""
    service, buyer, merchant, arbitrator = case.service, case.buyer.id, case.merchant.id, case.arbitrator.id
    person, conflicted = service.person, f"conflicted-{arbitrator}"
    return {
        "buyer": case.buyer,
        "merchant": case.merchant,
        "buyer_machine": person("buyer", buyer, tool=True),
        "merchant_machine": person("merchant", merchant, tool=True),
        "other_buyer": person("buyer"),
        "other_merchant": person("merchant"),
        "buyer_elsewhere": person("buyer", buyer, ELSEWHERE),
        "merchant_elsewhere": person("merchant", merchant, ELSEWHERE),
        "merchant_named_like_buyer": person("merchant", buyer),
        "buyer_named_like_merchant": person("buyer", merchant),
        "arbitrator_named_like_buyer": person("arbitrator", buyer),
        "arbitrator": case.arbitrator,
        "other_arbitrator": person("arbitrator"),
        "arbitrator_machine": person("arbitrator", arbitrator, tool=True),
        "arbitrator_elsewhere": person("arbitrator", arbitrator, ELSEWHERE),
        "conflicted_arbitrator": person("arbitrator", conflicted),
        "conflicted_as_senior": person("senior_arbitrator", conflicted),
        "conflicted_as_auditor": person("auditor", conflicted),
        "conflicted_machine": person("arbitrator", conflicted, tool=True),
        "senior": person("senior_arbitrator"),
        "senior_machine": person("senior_arbitrator", tool=True),
        "senior_elsewhere": person("senior_arbitrator", "", ELSEWHERE),
        "auditor": person("auditor"),
        "auditor_machine": person("auditor", tool=True),
        "auditor_elsewhere": person("auditor", "", ELSEWHERE),
        "platform": case.platform,
        "platform_machine": person("platform", case.platform.id, tool=True),
        "platform_elsewhere": person("platform", case.platform.id, ELSEWHERE),
        "rule_writer": person("rule_writer"),
        "rule_writer_machine": person("rule_writer", tool=True),
        "rule_writer_elsewhere": person("rule_writer", "", ELSEWHERE),
        "admin": person("admin"),
        "admin_machine": person("admin", tool=True),
        "admin_elsewhere": person("admin", "", ELSEWHERE),
        "juror": person("juror"),
        "inspector": person("inspector"),
        "third_party": person("third_party"),
        "service": person("service"),
        "anonymous": Person(service, "anonymous", ""),
    }


# --- stories: each is a case in which the operation of a row can be done


def _offered(service: Service) -> Case:
    return story.negotiated(service).offer()


def _shown(service: Service) -> Case:
    return story.negotiated(service).show(service.person("buyer"))


def _photographed(service: Service) -> Case:
    case = story.negotiated(service)
    return case.show(case.buyer, a_photo())


def _taken(service: Service) -> Case:
    return story.reviewed(service).intervene()


def _weighed(service: Service) -> Case:
    case = _photographed(service).escalate().intervene()
    good(do(case.arbitrator, case.at, "exclude_evidence"))
    return case


def _paused(service: Service) -> Case:
    case = story.served(service)
    good(do(case.arbitrator, case.at, "pause_clock"))
    return case


def _on_hold(service: Service) -> Case:
    case = story.negotiated(service)
    good(do(service.person("auditor"), case.at, "place_legal_hold"))
    return case


def _closed(service: Service) -> Case:
    return story.settled(service).until_closed()


def _shown_and_taken(service: Service) -> Case:
    return _photographed(service).escalate().intervene()


STORIES: Final[dict[str, Callable[[Service], Case]]] = {
    "registered": story.a_case,
    "filed": story.filed,
    "served": story.served,
    "paused": _paused,
    "on hold": _on_hold,
    "negotiated": story.negotiated,
    "bargained": story.bargained,
    "offered": _offered,
    "photographed": _photographed,
    "reviewed": story.reviewed,
    "taken": _taken,
    "photographed and taken": _shown_and_taken,
    "weighed": _weighed,
    "proposed": story.proposed,
    "decided": story.decided,
    "heard": story.heard,
    "owed back": story.owed_back,
    "closed": _closed,
}


def told(service: Service, name: str) -> Case:
    """The case of this story; where there is one, somebody has a conflict in it."""
    case = STORIES[name](service)
    return conflict_in(case) if case.at else case


def conflict_in(case: Case) -> Case:
    """Somebody of the cast declares that they may not hear the case."""
    who = case.service.person("arbitrator", f"conflicted-{case.arbitrator.id}")
    response = good(who.send(f"{case.at}/conflicts", CONFLICT))
    case.position = int(response.headers["Gongduan-Position"])
    return case


# --- calls


def call(
    operation: Operation, person: Person, case: Case, query: dict[str, Any] | None = None, /, **places: str
) -> Response:
    """Do it on this case, or where `places` says; whatever is answered."""
    named = NAMES | {"dispute": case.id, "order_id": case.order_id, "digest": digest_of(case)} | places
    path = operation.path.format(**named)
    if operation.method == "GET":
        return person.call("GET", path, params=query)
    if operation.id == "submit_evidence":
        return person.show(f"/v1/disputes/{named['dispute']}", b"a photo in words")
    body = body_of(operation, case, named)
    return person.send(path, body) if operation.method == "POST" else person.call("PUT", path, json=body)


def body_of(operation: Operation, case: Case, named: dict[str, str]) -> Any:
    """A body that is taken at the right time: the story's where it has one, else the description's example."""
    match operation.id:
        case "register_order":
            return an_order(case.buyer.id, case.merchant.id, named["order_id"])
        case "file_dispute":
            return {"order_id": named["order_id"], "claims": [story.a_claim()]}
        case "publish_playbook":
            return {"source": COMMON}
        case "move_clock":
            now = datetime.fromisoformat(case.service.person("admin").get("/v1/test-clock")["now"])
            return {"to": (now + timedelta(seconds=2)).isoformat()}
        case _:
            return _body_on_a_case(operation, case)


def _body_on_a_case(operation: Operation, case: Case) -> Any:
    end = operation.path.removeprefix("/v1/disputes/{dispute}/").format(**NAMES)
    found = [body for place, body in COMMANDS.values() if place == end]
    if operation.id == "link_case":
        return found[0] | {"dispute": story._another(case.service)}
    if found:
        return found[0]
    content = operation.described.get("requestBody", {}).get("content", {})
    return content["application/json"]["example"] if content else None


_DIGESTS: dict[str, str] = {}


def digest_of(case: Case) -> str:
    """The digest of the rules in force."""
    service = case.service
    if service.address not in _DIGESTS:
        _DIGESTS[service.address] = service.person("rule_writer").get("/v1/playbooks")["versions"][-1]["digest"]
    return _DIGESTS[service.address]

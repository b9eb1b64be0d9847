"""A case from hand to hand, conflicts, and what is written down for the platform's own people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid5

import pytest

from domain.kernel import NAMESPACE
from tests.http.service import good, refused
from tests.http.story import COMMANDS, do, filed, negotiated, reviewed, settled

if TYPE_CHECKING:
    from tests.http.service import Person, Service
    from tests.http.story import Case

NOBODY = f"/v1/disputes/{uuid5(NAMESPACE, 'no such dispute')}"
READS = ("", "?as_of=1", "/account", "/trail", "/evidence/e1")
WHY = "她是我的邻居"


def done(case: Case, person: Person, end: str, body: dict[str, Any]) -> Any:
    response = good(person.send(f"{case.at}/{end}", body))
    case.position = int(response.headers["Gongduan-Position"])
    return response.json()


def everything_seen(person: Person, case: Case) -> str:
    texts = [repr(case.trail(person))]
    for language in ("en", "zh"):
        texts += [
            person.call("GET", path, headers={"Accept-Language": language}).text
            for path in (case.at, f"{case.at}/trail", f"{case.at}/account", "/v1/disputes", f"{case.at}?as_of=5")
        ]
    return "\n".join(texts)


def queued(case: Case, by: Person, **filters: Any) -> list[Any]:
    rows = by.get("/v1/queue", after=case.position, limit=100, **filters)["cases"]
    return [row for row in rows if row["id"] == case.id]


def listed(case: Case, by: Person) -> list[Any]:
    number = case.seen_by(case.platform)["number"]
    cases: list[Any] = by.get("/v1/disputes", after=case.position, number=number)["cases"]
    return cases


def test_a_case_goes_from_hand_to_hand_and_the_queue_says_who_has_it(service: Service) -> None:
    case = reviewed(service).intervene()
    senior, other = service.person("senior_arbitrator"), service.person("arbitrator")
    assert "arbitrator" not in done(case, case.arbitrator, "releases", {"reason": "休假"})
    [row] = queued(case, senior, free=True)
    assert "arbitrator" not in row
    given = done(case, senior, "assignments", {"arbitrator": other.id, "reason": "熟悉类目"})
    assert given["arbitrator"] == other.id
    assert [row["arbitrator"] for row in queued(case, senior)] == [other.id]
    assert queued(case, senior, free=True) == []
    refused(do(case.arbitrator, case.at, "rule"), 403, "not_your_case")
    good(do(other, case.at, "rule"))


def test_a_senior_arbitrator_is_named_by_their_role(service: Service) -> None:
    case = reviewed(service)
    giver, taker = service.person("senior_arbitrator"), service.person("senior_arbitrator")
    body = {"arbitrator": taker.id, "role": "senior_arbitrator", "reason": "分担"}
    done(case, giver, "assignments", body)
    refused(giver.send(f"{case.at}/assignments", body | {"arbitrator": giver.id}), 422, "given_to_oneself")
    refused(giver.send(f"{case.at}/assignments", body | {"role": "auditor"}), 422, "validation")
    refused(taker.send(f"{case.at}/assignments", body), 422, "given_to_oneself")
    good(do(taker, case.at, "rule"))


def test_for_who_has_declared_a_conflict_the_case_is_not_there(service: Service) -> None:
    case = reviewed(service).intervene()
    case.merchant.show(case.at, b"exhibit")
    body = {"ground": "knows_party", "reason": WHY}
    declared = done(case, case.arbitrator, "conflicts", body)
    assert (declared["dispute"], declared["ground"]) == (case.id, "knows_party")
    assert set(declared) == {"dispute", "ground", "at"}
    assert listed(case, case.arbitrator) == queued(case, case.arbitrator) == []
    for end in READS:
        there, not_there = (case.arbitrator.call("GET", f"{at}{end}") for at in (case.at, NOBODY))
        refused(there, 404, "not_found")
        assert there.content == not_there.content
    for command in COMMANDS.keys() - {"declare_conflict"}:
        there, not_there = (do(case.arbitrator, at, command) for at in (case.at, NOBODY))
        refused(there, 404, "not_found")
        assert there.content == not_there.content, command
    as_senior = service.person("senior_arbitrator", case.arbitrator.id)
    refused(as_senior.call("GET", case.at), 404, "not_found")


def test_a_case_whose_arbitrator_has_a_conflict_is_free_for_others(service: Service) -> None:
    case = reviewed(service).intervene()
    other, senior = service.person("arbitrator"), service.person("senior_arbitrator")
    done(case, case.arbitrator, "conflicts", {"ground": "past_trade", "reason": WHY})
    assert len(queued(case, other, free=True)) == len(listed(case, other)) == 1
    back = {"arbitrator": case.arbitrator.id, "reason": "分担"}
    document = refused(senior.send(f"{case.at}/assignments", back), 403, "conflict_declared")
    assert case.arbitrator.id in document["detail"]
    good(do(other, case.at, "intervene"))
    good(do(other, case.at, "rule"))


def test_a_declaration_that_is_sent_again_is_answered_as_before(service: Service) -> None:
    case = reviewed(service)
    body = {"ground": "other", "reason": WHY}
    first, again = (case.arbitrator.send(f"{case.at}/conflicts", body, key="conflict") for _ in range(2))
    assert (again.status_code, again.json()) == (201, good(first).json())
    assert again.headers["idempotent-replayed"] == "true"
    other = good(case.arbitrator.send(f"{case.at}/conflicts", body | {"ground": "past_trade"})).json()
    assert other == first.json()


def test_the_parties_do_not_learn_whose_conflict_it_is_and_why(service: Service) -> None:
    case = reviewed(service).intervene()
    other, senior = service.person("arbitrator"), service.person("senior_arbitrator")
    done(case, case.arbitrator, "releases", {"reason": f"{WHY}，退回"})
    done(case, senior, "assignments", {"arbitrator": other.id, "reason": f"{WHY}，改派"})
    done(case, other, "conflicts", {"ground": "knows_party", "reason": WHY})
    for party in (case.buyer, case.merchant):
        seen = everything_seen(party, case)
        assert "dispute.conflict_declared" in seen
        for word in (WHY, "knows", "认识", other.id, case.arbitrator.id, senior.id):
            assert word not in seen
    for staff in (senior, service.person("auditor")):
        [conflict] = case.seen_by(staff)["conflicts"]
        assert (conflict["arbitrator"], conflict["ground"], conflict["reason"]) == (other.id, "knows_party", WHY)
        assert everything_seen(staff, case).count(f"{WHY}，改派") > 0
    assert case.seen_by(case.platform)["conflicts"] == []


INSIDE: dict[str, tuple[str, dict[str, Any], str]] = {
    "add_note": ("notes", {"kind": "internal", "text": WHY}, "dispute.note_added"),
    "link_case": ("links", {"kind": "duplicate", "reason": WHY}, "dispute.case_linked"),
    "place_legal_hold": ("legal-holds", {"reason": WHY}, "dispute.legal_hold_placed"),
    "lift_legal_hold": ("legal-holds/lifting", {"reason": WHY}, "dispute.legal_hold_lifted"),
}


@pytest.mark.parametrize("command", INSIDE)
def test_what_is_written_for_the_platforms_own_people_reaches_no_party(service: Service, command: str) -> None:
    case = negotiated(service)
    auditor, another = service.person("auditor"), filed(service)
    end, body, topic = INSIDE[command]
    if command == "link_case":
        body = body | {"dispute": another.id}
    if command == "lift_legal_hold":
        done(case, auditor, "legal-holds", {"reason": WHY})
    done(case, auditor if "hold" in command else case.arbitrator, end, body)
    for party in (case.buyer, case.merchant):
        seen = everything_seen(party, case)
        assert topic not in seen
        assert WHY not in seen
        assert another.id not in seen
    assert WHY not in case.platform.call("GET", case.at).text
    for staff in (case.arbitrator, auditor, service.person("senior_arbitrator")):
        assert topic in repr(case.trail(staff))
        assert WHY in staff.call("GET", f"{case.at}/account").text


def test_a_page_of_the_trail_leads_on_also_where_it_holds_nothing_for_the_reader(service: Service) -> None:
    case = negotiated(service)
    for _ in range(3):
        done(case, case.arbitrator, "notes", {"kind": "internal", "text": "内部"})
    done(case, case.arbitrator, "notes", {"kind": "public", "text": "公开"})
    found, page = [], case.buyer.get(f"{case.at}/trail", after=case.position, limit=2)
    while "next" in page:
        found += page["entries"]
        page = case.buyer.get(f"{case.at}/trail", limit=2, since=page["next"])
    assert [one["why"] for one in [*found, *page["entries"]] if one["event"] == "dispute.note_added"] == ["公开"]


def test_a_public_note_is_read_by_everybody_but_does_not_name_who_wrote_it(service: Service) -> None:
    case = negotiated(service)
    done(case, case.arbitrator, "notes", {"kind": "internal", "text": "内部"})
    done(case, case.arbitrator, "notes", {"kind": "public", "text": "请补照片"})
    for reader in (case.buyer, case.merchant, case.platform):
        [note] = case.seen_by(reader)["notes"]
        assert (note["kind"], note["text"]) == ("public", "请补照片")
        assert "arbitrator" not in note
    assert case.arbitrator.id not in everything_seen(case.buyer, case)
    inside, public = case.seen_by(case.arbitrator)["notes"]
    assert (inside["text"], public["arbitrator"]) == ("内部", case.arbitrator.id)


def test_links_are_seen_by_staff_and_lead_to_the_other_case(service: Service) -> None:
    case, other = negotiated(service), filed(service)
    done(case, case.arbitrator, "links", {"dispute": other.id, "kind": "duplicate", "reason": "重复提交"})
    [link] = case.seen_by(case.arbitrator)["links"]
    assert (link["dispute"], link["kind"], link["href"]) == (other.id, "duplicate", other.at)
    assert other.seen_by(case.arbitrator)["links"] == []
    refused(case.arbitrator.send(f"{case.at}/links", link_to(case)), 422, "linked_to_itself")
    elsewhere = {"dispute": NOBODY.rsplit("/", 1)[-1], "kind": "related", "reason": "同一批"}
    refused(case.arbitrator.send(f"{case.at}/links", elsewhere), 422, "unknown_dispute")


def link_to(case: Case) -> dict[str, Any]:
    return {"dispute": case.id, "kind": "related", "reason": "同一批"}


def test_an_auditor_holds_a_case_that_is_closed_and_lifts_that_again(service: Service) -> None:
    case = settled(service).until_closed()
    auditor = service.person("auditor")
    held = done(case, auditor, "legal-holds", {"reason": "法院调卷"})
    assert (held["legal_hold"]["auditor"], held["legal_hold"]["reason"]) == (auditor.id, "法院调卷")
    refused(do(auditor, case.at, "place_legal_hold"), 409, "on_hold_already")
    assert "legal_hold" not in case.seen_by(case.buyer)
    assert "legal_hold" not in done(case, service.person("auditor"), "legal-holds/lifting", {"reason": "已结案"})
    refused(do(auditor, case.at, "lift_legal_hold"), 409, "not_on_hold")
    refused(do(case.arbitrator, case.at, "place_legal_hold"), 403, "not_allowed")


def test_both_sides_and_the_platform_see_who_reminded_whom_when(service: Service) -> None:
    case = reviewed(service)
    done(case, case.buyer, "chases", {"text": "还要多久"})
    done(case, case.merchant, "chases", {})
    for reader in (case.buyer, case.merchant, case.platform, case.arbitrator):
        first, second = case.seen_by(reader)["chases"]
        assert (first["side"], first["text"], second["side"]) == ("buyer", "还要多久", "merchant")
        assert "text" not in second
    refused(do(case.arbitrator, case.at, "chase"), 403, "not_allowed")

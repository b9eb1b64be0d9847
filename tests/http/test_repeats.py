"""Safe to repeat and safe to insist: Idempotency-Key and If-Match."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from infrastructure.playbooks.reader import COMMON
from tests.http.service import good, refused
from tests.http.story import COMMANDS, a_case, a_claim, do, filed, negotiated, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.http.service import Person, Response, Service
    from tests.http.story import Case

CALLERS = 10
SAME = ("location", "etag", "gongduan-position")


def same_answer(first: Response, again: Response) -> None:
    assert again.status_code == first.status_code
    assert [again.headers[name] for name in SAME] == [first.headers[name] for name in SAME]
    assert again.content == first.content
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"


def a_long_story(case: Case) -> list[tuple[Person, str]]:
    """Commands in an order in which each is taken."""
    return [
        (case.merchant, "respond"),
        (case.buyer, "send_message"),
        (case.buyer, "submit_evidence"),
        (case.merchant, "make_offer"),
        (case.buyer, "decline_offer"),
        (case.buyer, "escalate"),
        (case.arbitrator, "intervene"),
        (case.arbitrator, "rule"),
    ]


def test_every_command_without_a_key_is_refused(service: Service) -> None:
    case = negotiated(service).offer()
    for command, (end, body) in COMMANDS.items():
        more: dict[str, Any] = {"json": body}
        if command == "submit_evidence":
            more = {"data": {"kind": "photo", "shows": "it"}, "files": {"file": ("a.txt", b"a")}}
        refused(case.buyer.call("POST", f"{case.at}/{end}", **more), 422, "idempotency_key_required")
    filing = {"order_id": case.order_id, "claims": [a_claim()]}
    refused(case.buyer.call("POST", "/v1/disputes", json=filing), 422, "idempotency_key_required")
    writer = service.person("rule_writer")
    refused(writer.call("POST", "/v1/playbooks", json={"source": COMMON}), 422, "idempotency_key_required")


@pytest.mark.parametrize("key", ["", "two words", "k" * 201, "schlüssel"])
def test_a_key_that_is_none_is_refused(service: Service, key: str) -> None:
    case = negotiated(service)
    headers = [
        (name.encode(), value.encode("latin-1"))
        for name, value in (case.buyer.headers() | {"Idempotency-Key": key}).items()
    ]
    response = service.client.post(f"{service.address}{case.at}/messages", headers=headers, json={"text": "x"})
    assert response.status_code == 422
    assert case.seen_by(case.buyer)["version"] == 2


def test_a_repeat_is_answered_as_the_first_time_even_after_the_case_has_moved_on(service: Service) -> None:
    case = a_case(service)
    filing = {"order_id": case.order_id, "claims": [a_claim()]}
    answers = [("file", good(case.buyer.send("/v1/disputes", filing, key="file")))]
    case.at = answers[0][1].headers["location"]
    story = a_long_story(case)
    answers += [(command, good(do(person, case.at, command, key=command))) for person, command in story]
    same_answer(answers[0][1], case.buyer.send("/v1/disputes", filing, key="file"))
    for (person, command), (_, first) in zip(story, answers[1:], strict=True):
        same_answer(first, do(person, case.at, command, key=command))
    assert case.seen_by(case.platform)["version"] == int(answers[-1][1].headers["etag"].strip('"'))


def test_a_repeated_acceptance_is_answered_as_the_first_time_after_the_money_is_paid(service: Service) -> None:
    case = negotiated(service).offer()
    first = do(case.buyer, case.at, "accept_offer", key="yes")
    case.until_closed()
    same_answer(first, do(case.buyer, case.at, "accept_offer", key="yes"))
    assert len(case.last["remedies"]) == 1


def test_a_repeat_is_answered_in_the_language_it_asks_for(service: Service) -> None:
    case = negotiated(service)
    english = case.buyer.post(f"{case.at}/messages", {"text": "x"}, key="k")
    chinese = case.buyer.post(f"{case.at}/messages", {"text": "x"}, key="k", headers={"Accept-Language": "zh"})
    assert english["custody"] != chinese["custody"]
    assert english["version"] == chinese["version"]


def test_a_key_with_another_body_is_refused_for_every_command_that_has_a_body(service: Service) -> None:
    case = filed(service)
    case.merchant.post(f"{case.at}/responses", {"answer": "contest", "statement": "1"}, key="k")
    other = {"answer": "contest", "statement": "2"}
    refused(case.merchant.send(f"{case.at}/responses", other, key="k"), 422, "idempotency_key_reused")
    good(case.buyer.show(case.at, b"one file", key="e"))
    refused(case.buyer.show(case.at, b"another file", key="e"), 422, "idempotency_key_reused")
    refused(do(case.buyer, case.at, "escalate", key="e"), 422, "idempotency_key_reused")


def test_a_key_for_another_case_is_refused_and_anothers_key_is_free(service: Service) -> None:
    one, two = negotiated(service), negotiated(service)
    buyer = one.buyer
    second = a_case(service)
    second.buyer = buyer
    second.order_id = f"second-{buyer.id}"
    second.register()
    second.file()
    good(do(buyer, one.at, "send_message", key="k"))
    refused(do(buyer, second.at, "send_message", key="k"), 422, "idempotency_key_reused")
    good(do(one.merchant, one.at, "send_message", key="k"))
    good(do(two.buyer, two.at, "send_message", key="k"))


def test_a_key_for_another_filing_is_refused(service: Service) -> None:
    case = a_case(service)
    filing = {"order_id": case.order_id, "claims": [a_claim()]}
    case.buyer.post("/v1/disputes", filing, key="k")
    other = {"order_id": case.order_id, "claims": [a_claim(statement="another")]}
    refused(case.buyer.send("/v1/disputes", other, key="k"), 422, "idempotency_key_reused")


def test_a_refusal_is_not_remembered(service: Service) -> None:
    case = filed(service)
    refused(do(case.merchant, case.at, "make_offer", key="k"), 409, "not_open_for_this")
    case.respond()
    good(do(case.merchant, case.at, "make_offer", key="k"))


@pytest.mark.parametrize("command", ["send_message", "make_offer", "submit_evidence", "escalate"])
def test_the_same_key_from_many_at_once_is_one_event(service: Service, command: str) -> None:
    case = negotiated(service)
    answers = at_once(lambda: do(case.buyer, case.at, command, key="one"))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert case.seen_by(case.buyer)["version"] == 3


def test_the_same_filing_from_many_at_once_is_one_case(service: Service) -> None:
    case = a_case(service)
    filing = {"order_id": case.order_id, "claims": [a_claim()]}
    answers = at_once(lambda: case.buyer.send("/v1/disputes", filing, key="one"))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    listed = case.buyer.get("/v1/disputes", after=answers[0].headers["gongduan-position"])["cases"]
    assert len(listed) == 1


def at_once(send: Callable[[], Response]) -> list[Response]:
    barrier = Barrier(CALLERS)

    def together() -> Response:
        barrier.wait()
        return send()

    with ThreadPoolExecutor(CALLERS) as pool:
        return [one.result() for one in [pool.submit(together) for _ in range(CALLERS)]]


def test_the_same_playbook_again_is_answered_as_the_first_time(service: Service) -> None:
    writer = service.person("rule_writer")
    source = COMMON.replace('version: "2"', f"version: {writer.id}")
    first = good(writer.send("/v1/playbooks", {"source": source}, key="p"))
    again = good(writer.send("/v1/playbooks", {"source": source}, key="p"))
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json()
    for name in ("etag", "gongduan-position"):
        assert again.headers[name] == first.headers[name]


def test_an_order_again_is_nothing_new(service: Service) -> None:
    case = a_case(service)
    again = case.register()
    assert again["version"] == 1


def test_if_match_insists_on_the_version(service: Service) -> None:
    case = negotiated(service)
    etag = case.buyer.call("GET", case.at).headers["etag"]
    assert etag == '"2"'
    case.merchant.post(f"{case.at}/messages", {"text": "in between"})
    stale = do(case.buyer, case.at, "send_message", headers={"If-Match": etag})
    assert refused(stale, 412, "version_moved")["details"] == {"version": 3}
    for condition in ('"3"', 'W/"4"', "*"):
        good(do(case.buyer, case.at, "send_message", headers={"If-Match": condition}))
    for condition in ("3", '"x"', '"99"', '"-1"', ""):
        refused(do(case.buyer, case.at, "send_message", headers={"If-Match": condition}), 412, "version_moved")


def test_a_repeat_is_answered_whatever_it_insists_on(service: Service) -> None:
    case = negotiated(service)
    first = do(case.buyer, case.at, "send_message", key="k", headers={"If-Match": '"2"'})
    case.merchant.post(f"{case.at}/messages", {"text": "later"})
    same_answer(first, do(case.buyer, case.at, "send_message", key="k", headers={"If-Match": '"2"'}))


def test_of_many_who_insist_on_the_same_version_one_is_taken(service: Service) -> None:
    case = negotiated(service)
    answers = at_once(lambda: do(case.buyer, case.at, "send_message", headers={"If-Match": '"2"'}))
    assert sorted(answer.status_code for answer in answers) == [201, *([412] * (CALLERS - 1))]
    until(lambda: case.seen_by(case.buyer)["version"], lambda version: version == 3)

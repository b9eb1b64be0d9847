"""Two at once: exactly one of them wins, and the other hears why."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from tests.http.service import refused
from tests.http.story import RULING, do, negotiated, reviewed, served

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.http.service import Response, Service
    from tests.http.story import Case

ROUNDS = 20


def both(one: Callable[[], Response], other: Callable[[], Response]) -> tuple[Response, Response]:
    barrier = Barrier(2)

    def together(send: Callable[[], Response]) -> Response:
        barrier.wait()
        return send()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(together, one), pool.submit(together, other)
        return first.result(), second.result()


def one_won(case: Case, answers: tuple[Response, Response], code: str, events: set[str]) -> None:
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert won.status_code == 201, won.text
    refused(lost, 409, code)
    case.position = int(won.headers["gongduan-position"])
    found = Counter(entry["event"] for entry in case.trail(case.arbitrator))
    assert sum(found[event] for event in events) == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_arbitrators_take_a_case_at_once(service: Service, _round: int) -> None:
    case = reviewed(service)
    another = service.person("arbitrator")
    answers = both(
        lambda: do(case.arbitrator, case.at, "intervene"),
        lambda: do(another, case.at, "intervene"),
    )
    one_won(case, answers, "already_taken", {"dispute.case_assigned"})
    winner = case.arbitrator if answers[0].status_code == 201 else another
    assert case.seen_by(winner)["arbitrator"] == winner.id


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_rulings_at_once(service: Service, _round: int) -> None:
    case = reviewed(service).intervene()
    answers = both(
        lambda: case.arbitrator.send(f"{case.at}/rulings", RULING),
        lambda: case.arbitrator.send(f"{case.at}/rulings", RULING | {"reasons": "换了主意"}),
    )
    one_won(case, answers, "not_open_for_this", {"dispute.ruling_confirmed"})


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_an_offer_is_accepted_and_refused_at_once(service: Service, _round: int) -> None:
    case = negotiated(service).offer()
    answers = both(
        lambda: do(case.buyer, case.at, "accept_offer"),
        lambda: do(case.buyer, case.at, "decline_offer"),
    )
    accepted = answers[0].status_code == 201
    code = "not_open_for_this" if accepted else "offer_not_open"
    one_won(case, answers, code, {"dispute.offer_accepted", "dispute.offer_declined"})
    assert bool(case.seen_by(case.buyer)["remedies"]) is accepted


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_the_merchant_answers_while_its_clock_runs_out(service: Service, round_: int) -> None:
    case = served(service)
    admin = service.person("admin")
    due = case.last["clocks"][0]["due_at"]

    def late_answer() -> Response:
        time.sleep(round_ * 0.01)  # so that over the rounds each of the two comes first
        return do(case.merchant, case.at, "respond")

    moved, answered = both(lambda: admin.send("/v1/test-clock", {"to": due}), late_answer)
    assert moved.status_code == 200, moved.text
    case.position = int(case.buyer.call("GET", case.at).headers["gongduan-position"])
    found = Counter(entry["event"] for entry in case.trail(case.buyer))
    if answered.status_code == 201:
        assert (found["dispute.merchant_responded"], found["dispute.response_lapsed"]) == (1, 0)
        assert case.seen_by(case.buyer)["stage"] == "negotiation"
    else:
        refused(answered, 409, "not_open_for_this")
        assert (found["dispute.merchant_responded"], found["dispute.response_lapsed"]) == (0, 1)
        assert case.seen_by(case.buyer)["stage"] == "decided"

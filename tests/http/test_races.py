"""Two at once: exactly one of them wins, and the other hears why. The long form:

GONGDUAN_RACES=1000 python -m pytest -s tests/http/test_races.py
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import pytest

from domain.dispute.intake import Answer
from tests.http.races import Course, Runner, course, lost, spread
from tests.http.service import running
from tests.http.story import RULING
from tests.support import house
from tests.support.builders import ARBITRATOR, BUYER, MERCHANT, OTHER_ARBITRATOR, SENIOR
from tests.support.database import _fresh

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from infrastructure.postgres.embedded import Embedded
    from tests.http.races import Round, Step

pytestmark = pytest.mark.timeout(3600)  # the long form takes minutes for each race
SENIOR_TOO = SENIOR.model_copy(update={"id": "senior-bai"})
TOLD: tuple[Step, ...] = (house.report_notice,)
IN_HAND: tuple[Step, ...] = (house.respond, house.escalate, house.intervene)
RULED: tuple[Step, ...] = (*IN_HAND, house.rule)
HEARD: tuple[Step, ...] = (*RULED, house.file_appeal, partial(house.intervene, by=OTHER_ARBITRATOR))
ASKED: Step = lambda dispute, **envelope: house.request_evidence(dispute, "parcel_photo", **envelope)  # noqa: E731
OFFERED: tuple[Step, ...] = (*IN_HAND, house.make_offer)


@pytest.fixture(scope="module")
def track(server: Embedded, template: str) -> Iterator[Course]:
    with (
        contextmanager(_fresh)(server, template) as database,
        running(database) as service,
        course(service, database) as ready,
    ):
        yield ready


def one_wins(name: str, rounds: Sequence[Round], ends: Sequence[tuple[str, set[str]]], code: str) -> None:
    """One of two is taken, with its events and without the other's; each is the one sometimes."""
    for one in rounds:
        winners = [number for number in (0, 1) if one.won(number)]
        assert len(winners) == 1, [answer.text for answer in one.answers]
        winner = winners[0]
        lost(one.answers[1 - winner], code)
        assert {event: one.happened[event] for event in ends[winner][1]} == dict.fromkeys(ends[winner][1], 1)
        others = ends[1 - winner][1] - ends[winner][1]
        assert {event: one.happened[event] for event in others} == dict.fromkeys(others, 0)
    both_win(name, rounds, tuple(end for end, _ in ends))


def both_win(name: str, rounds: Sequence[Round], ends: tuple[str, ...]) -> None:
    found = spread(name, rounds, lambda one: ends[0] if one.won(0) else ends[1])
    assert set(found) == set(ends)


CLOSED_FOR = "not_open_for_this"


# Clocks first: what later races leave behind would run out on the way.


def test_a_ruling_is_appealed_while_it_becomes_final(track: Course) -> None:
    cases = track.bring(*RULED)
    rounds = track.race_clock(cases, "appeal", Runner(MERCHANT, "file_appeal"))
    for one in rounds:
        assert (one.happened["appeal_filed"], one.happened["ruling_became_final"]) == (one.won(0), not one.won(0))
        assert one.happened["remedy_ordered"] == (not one.won(0))
        if not one.won(0):
            lost(one.answers[0], CLOSED_FOR, "nothing_to_appeal")
    both_win("appeal and its time", rounds, ("appealed", "final"))
    assert track.paid_once(cases) == sum(not one.won(0) for one in rounds)


def test_the_merchant_answers_while_its_clock_runs_out(track: Course) -> None:
    rounds = track.race_clock(track.bring(*TOLD), "answer", Runner(MERCHANT, "respond"))
    for one in rounds:
        assert (one.happened["merchant_responded"], one.happened["response_lapsed"]) == (one.won(0), not one.won(0))
        assert one.happened["decided_by_default"] == (not one.won(0))
        if not one.won(0):
            lost(one.answers[0], CLOSED_FOR)
    both_win("answer and silence", rounds, ("answered", "defaulted"))


def test_a_person_is_asked_for_while_silence_decides(track: Course) -> None:
    """Whichever comes first: no default stands, a proposal waits for a person."""
    rounds = track.race_clock(track.bring(*TOLD), "answer", Runner(BUYER, "request_human"))
    for one in rounds:
        assert one.won(0), one.answers[0].text
        assert (one.happened["human_requested"], one.happened["ruling_proposed"]) == (1, 1)
        seen = track.person(ARBITRATOR).get(one.case.at)
        assert (seen["stage"], "proposal" in seen) == ("under_review", True)
    found = spread("a person and silence", rounds, lambda one: f"{one.happened['decided_by_default']} decided before")
    assert set(found) == {"0 decided before", "1 decided before"}


def test_an_offer_is_accepted_while_it_lapses(track: Course) -> None:
    cases = track.bring(house.respond, house.make_offer)
    rounds = track.race_clock(cases, "offer", Runner(BUYER, "accept_offer"))
    for one in rounds:
        assert (one.happened["offer_accepted"], one.happened["offer_expired"]) == (one.won(0), not one.won(0))
        if not one.won(0):
            lost(one.answers[0], "offer_not_open")
    both_win("acceptance and lapse", rounds, ("accepted", "lapsed"))
    assert track.paid_once(cases) == sum(one.won(0) for one in rounds)


def test_a_case_is_decided_while_the_time_to_show_evidence_runs_out(track: Course) -> None:
    """It is decided once what was asked for has lapsed, and not before."""
    rounds = track.race_clock(track.bring(*IN_HAND, ASKED), "evidence", Runner(ARBITRATOR, "rule"))
    for one in rounds:
        assert (one.happened["evidence_round_closed"], one.happened["ruling_confirmed"]) == (1, one.won(0))
        if not one.won(0):
            lost(one.answers[0], "evidence_awaited")
    both_win("ruling and request", rounds, ("decided", "awaited"))


def test_the_merchant_gives_in_while_its_clock_runs_out(track: Course) -> None:
    cases = track.bring(*TOLD)
    giving_in = {"answer": str(Answer.ACCEPT), "statement": "照赔"}
    rounds = track.race_clock(cases, "answer", Runner(MERCHANT, "respond", giving_in))
    for one in rounds:
        assert (one.happened["settled"], one.happened["decided_by_default"]) == (one.won(0), not one.won(0))
    both_win("giving in and silence", rounds, ("settled", "defaulted"))
    assert track.paid_once(cases) == sum(one.won(0) for one in rounds)


def test_a_ruling_and_a_settlement_at_once(track: Course) -> None:
    cases = track.bring(*OFFERED)
    rounds = track.race(cases, Runner(ARBITRATOR, "rule"), Runner(BUYER, "accept_offer"))
    ends = [("ruling", {"ruling_confirmed"}), ("settlement", {"offer_accepted", "settled", "remedy_ordered"})]
    one_wins("ruling and settlement", rounds, ends, CLOSED_FOR)
    assert track.paid_once(cases) == sum(one.won(1) for one in rounds)


def test_a_ruling_and_a_withdrawal_at_once(track: Course) -> None:
    cases = track.bring(*IN_HAND)
    rounds = track.race(cases, Runner(ARBITRATOR, "rule"), Runner(BUYER, "withdraw"))
    ends = [("ruling", {"ruling_confirmed"}), ("withdrawal", {"withdrawn", "closed"})]
    one_wins("ruling and withdrawal", rounds, ends, CLOSED_FOR)
    assert track.paid_once(cases) == 0


def test_a_settlement_and_a_withdrawal_at_once(track: Course) -> None:
    cases = track.bring(house.respond, house.make_offer)
    rounds = track.race(cases, Runner(BUYER, "accept_offer"), Runner(BUYER, "withdraw"))
    ends = [("settlement", {"offer_accepted", "settled", "remedy_ordered"}), ("withdrawal", {"withdrawn"})]
    one_wins("settlement and withdrawal", rounds, ends, CLOSED_FOR)
    assert track.paid_once(cases) == sum(one.won(0) for one in rounds)


def test_an_offer_is_accepted_and_refused_at_once(track: Course) -> None:
    cases = track.bring(house.respond, house.make_offer)
    rounds = track.race(cases, Runner(BUYER, "accept_offer"), Runner(BUYER, "decline_offer"))
    for one in rounds:
        assert one.won(0) != one.won(1)
        lost(one.answers[one.won(0)], CLOSED_FOR if one.won(0) else "offer_not_open")
        assert (one.happened["offer_accepted"], one.happened["offer_declined"]) == (one.won(0), one.won(1))
    both_win("acceptance and refusal", rounds, ("accepted", "refused"))
    assert track.paid_once(cases) == sum(one.won(0) for one in rounds)


def test_two_arbitrators_take_a_case_at_once(track: Course) -> None:
    cases = track.bring(house.respond, house.escalate)
    rounds = track.race(cases, Runner(ARBITRATOR, "intervene"), Runner(OTHER_ARBITRATOR, "intervene"))
    ends = [("the one", {"case_assigned"}), ("the other", {"case_assigned"})]
    one_wins("two arbitrators", rounds, ends, "already_taken")
    for one in rounds:
        winner = ARBITRATOR if one.won(0) else OTHER_ARBITRATOR
        assert track.person(winner).get(one.case.at)["arbitrator"] == winner.id


def test_two_rulings_at_once(track: Course) -> None:
    cases = track.bring(*IN_HAND)
    another = Runner(ARBITRATOR, "rule", RULING | {"reasons": "换了主意"})
    rounds = track.race(cases, Runner(ARBITRATOR, "rule"), another)
    ends = [("the one", {"ruling_confirmed"}), ("the other", {"ruling_confirmed"})]
    one_wins("two rulings", rounds, ends, CLOSED_FOR)


def test_a_proposal_is_confirmed_and_returned_at_once(track: Course) -> None:
    cases = track.bring(*RULED, paid=600_000)
    by = (Runner(OTHER_ARBITRATOR, "confirm_ruling"), Runner(SENIOR, "return_ruling"))
    rounds = track.race(cases, *by)
    for one in rounds:
        assert one.won(0) != one.won(1)
        lost(one.answers[one.won(0)], CLOSED_FOR if one.won(0) else "proposal_not_open")
        assert (one.happened["ruling_confirmed"], one.happened["proposal_returned"]) == (one.won(0), one.won(1))
    both_win("confirmation and return", rounds, ("confirmed", "returned"))


def test_both_parties_appeal_at_once(track: Course) -> None:
    rounds = track.race(track.bring(*RULED), Runner(BUYER, "file_appeal"), Runner(MERCHANT, "file_appeal"))
    ends = [("the buyer", {"appeal_filed"}), ("the merchant", {"appeal_filed"})]
    one_wins("two appeals", rounds, ends, CLOSED_FOR)


def test_a_ruling_is_corrected_and_appealed_at_once(track: Course) -> None:
    """Whoever appeals is heard in any case; a slip is put right before, or not any more."""
    rounds = track.race(track.bring(*RULED), Runner(ARBITRATOR, "correct_ruling"), Runner(MERCHANT, "file_appeal"))
    for one in rounds:
        assert one.won(1), one.answers[1].text
        if not one.won(0):
            lost(one.answers[0], CLOSED_FOR)
        assert (one.happened["ruling_corrected"], one.happened["appeal_filed"]) == (one.won(0), 1)
    both_win("correction and appeal", rounds, ("corrected, then appealed", "appealed"))


def test_an_appeal_is_upheld_and_reversed_at_once(track: Course) -> None:
    cases = track.bring(*HEARD)
    by = (Runner(OTHER_ARBITRATOR, "uphold_ruling"), Runner(OTHER_ARBITRATOR, "reverse_ruling"))
    ends = [("upheld", {"ruling_upheld", "remedy_ordered"}), ("reversed", {"ruling_reversed"})]
    rounds = track.race(cases, *by)
    one_wins("upheld and reversed", rounds, ends, "appeal_not_open")
    assert all(one.happened["ruling_became_final"] == 1 for one in rounds)
    assert track.paid_once(cases) == sum(one.won(0) for one in rounds)


def test_an_appeal_is_decided_and_settled_at_once(track: Course) -> None:
    cases = track.bring(*HEARD, house.make_offer)
    by = (Runner(OTHER_ARBITRATOR, "uphold_ruling"), Runner(BUYER, "accept_offer"))
    rounds = track.race(cases, *by)
    for one in rounds:
        assert one.won(0) != one.won(1)
        lost(one.answers[one.won(0)], CLOSED_FOR if one.won(0) else "appeal_not_open")
        assert (one.happened["ruling_upheld"], one.happened["settled"]) == (one.won(0), one.won(1))
        assert one.happened["remedy_ordered"] == 1
    both_win("appeal decided and settled", rounds, ("upheld", "settled"))
    assert track.paid_once(cases) == len(cases)


def test_a_case_is_opened_again_twice_at_once(track: Course) -> None:
    cases = track.bring(house.respond, house.withdraw)
    rounds = track.race(cases, Runner(SENIOR, "reopen"), Runner(SENIOR_TOO, "reopen"))
    ends = [("the one", {"reopened"}), ("the other", {"reopened"})]
    one_wins("two reopenings", rounds, ends, CLOSED_FOR)

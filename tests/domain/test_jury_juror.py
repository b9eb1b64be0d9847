"""A juror's life, and what it takes to be in a pool."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.jury import juror as jurors
from domain.jury.gathering import Candidate, gather
from domain.jury.juror import (
    MockCaseJudged,
    MockCasePassed,
    MockCaseTooSoon,
    NotEnrolled,
    NotPaused,
    PauseReason,
    UnknownMockCase,
    Unmet,
    brier,
    unmet,
)
from domain.jury.pool import in_order
from domain.jury.profile import Side
from tests.support.jurors import NOW, a_juror, account, enrolled, judged, person
from tests.support.jury import PLAYBOOK, digits, profile

RULES = profile().eligibility
ME = account("user-1")
FIRST = PLAYBOOK.mock_cases[0].id
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


# --- a life


def test_who_is_enrolled_is_so_once_until_they_leave() -> None:
    juror = enrolled()
    assert jurors.enrol(juror, "xianyu", by=ME, at=NOW) == ()
    assert jurors.juror_stream("xianyu", ME.id) != jurors.juror_stream("other", ME.id)
    (left,) = jurors.leave(juror, by=ME, at=NOW)
    gone = jurors.evolve(juror, left)
    for act in (jurors.leave, jurors.restore):
        with pytest.raises(NotEnrolled):
            act(gone, by=ME, at=NOW)
    (again,) = jurors.enrol(gone, "xianyu", by=ME, at=NOW)
    anew = jurors.evolve(gone, again)
    assert (anew.enrolled.at, anew.left, anew.judged) == (NOW, None, ())


def test_what_was_judged_before_leaving_stays_on_record_and_counts_no_more() -> None:
    juror = judged(enrolled(), FIRST)
    (left,) = jurors.leave(juror, by=ME, at=NOW)
    (again,) = jurors.enrol(jurors.evolve(juror, left), "xianyu", by=ME, at=NOW)
    anew = jurors.evolve(jurors.evolve(juror, left), again)
    assert anew.passed == frozenset()
    assert [one.case for one in anew.earlier] == [FIRST]


def test_a_mock_case_is_judged_until_it_is_judged_rightly_and_not_at_once_again() -> None:
    wrong = Side.BUYER if PLAYBOOK.mock_cases[0].right is Side.SELLER else Side.SELLER
    juror = judged(enrolled(), FIRST, choice=wrong)
    assert juror.passed == frozenset()
    with pytest.raises(MockCaseTooSoon) as refused:
        judged(juror, FIRST, at=NOW + DAY - MINUTE)
    assert refused.value.details == {"case": FIRST, "again_at": (NOW + DAY).isoformat()}
    juror = judged(juror, FIRST, at=NOW + DAY)
    assert juror.passed == {FIRST}
    with pytest.raises(MockCasePassed):
        judged(juror, FIRST, at=NOW + 9 * DAY)


def test_only_who_is_enrolled_judges_and_only_cases_that_there_are() -> None:
    with pytest.raises(NotEnrolled):
        judged(None, FIRST)
    with pytest.raises(UnknownMockCase) as refused:
        jurors.judge_mock_case(
            enrolled(),
            PLAYBOOK.mock_cases,
            "none",
            Side.BUYER,
            80,
            playbook_digest=digits("p"),
            retry_hours=24,
            by=ME,
            at=NOW,
        )
    assert FIRST in refused.value.details["known"]


def test_a_juror_pauses_until_then_or_until_they_come_back() -> None:
    juror = a_juror()
    with pytest.raises(NotPaused):
        jurors.restore(juror, by=ME, at=NOW)
    (paused,) = jurors.pause(juror, PauseReason.OWN_WISH, NOW + DAY, by=ME, at=NOW)
    resting = jurors.evolve(juror, paused)
    assert resting.pauses(NOW + DAY - MINUTE)
    assert not resting.pauses(NOW + DAY)
    (for_ever,) = jurors.pause(resting, PauseReason.IDLE, None, by=ME, at=NOW)
    resting = jurors.evolve(resting, for_ever)
    assert resting.pauses(NOW + 1000 * DAY)
    (restored,) = jurors.restore(resting, by=ME, at=NOW)
    assert not jurors.evolve(resting, restored).pauses(NOW)


# --- who may be in a pool


def test_whoever_meets_everything_lacks_nothing() -> None:
    assert unmet(RULES, person(), a_juror(), NOW) == ()


@pytest.mark.parametrize(
    ("just_not", "just", "lacks"),
    [
        ({"real_name": False}, {"real_name": True}, Unmet.REAL_NAME),
        ({"registered_at": NOW - 90 * DAY + MINUTE}, {"registered_at": NOW - 90 * DAY}, Unmet.REGISTERED_DAYS),
        ({"clean_since": NOW - 90 * DAY + MINUTE}, {"clean_since": NOW - 90 * DAY}, Unmet.CLEAN_DAYS),
        ({"bought": 0}, {"bought": 1}, Unmet.BOUGHT),
        ({"sold": 0}, {"sold": 1}, Unmet.SOLD),
    ],
)
def test_every_threshold_holds_at_its_figure_and_not_just_under_it(
    just_not: dict[str, Any], just: dict[str, Any], lacks: Unmet
) -> None:
    assert unmet(RULES, person(**just_not), a_juror(), NOW) == (lacks,)
    assert unmet(RULES, person(**just), a_juror(), NOW) == ()


def test_whoever_joined_in_the_last_day_is_in_no_pool() -> None:
    assert unmet(RULES, person(), a_juror(days=1), NOW) == ()
    assert unmet(RULES, person(), a_juror(days=1 - 1 / 1440), NOW) == (Unmet.JOINED_HOURS,)


def test_all_mock_cases_have_to_be_passed() -> None:
    juror = enrolled()
    for case in PLAYBOOK.mock_cases[:-1]:
        juror = judged(juror, case.id)
    assert unmet(RULES, person(), juror, NOW) == (Unmet.MOCK_CASES,)


def test_who_is_not_enrolled_not_vouched_for_or_pauses_is_told_so() -> None:
    assert unmet(RULES, person(), None, NOW) == (Unmet.NOT_ENROLLED,)
    juror = a_juror()
    (left,) = jurors.leave(juror, by=ME, at=NOW)
    assert unmet(RULES, person(), jurors.evolve(juror, left), NOW) == (Unmet.NOT_ENROLLED,)
    assert unmet(RULES, None, juror, NOW) == (Unmet.NOT_VOUCHED,)
    (paused,) = jurors.pause(juror, PauseReason.OWN_WISH, None, by=ME, at=NOW)
    assert unmet(RULES, person(real_name=False), jurors.evolve(juror, paused), NOW) == (Unmet.PAUSED, Unmet.REAL_NAME)


def test_a_rule_that_asks_for_no_real_name_lets_others_in() -> None:
    rules = RULES.model_copy(update={"real_name": False})
    assert unmet(rules, person(real_name=False), a_juror(), NOW) == ()


# --- how well somebody judges


def answers(*given_: tuple[bool, int]) -> list[MockCaseJudged]:
    return [
        MockCaseJudged(
            case="m", choice=Side.BUYER, sure=sure, passed=passed, playbook_digest=digits("p"), by=ME, at=NOW
        )
        for passed, sure in given_
    ]


@pytest.mark.parametrize(
    ("given_", "score"),
    [
        ([(True, 100)], 0),
        ([(True, 50)], 250),
        ([(False, 50)], 250),
        ([(False, 100)], 1000),
        ([(True, 80)], 40),
        ([(False, 80)], 640),
        ([(True, 80), (False, 80)], 340),
        ([(True, 95)], 3),  # 2.5, rounded half up
    ],
)
def test_the_score_of_brier(given_: list[tuple[bool, int]], score: int) -> None:
    assert brier(answers(*given_)) == score


def test_without_a_mock_case_there_is_no_score() -> None:
    assert brier(()) is None


@given(st.lists(st.tuples(st.booleans(), st.integers(50, 100)), min_size=1, max_size=20))
def test_who_is_surer_of_what_is_right_scores_better(given_: list[tuple[bool, int]]) -> None:
    surer = [(passed, min(100, sure + 10) if passed else max(50, sure - 10)) for passed, sure in given_]
    better, usual = brier(answers(*surer)), brier(answers(*given_))
    assert better is not None
    assert usual is not None
    assert 0 <= better <= usual <= 1000


# --- the pool


def a_candidate(name: str, judged_: int = 0, **changes: Any) -> Candidate:
    return Candidate(person(name, **changes), a_juror(name), judged_)


def test_the_eligible_are_gathered_under_pseudonyms_in_order() -> None:
    people = [a_candidate(f"user-{number}") for number in range(20)]
    people.append(a_candidate("user-late", real_name=False))
    pool = gather(people, RULES, "cameras", b"secret of this pool", NOW)
    assert in_order(pool.members)
    assert sorted(pool.accounts.values()) == sorted(f"user-{number}" for number in range(20))
    assert pool.accounts.keys() == {one.pseudonym for one in pool.members}
    other = gather(people, RULES, "cameras", b"secret of another", NOW)
    assert not other.accounts.keys() & pool.accounts.keys()


def test_a_member_brings_a_side_experience_and_knowledge_of_the_goods() -> None:
    people = [
        a_candidate("seller", 9, bought=1, sold=100, knows=("phones",)),
        a_candidate("buyer", 5, bought=100, sold=1, knows=()),
        a_candidate("both", 1),
    ]
    pool = gather(people, RULES, "cameras", b"s", NOW)
    found = {pool.accounts[one.pseudonym]: (one.side, one.experienced, one.knows_goods) for one in pool.members}
    assert found == {
        "seller": (Side.SELLER, True, False),
        "buyer": (Side.BUYER, True, False),
        "both": (Side.BOTH, False, True),
    }


def test_while_nobody_has_judged_all_are_as_experienced_as_the_others() -> None:
    pool = gather([a_candidate("a"), a_candidate("b")], RULES, None, b"s", NOW)
    assert [(one.experienced, one.knows_goods) for one in pool.members] == [(True, False)] * 2
    assert gather([], RULES, None, b"s", NOW).members == ()

"""Playbooks that were published: each stays readable to the letter, and cases pinned to it replay and are decided."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.calendars import ClockName
from domain.dispute.award import AwardSought
from domain.dispute.intake import RemedyNotOpen
from domain.dispute.ruling import DecidedByDefault
from domain.playbook.playbook import RemedyKind, digest_of
from infrastructure.playbooks.reader import COMMON, read_playbook
from tests.support.builders import (
    a_claim_asked,
    a_filed_dispute,
    a_remedy_sought,
    a_ruling,
    an_award_sought,
    cny,
    expire,
    hours,
    served,
    taken_in_hand,
    undetermined_sought,
)
from tests.support.given import fold

PUBLISHED = Path(__file__).parent / "playbooks"
# Never edited: what is in force at some platform does not change under its name.
DIGESTS = {"common-1": "c2c92fd311ae8f4032267157698313c1db302213a328ac8973c99a4d07355f9e"}
FIRST = (PUBLISHED / "common-1.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DIGESTS)
def test_a_published_file_is_what_it_was_and_is_read_today(name: str) -> None:
    source = (PUBLISHED / f"{name}.yaml").read_text(encoding="utf-8")
    assert digest_of(source) == DIGESTS[name]
    platform, version = name.split("-")
    read = read_playbook(source)
    assert (read.platform, read.version) == (platform, version)


def test_what_is_shipped_now_has_another_version_than_what_was_published_before() -> None:
    assert read_playbook(COMMON).version not in {name.split("-")[1] for name in DIGESTS}


def test_a_case_that_is_pinned_to_the_first_version_is_decided_by_it() -> None:
    rules = read_playbook(FIRST)
    before = taken_in_hand(playbook=rules)
    made = a_ruling(before=before, playbook=rules)
    [line] = made.awards[0].lines
    assert (line.amount, line.derivation.rule, line.derivation.factor) == (cny(3980), "COMMON-REFUND-FULL", 100)
    assert fold(*before, made).ruling.decision == made
    undetermined = a_ruling(undetermined_sought(), before=before, playbook=rules)
    assert undetermined.awards[0].rules == ("COMMON-UNDETERMINED-1",)


def test_silence_decides_such_a_case_without_the_limit_that_came_later() -> None:
    rules = read_playbook(FIRST)
    before = served(playbook=rules)
    decided = expire(fold(*before), ClockName.ANSWER, hours(50), rules)[-1]
    assert isinstance(decided, DecidedByDefault)
    assert decided.awards[0].lines[0].amount == cny(3980)
    assert rules.silence_limit("CNY") is None


def test_such_a_case_has_the_remedies_of_its_own_time() -> None:
    rules = read_playbook(FIRST)
    with pytest.raises(RemedyNotOpen):
        a_filed_dispute(a_claim_asked(remedy=RemedyKind.COUPON, amount=cny(1)), playbook=rules)
    part = (a_remedy_sought(RemedyKind.PARTIAL_REFUND, 1500),)
    sought: AwardSought = an_award_sought(remedies=part)
    made = a_ruling(sought, before=taken_in_hand(playbook=rules), playbook=rules)
    assert made.awards[0].lines[0].amount == cny(1500)

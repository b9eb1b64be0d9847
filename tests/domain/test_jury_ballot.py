"""A ballot: its commitment proves that it counts and not what it says; all have one length before they are sealed."""

from __future__ import annotations

import hashlib
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.jury.ballot import (
    PADDED_BYTES,
    REASON_CHARS_MAX,
    Ballot,
    Because,
    Choice,
    ReasonMissing,
    check_reason,
    commitment,
    decode,
    encode,
)
from tests.support.jury import PANEL, digits

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=REASON_CHARS_MAX)


def test_a_receipt_is_computed_from_lines_that_anybody_can_write() -> None:
    lines = f"gongduan ballot v1\npanel {PANEL}\nseat 7\nchoice buyer\nsalt {digits('salt')}\n"
    assert commitment(PANEL, 7, Choice.BUYER, digits("salt")) == hashlib.sha256(lines.encode()).hexdigest()


def test_a_receipt_is_bound_to_panel_seat_choice_and_salt() -> None:
    receipts = {
        commitment(PANEL, 7, Choice.BUYER, digits("salt")),
        commitment(UUID(int=1), 7, Choice.BUYER, digits("salt")),
        commitment(PANEL, 8, Choice.BUYER, digits("salt")),
        commitment(PANEL, 7, Choice.SELLER, digits("salt")),
        commitment(PANEL, 7, Choice.BUYER, digits("another salt")),
    }
    assert len(receipts) == 5


@given(st.sampled_from(Choice), st.lists(st.sampled_from(Because), unique=True), WORDS)
def test_every_ballot_has_the_one_length_and_says_afterwards_what_it_said(
    choice: Choice, because: list[Because], reason: str
) -> None:
    ballot = Ballot(choice=choice, because=tuple(because), reason=reason, salt=digits("salt"))
    assert len(encode(ballot)) == PADDED_BYTES
    assert decode(encode(ballot)) == ballot


@pytest.mark.parametrize("character", ["a", "公", "𠮷", "\x01", '"', "\\"])
def test_the_longest_reason_in_any_script_fits(character: str) -> None:
    reason = character * REASON_CHARS_MAX
    ballot = Ballot(choice=Choice.REFUSED, because=tuple(Because), reason=reason, salt=digits("salt"))
    assert len(encode(ballot)) == PADDED_BYTES
    with pytest.raises(ValidationError):
        Ballot(choice=Choice.BUYER, reason=reason + character, salt=digits("salt"))


def test_whoever_finds_for_a_side_says_why_and_who_refuses_need_not() -> None:
    for choice in (Choice.BUYER, Choice.SELLER):
        check_reason(choice, (Because.PHOTOS,), "")
        check_reason(choice, (), "The photos show it.")
        with pytest.raises(ReasonMissing):
            check_reason(choice, (), "  ")
    check_reason(Choice.REFUSED, (), "")

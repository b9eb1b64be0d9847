from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from domain.dispute import dispute as disputes
from domain.intake import order as orders
from domain.kernel import BrokenStream, DomainError, Id, Line, Role, Text, derived_id
from domain.remedy import payout as payouts
from tests.support.builders import BUYER, ELSEWHERE, a_response, hours


def test_what_is_named_twice_by_the_same_words_is_one_thing() -> None:
    assert derived_id("order", "common", "1") == derived_id("order", "common", "1")
    assert derived_id("order", "common", "1") != derived_id("order", "common1", "")


def test_a_fact_never_changes() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        a_response().statement = "另一句"  # type: ignore[misc]


def test_a_fact_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        type(BUYER).model_validate({"role": Role.BUYER, "id": "b", "mood": "angry"})


def test_a_refusal_tells_its_public_code_and_what_would_be_allowed() -> None:
    class TooLate(DomainError):
        CODE = "too_late"

    refusal = TooLate(until="noon")
    assert (refusal.CODE, refusal.details) == ("too_late", {"until": "noon"})


@pytest.mark.parametrize(("kind", "text"), [(Line, ""), (Line, "x" * 201), (Line, "a\x00b"), (Text, "x" * 4001)])
def test_text_has_limits_and_holds_no_nul(kind: Any, text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(text)


@pytest.mark.parametrize("name", ["", "a b", "甲", "-a", "a\n", "x" * 65])
def test_an_id_is_plain_ascii_of_at_most_64_characters(name: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Id).validate_python(name)


def test_a_stream_that_does_not_begin_with_its_first_event_is_damaged() -> None:
    with pytest.raises(BrokenStream):
        disputes.evolve(None, a_response())
    with pytest.raises(BrokenStream):
        orders.evolve(None, orders.OrderDisputed(dispute=ELSEWHERE, lines=("1",), by=BUYER, at=hours(0)))
    with pytest.raises(BrokenStream):
        payouts.evolve(None, payouts.PayoutSent(attempt=1, at=hours(0)))

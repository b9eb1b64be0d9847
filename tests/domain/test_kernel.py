from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter, ValidationError

from domain.dispute import dispute as disputes
from domain.intake import order as orders
from domain.kernel import BrokenStream, DomainError, Id, Line, Moment, Role, Text, derived_id
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


MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        NOON,
        datetime(2026, 3, 2, 20, tzinfo=timezone(timedelta(hours=8))),
        datetime(2026, 3, 2, 13, tzinfo=ZoneInfo("Europe/Berlin")),
        "2026-03-02T20:00:00+08:00",
        "2026-03-02T12:00:00Z",
    ],
    ids=str,
)
def test_a_moment_is_the_same_in_whatever_time_zone_it_was_written(written: Any) -> None:
    moment = MOMENT.validate_python(written)
    assert (moment, moment.tzinfo) == (NOON, UTC)
    assert MOMENT.dump_json(moment) == b'"2026-03-02T12:00:00Z"'


@pytest.mark.parametrize(
    "written",
    ["0001-01-01T00:00:00+14:00", "0001-01-01T13:59:59+14:00", "9999-12-31T23:59:59-12:00"],
)
def test_a_moment_whose_day_in_utc_is_outside_the_calendar_is_refused(written: str) -> None:
    with pytest.raises(ValidationError, match="outside the calendar"):
        MOMENT.validate_python(written)


@pytest.mark.parametrize("written", ["0001-01-01T14:00:00+14:00", "9999-12-31T11:59:59-12:00"])
def test_the_first_and_the_last_moment_of_the_calendar_are_moments(written: str) -> None:
    moment = MOMENT.validate_python(written)
    assert moment in {datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)}


@pytest.mark.parametrize("written", [NOON.replace(tzinfo=None), "2026-03-02T12:00:00"], ids=str)
def test_a_moment_without_a_time_zone_is_none(written: Any) -> None:
    with pytest.raises(ValidationError, match="timezone"):
        MOMENT.validate_python(written)

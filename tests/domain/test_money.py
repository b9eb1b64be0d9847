from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.money import DIGITS, MINOR_MAX, CurrenciesDiffer, Money, total, zero
from tests.support.builders import cny, eur

minors = st.integers(-(10**12), 10**12)
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any)


@for_all(minors, weights)
def test_a_split_amount_adds_up_to_the_last_fen(minor: int, shares: list[int]) -> None:
    assert total(cny(minor).allocate(shares), "CNY") == cny(minor)


@for_all(minors, weights)
def test_no_part_of_a_split_is_a_fen_away_from_its_exact_share(minor: int, shares: list[int]) -> None:
    for part, weight in zip(cny(minor).allocate(shares), shares, strict=True):
        assert abs(part.minor * sum(shares) - minor * weight) < sum(shares)


def test_the_odd_fen_of_a_split_goes_to_the_largest_remainder_and_ties_to_the_earlier() -> None:
    assert cny(100).allocate([1, 1, 1]) == (cny(34), cny(33), cny(33))
    assert cny(-100).allocate([1, 1, 1]) == (cny(-34), cny(-33), cny(-33))
    assert cny(10).allocate([1, 2]) == (cny(3), cny(7))
    assert cny(1).allocate([0, 1]) == (cny(0), cny(1))


@pytest.mark.parametrize("shares", [[], [0, 0], [2, -1]])
def test_nothing_is_split_over_no_weight(shares: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        cny(100).allocate(shares)


@for_all(minors, st.integers(0, 1000))
def test_a_percentage_is_rounded_half_up_away_from_zero(minor: int, percent: int) -> None:
    exact = (Decimal(minor) * percent / 100).quantize(Decimal(1), ROUND_HALF_UP)
    assert cny(minor).percent(percent) == cny(int(exact))


def test_half_a_fen_counts_as_a_whole_one() -> None:
    assert cny(1).percent(50) == cny(1)
    assert cny(-1).percent(50) == cny(-1)
    assert cny(1).percent(49) == cny(0)


@for_all(minors, minors)
def test_amounts_of_one_currency_are_ordered_added_and_taken_away_as_their_minor_units(one: int, other: int) -> None:
    assert (cny(one) < cny(other), cny(one) <= cny(other)) == (one < other, one <= other)
    assert cny(one) + cny(other) == cny(one + other)
    assert cny(one) - cny(other) == cny(one - other)


def test_amounts_of_two_currencies_are_never_added_or_compared() -> None:
    for mix in (
        lambda: cny(1) + eur(1),
        lambda: cny(1) - eur(1),
        lambda: cny(1) < eur(2),
        lambda: cny(1) <= eur(2),
        lambda: total([eur(1)], "CNY"),
    ):
        with pytest.raises(CurrenciesDiffer) as caught:
            mix()
        assert set(caught.value.details["currencies"]) == {"CNY", "EUR"}


@pytest.mark.parametrize("minor", [1.0, 1.5, "1", True, None, MINOR_MAX + 1, -MINOR_MAX - 1])
def test_an_amount_is_an_integer_of_bounded_size(minor: Any) -> None:
    with pytest.raises(ValidationError):
        cny(minor)


@pytest.mark.parametrize("json", ['{"minor": 1.0, "currency": "CNY"}', '{"minor": "1", "currency": "CNY"}'])
def test_an_amount_is_read_from_json_as_an_integer_alone(json: str) -> None:
    with pytest.raises(ValidationError):
        Money.model_validate_json(json)


@pytest.mark.parametrize("currency", ["XXX", "cny", "RMB", "CN", "CNYY"])
def test_a_currency_is_one_of_the_pinned_table(currency: str) -> None:
    with pytest.raises(ValidationError):
        zero(currency)


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (cny(3980), "CNY 39.80"),
        (cny(-5), "CNY -0.05"),
        (Money(minor=1234, currency="JPY"), "JPY 1234"),
        (Money(minor=-7, currency="JPY"), "JPY -7"),
        (Money(minor=1234, currency="KWD"), "KWD 1.234"),
    ],
)
def test_an_amount_is_written_with_the_digits_of_its_currency(money: Money, text: str) -> None:
    assert str(money) == text


@for_all(minors, st.sampled_from(sorted(DIGITS)))
def test_an_amount_survives_being_stored(minor: int, currency: str) -> None:
    money = Money(minor=minor, currency=currency)
    assert Money.model_validate_json(money.model_dump_json()) == money

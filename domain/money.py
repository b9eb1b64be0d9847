"""Money as integer minor units with an ISO 4217 currency; no float anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from domain.kernel import Unacceptable, Value

# ISO 4217 minor-unit digits, pinned here so that a library's update cannot change a replay.
DIGITS = {
    "AUD": 2, "BHD": 3, "BRL": 2, "CAD": 2, "CHF": 2, "CNY": 2, "EUR": 2, "GBP": 2, "HKD": 2, "IDR": 2,
    "INR": 2, "JOD": 3, "JPY": 0, "KRW": 0, "KWD": 3, "MOP": 2, "MXN": 2, "MYR": 2, "NZD": 2, "OMR": 3,
    "PHP": 2, "PLN": 2, "RUB": 2, "SGD": 2, "THB": 2, "TND": 3, "TWD": 2, "USD": 2, "VND": 0, "ZAR": 2,
}  # fmt: skip
MINOR_MAX = 10**15


class Tender(StrEnum):
    """In what an amount is paid; a coupon is paid by being given, and its amount is what it is worth."""

    MONEY = "money"
    COUPON = "coupon"


class CurrenciesDiffer(Unacceptable):
    """Two amounts of different currencies cannot be added or compared."""

    CODE = "currencies_differ"


class Money(Value):
    """An amount; `minor` counts the currency's smallest unit (fen for CNY, yen for JPY)."""

    minor: Annotated[int, Field(ge=-MINOR_MAX, le=MINOR_MAX)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]

    @model_validator(mode="after")
    def _currency_is_known(self) -> Self:
        if self.currency not in DIGITS:
            msg = f"{self.currency} is not a currency this service knows"
            raise ValueError(msg)
        return self

    def __add__(self, other: Money) -> Money:
        return Money(minor=self.minor + self._same(other), currency=self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(minor=self.minor - self._same(other), currency=self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrenciesDiffer(currencies=[self.currency, other.currency])
        return other.minor

    def percent(self, percent: int) -> Money:
        """`percent` of this amount, rounded half up (away from zero), the rounding named `half_up`."""
        scaled = abs(self.minor) * percent
        rounded = (scaled + 50) // 100
        return Money(minor=rounded if self.minor >= 0 else -rounded, currency=self.currency)

    def allocate(self, weights: Sequence[int]) -> tuple[Money, ...]:
        """Split over `weights` by largest remainder: the parts add up exactly, ties go to the earlier."""
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            msg = "weights must be non-negative and not all zero"
            raise ValueError(msg)
        sign = -1 if self.minor < 0 else 1
        shares = [divmod(abs(self.minor) * weight, total) for weight in weights]
        left = abs(self.minor) - sum(whole for whole, _ in shares)
        by_remainder = sorted(range(len(shares)), key=lambda i: (-shares[i][1], i))
        extra = set(by_remainder[:left])
        return tuple(
            Money(minor=sign * (whole + (i in extra)), currency=self.currency) for i, (whole, _) in enumerate(shares)
        )

    def __str__(self) -> str:
        """The amount as text, `CNY 39.80`; digits by the pinned table."""
        digits = DIGITS[self.currency]
        sign, whole = ("-" if self.minor < 0 else ""), abs(self.minor)
        if not digits:
            return f"{self.currency} {sign}{whole}"
        return f"{self.currency} {sign}{whole // 10**digits}.{whole % 10**digits:0{digits}d}"


def zero(currency: str) -> Money:
    """Nothing, in `currency`."""
    return Money(minor=0, currency=currency)


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of `amounts`, all of `currency`."""
    result = zero(currency)
    for amount in amounts:
        result += amount
    return result

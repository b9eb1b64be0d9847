"""The way from every older shape of an event to the next one, on what was stored, before it is validated."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from infrastructure.postgres.mapper import Upcasters


def paid_in_money(ordered: dict[str, Any]) -> dict[str, Any]:
    """Before there were coupons every payout was of money."""
    return ordered | {"tender": "money"}


UPCASTERS: Final[Upcasters] = MappingProxyType({("payout.ordered", 1): paid_in_money})

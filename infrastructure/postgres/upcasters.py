"""The way from every older shape of an event to the next one, on what was stored, before it is validated."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from infrastructure.postgres.mapper import Upcasters

Raw = dict[str, Any]


def _evidence_submitted(raw: Raw) -> Raw:
    """Nobody read before what a file tells of where it comes from, and nothing was ever written there."""
    return raw | {"provenance": []}


def _exhibit_opened(raw: Raw) -> Raw:
    """The digest was the original's whether that or the view was given, and which of them it was nobody wrote down."""
    return raw | {"form": None}


def _offer_made(raw: Raw) -> Raw:
    """Which offer it answers was not told before: as far as anybody knows it answered none."""
    return raw | {"counters": None}


def _payout_ordered(raw: Raw) -> Raw:
    """Before there were coupons every payout was of money."""
    return raw | {"tender": "money"}


def _ruling_proposed(raw: Raw) -> Raw:
    """A proposal was always of a ruling of the first instance, or of one made when the case was heard again."""
    return raw | {"appeal": None}


def _ruling_reversed(raw: Raw) -> Raw:
    """A reversal was decided by one arbitrator, whatever it came to."""
    return raw | {"proposed_by": None}


def for_a_claim(ordered: dict[str, Any]) -> dict[str, Any]:
    """Before there was goodwill every payout was for a claim, and named it as today's that are."""
    return ordered


UPCASTERS: Final[Upcasters] = MappingProxyType(
    {
        ("access.exhibit_opened", 1): _exhibit_opened,
        ("dispute.evidence_submitted", 1): _evidence_submitted,
        ("dispute.offer_made", 1): _offer_made,
        ("dispute.ruling_proposed", 1): _ruling_proposed,
        ("dispute.ruling_reversed", 1): _ruling_reversed,
        ("payout.ordered", 1): _payout_ordered,
        ("payout.ordered", 2): for_a_claim,
    }
)

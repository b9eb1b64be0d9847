"""Chapter outside, a part of remedy: money that the buyer got elsewhere, and how much less is paid for it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from domain.kernel import Act, Code, Line, Unacceptable, Value
from domain.money import Money

LINES_MAX = 200


class RefundSource(StrEnum):
    """By which way money outside came to the buyer."""

    CHARGEBACK = "chargeback"
    MERCHANT_TRANSFER = "merchant_transfer"
    OTHER = "other"


class Credit(Value):
    """How much less is paid for a line."""

    line: Code
    amount: Money


class ExternalRefundReported(Act):
    """The buyer got money for a claim outside; `applied` says for which ordered lines less is paid from now on."""

    TOPIC: ClassVar[str] = "dispute.external_refund_reported"
    claim: Code
    amount: Money
    source: RefundSource
    reference: Line
    applied: Annotated[tuple[Credit, ...], Field(max_length=LINES_MAX)]


class NothingRefunded(Unacceptable):
    """A refund is of an amount above nothing."""

    CODE = "nothing_refunded"


class RefundReportedOtherwise(Unacceptable):
    """A refund of this reference was reported before, with another claim, amount or source."""

    CODE = "refund_reported_otherwise"

"""Commands of goodwill, a part of negotiation: give the buyer a small sum or a coupon, beside all that is claimed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from application.commands.desk import DisputeCommand
from domain.dispute import goodwill
from domain.dispute.dispute import DisputeEvent
from domain.money import Money, Tender

if TYPE_CHECKING:
    from datetime import datetime

    from application.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveGoodwill(DisputeCommand):
    """The merchant, or a senior arbitrator for the platform, gives the buyer a sum or a coupon."""

    OPERATION: ClassVar[str] = "give_goodwill"
    amount: Money
    tender: Tender
    why: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """What is given; its payout is ordered in the same call."""
        by = self.caller.actor
        return goodwill.give_goodwill(
            case.dispute, case.playbook, case.id, self.amount, self.tender, self.why, by=by, at=at
        )

"""Commands of negotiation: write, offer, accept, decline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from application.commands.desk import DisputeCommand
from domain.dispute import dispute as disputes
from domain.dispute import negotiation
from domain.dispute.dispute import DisputeEvent
from domain.dispute.negotiation import Term

if TYPE_CHECKING:
    from datetime import datetime

    from application.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMessage(DisputeCommand):
    """A party writes to the other."""

    OPERATION: ClassVar[str] = "send_message"
    text: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The message."""
        return negotiation.send_message(case.dispute, case.playbook, self.text, by=self.caller.actor, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeOffer(DisputeCommand):
    """A party offers to settle the whole dispute; `counters` is the offer that it answers."""

    OPERATION: ClassVar[str] = "make_offer"
    terms: tuple[Term, ...]
    note: str
    counters: str | None = None

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The offer."""
        by = self.caller.actor
        return negotiation.make_offer(case.dispute, case.playbook, self.terms, self.note, self.counters, by=by, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptOffer(DisputeCommand):
    """The other side takes an offer."""

    OPERATION: ClassVar[str] = "accept_offer"
    offer: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The settlement, and the remedies it starts."""
        events = negotiation.accept_offer(case.dispute, self.offer, by=self.caller.actor, at=at)
        return disputes.settle(case.dispute, case.id, events)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineOffer(DisputeCommand):
    """The other side refuses an offer."""

    OPERATION: ClassVar[str] = "decline_offer"
    offer: str
    reason: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The refusal."""
        return negotiation.decline_offer(case.dispute, self.offer, self.reason, by=self.caller.actor, at=at)

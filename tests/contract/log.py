"""A log in memory as the store would hold it, with the people and the order of the sample stories."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from application.case import Case, fold_dispute, fold_payout
from application.ports import Metadata, Recorded
from domain.dispute import dispute as disputes
from domain.intake.order import OrderLine, OrderSnapshot, Promise
from domain.kernel import Actor, Event, Role
from domain.money import Money
from domain.playbook.playbook import RemediesStart
from infrastructure.playbooks.reader import COMMON, read_playbook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DISPUTE = UUID("0190a000-0000-7000-8000-000000000001")
ANOTHER = UUID("0190a000-0000-7000-8000-000000000002")
FILED_AT = datetime(2026, 3, 2, 6, 5, tzinfo=UTC)
BUYER = Actor(role=Role.BUYER, id="buyer-lin")
MERCHANT = Actor(role=Role.MERCHANT, id="shop-orchard")
ARBITRATOR = Actor(role=Role.ARBITRATOR, id="arbitrator-wang")
OTHER_ARBITRATOR = Actor(role=Role.ARBITRATOR, id="arbitrator-zhao")
SENIOR = Actor(role=Role.SENIOR_ARBITRATOR, id="senior-hao")
AUDITOR = Actor(role=Role.AUDITOR, id="auditor-he")
RULE_WRITER = Actor(role=Role.RULE_WRITER, id="rules-1")
PLATFORM = Actor(role=Role.PLATFORM, id="shop-system")
SERVICE = Actor(role=Role.SERVICE, id="gongduan", is_tool=True)
PLAYBOOK = read_playbook(COMMON)
PAID_AT_ONCE = PLAYBOOK.model_copy(update={"remedies_start": RemediesStart.AT_DECISION})


def yuan(text: str) -> Money:
    return Money(minor=int(text.replace(".", "")), currency="CNY")


def digest(of: str) -> str:
    return hashlib.sha256(of.encode()).hexdigest()


def an_order() -> OrderSnapshot:
    return OrderSnapshot(
        order_id="20260228-7781",
        buyer=BUYER.id,
        merchant=MERCHANT.id,
        ordered_at=FILED_AT - timedelta(days=3),
        listing="冰糖橙 5 斤装，现摘现发，不甜包退",
        lines=(OrderLine(id="1", title="冰糖橙 5 斤装", quantity=1, paid=yuan("39.80")),),
        freight=yuan("0.00"),
        promises=(Promise(code="sweet_or_refund", text="不甜包退"),),
    )


@dataclass
class Log:
    """Events in their envelopes, as the store would hold them; `at` moves by hand."""

    at: datetime = FILED_AT
    trail: list[Recorded] = field(default_factory=list)

    def add(self, stream: UUID, actor: Actor, events: Iterable[Event]) -> None:
        for event in events:
            version = sum(one.stream == stream for one in self.trail) + 1
            position = len(self.trail) + 1
            self.trail.append(
                Recorded(
                    position=position,
                    stream=stream,
                    version=version,
                    event_id=uuid5(stream, str(version)),
                    recorded_at=self.at,
                    metadata=Metadata(
                        platform="common",
                        at=self.at,
                        actor=actor,
                        command="sample",
                        command_id=uuid5(stream, f"command {version}"),
                        correlation_id=DISPUTE,
                    ),
                    event=event,
                )
            )

    def act(self, actor: Actor, decide: Callable[..., Iterable[Event]], *arguments: Any, **named: Any) -> None:
        """Something that is decided on the dispute as it stands."""
        self.add(DISPUTE, actor, decide(self.dispute, *arguments, **named, by=actor, at=self.at))

    def later(self, **by: float) -> None:
        self.at += timedelta(**by)

    def of(self, stream: UUID) -> tuple[Recorded, ...]:
        return tuple(one for one in self.trail if one.stream == stream)

    @property
    def dispute(self) -> disputes.Dispute:
        return fold_dispute(one.event for one in self.of(DISPUTE))

    @property
    def case(self) -> Case:
        history = self.of(DISPUTE)
        return Case(
            id=DISPUTE,
            version=history[-1].version,
            position=history[-1].position,
            last_at=history[-1].metadata.at,
            dispute=self.dispute,
            playbook=PLAYBOOK,
            payouts={
                line: fold_payout(one.event for one in self.of(payout))
                for line, payout in self.dispute.payouts.items()
                if self.of(payout)
            },
        )

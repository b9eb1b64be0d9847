"""What is measured on: one dispute played by the service's own commands, and copies of it in streams of their own."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from application.commands.intake import FileDispute, RegisterOrder, Respond, file_dispute, register_order
from application.commands.negotiation import SendMessage
from application.commands.playbook import PublishPlaybook, publish_playbook
from application.policy import Caller
from application.ports import Metadata, NewEvents
from domain.dispute.intake import Answer, Asked
from domain.dispute.negotiation import MessageSent
from domain.intake.order import OrderSnapshot
from domain.kernel import Actor, Event, Role
from domain.playbook.playbook import RemedyKind
from infrastructure.demo.scenes import an_orange_order
from infrastructure.ids import uuid7
from infrastructure.playbooks.reader import COMMON

if TYPE_CHECKING:
    from infrastructure.bootstrap import Container

PLATFORM: Final = "common"
BUYER: Final = Actor(role=Role.BUYER, id="buyer-lin")
MERCHANT: Final = Actor(role=Role.MERCHANT, id="shop-orchard")
LIFE_EVENTS: Final = 31  # filed, answered, and so many messages that these are all
WORDS: Final = "切开就是干的，不是我嘴刁。照片我发上来了。"
STREAMS_A_COMMAND: Final = 200


@dataclass(frozen=True, slots=True)
class Life:
    """A dispute that has happened: its stream, its events, and the envelope of its last one."""

    stream: UUID
    events: tuple[Event, ...]
    metadata: Metadata

    @property
    def message(self) -> MessageSent:
        """What its parties do most often."""
        [*_, last] = (event for event in self.events if isinstance(event, MessageSent))
        return last


async def live(container: Container) -> Life:
    """Play a dispute of LIFE_EVENTS events."""
    desk = container.desk
    writer = Caller(Actor(role=Role.RULE_WRITER, id="writer-zhao"), PLATFORM)
    machine = Caller(Actor(role=Role.PLATFORM, id="shop-system", is_tool=True), PLATFORM)
    buyer, merchant = Caller(BUYER, PLATFORM), Caller(MERCHANT, PLATFORM)
    await publish_playbook(desk, PublishPlaybook(caller=writer, key="playbook", source=COMMON))
    order = json.dumps(an_orange_order("20261118-7781", BUYER.id, MERCHANT.id))
    snapshot = OrderSnapshot.model_validate_json(order)
    await register_order(desk, RegisterOrder(caller=machine, snapshot=snapshot))
    asked = Asked(reason="taste_or_freshness", lines=("1",), remedy=RemedyKind.REFUND_ONLY, statement=WORDS)
    filing = FileDispute(caller=buyer, key="file", order_id=snapshot.order_id, claims=(asked,))
    stream = (await file_dispute(desk, filing)).stream
    await desk.on_dispute(
        Respond(caller=merchant, key="respond", dispute=stream, answer=Answer.CONTEST, statement="口味因人而异。")
    )
    for number in range(LIFE_EVENTS - 2):
        sender = (buyer, merchant)[number % 2]
        await desk.on_dispute(SendMessage(caller=sender, key=f"message-{number}", dispute=stream, text=WORDS))
    history = await container.store.load(stream)
    return Life(stream, tuple(one.event for one in history), history[-1].metadata)


async def copy(container: Container, life: Life, events: int, streams: int) -> list[UUID]:
    """The first so many events of a life, stored again in so many new streams."""
    made = [uuid7() for _ in range(streams)]
    parts = [made[start : start + STREAMS_A_COMMAND] for start in range(0, streams, STREAMS_A_COMMAND)]
    first = life.events[:events]
    await asyncio.gather(
        *(container.store.append(command(life), [NewEvents(stream, 0, first) for stream in part]) for part in parts)
    )
    return made


def command(life: Life) -> Metadata:
    """The envelope of a new command like the life's last one."""
    like = life.metadata
    return Metadata(
        platform=like.platform,
        at=like.at,
        actor=like.actor,
        command=like.command,
        command_id=uuid7(),
        correlation_id=like.correlation_id,
        body_digest=like.body_digest,
    )

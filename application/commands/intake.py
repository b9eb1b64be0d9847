"""Commands of intake: register an order, file a dispute, add a claim, answer it, let a clock run out."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from application import policy
from application.commands.desk import SERVICE, CaseCommand, Command, DisputeCommand, Done
from application.policy import Caller, NotThere
from application.ports import NewEvents
from domain.calendars import read_key
from domain.dispute import dispute as disputes
from domain.dispute import intake, negotiation
from domain.dispute.dispute import DisputeEvent
from domain.dispute.intake import Answer, Asked
from domain.dispute.negotiation import Term
from domain.intake import order as orders
from domain.intake.order import Order, OrderEvent, OrderSnapshot, order_stream
from domain.kernel import Refused, begun, derived_id

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from application.case import Case
    from application.commands.desk import Desk
    from application.ports import Recorded


class NoPlaybook(Refused):
    """The platform has published no playbook yet."""

    CODE = "no_playbook"


class UnknownOrder(Refused):
    """The platform has registered no such order of this buyer."""

    CODE = "unknown_order"


def fold_order(history: tuple[Recorded, ...]) -> Order | None:
    """The order after these events of its stream."""
    state: Order | None = None
    for recorded in history:
        state = orders.evolve(state, cast("OrderEvent", recorded.event))
    return state


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOrder(Command):
    """The platform tells an order as bought; `key` is not asked for, the snapshot's digest says what is new."""

    OPERATION: ClassVar[str] = "register_order"
    key: str = ""
    snapshot: OrderSnapshot


async def register_order(desk: Desk, command: RegisterOrder) -> Done:
    """Register the order or its newer version; the same version again is nothing new."""
    platform = command.caller.platform
    stream = order_stream(platform, command.snapshot.order_id)

    async def attempt() -> Done:
        policy.require(command.OPERATION, command.caller, platform)
        history = await desk.store.load(stream)
        at = max([await desk.clock.now(), *(one.metadata.at for one in history[-1:])])
        events = orders.register(fold_order(history), platform, command.snapshot, by=command.caller.actor, at=at)
        if not events:
            return Done(stream, len(history), history[-1].position, repeated=True)
        keyed = RegisterOrder(
            caller=command.caller,
            key=f"order/{command.snapshot.order_id}/{len(history) + 1}/{command.snapshot.digest()}",
            snapshot=command.snapshot,
        )
        return await desk.append(keyed, keyed.metadata(platform, at, stream), [NewEvents(stream, len(history), events)])

    return await desk.carry_out(command, stream, attempt)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDispute(Command):
    """A buyer files on an order that the platform registered."""

    OPERATION: ClassVar[str] = "file_dispute"
    order_id: str
    claims: tuple[Asked, ...]


async def file_dispute(desk: Desk, command: FileDispute) -> Done:
    """File: the dispute begins and the order's lines are taken, both in one call."""
    platform, actor = command.caller.platform, command.caller.actor
    dispute = derived_id("dispute", str(command.command_id))
    stream = order_stream(platform, command.order_id)

    async def attempt() -> Done:
        policy.require(command.OPERATION, command.caller, platform)
        if done := await desk.earlier(command, dispute):
            return done
        history = await desk.store.load(stream)
        order = fold_order(history)
        if order is None or order.snapshot.buyer != actor.id:
            raise UnknownOrder(order=command.order_id)
        published = (await desk.bookcase.shelf(platform))[0].in_force
        if published is None:
            raise NoPlaybook(platform=platform)
        at = max(await desk.clock.now(), history[-1].metadata.at)
        playbook = await desk.bookcase.pinned(platform, published.digest)
        claims = intake.check_filing(order.snapshot, playbook, command.claims, by=actor)
        taken = tuple(line for claim in claims for line in claim.lines)
        marked = orders.dispute_lines(order, dispute, taken, by=actor, at=at)
        filed = intake.file_dispute(
            order.snapshot,
            playbook,
            number=case_number(dispute),
            playbook_digest=published.digest,
            draw_commitment=await desk.keys.commit_draw(dispute),
            claims=claims,
            by=actor,
            at=at,
        )
        return await desk.append(
            command,
            command.metadata(platform, at, dispute),
            [NewEvents(dispute, 0, (filed,)), NewEvents(stream, len(history), (marked,))],
        )

    return await desk.carry_out(command, dispute, attempt)


def case_number(dispute: UUID) -> str:
    """A number that people can read out: ten letters and digits without I, L, O, U, from the dispute's id."""
    code = base64.b32encode(hashlib.sha256(dispute.bytes).digest()).decode()[:10]
    readable = code.translate(str.maketrans("ILOU", "0189"))
    return f"D-{readable[:5]}-{readable[5:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddClaim(CaseCommand):
    """The buyer claims for further lines of the order."""

    OPERATION: ClassVar[str] = "add_claim"
    asked: Asked


async def add_claim(desk: Desk, command: AddClaim) -> Done:
    """Add the claim and take its lines of the order, both in one call."""
    actor = command.caller.actor

    async def attempt() -> Done:
        case = await desk.open_case(command)
        stream = order_stream(case.platform, case.dispute.intake.filed.order.order_id)
        history = await desk.store.load(stream)
        at = max(await desk.clock.now(), case.last_at, history[-1].metadata.at)
        added = intake.add_claim(case.dispute, case.playbook, command.asked, by=actor, at=at)
        marked = orders.dispute_lines(begun(fold_order(history)), case.id, added.claim.lines, by=actor, at=at)
        return await desk.append(
            command,
            command.metadata(case.platform, at, case.id),
            [NewEvents(case.id, case.version, (added,)), NewEvents(stream, len(history), (marked,))],
        )

    return await desk.carry_out(command, command.dispute, attempt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Respond(DisputeCommand):
    """The merchant answers; a counter-offer brings its terms."""

    OPERATION: ClassVar[str] = "respond"
    answer: Answer
    statement: str
    terms: tuple[Term, ...] = ()

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The answer, and what an acceptance or a counter-offer leads to."""
        events = negotiation.answer_claims(
            case.dispute, case.playbook, self.answer, self.statement, self.terms, by=self.caller.actor, at=at
        )
        return disputes.settle(case.dispute, case.id, events)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireClock(DisputeCommand):
    """A clock, or a pause of it, has run out; sent by the sweeper, checked again by the decider."""

    OPERATION: ClassVar[str] = "expire_clock"
    clock: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """What silence does."""
        name, of = read_key(self.clock)
        return disputes.expire(case.dispute, case.playbook, case.id, name, of, by=self.caller.actor, at=at)


def expire_clock(platform: str, dispute: UUID, clock: str, due_at: datetime) -> ExpireClock:
    """The sweeper's command for the deadline of the clock of this key; always the same, so that it happens once."""
    return ExpireClock(
        caller=Caller(SERVICE, platform),
        key=f"expire/{dispute}/{clock}/{due_at.isoformat()}",
        dispute=dispute,
        clock=clock,
    )


async def registered_order(
    desk: Desk, caller: Caller, order_id: str, operation: str = "see_order"
) -> tuple[Order, int]:
    """An order as registered, with its stream's version."""
    policy.require(operation, caller, caller.platform)
    history = await desk.store.load(order_stream(caller.platform, order_id))
    order = fold_order(history)
    if order is None:
        raise NotThere
    return order, len(history)

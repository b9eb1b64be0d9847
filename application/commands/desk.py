"""The desk that every command goes over: load → check → decide → append, safe to repeat and to race."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from application import policy
from application.case import fold_payout
from application.policy import Caller, NotThere
from application.ports import Conflict, Metadata, NewEvents
from domain.dispute import goodwill, remedy
from domain.dispute.dispute import DisputeEvent
from domain.dispute.goodwill import GoodwillGiven
from domain.dispute.recovery import RemedyStopped
from domain.dispute.remedy import RemedyOrdered
from domain.kernel import Actor, DomainError, Refused, Role, Unacceptable, begun, derived_id
from domain.remedy import payout as payouts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime
    from uuid import UUID

    from application.case import Bookcase, Case, CaseReader
    from application.ports import Clock, EventStore, Keys, Recorded

TRIES_MAX = 5
SERVICE = Actor(role=Role.SERVICE, id="gongduan", is_tool=True)


class Busy(Refused):
    """Others changed the case at the same moment, again and again. Send the same request once more."""

    CODE = "busy"


class VersionMoved(Refused):
    """The case is not at the version that If-Match names."""

    CODE = "version_moved"


class KeyReused(Unacceptable):
    """This Idempotency-Key came with another request before."""

    CODE = "idempotency_key_reused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What somebody wants done; `key` makes it safe to repeat, `body_digest` tells a repeat from a mistake."""

    OPERATION: ClassVar[str]
    caller: Caller
    key: str
    body_digest: str = ""

    @property
    def command_id(self) -> UUID:
        """Always the same for the same subject and key."""
        actor = self.caller.actor
        return derived_id("command", self.caller.platform, str(actor.role), actor.id, self.key)

    def metadata(self, platform: str, at: datetime, correlation: UUID) -> Metadata:
        """The envelope's words for the events of this command."""
        return Metadata(
            platform=platform,
            at=at,
            actor=self.caller.actor,
            command=self.OPERATION,
            command_id=self.command_id,
            correlation_id=correlation,
            body_digest=self.body_digest,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCommand(Command):
    """A command about one dispute; `if_version` is the version that the caller last saw, where it insists."""

    dispute: UUID
    if_version: int | None = None

    def check(self, case: Case) -> None:
        """Refuse who may not do this to the case, and what was meant for another version of it."""
        policy.require(self.OPERATION, self.caller, case.platform, case.dispute)
        if self.if_version not in (None, case.version):
            raise VersionMoved(version=case.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeCommand(CaseCommand, ABC):
    """A command that the dispute's stream alone decides."""

    @abstractmethod
    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """What happens, or a DomainError."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a command led to: the stream's version and the log's position behind it; the case if at hand."""

    stream: UUID
    version: int
    position: int
    repeated: bool = False
    case: Case | None = None


class Desk:
    """Carries out commands."""

    def __init__(self, *, store: EventStore, clock: Clock, cases: CaseReader, bookcase: Bookcase, keys: Keys) -> None:
        self.store = store
        self.clock = clock
        self.cases = cases
        self.bookcase = bookcase
        self.keys = keys

    async def on_dispute(self, command: DisputeCommand) -> Done:
        """Carry out a command on one dispute, with the payouts that it orders, all or nothing."""
        seen = self.cases.kept(command.dispute)

        async def attempt() -> Done:
            nonlocal seen
            case, seen = seen, None
            if case is not None:
                # What the case was when it was seen last is enough to append, for the append finds out whether it has
                # moved on; it is never enough to refuse, or to say that nothing is new.
                with suppress(DomainError, NotThere):
                    command.check(case)
                    if (done := await self._decide(command, case)).case is not case:
                        return done
            return await self._decide(command, await self.open_case(command))

        return await self.carry_out(command, command.dispute, attempt)

    async def open_case(self, command: CaseCommand) -> Case:
        """The case that a command is about, up to date and checked; what is not there is there for nobody."""
        case = await self.cases.load(command.dispute)
        if case is None:
            raise NotThere
        command.check(case)
        return case

    async def _decide(self, command: DisputeCommand, case: Case) -> Done:
        at = max(await self.clock.now(), case.last_at)
        events = command.decide(case, at)
        if not events:
            nothing_new = Done(case.id, case.version, case.position, case=case)
            return await self.earlier(command, case.id) or nothing_new
        money = (*payout_streams(case.platform, case.id, events), *await self._stopped(case, events, at))
        appends = [NewEvents(case.id, case.version, events), *money]
        done = await self.append(command, command.metadata(case.platform, at, case.id), appends)
        if done.repeated:
            return done
        position = done.position - sum(len(new.events) for new in money)
        return replace(done, case=self.cases.advance(case, events, position, at))

    async def _stopped(self, case: Case, events: tuple[DisputeEvent, ...], at: datetime) -> tuple[NewEvents, ...]:
        """The payouts that these events stop, each as it stands: appended in the same call."""
        found = []
        for event in events:
            if isinstance(event, RemedyStopped) and event.unpaid.minor:
                stream = case.dispute.remedy.ordered[event.line].payout
                history = await self.store.load(stream)
                if history[-1].metadata.at > at:
                    raise Conflict  # it moved while this was decided
                stopped = payouts.stop(fold_payout(recorded.event for recorded in history), at=at)
                found += [NewEvents(stream, len(history), (stopped,))] if stopped else []
        return tuple(found)

    async def carry_out(self, command: Command, stream: UUID, attempt: Callable[[], Awaitable[Done]]) -> Done:
        """Try; before a refusal, look whether this very command was done before."""
        try:
            return await race(attempt)
        except DomainError:
            if done := await self.earlier(command, stream):
                return done
            raise

    async def append(self, command: Command, metadata: Metadata, appends: Sequence[NewEvents]) -> Done:
        """Append, and answer what the first of the streams came to, which must be one that was read."""
        appended = await self.store.append(metadata, appends)
        first = appends[0]
        if appended.repeated:
            return begun(await self.earlier(command, first.stream))
        return Done(first.stream, begun(first.after_version) + len(first.events), appended.last_position)

    async def earlier(self, command: Command, stream: UUID) -> Done | None:
        """What this command led to when it was first done; refuses a key that came with another request."""
        recorded: tuple[Recorded, ...] = await self.store.of_command(command.command_id)
        mine = [one for one in recorded if one.stream == stream]
        if not recorded:
            return None
        first = recorded[0].metadata
        if not mine or (first.command, first.body_digest) != (command.OPERATION, command.body_digest):
            raise KeyReused
        return Done(stream, mine[-1].version, recorded[-1].position, repeated=True)


async def race(attempt: Callable[[], Awaitable[Done]]) -> Done:
    """Load and decide again when somebody else was faster, up to TRIES_MAX times."""
    for _ in range(TRIES_MAX):
        with suppress(Conflict):
            return await attempt()
    raise Busy(tries=TRIES_MAX)


def payout_streams(platform: str, dispute: UUID, events: tuple[DisputeEvent, ...]) -> tuple[NewEvents, ...]:
    """The payouts that these events order, each a new stream appended in the same call."""
    found = []
    for event in events:
        match event:
            case RemedyOrdered() if event.amount.minor:  # what money from outside covers is never sent
                found.append(NewEvents(event.payout, 0, (remedy.payout_of(platform, dispute, event),)))
            case GoodwillGiven():
                found.append(NewEvents(event.payout, 0, (goodwill.payout_of(platform, dispute, event),)))
            case _:
                pass
    return tuple(found)

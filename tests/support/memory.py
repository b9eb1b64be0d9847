"""Fakes of the ports: they keep their contracts, in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid5

from application.ports import (
    Appended,
    Conflict,
    Metadata,
    NewEvents,
    Paid,
    Recorded,
    StatementEntry,
    StatementPage,
)
from domain.kernel import EVENT_BYTES_MAX, NAMESPACE, Event, EventTooLarge
from domain.remedy.payout import PayoutOrdered
from tests.support.builders import FILED_AT
from tests.support.run import Rendezvous

GAP = 10  # positions have gaps, so that nobody counts on their being dense


class MemoryEventStore:
    """The log. Events go through their JSON, as they do on disk."""

    def __init__(self) -> None:
        self._log: list[Recorded] = []
        self.meanwhile: list[Callable[[], Awaitable[object]]] = []
        self.loaded: list[tuple[UUID, int]] = []  # which stream, after which version

    @property
    def log(self) -> tuple[Recorded, ...]:
        return tuple(self._log)

    async def load(
        self, stream: UUID, *, after_version: int = 0, up_to_version: int | None = None
    ) -> tuple[Recorded, ...]:
        self.loaded.append((stream, after_version))
        return tuple(one for one in self._log if one.stream == stream)[after_version:up_to_version]

    async def append(self, metadata: Metadata, appends: Sequence[NewEvents]) -> Appended:
        if self.meanwhile:
            await self.meanwhile.pop(0)()
        if not any(new.events for new in appends) or len({new.stream for new in appends}) != len(appends):
            msg = "a command brings events, to each stream once"
            raise ValueError(msg)
        stored = [[_stored(event) for event in new.events] for new in appends]
        if known := [one for one in self._log if one.metadata.command_id == metadata.command_id]:
            return Appended(known[0].position, known[-1].position, repeated=True)
        for new in appends:
            if new.after_version not in (None, self._length(new.stream)):
                raise Conflict
        rows = [
            (new.stream, version, event)
            for new, events in zip(appends, stored, strict=True)
            for version, event in enumerate(events, start=self._length(new.stream) + 1)
        ]
        envelope = Metadata.model_validate_json(metadata.model_dump_json())
        first = self._log[-1].position + GAP if self._log else 1
        self._log += [
            Recorded(
                position=position,
                stream=stream,
                version=version,
                event_id=uuid5(NAMESPACE, f"event {position}"),
                recorded_at=FILED_AT,
                metadata=envelope,
                event=event,
            )
            for position, (stream, version, event) in enumerate(rows, start=first)
        ]
        return Appended(first, self._log[-1].position)

    def lose_the_last(self) -> None:
        """As a database that is set back."""
        self._log.pop()

    def _length(self, stream: UUID) -> int:
        return sum(one.stream == stream for one in self._log)

    async def of_command(self, command_id: UUID) -> tuple[Recorded, ...]:
        return tuple(one for one in self._log if one.metadata.command_id == command_id)

    async def read(self, after: int, limit: int) -> tuple[Recorded, ...]:
        return tuple(one for one in self._log if one.position > after)[:limit]


def _stored(event: Event) -> Event:
    text = event.model_dump_json()
    size = len(text.encode())
    if size > EVENT_BYTES_MAX:
        raise EventTooLarge(event=event.TOPIC, bytes=size, at_most=EVENT_BYTES_MAX)
    return type(event).model_validate_json(text)


class FixedClock:
    """Stands still until the test moves it."""

    def __init__(self, at: datetime = FILED_AT) -> None:
        self.at = at

    async def now(self) -> datetime:
        return self.at

    def move(self, *, hours: float) -> None:
        self.at += timedelta(hours=hours)


class MemoryKeys:
    """Secrets, made once for a dispute."""

    def __init__(self) -> None:
        self.kept: dict[UUID, bytes] = {}

    async def commit_draw(self, dispute: UUID) -> str:
        secret = self.kept.setdefault(dispute, b"secret of " + dispute.bytes)
        return sha256(secret).hexdigest()


class ScriptedPayments:
    """Answers as its script says, then pays; a key is paid once, whatever is asked. May stop before it answers."""

    def __init__(self, *script: Paid | BaseException, stops: bool = False) -> None:
        self.script = list(script)
        self.stops = stops
        self.asked: list[tuple[UUID, PayoutOrdered]] = []
        self.paid: dict[UUID, Paid] = {}
        self.more: list[StatementEntry] = []
        self.since: datetime | None = None

    async def pay(self, key: UUID, order: PayoutOrdered) -> Paid:
        self.asked.append((key, order))
        if self.stops:
            await Rendezvous()
        answer = self.script.pop(0) if self.script else self.paid.get(key, Paid(f"payment of {key}", order.amount))
        if isinstance(answer, BaseException):
            raise answer
        return self.paid.setdefault(key, answer)

    async def statement(self, after: str | None = None) -> StatementPage:
        """Two entries a page."""
        start = int(after or 0)
        entries = [StatementEntry(str(key), paid.reference, paid.amount) for key, paid in self.paid.items()]
        entries += self.more
        left = start + 2 < len(entries)
        return StatementPage(tuple(entries[start : start + 2]), str(start + 2) if left else None, self.since)

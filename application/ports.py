"""What the application needs from the outside, as protocols; adapters live in infrastructure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from domain.kernel import Actor, Event, Moment, Value
from domain.money import Tender

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.money import Money
    from domain.playbook.playbook import Playbook
    from domain.remedy.payout import PayoutOrdered


class Metadata(Value):
    """The envelope's words about an event; stored as the bytes written, never re-serialised, no personal data."""

    platform: str
    at: Moment
    actor: Actor
    command: str
    command_id: UUID
    correlation_id: UUID
    causation_id: UUID | None = None
    body_digest: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A stored event in its envelope.

    `position` is its place in the log (gaps are possible), `version` its place in its stream (from 1, dense).
    """

    position: int
    stream: UUID
    version: int
    event_id: UUID
    recorded_at: datetime
    metadata: Metadata
    event: Event


@dataclass(frozen=True, slots=True)
class NewEvents:
    """Events to add to one stream, which the writer read up to `after_version` (0 = a new stream).

    None puts them at the end, wherever that is: for streams in which nothing depends on what stands before.
    """

    stream: UUID
    after_version: int | None
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Appended:
    """Where a command's events stand in the log; `repeated` when an earlier call with its id had stored them."""

    first_position: int
    last_position: int
    repeated: bool = False


class Conflict(Exception):
    """Somebody else appended to a stream after it was read. Load again and decide again."""


class EventStore(Protocol):
    """The log: append-only, totally ordered, each command at most once."""

    async def load(
        self, stream: UUID, *, after_version: int = 0, up_to_version: int | None = None
    ) -> tuple[Recorded, ...]:
        """The events of a stream in order, all unless told; empty when there is none."""
        ...

    async def append(self, metadata: Metadata, appends: Sequence[NewEvents]) -> Appended:
        """Add events to several streams, all or nothing; `metadata.command_id` at most once for ever.

        Raises Conflict when one of the streams has moved, EventTooLarge when an event is over the limit.
        """
        ...

    async def of_command(self, command_id: UUID) -> tuple[Recorded, ...]:
        """The events that a command stored, in order; empty when it stored none."""
        ...

    async def read(self, after: int, limit: int) -> tuple[Recorded, ...]:
        """The log after a position, in order, at most `limit` events."""
        ...


class Clock(Protocol):
    """The service's one time: the database's clock, plus the test clock's offset outside production."""

    async def now(self) -> datetime:
        """The time now, UTC."""
        ...


class Keys(Protocol):
    """Secrets that are not in the database."""

    async def commit_draw(self, dispute: UUID) -> str:
        """Keep a secret for this dispute's draw, made once; answer its SHA-256 commitment as hex."""
        ...


class PlaybookReader(Protocol):
    """Reads a playbook file."""

    def __call__(self, source: str) -> Playbook:
        """The playbook that the file's text says; raises UnreadablePlaybook with line and remedy."""
        ...


@dataclass(frozen=True, slots=True)
class Paid:
    """The provider's word that it paid."""

    reference: str
    amount: Money


class PaymentRefused(Exception):
    """The provider says no, or answers something that cannot be taken for a payment."""


class PaymentUnknown(Exception):
    """No answer came: the provider may or may not have paid."""


@dataclass(frozen=True, slots=True)
class StatementEntry:
    """A payment as the provider's own statement shows it."""

    key: str
    reference: str
    amount: Money
    tender: Tender = Tender.MONEY


@dataclass(frozen=True, slots=True)
class StatementPage:
    """A page of the statement in the order of payment; it goes back to `since`, or to the beginning."""

    entries: tuple[StatementEntry, ...]
    next: str | None = None
    since: datetime | None = None


class StatementUnavailable(Exception):
    """The provider does not give its statement; the message says why in a short code."""


class Payments(Protocol):
    """The platform's payment service."""

    async def pay(self, key: UUID, order: PayoutOrdered) -> Paid:
        """Pay `order`; the same `key` is paid at most once. Raises PaymentRefused or PaymentUnknown."""
        ...

    async def statement(self, after: str | None = None) -> StatementPage:
        """What was paid, page by page; `after` is `next` of the page before. Raises StatementUnavailable."""
        ...

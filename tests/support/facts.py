"""Made-up events and envelopes for tests of the log, which does not care what happened."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from application.ports import Metadata, NewEvents
from domain.kernel import Actor, Event, Role
from infrastructure.ids import uuid7
from infrastructure.postgres.mapper import Mapper

if TYPE_CHECKING:
    from collections.abc import Sequence

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Noted(Event):
    """Somebody noted a word; its second version says in which language."""

    TOPIC: ClassVar[str] = "test.noted"
    VERSION: ClassVar[int] = 2

    word: str
    language: str


class Counted(Event):
    """Somebody counted."""

    TOPIC: ClassVar[str] = "test.counted"

    number: int


def name_language(raw: dict[str, object]) -> dict[str, object]:
    """The first version knew only Chinese."""
    return {**raw, "language": "zh"}


MAPPER = Mapper([Noted, Counted], {("test.noted", 1): name_language})


def envelope(command_id: UUID | None = None) -> Metadata:
    """Who and when, the same for all but the command."""
    return Metadata(
        platform="xianyu",
        at=NOON,
        actor=Actor(role=Role.BUYER, id="buyer-1"),
        command="Note",
        command_id=command_id or uuid7(),
        correlation_id=UUID(int=7),
    )


def note(stream: UUID, after: int, *words: str) -> Sequence[NewEvents]:
    """Words to add to a stream."""
    return [NewEvents(stream, after, tuple(Noted(word=word, language="zh") for word in words))]

"""Events to bytes and back: a closed register of event classes, and the way from every older shape to today's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

from eventsourcing.persistence import JSONTranscoder, Notification, StoredEvent
from eventsourcing.persistence import Mapper as LibraryMapper
from pydantic import ValidationError

from application.ports import Metadata, Recorded
from domain.kernel import EVENT_BYTES_MAX, Event, EventTooLarge

if TYPE_CHECKING:
    from eventsourcing.domain import DomainEventProtocol

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
Upcasters = Mapping[tuple[str, int], Upcaster]
NO_UPCASTERS: Final[Upcasters] = MappingProxyType({})


class UnknownEvent(Exception):
    """The register has no such event, or not in this version."""


class UnreadableEvent(Exception):
    """The log holds bytes that are not what their topic says; the values are left out of the message on purpose."""


class Enveloped(Recorded):
    """A recorded event under the names by which the eventsourcing library asks for them."""

    @property
    def originator_id(self) -> UUID:
        """Its stream."""
        return self.stream

    @property
    def originator_version(self) -> int:
        """Its place in the stream."""
        return self.version


@dataclass(frozen=True)
class EnvelopedEvent(Notification):
    """The library's stored event with the envelope that the library has no place for; `id` is the position."""

    event_id: UUID
    metadata: bytes
    recorded_at: datetime


class Mapper(LibraryMapper[UUID]):
    """Writes and reads the events it was given and no others; nothing is ever imported by a stored name.

    An upcaster turns the raw form of a topic's version into that of the next one.
    """

    def __init__(self, classes: Iterable[type[Event]], upcasters: Upcasters = NO_UPCASTERS) -> None:
        super().__init__(JSONTranscoder())  # never used; the library expects one to be there
        self._topics: dict[type[Event], str] = {}
        self._readers: dict[str, tuple[type[Event], tuple[Upcaster, ...]]] = {}
        unused = set(upcasters)
        for kind in classes:
            self._topics[kind] = f"{kind.TOPIC}@{kind.VERSION}"
            steps = [(kind.TOPIC, version) for version in range(1, kind.VERSION)]
            for version in range(1, kind.VERSION + 1):
                topic = f"{kind.TOPIC}@{version}"
                if topic in self._readers:
                    msg = f"two event classes have the topic {topic}"
                    raise ValueError(msg)
                try:
                    self._readers[topic] = kind, tuple(upcasters[step] for step in steps[version - 1 :])
                except KeyError as missing:
                    msg = f"no upcaster for {missing}: what was stored then could not be read"
                    raise ValueError(msg) from None
            unused.difference_update(steps)
        if unused:
            msg = f"upcasters for what no event class has been: {sorted(unused)}"
            raise ValueError(msg)

    def encode(self, event: Event) -> tuple[str, bytes]:
        """The stored topic and the compact JSON of an event."""
        topic = self._topics.get(type(event))
        if topic is None:
            msg = f"{type(event).__qualname__} is not in the register of events"
            raise UnknownEvent(msg)
        state = event.model_dump_json().encode()
        if len(state) > EVENT_BYTES_MAX:
            raise EventTooLarge(event=topic, bytes=len(state), at_most=EVENT_BYTES_MAX)
        return topic, state

    def decode(self, topic: str, state: bytes) -> Event:
        """The event that was stored, brought to its class's present shape and validated."""
        reader = self._readers.get(topic)
        if reader is None:
            msg = f"the log holds {topic}, which this release does not know"
            raise UnknownEvent(msg)
        kind, upcasters = reader
        try:
            if upcasters:
                raw = json.loads(state)
                for upcaster in upcasters:
                    raw = upcaster(raw)
                state = json.dumps(raw, ensure_ascii=False).encode()
            return kind.model_validate_json(state)
        except ValidationError as error:
            faults = ", ".join(f"{'.'.join(map(str, e['loc']))}: {e['type']}" for e in error.errors())
            msg = f"a stored {topic} is not valid: {faults}"
            raise UnreadableEvent(msg) from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            msg = f"a stored {topic} cannot be brought to its present shape: {type(error).__name__}"
            raise UnreadableEvent(msg) from None

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> EnvelopedEvent:
        """The library's way to write: `domain_event` is an Enveloped, whose position and time the log will set."""
        if not isinstance(domain_event, Enveloped):
            msg = f"{type(domain_event).__qualname__} has no envelope"
            raise UnknownEvent(msg)
        topic, state = self.encode(domain_event.event)
        return EnvelopedEvent(
            id=domain_event.position,
            originator_id=domain_event.stream,
            originator_version=domain_event.version,
            topic=topic,
            state=state,
            event_id=domain_event.event_id,
            metadata=encode_metadata(domain_event.metadata),
            recorded_at=domain_event.recorded_at,
        )

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        """The library's way to read: an Enveloped, from what our recorder has selected."""
        if not isinstance(stored_event, EnvelopedEvent):
            msg = f"a {stored_event.topic} was selected without its envelope"
            raise UnreadableEvent(msg)
        enveloped = Enveloped(
            position=stored_event.id,
            stream=cast("UUID", stored_event.originator_id),
            version=stored_event.originator_version,
            event_id=stored_event.event_id,
            recorded_at=stored_event.recorded_at,
            metadata=decode_metadata(stored_event.metadata),
            event=self.decode(stored_event.topic, stored_event.state),
        )
        return cast("DomainEventProtocol[UUID]", enveloped)


def encode_metadata(metadata: Metadata) -> bytes:
    """The bytes that are stored, and hashed by proofs."""
    return metadata.model_dump_json().encode()


def decode_metadata(stored: bytes) -> Metadata:
    """The envelope's words from the bytes that were stored."""
    try:
        return Metadata.model_validate_json(stored)
    except ValidationError as error:
        msg = f"stored metadata is not valid: {error.error_count()} faults"
        raise UnreadableEvent(msg) from None

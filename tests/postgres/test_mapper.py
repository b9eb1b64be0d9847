"""Events to bytes and back."""

from __future__ import annotations

import json
from typing import ClassVar
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent

from domain.kernel import EVENT_BYTES_MAX, Event, EventTooLarge
from infrastructure.postgres.mapper import (
    Enveloped,
    EnvelopedEvent,
    Mapper,
    UnknownEvent,
    UnreadableEvent,
    decode_metadata,
    encode_metadata,
)
from tests.support.facts import MAPPER, NOON, Counted, Noted, envelope, name_language


class Weighed(Event):
    """On its third shape."""

    TOPIC: ClassVar[str] = "test.weighed"
    VERSION: ClassVar[int] = 3

    grams: int


def in_kilograms(raw: dict[str, object]) -> dict[str, object]:
    return {"kilograms": int(str(raw["pounds"])) // 2}


def in_grams(raw: dict[str, object]) -> dict[str, object]:
    return {"grams": int(str(raw["kilograms"])) * 1000}


def test_an_event_is_stored_as_compact_json_under_its_topic_and_version() -> None:
    noted = Noted(word="货不对板", language="zh")
    assert MAPPER.encode(noted) == ("test.noted@2", '{"word":"货不对板","language":"zh"}'.encode())
    assert MAPPER.decode(*MAPPER.encode(noted)) == noted


def test_an_event_of_an_older_shape_is_brought_to_the_present_one_step_by_step() -> None:
    mapper = Mapper([Weighed], {("test.weighed", 2): in_grams, ("test.weighed", 1): in_kilograms})
    assert mapper.decode("test.weighed@1", b'{"pounds":4}') == Weighed(grams=2000)
    assert mapper.decode("test.weighed@2", b'{"kilograms":3}') == Weighed(grams=3000)
    assert mapper.decode("test.weighed@3", b'{"grams":5}') == Weighed(grams=5)


@pytest.mark.parametrize("topic", ["test.noted@3", "test.noted@0", "test.noted", "os:system", "test.burnt@1"])
def test_a_topic_or_version_that_is_not_in_the_register_is_refused_and_nothing_is_imported(topic: str) -> None:
    with pytest.raises(UnknownEvent, match="this release does not know"):
        MAPPER.decode(topic, b"{}")


def test_an_event_class_that_is_not_in_the_register_is_not_written() -> None:
    with pytest.raises(UnknownEvent, match="Weighed is not in the register"):
        MAPPER.encode(Weighed(grams=1))


@pytest.mark.parametrize(
    ("topic", "state"),
    [
        ("test.counted@1", b'{"number":"1"}'),
        ("test.counted@1", b'{"number":1,"more":2}'),
        ("test.counted@1", b"{}"),
        ("test.counted@1", b"\xff"),
        ("test.noted@1", b'{"word":5}'),
        ("test.noted@1", b"[]"),
        ("test.noted@1", b"not JSON"),
    ],
)
def test_what_does_not_fit_its_class_is_refused_without_repeating_its_values(topic: str, state: bytes) -> None:
    with pytest.raises(UnreadableEvent) as refusal:
        MAPPER.decode(topic, state)
    assert topic in str(refusal.value)
    assert "more" not in str(refusal.value) or "extra_forbidden" in str(refusal.value)
    assert refusal.value.__suppress_context__


def test_personal_words_of_a_damaged_event_do_not_show_up_in_the_refusal() -> None:
    with pytest.raises(UnreadableEvent) as refusal:
        MAPPER.decode("test.counted@1", '{"number":"张三的电话"}'.encode())
    assert "张三" not in str(refusal.value)


def test_an_upcaster_that_fails_on_damaged_bytes_says_so() -> None:
    mapper = Mapper([Weighed], {("test.weighed", 1): in_kilograms, ("test.weighed", 2): in_grams})
    with pytest.raises(UnreadableEvent, match="present shape: KeyError"):
        mapper.decode("test.weighed@1", b"{}")


def test_a_register_that_could_not_read_an_older_shape_is_refused_at_start() -> None:
    with pytest.raises(ValueError, match=r"no upcaster for \('test.weighed', 1\)"):
        Mapper([Weighed], {("test.weighed", 2): in_grams})
    with pytest.raises(ValueError, match=r"two event classes have the topic test\.counted@1"):
        Mapper([Counted, Counted])
    with pytest.raises(ValueError, match="upcasters for what no event class has been"):
        Mapper([Counted], {("test.noted", 1): name_language})


def test_an_event_over_the_limit_is_refused_before_it_reaches_the_database() -> None:
    fits = Noted(word="x" * (EVENT_BYTES_MAX - len('{"word":"","language":""}')), language="")
    assert len(MAPPER.encode(fits)[1]) == EVENT_BYTES_MAX
    with pytest.raises(EventTooLarge) as refused:
        MAPPER.encode(Noted(word=fits.word, language="x"))
    assert refused.value.details == {"event": "test.noted@2", "bytes": 65_537, "at_most": EVENT_BYTES_MAX}


def test_metadata_is_compact_json_and_comes_back_the_same() -> None:
    metadata = envelope()
    stored = encode_metadata(metadata)
    assert json.loads(stored)["actor"] == {"role": "buyer", "id": "buyer-1", "on_behalf_of": None, "is_tool": False}
    assert b": " not in stored
    assert decode_metadata(stored) == metadata
    with pytest.raises(UnreadableEvent):
        decode_metadata(b"{}")


def test_the_library_gets_the_envelope_along_with_the_event() -> None:
    enveloped = Enveloped(
        position=7,
        stream=UUID(int=1),
        version=3,
        event_id=UUID(int=2),
        recorded_at=NOON,
        metadata=envelope(),
        event=Counted(number=1),
    )
    stored = MAPPER.to_stored_event(enveloped)
    assert (stored.originator_id, stored.originator_version, stored.topic) == (UUID(int=1), 3, "test.counted@1")
    assert isinstance(stored, EnvelopedEvent)
    assert MAPPER.to_domain_event(stored) == enveloped
    assert MAPPER.to_domain_event(stored).originator_version == 3


def test_the_library_may_not_store_or_read_an_event_without_its_envelope() -> None:
    with pytest.raises(UnknownEvent, match="Counted has no envelope"):
        MAPPER.to_stored_event(Counted(number=1))  # type: ignore[arg-type]
    with pytest.raises(UnreadableEvent, match="without its envelope"):
        MAPPER.to_domain_event(StoredEvent(UUID(int=1), 1, "test.counted@1", b'{"number":1}'))

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel, StringConstraints

from domain.events import EVENTS as STORED
from domain.jury.juror import JurorEvent
from domain.jury.panel import PanelEvent
from domain.jury.person import PersonVouched
from domain.kernel import Act, DomainError, Event, Id, NotYours, Personal, Refused, Unacceptable
from tests.support.tree import files, modules, syntax

# Nothing appends these yet: until cases are sent to a jury their shapes are no history and can change.
NOT_STORED_YET: tuple[type[Event], ...] = (*get_args(PanelEvent), *get_args(JurorEvent), PersonVouched)
EVENTS = (*STORED, *NOT_STORED_YET)
# Free text in events that is not about a person, and why.
NOT_PERSONAL = {
    "Bilingual.en": "a sentence of the playbook",
    "Bilingual.zh": "a sentence of the playbook",
    "DisputeFiled.number": "made from the dispute's id",
    "DisputeFiled.playbook_version": "named by the rule-writer",
    "Entropy.beacon": "a public beacon's value",
    "ExternalRefundReported.reference": "the platform's name for a payment",
    "OrderLine.title": "the shop's public listing",
    "OrderSnapshot.listing": "the shop's public listing",
    "PayoutConfirmed.reference": "the provider's name for a payment",
    "PayoutMismatched.reference": "the provider's name for a payment",
    "PayoutRecovered.reference": "the platform's name for a payment",
    "RemedyRecovered.reference": "the platform's name for a payment",
    "PayoutFailed.reason": "a machine's answer",
    "PayoutUnknown.reason": "a machine's answer",
    "PlaybookPublished.source": "published rules",
    "PlaybookPublished.version": "named by the rule-writer",
    "Promise.text": "the shop's public promise",
    "Step.rounding": "the name of a rounding",
    "Step.rule": "the id of a rule",
    "Step.source": "the name of a fact",
}
LEAVES = (str, int, bool, datetime, AwareDatetime, UUID, Enum, NoneType)


@dataclass(frozen=True)
class Field:
    """A field somewhere inside an event, with the marks on it."""

    owner: str
    name: str
    kind: Any
    marks: tuple[Any, ...]

    @property
    def full_name(self) -> str:
        return f"{self.owner}.{self.name}"

    @property
    def is_free_text(self) -> bool:
        """Text that is not held to a closed alphabet."""
        patterns = [str(mark.pattern) for mark in self.marks if isinstance(mark, StringConstraints) and mark.pattern]
        return self.kind is str and all(re.search(pattern, "any words, 甲 and 乙") for pattern in patterns)


def fields(model: type[BaseModel], seen: frozenset[type] = frozenset()) -> Iterator[Field]:
    for name, annotation in get_type_hints(model, include_extras=True).items():
        if name in model.model_fields:
            yield from unfold(model, name, annotation, (), seen | {model})


def unfold(owner: type, name: str, kind: Any, marks: tuple[Any, ...], seen: frozenset[type]) -> Iterator[Field]:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        yield from unfold(owner, name, arguments[0], (*marks, *arguments[1:]), seen)
    elif origin in {Union, UnionType, tuple, dict}:
        for one in arguments:
            if one is not Ellipsis:
                yield from unfold(owner, name, one, marks, seen)
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        if kind not in seen:
            yield from fields(kind, seen)
    else:
        yield Field(owner.__name__, name, kind, marks)


def subclasses(kind: type[Any]) -> set[type[Any]]:
    children: set[type[Any]] = set(kind.__subclasses__())
    return children.union(*(subclasses(child) for child in children))


def ours(kind: type) -> bool:
    return kind.__module__.split(".")[0] in {"domain", "application", "infrastructure"}


LAYERS = modules("domain", "application")


def test_every_event_class_is_in_the_closed_list_once() -> None:
    assert LAYERS
    assert {kind for kind in subclasses(Event) if ours(kind)} - {Act} == set(EVENTS)
    assert len(set(EVENTS)) == len(EVENTS)


def test_every_event_has_a_topic_of_its_own_and_a_version() -> None:
    assert len({event.TOPIC for event in EVENTS}) == len(EVENTS)
    for event in EVENTS:
        assert "TOPIC" in vars(event), "a topic is not inherited"
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", event.TOPIC)
        assert event.VERSION >= 1
        assert event.__doc__


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.TOPIC)
def test_an_event_never_changes_and_knows_no_unknown_field(event: type[Event]) -> None:
    assert event.model_config.get("frozen")
    assert event.model_config.get("extra") == "forbid"
    assert event.model_config.get("strict")


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.TOPIC)
def test_no_event_holds_a_float_or_anything_whose_shape_is_open(event: type[Event]) -> None:
    for field in fields(event):
        if get_origin(field.kind) is Literal:
            continue
        assert isinstance(field.kind, type), field
        assert issubclass(field.kind, LEAVES), field


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.TOPIC)
def test_every_text_that_people_write_is_marked_as_personal(event: type[Event]) -> None:
    for field in fields(event):
        marked = any(isinstance(mark, Personal) for mark in field.marks)
        if field.is_free_text:
            assert marked != (field.full_name in NOT_PERSONAL), field.full_name


def test_every_exception_from_the_mark_is_still_needed() -> None:
    assert {field.full_name for event in EVENTS for field in fields(event)} >= set(NOT_PERSONAL)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.TOPIC)
def test_a_personal_text_names_whose_it_is_by_an_id_in_the_same_event(event: type[Event]) -> None:
    for field in fields(event):
        for mark in field.marks:
            if isinstance(mark, Personal):
                assert resolve(event, mark.subject) == Id, field.full_name


def resolve(event: type[BaseModel], path: str) -> Any:
    kind: Any = event
    for step in path.removeprefix("/").split("/"):
        kind = get_type_hints(kind, include_extras=True)[step]
    return kind


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.TOPIC)
def test_every_text_and_list_in_an_event_that_a_person_fills_has_a_limit(event: type[Event]) -> None:
    for field in fields(event):
        if field.is_free_text:
            limits = [mark.max_length for mark in field.marks if isinstance(mark, StringConstraints)]
            assert any(limits), field.full_name


REFUSALS = sorted(
    (kind for kind in subclasses(DomainError) if ours(kind) and kind not in {Refused, NotYours, Unacceptable}),
    key=lambda kind: kind.__name__,
)


def test_every_refusal_has_a_public_code_of_its_own() -> None:
    codes = [vars(refusal).get("CODE") for refusal in REFUSALS]
    assert len(set(codes)) == len(codes)
    for code in codes:
        assert code
        assert re.fullmatch(r"[a-z][a-z_]+", code)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.__name__)
def test_every_refusal_says_what_it_means(refusal: type[DomainError]) -> None:
    assert vars(refusal).get("__doc__")
    assert issubclass(refusal, Refused | NotYours | Unacceptable)


@cache
def raised() -> set[str]:
    return {
        node.func.id
        for path in files("domain", "application", "infrastructure")
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    } | {
        node.exc.id
        for path in files("domain", "application", "infrastructure")
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name)
    }


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.__name__)
def test_every_refusal_is_somewhere_refused_with(refusal: type[DomainError]) -> None:
    assert refusal.__name__ in raised()

"""A YAML text as plain data with the place of everything in it; what a rule file has no use for is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, DocumentStartEvent, NodeEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ruamel.yaml.error import StreamMark

DEPTH_MAX: Final = 20
TAG: Final = "tag:yaml.org,2002:"
DAY: Final = f"{TAG}timestamp"  # stays the text that stands there; what is no day of the calendar is told as such later
TAGS: Final = frozenset(f"{TAG}{kind}" for kind in ("map", "seq", "str", "int", "float", "bool", "null")) | {DAY}

Steps = tuple[int | str, ...]


class Place(NamedTuple):
    """Where something stands in the file; both count from 1."""

    line: int
    column: int


class TooClever(Exception):
    """The file uses a part of YAML that rule files do without: it hides what is meant or makes small files huge."""

    def __init__(self, kind: str, place: Place, found: str = "") -> None:
        super().__init__(kind)
        self.kind = kind
        self.place = place
        self.found = found


@dataclass
class Laid:
    """The file's content, where each part of it stands, and keys that stand twice or are not text."""

    content: Any = None
    places: dict[Steps, Place] = field(default_factory=dict)
    words: dict[str, Place] = field(default_factory=dict)
    mistakes: list[tuple[str, Place, str]] = field(default_factory=list)

    def place_of(self, steps: Steps) -> Place:
        """Where this stands, or, where it is missing, the nearest thing around it."""
        while steps not in self.places:
            if not steps:
                return Place(1, 1)
            steps = steps[:-1]
        return self.places[steps]

    def keys_at(self, steps: Steps) -> set[str]:
        """The keys that stand in the mapping at this place."""
        depth = len(steps)
        return {str(found[depth]) for found in self.places if len(found) == depth + 1 and found[:depth] == steps}

    def place_of_word_in(self, sentence: str) -> Place:
        """Where the last of the sentence's words that is a value of its own stands in the file."""
        words = sentence.replace(",", "").split()
        return next((self.words[word] for word in reversed(words) if word in self.words), Place(1, 1))


def lay_out(source: str) -> Laid:
    """Read the text. Raises TooClever, or the library's YAMLError."""
    yaml = YAML(typ="safe", pure=True)
    _check_events(yaml.parse(source))
    root = yaml.compose(source)
    laid = Laid()
    if root is not None:
        laid.content = _build(yaml, root, (), laid)
    return laid


def _check_events(events: Iterable[object]) -> None:
    depth = 0
    for event in events:
        if isinstance(event, DocumentStartEvent) and (event.version or event.tags):
            raise TooClever("directive", _place(event.start_mark))
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            raise TooClever("anchor", _place(event.start_mark), str(event.anchor))
        if isinstance(event, CollectionStartEvent):
            depth += 1
            if depth > DEPTH_MAX:
                raise TooClever("too_deep", _place(event.start_mark))
        elif isinstance(event, CollectionEndEvent):
            depth -= 1


def _build(yaml: YAML, node: Node, steps: Steps, laid: Laid) -> Any:  # noqa: ANN401 - a YAML file holds anything
    laid.places.setdefault(steps, _place(node.start_mark))
    if node.tag not in TAGS:
        raise TooClever("kind_of_value", _place(node.start_mark), str(node.tag).removeprefix(TAG))
    if isinstance(node, SequenceNode):
        return [_build(yaml, inner, (*steps, index), laid) for index, inner in enumerate(node.value)]
    if isinstance(node, MappingNode):
        content: dict[str, Any] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, ScalarNode) else "[…]"
            place = _place(key.start_mark)
            if key.tag != f"{TAG}str":
                laid.mistakes.append(("key_not_text", place, name))
            elif name in content:
                laid.mistakes.append(("key_twice", place, name))
            else:
                laid.places[*steps, name] = place
                content[name] = _build(yaml, value, (*steps, name), laid)
        return content
    if node.tag == DAY:
        laid.words[node.value] = _place(node.start_mark)
        return node.value
    try:
        value = yaml.constructor.construct_object(node)
    except ValueError as error:
        raise TooClever("kind_of_value", _place(node.start_mark), str(node.value)) from error
    laid.words[str(value)] = _place(node.start_mark)
    return value


def _place(mark: StreamMark) -> Place:
    return Place(mark.line + 1, mark.column + 1)

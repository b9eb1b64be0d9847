"""Reads a playbook file, and tells every mistake at once: where it is, what stands there, what may stand there."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from domain.kernel import Unacceptable
from domain.playbook.playbook import SOURCE_CHARS_MAX, Playbook
from infrastructure.playbooks.positions import Laid, Place, TooClever, lay_out
from infrastructure.web.sentences import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic_core import ErrorDetails

COMMON: Final = files("infrastructure.playbooks").joinpath("common.yaml").read_text(encoding="utf-8")
XIANYU: Final = files("infrastructure.playbooks").joinpath("xianyu.yaml").read_text(encoding="utf-8")
SHOWN_CHARS_MAX: Final = 100
MISTAKES_MAX: Final = 100  # the same slip in every row tells nothing new

# Which sentence tells which of pydantic's findings; a finding that is not here is told by the general one.
KINDS: Final = {
    "missing": "missing",
    "extra_forbidden": "unknown_key",
    "enum": "not_on_list",
    "literal_error": "not_on_list",
    "string_type": "not_text",
    "string_pattern_mismatch": "wrong_form",
    "string_too_short": "wrong_length",
    "string_too_long": "wrong_length",
    "int_type": "not_whole_number",
    "int_from_float": "not_whole_number",
    "bool_type": "not_true_or_false",
    "greater_than_equal": "too_small",
    "less_than_equal": "too_great",
    "too_short": "too_few",
    "too_long": "too_many",
    "tuple_type": "not_a_list",
    "model_type": "not_a_mapping",
    "model_attributes_type": "not_a_mapping",
    "dict_type": "not_a_mapping",
    "value_error": "does_not_hold_together",
}


class UnreadablePlaybook(Unacceptable):
    """The file is no playbook; `mistakes` says for each why, with line, column and path, in both languages."""

    CODE = "unreadable_playbook"

    def __init__(self, mistakes: list[dict[str, Any]]) -> None:
        super().__init__(mistakes=mistakes)


def read_playbook(source: str) -> Playbook:
    """The playbook that the file's text says; raises UnreadablePlaybook with line and remedy."""
    if len(source) > SOURCE_CHARS_MAX:
        raise UnreadablePlaybook([_mistake("too_long", Place(1, 1), found=len(source), at_most=SOURCE_CHARS_MAX)])
    try:
        laid = lay_out(source)
    except TooClever as error:
        raise UnreadablePlaybook([_mistake(error.kind, error.place, found=error.found)]) from error
    except ReaderError as error:
        place = Place(source.count("\n", 0, error.position) + 1, error.position - source.rfind("\n", 0, error.position))
        raise UnreadablePlaybook([_mistake("not_printable", place, found=f"U+{int(error.character):04X}")]) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        raise UnreadablePlaybook([_mistake("not_yaml", place, problem=error.problem or error.context)]) from error
    except YAMLError as error:
        raise UnreadablePlaybook([_mistake("not_yaml", Place(1, 1), problem=str(error))]) from error
    if laid.content is None:
        raise UnreadablePlaybook([_mistake("empty", Place(1, 1))])
    mistakes = [_mistake(kind, place, found=found) for kind, place, found in laid.mistakes]
    try:
        playbook = Playbook.model_validate_json(json.dumps(laid.content))
    except ValidationError as error:
        found = error.errors(include_url=False)[:MISTAKES_MAX]
        mistakes += [mistake for one in found for mistake in _told(one, laid)]
    if mistakes:
        raise UnreadablePlaybook(sorted(mistakes, key=lambda one: (one["line"], one["column"]))[:MISTAKES_MAX])
    return playbook


def _mistake(kind: str, place: Place, path: str = "", **words: object) -> dict[str, Any]:
    """One mistake as data and as a sentence in each language."""
    where = {"line": place.line, "column": place.column, "path": _short(path)}
    words = {name: _short(one) if isinstance(one, str) else one for name, one in words.items()}
    return {
        **where,
        "problem": kind,
        **{language: say(language, f"playbook.{kind}", **where, **words) for language in LANGUAGES},
    }


def _told(error: ErrorDetails, laid: Laid) -> Iterator[dict[str, Any]]:
    """What pydantic found, in a rule-writer's words."""
    kind = KINDS.get(error["type"], "does_not_fit")
    limits = error.get("ctx", {})
    if kind == "does_not_hold_together":
        for problem in str(limits["error"]).split("; "):
            place = laid.place_of_word_in(problem)
            yield _mistake(kind, place, problem=problem)
        return
    steps = tuple(step for step in error["loc"] if step != "[key]")
    words: dict[str, object] = {
        "found": _shown(error["input"]),
        "allowed": _allowed(limits),
        "at_least": limits.get("ge", limits.get("min_length")),
        "at_most": limits.get("le", limits.get("max_length")),
    }
    if kind in ("missing", "unknown_key"):
        *above, key = steps
        words |= {"key": key, "allowed": sorted(_keys_at(tuple(above)) - laid.keys_at(tuple(above)))}
    yield _mistake(kind, laid.place_of(steps), path_of(steps) or "(…)", **words)


def _allowed(limits: Mapping[str, Any]) -> list[str]:
    """The values that may stand here, out of "'a', 'b' or 'c'", or the pattern that they follow."""
    expected = str(limits.get("expected") or limits.get("pattern", ""))
    return re.findall(r"'([^']*)'", expected) or [expected]


def _shown(found: object) -> str:
    """What stands in the file."""
    if isinstance(found, dict):
        return "{…}"
    if isinstance(found, list):
        return "[…]"
    return json.dumps(found, ensure_ascii=False)


def _short(text: str) -> str:
    return text if len(text) <= SHOWN_CHARS_MAX else f"{text[:SHOWN_CHARS_MAX]}…"


def path_of(steps: tuple[int | str, ...]) -> str:
    """`rules[2].finding` for ("rules", 2, "finding")."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")


@cache
def _schema() -> dict[str, Any]:
    return Playbook.model_json_schema()


def _keys_at(steps: tuple[int | str, ...]) -> set[str]:
    """The keys that the model knows at this place, read from its JSON schema."""
    schema = _schema()
    node = schema
    for step in steps:
        inner = node.get("items") if isinstance(step, int) else node.get("properties", {}).get(step)
        node = inner or node.get("additionalProperties") or {}
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]] if "$ref" in node else node
    return set(node.get("properties", ()))

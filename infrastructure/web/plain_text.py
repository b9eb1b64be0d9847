"""Outside text made harmless, and text set for a terminal, where Chinese characters take two columns."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import lru_cache
from typing import Final

COLUMNS: Final = 100
# Ambiguous characters are wide in some terminals; counted as wide, lines are never too long.
WIDE: Final = frozenset("WFA")
OPENING: Final = frozenset("（“‘《「【([{")
CLOSING: Final = frozenset("，。；：、？！）”’》」】…,.;:?!)]}%")
SPACE: Final = re.compile(r"\s+")
# No line ends within an amount or a date; everything else is looked at by the character.
ELEMENT: Final = re.compile(
    r"[A-Z]{3} -?\d[\d.]{0,20}|-?\d[\d.]{0,20} 元|\d{4}年\d{1,2}月\d{1,2}日(?: \d\d:\d\d)?|.", re.DOTALL
)


def neutral(text: str) -> str:
    """The text on one line, with a mark for whatever moves a cursor, turns the direction or cannot be seen."""
    return SPACE.sub(" ", "".join(_shown(character) for character in text)).strip()


def inert_json(value: object, indent: int | None = None) -> str:
    """JSON for a terminal, in which whatever `neutral` would mark is written as an escape."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return "".join(one if one == "\n" or _shown(one) == one else _escaped(one) for one in text)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if character.isspace() or category in ("Zl", "Zp"):
        return " "
    return "\ufffd" if category.startswith("C") else character


def columns(text: str) -> int:
    """How many columns a text takes."""
    return sum(map(_width, text))


@lru_cache(8_192)
def _width(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in WIDE else 1


def wrapped(text: str, first: str = "", later: str | None = None, width: int = COLUMNS) -> list[str]:
    """The text in lines of at most `width` columns; `first` begins the first line, `later` the others."""
    later = first if later is None else later
    lines, line, used = [], first, columns(first)
    empty = True  # whether the line holds but its beginning
    for piece in _pieces(text):
        if columns(piece.rstrip()) > width - used and not empty:
            lines.append(line.rstrip())
            line, used, empty = later, columns(later), True
        for part in _parts(piece.lstrip() if empty else piece, width - used):
            if used + columns(part.rstrip()) > width and not empty:
                lines.append(line.rstrip())
                line, used = later, columns(later)
            line += part
            used += columns(part)
            empty = False
    return [*lines, line.rstrip()]


def _pieces(text: str) -> list[str]:
    """Between these a line may break: words with the space behind them, wide characters with their punctuation."""
    pieces: list[str] = []
    for element in ELEMENT.findall(text):
        if pieces and _joins(pieces[-1][-1], element[0]):
            pieces[-1] += element
        else:
            pieces.append(element)
    return pieces


def _joins(last: str, first: str) -> bool:
    if first in OPENING:
        return False
    if first in CLOSING or first == " " or last in OPENING:
        return True
    return last != " " and columns(last) == columns(first) == 1


def _parts(piece: str, room: int) -> list[str]:
    """A piece that is longer than a line, cut where the line ends."""
    parts, used = [""], 0
    for character in piece:
        more = columns(character)
        if parts[-1] and used + more > max(room, 2):
            parts.append("")
            used = 0
        parts[-1] += character
        used += more
    return parts

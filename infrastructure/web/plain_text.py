"""Outside text made harmless, and text set for a terminal, where Chinese characters take two columns."""

from __future__ import annotations

import re
import unicodedata
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


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if character.isspace() or category in ("Zl", "Zp"):
        return " "
    return "\ufffd" if category.startswith("C") else character


def columns(text: str) -> int:
    """How many columns a text takes."""
    return sum(2 if unicodedata.east_asian_width(character) in WIDE else 1 for character in text)


def wrapped(text: str, first: str = "", later: str | None = None, width: int = COLUMNS) -> list[str]:
    """The text in lines of at most `width` columns; `first` begins the first line, `later` the others."""
    later = first if later is None else later
    lines, line = [], first
    empty = True  # whether the line holds but its beginning
    for piece in _pieces(text):
        room = width - columns(line)
        if columns(piece.rstrip()) > room and not empty:
            lines.append(line.rstrip())
            line, empty = later, True
        for part in _parts(piece.lstrip() if empty else piece, width - columns(line)):
            if columns(line) + columns(part.rstrip()) > width and not empty:
                lines.append(line.rstrip())
                line = later
            line += part
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
    parts = [""]
    for character in piece:
        if parts[-1] and columns(parts[-1] + character) > max(room, 2):
            parts.append("")
        parts[-1] += character
    return parts

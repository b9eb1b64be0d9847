"""People's words at the door: nothing in them speaks to a terminal, a log or a printer.

What is stored is read by the domain's wider types, so that every event stays readable; this is asked of what comes in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_CONTROL: Final = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# How one may stand in JSON: written out, or as itself (the others are no JSON at all).
MAY_HOLD_CONTROL: Final = re.compile(rb"\\(?:[bf]|u00[0-9])|\x7f|\xc2[\x80-\x9f]")
FAULT: Final = "Text should hold no control characters but tabs and ends of lines"


def controls(value: Any, place: tuple[str | int, ...] = ("body",)) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any JSON
    """A fault for each text in the value that holds a control character, in the form of the validator's own."""
    match value:
        case str() if CONTROL.search(value):
            yield {"type": "control_character", "loc": place, "msg": FAULT}
        case dict():
            for name, one in value.items():
                yield from controls(one, (*place, name))
        case list() | tuple():
            for number, one in enumerate(value):
                yield from controls(one, (*place, number))
        case _:
            pass

"""A jury's draw computed again from its published record, told in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from domain.jury.record import DrawRecord, check
from domain.kernel import Value
from infrastructure.web.plain_text import inert_json, wrapped
from infrastructure.web.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from domain.jury.record import Fault
    from infrastructure.web.sentences import Language

R = TypeVar("R", bound=Value)
SHOWN_MAX = 160


class UnreadableRecord(Exception):
    """The file is no such record; the message says where, and whence to get one."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found, and whether all of it holds."""

    text: str
    holds: bool


def read_record(file: Path, kind: type[R]) -> R:
    """The record that a file holds; raises UnreadableRecord."""
    try:
        return kind.model_validate_json(file.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or "the file"
        msg = f"{file.name} is no {kind.model_fields['format'].default!r} record: {place}: {first['msg']}"
        raise UnreadableRecord(f"{msg}; take it as the service publishes it") from None


def redraw(file: Path, language: Language, *, root: str = "", commitment: str = "", as_json: bool = False) -> Checked:
    """Compute the draw of a record again."""
    record = read_record(file, DrawRecord)
    faults = check(record, root=root or None, commitment=commitment or None)
    if as_json:
        told = {
            "panel": str(record.panel),
            "trusted_by": record.entropy.trusted_by,
            "faults": [one.model_dump(mode="json") for one in faults],
        }
        return Checked(inert_json(told, indent=1), not faults)
    lines = [line for text in _told(record, faults, language) for line in wrapped(text, "")]
    return Checked("\n".join(lines), not faults)


def _told(record: DrawRecord, faults: tuple[Fault, ...], language: Language) -> Iterator[str]:
    yield say(
        language,
        "redraw.told",
        panel=str(record.panel),
        size=record.pool.size,
        seats=sum(one.seats for one in record.strata),
        asked=sum(len(one.summoned) for one in record.batches),
        batches=len(record.batches),
        passed=sum(len(one.excluded) for one in record.batches),
    )
    yield say(language, f"redraw.trusted.{record.entropy.trusted_by}")
    yield say(language, "redraw.differs" if faults else "redraw.holds")
    for one in faults:
        yield "- " + say(
            language, f"redraw.fault.{one.code}", said=_short(one.said), computed=_short(one.computed), batch=one.batch
        )


def _short(text: str) -> str:
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}…"

"""A jury's draw, and its count, computed again from what is published of them, told in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from domain.jury import count
from domain.jury import record as draws
from domain.jury.count import CountRecord
from domain.jury.record import DrawRecord
from domain.kernel import Value
from infrastructure.web.plain_text import inert_json, wrapped
from infrastructure.web.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from domain.jury.fault import Fault
    from domain.jury.verdict import Verdict
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
    faults = draws.check(record, root=root or None, commitment=commitment or None)
    told = say(
        language,
        "redraw.told",
        panel=str(record.panel),
        size=record.pool.size,
        seats=sum(one.seats for one in record.strata),
        asked=sum(len(one.summoned) for one in record.batches),
        batches=len(record.batches),
        passed=sum(len(one.excluded) for one in record.batches),
    )
    by = record.entropy.trusted_by
    if as_json:
        return _as_json({"panel": str(record.panel), "trusted_by": by}, faults)
    return _in_words("redraw", [told, say(language, f"redraw.trusted.{by}")], faults, language)


def recount(file: Path, language: Language, *, as_json: bool = False) -> Checked:
    """Count the opened ballots of a record again."""
    record = read_record(file, CountRecord)
    faults, found = count.check(record), record.verdict
    if as_json:
        verdict = found.model_dump(mode="json") if found else None
        return _as_json({"panel": str(record.panel), "verdict": verdict}, faults)
    told = say(
        language,
        "recount.told",
        panel=str(record.panel),
        seats=sum(one.seats for one in record.strata),
        ballots=len(record.openings),
        invited=record.invited,
    )
    return _in_words("recount", [told, *_verdict(found, language)], faults, language)


def _verdict(found: Verdict | None, language: Language) -> Iterator[str]:
    if found is None:
        yield say(language, "recount.none")
        return
    yield say(language, f"recount.winner.{found.winner}", **dict(found.tally))
    yield say(
        language,
        "recount.trust",
        confidence=permille(found.confidence),
        accuracy=found.accuracy_percent,
        raw=permille(found.for_buyer),
        adjusted=permille(found.adjusted),
    )
    if found.thin:
        yield say(language, "recount.thin", lead=found.tally.lead)


def permille(value: int) -> str:
    """A share as people read it: 835 is 83.5%."""
    return f"{value // 10}.{value % 10}%"


def _as_json(told: dict[str, object], faults: tuple[Fault, ...]) -> Checked:
    return Checked(inert_json(told | {"faults": [one.model_dump(mode="json") for one in faults]}, indent=1), not faults)


def _in_words(what: str, told: list[str], faults: tuple[Fault, ...], language: Language) -> Checked:
    """What was computed, whether it came out, and each thing that did not."""
    told.append(say(language, f"{what}.differs" if faults else f"{what}.holds"))
    told += [
        "- "
        + say(language, f"{what}.fault.{one.code}", said=_short(one.said), computed=_short(one.computed), of=one.of)
        for one in faults
    ]
    return Checked("\n".join(line for text in told for line in wrapped(text, "")), not faults)


def _short(text: str) -> str:
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}…"

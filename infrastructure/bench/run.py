"""A run of the bench: its rows one after another, told while they are measured."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from infrastructure.bench.measure import alternate
from infrastructure.bench.room import PREFIX, open_room
from infrastructure.bench.rows import Result, Row
from infrastructure.postgres.embedded import Embedded
from infrastructure.running import remove_left_over, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.progress import TaskID

    from infrastructure.settings import Settings

COLUMNS: Final = "{:17}{:>21}{:>12}{:>22}{:>7}{:>7}  {:13}{}"


@dataclass(frozen=True, slots=True)
class Length:
    """How long each row is measured."""

    rounds: int
    seconds: float


def bench(settings: Settings, rows: Sequence[Row], length: Length, *, as_json: bool) -> bool:
    """Measure these rows and print what came out; whether every gate is met."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: signal.raise_signal(signal.SIGINT))
    out = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
    results = []
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    talk = Console(stderr=True)
    if not as_json:
        out.print(COLUMNS.format("row", "ours", "yardstick", "ratio (range)", "gate", "good", "verdict", "against"))
    with (
        Embedded(settings.data / "postgres") as server,
        Progress(*columns, TimeElapsedColumn(), console=talk, transient=True, disable=not talk.is_terminal) as progress,
    ):
        remove_left_over(server, PREFIX)
        task = progress.add_task("bench", total=len(rows) * length.rounds * 2)
        for row in rows:
            if not talk.is_terminal:
                talk.print(f"{row.name} …", highlight=False)
            result = run(_measure(settings, server, row, length, progress, task))
            results.append(result)
            if not as_json:
                out.print(line(result))
    if as_json:
        told = {"rounds": length.rounds, "seconds": length.seconds, "cores": os.cpu_count()}
        out.print(json.dumps(told | {"rows": [result.as_dict() for result in results]}))
    return not any(result.fails for result in results)


async def _measure(
    settings: Settings, server: Embedded, row: Row, length: Length, progress: Progress, task: TaskID
) -> Result:
    progress.update(task, description=row.name)
    with open_room(settings, server) as room:
        async with row.prepare(room) as sides:
            step = 1 if sides.yardstick else 2
            measured = await alternate(
                sides, length.rounds, length.seconds, lambda: progress.update(task, advance=step)
            )
    return Result(row, sides.against, measured)


def line(result: Result) -> str:
    """A row of the table."""
    row, measured, ratio = result.row, result.measured, result.measured.ratio
    yardstick = measured.yardstick
    shown = ratio or measured.subject
    return COLUMNS.format(
        row.name,
        f"{_figure(measured.subject.median)} {row.unit}",
        _figure(yardstick.median) if yardstick else "–",
        f"{_figure(shown.median)} ({_figure(shown.low)}–{_figure(shown.high)})",
        "–" if row.gate is None else f"{row.gate:g}",
        "–" if row.good is None else f"{row.good:g}",
        result.verdict,
        result.against,
    )


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"  # noqa: PLR2004 - more digits say nothing

"""The rows of the bench, each with its gate (what a change must not fall under) and its goal."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final

from infrastructure.bench import appending, commands, loading, projecting
from infrastructure.bench.measure import Measured, Sides
from infrastructure.bench.room import Room


@dataclass(frozen=True, slots=True)
class Row:
    """What is measured; `gate` and `good` are ratios, or with `at_most` the figure itself, of which less is better."""

    name: str
    unit: str
    prepare: Callable[[Room], AbstractAsyncContextManager[Sides]]
    gate: float | None = None
    good: float | None = None
    at_most: bool = False


ROWS: Final = (
    Row("append.many", "events/s", appending.append_many, gate=0.7, good=1.0),
    Row("append.stock", "events/s", appending.append_stock, gate=7.0, good=15.0),
    Row("append.one", "events/s", appending.append_one, gate=0.3, good=0.45),
    Row("load.warm", "loads/s", loading.load_warm, good=6.0),
    Row("load.cold", "loads/s", loading.load_cold, good=2.5),
    Row("project.catch_up", "events/s", projecting.catch_up),
    Row("visible", "ms p99", projecting.visible, good=50.0, at_most=True),
    Row("http.command", "commands/s", commands.http_command, good=0.5),
)


@dataclass(frozen=True, slots=True)
class Result:
    """What came out of a row."""

    row: Row
    against: str
    measured: Measured

    @property
    def judged(self) -> float:
        """The figure that gate and goal are about."""
        ratio = self.measured.ratio
        return self.measured.subject.median if ratio is None else ratio.median

    @property
    def fails(self) -> bool:
        """Whether the gate is not met."""
        return not self._reaches(self.row.gate)

    @property
    def verdict(self) -> str:
        """In a word or two."""
        if self.fails:
            return "below gate"
        if self.row.good is None:
            return "measured"
        return "good" if self._reaches(self.row.good) else "not yet good"

    def as_dict(self) -> dict[str, Any]:
        """The row as `--json` prints it."""
        yardstick, ratio = self.measured.yardstick, self.measured.ratio
        return {
            "name": self.row.name,
            "unit": self.row.unit,
            "value": self.measured.subject.median,
            "yardstick": yardstick and yardstick.median,
            "ratio": ratio and ratio.median,
            "gate": self.row.gate,
            "good": self.row.good,
            "verdict": self.verdict,
            "against": self.against,
            "values": self.measured.subject.values,
            "yardsticks": yardstick and yardstick.values,
            "ratios": ratio and ratio.values,
        }

    def _reaches(self, mark: float | None) -> bool:
        return mark is None or (self.judged <= mark if self.row.at_most else self.judged >= mark)

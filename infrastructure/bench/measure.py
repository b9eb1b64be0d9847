"""Measuring in rounds: subject and yardstick take turns, and what counts is the median with its range."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

Side = Callable[[float], Awaitable[float]]  # works for so many seconds, and answers its figure


class NothingDone(Exception):
    """A turn passed without a single thing done: the machine is too busy to measure anything."""


@dataclass(frozen=True, slots=True)
class Sides:
    """What is measured, and against what; a yardstick's figure is in the unit of the subject's."""

    subject: Side
    yardstick: Side | None
    against: str


@dataclass(frozen=True, slots=True)
class Series:
    """The figures of all rounds."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The one in the middle."""
        return median(self.values)

    @property
    def low(self) -> float:
        """The smallest."""
        return min(self.values)

    @property
    def high(self) -> float:
        """The largest."""
        return max(self.values)


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of a row; a ratio compares what was measured side by side, not medians of different moments."""

    subject: Series
    yardstick: Series | None

    @property
    def ratio(self) -> Series | None:
        """Subject over yardstick, round by round."""
        if self.yardstick is None:
            return None
        pairs = zip(self.subject.values, self.yardstick.values, strict=True)
        return Series(tuple(subject / yardstick for subject, yardstick in pairs))


async def alternate(sides: Sides, rounds: int, seconds: float, tell: Callable[[], None]) -> Measured:
    """Subject and yardstick in turn, so many rounds of so many seconds each; `tell` is called after each turn."""
    subject: list[float] = []
    yardstick: list[float] = []
    for _ in range(rounds):
        subject.append(await _figure(sides.subject, seconds))
        tell()
        if sides.yardstick is not None:
            yardstick.append(await _figure(sides.yardstick, seconds))
            tell()
    return Measured(Series(tuple(subject)), Series(tuple(yardstick)) if yardstick else None)


async def _figure(side: Side, seconds: float) -> float:
    if (figure := await side(seconds)) <= 0:
        raise NothingDone(f"nothing was done in {seconds:g} s: this machine is too busy to measure on; try again later")
    return figure


async def best_of(counts: Sequence[int], side: Callable[[int, float], Awaitable[float]], seconds: float) -> int:
    """The count of clients or threads at which a yardstick does best, found by one turn of each."""
    figures = {count: await side(count, seconds) for count in counts}
    return max(figures, key=lambda count: figures[count])


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of the values that so many percent of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(ceil(len(ordered) * percent / 100) - 1, 0)]

"""Runs a simulation: cells of a table, each many panels, over all cores, the same for a seed however many cores."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from statistics import fmean
from typing import TYPE_CHECKING, Final

from domain.jury.profile import Closing, JuryProfile, Side, SideSeats
from domain.kernel import Bilingual
from infrastructure.simulating.panels import Court, Played
from infrastructure.simulating.population import Assumed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

CHUNK: Final = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of the table: which jury, and what is assumed of its jurors."""

    profile: JuryProfile
    assumed: Assumed


@dataclass(frozen=True, slots=True)
class Result:
    """What the panels of a cell came to: shares from 0 to 1, and means."""

    panels: int
    right: float
    wrong: float
    hung: float
    for_seller: float
    ballots: float
    asked: float
    hours: float


def plain(usual: JuryProfile, seats: Sequence[int]) -> JuryProfile:
    """A jury of so many seats of buyers, of sellers and of both, in which all vote and more than half wins."""
    size = sum(seats)
    return usual.model_copy(
        update={
            "id": "plain-" + "-".join(map(str, seats)),
            "title": Bilingual(zh=str(size), en=str(size)),
            "seats": tuple(SideSeats(side=side, seats=one) for side, one in zip(Side, seats, strict=True) if one),
            "invited": size,
            "closing": Closing.FIXED,
            "to_win": size // 2 + 1,
            "percent": None,
            "quorum": 0,
        }
    )


def simulate(
    cells: Sequence[Cell], panels: int, seed: int, *, sealed: bool, progress: Callable[[int], None]
) -> Iterator[tuple[Cell, Result]]:
    """Play every cell; `progress` is told how many panels were played each time that some were."""
    starts = range(0, panels, CHUNK)
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as workers:
        try:
            for cell in cells:
                played: list[Played] = []
                for some in workers.map(partial(_play, cell, panels, seed, sealed), starts):
                    played += some
                    progress(len(some))
                yield cell, result_of(played)
        except BaseException:
            workers.shutdown(cancel_futures=True)
            raise


def _play(cell: Cell, panels: int, seed: int, sealed: bool, start: int) -> list[Played]:  # noqa: FBT001 - mapped over
    court = _court(cell.profile.model_dump_json(), cell.assumed, seed, sealed)
    return [court.play(number) for number in range(start, min(start + CHUNK, panels))]


@cache
def _court(profile: str, assumed: Assumed, seed: int, sealed: bool) -> Court:  # noqa: FBT001 - a key of the cache
    """A worker makes each cell's people once."""
    return Court.opened(JuryProfile.model_validate_json(profile), assumed, seed, sealed=sealed)


def result_of(played: Sequence[Played]) -> Result:
    """What they came to."""
    return Result(
        panels=len(played),
        right=fmean(one.right is True for one in played),
        wrong=fmean(one.right is False for one in played),
        hung=fmean(one.right is None for one in played),
        for_seller=fmean(one.for_seller for one in played),
        ballots=fmean(one.ballots for one in played),
        asked=fmean(one.asked for one in played),
        hours=fmean(one.hours for one in played),
    )

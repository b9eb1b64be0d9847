"""What a simulation tells: a table of its cells, and their errors drawn as bars."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from infrastructure.simulating.run import Cell, Result, simulate

if TYPE_CHECKING:
    from collections.abc import Sequence

BAR: Final = 40  # columns for all panels of a cell
WIDTH: Final = 110  # of what is not printed to a terminal


def run(cells: Sequence[Cell], panels: int, seed: int, *, sealed: bool, as_json: bool) -> str:
    """Simulate with a progress bar, and answer what there is to print."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not Console(stderr=True).is_terminal,
    )
    with bar:
        task = bar.add_task("panels", total=panels * len(cells))
        found = list(simulate(cells, panels, seed, sealed=sealed, progress=lambda some: bar.advance(task, some)))
    return as_document(found, seed) if as_json else as_text(found, seed)


def as_document(found: Sequence[tuple[Cell, Result]], seed: int) -> str:
    """One JSON document."""
    cells = [{"jury": cell.profile.id, "assumed": asdict(cell.assumed), **asdict(result)} for cell, result in found]
    return json.dumps({"seed": seed, "cells": cells}, indent=1)


def as_text(found: Sequence[tuple[Cell, Result]], seed: int) -> str:
    """The table, then a bar for each cell: right, wrong and hung."""
    table = Table(
        title=f"{found[0][1].panels} panels a line, seed {seed}; hours from the draw to the close, without entropy"
    )
    for name in ("jury", "accuracy", "turnout", "right", "wrong", "hung", "for seller", "ballots", "asked", "hours"):
        table.add_column(name, justify="left" if name == "jury" else "right")
    for cell, one in found:
        shares = (one.right, one.wrong, one.hung, one.for_seller)
        table.add_row(
            cell.profile.id,
            f"{cell.assumed.accuracy:.2f}",
            f"{cell.assumed.turnout:.2f}",
            *(f"{share:.3f}" for share in shares),
            *(f"{mean:.1f}" for mean in (one.ballots, one.asked, one.hours)),
        )
    console = Console(width=WIDTH)
    with console.capture() as captured:
        console.print(table)
        console.print("right █  wrong ▒  hung ·", highlight=False)
        for cell, one in found:
            console.print(f"{cell.profile.id:>18} {cell.assumed.accuracy:.2f} {bar_of(one)}", highlight=False)
    return captured.get().rstrip()


def bar_of(result: Result) -> str:
    """The shares of a cell as a bar of BAR columns."""
    right = round(result.right * BAR)
    wrong = min(round(result.wrong * BAR), BAR - right)
    return "█" * right + "▒" * wrong + "·" * (BAR - right - wrong)

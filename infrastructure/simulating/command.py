"""The command `gongduan simulate`: its options, and what is wrong with them; the heavy parts come when it is run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

simulate_app = typer.Typer(no_args_is_help=True, help="Play what is decided by many, with made people.")


@simulate_app.command("jury", epilog="Example: gongduan simulate jury --jury xianyu17 --accuracy 0.6 --accuracy 0.7")
def simulate_jury(
    jury: Annotated[list[str] | None, typer.Option(help="A jury of the playbook; may be given again.")] = None,
    seats: Annotated[
        list[str] | None,
        typer.Option(help="A plain jury instead: 17 seats of both sides, or 14/3/0 of buyers, sellers and both."),
    ] = None,
    playbook: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Whose juries; by default Xianyu's.")
    ] = None,
    panels: Annotated[int, typer.Option(min=1, max=1_000_000, help="Panels for each line of the table.")] = 2000,
    accuracy: Annotated[
        list[float] | None, typer.Option(min=0, max=1, help="How often a juror is right; may be given again.")
    ] = None,
    spread: Annotated[float, typer.Option(min=0, max=1, help="By how much jurors differ in that, up or down.")] = 0.0,
    bias: Annotated[
        float, typer.Option(min=0, max=9, help="0.1: the odds for one's own side are a tenth higher.")
    ] = 0.0,
    turnout: Annotated[float, typer.Option(min=0, max=1, help="The chance that who is asked comes.")] = 0.56,
    refusing: Annotated[float, typer.Option(min=0, max=1, help="The chance that a juror refuses to decide.")] = 0.0,
    ring: Annotated[float, typer.Option(min=0, max=1, help="The share that always votes for the seller.")] = 0.0,
    population: Annotated[int, typer.Option(min=1, max=100_000, help="How many people there are.")] = 240,
    seed: Annotated[int, typer.Option(help="The same seed gives the same table.")] = 1,
    *,
    sealed: Annotated[bool, typer.Option("--sealed", help="Seal and open every ballot, too; takes longer.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """How often juries are wrong, how long they take, how many votes they need.

    Plays the service's own draw, ballots and verdict with made people. With plain seats everybody who is asked comes.
    """
    from infrastructure.playbooks.reader import XIANYU, read_playbook  # noqa: PLC0415 - heavy
    from infrastructure.simulating.population import Assumed  # noqa: PLC0415 - heavy
    from infrastructure.simulating.report import run  # noqa: PLC0415 - heavy
    from infrastructure.simulating.run import Cell, plain  # noqa: PLC0415 - heavy

    rules = read_playbook(playbook.read_text(encoding="utf-8") if playbook else XIANYU)
    known = {one.id: one for one in rules.juries}
    if unknown := sorted(set(jury or ()) - known.keys()):
        raise typer.BadParameter(f"{', '.join(unknown)}: no such jury; there are {', '.join(known) or 'none'}")
    if not known:
        raise typer.BadParameter("the playbook describes no jury; leave --playbook out for Xianyu's")
    usual = next(iter(known.values()))
    juries = [known[one] for one in jury or ([] if seats else [usual.id])]
    lines = [(one, turnout) for one in juries] + [(plain(usual, _seats(one)), 1.0) for one in seats or ()]
    if too_few := [one.id for one, _ in lines if one.invited > population]:
        raise typer.BadParameter(f"{', '.join(too_few)} invites more than the {population} people there are")
    cells = [
        Cell(one, Assumed(population, right, spread, bias, comes, refusing, ring))
        for one, comes in lines
        for right in accuracy or [0.6]
    ]
    typer.echo(run(cells, panels, seed, sealed=sealed, as_json=as_json))


def _seats(text: str) -> list[int]:
    """The seats of buyers, sellers and both that "14/3/0" says; a number alone is of both."""
    parts = text.split("/")
    if len(parts) not in (1, 3) or not all(part.isascii() and part.isdigit() for part in parts):
        raise typer.BadParameter(f"{text} is neither a number of seats nor three, such as 14/3/0")
    seats = [0, 0, int(text)] if len(parts) == 1 else [int(part) for part in parts]
    if not 1 <= sum(seats) <= 101:  # noqa: PLR2004 - as many as a jury may have
        raise typer.BadParameter(f"{text}: a jury has 1 to 101 seats")
    return seats

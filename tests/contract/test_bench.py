"""The bench's own arithmetic and judgement, without a database; the whole run is in tests/scenarios/test_bench.py."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from infrastructure import cli
from infrastructure.bench import run as running
from infrastructure.bench.measure import Measured, NothingDone, Series, Sides, alternate, best_of, percentile
from infrastructure.bench.rows import ROWS, Result, Row
from infrastructure.bench.run import line

if TYPE_CHECKING:
    from infrastructure.bench.measure import Side

FASTER = Row("append.many", "events/s", ROWS[0].prepare, gate=0.7, good=1.0)
SOONER = Row("visible", "ms p99", ROWS[0].prepare, good=50.0, at_most=True)


def a_result(row: Row, subject: tuple[float, ...], yardstick: tuple[float, ...] | None = None) -> Result:
    return Result(row, "a yardstick", Measured(Series(subject), Series(yardstick) if yardstick else None))


def scripted(name: str, figures: list[float], turns: list[str]) -> Side:
    left = iter(figures)

    async def side(seconds: float) -> float:
        turns.append(f"{name} {seconds:g}")
        return next(left)

    return side


def test_subject_and_yardstick_take_turns_for_as_long_as_was_said() -> None:
    turns: list[str] = []
    sides = Sides(scripted("ours", [10, 20, 30], turns), scripted("theirs", [5, 5, 60], turns), "theirs")
    measured = asyncio.run(alternate(sides, 3, 0.5, lambda: turns.append("told")))
    assert turns == ["ours 0.5", "told", "theirs 0.5", "told"] * 3
    assert measured.subject.values == (10, 20, 30)
    assert measured.yardstick is not None
    assert measured.yardstick.values == (5, 5, 60)


def test_a_row_without_a_yardstick_has_no_ratio() -> None:
    turns: list[str] = []
    measured = asyncio.run(alternate(Sides(scripted("ours", [7], turns), None, "–"), 1, 1, lambda: None))
    assert turns == ["ours 1"]
    assert measured.yardstick is None
    assert measured.ratio is None


def test_a_turn_in_which_nothing_was_done_is_no_figure() -> None:
    sides = Sides(scripted("ours", [10], []), scripted("theirs", [0], []), "theirs")
    with pytest.raises(NothingDone):
        asyncio.run(alternate(sides, 1, 1, lambda: None))


def test_a_ratio_compares_what_was_measured_side_by_side() -> None:
    ratio = Measured(Series((10, 20, 30)), Series((5, 5, 60))).ratio
    assert ratio is not None
    assert ratio.values == (2, 4, 0.5)
    assert (ratio.low, ratio.median, ratio.high) == (0.5, 2, 4)


@pytest.mark.parametrize(("values", "middle"), [((3, 1, 2), 2), ((1, 2, 3, 10), 2.5), ((4,), 4)])
def test_the_median_is_the_one_in_the_middle(values: tuple[float, ...], middle: float) -> None:
    assert Series(values).median == middle


@pytest.mark.parametrize(("percent", "value"), [(50, 50), (99, 99), (100, 100), (0, 1)])
def test_a_percentile_is_one_of_the_values_that_were_seen(percent: float, value: float) -> None:
    assert percentile([float(one) for one in range(100, 0, -1)], percent) == value


def test_a_yardstick_is_measured_where_it_does_best() -> None:
    async def side(count: int, seconds: float) -> float:
        assert seconds == 1
        return {1: 5.0, 8: 9.0, 16: 7.0}[count]

    assert asyncio.run(best_of((1, 8, 16), side, 1)) == 8


@pytest.mark.parametrize(
    ("result", "verdict", "fails"),
    [
        (a_result(FASTER, (69,), (100,)), "below gate", True),
        (a_result(FASTER, (70,), (100,)), "not yet good", False),
        (a_result(FASTER, (100,), (100,)), "good", False),
        (a_result(SOONER, (50,)), "good", False),
        (a_result(SOONER, (51,)), "not yet good", False),
        (a_result(Row("a", "b", ROWS[0].prepare), (1,), (1,)), "measured", False),
    ],
)
def test_a_row_is_judged_by_its_gate_and_its_goal(result: Result, verdict: str, *, fails: bool) -> None:
    assert result.verdict == verdict
    assert result.fails is fails


def test_a_line_of_the_table_says_both_figures_the_ratio_with_its_range_and_the_verdict() -> None:
    told = line(a_result(FASTER, (1000, 2000, 3000), (1000, 1000, 1000)))
    figures = ["append.many", "2,000", "events/s", "1,000", "2.00", "(1.00–3.00)", "0.7", "1", "good"]
    assert told.split() == [*figures, "a", "yardstick"]
    assert line(a_result(SOONER, (12.5,))).split()[:5] == ["visible", "12.50", "ms", "p99", "–"]


def test_as_json_a_row_keeps_the_figures_of_every_round() -> None:
    told = json.loads(json.dumps(a_result(FASTER, (10, 30, 20), (10, 10, 10)).as_dict()))
    assert (told["value"], told["yardstick"], told["ratio"], told["gate"], told["good"]) == (20, 10, 2, 0.7, 1)
    assert (told["values"], told["yardsticks"], told["ratios"]) == ([10, 30, 20], [10, 10, 10], [1, 3, 2])


@pytest.mark.parametrize(("met", "code"), [(True, 0), (False, 3)])
def test_a_gate_that_is_not_met_is_exit_code_3(monkeypatch: pytest.MonkeyPatch, code: int, *, met: bool) -> None:
    monkeypatch.setattr(running, "bench", lambda *_, **__: met)
    assert cli.bench([], rounds=1, seconds=1, as_json=False) == code


def test_a_row_that_does_not_exist_is_a_mistake_in_usage() -> None:
    ended = CliRunner().invoke(cli.app, ["bench", "append.all"])
    assert ended.exit_code == 2
    assert "append.many" in ended.output

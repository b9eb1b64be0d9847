"""A draw computed again by the command and by a program that shares nothing with it; both see every falsehood."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from domain.jury import draw, pool, record
from domain.jury.draw import Ground
from domain.jury.profile import Side
from domain.jury.record import DrawRecord, Entropy, TrustedBy
from infrastructure import cli, recomputing
from infrastructure.checkers import __file__ as checkers
from infrastructure.privacy.keys import FileKeys
from infrastructure.recomputing import UnreadableRecord
from tests.support.jury import BOTH_GAVE, DISPUTE, a_pool, a_record, conflicts_of, digits

ALONE = Path(checkers).with_name("redraw_alone.py")
HONEST = a_record(conflicts=conflicts_of(a_pool()))

Edit = Callable[[dict[str, Any]], None]


def alone(file: Path, *published: str) -> tuple[int, str]:
    """What the program alone says, run as a stranger runs it: no packages, no project, no settings."""
    ran = subprocess.run(
        [sys.executable, "-I", "-S", str(ALONE), str(file), *published], capture_output=True, text=True, check=False
    )
    return ran.returncode, ran.stdout + ran.stderr


def written(folder: Path, told: DrawRecord, edit: Edit = lambda _: None) -> Path:
    content = told.model_dump(mode="json")
    edit(content)
    file = folder / "draw.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def both(file: Path, *published: str) -> tuple[set[str], list[str]]:
    """The codes of the faults that the command names, and what the program alone says; whether it holds they agree."""
    told = recomputing.redraw(file, "en", **dict(zip(("root", "commitment"), published, strict=False)), as_json=True)
    code, said = alone(file, *published)
    found = {one["code"] for one in json.loads(told.text)["faults"]}
    assert (code == 0) == told.holds == (not found), said
    return found, said.splitlines()


def test_the_program_that_shares_nothing_has_at_most_sixty_lines() -> None:
    text = ALONE.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 60
    assert "gongduan" not in "".join(line for line in text.splitlines() if "import" in line)


def test_an_honest_draw_holds(tmp_path: Path) -> None:
    assert any(one.excluded for one in HONEST.batches)
    found, said = both(written(tmp_path, HONEST), HONEST.pool.root, HONEST.commitment)
    assert found == set()
    assert said == ["the draw is the one that the record says"]
    assert record.check(HONEST) == ()


def edited_pool(content: dict[str, Any]) -> None:
    content["pool"]["members"][3]["experienced"] ^= True


def sealed_anew(content: dict[str, Any]) -> None:
    """Somebody joins after the pool was published, and everything behind that is computed again."""
    joined = pool.Member(pseudonym=digits("late"), side=Side.BUYER, experienced=True, knows_goods=True)
    members = tuple(sorted((*HONEST.pool.members, joined), key=lambda one: one.pseudonym))
    content |= a_record(members).model_dump(mode="json")


def left_out(content: dict[str, Any]) -> None:
    del content["pool"]["members"][0]


def withheld(content: dict[str, Any]) -> None:
    content["secret"] = None


def another_secret(content: dict[str, Any]) -> None:
    """The operator rolls again: another secret, and an honest draw from it, but the old commitment."""
    content |= a_record(secret=digits("a better secret")).model_dump(mode="json") | {"commitment": HONEST.commitment}


def another_entropy(content: dict[str, Any]) -> None:
    content["entropy"]["buyer"] = digits("what the buyer never gave")


def forgotten_entropy(content: dict[str, Any]) -> None:
    content["entropy"]["merchant"] = None


def out_of_order(content: dict[str, Any]) -> None:
    first = content["batches"][0]["summoned"]
    first[0], first[1] = first[1], first[0]


def stacked(content: dict[str, Any]) -> None:
    """Somebody who was not drawn sits in the place of somebody who was."""
    summoned = content["batches"][0]["summoned"]
    asked = {one["pseudonym"] for batch in content["batches"] for one in batch["summoned"]}
    summoned[0]["pseudonym"] = next(
        one["pseudonym"] for one in content["pool"]["members"] if one["pseudonym"] not in asked
    )


def one_more(content: dict[str, Any]) -> None:
    content["batches"][1]["wanted"][content["strata"][0]["id"]] = 2


def passed_without_need(content: dict[str, Any]) -> None:
    last = draw_order()[-1]
    content["batches"][0]["excluded"].append({"pseudonym": last, "ground": "staff"})


def draw_order() -> list[str]:
    given = HONEST.entropy
    randomness = draw.randomness(
        HONEST.panel, HONEST.pool.root, buyer=given.buyer, merchant=given.merchant, beacon=given.beacon
    )
    key = draw.key(bytes.fromhex(HONEST.secret or ""), randomness)
    return [one.pseudonym for one in draw.order(key, HONEST.pool.members)]


def other_side_first(content: dict[str, Any]) -> None:
    content["first_seen"] = ["seller" if one == "buyer" else "buyer" for one in content["first_seen"]]


def doubled(content: dict[str, Any]) -> None:
    content["pool"]["members"].insert(0, content["pool"]["members"][0])


def resized(content: dict[str, Any]) -> None:
    content["pool"]["size"] += 1


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (edited_pool, "pool_root"),
        (left_out, "pool_size"),
        (doubled, "pool_in_order"),
        (resized, "pool_size"),
        (withheld, "secret"),
        (another_secret, "commitment"),
        (another_entropy, "batch"),
        (forgotten_entropy, "batch"),
        (out_of_order, "batch"),
        (stacked, "batch"),
        (one_more, "batch"),
        (passed_without_need, "batch_excluded"),
        (other_side_first, "first_seen"),
    ],
)
def test_every_falsehood_is_seen_by_both(tmp_path: Path, edit: Edit, code: str) -> None:
    found, said = both(written(tmp_path, HONEST, edit))
    assert code in found
    assert said


def test_who_joins_late_is_seen_by_whoever_kept_the_root(tmp_path: Path) -> None:
    file = written(tmp_path, HONEST, sealed_anew)
    assert both(file)[0] == set()
    found, said = both(file, HONEST.pool.root)
    assert found == {"pool_published_before"}
    assert said == ["the pool is not the one published before the draw"]


def test_a_secret_that_was_changed_with_its_commitment_is_seen_by_whoever_kept_that(tmp_path: Path) -> None:
    file = written(tmp_path, a_record(secret=digits("a better secret")))
    found, said = both(file, HONEST.pool.root, HONEST.commitment)
    assert found == {"commitment_published_before"}
    assert said == ["the commitment is not the one published before the draw"]


@pytest.mark.parametrize(
    ("entropy", "by"),
    [
        (BOTH_GAVE, TrustedBy.PARTIES),
        (Entropy(merchant=digits("m")), TrustedBy.PARTIES),
        (Entropy(beacon="round 7"), TrustedBy.BEACON),
        (Entropy(), TrustedBy.OPERATOR),
    ],
)
def test_it_is_told_whose_chance_it_was(tmp_path: Path, entropy: Entropy, by: TrustedBy) -> None:
    file = written(tmp_path, a_record(entropy=entropy))
    assert both(file)[0] == set()
    assert json.loads(recomputing.redraw(file, "en", as_json=True).text)["trusted_by"] == by


def test_the_same_conflict_is_told_once(tmp_path: Path) -> None:
    told = a_record(conflicts=dict.fromkeys((one.pseudonym for one in a_pool()[::2]), Ground.DEVICE))
    passed = [one.pseudonym for batch in told.batches for one in batch.excluded]
    assert len(passed) == len(set(passed)) > 10
    assert both(written(tmp_path, told))[0] == set()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_command_tells_it_in_sentences_and_ends_as_it_found(tmp_path: Path, language: str) -> None:
    run = CliRunner()
    good = run.invoke(cli.app, ["redraw", str(written(tmp_path, HONEST)), "--lang", language], standalone_mode=False)
    assert good.return_value == 0
    assert "240" in good.output
    bad = run.invoke(
        cli.app, ["redraw", str(written(tmp_path, HONEST, stacked)), "--lang", language], standalone_mode=False
    )
    assert bad.return_value == 3
    assert "{" not in good.output + bad.output


def test_a_file_that_is_no_record_is_told_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "draw.json"
    file.write_text('{"format": "gongduan draw 2"}')
    with pytest.raises(UnreadableRecord, match=r"draw\.json is no 'gongduan draw 1' record: .*take it as the service"):
        recomputing.redraw(file, "en")
    file.write_text("no JSON")
    with pytest.raises(UnreadableRecord, match=r"the file: Invalid JSON"):
        recomputing.redraw(file, "en")


def test_the_commitment_of_the_key_store_is_that_of_the_draw(tmp_path: Path) -> None:
    keys = FileKeys(tmp_path)
    assert asyncio.run(keys.commit_draw(DISPUTE)) == draw.commitment(DISPUTE, keys._secret(DISPUTE))

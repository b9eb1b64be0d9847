"""Ballots are sealed for one seat of one panel; a count is computed again, and every falsehood in it is seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from typer.testing import CliRunner

from domain.jury.ballot import PADDED_BYTES, Ballot, Choice, commitment, decode, encode
from infrastructure import cli, recomputing
from infrastructure.privacy.ballots import NotThisBallot, new_key, open_ballot, seal
from infrastructure.recomputing import UnreadableRecord, permille
from tests.support.jury import PANEL, a_count, digits

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.jury.count import CountRecord

BUYER, SELLER, REFUSED = Choice.BUYER, Choice.SELLER, Choice.REFUSED
HONEST = a_count([BUYER] * 9 + [SELLER] * 7 + [REFUSED])

# --- sealing


def a_ballot(choice: Choice, reason: str = "The photos show it.") -> bytes:
    return encode(Ballot(choice=choice, reason=reason, salt=digits("salt", choice)))


def test_a_sealed_ballot_opens_for_its_seat_and_for_nothing_else() -> None:
    private, public = new_key()
    sealed = seal(public, PANEL, 7, a_ballot(BUYER))
    assert decode(open_ballot(private, PANEL, 7, sealed)).choice is BUYER
    middle = len(sealed) // 2
    changed = sealed[:middle] + ("A" if sealed[middle] != "A" else "B") + sealed[middle + 1 :]
    for key, panel, seat, text in (
        (private, PANEL, 8, sealed),
        (private, UUID(int=1), 7, sealed),
        (new_key()[0], PANEL, 7, sealed),
        (private, PANEL, 7, changed),
        (private, PANEL, 7, sealed[:8]),
        (private, PANEL, 7, "A"),
    ):
        with pytest.raises(NotThisBallot, match="seat"):
            open_ballot(key, panel, seat, text)


def test_sealed_ballots_have_one_length_and_none_is_like_another() -> None:
    _, public = new_key()
    sealed = [seal(public, PANEL, seat, a_ballot(choice, "公" * seat)) for seat in range(1, 18) for choice in Choice]
    assert {len(one) for one in sealed} == {len(sealed[0])}
    assert len(sealed[0]) > PADDED_BYTES
    assert len(set(sealed)) == len(sealed)
    assert seal(public, PANEL, 1, a_ballot(BUYER)) != seal(public, PANEL, 1, a_ballot(BUYER))


# --- counting again


def written(folder: Path, told: CountRecord, edit: Callable[[dict[str, Any]], None] = lambda _: None) -> Path:
    content = told.model_dump(mode="json")
    edit(content)
    file = folder / "count.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def faults_of(file: Path) -> set[str]:
    told = recomputing.recount(file, "en", as_json=True)
    found = {one["code"] for one in json.loads(told.text)["faults"]}
    assert told.holds == (not found)
    return found


@pytest.mark.parametrize(
    "choices", [[BUYER] * 9, [SELLER] * 9 + [BUYER] * 8, [BUYER] * 8 + [SELLER] * 8 + [REFUSED], [REFUSED]]
)
def test_an_honest_count_holds(tmp_path: Path, choices: list[Choice]) -> None:
    assert faults_of(written(tmp_path, a_count(choices))) == set()


def turned(content: dict[str, Any]) -> None:
    content["openings"][0]["choice"] = "seller"


def turned_with_its_receipt(content: dict[str, Any]) -> None:
    """The choice is another, and so is the list of what stood at the close: the verdict gives it away."""
    content["openings"][0]["choice"] = "seller"
    content["commitments"] = sorted(
        commitment(PANEL, one["seat"], Choice(one["choice"]), one["salt"]) for one in content["openings"]
    )


def left_out(content: dict[str, Any]) -> None:
    del content["openings"][-1]


def one_more(content: dict[str, Any]) -> None:
    content["openings"].append({"seat": 17, "choice": "buyer", "salt": digits("more")})


def cast_twice(content: dict[str, Any]) -> None:
    content["openings"][-1] = content["openings"][0]


def from_no_seat(content: dict[str, Any]) -> None:
    content["openings"][-1]["seat"] = 18


def another_seat(content: dict[str, Any]) -> None:
    first, second = content["openings"][:2]
    first["seat"], second["seat"] = second["seat"], first["seat"]


def another_winner(content: dict[str, Any]) -> None:
    content["verdict"]["winner"] = "seller"


def surer(content: dict[str, Any]) -> None:
    content["verdict"]["confidence"] = 999


def no_verdict(content: dict[str, Any]) -> None:
    content["verdict"] = None


def other_rules(content: dict[str, Any]) -> None:
    content["profile"]["to_win"] = 10


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (turned, "opening"),
        (turned_with_its_receipt, "verdict"),
        (left_out, "ballots"),
        (one_more, "opening"),
        (one_more, "seat_once"),
        (cast_twice, "seat_once"),
        (from_no_seat, "seat"),
        (another_seat, "opening"),
        (another_winner, "verdict"),
        (surer, "verdict"),
        (no_verdict, "verdict"),
        (other_rules, "verdict"),
    ],
)
def test_every_falsehood_in_a_count_is_seen(tmp_path: Path, edit: Callable[[dict[str, Any]], None], code: str) -> None:
    assert code in faults_of(written(tmp_path, HONEST, edit))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("choices", [[BUYER] * 9 + [SELLER] * 8, [SELLER] * 9, [REFUSED] * 3])
def test_the_command_tells_the_count_in_sentences(tmp_path: Path, language: str, choices: list[Choice]) -> None:
    for edit, code in ((lambda _: None, 0), (one_more, 3)):
        file = written(tmp_path, a_count(choices), edit)
        ran = CliRunner().invoke(cli.app, ["recount", str(file), "--lang", language], standalone_mode=False)
        assert ran.return_value == code, ran.output
        assert "{" not in ran.output


def test_the_command_says_what_a_verdict_rests_on(tmp_path: Path) -> None:
    told = recomputing.recount(written(tmp_path, a_count([BUYER] * 9 + [SELLER] * 8)), "en").text
    assert " ".join(told.split()) == " ".join(
        (
            f"Panel {PANEL}: 17 seats, 17 ballots were cast by 42 who were asked.",
            "For the buyer: 9 votes to 8, and 0 refused to decide.",
            "If each juror is right 60 times in a hundred, the winner is right with a chance of 60.0%.",
            "Of those that found for a side 52.9% did for the buyer;",
            "with the sides of trades in proportion it would be 52.9%.",
            "A lead of 1 is thin by the rules of this jury.",
            "Counted again, it is the verdict that the record says,",
            "and every ballot is one of those that stood when the panel closed.",
        )
    )


def test_a_share_is_told_as_people_read_it() -> None:
    assert [permille(one) for one in (0, 5, 835, 1000)] == ["0.0%", "0.5%", "83.5%", "100.0%"]


def test_a_draw_is_no_count(tmp_path: Path) -> None:
    file = tmp_path / "count.json"
    file.write_text('{"format": "gongduan draw 1"}')
    with pytest.raises(UnreadableRecord, match=r"count\.json is no 'gongduan count 1' record"):
        recomputing.recount(file, "en")

"""What was ever stored stays readable: a sample of each version of each event, as bytes, never edited."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from domain.events import EVENTS
from domain.money import Tender
from domain.playbook.playbook import PlaybookPublished
from domain.remedy.payout import PayoutOrdered
from infrastructure.bootstrap import MAPPER
from infrastructure.playbooks.reader import read_playbook

SAMPLES = Path(__file__).parent / "samples"
FILES = sorted(SAMPLES.glob("*.json"))


def test_every_event_of_this_release_has_a_stored_sample() -> None:
    stored = {file.stem for file in FILES}
    assert {f"{kind.TOPIC}@{kind.VERSION}" for kind in EVENTS} <= stored


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_stored_event_is_read_today(file: Path) -> None:
    state = file.read_bytes().rstrip(b"\n")
    event = MAPPER.decode(file.stem, state)

    assert file.stem.split("@")[0] == event.TOPIC
    if file.stem == f"{event.TOPIC}@{event.VERSION}":
        assert json.loads(MAPPER.encode(event)[1]) == json.loads(state)


@pytest.mark.parametrize(
    "file", [one for one in FILES if one.stem.startswith("playbook.published@")], ids=lambda file: file.stem
)
def test_a_published_playbook_is_read_today(file: Path) -> None:
    event = MAPPER.decode(file.stem, file.read_bytes().rstrip(b"\n"))

    assert isinstance(event, PlaybookPublished)
    assert read_playbook(event.source).version == event.version


def test_a_payout_of_before_coupons_was_of_money() -> None:
    stored = (SAMPLES / "payout.ordered@1.json").read_bytes().rstrip(b"\n")
    event = MAPPER.decode("payout.ordered@1", stored)

    assert isinstance(event, PayoutOrdered)
    assert event.tender is Tender.MONEY


def test_an_offer_of_before_there_were_answers_answers_none() -> None:
    assert _read("dispute.offer_made@1").counters is None


def test_decisions_of_before_there_were_proposals_on_appeal_are_read_as_they_were_made() -> None:
    assert _read("dispute.ruling_proposed@1").appeal is None
    assert _read("dispute.ruling_reversed@1").proposed_by is None


def test_a_sight_of_before_forms_were_recorded_tells_none() -> None:
    assert _read("access.exhibit_opened@1").form is None


def test_an_exhibit_of_before_files_were_read_tells_nothing_of_where_it_comes_from() -> None:
    assert _read("dispute.evidence_submitted@1").provenance == ()
    assert _read("dispute.evidence_submitted@2").provenance != ()


def _read(name: str) -> Any:
    return MAPPER.decode(name, (SAMPLES / f"{name}.json").read_bytes().rstrip(b"\n"))

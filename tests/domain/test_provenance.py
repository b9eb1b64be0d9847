from __future__ import annotations

from datetime import datetime

import pytest
from pydantic import ValidationError

from domain.dispute import evidence
from domain.dispute.provenance import FileFacts, ProvenanceCode, ProvenanceFinding, findings
from tests.support.builders import BUYER, a_file, a_playbook, an_exhibit, awaiting, hours
from tests.support.given import given

ORDERED, FILED = hours(-72), hours(0)


def found(facts: FileFacts) -> dict[str, int | None]:
    return {one.code: one.count for one in findings(facts, ordered_at=ORDERED, filed_at=FILED)}


def test_what_a_file_does_not_tell_is_not_found() -> None:
    assert found(FileFacts()) == {}


@pytest.mark.parametrize("name", ["has_position", "has_camera", "names_software", "no_metadata"])
def test_each_thing_that_a_file_tells_is_found_by_itself(name: str) -> None:
    assert found(FileFacts.model_validate({name: True})) == {name: None}


def test_what_can_be_counted_is_counted() -> None:
    assert found(FileFacts(pages=3, seconds=0)) == {"pages": 3, "seconds": 0}


@pytest.mark.parametrize(
    ("earliest", "latest", "more"),
    [
        (hours(-100), hours(-73), {"made_before_order"}),
        (hours(-100), ORDERED, set[str]()),
        (hours(-73), hours(1), set[str]()),
        (FILED, hours(9), set[str]()),
        (hours(1), hours(9), {"made_after_filing"}),
    ],
)
def test_of_a_time_is_kept_that_there_is_one_and_whether_it_is_surely_too_early_or_late(
    earliest: datetime, latest: datetime, more: set[str]
) -> None:
    assert found(FileFacts(earliest=earliest, latest=latest)).keys() == {"has_time"} | more


@pytest.mark.parametrize("wrong", [{"pages": -1}, {"seconds": 10**7}, {"place": "30N120E"}, {"has_camera": "Nikon"}])
def test_nothing_else_is_taken_for_a_fact(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        FileFacts.model_validate(wrong)


def test_what_was_found_stands_in_the_exhibit_and_changes_nothing() -> None:
    facts = FileFacts(has_position=True, latest=hours(-80), earliest=hours(-81))
    codes = (ProvenanceCode.HAS_POSITION, ProvenanceCode.HAS_TIME, ProvenanceCode.MADE_BEFORE_ORDER)
    told = tuple(ProvenanceFinding(code=one) for one in codes)
    given(*awaiting()).when(
        lambda dispute: evidence.submit_evidence(
            dispute,
            a_playbook(),
            a_file(),
            kind="photo",
            file_name="芒果.jpg",
            shows="切面发白",
            facts=facts,
            by=BUYER,
            at=hours(1),
        )
    ).then(an_exhibit(provenance=told))

"""Who sees what: every field, every entry of a trail, every word, over HTTP, against lists written by hand.

`access/fields.csv`: whether a field is in an answer to somebody (`yes`, `-`). `access/trail.csv`: whether an entry is
told (`all`), does not name who (`unnamed`), does not say why (`no why`), neither (`bare`), or is not there (`-`).
`access/words.csv`: whether what was written once can be found in anything that somebody may read.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.http import chronicles
from tests.http.answered import count, described_fields, fields_of, text_of, together
from tests.http.chronicles import Chronicle
from tests.http.matrix import call, cast, operations, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.http.matrix import Operation
    from tests.http.service import Person, Response, Service

LIVED = "lived"  # the case that has lived through every chapter
FIELDS, TRAIL, WORDS = table("fields.csv"), table("trail.csv"), table("words.csv")


# Of everything that somebody is answered: by person and by case, the answers with their operations.
Read = dict[str, dict[str, "list[tuple[str, Response]]"]]


@pytest.fixture(scope="module")
def chronicle(service: Service) -> Chronicle:
    chronicle = chronicles.told(service)
    chronicles.caught_up(chronicle)
    return chronicle


@pytest.fixture(scope="module")
def read(service: Service, chronicle: Chronicle) -> Read:
    """Who may see a case reads each; everybody else tries one, and whatever is about no case."""
    reads = [one for one in operations(service) if one.method == "GET"]
    found: Read = defaultdict(lambda: defaultdict(list))
    for name, case in chronicle.cases.items():
        for who, person in cast(case).items():
            if name == LIVED or who in readers(FIELDS):
                for operation in reads:
                    found[who][name] += (
                        (operation.id, answer) for answer in readings(chronicle, name, operation, person)
                    )
    return found


def readers(rows: dict[str, dict[str, str]]) -> list[str]:
    return list(next(iter(rows.values())))


def readings(chronicle: Chronicle, name: str, operation: Operation, person: Person) -> Iterator[Response]:
    """Everything that this operation answers somebody: now, as of then, in pages, for each exhibit, in Chinese."""
    case = chronicle.cases[name]
    if not operation.is_about_a_case and name != LIVED:
        return  # it was read with that case
    if "{exhibit}" in operation.path:
        for exhibit in case.last.get("exhibits", ()):
            yield call(operation, person, case, exhibit=exhibit["id"])
        return
    parameters = {one["name"] for one in operation.described.get("parameters", ())}
    queries: list[dict[str, Any]] = [{"limit": 100} if "limit" in parameters else {}]
    if "limit" in parameters and name == LIVED:
        queries.append({"limit": 1})
    if "as_of" in parameters:
        queries += [{"as_of": moment} for moment in (case.last["version"] // 2, *chronicle.moments.get(name, ()))]
    for query in queries:
        yield call(operation, person, case, query)
    if name == LIVED:
        yield call(operation, replace(person, language="zh"), case, queries[0])


def test_every_field_of_the_description_has_its_row(service: Service) -> None:
    assert {together(row) for row in FIELDS} == set(described_fields(service))


def test_everybody_sees_the_fields_that_the_matrix_says_and_no_other(chronicle: Chronicle, read: Read) -> None:
    wrong, met, cells = [], set(), 0
    for name in chronicle.cases:
        seen: dict[str, set[str]] = {
            who: {
                field
                for operation, answer in read[who][name]
                if answer.headers["content-type"] == "application/json"
                for field in fields_of(answer.json(), operation)
            }
            for who in readers(FIELDS)
        }
        there = set().union(*seen.values())
        met |= there
        for field in there & set(FIELDS):
            cells += len(seen)
            wrong += [(field, who, name) for who in seen if (field in seen[who]) != (FIELDS[field][who] == "yes")]
    assert met == {field for field, row in FIELDS.items() if "yes" in row.values()}
    assert wrong == []
    assert cells > len(FIELDS) * len(readers(FIELDS))
    count("role × relation × field", len(FIELDS) * len(readers(FIELDS)), 2000)


def entries(answers: list[tuple[str, Response]]) -> dict[tuple[str, int], Any]:
    found = [
        answer.json()["entries"] for operation, answer in answers if operation == "get_trail" and answer.is_success
    ]
    return {(one["stream"], one["version"]): one for one in (found[0] if found else [])}


KEPT = {"all": set[str](), "unnamed": {"actor", "command_id"}, "no why": {"why"}}
KEPT["bare"] = KEPT["unnamed"] | KEPT["no why"]


def told_of(entry: dict[str, Any] | None, whole: dict[str, Any]) -> str:
    """How much of an entry somebody is told, by the word of a cell."""
    if entry is None:
        return "-"
    told = {name: entry.get(name) for name in whole.keys() | entry.keys() if name not in {"who", "what"}}
    for cell, kept in KEPT.items():
        if told == {name: ("" if name == "why" else None) if name in kept else whole.get(name) for name in told}:
            return cell
    return f"something else: {told}"


def test_everybody_is_told_the_trail_that_the_matrix_says_and_no_more(chronicle: Chronicle, read: Read) -> None:
    wrong, met = set(), set()
    for name in chronicle.cases:
        whole = entries(read["auditor"][name])
        for who in readers(TRAIL):
            seen = entries(read[who][name])
            assert set(seen) <= set(whole)
            for place, entry in whole.items():
                row = f"{entry['event']} by {entry['role']}"
                if entry["event"] == "dispute.note_added":
                    row += ", internal" if chronicle.words["internal note"] in entry["why"] else ", public"
                met.add(row)
                told = told_of(seen.get(place), entry)
                if told != TRAIL.get(row, {}).get(who):
                    wrong.add((row, who, told))
    assert wrong == set()
    assert met == set(TRAIL)
    count("role × relation × entry of the trail", len(TRAIL) * len(readers(TRAIL)), 300)


def test_what_is_kept_stands_in_nothing_that_somebody_else_may_read(chronicle: Chronicle, read: Read) -> None:
    assert set(WORDS) == set(chronicle.words)
    wrong = []
    for who in readers(WORDS):
        text = "\n".join(text_of(answer) for answers in read[who].values() for _, answer in answers)
        wrong += [(word, who) for word, row in WORDS.items() if (chronicle.words[word] in text) != (row[who] == "yes")]
    assert wrong == []
    count("role × relation × word", len(WORDS) * len(readers(WORDS)), 1000)

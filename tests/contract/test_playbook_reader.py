"""A rule-writer reads where a playbook is wrong, what stands there and what may stand there, all at once."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.playbook.playbook import SOURCE_CHARS_MAX, Playbook
from infrastructure.playbooks.reader import COMMON, UnreadablePlaybook, read_playbook

LINES = COMMON.splitlines(keepends=True)
SPOILT = ("", "x: 1\n", "- 1\n", "  - {}\n", "  y: [\n", "    id: a b\n")


def mistakes_of(source: str) -> list[dict[str, Any]]:
    with pytest.raises(UnreadablePlaybook) as refused:
        read_playbook(source)
    mistakes: list[dict[str, Any]] = refused.value.details["mistakes"]
    return mistakes


def changed(*changes: tuple[str, str]) -> str:
    source = COMMON
    for old, new in changes:
        assert old in source
        source = source.replace(old, new, 1)
    return source


def line_of(source: str, text: str) -> int:
    return next(number for number, line in enumerate(source.splitlines(), start=1) if text in line)


def test_the_common_playbook_reads_as_it_is_written() -> None:
    playbook = read_playbook(COMMON)
    assert (playbook.platform, playbook.version) == ("common", "2")
    assert playbook.clocks.keys() == {"notice", "answer", "offer", "evidence", "appeal"}
    full = playbook.rule("COMMON-PROMISE-1")
    assert full is not None
    assert full.sentence.zh == "商家在销售时作过承诺、实物达不到承诺的，支持买家。"


@pytest.mark.parametrize(
    ("old", "new", "path", "kind", "says"),
    [
        ("finding: upheld", "finding: upheldd", "rules[0].finding", "not_on_list", 'is "upheldd"; allowed are: upheld'),
        ("format: 1", "format: 2", "format", "not_on_list", "is 2; allowed are: 1"),
        ("hours: 48", "hours: 4.5", "clocks.answer.hours", "not_whole_number", "is 4.5; a whole number"),
        ("hours: 48", 'hours: "48"', "clocks.answer.hours", "not_whole_number", 'is "48"; a whole number'),
        ("hours: 48", "hours: 0", "clocks.answer.hours", "too_small", "is 0; 1 is the least"),
        ("    percent: 100", "    percent: 101", "remedies[0].percent", "too_great", "is 101; 100 is the most"),
        ("chosen: true", "chosen: yes", "remedies[1].chosen", "not_true_or_false", 'is "yes"; allowed are true'),
        ('version: "2"', "version: 2", "version", "not_text", "is 2; text is needed"),
        ("platform: common", "platform: com mon", "platform", "wrong_form", 'is "com mon"; allowed are Latin letters'),
        ("zh: 通用规则包", 'zh: ""', "title.zh", "wrong_length", "at least 1"),
        ("whose: [merchant]", "whose: merchant", "clocks.answer.whose", "not_a_list", 'is "merchant"; a list'),
        ("whose: [merchant]", "whose: []", "clocks.answer.whose", "too_few", "1 is the least"),
        ("whose: [merchant]", "whos: [merchant]", "clocks.answer.whos", "unknown_key", "not yet used are: whose"),
        ("    hours: 48\n", "", "clocks.answer.hours", "missing", "is missing"),
        ("calendar: 24x7", "calendar: 24-7", "clocks.notice.calendar", "wrong_form", 'is "24-7"'),
        ("  appeal:", "  appeals:", "clocks.appeals", "not_on_list", "allowed are: notice, answer, offer, evidence, a"),
        ("payer: merchant", "payer: juror", "remedies[0].payer", "not_on_list", 'is "juror"; allowed are: merchant, p'),
        (
            "remedies_start: at_final",
            "remedies_start:",
            "remedies_start",
            "not_on_list",
            "is null; allowed are: at_dec",
        ),
    ],
)
def test_a_mistake_is_told_with_line_path_and_what_is_allowed(
    old: str, new: str, path: str, kind: str, says: str
) -> None:
    source = changed((old, new))
    mistake = next(one for one in mistakes_of(source) if one["path"] == path and one["problem"] == kind)
    assert mistake["line"] == line_of(source, new.strip() or "  answer:")
    assert mistake["en"].startswith(f"Line {mistake['line']}: {path} ")
    assert says in mistake["en"]
    assert mistake["zh"].startswith(f"第 {mistake['line']} 行：")
    assert path in mistake["zh"]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    wrong = (("hours: 48", "hours: 0"), ("    percent: 100", "    percent: 101"), ("finding: upheld", "finding: no"))
    source = changed(*wrong)
    assert [one["path"] for one in mistakes_of(source)] == [
        "clocks.answer.hours",
        "remedies[0].percent",
        "rules[0].finding",
    ]


@pytest.mark.parametrize(
    ("change", "at", "says"),
    [
        (("COMMON-DESCRIBED-1", "COMMON-PROMISE-1"), "id: COMMON-PROMISE-1", "COMMON-PROMISE-1 stands twice"),
        (
            ("reasons: [damaged_in_transit]", "reasons: [damaged_in_transit, melted]"),
            "melted]",
            "unknown reason melted",
        ),
        (
            ("reasons: [damaged_in_transit]", "reasons: [taste_or_freshness]"),
            "damaged_in_transit",
            "no rule of the finding upheld for the reason damaged_in_transit",
        ),
    ],
)
def test_what_does_not_hold_together_is_told_with_its_line(change: tuple[str, str], at: str, says: str) -> None:
    source = changed(change)
    [mistake] = mistakes_of(source)
    assert says in mistake["en"]
    assert at in source.splitlines()[mistake["line"] - 1]


@pytest.mark.parametrize(
    ("source", "kind", "line", "column"),
    [
        ("a: [1\nb: 2", "not_yaml", 2, 2),
        ("a: 1\n\tb: 1", "not_yaml", 2, 1),
        ("a: 'x", "not_yaml", 1, 6),
        ("--- a\n--- b\n", "not_yaml", 2, 1),
        ("format: 1\nformat: 1\n", "key_twice", 2, 1),
        ("1: x\n", "key_not_text", 1, 1),
        ("a: 1\nb: x\x07", "not_printable", 2, 5),
        ("a: \ud800", "not_printable", 1, 4),
        ("a: &x [1]\nb: *x\n", "anchor", 1, 4),
        ("a: *x\n", "anchor", 1, 4),
        ("a: {<<: {b: 1}}\n", "key_not_text", 1, 5),
        ("%YAML 1.1\n---\na: no\n", "directive", 2, 1),
        ("[" * 5000, "too_deep", 1, 21),
        ("a: !!set {x}\n", "kind_of_value", 1, 4),
        ("a: !!python/object/apply:os.system [ls]\n", "kind_of_value", 1, 4),
        ("a: !!binary aGk=\n", "kind_of_value", 1, 4),
        ("a: " + "9" * 5000, "kind_of_value", 1, 4),
        ("", "empty", 1, 1),
        ("# nothing\n", "empty", 1, 1),
        ("- format: 1\n", "not_a_mapping", 1, 1),
        ("x" * (SOURCE_CHARS_MAX + 1), "too_long", 1, 1),
    ],
)
def test_what_is_no_plain_yaml_is_told_with_line_and_column(source: str, kind: str, line: int, column: int) -> None:
    told = {(one["problem"], one["line"], one["column"]) for one in mistakes_of(source)}
    assert (kind, line, column) in told


def test_a_file_full_of_mistakes_is_told_in_bounds() -> None:
    source = "".join(f"{'k' * 20}{number}: x\n" for number in range(1400))
    told = mistakes_of(source)
    assert len(told) == 100
    assert all(len(one["en"]) < 1000 for one in told)
    assert len(json.dumps(mistakes_of("a" * 39_000 + ": x"))) < 20_000


@settings(deadline=None)
@given(st.integers(0, len(LINES) - 1), st.sampled_from(SPOILT))
def test_whatever_line_is_spoilt_it_is_a_playbook_or_a_mistake_in_words(at: int, line: str) -> None:
    source = "".join([*LINES[:at], line, *LINES[at + 1 :]])
    try:
        assert isinstance(read_playbook(source), Playbook)
    except UnreadablePlaybook as refused:
        mistakes = refused.details["mistakes"]
        assert mistakes
        for mistake in mistakes:
            assert 1 <= mistake["line"] <= source.count("\n") + 1
            assert not re.search(r"\{[a-z_]+\}", mistake["en"] + mistake["zh"])


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_at_all_breaks_the_reader(source: str) -> None:
    assert mistakes_of(source)

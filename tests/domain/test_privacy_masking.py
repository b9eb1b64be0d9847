"""What tells who or where somebody is does not reach a juror; what a case turns on does. 300 labelled texts."""

from __future__ import annotations

import re
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.privacy.masking import Kind, Masked, found, mask

FOLDER = Path(__file__).parents[1] / "support" / "masking"
LABEL = re.compile(r"\{(\w+):([^{}]*)\}")
RECALL_MIN, PRECISION_MIN = 0.99, 0.99

Labelled = tuple[str, tuple[Masked, ...]]


def labelled(file: str) -> list[Labelled]:
    """The texts of a file, with the stretches that are marked in them as {kind:…}."""
    texts = []
    for line in (FOLDER / file).read_text(encoding="utf-8").splitlines():
        text, spans, at = "", [], 0
        for label in LABEL.finditer(line):
            text += line[at : label.start()]
            spans.append(Masked(Kind(label[1]), len(text), len(text) + len(label[2])))
            text, at = text + label[2], label.end()
        texts.append((text + line[at:], tuple(spans)))
    return texts


TEXTS = [one for file in ("zh.txt", "en.txt", "held_out.txt") for one in labelled(file)]


def covers(text: str, spans: tuple[Masked, ...], one: Masked) -> bool:
    """Whether no letter or digit of a labelled stretch is left."""
    return all(
        any(span.start <= place < span.end for span in spans)
        for place in range(one.start, one.end)
        if text[place].isalnum()
    )


def overlaps(spans: tuple[Masked, ...], one: Masked) -> bool:
    return any(span.start < one.end and one.start < span.end for span in spans)


def test_there_are_three_hundred_texts_and_in_many_there_is_nothing_to_mask() -> None:
    assert len(TEXTS) == len({text for text, _ in TEXTS}) == 300
    assert sum(not spans for _, spans in TEXTS) >= 120
    assert sum(bool(re.search("[\u4e00-\u9fff]", text)) for text, _ in TEXTS) >= 140


def test_recall_and_precision_over_all_texts() -> None:
    hit, there, right, told = Counter[Kind](), Counter[Kind](), 0, 0
    for text, spans in TEXTS:
        seen = found(text)
        for one in spans:
            there[one.kind] += 1
            hit[one.kind] += covers(text, seen, one)
        told += len(seen)
        right += sum(overlaps(spans, one) for one in seen)
    for kind in Kind:
        sys.stdout.write(f"{kind}: {hit[kind]} of {there[kind]} found\n")
    recall, precision = hit.total() / there.total(), right / told
    sys.stdout.write(f"recall {recall:.3f} of {there.total()}, precision {precision:.3f} of {told}\n")
    assert recall >= RECALL_MIN
    assert precision >= PRECISION_MIN


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_found_wherever_it_is_labelled(kind: Kind) -> None:
    missed = [
        text[one.start : one.end]
        for text, spans in TEXTS
        for one in spans
        if one.kind is kind and not covers(text, found(text), one)
    ]
    assert missed == []


def test_nothing_else_is_masked() -> None:
    assert [text[one.start : one.end] for text, spans in TEXTS for one in found(text) if not overlaps(spans, one)] == []


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Call +44 7700 900123 now", "Call ⟦phone⟧ now"),
        ("加微信：cam_lover88 聊", "加⟦account⟧ 聊"),
        ("a@b.example, 13800138000", "⟦email⟧, ⟦phone⟧"),
        ("nothing here", "nothing here"),
        ("", ""),
    ],
)
def test_what_is_masked_stands_there_by_its_kind(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "hidden",
    [
        "１３８００１３８０００",
        "138\u200b0013\u200d8000",
        "1 3 8 0 0 1 3 8 0 0 0",
        "一三八零零一三八零零零",
        "幺三八〇〇幺三八〇〇〇",
        "1三8零0一3八0零0",
    ],
)
def test_a_number_is_found_however_it_is_hidden(hidden: str) -> None:
    assert mask(f"打{hidden}找我") == "打⟦phone⟧找我"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("11010519491231002X", "110105194912310021"),  # the check character of an identity number
        ("IBAN GB82 WEST 1234 5698 7654 32", "IBAN GB82 WEST 1234 5698 7654 33"),
    ],
)
def test_what_has_a_check_digit_is_masked_where_it_is_right(right: str, wrong: str) -> None:
    assert found(f"no. {right}.")
    assert not found(f"no. {wrong}.")


HOSTILE = (
    "1",
    "1 ",
    "路",
    "北京",
    "区",
    "号",
    "A ",
    "Abc ",
    "a.",
    "a@",
    "一",
    "+1 ",
    "微信",
    "wx:",
    "12 Abc ",
    "EN1 ",
    "@",
)


@given(st.lists(st.sampled_from([*HOSTILE, *(text for text, _ in TEXTS[::7])]), max_size=12))
def test_stretches_are_in_order_and_apart_and_masking_is_done_once(parts: list[str]) -> None:
    text = "".join(parts)
    seen = found(text)
    assert all(one.start < one.end for one in seen)
    assert all(before.end <= after.start for before, after in pairwise(seen))
    once = mask(text)
    assert mask(once) == once
    for one in seen:
        assert f"⟦{one.kind}⟧" in once


@given(st.text(st.sampled_from("好坏贵便宜新旧。 \n"), max_size=60))
def test_a_text_that_tells_nobody_stays_as_it_is(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize("part", HOSTILE)
def test_the_longest_text_that_may_be_sent_is_masked_whatever_it_repeats(part: str) -> None:
    assert isinstance(mask((part * 4000)[:4000]), str)

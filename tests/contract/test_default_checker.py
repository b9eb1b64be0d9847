"""The second program that re-computes a decision by default: it agrees with the first, and with no forgery."""

from __future__ import annotations

import ast
import json
import re
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.calendars import ClockName
from domain.dispute.intake import AmountTooHigh
from domain.playbook.playbook import RemedyKind, digest_of
from infrastructure.checkers import default_decision
from infrastructure.checkers.default_decision import check, main
from infrastructure.playbooks.reader import COMMON, read_playbook
from infrastructure.replay import plain
from tests.contract.log import DISPUTE
from tests.contract.samples import STORIES
from tests.support import builders
from tests.support.builders import BUYER, cny, hours
from tests.support.given import clock_of, fold
from tests.support.moves import MOVES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from domain.kernel import Event

Events = list[dict[str, Any]]


def events_of(story: str) -> Events:
    told: Events = json.loads(json.dumps([plain(one) for one in STORIES[story]().of(DISPUTE)]))
    return told


def event(events: Events, topic: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one["event"] for one in events if one["topic"] == f"dispute.{topic}")
    return found


def codes(events: Events, playbook: str = COMMON) -> set[str]:
    return {one.code for one in check(events, playbook)}


def test_what_was_decided_holds() -> None:
    assert check(events_of("defaulted"), COMMON) == []


def test_a_case_that_silence_did_not_decide_does_not_hold() -> None:
    assert codes(events_of("decided")) == {"one_default"}


def amend(topic: str, path: str, value: Any) -> Callable[[Events], None]:
    def forge(events: Events) -> None:
        *steps, last = path.split(".")
        place: Any = event(events, topic)
        for step in steps:
            place = place[int(step) if step.isdigit() else step]
        place[int(last) if last.isdigit() else last] = value

    return forge


def drop(topic: str) -> Callable[[Events], None]:
    def forge(events: Events) -> None:
        events[:] = [one for one in events if one["topic"] != f"dispute.{topic}"]

    return forge


def answered(events: Events) -> None:
    events.insert(2, {"topic": "dispute.merchant_responded", "event": {}})


FORGED: dict[str, tuple[Callable[[Events], None], str]] = {
    "there was no notice": (drop("notice_served"), "served_and_silent"),
    "there was no silence": (drop("response_lapsed"), "served_and_silent"),
    "the merchant had answered": (answered, "nobody_answered"),
    "told by another channel": (amend("decided_by_default", "proof.channel", "pigeon"), "service_channel"),
    "with another receipt": (amend("decided_by_default", "proof.reference", "x"), "service_reference"),
    "told earlier": (amend("decided_by_default", "proof.served_at", "2026-03-01T00:00:00Z"), "service_served_at"),
    "the clock started earlier": (
        amend("decided_by_default", "proof.clock.started_at", "2026-03-01T00:00:00Z"),
        "clock_starts_with_the_proof",
    ),
    "fewer hours": (amend("decided_by_default", "proof.clock.hours", 24), "clock_hours"),
    "another calendar": (amend("decided_by_default", "proof.clock.calendar", "cn_business"), "clock_calendar"),
    "another's clock": (amend("decided_by_default", "proof.clock.whose", ["buyer"]), "clock_whose"),
    "no pause": (amend("decided_by_default", "proof.clock.pauses", []), "clock_pauses"),
    "a pause that was longer": (amend("clock_resumed", "at", "2026-03-04T00:00:00Z"), "clock_due_at"),
    "due earlier": (amend("decided_by_default", "proof.clock.due_at", "2026-03-04T07:05:00Z"), "clock_due_at"),
    "recorded too early": (amend("response_lapsed", "at", "2026-03-05T07:04:59Z"), "not_before_it_was_due"),
    "noticed at another time": (amend("decided_by_default", "proof.lapsed_at", "2026-03-09T00:00:00Z"), "lapsed_at"),
    "by another rule": (amend("decided_by_default", "rule", "COMMON-PROMISE-1"), "rule"),
    "for another reason": (amend("filed", "claims.0.reason", "bad_mood"), "rule"),
    "more than was claimed": (amend("decided_by_default", "awards.0.lines.0.amount.minor", 3981), "as_claimed"),
    "another remedy than was claimed": (
        amend("decided_by_default", "awards.0.lines.0.remedy", "partial_refund"),
        "as_claimed",
    ),
    "less than the rule gives": (amend("decided_by_default", "awards.0.lines.0.amount.minor", 3979), "amount_by_rule"),
    "more than silence may decide": (
        amend("decided_by_default", "awards.0.lines.0.amount.minor", 200_001),
        "above_silence",
    ),
    "under other rules": (amend("filed", "playbook_digest", "0" * 64), "playbook_digest"),
}


@pytest.mark.parametrize("forgery", FORGED)
def test_a_forgery_is_found_and_named(forgery: str) -> None:
    forge, code = FORGED[forgery]
    events = deepcopy(events_of("defaulted"))
    forge(events)
    assert code in codes(events)


def test_a_playbook_of_another_content_is_found() -> None:
    assert codes(events_of("defaulted"), COMMON + "\n") == {"playbook_digest"}


read = cache(read_playbook)


def by(calendar: str, count: int) -> str:
    """The common playbook with another clock of the merchant's."""
    answer = r"(  answer:.*\n    whose: \[merchant\]\n    hours: )48(\n    calendar: )24x7"
    source, changed = re.subn(answer, rf"\g<1>{count}\g<2>{calendar}", COMMON)
    assert changed == 1
    return source


@settings(max_examples=40, deadline=None, derandomize=True)
@for_all(
    st.sampled_from((1, 7, 24, 48, 200)),
    st.sampled_from(("24x7", "cn_business")),
    st.integers(0, 24 * 300),
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 60)), max_size=4),
)
def test_both_programs_always_count_the_same(
    count: int, calendar: str, begins: int, pauses: Sequence[tuple[int, int]]
) -> None:
    source = by(calendar, count)
    playbook = read(source)
    told = builders.a_notice_served(playbook, hours(begins))
    filed = builders.a_filed_dispute(playbook=playbook, playbook_digest=digest_of(source))
    events: list[Event] = [filed, told]
    at = begins
    for later, stands in pauses:
        at += later
        if hours(at) >= clock_of(fold(*events)).due_at:
            break
        state = fold(*events)
        events += MOVES["pause_clock"](state, playbook, builders.ARBITRATOR, hours(at), stands - 1)
        at += stands
        events += MOVES["answer_clock"](fold(*events), playbook, BUYER, hours(at), 0)
    due = clock_of(fold(*events)).due_at
    events += builders.expire(fold(*events), ClockName.ANSWER, due, playbook)
    stored = [{"topic": one.TOPIC, "event": json.loads(one.model_dump_json())} for one in events]
    assert check(stored, source) == []


MONEY = (RemedyKind.REFUND_ONLY, RemedyKind.PARTIAL_REFUND, RemedyKind.FREIGHT_REFUND)  # what silence gives


@settings(max_examples=60, deadline=None, derandomize=True)
@for_all(
    st.lists(st.integers(0, 9_000), min_size=2, max_size=5),
    st.integers(1, 3_000),
    st.tuples(st.sampled_from(MONEY), st.sampled_from(MONEY)),
    st.sampled_from((100, 33)),
)
def test_both_programs_always_reckon_the_same(
    paid: list[int], freight: int, kinds: tuple[RemedyKind, RemedyKind], percent: int
) -> None:
    source = COMMON.replace("    percent: 100", f"    percent: {percent}")
    playbook = read(source)
    order = builders.an_order(
        lines=tuple(builders.a_line(str(n), cny(minor)) for n, minor in enumerate(paid)), freight=cny(freight)
    )
    lines = tuple(line.id for line in order.lines)
    asked = [
        builders.a_claim_asked(remedy=kind, lines=of) for kind, of in zip(kinds, (lines[:1], lines[1:]), strict=True)
    ]
    try:
        filed = builders.a_filed_dispute(*asked, playbook=playbook, order=order, playbook_digest=digest_of(source))
    except AmountTooHigh:  # the rule gives nothing for these lines
        return
    told = builders.a_notice_served(playbook)
    happened = builders.expire(fold(filed, told), ClockName.ANSWER, hours(50), playbook)
    stored = [{"topic": one.TOPIC, "event": json.loads(one.model_dump_json())} for one in (filed, told, *happened)]
    assert check(stored, source) == []


def test_it_runs_by_itself_on_two_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events, playbook = tmp_path / "events.json", tmp_path / "playbook.yaml"
    events.write_text(json.dumps(events_of("defaulted")), encoding="utf-8")
    playbook.write_text(COMMON, encoding="utf-8")
    assert main([str(events), str(playbook)]) == 0
    assert capsys.readouterr().out == "the decision by default holds\n"
    events.write_text(json.dumps(events_of("settled")), encoding="utf-8")
    assert main([str(events), str(playbook)]) == 3
    assert main([]) == 2


def test_it_shares_no_code_with_what_it_checks() -> None:
    tree = ast.parse(Path(default_decision.__file__).read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert not imported & {"domain", "application", "infrastructure"}

"""Why silence decided a case: the rule, the service, the clock piece by piece, and what a second program says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.calendars import open_time
from domain.dispute.ruling import DecidedByDefault
from infrastructure.checkers.default_decision import Finding, check
from infrastructure.replay import find_dispute, plain
from infrastructure.web.plain_text import inert_json, wrapped
from infrastructure.web.sentences import chosen, hours, say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta

    from application.case import Case
    from domain.calendars import Clock
    from infrastructure.bootstrap import Container
    from infrastructure.http.language import Language


@dataclass(frozen=True, slots=True)
class Explained:
    """The explanation, and whether the decision holds; no `text` where there is no such case."""

    text: str = ""
    holds: bool = False


async def explain_default(container: Container, name: str, language: Language, *, as_json: bool) -> Explained:
    """Explain the decision by default of a case, named by its number or id, and check it by the second program."""
    dispute = await find_dispute(container, name)
    case = await container.cases.load(dispute) if dispute else None
    if case is None:
        return Explained()
    decision = next((one for one in case.dispute.ruling.decisions if isinstance(one, DecidedByDefault)), None)
    if decision is None:
        return Explained(say(language, "explain.no_default", number=case.dispute.intake.filed.number))
    filed = case.dispute.intake.filed
    shelf, _ = await container.bookcase.shelf(filed.platform)
    published = shelf.with_digest(filed.playbook_digest)
    source = published.source if published else ""
    events = [plain(one) for one in await container.store.load(case.id)]
    findings = check(events, source)
    if as_json:
        proof = decision.proof.model_dump(mode="json")
        told = {"rule": decision.rule, "proof": proof, "findings": [one._asdict() for one in findings]}
        return Explained(inert_json(told, indent=1), not findings)
    lines = [line for text, indent in _told(case, decision, findings, language) for line in wrapped(text, " " * indent)]
    return Explained("\n".join(lines), not findings)


def _told(
    case: Case, decision: DecidedByDefault, findings: list[Finding], language: Language
) -> Iterator[tuple[str, int]]:
    proof, rule = decision.proof, case.playbook.cited(decision.rule)
    number = case.dispute.intake.filed.number
    yield say(language, "explain.title", number=number, at=decision.at, rule=decision.rule), 0
    if rule:
        yield say(language, "explain.rule", sentence=chosen(language, rule.sentence), source=rule.source), 2
    yield say(language, "explain.served", **dict(proof)), 0
    clock = proof.clock
    yield say(language, "explain.clock", **(dict(clock) | {"hours": hours(language, clock.hours)})), 0
    table = case.playbook.calendars.get(clock.calendar)
    for since, until, runs in _pieces(clock):
        key, counted = ("explain.ran", open_time(table, since, until)) if runs else ("explain.stood_still", None)
        yield say(language, key, since=since, until=until, counted=_length(counted) if counted else ""), 2
    yield say(language, "explain.due", due=clock.due_at, lapsed=proof.lapsed_at), 2
    yield say(language, "explain.holds" if not findings else "explain.does_not_hold"), 0
    for one in findings:
        yield f"{one.code}: {one.said} ≠ {one.computed}", 2


def _pieces(clock: Clock) -> Iterator[tuple[datetime, datetime, bool]]:
    """The times in which the clock ran or stood still, in order."""
    at = clock.started_at
    for pause in clock.pauses:
        yield at, pause.since, True
        yield pause.since, pause.until, False
        at = pause.until
    yield at, clock.due_at, True


def _length(counted: timedelta) -> str:
    """`48:00` or `7:12:05`."""
    minutes, seconds = divmod(int(counted.total_seconds()), 60)
    told = f"{minutes // 60}:{minutes % 60:02}"
    return f"{told}:{seconds:02}" if seconds else told

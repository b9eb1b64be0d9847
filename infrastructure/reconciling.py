"""`gongduan reconcile`: our payouts against the payment service's statement, with progress and a table of findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from application.ports import StatementUnavailable
from application.reconciliation import Finding, Reconciliation
from application.reconciliation import reconcile as compare
from infrastructure.bootstrap import open_payments
from infrastructure.web.plain_text import inert_json, neutral
from infrastructure.web.sentences import Language, money, say, word

if TYPE_CHECKING:
    from infrastructure.bootstrap import Container


class NoStatement(Exception):
    """The payment service cannot be asked; the message says why and what to do."""


async def reconcile(container: Container, language: Language, *, as_json: bool) -> tuple[str, bool]:
    """What came of it as text, and whether all agrees."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(say(language, "reconcile.reading", entries=0))
        async with open_payments(container.settings) as payments:
            try:
                done = await compare(
                    container.desk,
                    payments,
                    container.views,
                    lambda entries: bar.update(task, description=say(language, "reconcile.reading", entries=entries)),
                )
            except StatementUnavailable as error:
                raise NoStatement(say(language, "reconcile.no_statement", reason=str(error))) from error
    return _as_json(done) if as_json else _as_table(done, language), not done.findings


def _as_table(done: Reconciliation, language: Language) -> str:
    lines = [say(language, "reconcile.done", entries=done.entries, confirmed=done.confirmed, halted=done.halted)]
    lines += [_told(one, language) for one in done.findings]
    lines.append(say(language, "reconcile.findings" if done.findings else "reconcile.agree", count=len(done.findings)))
    return "\n".join(lines)


def _told(one: Finding, language: Language) -> str:
    return say(
        language,
        "reconcile.finding",
        what=word(language, one.what),
        key=neutral(one.key),
        reference=one.reference,
        paid=money(language, one.paid) if one.paid else None,
        ordered=money(language, one.ordered) if one.ordered else None,
    )


def _as_json(done: Reconciliation) -> str:
    counts: dict[str, Any] = {"entries": done.entries, "confirmed": done.confirmed, "halted": done.halted}
    findings = [
        {
            "what": one.what,
            "key": one.key,
            "reference": one.reference,
            "paid": one.paid.model_dump() if one.paid else None,
            "ordered": one.ordered.model_dump() if one.ordered else None,
        }
        for one in done.findings
    ]
    return inert_json(counts | {"findings": findings})

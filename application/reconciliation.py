"""Our payouts against the payment service's own statement: what it paid is confirmed, what does not agree is found."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Protocol
from uuid import UUID

from application.case import fold_payout
from application.commands.desk import SERVICE, Command
from application.commands.remedy import Till
from application.policy import Caller
from domain.remedy import payout as payouts
from domain.remedy.payout import PayoutOrdered, PayoutState

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from application.commands.desk import Desk
    from application.ports import Payments, StatementEntry
    from domain.money import Money


class Discrepancy(StrEnum):
    """In what the statement and our payouts do not agree."""

    OTHER_AMOUNT = "other_amount"  # paid there, but not what was ordered here
    OTHER_TENDER = "other_tender"  # money there instead of the coupon that was ordered here, or the other way round
    UNKNOWN_KEY = "unknown_key"  # paid there, never ordered here
    MISSING_THERE = "missing_there"  # confirmed here, and not in the statement
    PAID_TWICE = "paid_twice"  # more than one payment under one key


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person must clear up with the payment service."""

    what: Discrepancy
    key: str
    reference: str | None = None
    paid: Money | None = None
    ordered: Money | None = None


@dataclass(slots=True)
class Reconciliation:
    """What came of it: entries read, payouts confirmed or halted by them, and what does not agree."""

    entries: int = 0
    confirmed: int = 0
    halted: int = 0
    findings: list[Finding] = field(default_factory=list)


class ConfirmedPayouts(Protocol):
    """The view of payouts, as far as it is needed here."""

    async def confirmed_payouts(self) -> dict[UUID, datetime]:
        """Every payout that is confirmed here, and since when."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconcile(Command):
    """The service records what the statement shows."""

    OPERATION: ClassVar[str] = "reconcile"


async def reconcile(
    desk: Desk, payments: Payments, view: ConfirmedPayouts, progress: Callable[[int], None] = lambda _: None
) -> Reconciliation:
    """Go through the whole statement. Done again it changes nothing more and finds the same.

    Raises StatementUnavailable where the payment service does not give it.
    """
    # Read before the statement: what is confirmed while it is read may stand on a page that was read already.
    confirmed = await view.confirmed_payouts()
    done, seen = Reconciliation(), set[str]()
    page = await payments.statement()
    since = page.since
    while True:
        for entry in page.entries:
            if entry.key in seen:
                done.findings.append(Finding(Discrepancy.PAID_TWICE, entry.key, entry.reference, entry.amount))
            else:
                await _compare(desk, entry, done)
            seen.add(entry.key)
        done.entries += len(page.entries)
        progress(done.entries)
        if page.next is None:
            break
        page = await payments.statement(page.next)
    for payout, at in sorted(confirmed.items()):
        if str(payout) not in seen and (since is None or at >= since):
            done.findings.append(Finding(Discrepancy.MISSING_THERE, str(payout)))
    return done


async def _compare(desk: Desk, entry: StatementEntry, done: Reconciliation) -> None:
    key: UUID | None = None
    with suppress(ValueError):
        key = UUID(entry.key)
    history = await desk.store.load(key) if key else ()
    if key is None or not history or not isinstance(ordered := history[0].event, PayoutOrdered):
        done.findings.append(Finding(Discrepancy.UNKNOWN_KEY, entry.key, entry.reference, entry.amount))
        return
    if entry.tender is not ordered.tender:
        done.findings.append(
            Finding(Discrepancy.OTHER_TENDER, entry.key, entry.reference, entry.amount, ordered.amount)
        )
        return
    before = fold_payout(recorded.event for recorded in history)
    till = Till(desk, Reconcile(caller=Caller(SERVICE, ordered.platform), key=""), key)
    left = await till.record(lambda payout, at: payouts.reconcile(payout, entry.reference, entry.amount, at=at))
    if left.state is not before.state:
        done.confirmed += left.state is PayoutState.CONFIRMED
        done.halted += left.state is PayoutState.MISMATCHED
    if left.ordered.amount != entry.amount:
        finding = Finding(Discrepancy.OTHER_AMOUNT, entry.key, entry.reference, entry.amount, left.ordered.amount)
        done.findings.append(finding)

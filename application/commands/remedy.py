"""Commands of remedy: pay a remedy line through the payment service, at most once; money that was paid outside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from application import policy
from application.case import fold_payout
from application.commands.desk import SERVICE, CaseCommand, Command, Done, race
from application.policy import Caller, NotThere
from application.ports import NewEvents, PaymentRefused, PaymentUnknown
from domain.dispute import dispute as disputes
from domain.dispute import remedy
from domain.dispute.outside import RefundSource
from domain.kernel import Refused
from domain.money import Money
from domain.remedy import payout as payouts
from domain.remedy.payout import OPEN, Payout, PayoutConfirmed, PayoutEvent, PayoutState

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from application.commands.desk import Desk
    from application.ports import Payments


REASON_CHARS_MAX = 200


class PayAgain(Exception):
    """The attempt did not end in a payment; the job is to be tried again later, with the same key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutCommand(Command):
    """One step of paying a remedy line, taken by the service."""

    OPERATION: ClassVar[str] = "pay"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRefund(CaseCommand):
    """The platform reports money that the buyer got outside."""

    OPERATION: ClassVar[str] = "report_external_refund"
    claim: str
    amount: Money
    source: RefundSource
    reference: str


async def report_refund(desk: Desk, command: ReportRefund) -> Done:
    """Record the refund in the dispute, and in the same call in each payout that gets smaller by it."""

    async def attempt() -> Done:
        case = await desk.open_case(command)
        money: dict[str, Payout] = {}
        versions: dict[str, int] = {}
        at = max(await desk.clock.now(), case.last_at)
        for line in case.dispute.remedy.lines_of(command.claim):
            if history := await desk.store.load(line.payout):
                money[line.line] = fold_payout(recorded.event for recorded in history)
                versions[line.line] = len(history)
                at = max(at, history[-1].metadata.at)
        events, reduced = remedy.report_refund(
            case.dispute,
            money,
            command.claim,
            command.amount,
            command.source,
            command.reference,
            by=command.caller.actor,
            at=at,
        )
        if not events:
            return await desk.earlier(command, case.id) or Done(case.id, case.version, case.position)
        ordered = case.dispute.remedy.ordered
        appends = [NewEvents(ordered[line].payout, versions[line], (event,)) for line, event in reduced.items()]
        metadata = command.metadata(case.platform, at, case.id)
        return await desk.append(command, metadata, [NewEvents(case.id, case.version, events), *appends])

    return await desk.carry_out(command, command.dispute, attempt)


async def pay(desk: Desk, payments: Payments, platform: str, payout: UUID) -> PayoutState:
    """Pay a payout: the attempt is recorded before the call, its result after it. Answers how the payout then stands.

    Raises PayAgain where it is not known to be paid; ends quietly where nothing more is to be sent.
    """
    till = Till(desk, PayoutCommand(caller=Caller(SERVICE, platform), key=""), payout)
    try:
        return await _pay(till, payments)
    except Refused as refused:
        # Another worker is at the same payout, or was: whoever comes next finds what it left.
        state = (await till.load())[0].state
        if state in OPEN:
            raise PayAgain(refused.CODE) from refused
        return state


async def _pay(till: Till, payments: Payments) -> PayoutState:
    sent = await till.record(lambda payout, at: payouts.send(payout, at=at))
    number, ordered = sent.attempts, sent.ordered
    try:
        paid = await payments.pay(till.payout, ordered)
    except PaymentUnknown as unknown:
        reason = _short(unknown)
        await till.record(lambda payout, at: payouts.lose_sight(payout, number, reason, at=at))
        raise PayAgain(reason) from unknown
    except PaymentRefused as refused:
        reason = _short(refused)
        await till.record(lambda payout, at: payouts.fail(payout, number, reason, at=at))
        raise PayAgain(reason) from refused
    left = await till.record(lambda payout, at: payouts.confirm(payout, number, paid.reference, paid.amount, at=at))
    return left.state


def _short(error: Exception) -> str:
    """The reason as it fits into an event."""
    return str(error)[:REASON_CHARS_MAX] or "no_reason_given"


@dataclass(frozen=True, slots=True)
class Till:
    """Where the steps of one payout are recorded; `command` says whose steps they are."""

    desk: Desk
    command: Command
    payout: UUID

    async def record(self, decide: Callable[[Payout, datetime], PayoutEvent | None]) -> Payout:
        """Append one event to the payout's own stream, a confirmation to its dispute's, too, in one call.

        Answers the payout as that event leaves it.
        """
        left: list[Payout] = []

        async def attempt() -> Done:
            state, version, at = await self.load()
            event = decide(state, at)
            if event is None:
                left.append(state)
                return Done(self.payout, version, 0)
            appends = [NewEvents(self.payout, version, (event,))]
            if isinstance(event, PayoutConfirmed):
                case = await self.desk.cases.load(state.ordered.dispute)
                if case is None:
                    raise NotThere
                at = max(at, case.last_at)
                event = event.model_copy(update={"at": at})
                followed = disputes.confirm_payout(case.dispute, state.ordered.line, at=at)
                appends = [NewEvents(self.payout, version, (event,)), NewEvents(case.id, case.version, followed)]
            left.append(payouts.evolve(state, event))
            return await self._append(left[-1], at, appends)

        await race(attempt)
        return left[-1]

    async def load(self) -> tuple[Payout, int, datetime]:
        """The payout, its version, and the time of what happens next."""
        history = await self.desk.store.load(self.payout)
        if not history:
            raise NotThere
        state = fold_payout(recorded.event for recorded in history)
        policy.require(self.command.OPERATION, self.command.caller, state.ordered.platform)
        return state, len(history), max(await self.desk.clock.now(), history[-1].metadata.at)

    async def _append(self, left: Payout, at: datetime, appends: list[NewEvents]) -> Done:
        # The step is part of the key: two workers at one place are repeats of each other only in the same step.
        command = replace(self.command, key=f"{self.command.OPERATION}/{self.payout}/{left.state}/{left.attempts}")
        metadata = command.metadata(left.ordered.platform, at, left.ordered.dispute)
        return await self.desk.append(command, metadata, appends)

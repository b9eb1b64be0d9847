"""Commands of remedy: pay a remedy line through the payment service, at most once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from application import policy
from application.case import fold_payout
from application.commands.desk import SERVICE, Command, Done, race
from application.policy import Caller, NotThere
from application.ports import NewEvents, PaymentRefused, PaymentUnknown
from domain.dispute import remedy
from domain.kernel import Refused
from domain.remedy import payout as payouts
from domain.remedy.payout import AlreadyPaid, OtherAmountPaid, Payout, PayoutEvent

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from application.commands.desk import Desk
    from application.ports import Paid, Payments


REASON_CHARS_MAX = 200


class PayAgain(Exception):
    """The attempt did not end in a payment; the job is to be tried again later, with the same key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutCommand(Command):
    """One step of paying a remedy line, taken by the service."""

    OPERATION: ClassVar[str] = "pay"


async def pay(desk: Desk, payments: Payments, platform: str, payout: UUID) -> None:
    """Pay a payout: the attempt is recorded before the call, its result after it.

    Raises PayAgain where it is not known to be paid; ends quietly where it is, whoever paid it.
    """
    till = _Till(desk, Caller(SERVICE, platform), payout)
    try:
        await _pay(till, payments)
    except AlreadyPaid:
        return
    except Refused as refused:
        # Another worker is at the same payout: whoever comes next finds what it left.
        raise PayAgain(refused.CODE) from refused


async def _pay(till: _Till, payments: Payments) -> None:
    sent = await till.record(lambda payout, at: payouts.send(payout, at=at))
    number, ordered = sent.attempts, sent.ordered
    try:
        await till.confirm(number, await payments.pay(till.payout, ordered))
    except PaymentUnknown as unknown:
        reason = _short(unknown)
        await till.record(lambda payout, at: payouts.lose_sight(payout, number, reason, at=at))
        raise PayAgain(reason) from unknown
    except (PaymentRefused, OtherAmountPaid) as refused:
        reason = OtherAmountPaid.CODE if isinstance(refused, OtherAmountPaid) else _short(refused)
        await till.record(lambda payout, at: payouts.fail(payout, number, reason, at=at))
        raise PayAgain(reason) from refused


def _short(error: Exception) -> str:
    """The reason as it fits into an event."""
    return str(error)[:REASON_CHARS_MAX] or "no_reason_given"


@dataclass(frozen=True, slots=True)
class _Till:
    """Where the steps of one payout are recorded."""

    desk: Desk
    caller: Caller
    payout: UUID

    async def record(self, decide: Callable[[Payout, datetime], PayoutEvent]) -> Payout:
        """Append one event to the payout's own stream; answer the payout as that event leaves it."""
        left: list[Payout] = []

        async def attempt() -> Done:
            state, version, at = await self._load()
            event = decide(state, at)
            left.append(payouts.evolve(state, event))
            return await self._append(left[-1], at, [NewEvents(self.payout, version, (event,))])

        await race(attempt)
        return left[-1]

    async def confirm(self, number: int, paid: Paid) -> None:
        """Record the payment in the payout and in its dispute, in one call."""

        async def attempt() -> Done:
            state, version, at = await self._load()
            case = await self.desk.cases.load(state.ordered.dispute)
            if case is None:
                raise NotThere
            at = max(at, case.last_at)
            confirmed = payouts.confirm(state, number, paid.reference, paid.amount, at=at)
            followed = remedy.confirm_line(case.dispute, state.ordered.line, at=at)
            return await self._append(
                payouts.evolve(state, confirmed),
                at,
                [NewEvents(self.payout, version, (confirmed,)), NewEvents(case.id, case.version, followed)],
            )

        await race(attempt)

    async def _load(self) -> tuple[Payout, int, datetime]:
        history = await self.desk.store.load(self.payout)
        if not history:
            raise NotThere
        state = fold_payout(recorded.event for recorded in history)
        policy.require(PayoutCommand.OPERATION, self.caller, state.ordered.platform)
        return state, len(history), max(await self.desk.clock.now(), history[-1].metadata.at)

    async def _append(self, left: Payout, at: datetime, appends: list[NewEvents]) -> Done:
        # The step is part of the key: two workers at one place are repeats of each other only in the same step.
        key = f"payout/{self.payout}/{left.state}/{left.attempts}"
        command = PayoutCommand(caller=self.caller, key=key)
        metadata = command.metadata(self.caller.platform, at, left.ordered.dispute)
        return await self.desk.append(command, metadata, appends)

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
from domain.remedy import payout as payouts
from domain.remedy.payout import AlreadyPaid, OtherAmountPaid, Payout, PayoutEvent

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from application.commands.desk import Desk
    from application.ports import Paid, Payments


class PayAgain(Exception):
    """The attempt did not end in a payment; the job is to be tried again later, with the same key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutCommand(Command):
    """One step of paying a remedy line, taken by the service."""

    OPERATION: ClassVar[str] = "pay"


async def pay(desk: Desk, payments: Payments, platform: str, payout: UUID) -> None:
    """Pay a payout: the attempt is recorded before the call, its result after it. Raises PayAgain."""
    till = _Till(desk, Caller(SERVICE, platform), payout)
    try:
        sent = await till.record(lambda state, at: payouts.send(state, at=at))
    except AlreadyPaid:
        return
    number = sent.attempts
    try:
        await till.confirm(number, await payments.pay(payout, sent.ordered))
    except PaymentUnknown as unknown:
        reason = str(unknown)
        await till.record(lambda state, at: payouts.lose_sight(state, number, reason, at=at))
        raise PayAgain(reason) from unknown
    except (PaymentRefused, OtherAmountPaid) as refused:
        reason = OtherAmountPaid.CODE if isinstance(refused, OtherAmountPaid) else str(refused)
        await till.record(lambda state, at: payouts.fail(state, number, reason, at=at))
        raise PayAgain(reason) from refused


@dataclass(frozen=True, slots=True)
class _Till:
    """Where the steps of one payout are recorded."""

    desk: Desk
    caller: Caller
    payout: UUID

    async def record(self, decide: Callable[[Payout, datetime], PayoutEvent]) -> Payout:
        """Append one event to the payout's own stream; answer the payout behind it."""

        async def attempt() -> Done:
            state, version, at = await self._load()
            event = decide(state, at)
            return await self._append(state, at, [NewEvents(self.payout, version, (event,))])

        await race(attempt)
        return (await self._load())[0]

    async def confirm(self, number: int, paid: Paid) -> None:
        """Record the payment in the payout and in its dispute, in one call."""

        async def attempt() -> Done:
            state, version, at = await self._load()
            case = await self.desk.cases.load(state.ordered.dispute)
            if case is None:
                raise NotThere
            at = max(at, case.last_at)
            confirmed = payouts.confirm(state, number, paid.reference, paid.amount, at=at)
            followed = remedy.confirm_line(case.dispute, state.ordered.line, paid.amount, at=at)
            return await self._append(
                state,
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

    async def _append(self, payout: Payout, at: datetime, appends: list[NewEvents]) -> Done:
        key = f"payout/{self.payout}/{appends[0].after_version + 1}"
        command = PayoutCommand(caller=self.caller, key=key)
        metadata = command.metadata(self.caller.platform, at, payout.ordered.dispute)
        return await self.desk.append(command, metadata, appends)

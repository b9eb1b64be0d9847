"""Commands of recovery, a part of remedy: money that came back, and what nobody can collect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from application.case import fold_payout
from application.commands.desk import CaseCommand, DisputeCommand, Done
from application.ports import NewEvents
from domain.dispute import recovery, remedy
from domain.dispute.dispute import DisputeEvent
from domain.kernel import begun
from domain.money import Money

if TYPE_CHECKING:
    from datetime import datetime

    from application.case import Case
    from application.commands.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRecovery(CaseCommand):
    """The platform reports that money came back for a recovery."""

    OPERATION: ClassVar[str] = "report_recovery"
    recovery: str
    amount: Money
    reference: str


async def report_recovery(desk: Desk, command: ReportRecovery) -> Done:
    """Record it in the dispute and, in the same call, in the payout by which the money was paid."""

    async def attempt() -> Done:
        case = await desk.open_case(command)
        line = recovery.recovery_of(case.dispute, command.recovery).ordered.line
        stream = case.dispute.remedy.ordered[line].payout
        history = await desk.store.load(stream)
        at = max(await desk.clock.now(), case.last_at, history[-1].metadata.at)
        told = recovery.report(
            case.dispute,
            fold_payout(recorded.event for recorded in history),
            command.recovery,
            command.amount,
            command.reference,
            by=command.caller.actor,
            at=at,
        )
        if told is None:
            return await desk.earlier(command, case.id) or Done(case.id, case.version, case.position)
        recovered, payout = told
        events = (recovered, *remedy.follow_recovery(case.dispute, recovered))
        metadata = command.metadata(case.platform, at, case.id)
        # The payout first, so that the case as of its new version shows how the money stands.
        appends = [NewEvents(stream, len(history), (payout,)), NewEvents(case.id, case.version, events)]
        done = await desk.append(command, metadata, appends)
        if done.repeated:
            return begun(await desk.earlier(command, case.id))
        return Done(case.id, case.version + len(events), done.position)

    return await desk.carry_out(command, command.dispute, attempt)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOffRecovery(DisputeCommand):
    """A senior arbitrator gives up what is left of a recovery."""

    OPERATION: ClassVar[str] = "write_off_recovery"
    recovery: str
    reason: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """What is written off, and the end where nothing else is waited for."""
        written_off = recovery.write_off(case.dispute, self.recovery, self.reason, by=self.caller.actor, at=at)
        return (written_off, *remedy.follow_recovery(case.dispute, written_off))

"""Chapter recovery, a part of remedy: a new decision stops the lines before it; what was paid beyond it returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from domain.dispute.notice import NotThePlatform
from domain.dispute.review import InConflict, NotASeniorArbitrator
from domain.kernel import Act, Actor, Code, Event, Id, Line, Moment, Personal, Refused, Role, Text, Unacceptable
from domain.money import Money, Tender, total, zero
from domain.remedy import payout as payouts
from domain.remedy.payout import Payout, PayoutRecovered

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute
    from domain.dispute.remedy import Remedy


class RemedyStopped(Event):
    """A line is owed no more, because another decision or agreement took the place of the one that ordered it.

    What is `unpaid` stays so; what was `paid` counts towards what the new one awards for the claim.
    """

    TOPIC: ClassVar[str] = "dispute.remedy_stopped"
    line: Code
    claim: Code
    paid: Money
    unpaid: Money
    at: Moment


class RecoveryOrdered(Event):
    """Money that was paid for a line is to come back: more was paid for the claim than is awarded for it now."""

    TOPIC: ClassVar[str] = "dispute.recovery_ordered"
    recovery: Code
    line: Code
    claim: Code
    payer: Role
    payer_id: Id
    payee: Role
    payee_id: Id
    amount: Money
    at: Moment


class RemedyRecovered(Act):
    """The platform reports that money came back, all of it or a part; `reference` is its own name for that."""

    TOPIC: ClassVar[str] = "dispute.remedy_recovered"
    recovery: Code
    amount: Money
    reference: Line


class RecoveryWrittenOff(Act):
    """What was left of a recovery, `amount`, will not be collected from who has it; nobody waits for it any longer."""

    TOPIC: ClassVar[str] = "dispute.recovery_written_off"
    recovery: Code
    amount: Money
    reason: Annotated[Text, Personal("/by/id")]


RecoveryEvent = RemedyStopped | RecoveryOrdered | RemedyRecovered | RecoveryWrittenOff


class NothingToRecover(Refused):
    """Nothing is to come back in this dispute."""

    CODE = "nothing_to_recover"


class UnknownRecovery(Unacceptable):
    """No such recovery was ordered."""

    CODE = "unknown_recovery"


class RecoveredOtherwise(Unacceptable):
    """What this reference stands for was reported before, with another recovery or amount."""

    CODE = "recovered_otherwise"


class RecoveryTooHigh(Unacceptable):
    """An amount above nothing comes back, and at most what is still to."""

    CODE = "recovery_too_high"


class RecoveryNotOpen(Refused):
    """Nothing is left of this recovery: it has come back or was written off."""

    CODE = "recovery_not_open"


@dataclass(frozen=True, slots=True)
class Recovery:
    """What is to come back, and what of it has or never will: ordered = recovered + written off + left."""

    ordered: RecoveryOrdered
    reported: tuple[RemedyRecovered, ...] = ()
    written_off: RecoveryWrittenOff | None = None

    @property
    def uncollectable(self) -> Money:
        """What nobody will collect."""
        return self.written_off.amount if self.written_off else zero(self.ordered.amount.currency)

    @property
    def left(self) -> Money:
        """What is still to come back."""
        amount = self.ordered.amount
        return amount - total((one.amount for one in self.reported), amount.currency) - self.uncollectable


def stop_lines(remedy: Remedy, *, at: Moment) -> tuple[RemedyStopped, ...]:
    """Every line in force ends: it is the new decision that says what is owed."""
    stopped = []
    for one in remedy.in_force():
        nothing = zero(one.amount.currency)
        paid, unpaid = (one.amount, nothing) if one.line in remedy.confirmed else (nothing, one.amount)
        stopped.append(RemedyStopped(line=one.line, claim=one.claim, paid=paid, unpaid=unpaid, at=at))
    return tuple(stopped)


def order_back(remedy: Remedy, *, at: Moment) -> tuple[RecoveryOrdered, ...]:
    """What was paid for stopped lines and covers nothing that is awarded now, from whom it was paid to."""
    ordered: list[RecoveryOrdered] = []
    spare: dict[tuple[str, str, Tender], Money] = {}
    for line in (remedy.ordered[name] for name in remedy.stopped):
        paid_by = (line.claim, line.payer_id, line.remedy.tender)
        left = spare[paid_by] if paid_by in spare else remedy.spare(*paid_by, line.amount.currency)
        amount = min(remedy.kept(line) - remedy.uncollectable(line), left)
        spare[paid_by] = left - amount
        if amount.minor > 0:
            ordered.append(
                RecoveryOrdered(
                    recovery=f"v{len(remedy.recoveries) + len(ordered) + 1}",
                    line=line.line,
                    claim=line.claim,
                    payer=line.payee,
                    payer_id=line.payee_id,
                    payee=line.payer,
                    payee_id=line.payer_id,
                    amount=amount,
                    at=at,
                )
            )
    return tuple(ordered)


def may_report_recovery(dispute: Dispute, actor: Actor) -> None:
    """The platform, which moves the money, reports what came back while anything is to."""
    if actor.role is not Role.PLATFORM:
        raise NotThePlatform
    if not any(one.left.minor for one in dispute.remedy.recoveries.values()):
        raise NothingToRecover


def recovery_of(dispute: Dispute, recovery: str) -> Recovery:
    """The recovery of this id."""
    known = dispute.remedy.recoveries
    if recovery not in known:
        raise UnknownRecovery(recovery=recovery, known_recoveries=sorted(known))
    return known[recovery]


def report(
    dispute: Dispute, payout: Payout, recovery: str, amount: Money, reference: str, *, by: Actor, at: Moment
) -> tuple[RemedyRecovered, PayoutRecovered] | None:
    """Record what came back, in the dispute and in the payout by which it was paid; None where that was reported."""
    for one in dispute.remedy.recoveries.values():
        for known in one.reported:
            if known.reference == reference:
                if (known.recovery, known.amount) != (recovery, amount):
                    raise RecoveredOtherwise(recovery=known.recovery)
                return None
    may_report_recovery(dispute, by)
    left = recovery_of(dispute, recovery).left
    if not amount.minor > 0 or not amount <= left:
        raise RecoveryTooHigh(amount=amount.minor, at_most=left.minor, currency=left.currency)
    recovered = RemedyRecovered(recovery=recovery, amount=amount, reference=reference, by=by, at=at)
    return recovered, payouts.recover(payout, recovery, amount, reference, at=at)


def may_write_off(dispute: Dispute, actor: Actor, recovery: str) -> None:
    """A senior arbitrator, in person and without a conflict, writes off what is left of a recovery."""
    if actor.role is not Role.SENIOR_ARBITRATOR or actor.is_tool:
        raise NotASeniorArbitrator
    if dispute.review.conflict_of(actor) is not None:
        raise InConflict(arbitrator=actor.id)
    if not recovery_of(dispute, recovery).left.minor:
        raise RecoveryNotOpen(recovery=recovery)


def write_off(dispute: Dispute, recovery: str, reason: str, *, by: Actor, at: Moment) -> RecoveryWrittenOff:
    """Give up what is left of a recovery, with the reason; what then ends is `remedy.follow_recovery`."""
    may_write_off(dispute, by, recovery)
    left = recovery_of(dispute, recovery).left
    return RecoveryWrittenOff(recovery=recovery, amount=left, reason=reason, by=by, at=at)

"""Chapter appeal: a party takes a ruling to a second instance; another arbitrator hears it, upholds or reverses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar

from domain.calendars import ClockName
from domain.dispute import review
from domain.dispute.award import AwardSought, awards_for
from domain.dispute.negotiation import Settled
from domain.dispute.review import CaseAssigned, PlatformIntervened
from domain.dispute.rounds import check_none_awaited
from domain.dispute.ruling import RulingReversed
from domain.dispute.stages import Stage, check_stage
from domain.kernel import Act, Actor, Code, Event, Moment, Personal, Refused, Text, Unacceptable
from domain.playbook.playbook import Playbook

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute


class AppealGround(StrEnum):
    """Why a ruling is said to be wrong."""

    NEW_EVIDENCE = "new_evidence"
    WRONG_FACTS = "wrong_facts"
    WRONG_RULE = "wrong_rule"
    PROCEDURE = "procedure"
    CONFLICT_OF_INTEREST = "conflict_of_interest"


class AppealState(StrEnum):
    """What became of an appeal."""

    FILED = "filed"
    HEARD = "heard"
    REJECTED = "rejected"
    UPHELD = "upheld"
    REVERSED = "reversed"
    SETTLED = "settled"


class AppealFiled(Act):
    """A party appealed a ruling while its clock ran: the case is open again, for others to hear."""

    TOPIC: ClassVar[str] = "dispute.appeal_filed"
    appeal: Code
    ruling: Code
    ground: AppealGround
    statement: Annotated[Text, Personal("/by/id")]


class AppealHeard(Act):
    """An arbitrator who did not have the case before took it to hear the appeal."""

    TOPIC: ClassVar[str] = "dispute.appeal_heard"
    appeal: Code


class AppealRejected(Act):
    """The appeal is not admissible: the ruling stands, unlooked at."""

    TOPIC: ClassVar[str] = "dispute.appeal_rejected"
    appeal: Code
    reason: Annotated[Text, Personal("/by/id")]


class RulingUpheld(Act):
    """The ruling was looked at anew and stands."""

    TOPIC: ClassVar[str] = "dispute.ruling_upheld"
    appeal: Code
    ruling: Code
    reasons: Annotated[Text, Personal("/by/id")]


AppealEvent = AppealFiled | AppealHeard | AppealRejected | RulingUpheld
AppealEnd = AppealRejected | RulingUpheld | RulingReversed


class NothingToAppeal(Refused):
    """No ruling is open to appeal: none was made, its time is over, or it was itself made on appeal."""

    CODE = "nothing_to_appeal"


class UnknownAppeal(Unacceptable):
    """There is no such appeal in this dispute."""

    CODE = "unknown_appeal"


class AppealNotOpen(Refused):
    """The appeal has been decided or settled."""

    CODE = "appeal_not_open"


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal and what became of it."""

    filed: AppealFiled
    state: AppealState = AppealState.FILED
    end: AppealEnd | None = None


@dataclass(frozen=True, slots=True)
class Appeals:
    """The appeals in the order in which they were filed; at most the last one is open."""

    filed: tuple[Appeal, ...] = ()

    @property
    def open(self) -> Appeal | None:
        """The appeal that is to be decided."""
        last = self.filed[-1] if self.filed else None
        return last if last is not None and last.state in {AppealState.FILED, AppealState.HEARD} else None

    def appeal(self, appeal_id: str) -> Appeal:
        """The appeal of this id."""
        for one in self.filed:
            if one.filed.appeal == appeal_id:
                return one
        raise UnknownAppeal(appeal=appeal_id, known=[one.filed.appeal for one in self.filed])


def may_appeal(dispute: Dispute, playbook: Playbook, actor: Actor) -> None:
    """Either party appeals a ruling of the first instance until the end of its clock is recorded."""
    check_stage(dispute, Stage.DECIDED, Stage.CARRYING_OUT)
    dispute.intake.party(actor)
    if ClockName.APPEAL not in dispute.clocks or playbook.limits.instances == 1:
        raise NothingToAppeal


def file_appeal(
    dispute: Dispute, playbook: Playbook, ground: AppealGround, statement: str, *, by: Actor, at: Moment
) -> tuple[AppealFiled]:
    """A party appeals the ruling."""
    may_appeal(dispute, playbook, by)
    name = f"a{len(dispute.appeal.filed) + 1}"
    ruled = dispute.ruling.made.ruling
    return (AppealFiled(appeal=name, ruling=ruled, ground=ground, statement=statement, by=by, at=at),)


def take_case(dispute: Dispute, *, by: Actor, at: Moment) -> tuple[PlatformIntervened | AppealHeard, CaseAssigned]:
    """An arbitrator takes the case; where it was appealed that is to hear the appeal."""
    intervened, assigned = review.intervene(dispute, by=by, at=at)
    pending = dispute.appeal.open
    return (AppealHeard(appeal=pending.filed.appeal, by=by, at=at) if pending else intervened), assigned


def may_decide_appeal(dispute: Dispute, actor: Actor, appeal_id: str) -> None:
    """The arbitrator who hears an appeal decides it, once."""
    if dispute.appeal.appeal(appeal_id) is not dispute.appeal.open:
        raise AppealNotOpen(state=str(dispute.appeal.appeal(appeal_id).state))
    review.check_holds(dispute, actor)


def may_rule_on_appeal(dispute: Dispute, actor: Actor, appeal_id: str) -> None:
    """The same, with a look at the matter: not while the case waits for evidence that was asked for."""
    may_decide_appeal(dispute, actor, appeal_id)
    check_none_awaited(dispute)


def reject_appeal(dispute: Dispute, appeal_id: str, reason: str, *, by: Actor, at: Moment) -> AppealRejected:
    """Find the appeal inadmissible."""
    may_decide_appeal(dispute, by, appeal_id)
    return AppealRejected(appeal=appeal_id, reason=reason, by=by, at=at)


def uphold_ruling(dispute: Dispute, appeal_id: str, reasons: str, *, by: Actor, at: Moment) -> RulingUpheld:
    """Leave the ruling as it is, with reasons."""
    may_rule_on_appeal(dispute, by, appeal_id)
    appealed = dispute.appeal.appeal(appeal_id).filed.ruling
    return RulingUpheld(appeal=appeal_id, ruling=appealed, reasons=reasons, by=by, at=at)


def reverse_ruling(
    dispute: Dispute,
    playbook: Playbook,
    appeal_id: str,
    sought: tuple[AwardSought, ...],
    reasons: str,
    *,
    by: Actor,
    at: Moment,
) -> RulingReversed:
    """Decide every claim anew under the pinned playbook."""
    may_rule_on_appeal(dispute, by, appeal_id)
    return RulingReversed(
        appeal=appeal_id,
        reversed=dispute.appeal.appeal(appeal_id).filed.ruling,
        ruling=dispute.ruling.next_name,
        awards=awards_for(dispute, playbook, sought),
        reasons=reasons,
        by=by,
        at=at,
    )


def evolve(appeals: Appeals, event: Event) -> Appeals:
    """The chapter after any event of the dispute: a reversal or a settlement ends an appeal, too."""
    match event:
        case AppealFiled():
            return replace(appeals, filed=(*appeals.filed, Appeal(event)))
        case AppealHeard():
            return _moved(appeals, AppealState.HEARD)
        case AppealRejected():
            return _moved(appeals, AppealState.REJECTED, event)
        case RulingUpheld():
            return _moved(appeals, AppealState.UPHELD, event)
        case RulingReversed():
            return _moved(appeals, AppealState.REVERSED, event)
        case Settled():
            return _moved(appeals, AppealState.SETTLED)
        case _:
            return appeals


def _moved(appeals: Appeals, state: AppealState, end: AppealEnd | None = None) -> Appeals:
    if appeals.open is None:
        return appeals
    return replace(appeals, filed=(*appeals.filed[:-1], replace(appeals.open, state=state, end=end)))

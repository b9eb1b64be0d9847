"""Chapter ruling: an award per claim with its derivation, by an arbitrator or by default; when it is final.

Its parts with files of their own: `liability.py`, `proposal.py`, `correction.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, ClassVar, assert_never

from pydantic import Field

from domain.calendars import Clock, ClockName
from domain.dispute.award import AwardLine, Awards, AwardSought, award_line, awards_for
from domain.dispute.intake import CLAIMS_MAX, ResponseLapsed
from domain.dispute.liability import LiabilityUndetermined
from domain.dispute.notice import Service
from domain.dispute.review import check_holds
from domain.dispute.rounds import check_none_awaited
from domain.dispute.stages import Stage, check_due, check_stage
from domain.kernel import (
    Act,
    Actor,
    BrokenStream,
    Code,
    Event,
    Id,
    Moment,
    Personal,
    Refused,
    Text,
    Value,
)
from domain.playbook.playbook import REFUNDS, Playbook, RemediesStart, RemedyKind

if TYPE_CHECKING:
    from domain.dispute.correction import RulingCorrected
    from domain.dispute.dispute import Dispute
    from domain.dispute.proposal import ProposalReturned, RulingProposed


class DefaultAward(Value):
    """What silence gives on one claim: as filed."""

    claim: Code
    lines: Annotated[tuple[AwardLine, ...], Field(min_length=1)]


class DefaultProof(Value):
    """Why silence may decide: how it is known that the merchant was told, and the clock that it let run out.

    Whoever has the version of the playbook that the dispute is pinned to re-computes `clock.due_at`: from its start,
    for its hours, by its calendar, less its pauses. `lapsed_at` is when the service noticed.
    """

    how: Service
    channel: Code
    reference: Id | None
    served_at: Moment
    clock: Clock
    lapsed_at: Moment


class RulingConfirmed(Act):
    """An arbitrator decided every claim, with reasons; it binds when it is final.

    `proposed_by` is whose proposal it was, where another confirmed it: a colleague's, or the service's own with the
    `proof` of a silence, where `reasons` and facts are the id of the rule whose sentence they are.
    """

    TOPIC: ClassVar[str] = "dispute.ruling_confirmed"
    ruling: Code
    awards: Awards
    reasons: Annotated[Text, Personal("/by/id")]
    remedies_start: RemediesStart
    appeal_clock: Clock
    proposed_by: Actor | None = None
    proof: DefaultProof | None = None


class DecidedByDefault(Event):
    """Nobody answered in time: the claims are decided as filed, by the playbook's rule for this silence."""

    TOPIC: ClassVar[str] = "dispute.decided_by_default"
    ruling: Code
    rule: Code
    awards: Annotated[tuple[DefaultAward, ...], Field(min_length=1, max_length=CLAIMS_MAX)]
    proof: DefaultProof
    remedies_start: RemediesStart
    appeal_clock: Clock
    at: Moment


class RulingReversed(Act):
    """The arbitrator who heard the appeal decided every claim anew, with reasons, in place of `reversed`.

    It is final at once (`appeal.py`), so no clock runs for an appeal and its remedies start with it. `proposed_by` is
    the arbitrator who heard the appeal, where another confirmed what was proposed.
    """

    TOPIC: ClassVar[str] = "dispute.ruling_reversed"
    remedies_start: ClassVar[RemediesStart] = RemediesStart.AT_FINAL
    appeal_clock: ClassVar[None] = None
    proof: ClassVar[None] = None
    VERSION: ClassVar[int] = 2
    appeal: Code
    reversed: Code
    ruling: Code
    awards: Awards
    reasons: Annotated[Text, Personal("/by/id")]
    proposed_by: Actor | None = None


Decision = RulingConfirmed | DecidedByDefault | RulingReversed


class RulingBecameFinal(Event):
    """Nobody appealed in time, and `clock` holds the arithmetic; or, without a clock, an appeal was decided."""

    TOPIC: ClassVar[str] = "dispute.ruling_became_final"
    ruling: Code
    clock: Clock | None
    at: Moment


RulingEvent = Decision | LiabilityUndetermined | RulingBecameFinal


class UnderAppeal(Refused):
    """The ruling was appealed: what is decided now is the appeal."""

    CODE = "under_appeal"


@dataclass(frozen=True, slots=True)
class Ruling:
    """Every decision, the one that binds last, whether that is final, and what is proposed.

    A corrected decision stands in `decisions` as it reads now; `proposal` is open until the case leaves its stage.
    """

    decisions: tuple[Decision, ...] = ()
    final: RulingBecameFinal | None = None
    undetermined: tuple[LiabilityUndetermined, ...] = ()
    proposals: tuple[RulingProposed, ...] = ()
    proposal: RulingProposed | None = None
    returned: ProposalReturned | None = None
    corrections: tuple[RulingCorrected, ...] = ()

    @property
    def decision(self) -> Decision | None:
        """The decision that binds, or will when it is final."""
        return self.decisions[-1] if self.decisions else None

    @property
    def made(self) -> Decision:
        """The decision of a case that has been decided."""
        if self.decision is None:
            raise BrokenStream
        return self.decision

    @property
    def relied_on(self) -> frozenset[str]:
        """The exhibits on which the last decision stands, and those of an open proposal; silence relies on none."""
        standing = (self.proposal, None if isinstance(self.decision, DecidedByDefault) else self.decision)
        return frozenset(exhibit for one in standing if one for award in one.awards for exhibit in award.relied_on)

    @property
    def next_name(self) -> str:
        """The id of the next ruling: no two of one dispute have the same."""
        return f"r{len({one.ruling for one in (*self.decisions, *self.proposals)}) + 1}"


def check_decides(dispute: Dispute, actor: Actor) -> None:
    """Refuse who is not the arbitrator who has the case in the first instance."""
    check_stage(dispute, Stage.UNDER_REVIEW)
    check_holds(dispute, actor)
    if dispute.appeal.open is not None:
        raise UnderAppeal


def may_rule(dispute: Dispute, actor: Actor) -> None:
    """The arbitrator who has the case decides it, once, and not while it waits for what it asked for."""
    check_decides(dispute, actor)
    check_none_awaited(dispute)


def rule(
    dispute: Dispute,
    playbook: Playbook,
    sought: tuple[AwardSought, ...],
    reasons: str,
    *,
    by: Actor,
    at: Moment,
) -> RulingConfirmed:
    """Decide every claim under the pinned playbook; each amount with its derivation."""
    may_rule(dispute, by)
    return RulingConfirmed(
        ruling=dispute.ruling.next_name,
        awards=awards_for(dispute, playbook, sought),
        reasons=reasons,
        remedies_start=playbook.remedies_start,
        appeal_clock=playbook.start(ClockName.APPEAL, at),
        by=by,
        at=at,
    )


# What silence may give: what was paid. What is given beside it has a cap, but no measure; a person decides on it.
GIVEN_BACK = REFUNDS | {RemedyKind.FREIGHT_REFUND}


def decide_by_default(
    dispute: Dispute, playbook: Playbook, lapsed: ResponseLapsed, *, at: Moment
) -> DecidedByDefault | None:
    """What the merchant's silence decides, if the playbook has a rule for it and the merchant is proved to know."""
    claims, served = dispute.intake.claims, dispute.intake.served
    rule = playbook.default(lapsed.clock.name, [claim.reason for claim in claims])
    if rule is None or served is None or not all(claim.remedy in GIVEN_BACK for claim in claims):
        return None
    return DecidedByDefault(
        ruling=dispute.ruling.next_name,
        rule=rule.id,
        awards=tuple(
            DefaultAward(claim=claim.id, lines=(award_line(dispute, playbook, claim, claim.remedy, claim.asked),))
            for claim in claims
        ),
        proof=DefaultProof(
            how=served.how,
            channel=served.channel,
            reference=served.reference,
            served_at=served.served_at,
            clock=lapsed.clock,
            lapsed_at=lapsed.at,
        ),
        remedies_start=playbook.remedies_start,
        appeal_clock=playbook.start(ClockName.APPEAL, at),
        at=at,
    )


def become_final(dispute: Dispute, *, at: Moment) -> RulingBecameFinal:
    """Record that the appeal window ran out; what then starts is `remedy.follow_final`, joined in `dispute.expire`."""
    clock = check_due(dispute, ClockName.APPEAL, at)
    return RulingBecameFinal(ruling=dispute.ruling.made.ruling, clock=clock, at=at)


def evolve(ruling: Ruling, event: RulingEvent) -> Ruling:
    """The chapter after `event`."""
    match event:
        case RulingConfirmed() | DecidedByDefault() | RulingReversed():
            return replace(ruling, decisions=(*ruling.decisions, event), returned=None)
        case LiabilityUndetermined():
            return replace(ruling, undetermined=(*ruling.undetermined, event))
        case RulingBecameFinal():
            return replace(ruling, final=event)
        case _:
            assert_never(event)

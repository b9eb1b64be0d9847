"""Chapter proposal, a part of ruling: a ruling that waits for a second pair of eyes, or a silence for a person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar, assert_never

from domain.calendars import ClockName
from domain.dispute.award import Award, Awards, awarded
from domain.dispute.review import check_hears
from domain.dispute.rounds import check_none_awaited
from domain.dispute.ruling import (
    DecidedByDefault,
    DefaultProof,
    Ruling,
    RulingConfirmed,
    RulingReversed,
    check_decides,
)
from domain.dispute.stages import Stage, check_stage
from domain.kernel import Act, Actor, Code, Moment, NotYours, Personal, Refused, Role, Text, begun
from domain.money import Money, total
from domain.playbook.playbook import Finding, Playbook

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute


class RulingProposed(Act):
    """A ruling waits until another confirms it.

    An arbitrator's comes to more than `limit`, above which a second one has to confirm. The service's own has the
    `proof` of the silence that would have decided had nobody asked for a person, or had it not come to more than the
    `limit` of what silence may decide; its reasons and facts are the id of the rule whose sentence they are.
    `appeal` is the one that it decides, where it would reverse a ruling.
    """

    TOPIC: ClassVar[str] = "dispute.ruling_proposed"
    VERSION: ClassVar[int] = 2
    ruling: Code
    awards: Awards
    reasons: Annotated[Text, Personal("/by/id")]
    total: Money
    limit: Money | None = None
    proof: DefaultProof | None = None
    appeal: Code | None = None


class ProposalReturned(Act):
    """An arbitrator did not confirm a proposal and says why; it is off the table."""

    TOPIC: ClassVar[str] = "dispute.proposal_returned"
    ruling: Code
    reason: Annotated[Text, Personal("/by/id")]


ProposalEvent = RulingProposed | ProposalReturned


class OwnProposal(NotYours):
    """Nobody confirms or returns their own proposal."""

    CODE = "own_proposal"


class ProposalNotOpen(Refused):
    """No such proposal waits: it was confirmed, returned, replaced, or never made."""

    CODE = "proposal_not_open"


def propose_above(
    dispute: Dispute, playbook: Playbook, decided: RulingConfirmed | RulingReversed
) -> RulingProposed | None:
    """The decision as a proposal, where it comes to more than one arbitrator may decide alone."""
    currency = dispute.intake.filed.order.currency
    limit, comes_to = playbook.four_eyes_limit(currency), awarded(decided.awards, currency)
    if limit is None or comes_to <= limit:
        return None
    return RulingProposed(
        ruling=decided.ruling,
        awards=decided.awards,
        reasons=decided.reasons,
        total=comes_to,
        limit=limit,
        appeal=decided.appeal if isinstance(decided, RulingReversed) else None,
        by=decided.by,
        at=decided.at,
    )


def above_silence(dispute: Dispute, playbook: Playbook, decided: DecidedByDefault) -> Money | None:
    """The limit of what silence may decide, where this comes to more."""
    currency = dispute.intake.filed.order.currency
    limit = playbook.silence_limit(currency)
    given = total((line.amount for one in decided.awards for line in one.lines), currency)
    return limit if limit is not None and limit < given else None


def propose_default(
    dispute: Dispute, decided: DecidedByDefault, limit: Money | None = None, *, by: Actor, at: Moment
) -> RulingProposed:
    """What a silence decides, for a person to confirm; `by` is the service."""
    awards = tuple(
        Award(
            claim=one.claim,
            finding=Finding.UPHELD,
            facts=decided.rule,
            relied_on=(),
            rules=(decided.rule,),
            lines=one.lines,
        )
        for one in decided.awards
    )
    return RulingProposed(
        ruling=dispute.ruling.next_name,
        awards=awards,
        reasons=decided.rule,
        total=awarded(awards, dispute.intake.filed.order.currency),
        limit=limit,
        proof=decided.proof,
        by=by,
        at=at,
    )


def may_return(dispute: Dispute, actor: Actor, ruling: str) -> None:
    """Another arbitrator looks at a colleague's proposal; the one who has the case at the service's.

    On appeal that is one who could hear it, too: nobody who had the case before.
    """
    check_stage(dispute, Stage.UNDER_REVIEW)
    check_hears(dispute, actor)
    proposal = dispute.ruling.proposal
    if proposal is None or proposal.ruling != ruling:
        raise ProposalNotOpen(ruling=ruling, open_proposals=[proposal.ruling] if proposal else [])
    if proposal.by.role is Role.SERVICE:
        check_decides(dispute, actor)
    elif proposal.by.id == actor.id:  # in whatever capacity
        raise OwnProposal


def may_confirm(dispute: Dispute, actor: Actor, ruling: str) -> None:
    """Who may send a proposal back may confirm it, but not while the case waits for evidence that was asked for."""
    may_return(dispute, actor, ruling)
    check_none_awaited(dispute)


def confirm(
    dispute: Dispute, playbook: Playbook, ruling: str, *, by: Actor, at: Moment
) -> RulingConfirmed | RulingReversed:
    """The proposal becomes the ruling, word for word; one made on appeal becomes the reversal."""
    may_confirm(dispute, by, ruling)
    proposal = begun(dispute.ruling.proposal)
    if proposal.appeal is not None:
        return RulingReversed(
            appeal=proposal.appeal,
            reversed=dispute.appeal.appeal(proposal.appeal).filed.ruling,
            ruling=ruling,
            awards=proposal.awards,
            reasons=proposal.reasons,
            proposed_by=proposal.by,
            by=by,
            at=at,
        )
    return RulingConfirmed(
        ruling=ruling,
        awards=proposal.awards,
        reasons=proposal.reasons,
        remedies_start=playbook.remedies_start,
        appeal_clock=playbook.start(ClockName.APPEAL, at),
        proposed_by=proposal.by,
        proof=proposal.proof,
        by=by,
        at=at,
    )


def return_proposal(dispute: Dispute, ruling: str, reason: str, *, by: Actor, at: Moment) -> tuple[ProposalReturned]:
    """The proposal goes back; whoever has the case rules anew."""
    may_return(dispute, by, ruling)
    return (ProposalReturned(ruling=ruling, reason=reason, by=by, at=at),)


def evolve(ruling: Ruling, event: ProposalEvent) -> Ruling:
    """The chapter after `event`; a new proposal takes the place of an open one."""
    match event:
        case RulingProposed():
            return replace(ruling, proposals=(*ruling.proposals, event), proposal=event)
        case ProposalReturned():
            return replace(ruling, proposal=None, returned=event)
        case _:
            assert_never(event)

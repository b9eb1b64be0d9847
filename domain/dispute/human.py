"""Chapter human, a part of review: a party wants a person to decide, and from then on no silence does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from domain.dispute.stages import UNDECIDED, Stage, check_stage
from domain.kernel import Act, Actor, Moment, Personal, Text

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute


class HumanRequested(Act):
    """A party asked that a person decide; what would have decided by itself is a proposal from now on."""

    TOPIC: ClassVar[str] = "dispute.human_requested"
    reason: Annotated[Text | None, Personal("/by/id")] = None


def may_request_human(dispute: Dispute, actor: Actor) -> None:
    """Either party asks for a person until the decision is final; where it is carried out already, it appeals."""
    check_stage(dispute, *UNDECIDED, Stage.DECIDED)
    dispute.intake.party(actor)


def request_human(dispute: Dispute, reason: str | None, *, by: Actor, at: Moment) -> tuple[HumanRequested, ...]:
    """A party asks that a person decide; once one has asked, asking again is nothing new."""
    may_request_human(dispute, by)
    if dispute.human is not None:
        return ()
    return (HumanRequested(reason=reason, by=by, at=at),)

"""Chapter chase, a part of negotiation: a party reminds the others that it waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from domain.dispute.stages import UNCLOSED, check_stage
from domain.kernel import Act, Actor, Moment, Personal, Refused, Text

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute
    from domain.playbook.playbook import Playbook


class Chased(Act):
    """A party reminded the platform and the other side that it waits; `text` where it said for what."""

    TOPIC: ClassVar[str] = "dispute.chased"
    text: Annotated[Text, Personal("/by/id")] | None = None


ChaseEvent = Chased


class TooManyChases(Refused):
    """This side has reminded the others as often as the playbook allows."""

    CODE = "too_many_chases"


def may_chase(dispute: Dispute, playbook: Playbook, actor: Actor) -> None:
    """Parties remind the others until the case is closed, as often as the playbook allows."""
    check_stage(dispute, *UNCLOSED)
    side = dispute.intake.party(actor)
    if sum(chased.by.role is side for chased in dispute.chases) >= playbook.limits.chases_per_side:
        raise TooManyChases(at_most=playbook.limits.chases_per_side)


def chase(dispute: Dispute, playbook: Playbook, text: str | None, *, by: Actor, at: Moment) -> tuple[Chased]:
    """A party reminds the others."""
    may_chase(dispute, playbook, by)
    return (Chased(text=text, by=by, at=at),)

"""Chapter link, a part of intake: with which other cases a case belongs together."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar
from uuid import UUID

from domain.dispute.review import check_hears
from domain.kernel import Act, Actor, Moment, Personal, Refused, Text, Unacceptable

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute

LINKS_MAX = 100


class LinkKind(StrEnum):
    """How two cases belong together."""

    DUPLICATE = "duplicate"  # the same trouble, filed twice
    RELATED = "related"


class CaseLinked(Act):
    """An arbitrator noted that another case belongs with this one. It stands here alone, not in the other case."""

    TOPIC: ClassVar[str] = "dispute.case_linked"
    other: UUID
    kind: LinkKind
    reason: Annotated[Text, Personal("/by/id")]


LinkEvent = CaseLinked


class LinkedToItself(Unacceptable):
    """A case is linked to another one."""

    CODE = "linked_to_itself"


class TooManyLinks(Refused):
    """The case has as many links as a case can have."""

    CODE = "too_many_links"


def may_link(dispute: Dispute, actor: Actor) -> None:
    """Arbitrators who may hear the case link it at any time."""
    check_hears(dispute, actor)
    if len(dispute.links) >= LINKS_MAX:
        raise TooManyLinks(at_most=LINKS_MAX)


def link_case(
    dispute: Dispute, stream: UUID, other: UUID, kind: LinkKind, reason: str, *, by: Actor, at: Moment
) -> tuple[CaseLinked, ...]:
    """Note that a case, which is there, belongs with this one of id `stream`; the same once more is nothing new."""
    check_hears(dispute, by)
    if other == stream:
        raise LinkedToItself
    if any((one.other, one.kind) == (other, kind) for one in dispute.links):
        return ()
    may_link(dispute, by)
    return (CaseLinked(other=other, kind=kind, reason=reason, by=by, at=at),)

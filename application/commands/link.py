"""Commands of link, a part of intake: note that another case belongs with this one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from application import policy
from application.commands.desk import DisputeCommand, Done
from domain.dispute import link
from domain.dispute.dispute import DisputeEvent
from domain.dispute.link import LinkKind
from domain.kernel import Unacceptable

if TYPE_CHECKING:
    from datetime import datetime

    from application.case import Case
    from application.commands.desk import Desk


class UnknownDispute(Unacceptable):
    """The platform has no such case that the caller may see."""

    CODE = "unknown_dispute"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCase(DisputeCommand):
    """An arbitrator links the case to another one; `is_there` is found out by `link_case`."""

    OPERATION: ClassVar[str] = "link_case"
    other: UUID
    kind: LinkKind
    reason: str
    is_there: bool = False

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The link; nothing where it is noted already."""
        if not self.is_there:
            raise UnknownDispute(dispute=str(self.other))
        by = self.caller.actor
        return link.link_case(case.dispute, case.id, self.other, self.kind, self.reason, by=by, at=at)


async def link_case(desk: Desk, command: LinkCase) -> Done:
    """Link to a case that the caller may see: what one may not see is answered like what is not there."""
    other = await desk.cases.load(command.other)
    is_there = other is not None and policy.allows("see_case", command.caller, other.platform, other.dispute)
    return await desk.on_dispute(replace(command, is_there=is_there))

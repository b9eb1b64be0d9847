"""Opening a case to read it, and what that itself brings about: the first opening by the merchant is service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from application import policy
from application.commands.notice import OpenNotice
from application.policy import Caller, NotThere
from domain.dispute.notice import proves_service
from infrastructure.observability import logged

if TYPE_CHECKING:
    from uuid import UUID

    from application.case import Case
    from infrastructure.bootstrap import Container


async def open_case(container: Container, caller: Caller, dispute: UUID, operation: str = "see_case") -> Case:
    """The case as it stands, for somebody who may read this of it."""
    case = await _load(container, caller, dispute, operation)
    if not proves_service(case.dispute, caller.actor):
        return case
    # No key of a caller's has a space in it, so this one cannot be taken for theirs.
    command = OpenNotice(caller=caller, key=f"notice opened {dispute}", dispute=dispute)
    await logged(command.OPERATION, caller.actor.role, container.desk.on_dispute(command))
    return await _load(container, caller, dispute, operation)


async def _load(container: Container, caller: Caller, dispute: UUID, operation: str) -> Case:
    case = await container.cases.load(dispute)
    if case is None:
        raise NotThere
    policy.require(operation, caller, case.platform, case.dispute)
    return case

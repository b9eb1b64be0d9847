"""Commands of audit: record who is shown what of a case, before it is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from application.commands.desk import Command
from application.policy import NotThere
from application.ports import NewEvents
from domain.audit.access import AccessEvent, CaseViewed, ExhibitForm, ExhibitOpened, Part, access_stream

if TYPE_CHECKING:
    from datetime import datetime

    from application.case import Case
    from application.commands.desk import Desk
    from application.ports import Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class See(Command):
    """Somebody is about to be shown a part of a case, or an exhibit in some form."""

    OPERATION: ClassVar[str] = "see"
    key: str = ""
    case: Case
    part: Part = Part.FILE
    exhibit: str | None = None
    form: ExhibitForm = ExhibitForm.ORIGINAL


async def see(desk: Desk, command: See) -> None:
    """Record the sight at the end of the case's access stream; the same sight within the same hour is nothing new."""
    case = command.case
    at = await desk.clock.now()
    # No key of a caller's has a space in it, so this one cannot be taken for theirs.
    what = f"{command.exhibit} {command.form}" if command.exhibit else command.part
    key = f"saw {case.id} {case.version} {what} {at:%Y-%m-%dT%H}"
    metadata = replace(command, key=key).metadata(case.platform, at, case.id)
    await desk.store.append(metadata, [NewEvents(access_stream(case.id), None, (_seen(command, at),))])


def _seen(command: See, at: datetime) -> AccessEvent:
    case, by = command.case, command.caller.actor
    if command.exhibit is None:
        return CaseViewed(dispute=case.id, version=case.version, part=command.part, by=by, at=at)
    shown = case.dispute.evidence.exhibit(command.exhibit)
    if shown is None:
        raise NotThere
    return ExhibitOpened(
        dispute=case.id,
        version=case.version,
        exhibit=shown.exhibit,
        digest=shown.file.digest,
        form=command.form,
        by=by,
        at=at,
    )


async def viewings(desk: Desk, case: Case, after: int, limit: int) -> tuple[Recorded, ...]:
    """Who saw what of the case, in order, at most `limit` sights after a place in that stream."""
    return await desk.store.load(access_stream(case.id), after_version=after, up_to_version=after + limit)

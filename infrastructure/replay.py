"""A case's history and state as of then, for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from infrastructure.web.account import account
from infrastructure.web.plain_text import inert_json

if TYPE_CHECKING:
    from application.case import AsOf
    from application.ports import Recorded
    from infrastructure.bootstrap import Container
    from infrastructure.http.language import Language


async def replay(
    container: Container, name: str, as_of: AsOf, language: Language, width: int, *, as_json: bool
) -> str | None:
    """The account of a case by its number or id, or its events as JSON; None where there is none at that moment."""
    dispute = await find_dispute(container, name)
    case = await container.cases.load(dispute, as_of) if dispute else None
    if case is None:
        return None
    trail = [one for one in await container.views.whole_trail(case.id) if _by_then(one, as_of, case.position)]
    if as_json:
        return inert_json([plain(one) for one in trail], indent=1)
    return account(await container.cases.with_payouts(case, as_of), trail, language, width=width)


def _by_then(recorded: Recorded, as_of: AsOf, position: int) -> bool:
    if as_of is None:
        return True
    return recorded.position <= position if isinstance(as_of, int) else recorded.metadata.at <= as_of


async def find_dispute(container: Container, name: str) -> UUID | None:
    """The case of this number or id."""
    try:
        return UUID(name)
    except ValueError:
        return await container.views.by_number(name)


def plain(recorded: Recorded) -> dict[str, object]:
    """An event with its envelope as JSON knows it."""
    return {
        "position": recorded.position,
        "stream": str(recorded.stream),
        "version": recorded.version,
        "topic": recorded.event.TOPIC,
        "recorded_at": recorded.recorded_at.isoformat(),
        "envelope": recorded.metadata.model_dump(mode="json"),
        "event": recorded.event.model_dump(mode="json"),
    }

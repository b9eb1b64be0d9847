"""Puts on record who is shown what of a case, before it is shown; reading the same again costs nothing."""

from __future__ import annotations

from collections import OrderedDict
from time import monotonic
from typing import TYPE_CHECKING, Final

from application.commands.audit import See, see
from domain.audit.access import ExhibitForm, Part

if TYPE_CHECKING:
    from application.case import Case
    from application.commands.desk import Desk
    from application.policy import Caller

# The same sight within this time is the same sight: whoever reads again and again what has not changed is on record.
SAME_SIGHT_S: Final = 3600
SIGHTS_MAX: Final = 20_000


class Sights:
    """Puts sights on record; keeps in mind which it has put there lately, so that reading again costs nothing."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lately: OrderedDict[tuple[object, ...], float] = OrderedDict()

    async def record(
        self,
        caller: Caller,
        case: Case,
        part: Part = Part.FILE,
        exhibit: str | None = None,
        form: ExhibitForm = ExhibitForm.ORIGINAL,
    ) -> None:
        """Return when the log knows that the caller is shown this; where it cannot be told, nothing is shown."""
        sight = (caller, case.id, case.version, part, exhibit, form)
        now = monotonic()
        if now - self._lately.get(sight, -SAME_SIGHT_S) < SAME_SIGHT_S:
            return
        command = See(caller=caller, case=case, part=part, exhibit=exhibit, form=form)
        await see(self._desk, command)
        self._lately[sight] = now
        self._lately.move_to_end(sight)
        while len(self._lately) > SIGHTS_MAX:
            self._lately.popitem(last=False)

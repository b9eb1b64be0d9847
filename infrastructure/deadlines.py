"""The sweeper that expires clocks, and the walk of the test clock through all that falls due on the way."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Final
from uuid import UUID

import psycopg
import structlog

from application.commands.intake import expire_clock
from domain.kernel import DomainError, Unacceptable
from infrastructure.observability import logged
from infrastructure.postgres.readers import NotCaughtUp

if TYPE_CHECKING:
    from application.commands.desk import Desk
    from infrastructure.postgres.clock import DatabaseClock
    from infrastructure.postgres.readers import DueRow, Views

SWEEP_S: Final = 0.2
BATCH_MAX: Final = 100
REST_S_MAX: Final = 60.0
BEGINNING: Final = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0), "")
WALK_STEP_S: Final = 20.0
CLOCK_ENDS: Final = datetime(2200, 1, 1, tzinfo=UTC)

log = structlog.get_logger()


class ClockCannotGoBack(Unacceptable):
    """The test clock only goes forward."""

    CODE = "clock_cannot_go_back"


class ClockTooFar(Unacceptable):
    """The test clock ends where the calendars of programs do not yet."""

    CODE = "clock_too_far"


@dataclass(slots=True)
class Patience:
    """Which clocks would not expire, how often, and until when each is left alone: twice as long each time."""

    _resting: dict[DueRow, tuple[int, float]] = field(default_factory=dict)

    def tries(self, due: DueRow) -> bool:
        """Whether this clock is to be tried now."""
        return due not in self._resting or self._resting[due][1] <= monotonic()

    def rest(self, due: DueRow) -> None:
        """It would not expire."""
        times = self._resting.get(due, (0, 0.0))[0] + 1
        rest_s = min(SWEEP_S * 2.0 ** min(times, 10), REST_S_MAX)
        self._resting[due] = times, monotonic() + rest_s

    def forget_all_but(self, seen: set[DueRow]) -> None:
        """What is no longer due needs no patience."""
        self._resting = {due: one for due, one in self._resting.items() if due in seen}


async def sweep(desk: Desk, views: Views) -> None:
    """Expire what is due until cancelled. The view only proposes; the decider checks again.

    Two workers sweep both: the command of a deadline has one id, so it happens once whoever is first.
    """
    patience = Patience()
    while True:
        try:
            await _pass(desk, views, patience)
        except psycopg.OperationalError as error:
            log.warning("deadline.database_lost", error=type(error).__name__)
        await asyncio.sleep(SWEEP_S)


async def _pass(desk: Desk, views: Views, patience: Patience) -> None:
    """Go once through all that is due, page by page, so that no number of hopeless clocks hides the ones behind."""
    seen: set[DueRow] = set()
    after = BEGINNING
    while page := await views.due(BATCH_MAX, *after):
        for due in page:
            if patience.tries(due) and not await _expire(desk, due):
                patience.rest(due)
        seen.update(page)
        after = page[-1].due_at, page[-1].dispute, page[-1].clock
    patience.forget_all_but(seen)


async def _expire(desk: Desk, due: DueRow) -> bool:
    """Expire one clock, and tell whether it did now; whatever a case does to the sweeper, the others go on."""
    try:
        command = expire_clock(due.platform, due.dispute, due.clock, due.due_at)
        # Refused or repeated where the view lags behind the log: the clock was stopped or expired already.
        with suppress(DomainError):
            done = await logged(command.OPERATION, "service", desk.on_dispute(command), clock=due.clock)
            return not done.repeated
    except psycopg.OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - the same
        log.error("deadline.broken", dispute=str(due.dispute), error=type(error).__name__)  # noqa: TRY400 - no trace
    return False


async def walk(clock: DatabaseClock, views: Views, to: datetime) -> list[datetime]:
    """Move the test clock to `to`, stopping at each deadline on the way until its consequences stand.

    Answers the deadlines that fired. Raises ClockCannotGoBack, ClockTooFar, or NotCaughtUp where no worker runs.
    """
    now = await clock.now()
    if to < now:
        raise ClockCannotGoBack(now=now.isoformat())
    if to > CLOCK_ENDS:
        raise ClockTooFar(at_most=CLOCK_ENDS.isoformat())
    fired: list[datetime] = []
    await views.wait(await views.head())
    while due := await views.next_due(to):
        await clock.set_ahead(due)
        await _until_handled(views, due)
        fired.append(due)
    await clock.set_ahead(to)
    return fired


async def _until_handled(views: Views, due: datetime) -> None:
    """Wait until no clock that was due at `due` stands open any more, and the views know what followed."""
    give_up = asyncio.get_running_loop().time() + WALK_STEP_S
    while await views.next_due(due):
        if asyncio.get_running_loop().time() > give_up:
            raise NotCaughtUp
        await asyncio.sleep(0.02)
    await views.wait(await views.head())

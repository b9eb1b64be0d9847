"""Where the followers stand, and building a view again: emptied and put back in one commit, then carried to the end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

import psycopg
from psycopg.sql import SQL, Identifier
from rich.console import Console
from rich.progress import Progress

from domain.kernel import Unacceptable
from infrastructure.bootstrap import MAPPER, database_url
from infrastructure.postgres.follower import Follower, Following, connect
from infrastructure.postgres.sql_loader import sql
from infrastructure.postgres.views.tables import VIEWS

if TYPE_CHECKING:
    from infrastructure.settings import Settings


class UnknownView(Unacceptable):
    """There is no such view."""

    CODE = "unknown_view"


class Standing(NamedTuple):
    """A follower's place in the log; `parked` streams were set aside, the first at event `since`."""

    follower: str
    position: int
    parked: int
    since: int | None


def rebuild(settings: Settings, view: str) -> int:
    """Build a view again, with progress; answers the events it followed. A running worker helps and does no harm."""
    if view not in VIEWS:
        raise UnknownView(view=view, known=sorted(VIEWS))
    return asyncio.run(_rebuild(database_url(settings), Follower(view, VIEWS[view])))


def standing(settings: Settings) -> list[Standing]:
    """How far each follower has come, and what it has set aside."""
    with psycopg.connect(database_url(settings)) as connection:
        return [Standing(*row) for row in connection.execute(sql("followers_standing"))]


async def _rebuild(url: str, follower: Follower) -> int:
    name = {"follower": follower.name}
    async with await connect(url) as connection:
        async with connection.transaction():
            await connection.execute(sql("tracking_begin"), name)
            await connection.execute(sql("tracking_lock"), name)
            await connection.execute(SQL("TRUNCATE views.{}").format(Identifier(follower.name)))
            await connection.execute(sql("parked_clear"), name)
            await connection.execute(sql("tracking_move"), name | {"position": 0})
        row = await (await connection.execute(sql("log_head"))).fetchone()
    followed = 0
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(follower.name, total=row[0] if row else 0)

        def count(events: int) -> None:
            nonlocal followed
            followed += events
            progress.update(task, completed=followed)

        await Following(url, MAPPER, []).catch_up(follower, count)
    return followed

"""The composition root: every part is made and joined here, by hand."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from application.case import Bookcase, CaseReader
from application.commands.desk import Desk
from domain.events import EVENTS
from infrastructure.deadlines import sweep
from infrastructure.evidence.vault import Vault
from infrastructure.evidence.viewer import Viewer
from infrastructure.ids import uuid7
from infrastructure.payments.http import HttpPayments
from infrastructure.playbooks.reader import read_playbook
from infrastructure.postgres import jobs
from infrastructure.postgres.clock import DatabaseClock
from infrastructure.postgres.event_store import PostgresEventStore
from infrastructure.postgres.follower import Follower, Following, stop
from infrastructure.postgres.mapper import Mapper
from infrastructure.postgres.pool import event_pool
from infrastructure.postgres.readers import Views
from infrastructure.postgres.upcasters import UPCASTERS
from infrastructure.postgres.views.tables import VIEWS
from infrastructure.postgres.writer import GroupWriter
from infrastructure.privacy.keys import FileKeys
from infrastructure.sights import Sights

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from infrastructure.settings import Settings

MAPPER: Final = Mapper(EVENTS, UPCASTERS)


class SettingMissing(Exception):
    """A setting that this command needs is not there; the message says which."""


@dataclass(frozen=True, slots=True)
class Container:
    """What a process of the service works with."""

    settings: Settings
    store: PostgresEventStore
    clock: DatabaseClock
    bookcase: Bookcase
    cases: CaseReader
    desk: Desk
    views: Views
    vault: Vault
    viewer: Viewer
    sights: Sights


def database_url(settings: Settings) -> str:
    """The URL of the database for the service and the worker."""
    if settings.database_url is None:
        raise SettingMissing("GONGDUAN_DATABASE_URL is not set: give the URL of a PostgreSQL 16 or newer")
    return settings.database_url.get_secret_value()


@asynccontextmanager
async def open_container(settings: Settings) -> AsyncIterator[Container]:
    """Open everything a process needs, and close it in the end."""
    url = database_url(settings)
    async with event_pool(url, size=8) as pool, GroupWriter(url) as writer:
        store = PostgresEventStore(pool, MAPPER, uuid7, writer)
        clock = DatabaseClock(pool)
        bookcase = Bookcase(store, read_playbook)
        cases = CaseReader(store, bookcase)
        keys = FileKeys(settings.data / "keys")
        vault = Vault(settings.data / "evidence")
        desk = Desk(store=store, clock=clock, cases=cases, bookcase=bookcase, keys=keys)
        yield Container(
            settings=settings,
            store=store,
            clock=clock,
            bookcase=bookcase,
            cases=cases,
            desk=desk,
            views=Views(pool, MAPPER),
            vault=vault,
            viewer=Viewer(vault, settings.data / "evidence" / "views"),
            sights=Sights(desk),
        )


def open_payments(settings: Settings) -> HttpPayments:
    """The platform's payment service; to be entered by its user."""
    if settings.payments_url is None:
        raise SettingMissing("GONGDUAN_PAYMENTS_URL is not set: give the address of the platform's payment service")
    token = settings.payments_token.get_secret_value()
    return HttpPayments(settings.payments_url, token, settings.payments_timeout_s)


def view_followers() -> list[Follower]:
    """The followers that keep the views."""
    return [Follower(name, apply) for name, apply in VIEWS.items()]


@asynccontextmanager
async def open_worker(container: Container) -> AsyncIterator[asyncio.Task[None]]:
    """Run followers, sweeper and jobs in the background; the task ends only when something is broken."""
    settings = container.settings
    url = database_url(settings)
    async with open_payments(settings) as payments:
        queue = jobs.open_queue(url)
        jobs.add_tasks(queue, container.desk, payments, container.views)
        # Jobs first: the view of payouts then never shows one whose job is still to come, and the sweep is right.
        following = Following(url, MAPPER, [jobs.paying(queue), *view_followers()])
        async with queue.open_async():

            async def run() -> None:
                async with asyncio.TaskGroup() as group:
                    group.create_task(following.run())
                    group.create_task(sweep(container.desk, container.views))
                    group.create_task(jobs.work(queue, settings.jobs_stalled_s))

            task = asyncio.create_task(run())
            try:
                yield task
            finally:
                await stop(task)

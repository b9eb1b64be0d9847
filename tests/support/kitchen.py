"""The real parts joined as the service joins them, on a test's own database, without HTTP and without a worker."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import SecretStr

from application.commands.intake import FileDispute, RegisterOrder, file_dispute, register_order
from application.commands.notice import ReportNotice
from application.commands.playbook import PublishPlaybook, publish_playbook
from application.policy import Caller
from infrastructure.bootstrap import MAPPER, Container, open_container, view_followers
from infrastructure.playbooks.reader import COMMON
from infrastructure.postgres.follower import Following
from infrastructure.settings import Settings
from tests.support import builders
from tests.support.builders import BUYER, PLATFORM, PLATFORM_MACHINE, RULE_WRITER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.database import Database


def settings(database: Database, folder: Path) -> Settings:
    return Settings(database_url=SecretStr(database.worker_url), data=folder, payments_url="http://127.0.0.1:9")


@asynccontextmanager
async def kitchen(database: Database, folder: Path, source: str = COMMON) -> AsyncIterator[Container]:
    async with open_container(settings(database, folder)) as container:
        caller = Caller(RULE_WRITER, PLATFORM)
        await publish_playbook(container.desk, PublishPlaybook(caller=caller, key="common", source=source))
        yield container


async def filed(container: Container, number: int = 1) -> UUID:
    """A dispute on an order of its own."""
    order = builders.an_order(order_id=f"order-{number}")
    await register_order(container.desk, RegisterOrder(caller=Caller(PLATFORM_MACHINE, PLATFORM), snapshot=order))
    command = FileDispute(
        caller=Caller(BUYER, PLATFORM),
        key=f"file-{number}",
        order_id=order.order_id,
        claims=(builders.a_claim_asked(),),
    )
    return (await file_dispute(container.desk, command)).stream


async def told(container: Container, number: int = 1) -> UUID:
    """A dispute of which the merchant is proved to know: its clock runs."""
    dispute = await filed(container, number)
    caller = Caller(PLATFORM_MACHINE, PLATFORM)
    await container.desk.on_dispute(ReportNotice(caller=caller, key=f"told-{number}", dispute=dispute, channel="app"))
    return dispute


async def follow(database: Database) -> None:
    """Carry every view to the end of the log."""
    following = Following(database.worker_url, MAPPER, [])
    for follower in view_followers():
        await following.catch_up(follower)

"""A real payment server in its own process, and cases that come to be paid by it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2

from application.case import Case
from infrastructure.bootstrap import Container
from tests.support import house
from tests.support.kitchen import filed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from uuid import UUID


@asynccontextmanager
async def payment_server(folder: Path, *answers: dict[str, Any]) -> AsyncIterator[str]:
    script = folder / "answers.json"
    script.write_text(json.dumps(answers))
    command = [sys.executable, "-m", "infrastructure.payments.provider", "--ledger", str(folder / "ledger.jsonl")]
    process = await asyncio.create_subprocess_exec(*command, "--answers", str(script), stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        line = await process.stdout.readline()
        yield line.decode().removeprefix("listening on ").strip()
    finally:
        process.terminate()
        await process.wait()


def with_settings(container: Container, **settings: Any) -> Container:
    """The same parts under other settings."""
    return Container(
        **{name: getattr(container, name) for name in container.__slots__ if name != "settings"},
        settings=container.settings.model_copy(update=settings),
    )


async def settled(container: Container, number: int = 1) -> UUID:
    """A dispute of its own that is settled and to be paid."""
    dispute = await filed(container, number)
    for command in (
        house.respond(dispute, key=f"respond-{number}"),
        house.make_offer(dispute, key=f"offer-{number}"),
        house.accept_offer(dispute, key=f"accept-{number}"),
    ):
        await container.desk.on_dispute(command)
    return dispute


async def given_goodwill(container: Container, number: int = 1) -> UUID:
    """A dispute of its own in which the merchant gives goodwill, to be paid."""
    dispute = await filed(container, number)
    await container.desk.on_dispute(house.give_goodwill(dispute, key=f"goodwill-{number}"))
    return dispute


async def payout_of(container: Container, dispute: UUID) -> UUID:
    """The payout of a dispute with one line."""
    case = await container.cases.load(dispute)
    assert case is not None
    [payout] = case.dispute.payouts.values()
    return payout


async def closed(container: Container, dispute: UUID) -> Case:
    """The case, once it is closed."""
    for _ in range(1200):
        case = await container.cases.load(dispute)
        assert case is not None
        if case.dispute.stage == "closed":
            return await container.cases.with_payouts(case)
        await asyncio.sleep(0.05)
    raise AssertionError("the case did not close")


async def until(true: Callable[[], object]) -> None:
    """Return when it is so; a test that waits for nothing ends by failing."""
    for _ in range(1200):
        if true():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come to that")


async def paid(address: str) -> list[dict[str, Any]]:
    async with httpx2.AsyncClient(trust_env=False) as client:
        entries: list[dict[str, Any]] = (await client.get(f"{address}/ledger")).json()["payments"]
        return entries

"""What cannot be done now is answered with when to try again, and the same request is then taken."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from domain.kernel import Role
from infrastructure.http.app import create_app
from infrastructure.http.auth import Verifier, mint
from infrastructure.postgres import writer as writers
from infrastructure.privacy.keys import signing_key
from tests.http.service import refused
from tests.support.builders import BUYER, PLATFORM
from tests.support.kitchen import filed, kitchen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from infrastructure.bootstrap import Container
    from tests.support.database import Database

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def buyer_of(container: Container, folder: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """The buyer at a service without a worker."""
    key = signing_key(folder / "keys")
    headers = {"Authorization": f"Bearer {mint(key, Role.BUYER, BUYER.id, PLATFORM, 1.0)}"}
    transport: Any = httpx2.ASGITransport(create_app(container, Verifier(key)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://gongduan", headers=headers) as client:
        yield client


async def test_when_too_many_commands_wait_the_next_is_told_so_and_taken_later(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with kitchen(database, tmp_path) as container, buyer_of(container, tmp_path) as buyer:
        send: dict[str, Any] = {"url": f"/v1/disputes/{await filed(container)}/messages", "json": {"text": "在吗"}}
        with monkeypatch.context() as full:
            full.setattr(writers, "QUEUE_MAX", 0)
            response = await buyer.post(**send, headers={"Idempotency-Key": "k"})
        assert refused(response, 503, "overloaded")["details"] == {"at_most": 0}
        assert int(response.headers["retry-after"]) > 0
        assert (await buyer.post(**send, headers={"Idempotency-Key": "k"})).status_code == 201


async def test_lists_that_nobody_keeps_are_not_waited_for_for_ever(database: Database, tmp_path: Path) -> None:
    async with kitchen(database, tmp_path) as container, buyer_of(container, tmp_path) as buyer:
        await filed(container)
        response = await buyer.get("/v1/disputes", params={"after": 1})
        refused(response, 503, "no_worker")
        assert int(response.headers["retry-after"]) > 0

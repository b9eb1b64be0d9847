"""`gongduan reconcile` as an operator runs it, against a real database and a real payment server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from application.commands.remedy import PayAgain, pay
from infrastructure.payments.http import HttpPayments
from tests.support.builders import (
    PLATFORM,
    cny,
)
from tests.support.kitchen import follow, kitchen
from tests.support.money import a_payout_ordered
from tests.support.paying import closed, paid, payment_server, payout_of, settled

if TYPE_CHECKING:
    from pathlib import Path

    from infrastructure.bootstrap import Container
    from tests.support.database import Database

pytestmark = pytest.mark.anyio

SHORT = 0.3


async def reconcile(database: Database, folder: Path, payments: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "GONGDUAN_DATABASE_URL": database.worker_url,
        "GONGDUAN_DATA": str(folder),
        "GONGDUAN_PAYMENTS_URL": payments,
        "LC_ALL": "C.UTF-8",
    }
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "infrastructure.cli", "reconcile", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | environment,
    )


async def attempted(container: Container, address: str, number: int = 1) -> tuple[UUID, UUID]:
    """A payout that was asked for once and whose answer was lost or wrong."""
    dispute = await settled(container, number)
    payout = await payout_of(container, dispute)
    async with HttpPayments(address, "", SHORT) as payments:
        with contextlib.suppress(PayAgain):
            await pay(container.desk, payments, PLATFORM, payout)
    return dispute, payout


async def test_what_was_paid_and_never_heard_of_is_confirmed_and_repeating_it_changes_nothing(
    database: Database, tmp_path: Path
) -> None:
    lost = {"answer": "timeout", "pay": True}
    async with kitchen(database, tmp_path) as container, payment_server(tmp_path, lost) as address:
        dispute, _ = await attempted(container, address)
        first = await reconcile(database, tmp_path, address, "--lang", "en")
        assert first.returncode == 0, first.stderr
        assert first.stdout.splitlines() == [
            "Entries in the statement: 1. Confirmed by it: 1. Halted by it: 0.",
            "All agrees.",
        ]
        case = await closed(container, dispute)
        [payout] = case.payouts.values()
        assert payout.reference == "pay-000001"
        await follow(database)
        again = await reconcile(database, tmp_path, address, "--json")
        assert json.loads(again.stdout) == {"entries": 1, "confirmed": 0, "halted": 0, "findings": []}
        after = await container.cases.load(dispute)
        assert after is not None
        assert after.version == case.version
        assert len(await paid(address)) == 1


async def test_what_does_not_agree_is_listed_each_time_and_the_exit_code_says_so(
    database: Database, tmp_path: Path
) -> None:
    answers: list[dict[str, Any]] = [{"answer": "pay"}, {"answer": "wrong_amount", "pay": True}]
    async with kitchen(database, tmp_path) as container:
        async with payment_server(tmp_path, *answers) as address:
            _, confirmed = await attempted(container, address, 1)
            _, halted = await attempted(container, address, 2)
            async with HttpPayments(address, "") as payments:
                await payments.pay(UUID(int=7), a_payout_ordered(amount=cny(5)))
        ledger = tmp_path / "ledger.jsonl"
        first, second, third = ledger.read_text().splitlines()
        # What was confirmed here is gone there, and another was paid twice.
        ledger.write_text("\n".join([second, third, third.replace("pay-000003", "pay-000004"), ""]))
        await follow(database)
        assert str(confirmed) in first
        async with payment_server(tmp_path) as address:
            for _ in range(2):
                ended = await reconcile(database, tmp_path, address, "--json")
                assert ended.returncode == 3, ended.stderr
                found = json.loads(ended.stdout)["findings"]
                assert [(one["what"], one["key"], one["reference"]) for one in found] == [
                    ("other_amount", str(halted), "pay-000002"),
                    ("unknown_key", str(UUID(int=7)), "pay-000003"),
                    ("paid_twice", str(UUID(int=7)), "pay-000004"),
                    ("missing_there", str(confirmed), None),
                ]
            told = await reconcile(database, tmp_path, address, "--lang", "zh")
            assert told.returncode == 3
            assert "付的金额不同" in told.stdout
            assert "15.00 元" in told.stdout


async def test_a_payment_service_that_is_away_is_told_in_one_sentence(database: Database, tmp_path: Path) -> None:
    ended = await reconcile(database, tmp_path, "http://127.0.0.1:1", "--lang", "en")
    assert ended.returncode == 1
    [sentence] = ended.stderr.strip().splitlines()
    assert "not_reached" in sentence
    assert "GONGDUAN_PAYMENTS_URL" in sentence

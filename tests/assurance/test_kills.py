"""Service, worker and database are killed while people send commands: what was acknowledged stands once, and only it.

A short form by default. The long form, which prints its seed and figures:

    GONGDUAN_KILLS=60 GONGDUAN_DATABASE_KILLS=20 GONGDUAN_BETWEEN=100 python -m pytest -s tests/assurance/test_kills.py

GONGDUAN_SEED chooses the seed.
"""

from __future__ import annotations

import os
import random
import secrets
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.assurance.installation import installed, open_folder, own_database
from tests.assurance.people import Crowd
from tests.assurance.reckoning import check_ledger, check_log, check_repeats, check_views, quiet

if TYPE_CHECKING:
    from tests.assurance.installation import Installation

KILLS = int(os.environ.get("GONGDUAN_KILLS", "6"))
DATABASE_KILLS = int(os.environ.get("GONGDUAN_DATABASE_KILLS", "2"))
SEED = int(os.environ.get("GONGDUAN_SEED", "0")) or secrets.randbelow(10**9)
BETWEEN = int(os.environ.get("GONGDUAN_BETWEEN", "50"))  # commands acknowledged between two kills
PATIENCE_S = 120.0


def let_live(home: Installation, crowd: Crowd, chance: random.Random) -> None:
    """Until so many more commands are acknowledged; then a moment that nobody can foresee."""
    wanted, give_up = crowd.acknowledged + BETWEEN, time.monotonic() + PATIENCE_S
    while crowd.acknowledged < wanted:
        home.mend()
        assert crowd.broken == []
        assert time.monotonic() < give_up, f"{crowd.heard}, {home.gave_up}"
        time.sleep(0.02)
    time.sleep(chance.random() * 0.2)


@pytest.mark.timeout(300 + 20 * (KILLS + DATABASE_KILLS))
def test_whatever_is_killed_what_was_acknowledged_stands_once_and_nothing_happens_twice() -> None:
    chance = random.Random(SEED)
    sys.stdout.write(f"seed {SEED}\n")
    began = time.monotonic()
    with open_folder() as folder, own_database(folder) as database, installed(database, folder) as home:
        service = home.serve()
        home.work()
        with Crowd(home, [service], SEED) as crowd:
            for number in range(KILLS):
                let_live(home, crowd, chance)
                home.kill("service" if number % 2 == 0 else "worker")
            for number in range(DATABASE_KILLS):
                let_live(home, crowd, chance)
                home.kill_postmaster() if number % 2 == 0 else home.kill_backend(chance)
            let_live(home, crowd, chance)
        assert crowd.broken == []
        stormed = time.monotonic()
        quiet(database)
        check_log(database, crowd.sent)
        check_repeats(crowd)
        check_log(database, crowd.sent)
        paid = check_ledger(home)
        sizes = check_views(database, folder)
    sys.stdout.write(
        f"{dict(home.kills)} kills in {stormed - began:.0f} s, reckoned in {time.monotonic() - stormed:.0f} s\n"
        f"heard {dict(crowd.heard)}\npaid {paid}, views {sizes}\nended by themselves {dict(home.gave_up)}\n"
    )
    assert crowd.heard["acknowledged"] >= BETWEEN * (KILLS + DATABASE_KILLS)
    assert paid > 0

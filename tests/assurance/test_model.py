"""Random lives of a case against the real service and a simple model of it, compared after every step.

The long form:

    GONGDUAN_LIVES=400 GONGDUAN_LIFE_STEPS=40 python -m pytest -s tests/assurance/test_model.py

GONGDUAN_SEED chooses the seed; without it the same lives are lived every time.
"""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import TYPE_CHECKING, ClassVar

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from infrastructure.playbooks.reader import COMMON
from tests.assurance.life import Life
from tests.assurance.world import Tally, World
from tests.http.bank import Bank
from tests.http.service import Service, running
from tests.model.may import WHO_DOES
from tests.model.rules import read

if TYPE_CHECKING:
    from tests.support.database import Database

LIVES = int(os.environ.get("GONGDUAN_LIVES", "26"))
STEPS = int(os.environ.get("GONGDUAN_LIFE_STEPS", "30"))
SEED = int(os.environ.get("GONGDUAN_SEED", "0"))
LOW = {
    "exhibits_per_side": 3,
    "messages_per_side": 2,
    "offers_per_side": 2,
    "chases_per_side": 2,
    "goodwill_per_side": 2,
    "notes": 2,
    "evidence_requests": 2,
    "pause_hours": 100,
}
CHANCE = st.binary(min_size=8, max_size=8)


def quick() -> str:
    """Other rules: remedies start at the decision, little is left to one arbitrator alone, few things may be sent.

    They are for one currency, so that they are read in half the time.
    """
    [version] = [one for one in COMMON.splitlines() if one.startswith("version:")]
    source = changed(COMMON, f"\n{version}\n", '\nversion: "quick"\n')
    source = changed(source, "remedies_start: at_final", "remedies_start: at_decision")
    source = changed(source, "{minor: 500000, currency: CNY}", "{minor: 2000, currency: CNY}")
    source = changed(source, "    of: freight_share #", "    of: freight #")
    source = re.sub(r"\{minor: \d+, currency: (?!CNY)[A-Z]{3}\},?", "", source)
    for name, most in LOW.items():
        [line] = [one for one in source.splitlines() if one.startswith(f"  {name}:")]
        source = changed(source, f"\n{line}\n", f"\n  {name}: {most}\n")
    return source


def changed(source: str, old: str, new: str) -> str:
    assert source.count(old) == 1, old
    return source.replace(old, new)


class Lives(RuleBasedStateMachine):
    """One life after another."""

    world: ClassVar[World]
    life: Life
    number: int
    steps: int = 0

    @initialize(chance=CHANCE)
    def a_buyer_files(self, chance: bytes) -> None:
        # Chances that look alike still begin differently, and the same one begins as it did.
        known = self.world.beginnings
        self.number = known.setdefault(chance, len(known))
        self.life = Life(self.world, self.number, Random(f"{self.number}"))

    @rule(chance=CHANCE)
    def something_happens(self, chance: bytes) -> None:
        self.steps += 1
        self.life.step(Random(f"{self.number}/{self.steps}/{chance.hex()}"))

    def teardown(self) -> None:
        if hasattr(self, "life"):
            self.life.end()


@pytest.mark.timeout(3600)  # the long form takes as long as it is asked to
def test_a_case_goes_as_a_simple_model_of_it_says_whatever_anybody_tries(database: Database) -> None:
    with running(database) as service, ThreadPoolExecutor(8) as pool:
        Lives.world = world = a_world(service, pool)
        chosen = settings(
            deadline=None,
            derandomize=not SEED,
            database=None,
            max_examples=LIVES,
            stateful_step_count=STEPS,
            phases=(Phase.generate,),  # a story of thirty steps can be followed; making it shorter takes minutes
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        )
        machine = hypothesis.seed(SEED)(Lives) if SEED else Lives
        try:
            run_state_machine_as_test(machine, settings=chosen)
        finally:
            print(f"\n{world.tally}")  # noqa: T201 - what happened, for who asks with -s
        never = sorted(set(WHO_DOES) - set(world.tally.accepted))
        assert never == [], "these were never done, so nothing is known of them"


def a_world(service: Service, pool: ThreadPoolExecutor) -> World:
    sources = {"common": COMMON, "quick": quick()}
    return World(service, sources, {name: read(one) for name, one in sources.items()}, Tally(), Bank(service), pool)


@pytest.mark.parametrize("old", ["no such line", "the"])
def test_the_rules_of_the_other_platform_are_made_from_what_stands_in_the_file_once(old: str) -> None:
    with pytest.raises(AssertionError):
        changed(COMMON, old, "")

"""The promise that views and proofs rest on: whoever follows the log misses nothing and sees everything in order."""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
import pytest

from infrastructure.ids import uuid7
from infrastructure.postgres.appending import Row, Submission, arguments
from infrastructure.postgres.recorder import Factory
from infrastructure.postgres.sql_loader import sql
from tests.postgres.test_recorder_library_cases import settings

if TYPE_CHECKING:
    from tests.support.database import Database

WANTED = int(os.environ.get("GONGDUAN_FOLLOWER_EVENTS", "2000"))
WRITERS = 8
CONTENDED = 0.4  # of the appends go to streams that everybody writes to
ROLLED_BACK = 0.05  # of them break off after they have drawn their positions
END = UUID(int=99)  # the stream whose only event is the last
SHARED = [UUID(int=n) for n in range(1, 5)]
VERSION_OF = "SELECT coalesce(max(originator_version), 0) FROM events.stored_events WHERE originator_id = %s"
Place = tuple[int, UUID, int]


def row(stream: UUID, version: int, *, follows: bool = False) -> Row:
    return Row(stream, version, follows, "test.fact@1", b"{}", uuid7(), b"{}")


def write(url: str, seed: int) -> Counter[str]:
    """One writer with its share of the events: single commands and batches, conflicts and rollbacks among them."""
    chance = random.Random(seed)
    outcomes: Counter[str] = Counter()
    with psycopg.connect(url, autocommit=True) as connection:
        while outcomes["events"] < WANTED / WRITERS and outcomes.total() < 20 * WANTED:
            batch = [command(connection, chance) for _ in range(chance.choice([1, 1, 1, 5]))]
            rolls_back = chance.random() < ROLLED_BACK
            with connection.transaction(force_rollback=rolls_back):
                answers = connection.execute(sql("append"), arguments(batch)).fetchall()
            for submission, (outcome, *_) in zip(batch, answers, strict=True):
                outcomes["rolled back" if rolls_back else outcome] += 1
                if outcome == "appended" and not rolls_back:
                    outcomes["events"] += len(submission.rows)
    return outcomes


def command(connection: psycopg.Connection, chance: random.Random) -> Submission:
    own = uuid7()
    rows = [row(own, 1), row(own, 2)]
    if chance.random() < CONTENDED:
        shared = chance.choice(SHARED)
        [version] = connection.execute(VERSION_OF, [shared]).fetchone() or (0,)
        rows.insert(chance.randrange(3), row(shared, version + 1, follows=version > 0))
    return Submission(uuid7(), tuple(rows))


def subscribe(url: str) -> list[Place]:
    """The library's own subscription."""
    seen: list[Place] = []
    with Factory(settings(url)) as factory, factory.application_recorder().subscribe(gt=0) as subscription:
        for event in subscription:
            assert isinstance(event.originator_id, UUID)
            seen.append((event.id, event.originator_id, event.originator_version))
            if event.originator_id == END:
                break
    return seen


def poll(url: str) -> list[Place]:
    """A reader of ours, which goes on from the last position it saw, as fast as it can."""
    seen: list[Place] = []
    with psycopg.connect(url, autocommit=True) as connection:
        while not seen or seen[-1][1] != END:
            after = {"after": seen[-1][0] if seen else 0, "limit": 500}
            for place, stream, version, *_ in connection.execute(sql("select_log"), after, binary=True):
                seen.append((place, stream, version))
    return seen


def faults(seen: list[Place], stored: list[Place]) -> dict[str, int]:
    """What a follower got wrong, counted."""
    places = [place for place, _, _ in seen]
    versions: dict[UUID, list[int]] = defaultdict(list)
    for _, stream, version in seen:
        versions[stream].append(version)
    return {
        "missed": len(set(stored) - set(seen)),
        "invented": len(set(seen) - set(stored)),
        "repeated": len(places) - len(set(places)),
        "out of order": sum(one >= two for one, two in pairwise(places)),
        "streams with holes": sum(found != list(range(1, len(found) + 1)) for found in versions.values()),
    }


@pytest.mark.timeout(max(300, WANTED // 50))
def test_no_follower_misses_repeats_or_reorders_an_event_while_eight_write(database: Database) -> None:
    url = database.service_url
    began = time.perf_counter()
    with ThreadPoolExecutor(WRITERS + 2) as threads:
        followers = {"subscription": threads.submit(subscribe, url), "poller": threads.submit(poll, url)}
        writers = [threads.submit(write, url, seed) for seed in range(WRITERS)]
        wait(writers)
        took = time.perf_counter() - began
        with psycopg.connect(url, autocommit=True) as connection:
            # Whatever became of the writers, the followers must come to an end.
            connection.execute(sql("append"), arguments([Submission(uuid7(), (row(END, 1),))]))
            stored = [row[:3] for row in connection.execute(sql("select_log"), {"after": 0, "limit": 10**9})]
        outcomes = sum((writer.result() for writer in writers), Counter[str]())
        seen = {name: follower.result() for name, follower in followers.items()}

    gaps = stored[-1][0] - len(stored)
    report = [f"{len(stored)} events in {took:.1f} s, {gaps} positions left out by rollbacks, {dict(outcomes)}"]
    report += [f"{name} saw {len(places)}: {faults(places, stored)}" for name, places in seen.items()]
    sys.stdout.write("\n".join(report) + "\n")  # the figures of a long run go into its note
    assert len(stored) == outcomes["events"] + 1 > WANTED
    assert outcomes["conflict"] > WANTED / 200
    assert gaps > 0
    for places in seen.values():
        assert set(faults(places, stored).values()) == {0}

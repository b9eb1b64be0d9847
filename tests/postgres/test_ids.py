from __future__ import annotations

import time

from infrastructure.ids import uuid7


def test_ids_rise_with_time_and_say_when_they_were_made() -> None:
    before = time.time_ns() // 1_000_000
    first = uuid7()
    time.sleep(0.002)
    second = uuid7()
    after = time.time_ns() // 1_000_000
    assert before <= first.int >> 80 <= second.int >> 80 <= after
    assert first < second
    assert first.version == 7
    assert first.variant == "specified in RFC 4122"


def test_ids_made_in_the_same_moment_differ() -> None:
    assert len({uuid7() for _ in range(10_000)}) == 10_000

"""One question for all who ask at the same time, and no answer older than its question."""

from __future__ import annotations

import asyncio

import pytest

from infrastructure.postgres.shared import Shared

pytestmark = pytest.mark.anyio


class Oracle:
    """Answers with the number of the question, when the test lets it."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = asyncio.Event()

    async def __call__(self) -> int:
        self.asked += 1
        number = self.asked
        await self.may_answer.wait()
        return number


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_those_who_ask_at_the_same_time_share_a_question() -> None:
    oracle = Oracle()
    shared = Shared(oracle)
    oracle.may_answer.set()
    assert await asyncio.gather(*(shared() for _ in range(10))) == [1] * 10
    assert await shared() == 2


async def test_who_asks_while_a_question_is_on_its_way_gets_the_answer_to_the_next() -> None:
    oracle = Oracle()
    shared = Shared(oracle)
    first = asyncio.ensure_future(shared())
    await turns()
    assert oracle.asked == 1
    late = [asyncio.ensure_future(shared()) for _ in range(3)]
    await turns()
    assert oracle.asked == 1  # one at a time
    oracle.may_answer.set()
    assert await first == 1
    assert await asyncio.gather(*late) == [2, 2, 2]


async def test_who_goes_away_leaves_the_question_to_the_others() -> None:
    oracle = Oracle()
    shared = Shared(oracle)
    gone, stays = (asyncio.ensure_future(shared()) for _ in range(2))
    await turns()
    gone.cancel()
    oracle.may_answer.set()
    assert await stays == 1


async def test_a_question_that_fails_fails_for_those_who_share_it_and_no_others() -> None:
    asked = 0

    async def ask() -> int:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise ValueError("no")
        return asked

    shared = Shared(ask)
    for failed in await asyncio.gather(shared(), shared(), return_exceptions=True):
        assert isinstance(failed, ValueError)
    assert await shared() == 2


async def test_those_who_come_during_the_pause_before_a_question_share_it() -> None:
    oracle = Oracle()
    shared = Shared(oracle, pause_s=0.05)
    oracle.may_answer.set()
    first = asyncio.ensure_future(shared())
    await turns()
    assert list(await asyncio.gather(shared(), shared())) == [1, 1]
    assert await first == 1

"""One question for all who ask it at the same time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")


class Shared(Generic[T]):
    """Asks one at a time; whoever comes while a question is on its way shares the next.

    So nobody gets an answer that is older than its own question. A pause before each question lets more share it.
    """

    def __init__(self, ask: Callable[[], Awaitable[T]], pause_s: float = 0.0) -> None:
        self._ask = ask
        self._pause_s = pause_s
        self._one_at_a_time = asyncio.Lock()
        self._next: asyncio.Task[T] | None = None

    async def __call__(self) -> T:
        """The answer to a question that is put from now on."""
        if self._next is None:
            self._next = asyncio.create_task(self._put())
        # Shielded: who goes away leaves the question to the others.
        return await asyncio.shield(self._next)

    async def _put(self) -> T:
        async with self._one_at_a_time:
            await asyncio.sleep(self._pause_s)
            self._next = None
            return await self._ask()

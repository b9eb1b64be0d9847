"""Runs coroutines by hand: the fakes never wait, so no event loop (which has a socket inside) is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator

T = TypeVar("T")


class Rendezvous:
    """A place in a fake where a coroutine stands still until its test lets it go on."""

    def __await__(self) -> Generator[None, None, None]:
        yield


class Worker(Generic[T]):
    """One of several workers whose steps a test puts in order."""

    def __init__(self, work: Coroutine[None, None, T]) -> None:
        self._work = work

    def to_next_stop(self) -> None:
        self._work.send(None)

    def finish(self) -> T:
        while True:
            try:
                self._work.send(None)
            except StopIteration as ended:
                value: T = ended.value
                return value

    def dies(self) -> None:
        self._work.close()


def run(work: Coroutine[None, None, T]) -> T:
    return Worker(work).finish()

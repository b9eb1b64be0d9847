"""Races in bulk: many cases are brought to the start in the real log, then two do something about each at once."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Barrier
from typing import TYPE_CHECKING, Any
from uuid import UUID

from application.commands.desk import DisputeCommand
from application.commands.intake import FileDispute, RegisterOrder, file_dispute, register_order
from application.policy import Caller
from infrastructure.bootstrap import Container, open_container
from tests.http.bank import Bank
from tests.http.service import refused
from tests.http.story import COMMANDS, PATIENCE_S, move_clock, until
from tests.support import builders, kitchen
from tests.support.builders import BUYER, PLATFORM, PLATFORM_MACHINE, cny

if TYPE_CHECKING:
    from domain.kernel import Actor
    from tests.http.service import Person, Response, Service
    from tests.support.database import Database

ROUNDS = int(os.environ.get("GONGDUAN_RACES", "100"))
AT_ONCE = 4  # pairs that race side by side

Step = Callable[..., DisputeCommand]


@dataclass(frozen=True, slots=True)
class Case:
    """A case at the start of a race."""

    id: UUID

    @property
    def at(self) -> str:
        return f"/v1/disputes/{self.id}"


@dataclass(frozen=True, slots=True)
class Runner:
    """One of two who act at once: who, and what they send."""

    by: Actor
    command: str
    body: Any = None


@dataclass(slots=True)
class Round:
    """A case, what each of the two was answered, and what the log says that happened."""

    case: Case
    answers: tuple[Response, ...]
    happened: Counter[str]

    def won(self, number: int) -> bool:
        return self.answers[number].is_success


@dataclass(slots=True)
class Course:
    """A running service, and its parts in this process to bring cases to the start."""

    service: Service
    container: Container
    loop: asyncio.Runner
    pool: ThreadPoolExecutor
    bank: Bank
    people: dict[Actor, Person] = field(default_factory=dict)
    cases: int = 0

    def person(self, actor: Actor) -> Person:
        if actor not in self.people:
            self.people[actor] = self.service.person(actor.role, actor.id, PLATFORM)
        return self.people[actor]

    def bring(self, *steps: Step, paid: int = 3980) -> list[Case]:
        """As many cases as there are rounds, each after these steps."""
        numbers = range(self.cases, self.cases + ROUNDS)
        self.cases += ROUNDS
        work = [self._bring(number, steps, paid) for number in numbers]
        return self.loop.run(_all(work))

    async def _bring(self, number: int, steps: Sequence[Step], paid: int) -> Case:
        lines = (builders.a_line("1", cny(paid)),)
        order = builders.an_order(order_id=f"race-{number}", lines=lines)
        desk = self.container.desk
        await register_order(desk, RegisterOrder(caller=Caller(PLATFORM_MACHINE, PLATFORM), snapshot=order))
        claims = (builders.a_claim_asked(),)
        command = FileDispute(caller=Caller(BUYER, PLATFORM), key=f"f{number}", order_id=order.order_id, claims=claims)
        case = Case((await file_dispute(desk, command)).stream)
        for nth, step in enumerate(steps):
            await desk.on_dispute(step(case.id, key=f"{case.id}/{nth}"))
        return case

    def send(self, case: Case, runner: Runner) -> Response:
        end, body = COMMANDS[runner.command]
        return self.person(runner.by).send(f"{case.at}/{end}", runner.body or body)

    def race(self, cases: Sequence[Case], one: Runner, other: Runner) -> list[Round]:
        """Both act on each case at once; now this one is called first, now that one."""

        def pair(numbered: tuple[int, Case]) -> tuple[Response, ...]:
            number, case = numbered
            barrier = Barrier(2)

            def go(runner: Runner) -> Response:
                barrier.wait()
                return self.send(case, runner)

            with ThreadPoolExecutor(2) as two:
                ran = [two.submit(go, runner) for runner in ((one, other) if number % 2 else (other, one))]
                answers = [one.result() for one in ran]
            return tuple(answers if number % 2 else reversed(answers))

        answers = list(self.pool.map(pair, enumerate(cases)))
        return self._rounds(cases, answers)

    def race_clock(self, cases: Sequence[Case], clock: str, runner: Runner) -> list[Round]:
        """The clock of every case runs out while somebody acts on all of them.

        The first case is the sweeper's: when that is seen to be late, the others are acted on in any order.
        """
        first, due = cases[0], self._last_due(cases, clock)
        # An hour before it the lists have caught up, so that the sweeper begins at once.
        move_clock(self.service, due - timedelta(hours=1))
        before = self._version(first)
        moving = self.pool.submit(move_clock, self.service, due)
        until(lambda: self._version(first), lambda version: version > before)
        order = sorted(cases, key=lambda case: case.id.bytes[::-1])
        answered = dict(zip(order, self.pool.map(lambda case: self.send(case, runner), order), strict=True))
        moving.result()
        return self._rounds(cases, [(answered[case],) for case in cases])

    def _version(self, case: Case) -> int:
        return len(self.loop.run(self.container.store.load(case.id)))

    def _last_due(self, cases: Sequence[Case], clock: str) -> datetime:
        loaded = self.loop.run(_all([self.container.cases.load(case.id) for case in cases]))
        due: datetime = max(one.due_at for case in loaded for one in case.dispute.clocks.values() if one.name == clock)
        return due

    def _rounds(self, cases: Sequence[Case], answers: Sequence[tuple[Response, ...]]) -> list[Round]:
        for answer in (one for pair in answers for one in pair):
            assert answer.status_code < 500, answer.text
        histories = self.loop.run(_all([self.container.store.load(case.id) for case in cases]))
        list(self.pool.map(self._both_see_the_same, cases))
        rounds = []
        for case, pair, history in zip(cases, answers, histories, strict=True):
            assert [one.version for one in history] == list(range(1, len(history) + 1))
            happened = Counter(one.event.TOPIC.removeprefix("dispute.") for one in history)
            rounds.append(Round(case, pair, happened))
        return rounds

    def _both_see_the_same(self, case: Case) -> None:
        one = self.person(BUYER).get(case.at)
        other = self.person(builders.MERCHANT).get(case.at, as_of=one["version"])  # payments may go on meanwhile
        assert {name: one.get(name) for name in SHARED} == {name: other.get(name) for name in SHARED}

    def paid_once(self, cases: Sequence[Case]) -> int:
        """Wait until all that is ordered in these cases is paid: each line once and no other; how many that are."""
        loaded = self.loop.run(_all([self.container.cases.load(case.id) for case in cases]))
        owed = {
            str(line.payout): line.amount.minor for case in loaded if case for line in case.dispute.remedy.in_force()
        }
        patience_s = PATIENCE_S + 0.3 * ROUNDS  # a test that waits for nothing ends by failing, and these are many
        until(lambda: owed.keys() - self.bank.statement().keys(), lambda missing: not missing, patience_s)
        paid = self.bank.statement()
        assert {key: paid[key] for key in owed} == owed
        stopped = [key for case in loaded if case for key in _stopped(case)]
        assert not paid.keys() & set(stopped)
        return len(owed)


SHARED = ("stage", "version", "outcome", "ruling", "offers", "settled", "appeals", "clocks", "withdrawal")


def _stopped(case: Any) -> list[str]:
    remedy = case.dispute.remedy
    return [str(remedy.ordered[name].payout) for name, one in remedy.stopped.items() if one.unpaid.minor]


async def _all(work: Iterable[Coroutine[Any, Any, Any]]) -> list[Any]:
    """All of it, twenty at a time."""
    room = asyncio.Semaphore(20)

    async def one(coroutine: Coroutine[Any, Any, Any]) -> Any:
        async with room:
            return await coroutine

    return list(await asyncio.gather(*map(one, work)))


@contextmanager
def course(service: Service, database: Database) -> Iterator[Course]:
    with asyncio.Runner() as loop, ThreadPoolExecutor(2 * AT_ONCE) as pool:
        opened = open_container(kitchen.settings(database, service.data))
        container = loop.run(opened.__aenter__())
        try:
            yield Course(service, container, loop, pool, Bank(service))
        finally:
            loop.run(opened.__aexit__(None, None, None))


def spread(name: str, rounds: Sequence[Round], won: Callable[[Round], str]) -> Counter[str]:
    """Who won how often; both do sometimes, else it was no race."""
    found = Counter(won(one) for one in rounds)
    print(f"\n{name}: {dict(found.most_common())}")  # noqa: T201 - for who asks with -s
    return found


SAYS_ITSELF = ("already_taken", "nothing_to_appeal")  # how the case stands, without details


def lost(answer: Response, *codes: str) -> None:
    """The loser hears why, by a code that stays and with how the case stands, or what of it is open."""
    code = answer.json()["code"]
    assert code in codes, answer.text
    document = refused(answer, answer.status_code, code)
    assert answer.status_code in (409, 422)
    assert document["details"] or code in SAYS_ITSELF

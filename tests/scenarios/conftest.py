"""A place where stories are played once for each module: a real service, its payment server, a real database."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from domain.kernel import Role
from infrastructure.demo.play import Place, Play
from infrastructure.demo.stories import STORIES
from infrastructure.http.auth import mint
from tests.http.service import running
from tests.support.database import _fresh

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infrastructure.demo.play import Person
    from infrastructure.postgres.embedded import Embedded


@dataclass(frozen=True, slots=True)
class Told:
    """A story that was played: who asks afterwards asks from outside."""

    play: Play
    id: str

    def by(self, role: str, name: str) -> Any:
        """The case as this person sees it."""
        return self.play.person(role, name).sees(self.id)

    @property
    def case(self) -> Any:
        """The case as an auditor sees it."""
        return self.play.auditor.sees(self.id)

    def trail(self, reader: Person | None = None) -> list[Any]:
        path = f"/v1/disputes/{self.id}/trail"
        entries: list[Any] = (reader or self.play.auditor).get(path, after=self.play.position)["entries"]
        return entries

    @property
    def events(self) -> list[str]:
        return [one["event"] for one in self.trail()]

    def version_of(self, event: str) -> int:
        """After which version of the case this first happened."""
        return next(int(one["version"]) for one in self.trail() if one["event"] == event)

    def as_of(self, version: int) -> Any:
        return self.play.auditor.get(f"/v1/disputes/{self.id}", as_of=version)

    @property
    def paid(self) -> list[int]:
        """What the payment server says it paid for this case, in fen."""
        return paid_for(self.play, self.id)


def paid_for(play: Play, case: str) -> list[int]:
    """What the payment server itself says it paid for a case, in fen."""
    return [amount for amount, _ in tendered_for(play, case)]


def tendered_for(play: Play, case: str) -> list[tuple[int, str]]:
    """The same with the tender of each payment."""
    headers = {"Authorization": f"Bearer {play.place.payments_token}"}
    payments = play.place.client.get(f"{play.place.payments}/ledger", headers=headers).json()["payments"]
    return [(one["amount"]["minor"], one["order"]["tender"]) for one in payments if one["order"]["dispute"] == case]


@dataclass(slots=True)
class Stage:
    """Plays each story at most once, when it is first asked for."""

    place: Place
    told: dict[str, Told] = field(default_factory=dict)

    def tell(self, name: str) -> Told:
        if name not in self.told:
            play = Play(self.place)
            story = next(one for one in STORIES if one.name == name)
            self.told[name] = Told(play, story.run(play))
        return self.told[name]


@pytest.fixture(scope="module")
def place(server: Embedded, template: str) -> Iterator[Place]:
    with (
        contextmanager(_fresh)(server, template) as database,
        running(database, GONGDUAN_PAYMENTS_TIMEOUT_S="1.5") as service,
    ):
        yield Place(
            service.address,
            service.payments,
            service.payments_token,
            lambda role, who, platform: mint(service.key, Role(role), who, platform, 1.0),
            language="zh",
            client=service.client,
        )


@pytest.fixture(scope="module")
def stage(place: Place) -> Stage:
    return Stage(place)

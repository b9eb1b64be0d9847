"""Playing a story through the HTTP API as its people would: nobody knows more than what the answers tell."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import httpx2

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S: Final = 30.0
TIMEOUT_S: Final = 60.0


class EndedOtherwise(Exception):
    """A story did not go as told; the message says where."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where stories are played: the service, its payment server, and who gives out tokens."""

    service: str
    payments: str
    payments_token: str
    token: Callable[[str, str], str]
    language: str = "en"
    client: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=TIMEOUT_S, trust_env=False))


@dataclass(slots=True)
class Person:
    """Somebody with a role, talking to the service."""

    place: Place
    role: str
    id: str
    keys: count[int] = field(default_factory=lambda: count(1))

    def call(self, method: str, path: str, **options: Any) -> httpx2.Response:  # noqa: ANN401 - the client's own
        """One request; refusals are the story's business."""
        headers = {
            "Authorization": f"Bearer {self.place.token(self.role, self.id)}",
            "Accept-Language": self.place.language,
            **options.pop("headers", {}),
        }
        return self.place.client.request(method, f"{self.place.service}{path}", headers=headers, **options)

    def get(self, path: str, **params: Any) -> Any:  # noqa: ANN401 - any JSON
        """Read something that must be there."""
        return _good(self.call("GET", path, params=params), f"{self.role} reads {path}").json()

    def put(self, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON
        """Put something."""
        return _good(self.call("PUT", path, json=body), f"{self.role} puts {path}").json()

    def post(self, path: str, body: dict[str, Any] | None = None, **options: Any) -> Any:  # noqa: ANN401 - any JSON
        """Do something, under a key of its own."""
        key = f"{self.role}-{self.id}-{next(self.keys)}-{time.time_ns()}"
        response = self.call("POST", path, json=body, headers={"Idempotency-Key": key}, **options)
        return _good(response, f"{self.role} posts {path}").json()

    def act(self, case: str, action: str, body: dict[str, Any] | None = None, **options: Any) -> Any:  # noqa: ANN401 - any JSON
        """Do what the case offers this person under this name; refuses to guess an address."""
        offered = self.get(f"/v1/disputes/{case}")["next_actions"]
        found = [one for one in offered if one["name"] == action]
        if not found:
            names = ", ".join(one["name"] for one in offered) or "nothing"
            raise EndedOtherwise(f"the {self.role} should be offered {action}, but is offered {names}")
        return self.post(found[-1]["href"], body, **options)


@dataclass(slots=True)
class Play:
    """A story being played: its people, and how far it has come."""

    place: Place
    story: str
    tell: Callable[[str], None]

    def person(self, role: str, name: str) -> Person:
        """Somebody of this story; names differ from story to story."""
        return Person(self.place, role, name)

    @property
    def platform(self) -> Person:
        """The platform's own machine."""
        return Person(self.place, "platform", "shop-system")

    @property
    def admin(self) -> Person:
        """Who may move the test clock."""
        return Person(self.place, "admin", "operator")

    def expect(self, what: str, found: Any, told: Any) -> None:  # noqa: ANN401 - any value
        """Compare what happened with what the story tells."""
        if found != told:
            raise EndedOtherwise(f"{what} should be {told!r}, but is {found!r}")

    def until(self, what: str, look: Callable[[], Any], good: Callable[[Any], bool]) -> Any:  # noqa: ANN401 - any value
        """Look again until it is as told, for half a minute at most."""
        give_up = time.monotonic() + PATIENCE_S
        while not good(seen := look()):
            if time.monotonic() > give_up:
                raise EndedOtherwise(f"{what}: waited {PATIENCE_S:.0f} s, still {seen!r}")
            time.sleep(0.05)
        return seen

    def move_clock(self, to: str) -> list[str]:
        """Move the test clock; answers the deadlines that fired on the way."""
        fired: list[str] = self.admin.post("/v1/test-clock", {"to": to})["fired"]
        return fired

    def script_payments(self, *answers: str) -> None:
        """Tell the payment server how to answer the next requests, before it pays truthfully again."""
        headers = {"Authorization": f"Bearer {self.place.payments_token}"}
        told = [{"answer": answer} for answer in answers]
        _good(self.place.client.post(f"{self.place.payments}/script", json=told, headers=headers), "the script")

    def ledger(self, payout: str) -> list[dict[str, Any]]:
        """What the payment server itself says it paid under a payout's key."""
        headers = {"Authorization": f"Bearer {self.place.payments_token}"}
        answer = self.place.client.get(f"{self.place.payments}/ledger", headers=headers)
        paid = _good(answer, "the payment server's ledger").json()["payments"]
        return [one for one in paid if one["key"] == payout]


def _good(response: httpx2.Response, what: str) -> httpx2.Response:
    if not response.is_success:
        raise EndedOtherwise(f"{what}: answered {response.status_code} {response.text[:500]}")
    return response

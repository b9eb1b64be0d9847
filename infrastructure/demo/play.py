"""Playing a story through the HTTP API as its people would: nobody knows more than what the answers tell."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import httpx2

from infrastructure.playbooks.reader import COMMON

if TYPE_CHECKING:
    from collections.abc import Callable

    from infrastructure.web.sentences import Language

PATIENCE_S: Final = 30.0
TIMEOUT_S: Final = 60.0


class EndedOtherwise(Exception):
    """A story did not go as told; the message says where."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where stories are played: the service and its payment server, a platform with its rules, who gives out tokens.

    `token` answers the token of somebody in a role, by that person's id, on a platform.
    """

    service: str
    payments: str
    payments_token: str
    token: Callable[[str, str, str], str]
    language: Language = "en"
    platform: str = "common"
    rules: str = COMMON
    client: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=TIMEOUT_S, trust_env=False))


@dataclass(frozen=True, slots=True)
class Aside:
    """What the log does not tell: the narrator's words or a refusal, after what stands at this position of the log."""

    position: int
    what: str
    why: str = ""


@dataclass(slots=True)
class Play:
    """A story being played: its people, and what is told beside what they do."""

    place: Place
    platform_id: str = ""
    position: int = 0
    asides: list[Aside] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin on the place's own platform."""
        self.platform_id = self.platform_id or self.place.platform

    def person(self, role: str, name: str) -> Person:
        """Somebody of this story; names differ from story to story."""
        return Person(self, role, name)

    @property
    def platform(self) -> Person:
        """The platform's own machine."""
        return self.person("platform", "shop-system")

    @property
    def auditor(self) -> Person:
        """Who sees all of a case."""
        return self.person("auditor", "Sun")

    def publish(self) -> None:
        """The platform's rules come into force."""
        self.person("rule_writer", "Zhao").post("/v1/playbooks", {"source": self.place.rules})

    def under_other_rules(self, platform: str, old: str, new: str) -> None:
        """Go on at a platform whose rules are this place's but for one line."""
        rules = self.place.rules.replace(f"platform: {self.place.platform}\n", f"platform: {platform}\n", 1)
        self.expect(f"how often the rules say {old!r}", rules.count(old), 1)
        self.platform_id = platform
        self.person("rule_writer", "Zhao").post("/v1/playbooks", {"source": rules.replace(old, new)})

    def words(self, zh: str, en: str) -> str:
        """What somebody of the story says, in the language in which it is told."""
        return zh if self.place.language == "zh" else en

    def tell(self, zh: str, en: str) -> None:
        """Say what the log does not."""
        self.asides.append(Aside(self.position, self.words(zh, en)))

    def refused(self, answer: httpx2.Response, code: str, zh: str, en: str) -> None:
        """Say what somebody tried, and which rule refused it in which words."""
        told = answer.json() if answer.status_code >= httpx2.codes.BAD_REQUEST else {}
        self.expect(f"how it is refused ({en})", told.get("code", f"not at all, {answer.status_code}"), code)
        self.asides.append(
            Aside(self.position, self.words(zh, en), f"{told['title']}{self.words('。', '. ')}{told['detail']}")
        )

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
        fired: list[str] = self.person("admin", "operator").post("/v1/test-clock", {"to": to})["fired"]
        return fired

    def let_pass(self, hours: int) -> list[str]:
        """Move the test clock on by so many hours; answers the deadlines that fired on the way."""
        now = datetime.fromisoformat(self.person("admin", "operator").get("/v1/test-clock")["now"])
        return self.move_clock((now + timedelta(hours=hours)).isoformat())

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


@dataclass(slots=True)
class Person:
    """Somebody with a role, talking to the service."""

    play: Play
    role: str
    id: str
    keys: count[int] = field(default_factory=lambda: count(1))

    def call(self, method: str, path: str, **options: Any) -> httpx2.Response:  # noqa: ANN401 - httpx's own - the client's own
        """One request; refusals are the story's business."""
        place = self.play.place
        headers = {
            "Authorization": f"Bearer {place.token(self.role, self.id, self.play.platform_id)}",
            "Accept-Language": place.language,
            **options.pop("headers", {}),
        }
        answer = place.client.request(method, f"{place.service}{path}", headers=headers, **options)
        self.play.position = max(self.play.position, int(answer.headers.get("Gongduan-Position", 0)))
        return answer

    def get(self, path: str, **params: Any) -> Any:  # noqa: ANN401 - any JSON
        """Read something that must be there."""
        return _good(self.call("GET", path, params=params), f"{self.role} reads {path}").json()

    def sees(self, case: str) -> Any:  # noqa: ANN401 - any JSON
        """The case as this person sees it."""
        return self.get(f"/v1/disputes/{case}")

    def put(self, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON
        """Put something."""
        return _good(self.call("PUT", path, json=body), f"{self.role} puts {path}").json()

    def send(self, path: str, body: dict[str, Any] | None = None, **options: Any) -> httpx2.Response:  # noqa: ANN401
        """One POST under a key of its own, whatever is answered."""
        key = f"{self.role}-{self.id}-{next(self.keys)}-{time.time_ns()}"
        return self.call("POST", path, json=body, headers={"Idempotency-Key": key}, **options)

    def post(self, path: str, body: dict[str, Any] | None = None, **options: Any) -> Any:  # noqa: ANN401 - any JSON
        """Do something that must be done."""
        return _good(self.send(path, body, **options), f"{self.role} posts {path}").json()

    def tries(self, case: str, end: str, body: dict[str, Any] | None = None) -> httpx2.Response:
        """Do what the case need not offer; whatever is answered."""
        return self.send(f"/v1/disputes/{case}/{end}", body)

    def offered(self, case: str) -> list[dict[str, Any]]:
        """What this person may do next."""
        actions: list[dict[str, Any]] = self.sees(case)["next_actions"]
        return actions

    def act(self, case: str, action: str, body: dict[str, Any] | None = None, **options: Any) -> Any:  # noqa: ANN401 - any JSON
        """Do what the case offers this person under this name, about what came last; refuses to guess an address."""
        offered = self.offered(case)
        found = [one for one in offered if one["name"] == action]
        if not found:
            names = ", ".join(one["name"] for one in offered) or "nothing"
            raise EndedOtherwise(f"the {self.role} should be offered {action}, but is offered {names}")
        return self.post(found[-1]["href"], body, **options)


def _good(response: httpx2.Response, what: str) -> httpx2.Response:
    if not response.is_success:
        raise EndedOtherwise(f"{what}: answered {response.status_code} {response.text[:500]}")
    return response

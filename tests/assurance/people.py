"""People who send commands all the time, insist on an answer whatever breaks, and remember what they were told."""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING, Any, Self

import httpx2

from domain.kernel import derived_id
from infrastructure.playbooks.reader import COMMON
from tests.http.service import good
from tests.http.story import CONTEST, OFFER, RULING, TERMS, a_claim, an_order, yuan

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from tests.assurance.installation import Installation
    from tests.http.service import Person, Response, Service

OPEN_CASES = 6  # that one client has in hand
PATIENCE_S = 120.0
AGAIN = (503, 507)
DONE = ("decided", "carrying_out", "closed")


@dataclass(frozen=True, slots=True)
class Sent:
    """A command and its first answer; `doubts` says how often it was sent in vain before."""

    role: str
    who: str
    key: str
    send: Callable[[], Response]
    answer: Response
    doubts: int

    @property
    def command_id(self) -> UUID:
        return derived_id("command", "common", self.role, self.who, self.key)

    @property
    def acknowledged(self) -> bool:
        return self.answer.is_success


@dataclass(slots=True)
class Life:
    """A case in hand: its people, its address, its last answer."""

    people: dict[str, Person]
    at: str
    last: dict[str, Any]


@dataclass(slots=True)
class Crowd:
    """Clients in threads, each with cases of its own and an eye on everybody's."""

    home: Installation
    services: list[Service]
    seed: int
    clients: int = 8
    sent: list[Sent] = field(default_factory=list)
    heard: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    cases: list[Life] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        good(self.services[0].person("rule_writer").send("/v1/playbooks", {"source": COMMON}))
        for number in range(self.clients):
            service = replace(self.services[number % len(self.services)], client=self.home.client())
            self.threads.append(threading.Thread(target=self._client, args=(number, service)))
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        for thread in self.threads:
            thread.join()

    @property
    def acknowledged(self) -> int:
        return self.heard["acknowledged"]

    def _client(self, number: int, service: Service) -> None:
        chance = Random(f"{self.seed}/{number}")  # the choices are the seed's; who is faster is the machine's
        own: list[Life] = []
        try:
            while not self.ending.is_set():
                own = [life for life in own if life.last["stage"] not in DONE]
                if len(own) < OPEN_CASES:
                    own.append(self._file(service, chance))
                    self.cases.append(own[-1])
                    continue
                # Now and then on another client's case, so that commands race and some are refused.
                self._move(chance.choice(own if chance.random() < 0.85 else self.cases[-50:]), chance)
        except Exception as error:  # noqa: BLE001 - a thread's end must be seen
            self.broken.append(repr(error))

    def _file(self, service: Service, chance: Random) -> Life:
        people = {role: service.person(role) for role in ("buyer", "merchant", "arbitrator", "platform")}
        order_id = f"order-{people['buyer'].id}"
        order = an_order(people["buyer"].id, people["merchant"].id, order_id)
        self._insist(lambda: people["platform"].call("PUT", f"/v1/orders/{order_id}", json=order))
        sent = self._command(
            people,
            "buyer",
            "/v1/disputes",
            {"order_id": order_id, "claims": [a_claim(statement=f"又酸又干 {chance.random()}")]},
        )
        assert sent.acknowledged, sent.answer.text
        return Life(people, f"/v1/disputes/{sent.answer.json()['id']}", sent.answer.json())

    def _move(self, life: Life, chance: Random) -> None:
        role, end, body = a_move(life.last, chance)
        if end == "evidence":
            shown = f"photo {chance.random()}".encode()
            sent = self._command(life.people, role, f"{life.at}/evidence", shown)
        else:
            sent = self._command(life.people, role, f"{life.at}/{end}", body)
        if sent.acknowledged:
            life.last = max(life.last, sent.answer.json(), key=lambda case: int(case["version"]))
        else:  # the case has moved on under others' hands
            seen = self._insist(lambda: life.people[role].call("GET", life.at))[0]
            life.last = good(seen).json()

    def _command(self, people: dict[str, Person], role: str, path: str, body: Any) -> Sent:
        person, key = people[role], secrets.token_hex(8)

        def send() -> Response:
            if isinstance(body, bytes):
                return person.show(path.removesuffix("/evidence"), body, key=key)
            return person.send(path, body, key=key)

        sent = Sent(role, person.id, key, send, *self._insist(send))
        self.sent.append(sent)
        self.heard["acknowledged" if sent.acknowledged else "refused"] += 1
        self.heard["acknowledged after doubt"] += bool(sent.doubts and sent.acknowledged)
        self.heard["refused after doubt"] += bool(sent.doubts and not sent.acknowledged)
        return sent

    def _insist(self, send: Callable[[], Response]) -> tuple[Response, int]:
        """Send the same again until somebody answers, and tell how often that was in vain."""
        give_up = time.monotonic() + PATIENCE_S
        doubts = 0
        while True:
            try:
                answer = send()
            except httpx2.TransportError as error:
                self.heard[type(error).__name__] += 1
            else:
                if answer.status_code not in AGAIN and answer.json().get("code") != "busy":
                    if answer.status_code >= 500:
                        self.broken.append(f"{answer.request.url.path}: {answer.status_code} {answer.text}")
                    return answer, doubts
                self.heard[f"{answer.status_code} {answer.json()['code']}"] += 1
            doubts += 1
            assert time.monotonic() < give_up, "nobody answers"
            time.sleep(0.05)


def a_move(case: dict[str, Any], chance: Random) -> tuple[str, str, Any]:
    """Who does what next: mostly what fits the stage, now and then what does not."""
    side = chance.choice(["buyer", "merchant"])
    talk = (side, "messages", {"text": f"第 {chance.random()} 句"})
    show = (side, "evidence", None)
    offer = (side, "offers", OFFER | {"terms": [TERMS[0] | {"amount": yuan(chance.randrange(1, 3980))}]})
    escalate = ("buyer", "escalations", {"reason": "请平台处理"})
    respond = ("merchant", "responses", CONTEST)
    intervene = ("arbitrator", "interventions", None)
    rule = ("arbitrator", "rulings", RULING)
    answers = [
        ("merchant" if one["side"] == "buyer" else "buyer", f"offers/{one['id']}/{end}", body)
        for one in case["offers"]
        if one["state"] == "open"
        for end, body in (("acceptance", None), ("refusal", {"reason": "不够"}))
    ]
    if chance.random() < 0.05:
        return chance.choice([respond, escalate, intervene, rule, *answers])
    match case["stage"]:
        case "awaiting_response":
            return chance.choice([respond, respond, talk, show, offer])
        case "negotiation":
            return chance.choice([talk, show, offer, escalate, *answers, *answers, *answers, *answers])
        case "under_review":
            return chance.choice([talk, show, offer, intervene if case.get("arbitrator") is None else rule])
        case _:
            return talk

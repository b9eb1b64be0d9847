"""A case of oranges for tests: its people, and each step of its life as a request."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.http.service import good

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.http.service import Person, Response, Service

CNY = "CNY"
PATIENCE_S = 30.0


def yuan(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": CNY}


def an_order(buyer: str, merchant: str, order_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "buyer": buyer,
        "merchant": merchant,
        "ordered_at": "2026-11-18T09:30:00+08:00",
        "delivered_at": "2026-11-20T15:10:00+08:00",
        "listing": "冰糖橙 5 斤装",
        "lines": [{"id": "1", "title": "冰糖橙 5 斤装", "quantity": 1, "paid": yuan(3980)}],
        "freight": yuan(0),
        "promises": [{"code": "sweet_or_refund", "text": "不甜包退"}],
    } | changes


def a_claim(**changes: Any) -> dict[str, Any]:
    return {
        "reason": "taste_or_freshness",
        "lines": ["1"],
        "remedy": "refund_only",
        "statement": "又酸又干",
    } | changes


CONTEST = {"answer": "contest", "statement": "口味因人而异"}
TERMS = [{"claim": "c1", "remedy": "partial_refund", "amount": yuan(1000)}]
OFFER = {"terms": TERMS, "note": "退 10 元"}
REQUEST = {"side": "buyer", "kinds": ["parcel_photo"], "why": "请补拍外包装"}
RULING: dict[str, Any] = {
    "awards": [
        {
            "claim": "c1",
            "finding": "upheld",
            "facts": "果肉发干",
            "relied_on": [],
            "rules": ["COMMON-PROMISE-1"],
            "remedies": [{"remedy": "refund_only"}],
        }
    ],
    "reasons": "承诺是合同的一部分",
}


REVERSAL: dict[str, Any] = {
    "awards": [{"claim": "c1", "finding": "dismissed", "facts": "批次一致", "rules": ["COMMON-UNPROVED-1"]}],
    "reasons": "新证据更可信",
}


@dataclass(slots=True)
class Case:
    """A case of its own people; `at` is its address once it is filed."""

    service: Service
    buyer: Person
    merchant: Person
    arbitrator: Person
    platform: Person
    order_id: str
    at: str = ""
    last: Any = field(default_factory=dict)
    position: int = 0

    @property
    def id(self) -> str:
        return self.at.rsplit("/", 1)[-1]

    def register(self, **changes: Any) -> Any:
        body = an_order(self.buyer.id, self.merchant.id, self.order_id, **changes)
        return self.platform.put(f"/v1/orders/{self.order_id}", body)

    def file(self, **changes: Any) -> Case:
        self._keep(self.buyer.send("/v1/disputes", {"order_id": self.order_id, "claims": [a_claim(**changes)]}))
        self.at = f"/v1/disputes/{self.last['id']}"
        return self

    def serve(self) -> Case:
        """The platform's channel has delivered the notice: the merchant's clock runs."""
        return self._keep(self.platform.send(f"{self.at}/notices", {"channel": "app"}))

    def respond(self, **changes: Any) -> Case:
        return self._keep(self.merchant.send(f"{self.at}/responses", CONTEST | changes))

    def claim_more(self, line: str = "2") -> Case:
        return self._keep(self.buyer.send(f"{self.at}/claims", a_claim(lines=[line])))

    def offer(self, by: Person | None = None, **changes: Any) -> Case:
        terms = [TERMS[0] | changes]
        return self._keep((by or self.merchant).send(f"{self.at}/offers", OFFER | {"terms": terms}))

    def accept(self, offer: str = "o1") -> Case:
        return self._keep(self.buyer.send(f"{self.at}/offers/{offer}/acceptance"))

    def escalate(self) -> Case:
        return self._keep(self.buyer.send(f"{self.at}/escalations", {"reason": "请平台处理"}))

    def intervene(self) -> Case:
        return self._keep(self.arbitrator.send(f"{self.at}/interventions"))

    def show(self, person: Person, content: bytes = b"an exhibit", kind: str = "photo") -> Case:
        return self._keep(person.show(self.at, content, data={"kind": kind, "shows": "what it shows"}))

    def ask(self, **changes: Any) -> Case:
        return self._keep(self.arbitrator.send(f"{self.at}/evidence-requests", REQUEST | changes))

    def close_round(self) -> Case:
        return self._keep(self.arbitrator.send(f"{self.at}/evidence-rounds/closing"))

    def rule(self) -> Case:
        return self._keep(self.arbitrator.send(f"{self.at}/rulings", RULING))

    def appeal(self) -> Case:
        return self._keep(self.merchant.send(f"{self.at}/appeals", COMMANDS["file_appeal"][1]))

    def hear(self) -> Case:
        """Another arbitrator takes the case, and is the one from now on."""
        self.arbitrator = self.service.person("arbitrator")
        return self.intervene()

    def reverse(self) -> Case:
        return self._keep(self.arbitrator.send(f"{self.at}/appeals/a1/reversal", REVERSAL))

    def reopen(self) -> Case:
        return self._keep(self.service.person("senior_arbitrator").send(f"{self.at}/reopenings", COMMANDS["reopen"][1]))

    def until_closed(self) -> Case:
        until(lambda: self.platform.get(self.at), lambda case: case["stage"] == "closed")
        return self._keep(self.platform.call("GET", self.at))

    def seen_by(self, person: Person, **params: Any) -> Any:
        return person.get(self.at, **params)

    def trail(self, person: Person) -> list[Any]:
        """The whole trail, once the view is there."""
        entries: list[Any] = person.get(f"{self.at}/trail", after=self.position)["entries"]
        return entries

    def _keep(self, response: Response) -> Case:
        self.last = good(response).json()
        self.position = int(response.headers["Gongduan-Position"])
        return self


def a_case(service: Service) -> Case:
    """People who never met before, and a registered order between them."""
    buyer, merchant = service.person("buyer"), service.person("merchant")
    arbitrator, platform = service.person("arbitrator"), service.person("platform", "shop-system")
    case = Case(service, buyer, merchant, arbitrator, platform, f"order-{buyer.id}")
    case.register()
    return case


def filed(service: Service) -> Case:
    return a_case(service).file()


def served(service: Service) -> Case:
    return filed(service).serve()


def negotiated(service: Service) -> Case:
    return filed(service).respond()


def bargained(service: Service) -> Case:
    """Of two boxes in the order one is in dispute."""
    case = a_case(service)
    lines = [{"id": one, "title": f"冰糖橙 {one}", "quantity": 1, "paid": yuan(3980)} for one in ("1", "2")]
    case.register(lines=lines)
    return case.file().respond()


def reviewed(service: Service) -> Case:
    return negotiated(service).escalate()


def decided(service: Service) -> Case:
    return reviewed(service).intervene().rule()


def proposed(service: Service) -> Case:
    """So much is at stake that another arbitrator has to confirm the ruling."""
    case = a_case(service)
    case.register(lines=[{"id": "1", "title": "山参一支", "quantity": 1, "paid": yuan(600_000)}])
    return case.file().respond().escalate().intervene().rule()


def settled(service: Service) -> Case:
    return negotiated(service).offer().accept()


def appealed(service: Service) -> Case:
    return decided(service).appeal()


def heard(service: Service) -> Case:
    return appealed(service).hear()


def owed_back(service: Service) -> Case:
    """What was paid under an agreement is more than what a reversal awards when the case is heard again."""
    return settled(service).until_closed().reopen().hear().rule().appeal().hear().reverse()


def until(look: Callable[[], Any], good_enough: Callable[[Any], bool], patience_s: float = PATIENCE_S) -> Any:
    """Look again until it is so; a test that waits for nothing ends by failing."""
    give_up = time.monotonic() + patience_s
    while not good_enough(seen := look()):
        assert time.monotonic() < give_up, f"still {seen!r}"
        time.sleep(0.02)
    return seen


def move_clock(service: Service, to: datetime) -> None:
    """Let time pass; where so much fell due on the way that the lists did not catch up in time, go on from there."""
    admin = service.person("admin")

    def move() -> Response:
        now = datetime.fromisoformat(admin.get("/v1/test-clock")["now"])
        later = max(to, now + timedelta(seconds=1))  # it moves by itself, too
        return admin.send("/v1/test-clock", {"to": later.isoformat()})

    good(until(move, lambda answer: answer.status_code != 503, 4 * PATIENCE_S))


# Every command on a case: the end of its address, and a body that would be taken at the right time.
COMMANDS: dict[str, tuple[str, Any]] = {
    "report_notice": ("notices", {"channel": "app", "reference": "push-1"}),
    "respond": ("responses", CONTEST),
    "add_claim": ("claims", a_claim(lines=["2"])),
    "send_message": ("messages", {"text": "照片发了"}),
    "make_offer": ("offers", OFFER),
    "accept_offer": ("offers/o1/acceptance", None),
    "decline_offer": ("offers/o1/refusal", {"reason": "不够"}),
    "submit_evidence": ("evidence", None),
    "request_evidence": ("evidence-requests", REQUEST),
    "close_evidence_round": ("evidence-rounds/closing", None),
    "challenge_evidence": ("evidence/e1/challenges", {"ground": "relevance", "statement": "不是这一单"}),
    "admit_evidence": ("evidence/e1/admission", {"reason": "情有可原"}),
    "exclude_evidence": ("evidence/e1/exclusion", {"reason": "与本案无关"}),
    "escalate": ("escalations", {"reason": "请平台处理"}),
    "intervene": ("interventions", None),
    "give_goodwill": ("goodwill", {"amount": yuan(500), "tender": "money", "why": "一点心意"}),
    "chase": ("chases", {"text": "还要多久"}),
    "release_case": ("releases", {"reason": "休假"}),
    "reassign_case": ("assignments", {"arbitrator": "arbitrator-new", "reason": "分担"}),
    "declare_conflict": ("conflicts", {"ground": "knows_party", "reason": "认识店主"}),
    "add_note": ("notes", {"kind": "internal", "text": "已核对"}),
    "link_case": ("links", {"kind": "related", "reason": "同一批"}),
    "place_legal_hold": ("legal-holds", {"reason": "法院调卷"}),
    "lift_legal_hold": ("legal-holds/lifting", {"reason": "已结案"}),
    "pause_clock": ("pauses", {"ground": "outage", "reason": "后台故障", "hours": 24}),
    "resume_clock": ("resumptions", None),
    "rule": ("rulings", RULING),
    "file_appeal": ("appeals", {"ground": "new_evidence", "statement": "找到了抽检照片"}),
    "reject_appeal": ("appeals/a1/rejection", {"reason": "没有理由"}),
    "uphold_ruling": ("appeals/a1/upholding", {"reasons": "没有错"}),
    "reverse_ruling": ("appeals/a1/reversal", REVERSAL),
    "report_recovery": ("recoveries", {"recovery": "v1", "amount": yuan(1000), "reference": "back-1"}),
    "write_off_recovery": ("recoveries/v1/write-off", {"reason": "账号已注销"}),
    "withdraw": ("withdrawal", {"reason": "不争了"}),
    "reopen": ("reopenings", {"ground": "fraud", "reason": "照片是别人的"}),
    "confirm_ruling": ("rulings/r1/confirmation", None),
    "return_ruling": ("rulings/r1/return", {"reason": "理由不足"}),
    "correct_ruling": ("rulings/r1/corrections", {"kind": "typing", "reasons": "承诺要照办", "why": "笔误"}),
    "request_human": ("human-request", {"reason": "请人看"}),
}


_OTHERS: dict[str, str] = {}


def _another(service: Service) -> str:
    """A case beside the one that is told, to link it to."""
    if service.address not in _OTHERS:
        _OTHERS[service.address] = filed(service).id
    return _OTHERS[service.address]


def do(person: Person, at: str, command: str, **options: Any) -> Response:
    """Send a command on a case, whatever is answered."""
    end, body = COMMANDS[command]
    if command == "submit_evidence":
        return person.show(at, b"a photo in words", **options)
    if command == "link_case":
        body = body | {"dispute": _another(person.service)}
    return person.send(f"{at}/{end}", body, **options)

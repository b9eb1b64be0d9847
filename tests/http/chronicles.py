"""Cases in which everything that a case can hold is held once, each under a word that stands nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from PIL import Image

from tests.contract.test_viewer import a_photo, encoded
from tests.http.matrix import conflict_in
from tests.http.service import good
from tests.http.story import (
    COMMANDS,
    CONTEST,
    OFFER,
    REQUEST,
    REVERSAL,
    RULING,
    TERMS,
    Case,
    a_case,
    bargained,
    filed,
    owed_back,
    served,
    until,
    yuan,
)

if TYPE_CHECKING:
    from tests.http.service import Person, Service


@dataclass(slots=True)
class Chronicle:
    """The cases by name, and the words in them; a case is looked at as of its `moments`, too."""

    cases: dict[str, Case] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    moments: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def word(self, name: str) -> str:
        """A text that stands nowhere else, and is part of no other."""
        self.words[name] = f"Kept{name.title().replace(' ', '')}Here"
        return self.words[name]


def told(service: Service) -> Chronicle:
    """All of them; the clock is moved only while no other case waits for it."""
    chronicle = Chronicle()
    silence(service, chronicle)
    refused_payment(service, chronicle)
    lived(service, chronicle)
    proposed(service, chronicle)
    in_hand(service, chronicle)
    covered(service, chronicle)
    chronicle.cases["owed back"] = case = owed_back(service)
    part = {"recovery": "v1", "amount": yuan(400), "reference": chronicle.word("recovery reference")}
    do(case, case.platform, "recoveries", part)
    bargained_for(service, chronicle)
    chronicle.cases["written off"] = case = owed_back(service)
    senior = service.person("senior_arbitrator")
    do(case, senior, "recoveries/v1/write-off", {"reason": chronicle.word("write off reason")})
    chronicle.cases["withdrawn"] = case = a_case(service).file()
    do(case, case.buyer, "withdrawal", {"reason": chronicle.word("withdrawal reason")})
    for case in chronicle.cases.values():
        conflict_in(case)
    return chronicle


def do(case: Case, person: Person, end: str, body: Any = None) -> Case:
    return case._keep(person.send(f"{case.at}/{end}", body))


def silence(service: Service, chronicle: Chronicle) -> None:
    """A default decision, reversed on appeal; one that waits for an arbitrator, for a person was asked for."""
    notice = {"channel": "app", "reference": chronicle.word("reference of a proof")}
    decided, asked = (do(case, case.platform, "notices", notice) for case in (filed(service), filed(service)))
    do(asked, asked.buyer, "human-request", {})
    admin = service.person("admin")
    now = datetime.fromisoformat(admin.get("/v1/test-clock")["now"])
    admin.post("/v1/test-clock", {"to": (now + timedelta(hours=49)).isoformat()})
    chronicle.cases |= {"decided by default": decided, "default proposed": asked}
    asked._keep(asked.platform.call("GET", asked.at))
    decided._keep(decided.platform.call("GET", decided.at))
    chronicle.moments["decided by default"] = (decided.last["ruling"]["at"],)
    decided.appeal().hear().reverse()


def bargained_for(service: Service, chronicle: Chronicle) -> None:
    """A claim is added, an offer answered by another, and a gesture made beside them."""
    case = bargained(service).claim_more()
    gift = {"amount": yuan(100), "tender": "coupon", "why": chronicle.word("why a gift")}
    do(case, case.merchant, "goodwill", gift)
    both = [TERMS[0], TERMS[0] | {"claim": "c2"}]
    do(case, case.merchant, "offers", {"terms": both, "note": "first"})
    do(case, case.buyer, "offers", {"terms": both, "note": chronicle.word("counter offer"), "counters": "o1"})
    do(case, case.merchant, "offers/o2/acceptance")
    chronicle.cases["bargained for"] = case.until_closed()


def refused_payment(service: Service, chronicle: Chronicle) -> None:
    """The payment service refuses once; what it said then is read as of that moment."""
    case = a_case(service).file().respond().offer()
    token = {"Authorization": f"Bearer {service.payments_token}"}
    good(service.client.post(f"{service.payments}/script", json=[{"answer": "refuse"}], headers=token))
    case.accept().until_closed()
    chronicle.cases["refused payment"] = case
    chronicle.moments["refused payment"] = (case.last["remedies"][0]["tries"][0]["at"],)
    chronicle.words["payment reason"] = "insufficient_balance"
    given = a_case(service).file().respond()
    good(service.client.post(f"{service.payments}/script", json=[{"answer": "refuse"}], headers=token))
    do(given, given.merchant, "goodwill", COMMANDS["give_goodwill"][1])
    [gift] = until(lambda: given.seen_by(given.platform)["goodwill"], lambda gifts: gifts[0]["state"] == "confirmed")
    chronicle.cases["refused gift"] = given
    chronicle.moments["refused gift"] = (gift["tries"][0]["at"],)


def covered(service: Service, chronicle: Chronicle) -> None:
    """A part of what is agreed on had come from outside."""
    case = a_case(service).file().respond()
    refund = {"claim": "c1", "amount": yuan(400), "source": "merchant_transfer", "reference": "transfer-1"}
    do(case, case.platform, "external-refunds", refund)
    chronicle.cases["covered"] = case.offer().accept().until_closed()


def lived(service: Service, chronicle: Chronicle) -> None:
    """From hand to hand, through every chapter, to its end, and opened again."""
    word = chronicle.word
    first, second, third, fourth = (
        service.person("arbitrator", word(f"{name} arbitrator")) for name in ("first", "second", "third", "fourth")
    )
    senior = service.person("senior_arbitrator", word("senior arbitrator"))
    auditor = service.person("auditor", word("holding auditor"))
    other = a_case(service).file()
    chronicle.words["linked case"] = other.id
    buyer, merchant = service.person("buyer", word("buyer")), service.person("merchant", word("merchant"))
    case = Case(service, buyer, merchant, first, service.person("platform", "shop-system"), word("order"))
    second_thoughts = replace(case, order_id="order-2")
    second_thoughts.register()
    do(second_thoughts.file(), buyer, "withdrawal", {"reason": "thought better of it"})
    case.register()
    case.file(statement=word("claim"))
    chronicle.cases["lived"], chronicle.words["case"] = case, case.id
    chronicle.words["number"] = case.last["number"]
    negotiated(chronicle, case, first)
    shown(chronicle, case)
    handed_over(chronicle, case, (first, second, senior, auditor), other)
    decided(chronicle, case, first, third)
    chronicle.words["payment reference"] = case.last["remedies"][0]["reference"]
    refund = {"claim": "c1", "amount": yuan(500), "source": "chargeback", "reference": word("refund reference")}
    do(case, case.platform, "external-refunds", refund)
    chronicle.moments["lived"] = (case.last["ruling"]["final_at"],)
    do(case, senior, "reopenings", {"ground": "fraud", "reason": word("reopening")})
    do(case, fourth, "interventions")
    do(case, fourth, "rulings", RULING)
    case.arbitrator = fourth


def negotiated(chronicle: Chronicle, case: Case, first: Person) -> None:
    """The notice, a pause, the answer, messages and an offer."""
    word, buyer, merchant = chronicle.word, case.buyer, case.merchant
    do(case, case.platform, "notices", {"channel": "sms", "bounced": "refused"})
    do(case, case.platform, "notices", {"channel": "app", "reference": "push-1"})
    do(case, first, "pauses", {"ground": "outage", "reason": word("pause reason"), "hours": 2})
    do(case, first, "resumptions")
    do(case, merchant, "responses", CONTEST | {"statement": word("response")})
    do(case, buyer, "messages", {"text": word("message")})
    do(case, merchant, "offers", OFFER | {"note": word("offer note")})
    do(case, buyer, "offers/o1/refusal", {"reason": word("declining")})


def shown(chronicle: Chronicle, case: Case) -> None:
    """Exhibits of both sides, what is said against one, and the call for the platform."""
    word, buyer, merchant = chronicle.word, case.buyer, case.merchant
    case._keep(buyer.show(case.at, a_photo(), data={"kind": "photo", "shows": word("what it shows")}))
    chronicle.words["camera owner"] = "Lin Secret"
    text = f"chat: {word('text of a file')}".encode()
    case._keep(merchant.show(case.at, text, f"{word('file name')}.txt", data={"kind": "listing", "shows": "chat"}))
    picture = encoded(Image.new("RGB", (64, 48), "green"), "PNG")
    case._keep(merchant.show(case.at, picture, data={"kind": "listing", "shows": "on the shelf"}))
    do(case, merchant, "evidence/e1/challenges", {"ground": "relevance", "statement": word("challenge")})
    do(case, buyer, "chases", {"text": word("chase")})
    do(case, buyer, "escalations", {"reason": word("escalation")})
    do(case, buyer, "human-request", {"reason": word("human request")})


def handed_over(chronicle: Chronicle, case: Case, staff: tuple[Person, Person, Person, Person], other: Case) -> None:
    """From hand to hand, with what is written down on the way for the platform's own people."""
    word, (first, second, senior, auditor) = chronicle.word, staff
    do(case, first, "interventions")
    do(case, first, "notes", {"kind": "internal", "text": word("internal note")})
    do(case, first, "notes", {"kind": "public", "text": word("public note")})
    do(case, first, "links", {"dispute": other.id, "kind": "related", "reason": word("link reason")})
    do(case, auditor, "legal-holds", {"reason": word("former hold")})
    do(case, auditor, "legal-holds/lifting", {"reason": word("lifting")})
    do(case, auditor, "legal-holds", {"reason": word("hold reason")})
    do(case, first, "releases", {"reason": word("release reason")})
    do(case, senior, "assignments", {"arbitrator": second.id, "reason": word("assignment reason")})
    do(case, senior, "assignments", {"arbitrator": first.id, "reason": "back"})
    conflict = {"ground": "knows_party", "reason": word("conflict reason")}
    good(second.send(f"{case.at}/conflicts", conflict))


def decided(chronicle: Chronicle, case: Case, first: Person, third: Person) -> None:
    """What counts, the ruling, its correction, its appeal, its payment."""
    word, merchant = chronicle.word, case.merchant
    do(case, first, "evidence-requests", REQUEST | {"why": word("request reason")})
    case.show(case.buyer, a_photo("grey"), "parcel_photo")
    do(case, first, "evidence-rounds/closing")
    do(case, first, "evidence/e1/exclusion", {"reason": word("exclusion reason")})
    do(case, first, "evidence/e2/exclusion", {"reason": "to be admitted again"})
    do(case, first, "evidence/e2/admission", {"reason": word("admission reason")})
    ruling = RULING["awards"][0] | {"facts": word("facts")}
    do(case, first, "rulings", {"awards": [ruling], "reasons": "before its correction"})
    correction = {"kind": "typing", "reasons": word("reasons"), "why": word("correction")}
    do(case, first, "rulings/r1/corrections", correction)
    do(case, merchant, "appeals", {"ground": "new_evidence", "statement": word("appeal")})
    do(case, third, "interventions")
    do(case, third, "appeals/a1/upholding", {"reasons": word("upholding")})
    case.until_closed()


def proposed(service: Service, chronicle: Chronicle) -> None:
    """So much is at stake that another has to look: it waits for that, is sent back, is confirmed."""
    for name in ("proposed", "returned", "confirmed"):
        case = a_case(service)
        case.register(lines=[{"id": "1", "title": "山参一支", "quantity": 1, "paid": yuan(600_000)}])
        case.file().respond().escalate().intervene()
        award = RULING["awards"][0] | {"facts": chronicle.word(f"{name} facts")}
        do(case, case.arbitrator, "rulings", {"awards": [award], "reasons": chronicle.word(f"{name} reasons")})
        chronicle.cases[name] = case
    chronicle.moments["returned"] = (chronicle.cases["returned"].last["proposal"]["at"],)
    why, another = {"reason": chronicle.word("why it was returned")}, service.person("arbitrator")
    do(chronicle.cases["returned"], another, "rulings/r1/return", why)
    confirmed = do(chronicle.cases["confirmed"], another, "rulings/r1/confirmation")
    chronicle.moments["confirmed"] = (confirmed.last["ruling"]["at"],)
    confirmed.appeal().hear().reverse()
    little = a_case(service)
    little.register(lines=[{"id": "1", "title": "山参一支", "quantity": 1, "paid": yuan(600_000)}])
    little.file().respond().escalate().intervene()
    part = RULING["awards"][0] | {"remedies": [{"remedy": "partial_refund", "amount": yuan(1000)}]}
    do(little, little.arbitrator, "rulings", RULING | {"awards": [part]})
    chronicle.cases["proposed on appeal"] = little.appeal().hear()
    do(little, little.arbitrator, "appeals/a1/reversal", RULING)


def in_hand(service: Service, chronicle: Chronicle) -> None:
    """What stands in a case only for a time: an open request, a clock that stands still, a running appeal."""
    asked = a_case(service).file().respond().escalate().intervene().ask(side="merchant", kinds=["listing"]).ask()
    asked.show(asked.buyer, a_photo("grey"), "parcel_photo")
    paused = served(service)
    do(paused, paused.arbitrator, "pauses", COMMANDS["pause_clock"][1])
    reversed_ = a_case(service).file().respond().escalate().intervene().rule().appeal()
    hearing = service.person("arbitrator", chronicle.word("hearing arbitrator"))
    do(reversed_, hearing, "interventions")
    do(reversed_, hearing, "appeals/a1/reversal", REVERSAL)
    reversed_.arbitrator = hearing
    agreed = a_case(service).file()
    do(agreed, agreed.merchant, "responses", CONTEST | {"answer": "accept"})
    chronicle.cases |= {"asked": asked, "paused": paused, "reversed": reversed_, "agreed": agreed.until_closed()}


def caught_up(chronicle: Chronicle) -> None:
    """Once this returns, every list knows all of it."""
    position = max(case.position for case in chronicle.cases.values())
    reader = chronicle.cases["lived"].arbitrator
    until(lambda: reader.call("GET", "/v1/queue", params={"after": position}), lambda answer: answer.is_success)

"""The service's log: one JSON line for each command, and nobody's words or names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infrastructure.observability import FIELDS
from tests.http.service import good, refused
from tests.http.story import COMMANDS, RULING, a_case, a_claim, do

if TYPE_CHECKING:
    from tests.http.service import Service

WORDS = "这句话不该进日志"
FILE = "身份证照片-13800138000.txt"


def test_each_command_is_one_line_and_nobodys_words_are_in_it(service: Service) -> None:
    since = service.log_size()
    case = a_case(service)
    sent = ["register_order"]

    def step(command: str, expected: str = "done") -> None:
        sent.append(f"{command} {expected}")

    filing = {"order_id": case.order_id, "claims": [a_claim(statement=WORDS)]}
    case.at = good(case.buyer.send("/v1/disputes", filing, key="file")).headers["location"]
    step("file_dispute")
    good(case.buyer.send("/v1/disputes", filing, key="file"))
    step("file_dispute", "repeated")
    refused(do(case.merchant, case.at, "make_offer"), 409, "not_open_for_this")
    step("make_offer", "refused")
    refused(do(service.person("buyer"), case.at, "send_message"), 404, "not_found")
    step("send_message", "not_there")
    good(case.merchant.send(f"{case.at}/responses", {"answer": "contest", "statement": WORDS}))
    step("respond")
    good(case.buyer.send(f"{case.at}/messages", {"text": WORDS}))
    step("send_message")
    form = {"kind": "photo", "shows": WORDS}
    good(case.buyer.show(case.at, f"the file says {WORDS}".encode(), FILE, data=form))
    step("submit_evidence")
    refused(case.buyer.show(case.at, b"\x00", FILE, data=form), 422, "unsupported_media_type")
    step("submit_evidence", "refused")
    refused(service.person("merchant").show(case.at, b"x", FILE, data=form), 404, "not_found")
    step("submit_evidence", "not_there")
    good(case.merchant.send(f"{case.at}/offers", COMMANDS["make_offer"][1] | {"note": WORDS}))
    step("make_offer")
    good(case.buyer.send(f"{case.at}/offers/o1/refusal", {"reason": WORDS}))
    step("decline_offer")
    good(case.buyer.send(f"{case.at}/escalations", {"reason": WORDS}))
    step("escalate")
    good(do(case.arbitrator, case.at, "intervene"))
    step("intervene")
    awards = [RULING["awards"][0] | {"facts": WORDS}]
    ruled = good(case.arbitrator.send(f"{case.at}/rulings", {"awards": awards, "reasons": WORDS})).json()
    step("rule")
    service.person("admin").post("/v1/test-clock", {"to": ruled["ruling"]["appeal_until"]})
    case.until_closed()
    for person in (case.buyer, case.arbitrator):
        person.call("GET", f"{case.at}/account")
        case.trail(person)

    lines = service.lines(since)
    commands = [line for line in lines if line["event"] == "command" and line["role"] != "service"]
    told = [f"{line['command']} {line['outcome']}" for line in commands]
    assert told == ["register_order done", *sent[1:]]
    assert all(set(line) <= FIELDS for line in lines)
    assert {line["code"] for line in commands if line["outcome"] == "refused"} == {
        "not_open_for_this",
        "unsupported_media_type",
    }
    text = service.log(since)
    people = [case.buyer.id, case.merchant.id, case.arbitrator.id, case.platform.id, case.order_id]
    for secret in (WORDS, FILE, "13800138000", *people):
        assert secret not in text, secret
    for token in (case.buyer.token, case.arbitrator.token):
        assert token not in text


def test_the_whole_log_is_json_lines(service: Service) -> None:
    assert {"event", "level", "timestamp"} <= set.intersection(*(set(line) for line in service.lines()))

"""Every command on a dispute, sent over the desk as its party would."""

from __future__ import annotations

from domain.dispute.intake import Answer
from domain.dispute.stages import Stage
from tests.support.builders import ARBITRATOR, BUYER, MERCHANT, a_term, digest
from tests.support.house import (
    House,
    accept_offer,
    decline_offer,
    escalate,
    fields,
    intervene,
    make_offer,
    respond,
    rule,
    send_message,
    submit_evidence,
)


def test_a_dispute_settled_by_an_offer_from_filing_to_the_end() -> None:
    house = House()
    dispute = house.opened()
    house.do(submit_evidence(dispute))
    house.do(send_message(dispute))
    house.do(respond(dispute))
    house.do(make_offer(dispute))
    house.do(decline_offer(dispute))
    house.do(make_offer(dispute, key="a better one"))
    house.do(accept_offer(dispute, "o2"))
    assert house.topics(dispute) == [
        "filed",
        "evidence_submitted",
        "message_sent",
        "merchant_responded",
        "offer_made",
        "offer_declined",
        "offer_made",
        "offer_accepted",
        "settled",
        "remedy_ordered",
    ]
    assert house.case(dispute).dispute.stage is Stage.CARRYING_OUT


def test_a_dispute_decided_by_an_arbitrator() -> None:
    house = House()
    dispute = house.contested()
    house.do(submit_evidence(dispute))
    house.do(escalate(dispute))
    house.do(intervene(dispute))
    house.do(rule(dispute))
    assert house.topics(dispute)[2:] == [
        "evidence_submitted",
        "escalated",
        "platform_intervened",
        "case_assigned",
        "ruling_confirmed",
    ]
    state = house.case(dispute).dispute
    assert (state.stage, state.review.arbitrator) == (Stage.DECIDED, ARBITRATOR)


def test_a_counter_offer_brings_its_terms() -> None:
    house = House()
    dispute = house.opened()
    from application.commands.intake import Respond

    terms = (a_term(),)
    envelope = fields(dispute, MERCHANT, "counter", {})
    house.do(Respond(answer=Answer.COUNTER, statement="赔您一部分", terms=terms, **envelope))
    assert house.case(dispute).dispute.negotiation.offers[0].made.terms == terms


def test_a_commands_id_follows_from_platform_person_and_key() -> None:
    one = send_message(House().opened())
    assert one.command_id == send_message(one.dispute).command_id
    others = (
        send_message(one.dispute, key="other"),
        send_message(one.dispute, by=MERCHANT),
        send_message(one.dispute, by=BUYER.model_copy(update={"id": "x"})),
    )
    assert len({one.command_id, *(other.command_id for other in others)}) == 4


def test_what_was_shown_is_recorded_with_its_digest() -> None:
    house = House()
    dispute = house.opened()
    house.do(submit_evidence(dispute, "the photo"))
    [exhibit] = house.case(dispute).dispute.evidence.exhibits
    assert (exhibit.file.digest, exhibit.kind, exhibit.by) == (digest("the photo"), "photo", BUYER)

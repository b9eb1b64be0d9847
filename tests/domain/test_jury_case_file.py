"""The case file that jurors are shown: both sides, what counts, and nothing of who they are."""

from __future__ import annotations

from typing import Any

from domain.dispute.admission import ChallengeGround, EvidenceChallenged
from domain.dispute.intake import Answer
from domain.dispute.negotiation import MessageSent
from domain.dispute.note import NoteAdded, NoteKind
from domain.jury.case_file import CaseFile, case_file
from domain.jury.profile import Side
from domain.kernel import Event
from tests.support.builders import (
    ARBITRATOR,
    BUYER,
    MERCHANT,
    a_claim_asked,
    a_closed_round,
    a_file,
    a_filed_dispute,
    a_playbook,
    a_response,
    an_escalation,
    an_exhibit,
    an_offer,
    an_order,
    cny,
    hours,
    two_claims_asked,
)
from tests.support.given import fold


def a_message(text: str, by: Any = BUYER) -> MessageSent:
    return MessageSent(text=text, by=by, at=hours(2))


def shown(*events: Event) -> CaseFile:
    return case_file(fold(*events), a_playbook())


def a_case(*more: Event) -> tuple[Event, ...]:
    return (a_filed_dispute(*two_claims_asked()), a_response(), *more)


def test_both_sides_stand_in_it_with_what_they_claim_answer_show_and_write() -> None:
    photo, listing = an_exhibit(), an_exhibit("e2", content="a page", kind="listing", by=MERCHANT, shows="商品页")
    challenge = EvidenceChallenged(
        exhibit="e1", ground=ChallengeGround.AUTHENTICITY, statement="不是这箱", by=MERCHANT, at=hours(3)
    )
    found = shown(*a_case(photo, listing, challenge, a_message("芒果酸"), a_message("不酸", MERCHANT)))
    assert [(one.id, one.asked, one.statement) for one in found.claims] == [
        ("c1", cny(3980), "芒果是酸的"),
        ("c2", cny(1000), "葡萄烂了一半"),
    ]
    assert [one.title for one in found.claims[0].goods] == ["果 1"]
    assert found.claims[0].reason.zh == "口味或新鲜度与描述不符"
    assert (found.answer, found.listing, found.freight) == (Answer.CONTEST, "树上熟芒果，不甜包赔", cny(600))
    assert found.answer_statement
    assert [(one.id, one.side, one.has_view) for one in found.exhibits] == [
        ("e1", Side.BUYER, True),
        ("e2", Side.SELLER, True),
    ]
    assert [one.statement for one in found.exhibits[0].challenged] == ["不是这箱"]
    assert found.exhibits[1].challenged == ()
    assert [(one.side, one.text) for one in found.messages] == [(Side.BUYER, "芒果酸"), (Side.SELLER, "不酸")]


def test_what_was_offered_and_what_staff_wrote_is_not_in_it() -> None:
    offer = an_offer().model_copy(update={"note": "退您五块算了"})
    text = shown(
        *a_case(
            offer, an_escalation(), NoteAdded(kind=NoteKind.INTERNAL, text="买家常来投诉", by=ARBITRATOR, at=hours(9))
        )
    ).model_dump_json()
    assert "五块" not in text
    assert "投诉" not in text
    assert ARBITRATOR.id not in text


def test_evidence_that_does_not_count_is_not_in_it() -> None:
    late = an_exhibit("e2", content="late", late=True)
    found = shown(*a_case(an_exhibit(), an_escalation(), a_closed_round(), late))
    assert [one.id for one in found.exhibits] == ["e1"]


def test_a_file_that_cannot_be_drawn_is_told_and_not_shown() -> None:
    plain = a_file("words").model_copy(update={"media_type": "text/plain"})
    found = shown(*a_case(an_exhibit().model_copy(update={"file": plain})))
    assert [one.has_view for one in found.exhibits] == [False]


def test_nobody_who_reads_it_learns_who_the_parties_are() -> None:
    secret = f"{BUYER.id} 和 {MERCHANT.id.upper()}，订单 order-1，电话 13800138000，微信：cam_lover88"
    order = an_order(
        listing=f"芒果 {MERCHANT.id} {secret}",
        lines=tuple(one.model_copy(update={"title": f"果 {secret}"}) for one in an_order().lines),
    )
    filed = a_filed_dispute(a_claim_asked(statement=secret), order=order)
    answered = a_response().model_copy(update={"statement": secret})
    challenge = EvidenceChallenged(
        exhibit="e1", ground=ChallengeGround.AUTHENTICITY, statement=secret, by=MERCHANT, at=hours(3)
    )
    text = shown(
        filed, answered, an_exhibit(shows=secret, file_name=f"{BUYER.id}.jpg"), challenge, a_message(secret)
    ).model_dump_json()
    for word in (BUYER.id, MERCHANT.id, "order-1", "13800138000", "cam_lover88", "jpg"):
        assert word.casefold() not in text.casefold(), word
    assert text.count("⟦buyer⟧ 和 ⟦seller⟧，订单 ⟦order⟧，电话 ⟦phone⟧，微信⟦") == 0
    assert text.count("⟦buyer⟧ 和 ⟦seller⟧，订单 ⟦order⟧，电话 ⟦phone⟧，⟦account⟧") == 7


def test_a_name_within_another_word_is_no_name() -> None:
    found = shown(*a_case(a_message(f"x{BUYER.id} {BUYER.id}x order-12 my-order-1")))
    assert found.messages[0].text == f"x{BUYER.id} {BUYER.id}x order-12 my-order-1"


def test_the_same_case_gives_the_same_digest_and_another_word_another() -> None:
    one, same = shown(*a_case(a_message("芒果酸"))), shown(*a_case(a_message("芒果酸")))
    assert one.digest() == same.digest() != shown(*a_case(a_message("芒果甜"))).digest()
    assert CaseFile.model_validate_json(one.model_dump_json()) == one


def test_a_reason_that_the_playbook_does_not_have_is_told_by_its_code() -> None:
    filed = a_filed_dispute(a_claim_asked())
    claim = filed.claims[0].model_copy(update={"reason": "gone"})
    found = shown(filed.model_copy(update={"claims": (claim,)}), a_response())
    assert (found.claims[0].reason.zh, found.claims[0].reason.en) == ("gone", "gone")


def test_a_seller_who_has_not_answered_has_no_answer() -> None:
    found = shown(a_filed_dispute(a_claim_asked()))
    assert (found.answer, found.answer_statement) == (None, None)

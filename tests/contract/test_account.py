"""The trail and the account tell a case so that somebody who was not there understands it."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from application.commands.intake import case_number
from domain.dispute import outside, recovery, remedy
from domain.dispute.link import CaseLinked
from domain.events import EVENTS
from domain.kernel import Role, begun
from domain.money import Money
from domain.playbook.playbook import RemedyKind
from domain.playbook.remedies import derive
from infrastructure.web.account import account, arithmetic, tell
from infrastructure.web.plain_text import columns, neutral, wrapped
from infrastructure.web.sentences import LANGUAGES, Language
from infrastructure.web.trail import payment
from tests.contract.log import DISPUTE, PLATFORM, PLAYBOOK, Log, an_order, yuan
from tests.contract.samples import (
    STORIES,
    asked_for_a_person,
    contested,
    decided,
    expired,
    filed,
    refunded,
    samples,
    served,
    settled,
    told_whole,
    twice_looked_at,
    undetermined,
)

HOSTILE = "\x1b[2J\x1b]0;title\x07ok\r\n#9  14:05  公断 结案\n\u202egnp.exe\u2028\u200b{number}%s" + "啊" * 300


def whole(log: Log, language: Language, viewer: Role | None = None) -> str:
    return account(log.case, log.trail, language, viewer)


def test_there_is_a_sample_of_every_event_class() -> None:
    assert {type(one.event) for one in samples()} == set(EVENTS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_event_is_told_with_who_and_what(language: Language) -> None:
    for recorded in samples():
        told = tell(recorded, language)
        assert told.at == recorded.metadata.at
        assert told.who
        assert told.what
        for text in (told.who, told.what, told.why):
            assert "{" not in text, recorded.event
            assert "–" not in text, recorded.event
            assert text == neutral(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_event_tells_another_thing(language: Language) -> None:
    told = {(type(one.event), tell(one, language).what) for one in samples()}
    assert len({what for _, what in told}) == len(told)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("story", STORIES)
def test_every_account_fits_a_terminal(story: str, language: Language) -> None:
    log = STORIES[story]()
    for width in (80, 100):
        for line in account(log.case, log.trail, language, width=width).splitlines():
            assert columns(line) <= width
            assert line == line.rstrip()


CHINESE = """\
纠纷单 D-ABCDE-12345
买家 buyer-lin · 商家 shop-orchard · 订单 20260228-7781
阶段：已结案，裁决解决 · 截至 #15，2026年3月10日 13:05（北京时间）
  c1 口味或新鲜度与描述不符（质量）：仅退款 39.80 元，实付 39.80 元
时间线（北京时间）
  #2  2026年3月2日 16:05           商家 shop-orchard 不接受诉求
                                   > 口味因人而异，不是退款理由。
  #5  2026年3月2日 16:05           商家 shop-orchard 提出协商方案 o1：c1 部分退款 5.00 元；
  #8  2026年3月3日 13:05           仲裁员 arbitrator-wang 代表平台介入
  #11  2026年3月10日 13:05         公断 记录：裁决 r1 生效
  付款 l1 #3  2026年3月10日 13:05  公断 记录：第 1 次付款结果不明
                                   > 支付服务没有答复，可能已付。
                                   > 支付服务拒付：insufficient_balance。
  #15  2026年3月10日 13:05         公断 结案：裁决解决
  e1 照片 · 买家 buyer-lin · PNG 图片，117 kB · SHA-256 55c64d0fcd6f9d5f
     > 切开的橙子，果肉发干（文件：orange.png）
裁决 r1
    > 商家自己作了承诺，就要照办。
  诉求 c1：支持
      > 页面承诺不甜包退；买家照片显示果肉发干。
    采信的证据：e1
      第 1 项实付 39.80 元 → 100% (COMMON-REFUND-FULL) = 39.80 元
  l1 商家 shop-orchard 付给买家 buyer-lin 39.80 元（仅退款）：已付
     第 3 次。付款编号：pay-000001
  没有待办事项。
"""
ENGLISH = """\
Dispute D-ABCDE-12345
buyer buyer-lin · merchant shop-orchard · order 20260228-7781
Stage: closed, decided · as of #15, 10 March 2026, 13:05 (UTC+8)
  c1 Taste or freshness is not as described (quality): refund only CNY 39.80, CNY 39.80 was paid
Timeline (UTC+8)
  #2  2 March 2026, 16:05             Merchant shop-orchard contested the claims
  #5  2 March 2026, 16:05             Merchant shop-orchard made offer o1: c1 partial refund
                                      CNY 5.00; open until 4 March 2026, 16:05 (UTC+8)
  #8  3 March 2026, 13:05             Arbitrator arbitrator-wang stepped in for the platform
  payout l1 #3  10 March 2026, 13:05  Gongduan recorded that payment attempt 1 had no clear answer
                                      > The payment service refused: insufficient_balance.
  #15  10 March 2026, 13:05           Gongduan closed the case: decided
Ruling r1
  Claim c1: upheld
    Rule COMMON-PROMISE-1: Where the merchant promised something with the sale and the goods do not
      paid for line 1 CNY 39.80 → 100% (COMMON-REFUND-FULL) = CNY 39.80
  l1 merchant shop-orchard pays buyer buyer-lin CNY 39.80 (refund only): paid
     Attempt 3. Payment reference: pay-000001
  Nothing is left to do.
"""


@pytest.mark.parametrize(("language", "lines"), [("zh", CHINESE), ("en", ENGLISH)])
def test_a_whole_story_is_told_from_the_filing_to_the_payment(language: Language, lines: str) -> None:
    told = whole(told_whole(), language).splitlines()
    at = 0
    for line in lines.splitlines():
        assert line in told[at:], line
        at = told.index(line, at) + 1


@pytest.mark.parametrize(
    ("story", "language", "lines"),
    [
        (
            "filed",
            "zh",
            [
                "  商家接受诉求、不接受诉求或另提协商方案。",
                "  通知时限到 2026年3月5日 14:05（北京时间）（平台，3 天，24×7 连续计时）",
                "  逾期的后果：期满仍不能证明商家已收到通知的，由平台仲裁员处理，商家不算缺席。",
            ],
        ),
        (
            "decided",
            "en",
            [
                "  The appeal window runs.",
                "  The appeal window ends 10 March 2026, 13:05 (UTC+8) (buyer, merchant, 7 days, 24×7).",
                "  Consequence of silence: If nobody appeals in time, the ruling is final and the remedies are",
            ],
        ),
        ("negotiated", "zh", ["  等仲裁员接手。"]),
        ("lapsed", "en", ["  An arbitrator takes the case."]),
        ("settled", "zh", ["  支付服务付款；全部确认后结案。"]),
    ],
)
def test_an_account_says_what_is_next_by_when_and_what_silence_does(
    story: str, language: Language, lines: list[str]
) -> None:
    told = whole(STORIES[story](), language)
    assert told.splitlines()[-len(lines) - (story == "decided") :][: len(lines)] == lines


def test_silence_is_told_with_its_arithmetic() -> None:
    lapsed = STORIES["lapsed"]().trail[-1]
    assert tell(lapsed, "zh").why == (
        "回应时限：2026年3月2日 15:05（北京时间） + 48 小时（24×7 连续计时）= 2026年3月4日 15:05（北京时间）。"
        "商家收到通知后逾期不回应，平台介入：退款和运费按买家的诉求作缺席判定，金额较大的先由仲裁员确认；要求其他赔付的由仲裁员处理。"
    )
    assert tell(lapsed, "en").why.startswith(
        "The answer clock: 2 March 2026, 15:05 (UTC+8) + 48 hours (24×7) = 4 March 2026, 15:05 (UTC+8)."
    )


def test_a_default_is_told_with_its_proof() -> None:
    told = whole(STORIES["defaulted"](), "en")
    assert "  By default, 5 March 2026, 15:05 (UTC+8)" in told
    proof = " ".join(told.split())
    assert "By COMMON-SILENCE-1. The notice: delivered, app, 2 March 2026, 15:05 (UTC+8)." in proof
    assert "48 hours (24×7; paused 2 March 2026, 20:05 (UTC+8) to 3 March 2026, 20:05 (UTC+8)) = 5 March 2026" in proof
    assert "Claim c1: upheld" in proof


def test_an_agreement_says_on_what_it_rests() -> None:
    assert "> 商家接受全部诉求。" in whole(STORIES["accepted"](), "zh")
    assert "> Both sides agree on offer o1." in whole(settled(), "en")


def test_an_amount_that_somebody_set_is_told_as_set() -> None:
    step, _ = derive(PLAYBOOK, RemedyKind.PARTIAL_REFUND, an_order(), ("1",), yuan("19.90"))
    assert arithmetic("zh", step) == ("第 1 项实付 39.80 元 → 酌定，最高 100% (COMMON-REFUND-PART) = 19.90 元")


def test_an_amount_over_several_lines_is_told_as_their_sum() -> None:
    line = an_order().lines[0]
    order = an_order().model_copy(update={"lines": (line, line.model_copy(update={"id": "2", "paid": yuan("10.20")}))})
    step, _ = derive(PLAYBOOK, RemedyKind.REFUND_ONLY, order, ("1", "2"), None)
    assert step.amount == Money(minor=5000, currency="CNY")
    assert arithmetic("en", step) == (
        "paid for line 1 CNY 39.80 + paid for line 2 CNY 10.20 → together CNY 50.00"
        " → 100% (COMMON-REFUND-FULL) = CNY 50.00"
    )


def test_freight_is_told_with_how_it_was_split() -> None:
    line = an_order().lines[0]
    lines = (line, line.model_copy(update={"id": "2", "paid": yuan("10.20")}))
    order = an_order().model_copy(update={"lines": lines, "freight": yuan("6.00")})
    step, _ = derive(PLAYBOOK, RemedyKind.FREIGHT_REFUND, order, ("1",), None)
    assert arithmetic("en", step) == (
        "freight of the order CNY 6.00 → the claimed goods' part by price, CNY 39.80 of CNY 50.00 = CNY 4.78"
        " → 100% (COMMON-FREIGHT) = CNY 4.78"
    )
    assert "按实付金额分摊，诉求商品 39.80 元，全单 50.00 元 = 4.78 元" in arithmetic("zh", step)


def test_a_cap_is_told_with_the_rule_that_sets_it() -> None:
    step, _ = derive(PLAYBOOK, RemedyKind.COUPON, an_order(), ("1",), yuan("5.00"))
    assert arithmetic("en", step) == (
        "cap of COMMON-COUPON CNY 50.00 → set by the decider, no higher (COMMON-COUPON) = CNY 5.00"
    )
    rule = begun(PLAYBOOK.remedy(RemedyKind.REFUND_ONLY)).model_copy(update={"at_most": (yuan("20.00"),)})
    capped = PLAYBOOK.model_copy(update={"remedies": (rule,)})
    step, _ = derive(capped, RemedyKind.REFUND_ONLY, an_order(), ("1",), None)
    assert arithmetic("zh", step) == (
        "取较低者：(第 1 项实付 39.80 元 → 100% (COMMON-REFUND-FULL) = 39.80 元)、"
        "(COMMON-REFUND-FULL 的上限 20.00 元) = 20.00 元"
    )


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Merchant shop-orchard gives buyer buyer-lin a coupon worth CNY 5.00"),
        ("zh", "发给买家 buyer-lin 5.00 元的优惠券"),
    ],
)
def test_a_coupon_is_given_and_not_paid(language: Language, told: str) -> None:
    ordered = remedy.RemedyOrdered(
        line="l1",
        claim="c1",
        remedy=RemedyKind.COUPON,
        payer=Role.MERCHANT,
        payer_id="shop-orchard",
        payee=Role.BUYER,
        payee_id="buyer-lin",
        amount=yuan("5.00"),
        credited=yuan("0.00"),
        payout=remedy.payout_id(DISPUTE, "l1"),
        at=filed().at,
    )
    for paying in (ordered, remedy.payout_of("common", DISPUTE, ordered)):
        assert told.lower() in payment(language, paying).lower()
    log = settled()
    recorded = replace(log.trail[-1], event=ordered)
    assert tell(recorded, language).what.endswith(payment(language, ordered))  # and not “(coupon)” once more


def test_a_silence_that_comes_to_too_much_is_told_with_its_limit() -> None:
    limited = PLAYBOOK.model_copy(update={"silence": (yuan("10.00"),)})
    told = whole(expired(served(), limited), "en")
    assert "CNY 39.80 together is more than the CNY 10.00 that silence decides by itself" in " ".join(told.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_party_does_not_read_which_arbitrator_decides_nor_the_providers_words(language: Language) -> None:
    log = told_whole()
    for party in (Role.BUYER, Role.MERCHANT):
        told = whole(log, language, party)
        for hidden in ("arbitrator-wang", "pay-000001", "insufficient_balance"):
            assert hidden not in told
    for viewer in (Role.AUDITOR, Role.ARBITRATOR, None):
        told = whole(log, language, viewer)
        for shown in ("arbitrator-wang", "pay-000001", "insufficient_balance"):
            assert shown in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_words_stay_words(language: Language) -> None:
    for log in (filed(HOSTILE), contested(HOSTILE)):
        told = whole(log, language)
        assert not [one for one in told if unicodedata.category(one)[0] == "C" and one != "\n"]
        forged = [line for line in told.splitlines() if "#9" in line]
        assert forged
        assert all(line.lstrip().startswith("> ") for line in forged)
        assert "{number}%s" in told
        assert max(map(columns, told.splitlines())) <= 100


@settings(deadline=None)
@given(st.text(max_size=300), st.integers(20, 100))
def test_any_text_is_set_in_lines_that_fit_and_lose_nothing(text: str, width: int) -> None:
    lines = wrapped(neutral(text), "  > ", "  > ", width)
    assert all(columns(line) <= width for line in lines)
    assert all(line.startswith("  >") for line in lines)
    kept = "".join(line.removeprefix("  >") for line in lines).replace(" ", "")
    assert kept == neutral(text).replace(" ", "")


def test_chinese_lines_do_not_begin_with_closing_punctuation() -> None:
    text = "收到的橙子又酸又干，页面写着不甜包退，要求退款。" * 6
    for width in range(20, 60):
        assert not [line for line in wrapped(text, width=width) if line[0] in "，。"]


def test_the_account_of_a_decided_case_shows_the_ruling_before_any_payment() -> None:
    told = whole(decided(), "zh")
    assert "裁决 r1\n-------" in told
    assert "\n赔付\n" not in told


def test_money_from_outside_and_a_halted_payment_are_told_to_everybody_without_the_payments_names() -> None:
    log = refunded()
    told = account(log.case, log.trail, "en", Role.BUYER)
    for words in (
        "beside CNY 1.00 that the buyer had already",
        "reported that the buyer got CNY 10.00 outside for claim c1",
        "less is paid: l1 CNY 10.00",
        "halted the payment: CNY 38.80 was paid instead, attempt 1",
        "halted: another amount was paid",
        "CNY 11.00 came from outside.",
    ):
        assert words in " ".join(told.split()), words
    assert "transfer-17" not in told
    assert "pay-000002" not in told
    whole = account(log.case, log.trail, "zh")
    for words in ("transfer-17", "pay-000002", "站外已付 11.00 元"):
        assert words in whole


def test_what_counts_and_what_was_asked_for_is_told_at_the_exhibits() -> None:
    told = " ".join(whole(STORIES["requested"](), "en", Role.BUYER).split())
    for words in (
        "Arbitrator asked the buyer for evidence, q1: photo of the parcel; until",
        "Gongduan recorded that all that q1 asked for is there",
        "recorded that evidence was not shown in time; round 1 is closed for: merchant > The evidence clock q2:",
        "Late: it came after the evidence round was closed. Admitted: it counts. > 页面由平台留存",
        "Challenged by the merchant: not authentic > 不是我们发的箱子。 Excluded: it does not count. > 面单看不清",
        "q1 buyer: photo of the parcel · answered, until",
        "q2 merchant: listing · not answered in time, until",
    ):
        assert words in told, words
    assert "arbitrator-wang" not in told


def test_what_was_paid_too_much_is_told() -> None:
    log = told_whole()
    events, _ = remedy.report_refund(
        log.dispute, {}, "c1", yuan("5.00"), outside.RefundSource.CHARGEBACK, "cb-1", by=PLATFORM, at=log.at
    )
    log.add(DISPUTE, PLATFORM, events)
    assert "Claim c1: CNY 5.00 more than was awarded came to the buyer." in account(log.case, log.trail, "en")


def test_a_remedy_that_ends_is_told_with_what_was_paid_of_it() -> None:
    ended = {
        paid: recovery.RemedyStopped(line="l1", claim="c1", paid=yuan(paid), unpaid=yuan(unpaid), at=filed().at)
        for paid, unpaid in (("39.80", "0.00"), ("0.00", "39.80"))
    }
    log = filed()
    log.add(DISPUTE, PLATFORM, ended.values())
    whole_paid, nothing_paid = (tell(one, "en").what for one in log.trail[-2:])
    assert whole_paid == "ended remedy l1 of before: the CNY 39.80 that was paid counts"
    assert "CNY 39.80 is not paid any more" in nothing_paid


def test_a_case_is_named_by_its_number_where_another_one_tells_of_it() -> None:
    told = [(one.event.other, tell(one, "en").what) for one in samples() if isinstance(one.event, CaseLinked)]
    assert told
    assert all(case_number(other) in what for other, what in told)


def test_a_proposal_is_told_to_the_staff_alone() -> None:
    for log in (twice_looked_at(to_the_end=False), asked_for_a_person(to_the_end=False)):
        for language in LANGUAGES:
            for party in (Role.BUYER, Role.MERCHANT, Role.PLATFORM):
                told = whole(log, language, party)
                for hidden in ("口味正是承诺的内容", "没有回应商家", "COMMON-PROMISE-1", "COMMON-SILENCE-1"):
                    assert hidden not in told
    told = whole(twice_looked_at(to_the_end=False), "zh", Role.SENIOR_ARBITRATOR)
    for shown in ("拟定的裁决 r2\n------------", "合计 39.80 元，超过一人可定的 10.00 元", "口味正是承诺的内容"):
        assert shown in told
    assert told.splitlines()[-1] == "  拟定的裁决等人确认；确认之前双方仍可和解、举证。"
    silent = " ".join(whole(asked_for_a_person(to_the_end=False), "en", Role.ARBITRATOR).split())
    assert "Proposed ruling r1" in silent
    assert "By COMMON-SILENCE-1. The notice: delivered, app" in silent


def test_a_ruling_that_two_looked_at_and_its_correction_are_told() -> None:
    told = whole(twice_looked_at(), "en")
    for words in (
        "  Proposed by arbitrator arbitrator-wang",
        "  Corrected 3 March 2026, 12:05 (UTC+8) (slip of the pen):\n    > 漏写了半句。",
        "    > 商家自己作了承诺，口味正是承诺的内容，要照办。",
        "Arbitrator arbitrator-wang proposed ruling r1: c1 upheld",
        "sent the proposed ruling r1 back",
    ):
        assert words in told, words
    for hidden in ("arbitrator-wang", "arbitrator-zhao"):
        assert hidden not in whole(twice_looked_at(), "en", Role.BUYER)


def test_an_undetermined_liability_is_told_with_the_rule_that_decides() -> None:
    told = whole(undetermined(), "en")
    assert "found that liability for claim c1 cannot be determined; COMMON-UNDETERMINED-1" in " ".join(told.split())
    assert "    Liability cannot be determined; this rule decides:\n    Rule COMMON-UNDETERMINED-1: Where" in told


def test_what_a_person_confirmed_instead_of_a_silence_is_told_with_the_proof_and_the_rules_sentence() -> None:
    told = whole(asked_for_a_person(), "en", Role.MERCHANT)
    assert "Proposed by Gongduan" in told
    assert "Facts found" not in told
    assert "the buyer is upheld as claimed" in " ".join(told.split())

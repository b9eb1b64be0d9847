"""The stories in the order in which they are told; each plays a case from its order to its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from infrastructure.demo.deciding import (
    a_second_pair_of_eyes,
    a_slip_put_right,
    fruit_taste_merchant_refuses,
    liability_cannot_be_determined,
)
from infrastructure.demo.hearing_again import (
    appeal_overturns,
    appeal_overturns_what_was_paid,
    arbitrator_knows_the_shop,
    opened_again_with_new_evidence,
    reversed_by_two_and_written_off,
)
from infrastructure.demo.play import EndedOtherwise
from infrastructure.demo.settling import (
    filed_twice_and_withdrawn,
    goodwill_counts_towards_nothing,
    payout_fails_twice_then_succeeds,
    settled_by_offer,
    two_things_wrong,
)
from infrastructure.demo.showing import a_photo_keeps_its_place, evidence_too_late, short_weight
from infrastructure.demo.silence import (
    a_person_asked_for,
    merchant_cannot_be_told,
    merchant_silent,
    the_clock_that_stood_still,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from infrastructure.demo.play import Play
    from infrastructure.web.sentences import Language


@dataclass(frozen=True, slots=True)
class Story:
    """What the quarrel is and how it comes out, in a line of each language; `play` answers the case's id."""

    play: Callable[[Play], str]
    zh: str
    en: str

    @property
    def name(self) -> str:
        """The story's name, for those who choose one."""
        return self.play.__name__

    def run(self, play: Play) -> str:
        """Play it; raises EndedOtherwise also where an answer does not have what the story tells of."""
        try:
            return self.play(play)
        except (LookupError, ValueError) as lacking:
            msg = f"an answer is not as told: {lacking!r}"
            raise EndedOtherwise(msg) from lacking

    def title(self, language: Language) -> str:
        """What the quarrel is and how it comes out."""
        return self.zh if language == "zh" else self.en


STORIES: Final = (
    Story(
        fruit_taste_merchant_refuses,
        "橙子不甜，商家说口味不是理由，平台裁决退款",
        "Sour oranges, promised sweet: taste is no reason, says the merchant",
    ),
    Story(
        merchant_silent,
        "箱子压扁；商家收到通知后 48 小时不回应，缺席判定",
        "A crushed box; the merchant, once told, is silent for 48 hours",
    ),
    Story(
        merchant_cannot_be_told,
        "商家联系不上：沉默不作数，由仲裁员看证据",
        "Nobody can tell the merchant: its silence says nothing",
    ),
    Story(
        settled_by_offer,
        "五斤坏两斤；商家提出退一半，买家接受，和解结案",
        "Two of five pounds are bad; half the price back will do",
    ),
    Story(
        two_things_wrong,
        "坏了橙子又少了柚子；方案来回三次，退部分货款、运费加一张券",
        "Dry oranges, and a pomelo is missing: offers go back and forth",
    ),
    Story(
        goodwill_counts_towards_nothing,
        "商家先送一张券赔不是；不抵诉求，货款照退",
        "A coupon to say sorry counts towards nothing: the price is owed in full",
    ),
    Story(
        payout_fails_twice_then_succeeds,
        "商家同意退款；付款两次不成，第三次付成，只付一次",
        "The payment fails twice and then succeeds, once",
    ),
    Story(
        liability_cannot_be_determined,
        "运输中压坏，责任无法判定，按规则包的兜底规则裁决",
        "Crushed on the way, nobody can tell by whom: the rules decide",
    ),
    Story(
        evidence_too_late,
        "是不是现摘；商家补交的记录晚了，说明理由才采纳",
        "Freshly picked? The record comes late and counts only with a reason",
    ),
    Story(
        short_weight,
        "五斤只有四斤；等商家交了称重记录才能裁决",
        "Four pounds of five: no ruling before the scale record is shown",
    ),
    Story(
        a_photo_keeps_its_place,
        "买家的照片带着住址；商家只看到画面",
        "The photo tells an address: the merchant sees the picture alone",
    ),
    Story(
        a_second_pair_of_eyes,
        "六千元的野山参；一位仲裁员拟稿，另一位退回，再确认",
        "Ginseng for CNY 6,000: one proposes, another sends it back, then confirms",
    ),
    Story(
        a_slip_put_right,
        "裁决里算错了金额；更正后申诉期重新起算",
        "An amount is reckoned wrong; put right, it can be appealed anew",
    ),
    Story(
        a_person_asked_for,
        "买家要求人工；商家沉默也只是拟出裁决，由人确认",
        "The buyer asks for a person: silence only proposes, a person confirms",
    ),
    Story(
        the_clock_that_stood_still,
        "台风停电；商家的时限停一天，回应不算迟",
        "A typhoon: the merchant's clock stands still, its answer is in time",
    ),
    Story(
        arbitrator_knows_the_shop,
        "仲裁员发现店主是表哥；案子对她不再存在，换人裁决",
        "The arbitrator's cousin owns the shop: the case is gone for her",
    ),
    Story(
        appeal_overturns,
        "商家带新证据申诉，另一位仲裁员改判，一分没付",
        "New evidence on appeal: another arbitrator reverses, nothing is paid",
    ),
    Story(
        appeal_overturns_what_was_paid,
        "裁决当天已经付款；申诉改判后，付出的钱分两次退回",
        "Paid at once, reversed on appeal: the money comes back in two parts",
    ),
    Story(
        reversed_by_two_and_written_off,
        "6,800 元的野山参；两人裁决，两人改判，收不回的核销",
        "Ginseng for CNY 6,800: two reverse what two ruled; some is written off",
    ),
    Story(
        filed_twice_and_withdrawn,
        "一箱货立了两个案；后一个关联为重复，由买家撤回",
        "One crushed box, two cases: the second is a duplicate and withdrawn",
    ),
    Story(
        opened_again_with_new_evidence,
        "没有证据，驳回结案；一个月后有了检测报告，重开改判",
        "Dismissed; a month later a report turns up, and it is opened again",
    ),
)

"""Stories of rulings: how an arbitrator decides, what one decides alone, and how a slip is put right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infrastructure.demo.scenes import (
    a_claim,
    an_orange_order,
    an_order,
    before_an_arbitrator,
    call_the_platform,
    decision,
    exhibit,
    filed,
    paid_and_closed,
    undetermined,
    upheld,
    window_passes,
    yuan,
)

if TYPE_CHECKING:
    from infrastructure.demo.play import Play


def fruit_taste_merchant_refuses(play: Play) -> str:
    """Oranges promised sweet are sour; the merchant says taste is no reason; an arbitrator decides for the buyer."""
    say = play.words
    order = an_orange_order("20261118-7781", "Lin", "Orchard")
    buyer, merchant, arbitrator = (
        play.person("buyer", "Lin"),
        play.person("merchant", "Orchard"),
        play.person("arbitrator", "Wang"),
    )
    said = say(
        "收到的橙子又酸又干，页面写着不甜包退，要求退款。",
        "The oranges are sour and dry. The page says sweet or your money back. I want it back.",
    )
    case = filed(play, order, a_claim("taste_or_freshness", said))
    at: str = case["id"]
    play.expect("who must still show what", [one["who"] for one in case["missing"]], ["buyer", "merchant"])
    answer = say("口味因人而异，不是退款理由。", "Taste differs from person to person. That is no reason for a refund.")
    case = merchant.act(at, "respond", {"answer": "contest", "statement": answer})
    play.expect("the stage after the answer", case["stage"], "negotiation")
    buyer.act(
        at,
        "send_message",
        {"text": say("切开就是干的，不是我嘴刁。", "They are dry when you cut them. I am not being picky.")},
    )
    exhibit(buyer, at, "orange.png", "photo", say("切开的橙子，果肉发干", "The cut orange, its flesh dry"))
    exhibit(
        merchant,
        at,
        "listing.txt",
        "listing",
        say("下单时的页面，写着不甜包退", "The page at the order: sweet or your money back"),
    )
    offer = {"claim": "c1", "remedy": "partial_refund", "amount": yuan(500)}
    merchant.act(at, "make_offer", {"terms": [offer], "note": say("退 5 元，算个心意。", "5 yuan back, as a gesture.")})
    case = buyer.act(
        at, "decline_offer", {"reason": say("一大半不能吃，5 元不够。", "Most cannot be eaten. 5 yuan is not enough.")}
    )
    play.expect("the offer", case["offers"][0]["state"], "declined")
    call_the_platform(play, at, buyer, arbitrator)
    queue = arbitrator.get("/v1/queue", after=play.position, limit=100)["cases"]
    play.expect("the case in the arbitrators' queue", at in [one["id"] for one in queue], told=True)
    facts = say(
        "页面承诺不甜包退；买家照片显示果肉发干。",
        "The page promised sweet or your money back; the photo shows dry flesh.",
    )
    reasons = say(
        "口味本来说不准，但商家自己作了“不甜包退”的承诺，承诺就是合同的一部分。商家说口味不是退款理由，这与它的承诺相反。",
        "Taste cannot be measured, but the merchant promised sweet or your money back, and a promise is part of the "
        "contract. To say that taste is no reason contradicts the promise.",
    )
    ruling = decision(upheld(facts, "COMMON-PROMISE-1", "e1", "e2"), reasons)
    case = arbitrator.act(at, "rule", ruling)
    play.expect("the stage after the ruling", case["stage"], "decided")
    play.expect("the award", case["ruling"]["awards"][0]["lines"][0]["amount"], yuan(3980))
    play.expect("money before the ruling is final", case["remedies"], [])
    window_passes(play, case)
    paid_and_closed(play, at, yuan(3980), outcome="decided")
    return at


def liability_cannot_be_determined(play: Play) -> str:
    """Both sides are credible about the transit; the arbitrator cannot say who is liable, so the playbook does."""
    say = play.words
    order, arbitrator = an_orange_order("20261118-7821", "Tao", "Riverside"), play.person("arbitrator", "Qiu")
    said = say("送到时箱子破了，橙子压坏。", "The box arrived torn and the oranges crushed.")
    answer = say("发货时包装完好，有称重和出库照片。", "It left us whole: we have its weight and a photo.")
    at = before_an_arbitrator(play, order, a_claim("damaged_in_transit", said), answer, arbitrator)
    exhibit(
        play.person("buyer", "Tao"),
        at,
        "orange.png",
        "photo",
        say("拆开的箱子，橙子压坏了", "The box opened, the oranges crushed"),
    )
    facts = say(
        "出库照片和开箱照片都可信，破损发生在谁手里查不清。",
        "Both photos are credible. In whose hands it broke cannot be found out.",
    )
    reasons = say(
        "双方证据都可信，责任无法判定，按规则包处理。",
        "Both sides are credible; who is liable cannot be determined, so the rules say.",
    )
    case = arbitrator.act(at, "rule", decision(undetermined(facts), reasons))
    [award] = case["ruling"]["awards"]
    play.expect("what the playbook's rule finds", award["finding"], "upheld")
    play.expect("the mark of what nobody could determine", award["undetermined"], told=True)
    play.expect("the rule that decides", award["rules"], ["COMMON-UNDETERMINED-1"])
    play.expect("the award", award["lines"][0]["amount"], yuan(3980))
    window_passes(play, case)
    paid_and_closed(play, at, yuan(3980), outcome="decided")
    return at


def a_second_pair_of_eyes(play: Play) -> str:
    """So much is at stake that a second arbitrator confirms; the appeal is heard by a third, who upholds."""
    say = play.words
    order = an_order(
        "20261118-7851",
        "Cao",
        "Old-Mountain",
        (say("三十年野山参一支", "A wild ginseng root, thirty years old"), 600_000),
    )
    first, second, third = (play.person("arbitrator", name) for name in ("Meng", "Song", "Bai"))
    buyer, merchant = play.person("buyer", "Cao"), play.person("merchant", "Old-Mountain")
    said = say(
        "页面写三十年野山参，拿去鉴定说是五年的园参。",
        "Sold as wild and thirty years old; an expert says grown in a garden, five years.",
    )
    answer = say("野山参没有标准年份。", "There is no measuring the age of a wild root.")
    at = before_an_arbitrator(play, order, a_claim("not_as_described", said), answer, first)
    exhibit(buyer, at, "orange.png", "photo", say("参须和芦头的近照", "The root and its neck from near"))
    facts = say("照片看得出是园参。", "The photo shows a root grown in a garden.")
    thin = decision(upheld(facts, "COMMON-DESCRIBED-1", "e1"), say("与描述不符。", "Not as described."))
    case = first.act(at, "rule", thin)
    play.expect("the stage of what is only proposed", case["stage"], "under_review")
    play.expect("what the buyer sees of a proposal", {"proposal", "ruling"} & set(buyer.sees(at)), set())
    play.tell(
        "6,000 元超过一位仲裁员单独能定的 5,000 元：只是拟稿，当事人看不到内容。",
        "One arbitrator may award CNY 5,000 alone. This is more, so it is only proposed, out of the parties' sight.",
    )
    tried = first.tries(at, "rulings/r1/confirmation")
    play.refused(tried, "own_proposal", "拟稿的仲裁员想自己确认。", "Whoever proposed it wants to confirm it, too.")
    why = say("没有回应“年份没有标准”的抗辩。", "It does not answer that the age cannot be measured.")
    second.act(at, "return_ruling", {"reason": why})
    reasons = say(
        "年份没有标准，但卖家自己写了三十年，就要证明。",
        "Age cannot be measured, but who writes thirty years has to prove them.",
    )
    case = first.act(at, "rule", decision(upheld(facts, "COMMON-DESCRIBED-1", "e1"), reasons))
    case = second.act(at, "confirm_ruling")
    play.expect("the stage once confirmed", case["stage"], "decided")
    words = say("裁决引用的规则不对。", "The ruling cites the wrong rule.")
    merchant.act(at, "file_appeal", {"ground": "wrong_rule", "statement": words})
    tried = second.tries(at, "interventions")
    play.refused(
        tried, "heard_before", "确认裁决的仲裁员想审这次申诉。", "Who confirmed the ruling wants to hear the appeal."
    )
    third.act(at, "intervene")
    upholding = say("规则引用得当：页面写明了年份。", "The rule fits: the page stated the age.")
    case = third.act(at, "uphold_ruling", {"reasons": upholding})
    play.expect("the state of the appeal", case["appeals"][0]["state"], "upheld")
    paid_and_closed(play, at, yuan(600_000), outcome="decided")
    return at


def a_slip_put_right(play: Play) -> str:
    """An amount is reckoned wrong and put right, the window starts anew; a slip of the pen leaves it alone."""
    say = play.words
    order, arbitrator = an_orange_order("20261118-7861", "Deng", "Sunny"), play.person("arbitrator", "Gao")
    said = say("五斤里有一半是坏的，要求退一半。", "Half of the five pounds is rotten; I want half back.")
    claim = a_claim("taste_or_freshness", said, remedy="partial_refund")
    at = before_an_arbitrator(play, order, claim, say("水果难免有坏的。", "Some fruit always goes bad."), arbitrator)
    exhibit(play.person("buyer", "Deng"), at, "orange.png", "photo", say("坏的一半", "The rotten half"))
    facts = say("一半损坏，退一半。", "Half is spoilt, so half is returned.")
    ruling = decision(
        upheld(facts, "COMMON-DESCRIBED-1", "e1", part=995), say("按损失退还。", "Returned is what was lost.")
    )
    first = arbitrator.act(at, "rule", ruling)
    play.let_pass(24)
    wrong = {"claim": "c1", "amount": yuan(1990)}
    slip = say("39.80 元的一半是 19.90 元，写成了 9.95 元。", "Half of CNY 39.80 is CNY 19.90, not CNY 9.95.")
    tried = arbitrator.tries(at, "rulings/r1/corrections", {"kind": "typing", "awards": [wrong], "why": slip})
    play.refused(
        tried,
        "correction_does_not_fit",
        "仲裁员想当作笔误改金额。",
        "The arbitrator wants to change the amount as a slip of the pen.",
    )
    second = arbitrator.act(at, "correct_ruling", {"kind": "arithmetic", "awards": [wrong], "why": slip})
    play.expect("the award once corrected", second["ruling"]["awards"][0]["lines"][0]["amount"], yuan(1990))
    play.expect(
        "whether the window starts anew", second["ruling"]["appeal_until"] > first["ruling"]["appeal_until"], told=True
    )
    play.tell("金额变了，申诉期从更正时重新起算。", "The amount is another one now, so the appeal window starts anew.")
    pen = {
        "kind": "typing",
        "reasons": say("按损失的一半退还。", "Returned is the half that was lost."),
        "why": say("漏写“一半”。", "“Half” was left out."),
    }
    third = arbitrator.act(at, "correct_ruling", pen)
    play.expect("the window after a slip of the pen", third["ruling"]["appeal_until"], second["ruling"]["appeal_until"])
    play.tell("笔误不影响申诉期。", "A slip of the pen leaves the appeal window as it is.")
    outside = {"claim": "c1", "amount": yuan(500), "source": "merchant_transfer", "reference": "transfer-71"}
    play.platform.post(f"/v1/disputes/{at}/external-refunds", outside)
    play.tell(
        "商家已经私下退了 5.00 元，裁决的 19.90 元里要扣掉。",
        "The merchant sent CNY 5.00 by itself: that counts towards the CNY 19.90.",
    )
    window_passes(play, third)
    paid_and_closed(play, at, yuan(1490), outcome="decided")
    return at

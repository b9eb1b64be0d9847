"""Stories that others hear: an appeal, a conflict of interest, an ended case opened again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infrastructure.demo.scenes import (
    Body,
    a_claim,
    an_orange_order,
    an_order,
    before_an_arbitrator,
    closed_unpaid,
    decision,
    dismissed,
    exhibit,
    paid,
    paid_and_closed,
    upheld,
    window_passes,
    yuan,
)

if TYPE_CHECKING:
    from infrastructure.demo.play import Person, Play


def appeal_overturns(play: Play) -> str:
    """Decided for the buyer; the merchant appeals with a new exhibit; nothing was paid yet, and nothing is."""
    order = an_orange_order("20261118-7831", "Tang", "Cloud-Farm")
    first, second = play.person("arbitrator", "Luo"), play.person("arbitrator", "Shen")
    case = _decided_for_the_buyer(play, order, first)
    at: str = case["id"]
    play.expect("money before the ruling is final", case["remedies"], [])
    case = _appealed_and_reversed(play, at, play.person("merchant", "Cloud-Farm"), first, second)
    closed_unpaid(play, case, "decided")
    play.expect("the state of the appeal", case["appeals"][0]["state"], "reversed")
    play.expect("the ruling that it replaces", [one["id"] for one in case["earlier_rulings"]], ["r1"])
    return at


def appeal_overturns_what_was_paid(play: Play) -> str:
    """On a platform that pays at the decision: reversed on appeal, what was paid has to come back, and does."""
    play.under_other_rules(
        f"{play.place.platform}-pays-at-once", "remedies_start: at_final", "remedies_start: at_decision"
    )
    play.tell(
        "这个平台裁决当天就付款，不等申诉期满。",
        "This platform pays at the decision and does not wait for the appeal window.",
    )
    order = an_orange_order("20261118-7832", "Yuan", "Sunrise")
    first, second = play.person("arbitrator", "Hao"), play.person("arbitrator", "Xia")
    at: str = _decided_for_the_buyer(play, order, first)["id"]
    paid(play, at, yuan(3980))
    case = _appealed_and_reversed(play, at, play.person("merchant", "Sunrise"), first, second)
    play.expect("the stage while money is to come back", case["stage"], "carrying_out")
    play.expect("what is to come back", [one["left"] for one in case["recoveries"]], [yuan(3980)])
    back: Body = {"recovery": "v1", "amount": yuan(1500), "reference": "back-1"}
    case = play.platform.act(at, "report_recovery", back)
    play.expect("what is left", case["recoveries"][0]["left"], yuan(2480))
    tried = play.platform.tries(at, "recoveries", back | {"amount": yuan(3980), "reference": "back-2"})
    play.refused(
        tried, "recovery_too_high", "平台误报又退回 39.80 元。", "The platform by mistake reports another CNY 39.80."
    )
    case = play.platform.act(at, "report_recovery", back | {"amount": yuan(2480), "reference": "back-2"})
    play.expect("the stage once all came back", case["stage"], "closed")
    play.expect("what is left", case["recoveries"][0]["left"], yuan(0))
    return at


def reversed_by_two_and_written_off(play: Play) -> str:
    """So much is at stake that two reverse what two ruled; a part of what was paid comes back, the rest never will."""
    say = play.words
    play.under_other_rules(
        f"{play.place.platform}-pays-the-same-day", "remedies_start: at_final", "remedies_start: at_decision"
    )
    play.tell(
        "这个平台裁决当天就付款，不等申诉期满。",
        "This platform pays at the decision and does not wait for the appeal window.",
    )
    root = say("三十年野山参一支", "A wild ginseng root, thirty years old")
    order = an_order("20261118-7833", "Kang", "Deep-Forest", (root, 680_000))
    first, second, third, fourth = (play.person("arbitrator", name) for name in ("Zou", "Ning", "Pei", "Lou"))
    buyer, merchant = play.person("buyer", "Kang"), play.person("merchant", "Deep-Forest")
    said = say("写三十年，鉴定说不到十年。", "Sold as thirty years old; an expert says not ten.")
    answer = say("鉴定的人不懂行。", "The expert does not know the trade.")
    at = before_an_arbitrator(play, order, a_claim("not_as_described", said), answer, first)
    exhibit(buyer, at, "orange.png", "photo", say("参须和芦头的近照", "The root and its neck from near"))
    facts = say("照片看得出年份不够。", "The photo shows that it is younger.")
    reasons = say("写了三十年就要证明。", "Who writes thirty years has to prove them.")
    first.act(at, "rule", decision(upheld(facts, "COMMON-DESCRIBED-1", "e1"), reasons))
    second.act(at, "confirm_ruling")
    paid(play, at, yuan(680_000))
    found = say("研究所的鉴定：二十四年。", "An institute's report: twenty-four years.")
    merchant.act(at, "file_appeal", {"ground": "new_evidence", "statement": found})
    exhibit(merchant, at, "listing.txt", "record", say("研究所的鉴定报告", "The institute's report"))
    third.act(at, "intervene")
    facts = say("报告可信：二十四年，不是三十年。", "The report is credible: twenty-four years, not thirty.")
    reasons = say("年份不符，但不到全退的程度。", "It is not as old as described, but worth a part of its price.")
    part = decision(upheld(facts, "COMMON-DESCRIBED-1", "e1", "e2", part=550_000), reasons)
    case = third.act(at, "reverse_ruling", part)
    play.expect("the stage of what is only proposed", case["stage"], "under_review")
    play.tell(
        "改判的 5,500 元也超过一位仲裁员单独能定的 5,000 元。",
        "The CNY 5,500 is above the CNY 5,000 that one arbitrator may award alone, on appeal, too.",
    )
    tried = second.tries(at, "rulings/r2/confirmation")
    play.refused(
        tried,
        "heard_before",
        "确认原裁决的仲裁员想确认这次改判。",
        "Who confirmed the first ruling wants to confirm the reversal.",
    )
    case = fourth.act(at, "confirm_ruling")
    play.expect("what is to come back", [one["left"] for one in case["recoveries"]], [yuan(130_000)])
    back: Body = {"recovery": "v1", "amount": yuan(80_000), "reference": "back-1"}
    play.platform.act(at, "report_recovery", back)
    why = say("买家的账户已注销，联系不上。", "The buyer's account is closed, and nobody can reach the buyer.")
    tried = fourth.tries(at, "recoveries/v1/write-off", {"reason": why})
    play.refused(tried, "not_allowed", "仲裁员想核销余下的钱。", "The arbitrator wants to write off the rest.")
    case = play.person("senior_arbitrator", "Ma").act(at, "write_off_recovery", {"reason": why})
    play.expect("the stage once nothing is waited for", case["stage"], "closed")
    play.expect("what is written off", case["recoveries"][0]["written_off"]["amount"], yuan(50_000))
    return at


def arbitrator_knows_the_shop(play: Play) -> str:
    """An arbitrator finds that the shop is her cousin's: the case is gone for her, and another one decides it."""
    say = play.words
    order = an_orange_order("20261118-7901", "Wu", "Cousins-Farm")
    lei, fang, kong = (play.person("arbitrator", name) for name in ("Lei", "Fang", "Kong"))
    senior, merchant = play.person("senior_arbitrator", "Ma"), play.person("merchant", "Cousins-Farm")
    said = say("写着不甜包退，酸得倒牙。", "Sweet or your money back, it says. They set the teeth on edge.")
    at = before_an_arbitrator(
        play, order, a_claim("taste_or_freshness", said), say("不酸。", "They are not sour."), lei
    )
    lei.act(at, "release_case", {"reason": say("下班了，明天轮休。", "End of the shift; off tomorrow.")})
    fang.act(at, "intervene")
    internal = {"kind": "internal", "text": say("要核对店主姓名。", "Check the owner's name.")}
    fang.act(at, "add_note", internal)
    cousin = {"ground": "knows_party", "reason": say("店主是我表哥。", "The owner is my cousin.")}
    fang.act(at, "declare_conflict", cousin)
    tried = fang.call("GET", f"/v1/disputes/{at}")
    play.refused(
        tried, "not_found", "申明之后，她再想看这个案子。", "Having said so, she wants to look at the case once more."
    )
    given = {"arbitrator": "Fang", "reason": say("她熟悉案情。", "She knows the case.")}
    tried = senior.tries(at, "assignments", given)
    play.refused(
        tried, "conflict_declared", "高级仲裁员想把案子再交给她。", "A senior arbitrator wants to give it to her again."
    )
    senior.act(
        at,
        "reassign_case",
        {"arbitrator": "Kong", "reason": say("原仲裁员回避。", "The arbitrator before may not hear it.")},
    )
    kong.act(
        at,
        "add_note",
        {
            "kind": "public",
            "text": say("本案换了仲裁员，进度不变。", "Another arbitrator has the case now; it goes on as before."),
        },
    )
    play.expect("the notes that staff see", [one["kind"] for one in kong.sees(at)["notes"]], ["internal", "public"])
    play.expect("the notes that the merchant sees", [one["kind"] for one in merchant.sees(at)["notes"]], ["public"])
    play.tell(
        "双方只看到公开的那条，也看不到是谁回避。", "The parties see the public note alone, and not who stepped back."
    )
    facts = say("商家承诺了甜，却什么也没拿出来。", "The merchant promised them sweet and shows nothing for it.")
    reasons = say("承诺不甜包退，就要退。", "It was promised, so it is returned.")
    kong.act(at, "rule", decision(upheld(facts, "COMMON-PROMISE-1"), reasons))
    merchant.act(at, "file_appeal", {"ground": "procedure", "statement": say("不服。", "We disagree.")})
    hearing = play.person("arbitrator", "Ren")
    hearing.act(at, "intervene")
    why = say("没有说明程序错在哪里。", "It does not say what was wrong with the procedure.")
    case = hearing.act(at, "reject_appeal", {"reason": why})
    play.expect("the state of the appeal", case["appeals"][0]["state"], "rejected")
    paid_and_closed(play, at, yuan(3980), outcome="decided")
    return at


def opened_again_with_new_evidence(play: Play) -> str:
    """Dismissed and closed; a month later a report turns up: others hear it, and the earlier end stays on record."""
    say = play.words
    order = an_orange_order("20261118-7911", "Qin", "Green-Hill")
    first, second = play.person("arbitrator", "Du"), play.person("arbitrator", "Jiang")
    buyer, senior = play.person("buyer", "Qin"), play.person("senior_arbitrator", "Ma")
    said = say("写着不打蜡，皮上一层蜡。", "Sold as unwaxed; the skin is waxed.")
    answer = say("没有打蜡。", "They are not waxed.")
    at = before_an_arbitrator(play, order, a_claim("not_as_described", said), answer, first)
    facts = say("买家没有提交证据。", "The buyer showed nothing.")
    ruling = decision(dismissed(facts), say("诉求没有证据。", "Nothing supports the claim."))
    window_passes(play, first.act(at, "rule", ruling))
    closed_unpaid(play, play.platform.sees(at), "decided")
    court = say("法院来函，要求保全本案材料。", "A court asks that this case be kept as it is.")
    play.auditor.act(at, "place_legal_hold", {"reason": court})
    play.expect("what the buyer sees of the hold", "legal_hold" in buyer.sees(at), told=False)
    play.let_pass(30 * 24)
    found = say("买家拿到了检测报告。", "The buyer has a laboratory's report now.")
    senior.act(at, "reopen", {"ground": "new_evidence", "reason": found})
    tried = first.tries(at, "interventions")
    play.refused(tried, "heard_before", "原来的仲裁员想接着办。", "The arbitrator of before wants to go on with it.")
    second.act(at, "intervene")
    exhibit(buyer, at, "orange.png", "photo", say("检测报告：果皮检出食用蜡", "The report: wax found on the skin"))
    facts = say("检测报告可信，页面写的是不打蜡。", "The report is credible, and the page says unwaxed.")
    reasons = say("新证据推翻了原来的认定。", "The new evidence overturns what was found before.")
    case = second.act(at, "rule", decision(upheld(facts, "COMMON-DESCRIBED-1", "e1"), reasons))
    play.expect("the earlier end, on record", [one["outcome"] for one in case["earlier_ends"]], ["decided"])
    play.expect("the earlier ruling, on record", [one["id"] for one in case["earlier_rulings"]], ["r1"])
    window_passes(play, case)
    paid_and_closed(play, at, yuan(3980), outcome="decided")
    play.auditor.act(at, "lift_legal_hold", {"reason": say("法院案件已结。", "The court's case has ended.")})
    return at


def _decided_for_the_buyer(play: Play, order: Body, arbitrator: Person) -> Body:
    """The merchant says freshly picked and proves nothing: the buyer is upheld."""
    say = play.words
    said = say("页面写现摘，收到的是冷库货。", "The page says freshly picked; what came was from cold storage.")
    answer = say("就是现摘现发的。", "Picked and sent the same day.")
    at = before_an_arbitrator(play, order, a_claim("not_as_described", said), answer, arbitrator)
    exhibit(
        play.person("buyer", order["buyer"]),
        at,
        "orange.png",
        "photo",
        say("切开的橙子，已经失水", "The cut orange, dried out"),
    )
    facts = say(
        "照片显示橙子失水，商家没有证明采摘时间。",
        "The photo shows them dried out; the merchant did not prove when they were picked.",
    )
    reasons = say("商家没有证明是现摘的。", "The merchant did not prove that they were freshly picked.")
    case: Body = arbitrator.act(at, "rule", decision(upheld(facts, "COMMON-DESCRIBED-1", "e1"), reasons))
    return case


def _appealed_and_reversed(play: Play, at: str, merchant: Person, first: Person, second: Person) -> Body:
    """The merchant found its record; who decided may not hear that; another arbitrator does, and reverses."""
    say = play.words
    found = say("找到了当天的采摘和装箱记录。", "We found that day's record of picking and packing.")
    case = merchant.act(at, "file_appeal", {"ground": "new_evidence", "statement": found})
    play.expect("the stage after the appeal", case["stage"], "under_review")
    exhibit(
        merchant, at, "listing.txt", "record", say("当天的采摘和装箱记录", "That day's record of picking and packing")
    )
    play.expect(
        "what the first arbitrator is offered", "intervene" in [one["name"] for one in first.offered(at)], told=False
    )
    tried = first.tries(at, "interventions")
    play.refused(
        tried,
        "heard_before",
        "作出裁决的仲裁员想自己审这次申诉。",
        "The arbitrator who decided wants to hear the appeal, too.",
    )
    second.act(at, "intervene")
    facts = say(
        "记录与订单的批次和时间一致，是当天现摘的。",
        "The record fits the order's batch and time: they were picked that day.",
    )
    reasons = say(
        "新证据更可信，原裁决所依据的事实不成立。",
        "The new evidence is more credible; what the ruling rested on does not hold.",
    )
    reversed_: Body = second.act(at, "reverse_ruling", decision(dismissed(facts, "e2"), reasons))
    return reversed_

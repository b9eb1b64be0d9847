"""Stories of second looks: what nobody can determine, and what another arbitrator sees differently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infrastructure.demo.scenes import an_orange_order, exhibit, filed, paid_and_closed, yuan

if TYPE_CHECKING:
    from infrastructure.demo.play import Person, Play


def contested(
    play: Play, order: dict[str, Any], claim: dict[str, Any], shows: str, answer: str, arbitrator: Person
) -> str:
    """Filed, refused, with an exhibit of the buyer's, and in an arbitrator's hands."""
    at: str = filed(play, order, claim)["id"]
    buyer, merchant = play.person("buyer", order["buyer"]), play.person("merchant", order["merchant"])
    merchant.act(at, "respond", {"answer": "contest", "statement": answer})
    play.tell("answered")
    exhibit(buyer, at, "orange.png", "photo", shows)
    buyer.act(at, "escalate", {"reason": "商家不认，请平台处理。"})
    arbitrator.act(at, "intervene")
    play.tell("platform")
    return at


def liability_cannot_be_determined(play: Play) -> str:
    """Both sides are credible about the transit; the arbitrator cannot say who is liable, so the playbook does."""
    order = an_orange_order("20261118-7821", "buyer-he", "shop-riverside")
    claim = {
        "reason": "damaged_in_transit",
        "lines": ["1"],
        "remedy": "refund_only",
        "statement": "送到时箱子破了，橙子压坏。",
    }
    arbitrator = play.person("arbitrator", "arbitrator-qiu")
    at = contested(play, order, claim, "拆开的箱子，橙子压坏了", "发货时包装完好，有称重和出库照片。", arbitrator)
    found = {"claim": "c1", "finding": "undetermined", "facts": "出库照片和开箱照片都可信，破损发生在谁手里查不清。"}
    case = arbitrator.act(at, "rule", {"awards": [found], "reasons": "双方证据都可信，责任无法判定，按规则包处理。"})
    [award] = case["ruling"]["awards"]
    play.expect("what the playbook's rule finds", award["finding"], "upheld")
    play.expect("the mark of what nobody could determine", award["undetermined"], told=True)
    play.expect("the award", award["lines"][0]["amount"], yuan(3980))
    play.tell("undetermined")
    play.move_clock(case["ruling"]["appeal_until"])
    play.tell("final")
    paid_and_closed(play, at, yuan(3980), "decided")
    return at


def appeal_overturns(play: Play) -> str:
    """Decided for the buyer; the merchant appeals with a new exhibit; the first arbitrator may not hear it."""
    order = an_orange_order("20261118-7831", "buyer-tang", "shop-terrace")
    claim = {
        "reason": "not_as_described",
        "lines": ["1"],
        "remedy": "refund_only",
        "statement": "页面写现摘，收到的是冷库货。",
    }
    first, second = play.person("arbitrator", "arbitrator-luo"), play.person("arbitrator", "arbitrator-shen")
    merchant = play.person("merchant", order["merchant"])
    at = contested(play, order, claim, "切开的橙子，已经失水", "就是现摘现发的。", first)
    award = {
        "claim": "c1",
        "finding": "upheld",
        "facts": "照片显示橙子失水，商家没有证明采摘时间。",
        "relied_on": ["e1"],
        "rules": ["COMMON-DESCRIBED-1"],
        "remedies": [{"remedy": "refund_only"}],
    }
    case = first.act(at, "rule", {"awards": [award], "reasons": "商家没有证明是现摘的。"})
    play.expect("money before the ruling is final", case["remedies"], [])
    play.tell("ruling")
    merchant.act(at, "file_appeal", {"ground": "new_evidence", "statement": "找到了当天的采摘和装箱记录。"})
    exhibit(merchant, at, "listing.txt", "record", "当天的采摘和装箱记录")
    case = play.platform.get(f"/v1/disputes/{at}")
    play.expect("the stage after the appeal", case["stage"], "under_review")
    offered = [one["name"] for one in first.get(f"/v1/disputes/{at}")["next_actions"]]
    play.expect("whether the first arbitrator may hear the appeal", "intervene" in offered, told=False)
    play.tell("appealed")
    second.act(at, "intervene")
    play.tell("heard")
    dismissed = {
        "claim": "c1",
        "finding": "dismissed",
        "facts": "记录与订单的批次和时间一致，是当天现摘的。",
        "relied_on": ["e2"],
        "rules": ["COMMON-UNPROVED-1"],
    }
    case = second.act(
        at, "reverse_ruling", {"awards": [dismissed], "reasons": "新证据更可信，原裁决所依据的事实不成立。"}
    )
    play.expect("the stage after the reversal", case["stage"], "closed")
    play.expect("the outcome", case["outcome"], "decided")
    play.expect("what is paid", case["remedies"], [])
    play.expect("the state of the appeal", case["appeals"][0]["state"], "reversed")
    play.expect("the ruling that it replaces", [one["id"] for one in case["earlier_rulings"]], ["r1"])
    play.tell("reversed")
    return at

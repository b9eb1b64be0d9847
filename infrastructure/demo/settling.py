"""Stories that end without a decision: agreed, paid at last, or withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infrastructure.demo.scenes import (
    Body,
    a_claim,
    a_remedy,
    an_orange_order,
    an_order,
    closed_unpaid,
    filed,
    paid_and_closed,
    yuan,
)

if TYPE_CHECKING:
    from infrastructure.demo.play import Play


def settled_by_offer(play: Play) -> str:
    """A counter-offer of a partial refund is accepted: no decision, no jury, the money goes out at once."""
    say = play.words
    order = an_orange_order("20261118-7790", "Chen", "Valley")
    buyer, merchant = play.person("buyer", "Chen"), play.person("merchant", "Valley")
    said = say("五斤里有两斤是坏的。", "Two of the five pounds are bad.")
    at: str = filed(play, order, a_claim("taste_or_freshness", said))["id"]
    half = {"claim": "c1", "remedy": "partial_refund", "amount": yuan(1990)}
    counter = say("坏的我们认，退一半，剩下的留着吃。", "We own up to the bad ones: half back, and enjoy the rest.")
    case = merchant.act(at, "respond", {"answer": "counter", "statement": counter, "terms": [half]})
    play.expect("the stage after the counter-offer", case["stage"], "negotiation")
    tried = merchant.tries(at, "offers/o1/acceptance")
    play.refused(tried, "own_offer", "商家想替买家接受自己的方案。", "The merchant wants to accept its own offer.")
    case = buyer.act(at, "accept_offer")
    play.expect("the stage after the acceptance", case["stage"], "carrying_out")
    play.expect("no ruling", "ruling" in case, told=False)
    paid_and_closed(play, at, yuan(1990), outcome="settled")
    return at


def two_things_wrong(play: Play) -> str:
    """A second thing turns out to be wrong, and the first offer falls; the sides come nearer, offer by offer."""
    say = play.words
    goods = (say("冰糖橙 5 斤装", "Oranges, five pounds"), 3980), (say("蜜柚 2 个", "Two pomelos"), 2500)
    order = an_order("20261118-7823", "He", "Brook", *goods, freight=800)
    buyer, merchant = play.person("buyer", "He"), play.person("merchant", "Brook")
    said = say("橙子大半是干的。", "Most of the oranges are dry.")
    dry = a_claim("taste_or_freshness", said, remedy="partial_refund") | {"amount": yuan(3000)}
    at: str = filed(play, order, dry)["id"]
    ten = {"claim": "c1"} | a_remedy("partial_refund", 1000)
    words = say("退 10 元可以吗？", "Would 10 yuan do?")
    merchant.act(at, "respond", {"answer": "counter", "statement": words, "terms": [ten]})
    missing = say("柚子只有一个，订的是两个。", "There is one pomelo; two were ordered.")
    claimed = a_claim("missing_parts", missing, "2", remedy="partial_refund") | {"amount": yuan(1250)}
    case = buyer.act(at, "add_claim", claimed)
    play.expect("the offer once there is another claim", case["offers"][0]["state"], "expired")
    tried = buyer.tries(at, "offers/o1/acceptance")
    play.refused(
        tried,
        "offer_not_open",
        "买家又想先把那 10 元收下。",
        "The buyer would now rather take the 10 yuan first.",
    )
    words = say("橙子再加 5 元。", "5 more for the oranges.")
    more: Body = {"terms": [{"claim": "c1"} | a_remedy("partial_refund", 1500)], "note": words}
    tried = merchant.tries(at, "offers", more)
    play.refused(
        tried, "terms_incomplete", "商家只为橙子提方案。", "The merchant makes an offer for the oranges alone."
    )
    more["terms"].append({"claim": "c2"} | a_remedy("coupon", 500))
    more["note"] = say("橙子 15 元，柚子给一张券。", "15 for the oranges, a coupon for the pomelo.")
    merchant.act(at, "make_offer", more)
    asks = {
        "terms": [
            {"claim": "c1"} | a_remedy("partial_refund", 2500),
            {"claim": "c1"} | a_remedy("freight_refund", 800),
            {"claim": "c2"} | a_remedy("partial_refund", 1250),
        ],
        "note": say("运费也要退，柚子要退钱。", "The freight, too, and money for the pomelo."),
        "counters": "o2",
    }
    buyer.act(at, "make_offer", asks)
    meets = {
        "terms": [
            {"claim": "c1"} | a_remedy("partial_refund", 2000),
            {"claim": "c1"} | a_remedy("freight_refund", 800),
            {"claim": "c2"} | a_remedy("coupon", 1250),
        ],
        "note": say(
            "橙子退一半，运费照退，柚子给足额的券。", "Half for the oranges, the freight, a coupon for all of it."
        ),
        "counters": "o3",
    }
    case = merchant.act(at, "make_offer", meets)
    states = [one["state"] for one in case["offers"]]
    play.expect("what became of the offers", states, ["expired", "countered", "countered", "open"])
    buyer.act(at, "accept_offer")
    paid_and_closed(play, at, yuan(2000), yuan(800), yuan(1250), outcome="settled")
    return at


def goodwill_counts_towards_nothing(play: Play) -> str:
    """After a bad week the merchant gives a coupon at once; that settles nothing, and the claim is paid in full."""
    say = play.words
    order = an_orange_order("20261118-7824", "Jin", "Lakeside")
    buyer, merchant = play.person("buyer", "Jin"), play.person("merchant", "Lakeside")
    said = say("晚到了五天，橙子都捂坏了。", "Five days late, and the oranges spoilt on the way.")
    at: str = filed(play, order, a_claim("taste_or_freshness", said))["id"]
    sorry = {
        "amount": yuan(1000),
        "tender": "coupon",
        "why": say("这一周包装的人病倒了，先赔个不是。", "Our packers were ill all week. This is to say sorry."),
    }
    case = merchant.act(at, "give_goodwill", sorry)
    play.expect("the stage after a gesture", case["stage"], "awaiting_response")
    tried = merchant.tries(at, "goodwill", sorry | {"amount": yuan(4000), "tender": "money"})
    play.refused(
        tried,
        "goodwill_too_high",
        "商家还想再送 40 元，了结此事。",
        "The merchant wants to give another 40 yuan and be done with it.",
    )
    play.until("the coupon comes", lambda: buyer.sees(at)["goodwill"][0]["state"], lambda state: state == "confirmed")
    play.tell("优惠券不抵诉求：39.80 元照样要付。", "The coupon counts towards no claim: the CNY 39.80 is still open.")
    words = say("认，货款全退。", "Agreed, all of the price back.")
    merchant.act(at, "respond", {"answer": "accept", "statement": words})
    paid_and_closed(play, at, yuan(3980), outcome="settled")
    return at


def payout_fails_twice_then_succeeds(play: Play) -> str:
    """The payment service does not answer, then fails, then pays under the same key: once; the buyer sees each try."""
    say = play.words
    order = an_orange_order("20261118-7822", "Zhou", "Hill")
    buyer, merchant = play.person("buyer", "Zhou"), play.person("merchant", "Hill")
    said = say("橙子是酸的，页面写着不甜包退。", "The oranges are sour; the page says sweet or your money back.")
    at: str = filed(play, order, a_claim("taste_or_freshness", said))["id"]
    play.script_payments("timeout", "500")
    case = merchant.act(at, "respond", {"answer": "accept", "statement": say("认，全退。", "Agreed, all of it back.")})
    play.expect("the stage after the acceptance", case["stage"], "carrying_out")

    def tries() -> list[str]:
        """How each attempt stands, as the buyer sees it."""
        return [one["state"] for one in buyer.sees(at)["remedies"][0]["tries"]]

    play.until("the first attempt fails", tries, lambda states: states[:1] == ["unknown"])
    play.until("the second attempt fails", tries, lambda states: states[1:2] == ["unknown"])
    told = play.until("the third attempt pays", tries, lambda states: states[2:] == ["confirmed"])
    play.expect("the attempts as the buyer sees them", told, ["unknown", "unknown", "confirmed"])
    paid_and_closed(play, at, yuan(3980), outcome="settled", attempts=3)
    play.tell(
        "三次用同一个编号，付款服务的账上只有一笔。",
        "All three had the same key: the payment service's books show one payment.",
    )
    return at


def filed_twice_and_withdrawn(play: Play) -> str:
    """One crushed parcel, two cases: the second is linked to the first as its duplicate and withdrawn."""
    say = play.words
    goods = (say("冰糖橙 5 斤装", "Oranges, five pounds"), 3980), (say("蜜柚 2 个", "Two pomelos"), 2500)
    order = an_order("20261118-7891", "Lu", "Grove", *goods)
    buyer, merchant, arbitrator = (
        play.person("buyer", "Lu"),
        play.person("merchant", "Grove"),
        play.person("arbitrator", "Yan"),
    )
    crushed = say("整箱压坏了，橙子和柚子都不能吃。", "The box was crushed; neither oranges nor pomelos can be eaten.")
    first = filed(play, order, a_claim("damaged_in_transit", crushed, "1", "2"))
    play.tell(
        f"买家在 {first['number']} 里已经为整箱货提交了纠纷。",
        f"In {first['number']} the buyer has claimed the whole box already.",
    )
    again = a_claim("damaged_in_transit", crushed, "2")
    tried = buyer.send("/v1/disputes", {"order_id": order["order_id"], "claims": [again]})
    play.refused(
        tried,
        "line_already_disputed",
        "买家怕没提交上，又提交一次。",
        "Afraid that it was not sent, the buyer files again.",
    )
    other = an_order("20261118-7892", "Lu", "Grove", (say("赠品：蜜柚 1 个", "One more pomelo, in the same box"), 100))
    second: str = filed(play, other, a_claim("damaged_in_transit", crushed))["id"]
    link = {"dispute": first["id"], "kind": "duplicate", "reason": say("同一箱货。", "It is the same box.")}
    arbitrator.act(second, "link_case", link)
    play.expect("the links that the buyer sees", buyer.sees(second)["links"], [])
    accepted = say("整箱都退。", "All of the box back.")
    case = merchant.act(first["id"], "respond", {"answer": "accept", "statement": accepted})
    play.tell(
        f"商家在 {case['number']} 里同意整箱都退。",
        f"In {case['number']} the merchant agrees to refund all of the box.",
    )
    paid_and_closed(play, first["id"], yuan(6480), outcome="settled")
    case = buyer.act(
        second, "withdraw", {"reason": say("一件事，有一个纠纷单就够了。", "It is one thing; one case will do.")}
    )
    closed_unpaid(play, case, "withdrawn")
    return second

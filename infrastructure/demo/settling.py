"""Stories that end without a decision: agreed, paid at last, or withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infrastructure.demo.scenes import (
    a_claim,
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
    paid_and_closed(play, at, yuan(1990), "settled")
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
    paid_and_closed(play, at, yuan(3980), "settled", attempts=3)
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
    paid_and_closed(play, first["id"], yuan(6480), "settled")
    case = buyer.act(
        second, "withdraw", {"reason": say("一件事，有一个纠纷单就够了。", "It is one thing; one case will do.")}
    )
    closed_unpaid(play, case, "withdrawn")
    return second

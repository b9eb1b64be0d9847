"""The stories: each plays a case from its order to its end and says at each step what must be so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from infrastructure.demo.scenes import an_orange_order, exhibit, filed, paid_and_closed, yuan
from infrastructure.demo.second_looks import appeal_overturns, liability_cannot_be_determined

if TYPE_CHECKING:
    from collections.abc import Callable

    from infrastructure.demo.play import Play


@dataclass(frozen=True, slots=True)
class Story:
    """A story by its name in the list of cases; `play` answers the case's id, `steps` is how often it tells."""

    name: str
    zh: str
    en: str
    steps: int
    play: Callable[[Play], str]


def fruit_taste_merchant_refuses(play: Play) -> str:
    """Oranges promised sweet are sour; the merchant says taste is no reason; an arbitrator decides for the buyer."""
    order = an_orange_order("20261118-7781", "buyer-lin", "shop-orchard")
    buyer, merchant = play.person("buyer", "buyer-lin"), play.person("merchant", "shop-orchard")
    arbitrator = play.person("arbitrator", "arbitrator-wang")
    case = filed(
        play,
        order,
        {
            "reason": "taste_or_freshness",
            "lines": ["1"],
            "remedy": "refund_only",
            "statement": "收到的橙子又酸又干，页面写着不甜包退，要求退款。",
        },
    )
    at: str = case["id"]
    play.expect("who must still show what", [one["who"] for one in case["missing"]], ["buyer", "merchant"])
    case = merchant.act(at, "respond", {"answer": "contest", "statement": "口味因人而异，不是退款理由。"})
    play.expect("the stage after the answer", case["stage"], "negotiation")
    play.tell("answered")
    buyer.act(at, "send_message", {"text": "切开就是干的，不是我嘴刁。照片我发上来了。"})
    exhibit(buyer, at, "orange.png", "photo", "切开的橙子，果肉发干")
    exhibit(merchant, at, "listing.txt", "listing", "下单时的页面，写着不甜包退")
    play.tell("evidence")
    merchant.act(
        at,
        "make_offer",
        {"terms": [{"claim": "c1", "remedy": "partial_refund", "amount": yuan(500)}], "note": "退 5 元，算个心意。"},
    )
    case = buyer.act(at, "decline_offer", {"reason": "一大半不能吃，5 元不够。"})
    play.expect("the offer", case["offers"][0]["state"], "declined")
    play.tell("offer")
    case = buyer.act(at, "escalate", {"reason": "商家不认自己写的承诺，请平台处理。"})
    play.expect("the stage after the escalation", case["stage"], "under_review")
    position = arbitrator.call("GET", f"/v1/disputes/{at}").headers["Gongduan-Position"]
    queue = arbitrator.get("/v1/queue", after=position, limit=100)["cases"]
    play.expect("the case in the arbitrators' queue", at in [one["id"] for one in queue], told=True)
    arbitrator.act(at, "intervene")
    play.tell("platform")
    case = arbitrator.act(
        at,
        "rule",
        {
            "awards": [
                {
                    "claim": "c1",
                    "finding": "upheld",
                    "facts": "页面承诺不甜包退；买家照片显示果肉发干，与“现摘”不符。",
                    "relied_on": ["e1", "e2"],
                    "rules": ["COMMON-PROMISE-1"],
                    "remedies": [{"remedy": "refund_only"}],
                }
            ],
            "reasons": "口味本来说不准，但商家自己作了“不甜包退”的承诺，承诺就是合同的一部分。"
            "商家说口味不是退款理由，这与它的承诺相反。",
        },
    )
    play.expect("the stage after the ruling", case["stage"], "decided")
    play.expect("the award", case["ruling"]["awards"][0]["lines"][0]["amount"], yuan(3980))
    play.expect("money before the ruling is final", case["remedies"], [])
    play.tell("ruling")
    fired = play.move_clock(case["ruling"]["appeal_until"])
    play.expect("the appeal window runs out", len(fired), 1)
    play.tell("final")
    paid_and_closed(play, at, yuan(3980), "decided")
    return at


def merchant_silent(play: Play) -> str:
    """The first notice bounces, the second arrives; the merchant is silent for 48 hours: decided by default."""
    order = an_orange_order("20261118-7801", "buyer-zhou", "shop-hillside")
    claim = {
        "reason": "damaged_in_transit",
        "lines": ["1"],
        "remedy": "refund_only",
        "statement": "箱子压扁了，一半橙子是烂的。",
    }
    case = filed(play, order, claim)
    at: str = case["id"]
    play.expect("whose clock runs before the merchant is told", case["clocks"][0]["whose"], ["platform"])
    case = play.platform.act(at, "report_notice", {"channel": "sms", "bounced": "unknown_address"})
    play.expect("whose clock runs after a bounce", case["clocks"][0]["whose"], ["platform"])
    case = play.platform.act(at, "report_notice", {"channel": "app", "reference": "push-81f3"})
    play.expect("whose clock runs once the merchant is told", case["clocks"][0]["whose"], ["merchant"])
    play.tell("told")
    due = case["clocks"][0]["due_at"]
    fired = play.move_clock(due)
    play.expect("the clocks that ran out", fired, [due])
    case = play.platform.get(f"/v1/disputes/{at}")
    play.expect("the stage after 48 hours of silence", case["stage"], "decided")
    proof = case["ruling"]["proof"]
    play.expect("the rule that decides", proof["rule"], "COMMON-SILENCE-1")
    play.expect("how the merchant is known to be told", (proof["how"], proof["reference"]), ("delivered", "push-81f3"))
    play.expect("the end of the merchant's clock", proof["clock"]["due_at"], due)
    play.expect("the award", case["ruling"]["awards"][0]["lines"][0]["amount"], yuan(3980))
    play.tell("silence")
    play.move_clock(case["ruling"]["appeal_until"])
    play.tell("final")
    paid_and_closed(play, at, yuan(3980), "defaulted")
    return at


def settled_by_offer(play: Play) -> str:
    """A counter-offer of a partial refund is accepted: no decision, no jury, the money goes out at once."""
    order = an_orange_order("20261118-7790", "buyer-chen", "shop-valley")
    buyer, merchant = play.person("buyer", "buyer-chen"), play.person("merchant", "shop-valley")
    case = filed(
        play,
        order,
        {
            "reason": "taste_or_freshness",
            "lines": ["1"],
            "remedy": "refund_only",
            "statement": "五斤里有两斤是坏的。",
        },
    )
    at: str = case["id"]
    case = merchant.act(
        at,
        "respond",
        {
            "answer": "counter",
            "statement": "坏的我们认，退一半，剩下的留着吃。",
            "terms": [{"claim": "c1", "remedy": "partial_refund", "amount": yuan(1990)}],
        },
    )
    play.expect("the stage after the counter-offer", case["stage"], "negotiation")
    play.tell("answered")
    case = buyer.act(at, "accept_offer")
    play.expect("the stage after the acceptance", case["stage"], "carrying_out")
    play.expect("no ruling", "ruling" in case, told=False)
    play.tell("settled")
    paid_and_closed(play, at, yuan(1990), "settled")
    return at


def payout_fails_twice_then_succeeds(play: Play) -> str:
    """The payment service does not answer, then fails, then pays under the same key: once; the buyer sees each try."""
    order = an_orange_order("20261118-7822", "buyer-zhou", "shop-hill")
    buyer, merchant = play.person("buyer", "buyer-zhou"), play.person("merchant", "shop-hill")
    case = filed(
        play,
        order,
        {
            "reason": "taste_or_freshness",
            "lines": ["1"],
            "remedy": "refund_only",
            "statement": "橙子是酸的，页面写着不甜包退。",
        },
    )
    at: str = case["id"]
    play.script_payments("timeout", "500")
    case = merchant.act(at, "respond", {"answer": "accept", "statement": "认，全退。"})
    play.expect("the stage after the acceptance", case["stage"], "carrying_out")
    play.tell("accepted")

    def tries() -> list[str]:
        """How each attempt stands, as the buyer sees it."""
        return [one["state"] for one in buyer.get(f"/v1/disputes/{at}")["remedies"][0]["tries"]]

    play.until("the first attempt fails", tries, lambda states: states[:1] == ["unknown"])
    play.tell("first_failed")
    play.until("the second attempt fails", tries, lambda states: states[1:2] == ["unknown"])
    play.tell("second_failed")
    told = play.until("the third attempt pays", tries, lambda states: states[2:] == ["confirmed"])
    play.expect("the attempts as the buyer sees them", told, ["unknown", "unknown", "confirmed"])
    paid_and_closed(play, at, yuan(3980), "settled", attempts=3)
    return at


STORIES: Final = (
    Story(
        "fruit_taste_merchant_refuses",
        "橙子不甜，商家不认，平台裁决退款",
        "Sour oranges, the merchant refuses, the platform decides",
        9,
        fruit_taste_merchant_refuses,
    ),
    Story(
        "merchant_silent",
        "商家收到通知后 48 小时不回应，缺席判定",
        "The merchant is told and silent for 48 hours: decided by default",
        6,
        merchant_silent,
    ),
    Story(
        "settled_by_offer",
        "商家提出部分退款，买家接受，和解结案",
        "A counter-offer of a partial refund is accepted",
        5,
        settled_by_offer,
    ),
    Story(
        "payout_fails_twice_then_succeeds",
        "付款两次不成，第三次付成，只付一次",
        "The payment fails twice and then succeeds, once",
        6,
        payout_fails_twice_then_succeeds,
    ),
    Story(
        "liability_cannot_be_determined",
        "责任无法判定，按规则包的兜底规则裁决",
        "Liability cannot be determined, the playbook's own rule decides",
        7,
        liability_cannot_be_determined,
    ),
    Story(
        "appeal_overturns",
        "商家带新证据申诉，另一位仲裁员改判",
        "The merchant appeals with new evidence, another arbitrator reverses",
        8,
        appeal_overturns,
    ),
)

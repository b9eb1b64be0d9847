"""Stories of evidence: what is asked for, what comes too late, and what a photo must not give away."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from infrastructure.demo.scenes import (
    PICTURES,
    a_claim,
    a_remedy,
    an_orange_order,
    an_order,
    before_an_arbitrator,
    closed_unpaid,
    decision,
    dismissed,
    exhibit,
    paid_and_closed,
    upheld,
    window_passes,
    yuan,
)

if TYPE_CHECKING:
    from infrastructure.demo.play import Play

GPS = 0x8825  # the part of a photo that says where it was taken


def evidence_too_late(play: Play) -> str:
    """Asked for a record, the merchant shows it after its clock: it is kept, and counts only once it is admitted."""
    say = play.words
    order, arbitrator = an_orange_order("20261118-7841", "Qian", "Terrace"), play.person("arbitrator", "Cui")
    merchant = play.person("merchant", "Terrace")
    said = say("页面写现摘，收到的是冷库货。", "The page says freshly picked; what came was from cold storage.")
    answer = say("就是现摘现发的。", "Picked and sent the same day.")
    at = before_an_arbitrator(play, order, a_claim("not_as_described", said), answer, arbitrator)
    exhibit(
        play.person("buyer", "Qian"),
        at,
        "orange.png",
        "photo",
        say("切开的橙子，已经失水", "The cut orange, dried out"),
    )
    asked = {
        "side": "merchant",
        "kinds": ["record"],
        "why": say("请提交当天的采摘记录。", "Show the record of that day's picking."),
    }
    case = arbitrator.act(at, "request_evidence", asked)
    play.expect(
        "what is missing now",
        ("merchant", "record") in [(one["who"], one["kind"]) for one in case["missing"]],
        told=True,
    )
    part = {"claim": "c1", "remedy": "partial_refund", "amount": yuan(800)}
    offer = {"terms": [part], "note": say("退 8 元，别告了。", "8 yuan back, and let us leave it.")}
    merchant.act(at, "make_offer", offer)
    play.tell(
        "72 小时过去，商家没有提交，买家也没有接受方案。",
        "72 hours pass: the merchant shows nothing, the buyer does not take the offer.",
    )
    due = next(one["due_at"] for one in case["clocks"] if one["name"] == "evidence")
    play.move_clock(due)
    exhibit(
        merchant,
        at,
        "listing.txt",
        "record",
        say("采摘和装箱记录，刚从仓库找到", "The record of picking and packing, just found in the store"),
    )
    case = arbitrator.sees(at)
    play.expect("what became of the offer", case["offers"][0]["state"], "expired")
    late = case["exhibits"][-1]
    play.expect("whether what came too late counts", (late["late"], late["considered"]), (True, False))
    facts = say(
        "记录与订单的批次和时间一致，是当天现摘的。",
        "The record fits the order's batch and time: it was picked that day.",
    )
    reasons = say("照片不能说明采摘时间，记录可以。", "The photo does not tell when it was picked; the record does.")
    ruling = decision(dismissed(facts, "e2"), reasons)
    tried = arbitrator.tries(at, "rulings", ruling)
    play.refused(
        tried, "exhibit_is_late", "仲裁员想直接采信这份记录。", "The arbitrator wants to rely on the record as it is."
    )
    why = say("记录能核实，晚交是因为仓库停电。", "It can be checked, and a power cut kept it in the store.")
    case = arbitrator.act(at, "admit_evidence", {"reason": why})
    play.expect("whether it counts once admitted", case["exhibits"][-1]["considered"], told=True)
    case = arbitrator.act(at, "rule", ruling)
    window_passes(play, case)
    closed_unpaid(play, play.platform.sees(at), "decided")
    return at


def short_weight(play: Play) -> str:
    """Four pounds of five: nobody decides while the merchant has time to show its record; it says the same."""
    say = play.words
    goods = (say("冰糖橙 5 斤装", "Oranges, five pounds"), 3980), (say("蜜柚 2 个", "Two pomelos"), 2500)
    order = an_order("20261118-7843", "Pan", "Ridge", *goods, freight=1000)
    buyer, merchant, arbitrator = (
        play.person("buyer", "Pan"),
        play.person("merchant", "Ridge"),
        play.person("arbitrator", "Shao"),
    )
    said = say("写五斤，称了只有四斤。", "Five pounds, it says; on the scales they are four.")
    claim = a_claim("short_weight", said, remedy="partial_refund") | {"amount": yuan(796)}
    at = before_an_arbitrator(play, order, claim, say("出库时是五斤。", "They were five when they left."), arbitrator)
    exhibit(buyer, at, "orange.png", "weighing", say("秤上的橙子，四斤", "The oranges on the scales: four pounds"))
    asked = {
        "side": "merchant",
        "kinds": ["packing"],
        "why": say("请提交出库称重记录。", "Show the record of weighing at dispatch."),
    }
    arbitrator.act(at, "request_evidence", asked)
    facts = say("买家称得四斤，商家拿不出相反的记录。", "The buyer weighed four pounds, and no record says otherwise.")
    coupon = a_remedy("coupon", 500)
    awarded = upheld(facts, "COMMON-WEIGHT-1", "e1", part=796, beside=({"remedy": "freight_refund"}, coupon))
    reasons = say(
        "少一斤，退五分之一；运费按分摊退；麻烦了买家，另给一张券。",
        "A fifth is missing: so much of the price, the freight of these goods, a coupon for the trouble.",
    )
    tried = arbitrator.tries(at, "rulings", decision(awarded, reasons))
    play.refused(
        tried,
        "evidence_awaited",
        "仲裁员觉得够清楚了，想马上裁决。",
        "It is clear enough for the arbitrator, who wants to rule at once.",
    )
    exhibit(
        merchant,
        at,
        "packing.pdf",
        "packing",
        say("出库单和当天的称重记录", "The packing list and that day's scale record"),
    )
    view = f"/v1/disputes/{at}/evidence/e2/view"
    second = Image.open(BytesIO(buyer.call("GET", view, params={"page": 2}).content))
    play.expect("the second page as the buyer sees it", second.format, "JPEG")
    play.tell(
        "买家一页一页看到的是图片；第二页写着四斤。",
        "The buyer sees the document page by page as pictures; on the second one stands: four pounds.",
    )
    rich = upheld(facts, "COMMON-WEIGHT-1", "e1", "e2", part=796, beside=(a_remedy("coupon", 6000),))
    tried = arbitrator.tries(at, "rulings", decision(rich, reasons))
    play.refused(
        tried,
        "amount_not_chosen",
        "仲裁员想给一张 60 元的券。",
        "The arbitrator wants to give a coupon worth CNY 60.",
    )
    facts = say("商家自己的称重记录也是四斤。", "The merchant's own scale says four pounds, too.")
    awarded |= {"facts": facts, "relied_on": ["e1", "e2"]}
    case = arbitrator.act(at, "rule", decision(awarded, reasons))
    window_passes(play, case)
    paid_and_closed(play, at, yuan(796), yuan(614), yuan(500), outcome="decided")
    return at


def a_photo_keeps_its_place(play: Play) -> str:
    """A photo tells where the buyer lives: the merchant sees its picture; a photo of another order does not count."""
    say = play.words
    order, arbitrator = an_orange_order("20261118-7842", "Shi", "North-Slope"), play.person("arbitrator", "Yu")
    buyer, merchant = play.person("buyer", "Shi"), play.person("merchant", "North-Slope")
    said = say("箱子破了，橙子压烂一半。", "The box was torn, half of the oranges crushed.")
    answer = say("照片不是我们家的箱子。", "That is not our box in the photo.")
    at = before_an_arbitrator(play, order, a_claim("damaged_in_transit", said), answer, arbitrator)
    exhibit(buyer, at, _photo_taken_at_home(), "photo", say("在家门口拆箱", "Opened at my door"))
    [seen] = merchant.sees(at)["exhibits"]
    view = Image.open(BytesIO(merchant.call("GET", seen["view"]).content))
    play.expect("where the photo was taken, in what the merchant sees", dict(view.getexif().get_ifd(GPS)), {})
    play.tell(
        "商家看到的是重画的照片，没有拍摄地点。",
        "The merchant sees the picture drawn anew, without the place where it was taken.",
    )
    tried = merchant.call("GET", f"/v1/disputes/{at}/evidence/e1")
    play.refused(tried, "original_sealed", "商家想要原始文件。", "The merchant wants the original file.")
    told = say("箱子上的面单号不是这一单的。", "The label on that box is not this order's.")
    merchant.act(at, "challenge_evidence", {"ground": "authenticity", "statement": told})
    asked = {
        "side": "buyer",
        "kinds": ["parcel_photo"],
        "why": say("请补拍带面单的外箱。", "Show the box with its label."),
    }
    arbitrator.act(at, "request_evidence", asked)
    exhibit(
        buyer,
        at,
        "orange.png",
        "parcel_photo",
        say("外箱和面单，号码看得清", "The box and its label, the number to be read"),
    )
    why = say("面单号是另一单的，买家也承认拍错了箱子。", "The label is another order's; the buyer took the wrong box.")
    arbitrator.post(f"/v1/disputes/{at}/evidence/e1/exclusion", {"reason": why})
    arbitrator.act(at, "close_evidence_round")
    facts = say(
        "补拍的照片面单号一致，外箱破损。", "In the second photo the label is this order's, and the box is torn."
    )
    reasons = say("签收前的损坏由商家承担。", "Damage before delivery is the merchant's.")
    both = decision(upheld(facts, "COMMON-TRANSIT-1", "e1", "e2"), reasons)
    tried = arbitrator.tries(at, "rulings", both)
    play.refused(
        tried, "exhibit_is_excluded", "仲裁员想两张照片都采信。", "The arbitrator wants to rely on both photos."
    )
    case = arbitrator.act(at, "rule", decision(upheld(facts, "COMMON-TRANSIT-1", "e2"), reasons))
    window_passes(play, case)
    paid_and_closed(play, at, yuan(3980), outcome="decided")
    return at


def _photo_taken_at_home() -> bytes:
    """The picture as a telephone takes it, with the place in it."""
    exif, out = Image.Exif(), BytesIO()
    exif[GPS] = {1: "N", 2: (30.0, 15.0, 0.0), 3: "E", 4: (120.0, 10.0, 0.0)}
    with (PICTURES / "orange.png").open("rb") as picture:
        Image.open(picture).convert("RGB").save(out, "JPEG", exif=exif)
    return out.getvalue()

"""Stories of clocks: what silence decides, and when it decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infrastructure.demo.scenes import (
    a_claim,
    an_orange_order,
    closed_unpaid,
    decision,
    dismissed,
    filed,
    paid_and_closed,
    upheld,
    window_passes,
    yuan,
)

if TYPE_CHECKING:
    from infrastructure.demo.play import Play


def merchant_silent(play: Play) -> str:
    """The first notice bounces, the second arrives; the merchant is silent for 48 hours: decided by default."""
    order = an_orange_order("20261118-7801", "Zhou", "Hillside")
    said = play.words("箱子压扁了，一半橙子是烂的。", "The box was flat, half of the oranges rotten.")
    case = filed(play, order, a_claim("damaged_in_transit", said))
    at: str = case["id"]
    play.expect("whose clock runs before the merchant is told", case["clocks"][0]["whose"], ["platform"])
    case = play.platform.act(at, "report_notice", {"channel": "sms", "bounced": "unknown_address"})
    play.expect("whose clock runs after a bounce", case["clocks"][0]["whose"], ["platform"])
    play.tell("没送达：商家的 48 小时还没有开始。", "It did not arrive: the merchant's 48 hours have not begun.")
    case = play.platform.act(at, "report_notice", {"channel": "app", "reference": "push-81f3"})
    play.expect("whose clock runs once the merchant is told", case["clocks"][0]["whose"], ["merchant"])
    due = case["clocks"][0]["due_at"]
    play.tell(
        "48 小时过去（拨动测试时钟），商家没有回应。",
        "48 hours pass (the test clock moves), and the merchant is silent.",
    )
    play.expect("the clocks that ran out", play.move_clock(due), [due])
    case = play.platform.sees(at)
    play.expect("the stage after 48 hours of silence", case["stage"], "decided")
    proof = case["ruling"]["proof"]
    play.expect("the rule that decides", proof["rule"], "COMMON-SILENCE-1")
    play.expect("how the merchant is known to be told", (proof["how"], proof["reference"]), ("delivered", "push-81f3"))
    play.expect("the end of the merchant's clock", proof["clock"]["due_at"], due)
    play.expect("the award", case["ruling"]["awards"][0]["lines"][0]["amount"], yuan(3980))
    window_passes(play, case)
    paid_and_closed(play, at, yuan(3980), outcome="defaulted")
    return at


def merchant_cannot_be_told(play: Play) -> str:
    """No notice arrives in 72 hours: the merchant is not in default, and an arbitrator decides on what there is."""
    say = play.words
    order, arbitrator = an_orange_order("20261118-7811", "Fan", "Closed-Shop"), play.person("arbitrator", "Jin")
    said = say("橙子不甜，店铺也找不到了。", "The oranges are not sweet, and the shop is gone.")
    case = filed(play, order, a_claim("taste_or_freshness", said))
    at: str = case["id"]
    for channel, why in (("sms", "unknown_address"), ("phone", "failed")):
        case = play.platform.act(at, "report_notice", {"channel": channel, "bounced": why})
    play.tell("72 小时过去，还是没人通知到商家。", "72 hours pass, and nobody could tell the merchant.")
    play.move_clock(case["clocks"][0]["due_at"])
    case = play.platform.sees(at)
    play.expect("the stage", case["stage"], "under_review")
    play.expect("whether anything is decided", "ruling" in case, told=False)
    arbitrator.act(at, "intervene")
    facts = say("买家没有提交任何证据。", "The buyer showed nothing.")
    silence = upheld(facts, "COMMON-SILENCE-1")
    tried = arbitrator.tries(at, "rulings", decision(silence, say("商家没有回应。", "The merchant was silent.")))
    play.refused(
        tried, "unknown_rule", "仲裁员想按商家沉默来判。", "The arbitrator wants to decide by the merchant's silence."
    )
    reasons = say(
        "商家不知道此案，沉默不算数；诉求没有证据。",
        "The merchant did not know, so silence says nothing; and nothing supports the claim.",
    )
    case = arbitrator.act(at, "rule", decision(dismissed(facts), reasons))
    window_passes(play, case)
    closed_unpaid(play, play.platform.sees(at), "decided")
    return at


def a_person_asked_for(play: Play) -> str:
    """The buyer asks for a person: the merchant's silence only proposes, and an arbitrator confirms."""
    say = play.words
    order, arbitrator = an_orange_order("20261118-7871", "Nie", "Quiet-Farm"), play.person("arbitrator", "Tan")
    buyer, merchant = play.person("buyer", "Nie"), play.person("merchant", "Quiet-Farm")
    said = say("到货全是碎的。", "All of it arrived broken.")
    at: str = filed(play, order, a_claim("damaged_in_transit", said))["id"]
    case = play.platform.act(at, "report_notice", {"channel": "app", "reference": "push-9a02"})
    asked = say("上次是机器判的，这次请人来看。", "The last time a machine decided. This time a person please.")
    buyer.act(at, "request_human", {"reason": asked})
    play.tell("48 小时过去，商家没有回应。", "48 hours pass, and the merchant is silent.")
    play.move_clock(case["clocks"][0]["due_at"])
    case = play.platform.sees(at)
    play.expect("the stage: silence only proposes", case["stage"], "under_review")
    play.expect("whether anything is decided", "ruling" in case, told=False)
    late = {"answer": "contest", "statement": say("刚看到。", "I only saw it now.")}
    tried = merchant.tries(at, "responses", late)
    play.refused(tried, "not_open_for_this", "商家这时才想回应。", "The merchant wants to answer only now.")
    arbitrator.act(at, "intervene")
    case = arbitrator.act(at, "confirm_ruling")
    play.expect("the stage once a person confirms", case["stage"], "decided")
    window_passes(play, case)
    paid_and_closed(play, at, yuan(3980), outcome="decided")
    return at


def the_clock_that_stood_still(play: Play) -> str:
    """A typhoon: the merchant's clock stands still for a day, and an answer within what is left is in time."""
    say = play.words
    order, arbitrator = an_orange_order("20261118-7881", "Xie", "Seaside"), play.person("arbitrator", "Pan")
    buyer, merchant = play.person("buyer", "Xie"), play.person("merchant", "Seaside")
    said = say("写着现摘，收到的是蔫的。", "Sold as freshly picked; what came was wilted.")
    at: str = filed(play, order, a_claim("not_as_described", said))["id"]
    case = play.platform.act(at, "report_notice", {"channel": "app", "reference": "push-77c1"})
    before = case["clocks"][0]["due_at"]
    play.let_pass(12)
    why = say(
        "台风停电，店铺所在的县断网一天。", "A typhoon: the shop's county is without power and network for a day."
    )
    pause = {"ground": "force_majeure", "reason": why}
    tried = arbitrator.tries(at, "pauses", pause | {"hours": 300})
    play.refused(
        tried, "pause_too_long", "仲裁员想停 300 小时。", "An arbitrator wants to stop the clock for 300 hours."
    )
    case = arbitrator.act(at, "pause_clock", pause | {"hours": 24})
    play.expect("whether the clock stands still", "paused_until" in case["clocks"][0], told=True)
    buyer.act(at, "chase", {"text": say("有人管吗？", "Is anybody there?")})
    play.expect("what runs out while the clock stands still", before in play.let_pass(24), told=False)
    case = play.platform.sees(at)
    play.expect("whether the clock ends later now", case["clocks"][0]["due_at"] > before, told=True)
    play.let_pass(30)
    play.tell(
        "离通知已经 66 小时；停的 24 小时不算，商家的 48 小时还没用完。",
        "66 hours after the notice; 24 of them do not count, so the merchant's 48 hours are not over.",
    )
    accepted = say("刚来电，是我们的问题，全退。", "Power is back. It was our fault: all of it back.")
    case = merchant.act(at, "respond", {"answer": "accept", "statement": accepted})
    play.expect("the stage after the answer", case["stage"], "carrying_out")
    paid_and_closed(play, at, yuan(3980), outcome="settled")
    return at

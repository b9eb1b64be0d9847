"""What several stories play in the same way: an order, a filing, an exhibit, a ruling, the money, the end."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from infrastructure.demo.play import Person, Play

PICTURES: Final = files("infrastructure.demo") / "pictures"
Body = dict[str, Any]


def yuan(minor: int) -> Body:
    """An amount in fen."""
    return {"minor": minor, "currency": "CNY"}


def an_order(order_id: str, buyer: str, merchant: str, *goods: tuple[str, int], freight: int = 0) -> Body:
    """An order of goods with what was paid for each, and for the carriage of all, in fen."""
    lines = [
        {"id": str(number), "title": title, "quantity": 1, "paid": yuan(paid)}
        for number, (title, paid) in enumerate(goods, start=1)
    ]
    return {
        "order_id": order_id,
        "buyer": buyer,
        "merchant": merchant,
        "ordered_at": "2026-11-18T09:30:00+08:00",
        "delivered_at": "2026-11-20T15:10:00+08:00",
        "listing": goods[0][0],
        "lines": lines,
        "freight": yuan(freight),
    }


def an_orange_order(order_id: str, buyer: str, merchant: str) -> Body:
    """Five pounds of oranges, promised to be sweet: 49.80 yuan less a coupon of 10."""
    order = an_order(order_id, buyer, merchant, ("冰糖橙 5 斤装", 3980))
    promised = {"promises": [{"code": "sweet_or_refund", "text": "不甜包退"}]}
    return order | {"listing": "冰糖橙 5 斤装，现摘现发，不甜包退"} | promised


def a_claim(reason: str, statement: str, *lines: str, remedy: str = "refund_only") -> Body:
    """What a buyer claims for these lines of the order, by default for the first."""
    return {"reason": reason, "lines": lines or ["1"], "remedy": remedy, "statement": statement}


def a_remedy(remedy: str, amount: int) -> Body:
    """A remedy and how much of it, in fen."""
    return {"remedy": remedy, "amount": yuan(amount)}


def filed(play: Play, order: Body, claim: Body) -> Body:
    """The platform registers the order, and the buyer files on it."""
    play.platform.put(f"/v1/orders/{order['order_id']}", order)
    buyer = play.person("buyer", order["buyer"])
    case: Body = buyer.post("/v1/disputes", {"order_id": order["order_id"], "claims": [claim]})
    play.expect("the stage after filing", case["stage"], "awaiting_response")
    return case


def before_an_arbitrator(play: Play, order: Body, claim: Body, answer: str, arbitrator: Person) -> str:
    """Filed, refused by the merchant, and in an arbitrator's hands; answers the case's id."""
    at: str = filed(play, order, claim)["id"]
    play.person("merchant", order["merchant"]).act(at, "respond", {"answer": "contest", "statement": answer})
    call_the_platform(play, at, play.person("buyer", order["buyer"]), arbitrator)
    return at


def call_the_platform(play: Play, case: str, buyer: Person, arbitrator: Person) -> None:
    """The buyer asks the platform to decide, and an arbitrator takes the case."""
    words = play.words("商家不认，请平台处理。", "The merchant will not have it; the platform please decide.")
    play.expect(
        "the stage once the platform is called", buyer.act(case, "escalate", {"reason": words})["stage"], "under_review"
    )
    arbitrator.act(case, "intervene")


def exhibit(person: Person, case: str, picture: str | bytes, kind: str, shows: str) -> Body:
    """Show a file: one of the pictures here by its name, or a photo."""
    name = picture if isinstance(picture, str) else "photo.jpg"
    content = (PICTURES / name).read_bytes() if isinstance(picture, str) else picture
    said = {"kind": kind, "shows": shows}
    shown: Body = person.act(case, "submit_evidence", None, data=said, files={"file": (name, content)})
    return shown


def upheld(facts: str, rule: str, *relied_on: str, part: int | None = None, beside: tuple[Body, ...] = ()) -> Body:
    """The only claim is upheld under this rule: all of the price, or this part of it in fen, and what comes beside."""
    remedy = {"remedy": "refund_only"} if part is None else a_remedy("partial_refund", part)
    award = {"claim": "c1", "finding": "upheld", "facts": facts, "relied_on": relied_on, "rules": [rule]}
    return award | {"remedies": [remedy, *beside]}


def dismissed(facts: str, *relied_on: str) -> Body:
    """The only claim is dismissed: nothing supports it, and the merchant's evidence is more credible."""
    rules = ["COMMON-UNPROVED-1"]
    return {"claim": "c1", "finding": "dismissed", "facts": facts, "relied_on": relied_on, "rules": rules}


def undetermined(facts: str) -> Body:
    """Nobody can tell who is liable for the only claim."""
    return {"claim": "c1", "finding": "undetermined", "facts": facts}


def decision(award: Body, reasons: str) -> Body:
    """A ruling, or a reversal, on the only claim."""
    return {"awards": [award], "reasons": reasons}


def window_passes(play: Play, case: Body) -> None:
    """Nobody appeals the decision in time."""
    play.tell(
        "没有人申诉；测试时钟拨到申诉期满。", "Nobody appeals; the test clock moves to the end of the appeal window."
    )
    due = case["ruling"]["appeal_until"]
    play.expect("the appeal window runs out", due in play.move_clock(due), told=True)


def paid(play: Play, case_id: str, *owed: Body, attempts: int = 1) -> None:
    """Each line goes out once, and the provider confirms it; the provider's own ledger agrees."""

    def came_to_something(case: Body) -> bool:
        # A payment that is halted comes to nothing more, however long one waits.
        states = [one["state"] for one in case["remedies"]]
        return len(states) == len(owed) and set(states) <= {"confirmed", "mismatched"}

    lines = play.until("the money goes out", lambda: play.platform.sees(case_id), came_to_something)["remedies"]
    for line, amount in zip(lines, owed, strict=True):
        play.expect("the payment's state", line["state"], "confirmed")
        play.expect("the amount paid", line["amount"], amount)
        play.expect("the attempts to pay", line["attempts"], attempts)
        booked = [(one["amount"], one["order"]["tender"]) for one in play.ledger(line["payout"])]
        play.expect("the payment server's ledger", booked, [(amount, line["tender"])])


def paid_and_closed(play: Play, case_id: str, *owed: Body, outcome: str, attempts: int = 1) -> None:
    """The money goes out once, and with that the case is closed."""
    paid(play, case_id, *owed, attempts=attempts)
    case = play.until("the case closes", lambda: play.platform.sees(case_id), lambda case: case["stage"] == "closed")
    play.expect("the outcome", case["outcome"], outcome)
    compensated = sum(one["compensated"]["minor"] for one in case["claims"])
    play.expect("what the claims got", compensated, sum(amount["minor"] for amount in owed))


def closed_unpaid(play: Play, case: Body, outcome: str) -> None:
    """The case is closed, and nothing was paid or is to be."""
    play.expect("the stage", case["stage"], "closed")
    play.expect("the outcome", case["outcome"], outcome)
    play.expect("what is paid", case["remedies"], [])

"""What several stories play in the same way: an order of oranges, a filing, an exhibit, the money, the end."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from infrastructure.demo.play import Play

PICTURES: Final = files("infrastructure.demo") / "pictures"


def yuan(minor: int) -> dict[str, Any]:
    """An amount in fen."""
    return {"minor": minor, "currency": "CNY"}


def an_orange_order(order_id: str, buyer: str, merchant: str) -> dict[str, Any]:
    """Five pounds of oranges, promised to be sweet: 49.80 yuan less a coupon of 10."""
    return {
        "order_id": order_id,
        "buyer": buyer,
        "merchant": merchant,
        "ordered_at": "2026-11-18T09:30:00+08:00",
        "delivered_at": "2026-11-20T15:10:00+08:00",
        "listing": "冰糖橙 5 斤装，现摘现发，不甜包退",
        "lines": [{"id": "1", "title": "冰糖橙 5 斤装", "quantity": 1, "paid": yuan(3980)}],
        "freight": yuan(0),
        "promises": [{"code": "sweet_or_refund", "text": "不甜包退"}],
    }


def filed(play: Play, order: dict[str, Any], claim: dict[str, Any]) -> dict[str, Any]:
    """The platform registers the order, and the buyer files on it."""
    play.platform.put(f"/v1/orders/{order['order_id']}", order)
    play.tell("order")
    buyer = play.person("buyer", order["buyer"])
    case: dict[str, Any] = buyer.post("/v1/disputes", {"order_id": order["order_id"], "claims": [claim]})
    play.expect("the stage after filing", case["stage"], "awaiting_response")
    play.tell("filed")
    return case


def paid_and_closed(play: Play, case_id: str, amount: dict[str, Any], outcome: str, attempts: int = 1) -> None:
    """The money goes out once, the provider confirms it, the case closes; the provider's own ledger agrees."""
    platform = play.platform
    path = f"/v1/disputes/{case_id}"

    def ended(case: dict[str, Any]) -> bool:
        # A payment that is halted closes nothing, however long one waits.
        return case["stage"] == "closed" or "mismatched" in [one["state"] for one in case["remedies"]]

    case = play.until("the case closes", lambda: platform.get(path), ended)
    [line] = case["remedies"]
    play.expect("the payment's state", line["state"], "confirmed")
    play.expect("the amount paid", line["amount"], amount)
    play.expect("the outcome", case["outcome"], outcome)
    play.expect("the attempts to pay", line["attempts"], attempts)
    play.expect("what the claim got", case["claims"][0]["compensated"], amount)
    ledger = play.ledger(line["payout"])
    play.expect("the amounts in the payment server's ledger", [one["amount"] for one in ledger], [amount])
    play.tell("paid")


def exhibit(person: Any, case: str, name: str, kind: str, shows: str) -> None:  # noqa: ANN401 - a Person
    """Show a file."""
    content = (PICTURES / name).read_bytes()
    offered = [one for one in person.get(f"/v1/disputes/{case}")["next_actions"] if one["name"] == "submit_evidence"]
    person.post(offered[0]["href"], None, data={"kind": kind, "shows": shows}, files={"file": (name, content)})

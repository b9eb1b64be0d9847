"""Stories of the negotiation for the trail and the account: what is claimed later, offers and their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.dispute import intake, negotiation
from domain.dispute.intake import Answer, Asked
from domain.dispute.negotiation import Term
from domain.intake import order as orders
from domain.intake.order import OrderLine, OrderSnapshot, order_stream
from domain.playbook.playbook import RemedyKind
from tests.contract.log import BUYER, DISPUTE, MERCHANT, PLAYBOOK, Log, an_order, yuan

if TYPE_CHECKING:
    from domain.intake.order import OrderDisputed


def two_boxes() -> OrderSnapshot:
    second = OrderLine(id="2", title="冰糖橙 3 斤装", quantity=1, paid=yuan("19.90"))
    return an_order().model_copy(update={"lines": (*an_order().lines, second)})


def bargained(log: Log) -> Log:
    """An offer lapses because the buyer claims for the second box, too; then each answers the other's offer."""
    log.later(hours=2)
    log.act(MERCHANT, negotiation.answer_claims, PLAYBOOK, Answer.COUNTER, "退一点，算个心意。", (_for_first("5.00"),))
    log.later(hours=1)
    asked = Asked(
        reason="taste_or_freshness", lines=("2",), remedy=RemedyKind.REFUND_ONLY, statement="第二箱打开也是干的。"
    )
    log.add(DISPUTE, BUYER, [intake.add_claim(log.dispute, PLAYBOOK, asked, by=BUYER, at=log.at)])
    log.add(order_stream("common", two_boxes().order_id), BUYER, [_taken(log)])
    log.act(MERCHANT, negotiation.make_offer, PLAYBOOK, (_for_first("8.00"), _for_second("4.00")), "两箱一共 12 元。")
    log.act(BUYER, negotiation.make_offer, PLAYBOOK, (_for_first("20.00"), _for_second("9.00")), "退一半。", "o2")
    log.act(MERCHANT, negotiation.make_offer, PLAYBOOK, (_for_first("15.00"), _for_second("7.00")), "再让一步。", "o3")
    return log


def _for_second(amount: str) -> Term:
    return _for_first(amount).model_copy(update={"claim": "c2"})


def _for_first(amount: str) -> Term:
    return Term(claim="c1", remedy=RemedyKind.PARTIAL_REFUND, amount=yuan(amount))


def _taken(log: Log) -> OrderDisputed:
    snapshot = two_boxes()
    order = orders.Order("common", snapshot, snapshot.digest(), {"1": DISPUTE})
    return orders.dispute_lines(order, DISPUTE, ("2",), by=BUYER, at=log.at)

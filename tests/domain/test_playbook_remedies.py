from __future__ import annotations

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.kernel import Role
from domain.money import Money, total
from domain.playbook.playbook import RemedyKind
from domain.playbook.remedies import (
    AmountNotChosen,
    AmountNotFree,
    NoSuchRemedy,
    NothingToPay,
    Operation,
    Step,
    derive,
    price_paid,
)
from tests.support.builders import a_line, a_playbook, an_order, cny, eur, remedies_of


def test_a_refund_is_computed_from_the_price_paid_for_the_lines() -> None:
    step, payer = derive(a_playbook(), RemedyKind.REFUND_ONLY, an_order(), ("1", "2"), None)
    assert (step.operation, step.amount, payer) == (Operation.PERCENT, cny(5981), Role.MERCHANT)
    assert (step.rule, step.factor, step.rounding) == ("COMMON-REFUND-FULL", 100, "half_up")


def test_a_percentage_of_the_price_is_rounded_half_up() -> None:
    half = a_playbook(remedies=remedies_of("refund_only", percent=50))
    step, _ = derive(half, RemedyKind.REFUND_ONLY, an_order(), ("2",), None)
    assert (step.amount, step.factor) == (cny(1001), 50)


def test_a_chosen_amount_stays_under_the_percentage() -> None:
    half = a_playbook(remedies=remedies_of("partial_refund", percent=50))
    step, _ = derive(half, RemedyKind.PARTIAL_REFUND, an_order(), ("2",), cny(1001))
    assert (step.operation, step.amount, step.inputs[0].amount) == (Operation.CHOSEN, cny(1001), cny(2001))
    with pytest.raises(AmountNotChosen) as caught:
        derive(half, RemedyKind.PARTIAL_REFUND, an_order(), ("2",), cny(1002))
    assert caught.value.details["at_most"] == 1001


@pytest.mark.parametrize("chosen", [None, cny(0), cny(-1), cny(2002), eur(1)])
def test_an_amount_that_is_to_be_chosen_must_be_given_within_its_limit(chosen: Money | None) -> None:
    with pytest.raises(AmountNotChosen):
        derive(a_playbook(), RemedyKind.PARTIAL_REFUND, an_order(), ("2",), chosen)


@pytest.mark.parametrize("chosen", [cny(2000), cny(2002), eur(2001)])
def test_an_amount_that_is_computed_cannot_be_chosen(chosen: Money) -> None:
    with pytest.raises(AmountNotFree):
        derive(a_playbook(), RemedyKind.REFUND_ONLY, an_order(), ("2",), chosen)


def test_a_remedy_without_a_rule_is_refused() -> None:
    common = a_playbook()
    bare = common.model_copy(update={"remedies": common.remedies[:1]})
    with pytest.raises(NoSuchRemedy) as caught:
        derive(bare, RemedyKind.PARTIAL_REFUND, an_order(), ("1",), cny(1))
    assert caught.value.details == {"remedy": "partial_refund", "known": ["refund_only"]}


@pytest.mark.parametrize(("paid", "percent", "rounded"), [(0, 100, 0), (1, 49, 0), (1, 50, 1)])
def test_where_the_rule_gives_nothing_there_is_nothing_to_pay(paid: int, percent: int, rounded: int) -> None:
    order = an_order(lines=(a_line("1", cny(paid)),))
    rules = a_playbook(remedies=remedies_of("refund_only", percent=percent))
    if rounded:
        assert derive(rules, RemedyKind.REFUND_ONLY, order, ("1",), None)[0].amount == cny(rounded)
        return
    with pytest.raises(NothingToPay) as refused:
        derive(rules, RemedyKind.REFUND_ONLY, order, ("1",), None)
    assert refused.value.details == {"rule": "COMMON-REFUND-FULL", "paid": paid, "currency": "CNY"}


def test_the_price_paid_names_the_fact_of_every_line() -> None:
    step = price_paid(an_order(), ("2", "1"))
    assert (step.operation, step.amount, step.source) == (Operation.SUM, cny(5981), "price_paid")
    assert [(fact.source, fact.amount, fact.operation) for fact in step.inputs] == [
        ("order.lines.1.paid", cny(3980), Operation.FACT),
        ("order.lines.2.paid", cny(2001), Operation.FACT),
    ]


prices = st.lists(st.integers(50, 10**9), min_size=1, max_size=20)  # of 50 fen and more something is always left


def recompute(step: Step) -> Money:
    """What the derivation itself says, read by somebody who has nothing else."""
    match step.operation:
        case Operation.FACT | Operation.CHOSEN:
            return step.amount
        case Operation.SUM:
            return total((recompute(one) for one in step.inputs), step.amount.currency)
        case Operation.PERCENT:
            assert step.factor is not None
            return recompute(step.inputs[0]).percent(step.factor)


@for_all(prices, st.integers(1, 100))
def test_anybody_gets_the_same_amount_from_the_derivation_alone(paid: list[int], percent: int) -> None:
    order = an_order(lines=tuple(a_line(f"{n}", cny(minor)) for n, minor in enumerate(paid)))
    rules = a_playbook(remedies=remedies_of("refund_only", percent=percent))
    step, _ = derive(rules, RemedyKind.REFUND_ONLY, order, tuple(line.id for line in order.lines), None)
    assert recompute(step) == step.amount
    assert step.amount <= cny(sum(paid))

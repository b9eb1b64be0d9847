from __future__ import annotations

from typing import assert_never

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.intake.order import OrderSnapshot
from domain.kernel import EVENT_BYTES_MAX, Role
from domain.money import Money, total, zero
from domain.playbook.playbook import RemedyKind
from domain.playbook.remedies import (
    AmountNotChosen,
    AmountNotFree,
    FreightExceeded,
    NoSuchRemedy,
    NothingToPay,
    Operation,
    Step,
    check_freight,
    derive,
    freight_share,
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
        case Operation.CAP:
            return step.amount
        case Operation.LOWEST:
            return min(recompute(one) for one in step.inputs)
        case Operation.SHARE:
            raise AssertionError("the prices of an order stand in its snapshot")
        case _:
            assert_never(step.operation)


def share(order: OrderSnapshot, lines: tuple[str, ...]) -> Money:
    """The freight over all lines by their prices, by largest remainder, the lines by their ids."""
    prices, freight = {line.id: line.paid.minor for line in order.lines}, order.freight.minor
    whole = sum(prices.values()) or len(prices)
    equally = not any(prices.values())
    shares = {line: divmod(freight * (1 if equally else minor), whole) for line, minor in prices.items()}
    left = freight - sum(part for part, _ in shares.values())
    more = sorted(shares, key=lambda line: (-shares[line][1], line))[:left]
    return cny(sum(shares[line][0] + (line in more) for line in lines))


@for_all(prices, st.integers(1, 100))
def test_anybody_gets_the_same_amount_from_the_derivation_alone(paid: list[int], percent: int) -> None:
    order = an_order(lines=tuple(a_line(f"{n}", cny(minor)) for n, minor in enumerate(paid)))
    rules = a_playbook(remedies=remedies_of("refund_only", percent=percent))
    step, _ = derive(rules, RemedyKind.REFUND_ONLY, order, tuple(line.id for line in order.lines), None)
    assert recompute(step) == step.amount
    assert step.amount <= cny(sum(paid))


FREIGHT = RemedyKind.FREIGHT_REFUND


def test_where_all_is_claimed_the_freight_is_given_back_whole() -> None:
    step, payer = derive(a_playbook(), FREIGHT, an_order(), ("2", "1"), None)
    assert (step.amount, step.rule, payer) == (cny(600), "COMMON-FREIGHT", Role.MERCHANT)
    [share_step] = step.inputs
    assert (share_step.operation, share_step.rounding) == (Operation.SHARE, "largest_remainder")
    assert [one.source for one in share_step.inputs] == [
        *("order.freight", "order.claimed_lines.paid", "order.other_lines.paid")
    ]


@pytest.mark.parametrize(("lines", "part"), [(("1",), 399), (("2",), 201), (("1", "2"), 600)])
def test_where_a_part_is_claimed_the_freight_is_split_by_the_price_paid(lines: tuple[str, ...], part: int) -> None:
    assert derive(a_playbook(), FREIGHT, an_order(), lines, None)[0].amount == cny(part)


def test_a_playbook_may_give_the_whole_freight_whatever_is_claimed() -> None:
    whole = a_playbook(remedies=remedies_of("freight_refund", of="freight", percent=50))
    step, _ = derive(whole, FREIGHT, an_order(), ("2",), None)
    assert (step.amount, [one.source for one in step.inputs]) == (cny(300), ["order.freight"])


def test_where_nothing_was_paid_for_the_lines_the_freight_falls_on_them_equally_the_odd_fen_on_the_lower_id() -> None:
    order = an_order(lines=(a_line("b", cny(0)), a_line("a", cny(0))), freight=cny(601))
    assert [freight_share(order, (line,)).amount for line in ("a", "b")] == [cny(301), cny(300)]


def test_an_order_without_freight_has_none_to_give_back() -> None:
    with pytest.raises(NothingToPay) as refused:
        derive(a_playbook(), FREIGHT, an_order(freight=cny(0)), ("1",), None)
    assert refused.value.details == {"rule": "COMMON-FREIGHT", "paid": 0, "currency": "CNY"}


@pytest.mark.parametrize(("minor", "given"), [(2000, 2000), (2001, 2001), (2002, 2001)])
def test_a_computed_amount_is_never_above_the_cap(minor: int, given: int) -> None:
    rules = a_playbook(remedies=remedies_of("refund_only", at_most=[{"minor": minor, "currency": "CNY"}]))
    step, _ = derive(rules, RemedyKind.REFUND_ONLY, an_order(), ("2",), None)
    assert (step.operation, step.amount) == (Operation.LOWEST, cny(given))
    assert recompute(step) == cny(given)
    abroad, _ = derive(
        rules, RemedyKind.REFUND_ONLY, an_order(lines=(a_line("1", eur(5)),), freight=eur(0)), ("1",), None
    )
    assert (abroad.operation, abroad.amount) == (Operation.PERCENT, eur(5))


def test_a_chosen_amount_stays_under_the_lower_of_percentage_and_cap() -> None:
    rules = a_playbook(remedies=remedies_of("coupon", percent=50, at_most=[{"minor": 900, "currency": "CNY"}]))
    step, _ = derive(rules, RemedyKind.COUPON, an_order(), ("2",), cny(900))
    [limit] = step.inputs
    assert (step.operation, limit.operation, [one.operation for one in limit.inputs]) == (
        Operation.CHOSEN,
        Operation.LOWEST,
        [Operation.PERCENT, Operation.CAP],
    )
    with pytest.raises(AmountNotChosen):
        derive(rules, RemedyKind.COUPON, an_order(), ("2",), cny(901))


def test_a_ruling_on_as_many_lines_and_claims_as_there_may_be_fits_into_an_event() -> None:
    order = an_order(lines=tuple(a_line(f"line-{n}", cny(3980)) for n in range(100)))
    rules, lines = a_playbook(), [line.id for line in order.lines]
    steps = [
        derive(rules, kind, order, tuple(lines[n : n + 5]), chosen)[0]
        for n in range(0, 100, 5)
        for kind, chosen in ((RemedyKind.REFUND_ONLY, None), (FREIGHT, None), (RemedyKind.COUPON, cny(100)))
    ]
    assert sum(len(step.model_dump_json()) for step in steps) < EVENT_BYTES_MAX - 16_384  # and room for the rest


priced = st.lists(st.integers(0, 10**9), min_size=1, max_size=20)


@for_all(priced, st.integers(0, 10**9), st.lists(st.integers(0, 3), min_size=20, max_size=20))
def test_however_the_lines_are_claimed_the_parts_of_the_freight_are_the_freight(
    paid: list[int], freight: int, claims: list[int]
) -> None:
    order = an_order(lines=tuple(a_line(f"{n}", cny(minor)) for n, minor in enumerate(paid)), freight=cny(freight))
    groups = [tuple(line.id for n, line in enumerate(order.lines) if claims[n] == group) for group in range(4)]
    steps = [freight_share(order, group) for group in groups if group]
    assert total((step.amount for step in steps), "CNY") == cny(freight)
    assert [step.amount for step in steps] == [share(order, group) for group in groups if group]
    assert all(zero("CNY") <= step.amount for step in steps)
    check_freight(order, ((FREIGHT, step.amount) for step in steps))
    with pytest.raises(FreightExceeded):
        check_freight(order, [*((FREIGHT, step.amount) for step in steps), (FREIGHT, cny(1))])

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from domain.intake import order as orders
from domain.intake.order import (
    LineAlreadyDisputed,
    OrderDisputed,
    OrderIsDisputed,
    OrderOfOthers,
    OrderSnapshot,
    UnknownLine,
    order_stream,
)
from domain.money import MINOR_MAX, zero
from tests.support.builders import (
    BUYER,
    DISPUTE,
    ELSEWHERE,
    PLATFORM,
    PLATFORM_MACHINE,
    a_line,
    a_registered_order,
    an_order,
    cny,
    eur,
    hours,
)
from tests.support.given import fold, given


def register(snapshot: OrderSnapshot) -> Any:
    return lambda order: orders.register(order, PLATFORM, snapshot, by=PLATFORM_MACHINE, at=hours(-71))


def dispute_lines(*lines: str) -> Any:
    return lambda order: orders.dispute_lines(order, ELSEWHERE, lines, by=BUYER, at=hours(1))


def disputed(*lines: str) -> OrderDisputed:
    return OrderDisputed(dispute=DISPUTE, lines=lines, by=BUYER, at=hours(0))


def test_the_platform_registers_an_order_as_bought() -> None:
    given().when(register(an_order())).then(a_registered_order())


def test_the_same_version_of_an_order_again_is_nothing_new() -> None:
    given(a_registered_order()).when(register(an_order())).then_nothing()
    given(a_registered_order(), disputed("1")).when(register(an_order())).then_nothing()


def test_an_order_may_be_corrected_until_a_dispute_is_filed_on_it() -> None:
    delivered = an_order(delivered_at=hours(-1))
    given(a_registered_order()).when(register(delivered)).then(a_registered_order(delivered_at=hours(-1)))
    given(a_registered_order(), disputed("1")).when(register(delivered)).then_refused(
        OrderIsDisputed, disputes=[str(DISPUTE)]
    )


@pytest.mark.parametrize("changes", [{"buyer": "buyer-yu"}, {"merchant": "tea-shop"}])
def test_an_order_never_changes_hands(changes: dict[str, str]) -> None:
    given(a_registered_order()).when(register(an_order(**changes))).then_refused(OrderOfOthers)


def test_a_dispute_takes_its_lines_of_the_order() -> None:
    taken = OrderDisputed(dispute=ELSEWHERE, lines=("2",), by=BUYER, at=hours(1))
    given(a_registered_order(), disputed("1")).when(dispute_lines("2")).then(taken)
    assert fold(a_registered_order(), disputed("1"), taken).disputed == {"1": DISPUTE, "2": ELSEWHERE}


def test_the_money_of_one_line_is_never_claimed_in_two_disputes() -> None:
    given(a_registered_order(), disputed("1")).when(dispute_lines("2", "1")).then_refused(
        LineAlreadyDisputed, lines={"1": str(DISPUTE)}
    )


def test_only_lines_of_the_order_are_disputed() -> None:
    given(a_registered_order()).when(dispute_lines("1", "9")).then_refused(UnknownLine, lines=["9"], known=["1", "2"])


def test_an_order_of_two_platforms_is_two_orders() -> None:
    assert order_stream("common", "1") != order_stream("other", "1")
    assert order_stream("common", "1") == order_stream("common", "1")


def test_any_change_of_an_order_changes_its_digest() -> None:
    assert an_order().digest() == an_order().digest()
    for changes in ({"listing": "别的"}, {"freight": cny(601)}, {"delivered_at": hours(0)}):
        assert an_order(**changes).digest() != an_order().digest()


def test_the_price_paid_for_lines_leaves_the_freight_out() -> None:
    assert an_order().paid_for(("1",)) == cny(3980)
    assert an_order().paid_for(("1", "2")) == cny(5981)
    assert an_order().paid_for(()) == zero("CNY")


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"lines": (a_line("1", cny(1)), a_line("1", cny(2)))}, "same id"),
        ({"lines": (a_line("1", eur(1)),)}, "one currency"),
        ({"freight": eur(600)}, "one currency"),
        ({"lines": (a_line("1", cny(-1)),)}, "not negative"),
        ({"freight": cny(-1)}, "not negative"),
        ({"lines": ()}, "at least 1"),
        ({"lines": tuple(a_line(str(n), cny(1)) for n in range(101))}, "at most 100"),
        ({"ordered_at": hours(0).replace(tzinfo=None)}, "timezone"),
    ],
)
def test_an_order_holds_together(changes: dict[str, Any], because: str) -> None:
    with pytest.raises(ValidationError, match=because):
        an_order(**changes)


def test_the_same_moment_written_in_another_time_zone_is_the_same_order() -> None:
    in_shanghai = hours(-72).astimezone(timezone(timedelta(hours=8)))
    given(a_registered_order(), disputed("1")).when(register(an_order(ordered_at=in_shanghai))).then_nothing()


def test_the_amounts_of_an_order_add_up_to_an_amount() -> None:
    most = an_order(lines=(a_line("1", cny(MINOR_MAX - 1)), a_line("2", cny(1))), freight=cny(0))
    assert most.paid_for(("1", "2")) == cny(MINOR_MAX)
    for lines, freight in (((MINOR_MAX, MINOR_MAX), 0), ((MINOR_MAX - 1, 1), 1)):
        with pytest.raises(ValidationError, match="add up to more"):
            an_order(lines=tuple(a_line(str(n), cny(paid)) for n, paid in enumerate(lines)), freight=cny(freight))

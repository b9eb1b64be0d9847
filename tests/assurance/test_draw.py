"""Many draws: everybody in a stratum is asked as often as the others, and sees either side first as often."""

from __future__ import annotations

import math
import os
import sys
from collections import Counter

from domain.jury import draw, pool
from domain.jury.profile import Demand, Side
from tests.support.jury import BOTH_GAVE, PANEL, a_pool, conflicts_of, digits, strata

DRAWS = int(os.environ.get("GONGDUAN_DRAWS", "10000"))
P_MIN = 0.001


def chance_of(chi_square: float, freedom: int) -> float:
    """The chance of so great a chi-square or a greater one, by the approximation of Wilson and Hilferty."""
    spread = 2 / (9 * freedom)
    z = ((chi_square / freedom) ** (1 / 3) - (1 - spread)) / math.sqrt(spread)
    return math.erfc(z / math.sqrt(2)) / 2


def test_the_chance_of_a_chi_square_is_that_of_the_tables() -> None:
    for chi_square, freedom, tabled in (
        (18.307, 10, 0.05),
        (29.588, 10, 0.001),
        (124.342, 100, 0.05),
        (149.449, 100, 0.001),
    ):
        assert abs(chance_of(chi_square, freedom) - tabled) < tabled / 10


def chi_square(seen: Counter[str], names: list[str]) -> tuple[float, float]:
    expected = sum(seen[one] for one in names) / len(names)
    found = sum((seen[one] - expected) ** 2 / expected for one in names)
    return found, chance_of(found, len(names) - 1)


def test_everybody_of_a_class_is_asked_as_often_as_the_others_and_nobody_with_a_conflict() -> None:
    members, seats = a_pool(), strata()
    root, conflicts = pool.root(members), conflicts_of(members)
    known = {one.pseudonym: one for one in members}
    wanted = [(one, one.invited) for one in seats]
    given = draw.randomness(PANEL, root, buyer=BOTH_GAVE.buyer, merchant=BOTH_GAVE.merchant, beacon=None)
    asked: Counter[str] = Counter()
    first: Counter[str] = Counter()
    wrong = 0
    for number in range(DRAWS):
        key = draw.key(bytes.fromhex(digits("draw", number)), given)
        invited, _ = draw.invite(draw.order(key, members), wanted, conflicts, set())
        asked.update(one.pseudonym for one in invited)
        first.update(f"seat {seat}" for seat, side in enumerate(draw.first_seen(key, 17), 1) if side is Side.BUYER)
        of = {one.id: [known[name.pseudonym] for name in invited if name.stratum == one.id] for one in seats}
        wrong += any(one.pseudonym in conflicts for one in invited)
        wrong += any(
            len(of[one.id]) != one.invited
            or any(
                member.side is not one.side
                or (one.demand is Demand.EXPERIENCED and not member.experienced)
                or (one.demand is Demand.KNOWS_GOODS and not member.knows_goods)
                for member in of[one.id]
            )
            for one in seats
        )
    assert wrong == 0
    classes: dict[tuple[str, bool, bool], list[str]] = {}
    for one in members:
        if one.pseudonym not in conflicts:
            classes.setdefault((one.side, one.experienced, one.knows_goods), []).append(one.pseudonym)
    chances = {name: chi_square(asked, people) for name, people in classes.items()}
    chances[("seats", False, False)] = chi_square(first, [f"seat {seat}" for seat in range(1, 18)])
    for (side, experienced, knows), (found, chance) in sorted(chances.items()):
        sys.stdout.write(
            f"{side} experienced={experienced:d} knows={knows:d}: chi-square {found:.1f}, p {chance:.4f}\n"
        )
    sys.stdout.write(f"{DRAWS} draws, {len(asked)} of {len(members)} ever asked, {len(conflicts)} in conflict\n")
    assert len(asked) == len(members) - len(conflicts)
    assert min(chance for _, chance in chances.values()) > P_MIN

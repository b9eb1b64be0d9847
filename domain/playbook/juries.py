"""Juries in a playbook: which kind hears what, by which rules a verdict decides, and the cases jurors practise on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from domain.jury.profile import JuryProfile, Side
from domain.kernel import Bilingual, Code, Value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from domain.playbook.playbook import Rule


class JuryUse(Value):
    """Which jury hears a case in the first instance, and what its verdict leads to.

    One for the buyer upholds every claim as asked by the rule `upheld`, one for the seller dismisses every claim by the
    rule `dismissed`.
    """

    first_instance: Code
    upheld: Code
    dismissed: Code


class MockCase(Value):
    """A made case with a right answer, on which somebody shows that they can judge before they judge real ones."""

    id: Code
    story: Bilingual
    buyer: Bilingual
    seller: Bilingual
    right: Literal[Side.BUYER, Side.SELLER]
    why: Bilingual


def problems(
    juries: Sequence[JuryProfile],
    use: JuryUse | None,
    mock_cases: Sequence[MockCase],
    rules: Sequence[Rule],
    reasons: Collection[str],
) -> Iterator[str]:
    """What does not hold together between the juries and the rest of a playbook."""
    known = {one.id for one in juries}
    for one in juries:
        if one.eligibility.mock_cases > len(mock_cases):
            yield f"the jury {one.id} asks for more mock cases than there are"
    if use is None:
        return
    if use.first_instance not in known:
        yield f"the jury {use.first_instance} is named, but not described"
    for name, finding in ((use.upheld, "upheld"), (use.dismissed, "dismissed")):
        rule = next((one for one in rules if one.id == name), None)
        if rule is None or str(rule.finding) != finding or not set(reasons) <= set(rule.reasons):
            yield f"the rule {name} of a verdict is not {finding} for every reason"

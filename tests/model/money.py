"""What is owed, paid and to come back, as the README and domain/README.md tell it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tests.model.case import Case, Line, Recovery, Ruling
from tests.model.rules import tender_of

TENDERS = ("money", "coupon")


def in_force(case: Case, claim: str | None = None) -> list[Line]:
    return [one for one in case.lines.values() if not one.stopped and claim in (None, one.claim)]


def payer_of(case: Case, remedy: str) -> str:
    """Who pays what is decided."""
    return case.rules.remedies[remedy].payer


def outside(case: Case, claim: str) -> int:
    """What the buyer got elsewhere."""
    return sum(amount for of, amount, _ in case.outside.values() if of == claim)


def kept(case: Case, name: str) -> int:
    """What was paid for a line and is not to come back."""
    line = case.lines[name]
    back = sum(one.amount - one.written_off for one in case.recoveries.values() if one.line == name)
    return (line.amount if line.paid else 0) - back


def written_off(case: Case, name: str) -> int:
    return sum(one.written_off for one in case.recoveries.values() if one.line == name)


@dataclass(slots=True)
class Pot:
    """For one claim, in one tender: what the buyer has already, and which credits of lines in force it covers.

    Money from outside covers first, line by line; what a payer paid for stopped lines covers its own lines only.
    """

    outside: int
    held: Counter[str]  # by payer: what it paid for stopped lines, and is not to come back
    credits: list[tuple[str, int]]  # of the lines in force, in their order: payer and amount

    def credited(self, payer: str) -> int:
        return sum(amount for by, amount in self.credits if by == payer)

    def from_outside(self) -> Counter[str]:
        """By payer: what of its credits money from outside covers; first what nothing else can cover."""
        covers = Counter({payer: max(self.credited(payer) - self.held[payer], 0) for payer, _ in self.credits})
        for payer, amount in self.credits:
            covers[payer] += min(amount, self.outside - covers.total(), self.credited(payer) - covers[payer])
        return covers

    def uncovering(self, payer: str) -> int:
        """What this payer paid and covers nothing."""
        return self.held[payer] - self.credited(payer) + self.from_outside()[payer]

    def left(self, payer: str) -> int:
        """What may cover more of this payer's lines."""
        return self.outside - self.from_outside().total() + self.uncovering(payer)


def pot(case: Case, claim: str, tender: str) -> Pot:
    lines = {name: one for name, one in case.lines.items() if (one.claim, one.tender) == (claim, tender)}
    held = Counter[str]()
    for name, one in lines.items():
        held[one.payer] += kept(case, name) if one.stopped else 0
    in_force_now = [(one.payer, one.credited) for one in lines.values() if not one.stopped]
    return Pot(outside(case, claim) if tender == "money" else 0, held, in_force_now)


def overpaid(case: Case, claim: str) -> int:
    """Coupons and money apart: too much of one pays nothing of the other."""
    if not in_force(case, claim):
        return 0
    too_much = 0
    for tender in TENDERS:
        lines, has = [one for one in in_force(case, claim) if one.tender == tender], pot(case, claim, tender)
        awarded = sum(one.amount + one.credited for one in lines)
        paid = sum(one.amount for one in lines if one.paid)
        too_much += max(paid + sum(has.held.values()) + has.outside - awarded, 0)
    return too_much


def compensated(case: Case, claim: str) -> int | None:
    """What was paid for a claim of which nothing is owed any more."""
    lines = in_force(case, claim)
    return sum(one.amount for one in lines) if lines and all(one.done for one in lines) else None


def order(case: Case, due: list[tuple[str, str, str, int]], outcome: str | None) -> None:
    """Claim, remedy, payer, amount: ordered in place of all that was ordered before."""
    for line in in_force(case):
        line.stopped = True
    for claim, remedy, payer, amount in due:
        credited = min(pot(case, claim, tender_of(remedy)).left(payer), amount)
        case.lines[f"l{len(case.lines) + 1}"] = Line(claim, remedy, payer, amount - credited, credited)
        case.stage = "carrying_out"
    follow(case, outcome)


def follow(case: Case, outcome: str | None) -> None:
    """What a final outcome asks back, and the end where nothing is left; nothing while it can still change."""
    if outcome is None:
        return
    spare: dict[tuple[str, str, str], int] = {}
    for name, line in case.lines.items():
        if line.stopped:
            whose = (line.claim, line.tender, line.payer)
            spare.setdefault(whose, pot(case, line.claim, line.tender).uncovering(line.payer))
            back = min(kept(case, name) - written_off(case, name), spare[whose])
            spare[whose] -= max(back, 0)
            if back > 0:
                case.recoveries[f"v{len(case.recoveries) + 1}"] = Recovery(name, line.claim, back)
                case.stage = "carrying_out"
    end_if_done(case, outcome)


def end_if_done(case: Case, outcome: str) -> None:
    if all(one.done for one in in_force(case)) and not any(one.left for one in case.recoveries.values()):
        case.stage, case.outcome = "closed", outcome
        case.stop_all()


def outcome_of(case: Case) -> str | None:
    """How the case ends when all is paid; nothing while its ruling can still change."""
    if case.agreed:
        return "settled"
    return of_ruling(case.rulings[-1]) if case.rulings and case.final else None


def of_ruling(ruling: Ruling) -> str:
    return "decided" if ruling.by else "defaulted"


def due_under(case: Case, ruling: Ruling) -> list[tuple[str, str, str, int]]:
    return [
        (claim, remedy, payer_of(case, remedy), amount)
        for claim, one in ruling.awards.items()
        for remedy, amount in one.given.items()
    ]


def pay(case: Case, name: str) -> None:
    """The payment service paid a line; the case waits for no gift."""
    if name in case.gifts:
        case.gifts[name].paid = True
        return
    case.lines[name].paid = True
    if outcome := outcome_of(case):
        end_if_done(case, outcome)


def refund(case: Case, claim: str, amount: int, source: str, reference: str) -> None:
    """The buyer got money elsewhere: so much less is paid for what is not paid, and not on its way."""
    case.outside[reference] = (claim, amount, source)
    covered = False
    for line in in_force(case, claim):
        on_its_way = any(case.lines[name] is line for name in case.on_its_way)
        left = pot(case, claim, "money").left(line.payer) if line.tender == "money" else 0
        if not line.paid and not on_its_way and (by := min(left, line.amount)) > 0:
            line.amount, line.credited = line.amount - by, line.credited + by
            covered = covered or not line.amount
    if covered and (outcome := outcome_of(case)):
        end_if_done(case, outcome)


def recovered(case: Case, name: str, amount: int, reference: str) -> None:
    case.recoveries[name].reported[reference] = amount
    _end_if_nothing_is_left(case)


def write_off(case: Case, name: str) -> None:
    """What is left will never come back; the buyer has it."""
    case.recoveries[name].written_off = case.recoveries[name].left
    _end_if_nothing_is_left(case)


def _end_if_nothing_is_left(case: Case) -> None:
    if outcome := outcome_of(case):
        end_if_done(case, outcome)

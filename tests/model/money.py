"""What is owed, paid and to come back, as the README and domain/README.md tell it."""

from __future__ import annotations

from tests.model.case import Case, Line, Recovery, Ruling


def in_force(case: Case, claim: str | None = None) -> list[Line]:
    return [one for one in case.lines.values() if not one.stopped and claim in (None, one.claim)]


def outside(case: Case, claim: str) -> int:
    """What the buyer got elsewhere."""
    return sum(amount for of, amount, _ in case.outside.values() if of == claim)


def kept(case: Case, name: str) -> int:
    """What was paid for a line and is not to come back."""
    line = case.lines[name]
    back = sum(one.amount for one in case.recoveries.values() if one.line == name)
    return (line.amount if line.paid else 0) - back


def held(case: Case, claim: str, payer: str | None = None) -> int:
    """What was paid under stopped lines and is not to come back."""
    return sum(
        kept(case, name)
        for name, one in case.lines.items()
        if one.stopped and one.claim == claim and payer in (None, one.payer)
    )


def spare_credit(case: Case, claim: str, payer: str | None = None) -> int:
    """What the buyer has for a claim already, and no line in force was made smaller by."""
    return outside(case, claim) + held(case, claim, payer) - sum(one.credited for one in in_force(case, claim))


def overpaid(case: Case, claim: str) -> int:
    lines = in_force(case, claim)
    awarded = sum(one.amount + one.credited for one in lines)
    paid = sum(one.amount for one in lines if one.paid)
    return max(paid + held(case, claim) + outside(case, claim) - awarded, 0) if lines else 0


def compensated(case: Case, claim: str) -> int | None:
    """What was paid for a claim of which nothing is owed any more."""
    lines = in_force(case, claim)
    return sum(one.amount for one in lines) if lines and all(one.done for one in lines) else None


def order(case: Case, due: list[tuple[str, str, str, int]], outcome: str | None) -> None:
    """Claim, remedy, payer, amount: ordered in place of all that was ordered before."""
    for line in in_force(case):
        line.stopped = True
    for claim, remedy, payer, amount in due:
        credited = min(spare_credit(case, claim, payer), amount)
        case.lines[f"l{len(case.lines) + 1}"] = Line(claim, remedy, payer, amount - credited, credited)
        case.stage = "carrying_out"
    follow(case, outcome)


def follow(case: Case, outcome: str | None) -> None:
    """What a final outcome asks back, and the end where nothing is left; nothing while it can still change."""
    if outcome is None:
        return
    spare: dict[tuple[str, str], int] = {}
    for name, line in case.lines.items():
        if line.stopped:
            whose = (line.claim, line.payer)
            spare.setdefault(whose, uncovered(case, *whose))
            back = min(kept(case, name), spare[whose])
            spare[whose] -= back
            if back > 0:
                case.recoveries[f"v{len(case.recoveries) + 1}"] = Recovery(name, line.claim, back)
                case.stage = "carrying_out"
    end_if_done(case, outcome)


def uncovered(case: Case, claim: str, payer: str) -> int:
    """What was paid under stopped lines and covers nothing; what came from outside covers first."""
    credited = sum(one.credited for one in in_force(case, claim) if one.payer == payer)
    return held(case, claim, payer) - max(credited - outside(case, claim), 0)


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


def due_under(ruling: Ruling) -> list[tuple[str, str, str, int]]:
    return [
        (claim, one.remedy, one.payer, one.amount)
        for claim, one in ruling.awards.items()
        if one.remedy is not None and one.amount
    ]


def pay(case: Case, name: str) -> None:
    """The payment service paid a line."""
    case.lines[name].paid = True
    if outcome := outcome_of(case):
        end_if_done(case, outcome)


def refund(case: Case, claim: str, amount: int, source: str, reference: str) -> None:
    """The buyer got money elsewhere: so much less is paid for what is not paid, and not on its way."""
    left = spare_credit(case, claim) + amount
    case.outside[reference] = (claim, amount, source)
    covered = False
    for line in in_force(case, claim):
        on_its_way = any(case.lines[name] is line for name in case.on_its_way)
        if not line.paid and not on_its_way and (by := min(left, line.amount)) > 0:
            line.amount, line.credited, left = line.amount - by, line.credited + by, left - by
            covered = covered or not line.amount
    if covered and (outcome := outcome_of(case)):
        end_if_done(case, outcome)


def recovered(case: Case, name: str, amount: int, reference: str) -> None:
    case.recoveries[name].reported[reference] = amount
    if outcome := outcome_of(case):
        end_if_done(case, outcome)

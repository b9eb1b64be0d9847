"""How a played story is told: from the case's own trail, as an auditor reads it, with the refusals between."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from domain.dispute import appeal, correction, goodwill, intake, proposal, remedy, review, ruling
from domain.intake import order
from domain.kernel import Role
from domain.money import Money, Tender, total
from domain.playbook.playbook import Finding
from domain.playbook.remedies import Step
from domain.remedy import payout
from infrastructure.playbooks.reader import read_playbook
from infrastructure.web.account import arithmetic
from infrastructure.web.plain_text import columns, wrapped
from infrastructure.web.sentences import moment, person, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from domain.playbook.playbook import Playbook
    from infrastructure.demo.play import Aside, Play
    from infrastructure.web.sentences import Language

Json = dict[str, Any]
PAID: Final = frozenset((payout.PayoutState.CONFIRMED, payout.PayoutState.RECOVERED))
LABEL: Final = 7  # columns before what happened, for the number of the event
PAGE: Final = 100

# What follows by itself from something that is told; the account and the trail have it.
UNTOLD: Final = frozenset(
    one.TOPIC
    for one in (
        order.OrderDisputed,
        goodwill.GoodwillPaid,
        intake.Closed,
        remedy.Compensated,
        remedy.RemedyConfirmed,
        payout.PayoutOrdered,
        payout.PayoutRecovered,
        payout.PayoutReduced,
        payout.PayoutSent,
        payout.PayoutStopped,
    )
)
# Who steps in takes the case, which is told once.
STEPPING_IN: Final = frozenset((review.PlatformIntervened.TOPIC, appeal.AppealHeard.TOPIC))
DECIDING: Final = frozenset(
    one.TOPIC
    for one in (
        proposal.RulingProposed,
        ruling.RulingConfirmed,
        ruling.DecidedByDefault,
        ruling.RulingReversed,
        correction.RulingCorrected,
    )
)


@dataclass(frozen=True, slots=True)
class End:
    """How a case ended: what the payment service paid, what of it came back; `payments` were made in money."""

    number: str
    outcome: intake.Outcome
    findings: tuple[Finding, ...]
    payments: int
    sums: tuple[tuple[str, Money], ...]

    @classmethod
    def of(cls, case: Json) -> End:
        """Read it from the case as it is now."""
        currency = case["order"]["freight"]["currency"]
        paid = [one for one in case["remedies"] if one["state"] in PAID]
        money = [one for one in paid if one["tender"] == Tender.MONEY]
        off = [one["written_off"] for one in case["recoveries"] if "written_off" in one]
        sums = {
            "paid": _sum(money, currency),
            "coupon": _sum((one for one in paid if one not in money), currency),
            "goodwill": _sum((one for one in case["goodwill"] if one["state"] in PAID), currency),
            "back": _sum(case["recoveries"], currency)
            - _sum(case["recoveries"], currency, "left")
            - _sum(off, currency),
            "written_off": _sum(off, currency),
        }
        found = [Finding(one["finding"]) for one in case.get("ruling", {}).get("awards", [])]
        outcome = intake.Outcome(case["outcome"])
        there = tuple((name, amount) for name, amount in sums.items() if amount.minor)
        return cls(case["number"], outcome, tuple(found), len(money), there)

    def how(self, language: Language) -> str:
        """The way in which it ended, and for whom where somebody decided."""
        key = "demo.how_decided" if self.findings else "demo.how"
        return say(language, key, outcome=self.outcome, findings=list(dict.fromkeys(self.findings)))

    def told(self, language: Language) -> str:
        """How it ended and what was paid."""
        return say(language, "demo.end", how=self.how(language), money=self.money(language))

    def money(self, language: Language) -> str:
        """The money, a sentence for each sum."""
        several = {"paid": "paid_in_parts"} if self.payments > 1 else {}
        told = [
            say(language, f"demo.{several.get(name, name)}", amount=amount, payments=self.payments)
            for name, amount in self.sums
        ]
        return (" " if language == "en" else "").join(told) or say(language, "demo.nothing_paid")


def _sum(of: Iterable[Json], currency: str, what: str = "amount") -> Money:
    return total((Money(**one[what]) for one in of), currency)


def tell_story(play: Play, case_id: str, width: int) -> list[str]:
    """The story of a case in lines of at most so many columns."""
    case, language = play.auditor.sees(case_id), play.place.language
    page = _Page(language, width)
    parties = {role.value: person(language, role, case["order"][role.value]) for role in (Role.BUYER, Role.MERCHANT)}
    page.put(say(language, "demo.case", number=case["number"], **parties))
    playbook, asides, before = read_playbook(play.place.rules), list(play.asides), ""
    for entry in _trail(play, case_id):
        while asides and asides[0].position < entry["position"]:
            page.aside(asides.pop(0))
        topic, twice = entry["event"], entry["event"] == review.CaseAssigned.TOPIC and before in STEPPING_IN
        before = topic
        if twice or topic in UNTOLD:
            continue
        page.entry(entry, f"#{entry['version']}" if entry["stream"] == case_id else "")
        if topic in DECIDING:
            then = play.auditor.get(f"/v1/disputes/{case_id}", as_of=entry["version"])
            page.awards(playbook, (then.get("proposal") or then["ruling"])["awards"])
    for aside in asides:
        page.aside(aside)
    end = End.of(case)
    page.lines.append("")
    page.put(say(language, "demo.ended", end=end.told(language)))
    return page.lines


def _trail(play: Play, case_id: str) -> Iterator[Json]:
    """Every event of the case in the order of the log."""
    since: int | None = 0
    while since is not None:
        page = play.auditor.get(f"/v1/disputes/{case_id}/trail", after=play.position, since=since, limit=PAGE)
        yield from page["entries"]
        since = page.get("next")


class _Page:
    """Lines as they are set: the time where it is another one, the number of the event, what happened and why."""

    def __init__(self, language: Language, width: int) -> None:
        self.language = language
        self.width = width
        self.lines: list[str] = []
        self.moment = ""
        self.reckoned: list[str] = []

    def put(self, text: str, indent: int = 2, first: str = "", later: str = "") -> None:
        """A paragraph; `first` and `later` begin its lines."""
        space = " " * (indent - columns(first)) if first else " " * indent
        self.lines += wrapped(text, first + space + later, " " * indent + later, self.width)

    def entry(self, entry: Json, label: str) -> None:
        """An event with its time, its number and its reason."""
        at = moment(self.language, datetime.fromisoformat(entry["at"]))
        if at != self.moment:
            self.lines += ["", f"  {at}"]
            self.moment = at
        self.put(f"{entry['who']} {entry['what']}", LABEL, first=f"  {label}")
        if entry.get("why"):
            self.put(entry["why"], LABEL, later="> ")

    def aside(self, aside: Aside) -> None:
        """The narrator's words, or who was refused what."""
        if not self.moment and not self.lines[-1].startswith(" " * LABEL):
            self.lines.append("")
        key = "demo.refused" if aside.why else "demo.aside"
        self.put(say(self.language, key, what=aside.what), LABEL)
        if aside.why:
            self.put(aside.why, LABEL, later="> ")

    def awards(self, playbook: Playbook, awards: list[Json]) -> None:
        """What the rules say that a decision cites, and where each amount comes from, unless that was just told."""
        rules = [cited for award in awards for one in award["rules"] if (cited := playbook.cited(one))]
        steps = [
            Step.model_validate_json(json.dumps(line["derivation"])) for award in awards for line in award["lines"]
        ]
        told = [say(self.language, "demo.rule", rule=one.id, sentence=one.sentence) for one in rules]
        told += [arithmetic(self.language, step) for step in steps]
        for text in told if told != self.reckoned else ():
            self.put(text, LABEL)
        self.reckoned = told

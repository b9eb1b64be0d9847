"""A case as an outsider keeps it in mind, without the service's code. Amounts are minor units of one currency."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.model.rules import Bought, Rules, percent_of, tender_of

PARTIES = ("buyer", "merchant")
DECIDERS = ("arbitrator", "senior_arbitrator")
OTHER = {"buyer": "merchant", "merchant": "buyer"}
OPEN_STAGES = ("awaiting_response", "negotiation", "under_review")


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody in a role, for a platform; `name` is what the story calls them."""

    name: str
    role: str
    id: str
    platform: str


@dataclass(frozen=True, slots=True)
class Move:
    """Something that somebody tries: `of` is the thing it is about, where there may be several."""

    action: str
    of: str | None = None
    body: Any = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What for, what is asked, and what was paid for its lines."""

    reason: str
    lines: tuple[str, ...]
    paid: int
    remedy: str
    asked: int


@dataclass(slots=True)
class Clock:
    """A clock that runs; when it started and is due is what the service says, held against its own arithmetic."""

    name: str
    whose: tuple[str, ...]
    hours: int
    of: str | None = None
    due: datetime | None = None


@dataclass(slots=True)
class Offer:
    by: str
    terms: list[tuple[str, str, int]]  # claim, remedy, amount
    state: str = "open"
    counters: str | None = None


@dataclass(slots=True)
class Exhibit:
    by: str
    kind: str
    content: str
    late: bool
    request: str | None = None
    admitted: bool | None = None  # what an arbitrator said last, if anything
    challenged: bool = False

    @property
    def has_view(self) -> bool:
        """Pictures and documents are drawn anew for viewing; words are shown as they are."""
        return not self.content.startswith("words")

    @property
    def counts(self) -> bool:
        return not self.late if self.admitted is None else self.admitted


@dataclass(slots=True)
class Request:
    side: str
    kinds: tuple[str, ...]
    answered: bool = False


@dataclass(slots=True)
class Award:
    """`given` is empty where nothing is awarded; by remedy: the amount."""

    upheld: bool
    rules: list[str]
    given: dict[str, int] = field(default_factory=dict)
    exhibits: list[str] = field(default_factory=list)
    undetermined: bool = False


@dataclass(slots=True)
class Ruling:
    """A decision, or the proposal of one; `by` is absent where silence decided."""

    name: str
    awards: dict[str, Award]
    by: Who | None = None
    proposed_by: Who | None = None
    appeal: str | None = None  # the one that it decides
    of_silence: bool = False  # the service's own, for a person to confirm
    reasons: str | None = None

    @property
    def total(self) -> int:
        return sum(sum(one.given.values()) for one in self.awards.values())


@dataclass(slots=True)
class Line:
    """A line of money that was ordered; `credited` the buyer had already."""

    claim: str
    remedy: str
    payer: str
    amount: int
    credited: int
    paid: bool = False
    stopped: bool = False

    @property
    def tender(self) -> str:
        return tender_of(self.remedy)

    @property
    def done(self) -> bool:
        return self.paid or not self.amount


@dataclass(slots=True)
class Recovery:
    line: str
    claim: str
    amount: int
    reported: dict[str, int] = field(default_factory=dict)  # by reference
    written_off: int = 0

    @property
    def left(self) -> int:
        return self.amount - sum(self.reported.values()) - self.written_off


@dataclass(slots=True)
class Gift:
    """What was given beside the claims."""

    payer: str
    amount: int
    tender: str
    paid: bool = False


@dataclass(slots=True)
class Case:
    """The whole case."""

    rules: Rules
    id: str
    beside: str  # another case, to link it to
    cast: tuple[Who, ...]  # who is around
    buyer: str
    merchant: str
    bought: Bought
    elsewhere: frozenset[str]  # lines of the order that are in dispute in another case
    claims: dict[str, Claim]
    stage: str = "awaiting_response"
    served: bool = False
    answered: str | None = None
    clocks: dict[str, Clock] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)  # the clocks that a pause holds
    pause_ends: datetime | None = None
    pause_hours: int = 0
    human: str | None = None  # the side that asked for a person
    messages: Counter[str] = field(default_factory=Counter)
    chases: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    hold: bool = False
    offers: dict[str, Offer] = field(default_factory=dict)
    agreed: bool = False
    exhibits: dict[str, Exhibit] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)
    round: int = 1
    closed_for: set[str] = field(default_factory=set)
    arbitrator: tuple[str, str] | None = None  # role and id of who has the case
    had: set[str] = field(default_factory=set)
    out: set[str] = field(default_factory=set)  # who heard or decided it before
    conflicts: set[str] = field(default_factory=set)
    rulings: list[Ruling] = field(default_factory=list)
    proposal: Ruling | None = None
    names_used: set[str] = field(default_factory=set)  # of rulings and proposals
    final: bool = False
    appeals: list[tuple[str, str]] = field(default_factory=list)  # the side and what became of it
    lines: dict[str, Line] = field(default_factory=dict)
    on_its_way: set[str] = field(default_factory=set)  # lines for which the payment service is being asked
    gifts: dict[str, Gift] = field(default_factory=dict)
    outside: dict[str, tuple[str, int, str]] = field(default_factory=dict)  # by reference: claim, amount, source
    recoveries: dict[str, Recovery] = field(default_factory=dict)
    outcome: str | None = None
    earlier_ends: list[str] = field(default_factory=list)

    def side(self, who: Who) -> str | None:
        """For which side somebody stands, if any."""
        if (who.role, who.id) in {("buyer", self.buyer), ("merchant", self.merchant)}:
            return who.role
        return None

    def may_see(self, who: Who) -> bool:
        if who.platform != self.rules.platform:
            return False
        if who.role in DECIDERS:
            return who.id not in self.conflicts
        return self.side(who) is not None or who.role in ("auditor", "platform")

    def has_it(self, who: Who) -> bool:
        return self.arbitrator == (who.role, who.id)

    @property
    def ruling(self) -> Ruling | None:
        return self.rulings[-1] if self.rulings else None

    @property
    def open_appeal(self) -> str | None:
        """The name of the appeal that is to be decided."""
        if self.appeals and self.appeals[-1][1] in ("filed", "heard"):
            return f"a{len(self.appeals)}"
        return None

    def start(self, name: str, whose: tuple[str, ...], of: str | None = None) -> None:
        key = name if of is None else f"{name}:{of}"
        self.clocks[key] = Clock(name, whose, self.rules.hours[name], of)
        self.release(key)

    def stop(self, *keys: str) -> None:
        for key in keys:
            self.clocks.pop(key, None)
            self.release(key)

    def stop_all(self) -> None:
        self.stop(*list(self.clocks))

    def release(self, key: str) -> None:
        """A clock that is gone or starts anew is not held; a pause that holds none is over."""
        self.held.discard(key)
        if not self.held:
            self.pause_ends = None

    def is_open(self, request: str) -> bool:
        return f"evidence:{request}" in self.clocks and not self.requests[request].answered

    def open_for(self, side: str) -> bool:
        """Whether what this side shows is in time."""
        asked = any(one.side == side and self.is_open(name) for name, one in self.requests.items())
        return side not in self.closed_for or asked

    def owed(self) -> dict[tuple[str, str], str]:
        """By side and kind: the open request for evidence that has not been shown."""
        return {
            (one.side, kind): name
            for name, one in self.requests.items()
            if self.is_open(name)
            for kind in one.kinds
            if not any(shown.request == name and shown.kind == kind for shown in self.exhibits.values())
        }

    def awaited(self) -> bool:
        """Whether somebody has time to show what was asked for."""
        return any(self.is_open(name) for name in self.requests)

    def most(self, remedy: str, claim: str) -> int:
        """As much as a remedy can come to for a claim."""
        return self.rules.most(remedy, self.bought, self.claims[claim].lines)

    def claimed(self) -> set[str]:
        return {line for one in self.claims.values() for line in one.lines}

    def left_to_give(self, payer: str) -> int:
        """What a payer may still give beside the claims."""
        price = sum(one.paid for one in self.claims.values())
        given = sum(one.amount for one in self.gifts.values() if one.payer == payer)
        most = percent_of(price, self.rules.limits["goodwill_percent"])
        alone = self.rules.four_eyes
        if payer == "platform" and alone is not None:
            most = min(most, alone)
        return most - given

    def sees(self, who: Who, exhibit: Exhibit) -> tuple[bool, bool]:
        """Whether somebody has the original, and the view: of what has a view the other side has only that."""
        if who.role not in (*PARTIES, *DECIDERS, "auditor"):
            return False, False
        return not exhibit.has_view or self.side(who) in (None, exhibit.by), exhibit.has_view

    def shown_by(self, side: str) -> int:
        """What a side showed of itself."""
        return sum(one.by == side and one.request is None for one in self.exhibits.values())

    def missing(self) -> set[tuple[str, str, str]]:
        """By claim or request: who is to show which kind."""
        shown = {(one.by, one.kind) for one in self.exhibits.values() if one.counts}
        by_rule = {
            (name, who, kind)
            for name, claim in self.claims.items()
            for who, kind in self.rules.needs[claim.reason]
            if (who, kind) not in shown
        }
        return by_rule | {(request, side, kind) for (side, kind), request in self.owed().items()}

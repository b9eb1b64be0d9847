"""A playbook: one platform's dispute rules as data, versioned; and its life as an aggregate."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from domain import calendars
from domain.calendars import ALWAYS, HOURS_MAX, Calendars, Clock, ClockName, ClockRule
from domain.jury.profile import JuryProfile
from domain.kernel import (
    Act,
    Actor,
    Bilingual,
    Code,
    Digest,
    Id,
    Line,
    Moment,
    Refused,
    Role,
    Unacceptable,
    Value,
    derived_id,
)
from domain.money import Money, Tender, zero
from domain.playbook import juries as jury_rules
from domain.playbook.juries import JuryUse, MockCase

SOURCE_CHARS_MAX = 40_000


class Nature(StrEnum):
    """What a complaint is about, as the China Consumers Association counts it."""

    AFTER_SALES = "after_sales"
    CONTRACT = "contract"
    QUALITY = "quality"
    FALSE_ADVERTISING = "false_advertising"
    PRICE = "price"
    SAFETY = "safety"
    COUNTERFEIT = "counterfeit"
    METERING = "metering"
    DIGNITY = "dignity"
    OTHER = "other"


class RemedyKind(StrEnum):
    """What can be ordered to set a claim right: money, or what is worth money."""

    REFUND_ONLY = "refund_only"
    PARTIAL_REFUND = "partial_refund"
    FREIGHT_REFUND = "freight_refund"
    COUPON = "coupon"
    GOODWILL_TRANSFER = "goodwill_transfer"
    PLATFORM_SUBSIDY = "platform_subsidy"

    @property
    def tender(self) -> Tender:
        """In what it is paid."""
        return Tender.COUPON if self is RemedyKind.COUPON else Tender.MONEY


# What gives the price back, all of it or a part: one of them at most for a claim.
REFUNDS = frozenset({RemedyKind.REFUND_ONLY, RemedyKind.PARTIAL_REFUND})


class Basis(StrEnum):
    """Of what a remedy is a percentage."""

    PRICE_PAID = "price_paid"  # for the claimed lines
    FREIGHT_SHARE = "freight_share"  # of the order, split over its lines by the price paid: the claimed lines' part
    FREIGHT = "freight"  # of the order, all of it, whichever lines are claimed


class RemediesStart(StrEnum):
    """When what was ruled is carried out: at the decision, or when it can no longer be appealed."""

    AT_DECISION = "at_decision"
    AT_FINAL = "at_final"


class Finding(StrEnum):
    """For whom a claim is found; where that cannot be determined, a rule of the playbook decides."""

    UPHELD = "upheld"
    DISMISSED = "dismissed"
    UNDETERMINED = "undetermined"


Decided = Literal[Finding.UPHELD, Finding.DISMISSED]


class EvidenceNeed(Value):
    """A kind of exhibit that one side must bring for a reason."""

    kind: Code
    who: Role
    sentence: Bilingual


class Burden(Value):
    """What one side has to prove: where it is not proved, it counts against that side."""

    who: Literal[Role.BUYER, Role.MERCHANT]
    sentence: Bilingual
    source: Line


class Reason(Value):
    """Why one may claim; with who must prove what, and the evidence that each side must bring."""

    id: Code
    nature: Nature
    title: Bilingual
    remedies: Annotated[tuple[RemedyKind, ...], Field(min_length=1)]
    burden: tuple[Burden, ...] = ()
    evidence: tuple[EvidenceNeed, ...] = ()

    @property
    def for_parties(self) -> list[RemedyKind]:
        """The remedies that a party may ask for or offer: what the platform gives of its own, nobody gives for it."""
        return [kind for kind in self.remedies if kind is not RemedyKind.PLATFORM_SUBSIDY]


class Rule(Value):
    """A sentence that a ruling may cite, for some reasons and in favour of one finding."""

    id: Code
    sentence: Bilingual
    reasons: Annotated[tuple[Code, ...], Field(min_length=1)]
    finding: Decided
    source: Line


class DefaultRule(Value):
    """What the silence of one clock decides: the claims of these reasons as filed, if its notice was served."""

    id: Code
    clock: Literal[ClockName.ANSWER]
    sentence: Bilingual
    reasons: Annotated[tuple[Code, ...], Field(min_length=1)]
    source: Line


class Fallback(Value):
    """What decides claims of these reasons where liability cannot be determined.

    An upheld one gets `remedy`, as much as that is computed to be; without it what was asked.
    """

    id: Code
    sentence: Bilingual
    reasons: Annotated[tuple[Code, ...], Field(min_length=1)]
    finding: Decided
    remedy: RemedyKind | None = None
    source: Line


class RemedyRule(Value):
    """How much a remedy is: `percent` of something, at most the cap of the currency, or chosen up to that.

    Without `percent` the cap alone is the limit, and in a currency without a cap the remedy is not to be had.
    """

    id: Code
    kind: RemedyKind
    sentence: Bilingual
    payer: Literal[Role.MERCHANT, Role.PLATFORM]
    of: Basis = Basis.PRICE_PAID
    percent: Annotated[int, Field(ge=1, le=100)] | None = None
    at_most: tuple[Money, ...] = ()
    chosen: bool = False

    def cap(self, currency: str) -> Money | None:
        """The most that it comes to in this currency; None where only the percentage limits it."""
        listed = next((one for one in self.at_most if one.currency == currency), None)
        return listed if listed or self.percent is not None else zero(currency)

    @property
    def problems(self) -> list[str]:
        """What is wrong with the row by itself."""
        found = []
        if self.percent is None and not (self.chosen and self.at_most):
            found.append(f"a percent is needed, or chosen and at_most: {self.id}")
        if self.kind in REFUNDS and (self.percent is None or self.of is not Basis.PRICE_PAID):
            found.append(f"what gives the price back is a percent of price_paid: {self.id}")
        if self.kind is RemedyKind.FREIGHT_REFUND and (self.percent is None or self.of is Basis.PRICE_PAID):
            found.append(f"what gives freight back is a percent of freight_share or of freight: {self.id}")
        if self.kind is RemedyKind.PLATFORM_SUBSIDY and self.payer is not Role.PLATFORM:
            found.append(f"the platform itself pays its subsidy: {self.id}")
        if any(one.minor <= 0 for one in self.at_most):
            found.append(f"a cap is above nothing: {self.id}")
        return found


class Limits(Value):
    """How much may be sent, asked for and written on a case."""

    exhibits_per_side: Annotated[int, Field(ge=1, le=100)]
    messages_per_side: Annotated[int, Field(ge=1, le=1000)]
    offers_per_side: Annotated[int, Field(ge=1, le=100)]
    chases_per_side: Annotated[int, Field(ge=1, le=100)]
    notes: Annotated[int, Field(ge=1, le=1000)]  # of all arbitrators on one case
    evidence_requests: Annotated[int, Field(ge=1, le=50)]  # in one case, to both sides together
    pause_hours: Annotated[int, Field(ge=1, le=HOURS_MAX)]  # how long a clock may be made to stand still at once
    goodwill_per_side: Annotated[int, Field(ge=0, le=100)] = 0  # how often merchant and platform give, in one case
    goodwill_percent: Annotated[int, Field(ge=0, le=100_000)] = 0  # and how much, of the price paid for its lines
    instances: Annotated[int, Field(ge=1, le=2)]  # how often a case is heard: once, or once more when it is appealed


class Playbook(Value):
    """The rules of one platform in one version."""

    format: Literal[1]
    platform: Id
    version: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z._-]{1,32}$")]
    title: Bilingual
    custody: Bilingual
    calendars: Calendars = Field(default_factory=dict)
    clocks: dict[ClockName, ClockRule]
    remedies_start: RemediesStart
    limits: Limits
    reasons: Annotated[tuple[Reason, ...], Field(min_length=1)]
    remedies: Annotated[tuple[RemedyRule, ...], Field(min_length=1)]
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
    defaults: tuple[DefaultRule, ...] = ()
    undetermined: tuple[Fallback, ...] = ()
    four_eyes: tuple[Money, ...] = ()  # what a ruling may come to before a second arbitrator has to confirm it
    silence: tuple[Money, ...] = ()  # what silence may decide by itself; above it a person has to confirm
    juries: tuple[JuryProfile, ...] = ()
    jury: JuryUse | None = None
    mock_cases: Annotated[tuple[MockCase, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        problems = [f"the clock {name} is not set" for name in ClockName if name not in self.clocks]
        problems += [
            f"the clock {name} runs by the calendar {rule.calendar}, which is not there"
            for name, rule in self.clocks.items()
            if rule.calendar not in (ALWAYS, *self.calendars)
        ]
        if ALWAYS in self.calendars:
            problems.append(f"the calendar {ALWAYS} needs no table: every hour counts")
        for what, ids in (
            ("reason", [reason.id for reason in self.reasons]),
            ("rule", [rule.id for rule in self.citable]),
            ("remedy", [str(remedy.kind) for remedy in self.remedies]),
            ("limit of four eyes in", [limit.currency for limit in self.four_eyes]),
            ("limit of silence in", [limit.currency for limit in self.silence]),
            ("jury", [jury.id for jury in self.juries]),
            ("mock case", [case.id for case in self.mock_cases]),
            *((f"cap of {one.id} in", [cap.currency for cap in one.at_most]) for one in self.remedies),
        ):
            problems += [f"the {what} {name} stands twice" for name in sorted({n for n in ids if ids.count(n) > 1})]
        problems += [problem for remedy in self.remedies for problem in remedy.problems]
        known = {reason.id for reason in self.reasons}
        problems += [
            f"rule {rule.id} names the unknown reason {name}"
            for rule in self.citable
            for name in rule.reasons
            if name not in known
        ]
        offered = {remedy.kind for remedy in self.remedies}
        problems += [
            f"reason {reason.id} names the remedy {kind}, which has no rule"
            for reason in self.reasons
            for kind in reason.remedies
            if kind not in offered
        ]
        problems += [
            f"there is no rule of the finding {finding} for the reason {reason.id}"
            for reason in self.reasons
            for finding in (Finding.UPHELD, Finding.DISMISSED)
            if not any(reason.id in rule.reasons and rule.finding is finding for rule in self.rules)
        ]
        problems += [
            f"the remedy {row.remedy} of {row.id} is not open for all its reasons, or not computed"
            for row in self.undetermined
            if row.remedy is not None and not self._gives(row, row.remedy)
        ]
        problems += jury_rules.problems(self.juries, self.jury, self.mock_cases, self.rules, known)
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def citable(self) -> tuple[Rule | DefaultRule | Fallback, ...]:
        """Every rule that a decision may name."""
        return (*self.rules, *self.defaults, *self.undetermined)

    def _gives(self, row: Fallback, kind: RemedyKind) -> bool:
        """Whether a row can give this remedy by itself: for an upheld claim, open for its reasons, with an amount."""
        computed = any(one.kind is kind and not one.chosen and one.of is not Basis.FREIGHT for one in self.remedies)
        opened = all(kind in one.remedies for one in self.reasons if one.id in row.reasons)
        return computed and opened and row.finding is Finding.UPHELD

    def start(self, clock: ClockName, at: Moment, *, of: str | None = None, whose: Role | None = None) -> Clock:
        """Start one of its clocks."""
        return calendars.start(clock, self.clocks[clock], self.calendars, at, of=of, whose=whose)

    def reason(self, reason: str) -> Reason | None:
        """The reason of this id, if the playbook has it."""
        return next((one for one in self.reasons if one.id == reason), None)

    def rule(self, rule: str) -> Rule | None:
        """The rule of this id, if the playbook has it."""
        return next((one for one in self.rules if one.id == rule), None)

    def cited(self, rule: str) -> Rule | DefaultRule | Fallback | None:
        """The rule of this id that a decision names, whether a person cited it or it decided by itself."""
        return next((one for one in self.citable if one.id == rule), None)

    def fallback(self, reason: str) -> Fallback | None:
        """What decides a claim of this reason where liability cannot be determined; None where nothing does."""
        return next((one for one in self.undetermined if reason in one.reasons), None)

    def four_eyes_limit(self, currency: str) -> Money | None:
        """What one arbitrator may decide alone in this currency; None where it is not limited."""
        return next((one for one in self.four_eyes if one.currency == currency), None)

    def silence_limit(self, currency: str) -> Money | None:
        """What silence may decide by itself in this currency; None where it is not limited."""
        return next((one for one in self.silence if one.currency == currency), None)

    def default(self, clock: ClockName, reasons: Collection[str]) -> DefaultRule | None:
        """What silence on this clock decides for claims of all these reasons; None where a person has to decide."""
        return next((one for one in self.defaults if one.clock is clock and set(reasons) <= set(one.reasons)), None)

    def jury_profile(self, name: str | None) -> JuryProfile | None:
        """The jury of this name, if the playbook has it."""
        return next((one for one in self.juries if one.id == name), None)

    def remedy(self, kind: RemedyKind) -> RemedyRule | None:
        """How this remedy is computed, if the playbook has it."""
        return next((one for one in self.remedies if one.kind == kind), None)


class PlaybookPublished(Act):
    """A version of a platform's playbook came into force; `source` is the file to the letter."""

    TOPIC: ClassVar[str] = "playbook.published"
    platform: Id
    version: Line
    digest: Digest
    source: Annotated[str, StringConstraints(max_length=SOURCE_CHARS_MAX)]


PlaybookEvent = PlaybookPublished


class VersionPublished(Refused):
    """This version was published with other content; what is in force does not change under its name."""

    CODE = "playbook_version_published"


class PlaybookOfOthers(Unacceptable):
    """The file is for another platform."""

    CODE = "playbook_of_others"


@dataclass(frozen=True, slots=True)
class Shelf:
    """A platform's published versions, oldest first."""

    published: tuple[PlaybookPublished, ...] = ()

    @property
    def in_force(self) -> PlaybookPublished | None:
        """The newest published version."""
        return self.published[-1] if self.published else None

    def with_digest(self, digest: str) -> PlaybookPublished | None:
        """The version whose file has this digest."""
        return next((one for one in self.published if one.digest == digest), None)


def playbook_stream(platform: str) -> UUID:
    """The id of the stream of a platform's playbooks."""
    return derived_id("playbook", platform)


def digest_of(source: str) -> str:
    """SHA-256 of the file's UTF-8 bytes."""
    return hashlib.sha256(source.encode()).hexdigest()


def publish(
    shelf: Shelf, platform: str, playbook: Playbook, source: str, *, by: Actor, at: Moment
) -> tuple[PlaybookEvent, ...]:
    """Put a version in force; the very same file again is nothing new."""
    if playbook.platform != platform:
        raise PlaybookOfOthers(platform=platform, file=playbook.platform)
    digest = digest_of(source)
    for earlier in shelf.published:
        if earlier.version == playbook.version:
            if earlier.digest == digest:
                return ()
            raise VersionPublished(version=playbook.version, digest=earlier.digest)
    return (PlaybookPublished(platform=platform, version=playbook.version, digest=digest, source=source, by=by, at=at),)


def evolve(shelf: Shelf, event: PlaybookEvent) -> Shelf:
    """The shelf after `event`."""
    return replace(shelf, published=(*shelf.published, event))

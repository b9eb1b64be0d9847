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
from domain.money import Money, Tender

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


class Reason(Value):
    """Why one may claim; with the evidence that each side must bring."""

    id: Code
    nature: Nature
    title: Bilingual
    remedies: Annotated[tuple[RemedyKind, ...], Field(min_length=1)]
    evidence: tuple[EvidenceNeed, ...] = ()


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
    """How much a remedy is: `percent` of the price paid for the claimed lines, or chosen up to that."""

    id: Code
    kind: RemedyKind
    sentence: Bilingual
    payer: Literal[Role.MERCHANT, Role.PLATFORM]
    percent: Annotated[int, Field(ge=1, le=100)]
    chosen: bool = False


class Limits(Value):
    """How much may be sent, asked for and written on a case."""

    exhibits_per_side: Annotated[int, Field(ge=1, le=100)]
    messages_per_side: Annotated[int, Field(ge=1, le=1000)]
    offers_per_side: Annotated[int, Field(ge=1, le=100)]
    chases_per_side: Annotated[int, Field(ge=1, le=100)]
    notes: Annotated[int, Field(ge=1, le=1000)]  # of all arbitrators on one case
    evidence_requests: Annotated[int, Field(ge=1, le=50)]  # in one case, to both sides together
    pause_hours: Annotated[int, Field(ge=1, le=HOURS_MAX)]  # how long a clock may be made to stand still at once
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
        ):
            problems += [f"the {what} {name} stands twice" for name in sorted({n for n in ids if ids.count(n) > 1})]
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
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def citable(self) -> tuple[Rule | DefaultRule | Fallback, ...]:
        """Every rule that a decision may name."""
        return (*self.rules, *self.defaults, *self.undetermined)

    def _gives(self, row: Fallback, kind: RemedyKind) -> bool:
        """Whether a row can give this remedy by itself: for an upheld claim, open for its reasons, with an amount."""
        computed = any(one.kind is kind and not one.chosen for one in self.remedies)
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

    def default(self, clock: ClockName, reasons: Collection[str]) -> DefaultRule | None:
        """What silence on this clock decides for claims of all these reasons; None where a person has to decide."""
        return next((one for one in self.defaults if one.clock is clock and set(reasons) <= set(one.reasons)), None)

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

"""What every chapter builds on: facts, who acts, refusals, and the mark of personal data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints

EVENT_BYTES_MAX = 64 * 1024
S = TypeVar("S")
NAMESPACE = uuid5(NAMESPACE_URL, "urn:gongduan")


def derived_id(*words: str) -> UUID:
    """The id that these words always give, so that the same thing named twice is one thing."""
    return uuid5(NAMESPACE, "\n".join(words))


class Value(BaseModel):
    """A value that never changes and refuses what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Event(Value):
    """A fact in the past tense.

    TOPIC is its stored name ("aggregate.fact") and is never reused; VERSION rises with its shape.
    The payload holds business words only: stream, command and the time of storing live in the envelope; who and when
    stand in it where a rule or a reader needs them.
    """

    TOPIC: ClassVar[str]
    VERSION: ClassVar[int] = 1


class Role(StrEnum):
    """In what capacity somebody acts."""

    BUYER = "buyer"
    MERCHANT = "merchant"
    THIRD_PARTY = "third_party"
    ARBITRATOR = "arbitrator"
    SENIOR_ARBITRATOR = "senior_arbitrator"
    JUROR = "juror"
    AUDITOR = "auditor"
    INSPECTOR = "inspector"
    RULE_WRITER = "rule_writer"
    PLATFORM = "platform"
    ADMIN = "admin"
    SERVICE = "service"  # this service itself: expiring clocks, carrying out remedies


ARBITRATORS = frozenset({Role.ARBITRATOR, Role.SENIOR_ARBITRATOR})

NO_NUL: Final = r"^[^\x00]*$"
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NUL)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=NO_NUL)]


def _in_utc(moment: datetime) -> datetime:
    """The same moment written in UTC, so that it is stored, compared and hashed in one way."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        msg = "the moment is outside the calendar"
        raise ValueError(msg) from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Actor(Value):
    """Who acts: a person, or a tool (`is_tool`), possibly on behalf of somebody."""

    role: Role
    id: Id
    on_behalf_of: Id | None = None
    is_tool: bool = False


@dataclass(frozen=True, slots=True)
class Personal:
    """Marks a field as personal data; `subject` is the path, within the same event, to the person's id."""

    subject: str


class Act(Event):
    """A fact that somebody brought about; `by` and `at` stand in the payload because rules read them."""

    by: Actor
    at: Moment


class Bilingual(Value):
    """A sentence in the two languages in which every person is addressed."""

    zh: Text
    en: Text


class BrokenStream(Exception):
    """A stream does not begin with the event that begins its kind: the log is damaged."""


def begun(state: S | None) -> S:
    """The state of a stream that has begun."""
    if state is None:
        raise BrokenStream
    return state


class DomainError(Exception):
    """A rule refused. CODE is public and never changes; `details` say what would be allowed instead."""

    CODE: ClassVar[str]

    def __init__(self, **details: Any) -> None:  # noqa: ANN401 - details are shown as they are, whatever they are
        super().__init__(self.CODE, details)
        self.details = details


class Refused(DomainError):
    """The dispute is not in a state in which this can be done."""


class NotYours(DomainError):
    """The actor is not the one who may do this in this dispute."""


class Unacceptable(DomainError):
    """What was sent breaks a rule whatever the state."""


class EventTooLarge(Unacceptable):
    """What was sent would be an event over the limit of one, EVENT_BYTES_MAX."""

    CODE = "event_too_large"

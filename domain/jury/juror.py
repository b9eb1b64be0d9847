"""The juror: somebody who enrols, shows on mock cases that they can judge, pauses, and leaves; one stream each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, assert_never
from uuid import UUID

from pydantic import Field

from domain.jury.profile import Side
from domain.kernel import Act, Actor, Code, Digest, Id, Moment, Refused, Unacceptable, begun, derived_id
from domain.playbook.juries import MockCase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.jury.person import Person
    from domain.jury.profile import Eligibility

Found = Literal[Side.BUYER, Side.SELLER]


class JurorEnrolled(Act):
    """An account asked to judge cases; `by` is the account."""

    TOPIC: ClassVar[str] = "juror.enrolled"
    platform: Id


class MockCaseJudged(Act):
    """A juror judged a made case, `sure` of it so many times in a hundred; `passed` where it was judged rightly."""

    TOPIC: ClassVar[str] = "juror.mock_case_judged"
    case: Code
    choice: Found
    sure: Annotated[int, Field(ge=50, le=100)]
    passed: bool
    playbook_digest: Digest


class PauseReason(StrEnum):
    """Why a juror is asked for no case: their own wish, or that they let several summonses lapse."""

    OWN_WISH = "own_wish"
    IDLE = "idle"


class JurorPaused(Act):
    """The juror is in no pool until then, or until they come back."""

    TOPIC: ClassVar[str] = "juror.paused"
    why: PauseReason
    until: Moment | None


class JurorRestored(Act):
    """The juror is asked again."""

    TOPIC: ClassVar[str] = "juror.restored"


class JurorLeft(Act):
    """The juror judges no more; who enrols again begins anew."""

    TOPIC: ClassVar[str] = "juror.left"


JurorEvent = JurorEnrolled | MockCaseJudged | JurorPaused | JurorRestored | JurorLeft


class NotEnrolled(Refused):
    """Only who is enrolled as a juror does this."""

    CODE = "not_enrolled"


class MockCasePassed(Refused):
    """The mock case was judged rightly; once is enough."""

    CODE = "mock_case_passed"


class MockCaseTooSoon(Refused):
    """A mock case that was judged wrongly is judged again after a while."""

    CODE = "mock_case_too_soon"


class UnknownMockCase(Unacceptable):
    """The playbook has no such mock case."""

    CODE = "unknown_mock_case"


class NotPaused(Refused):
    """Only who pauses comes back."""

    CODE = "not_paused"


@dataclass(frozen=True, slots=True)
class Juror:
    """A juror now. What was judged in an earlier enrolment stays on record and counts no more."""

    enrolled: JurorEnrolled
    judged: tuple[MockCaseJudged, ...] = ()
    paused: JurorPaused | None = None
    left: JurorLeft | None = None
    earlier: tuple[MockCaseJudged, ...] = field(default=())

    def pauses(self, at: datetime) -> bool:
        """Whether the juror is asked for nothing at this moment."""
        return self.paused is not None and (self.paused.until is None or at < self.paused.until)

    @property
    def passed(self) -> frozenset[str]:
        """The mock cases that were judged rightly."""
        return frozenset(one.case for one in self.judged if one.passed)


def juror_stream(platform: str, account: str) -> UUID:
    """The id of the stream of a juror."""
    return derived_id("juror", platform, account)


def enrol(juror: Juror | None, platform: str, *, by: Actor, at: Moment) -> tuple[JurorEnrolled, ...]:
    """Enrol; who is enrolled is so already."""
    if juror is not None and juror.left is None:
        return ()
    return (JurorEnrolled(platform=platform, by=by, at=at),)


def enrolled(juror: Juror | None) -> Juror:
    """The juror, who has not left; refuses anybody else."""
    if juror is None or juror.left is not None:
        raise NotEnrolled
    return juror


def may_judge_mock_case(juror: Juror | None, case: str, retry_hours: int, at: datetime) -> None:
    """A mock case is judged until it was judged rightly, and after a wrong judgement not at once again."""
    mine = [one for one in enrolled(juror).judged if one.case == case]
    if any(one.passed for one in mine):
        raise MockCasePassed(case=case)
    if mine and at < (again := mine[-1].at + timedelta(hours=retry_hours)):
        raise MockCaseTooSoon(case=case, again_at=again.isoformat())


def judge_mock_case(
    juror: Juror | None,
    cases: Sequence[MockCase],
    name: str,
    choice: Found,
    sure: int,
    *,
    playbook_digest: str,
    retry_hours: int,
    by: Actor,
    at: Moment,
) -> tuple[MockCaseJudged]:
    """Judge a made case of the playbook in force."""
    case = next((one for one in cases if one.id == name), None)
    if case is None:
        raise UnknownMockCase(case=name, known=[one.id for one in cases])
    may_judge_mock_case(juror, name, retry_hours, at)
    passed = choice is case.right
    return (
        MockCaseJudged(
            case=name, choice=choice, sure=sure, passed=passed, playbook_digest=playbook_digest, by=by, at=at
        ),
    )


def pause(juror: Juror | None, why: PauseReason, until: Moment | None, *, by: Actor, at: Moment) -> tuple[JurorPaused]:
    """Be asked for nothing, until then or until one comes back; a new pause takes the place of one that runs."""
    enrolled(juror)
    return (JurorPaused(why=why, until=until, by=by, at=at),)


def restore(juror: Juror | None, *, by: Actor, at: Moment) -> tuple[JurorRestored]:
    """Be asked again."""
    if not enrolled(juror).pauses(at):
        raise NotPaused
    return (JurorRestored(by=by, at=at),)


def leave(juror: Juror | None, *, by: Actor, at: Moment) -> tuple[JurorLeft]:
    """Judge no more."""
    enrolled(juror)
    return (JurorLeft(by=by, at=at),)


def evolve(juror: Juror | None, event: JurorEvent) -> Juror:
    """The juror after `event`."""
    if isinstance(event, JurorEnrolled):
        return Juror(enrolled=event, earlier=(*juror.earlier, *juror.judged) if juror else ())
    juror = begun(juror)
    match event:
        case MockCaseJudged():
            return replace(juror, judged=(*juror.judged, event))
        case JurorPaused():
            return replace(juror, paused=event)
        case JurorRestored():
            return replace(juror, paused=None)
        case JurorLeft():
            return replace(juror, left=event)
        case _:
            assert_never(event)


class Unmet(StrEnum):
    """What somebody lacks to be in a pool."""

    NOT_ENROLLED = "not_enrolled"
    NOT_VOUCHED = "not_vouched"
    PAUSED = "paused"
    JOINED_HOURS = "joined_hours"
    REAL_NAME = "real_name"
    REGISTERED_DAYS = "registered_days"
    CLEAN_DAYS = "clean_days"
    BOUGHT = "bought"
    SOLD = "sold"
    MOCK_CASES = "mock_cases"


def unmet(rules: Eligibility, person: Person | None, juror: Juror | None, at: datetime) -> tuple[Unmet, ...]:
    """What keeps somebody out of a pool that is sealed at this moment; nothing where they may be in it."""
    if juror is None or juror.left is not None:
        return (Unmet.NOT_ENROLLED,)
    found = {
        Unmet.PAUSED: juror.pauses(at),
        Unmet.JOINED_HOURS: juror.enrolled.at + timedelta(hours=rules.joined_hours) > at,
        Unmet.MOCK_CASES: len(juror.passed) < rules.mock_cases,
    }
    if person is None:
        found[Unmet.NOT_VOUCHED] = True
    else:
        facts = person.facts
        found |= {
            Unmet.REAL_NAME: rules.real_name and not facts.real_name,
            Unmet.REGISTERED_DAYS: facts.registered_at + timedelta(days=rules.registered_days) > at,
            Unmet.CLEAN_DAYS: facts.clean_since + timedelta(days=rules.clean_days) > at,
            Unmet.BOUGHT: facts.bought < rules.bought,
            Unmet.SOLD: facts.sold < rules.sold,
        }
    return tuple(one for one in Unmet if found.get(one))


def brier(judged: Sequence[MockCaseJudged]) -> int | None:
    """How far a juror's certainty is from what was right, per mille: 0 is certain and right, 250 a coin, 1000 wrong.

    The mean of (1 - p)² over the mock cases, p the certainty that was given to the right side (Brier's score of two
    outcomes); rounded half up. None without a mock case.
    """
    if not judged:
        return None
    missed = [100 - one.sure if one.passed else one.sure for one in judged]
    squared = sum(one * one for one in missed)
    return (2 * squared + 10 * len(judged)) // (20 * len(judged))

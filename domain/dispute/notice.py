"""Chapter notice, a part of intake: how it is known that the merchant was told, which starts its clock."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from domain.calendars import Clock, ClockName
from domain.dispute.stages import Stage, check_due, check_stage
from domain.kernel import Act, Actor, Code, Event, Id, Moment, NotYours, Refused, Role, Unacceptable
from domain.playbook.playbook import Playbook

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute


class Service(StrEnum):
    """How it is known that a notice reached its addressee."""

    DELIVERED = "delivered"  # the platform has its channel's word
    OPENED = "opened"  # the addressee, signed in, opened the case


class Bounce(StrEnum):
    """Why a notice did not reach its addressee."""

    UNKNOWN_ADDRESS = "unknown_address"
    REFUSED = "refused"
    FAILED = "failed"


class NoticeServed(Act):
    """The merchant is proved to have been told of the dispute; from now on its clock to answer runs.

    `served_at` is when its channel says that it arrived, `reference` that channel's receipt; the clock starts when the
    proof is recorded, so that a late report takes no time from anybody.
    """

    TOPIC: ClassVar[str] = "dispute.notice_served"
    how: Service
    channel: Code
    reference: Id | None = None
    served_at: Moment
    clock: Clock


class NoticeBounced(Act):
    """A notice of the dispute did not arrive; the platform has to find another way."""

    TOPIC: ClassVar[str] = "dispute.notice_bounced"
    channel: Code
    why: Bounce
    reference: Id | None = None


class NoticeLapsed(Event):
    """Nobody could prove in time that the merchant was told: a person decides, and the merchant is not in default."""

    TOPIC: ClassVar[str] = "dispute.notice_lapsed"
    clock: Clock
    at: Moment


NoticeEvent = NoticeServed | NoticeBounced | NoticeLapsed


class NotFromTheFuture(Unacceptable):
    """A notice is not served after it is reported."""

    CODE = "not_from_the_future"


class NotThePlatform(NotYours):
    """Notices are delivered and reported by the platform's own systems."""

    CODE = "not_the_platform"


class AlreadyServed(Refused):
    """The notice has arrived; nothing more is reported of it."""

    CODE = "notice_already_served"


def may_report_notice(dispute: Dispute, actor: Actor) -> None:
    """The platform reports what became of the notice, until it arrived or nobody waits for the answer any more."""
    check_stage(dispute, Stage.AWAITING_RESPONSE)
    if actor.role is not Role.PLATFORM:
        raise NotThePlatform
    if dispute.intake.served is not None:
        raise AlreadyServed


def serve_notice(
    dispute: Dispute,
    playbook: Playbook,
    *,
    channel: str,
    reference: str | None,
    served_at: Moment | None,
    by: Actor,
    at: Moment,
) -> tuple[NoticeServed]:
    """The platform's channel says that the notice arrived: the merchant's clock starts."""
    may_report_notice(dispute, by)
    if served_at is not None and served_at > at:
        raise NotFromTheFuture(at=at.isoformat())
    return (_served(playbook, Service.DELIVERED, channel, reference, served_at or at, by=by, at=at),)


def bounce_notice(
    dispute: Dispute, *, channel: str, why: Bounce, reference: str | None, by: Actor, at: Moment
) -> tuple[NoticeBounced]:
    """The platform's channel says that the notice did not arrive."""
    may_report_notice(dispute, by)
    return (NoticeBounced(channel=channel, why=why, reference=reference, by=by, at=at),)


def proves_service(dispute: Dispute, actor: Actor) -> bool:
    """Whether it would prove service if this actor, signed in, opened the case: the merchant itself, no machine."""
    waits = dispute.stage is Stage.AWAITING_RESPONSE and dispute.intake.served is None
    return waits and not actor.is_tool and dispute.intake.side_of(actor) is Role.MERCHANT


def open_notice(dispute: Dispute, playbook: Playbook, *, by: Actor, at: Moment) -> tuple[NoticeServed, ...]:
    """The merchant, signed in, opened the case: the first time that is proof of service."""
    if not proves_service(dispute, by):
        return ()
    return (_served(playbook, Service.OPENED, "gongduan", None, at, by=by, at=at),)


def _served(
    playbook: Playbook, how: Service, channel: str, reference: str | None, served_at: Moment, *, by: Actor, at: Moment
) -> NoticeServed:
    clock = playbook.start(ClockName.ANSWER, at)
    return NoticeServed(how=how, channel=channel, reference=reference, served_at=served_at, clock=clock, by=by, at=at)


def lapse_notice(dispute: Dispute, *, at: Moment) -> tuple[NoticeLapsed]:
    """Record that service could not be proved in time."""
    return (NoticeLapsed(clock=check_due(dispute, ClockName.NOTICE, at), at=at),)

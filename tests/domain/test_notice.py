from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.calendars import ClockName
from domain.dispute import notice
from domain.dispute.notice import (
    AlreadyServed,
    Bounce,
    NotFromTheFuture,
    NoticeBounced,
    NoticeLapsed,
    NoticeServed,
    NotThePlatform,
    Service,
)
from domain.dispute.stages import ClockNotDue, NotOpenForThis, Stage
from domain.kernel import Actor, Event, Role
from tests.support import builders
from tests.support.builders import (
    ADMIN,
    ARBITRATOR,
    BUYER,
    FILED_AT,
    MERCHANT,
    OTHER_MERCHANT,
    PLATFORM_MACHINE,
    a_filed_dispute,
    a_notice_served,
    a_playbook,
    awaiting,
    hours,
    negotiating,
    served,
)
from tests.support.given import clock_of, fold, given
from tests.support.money import settled

MERCHANTS_MACHINE = MERCHANT.model_copy(update={"is_tool": True})


def serve(by: Actor = PLATFORM_MACHINE, at: datetime = FILED_AT, served_at: datetime | None = None) -> Any:
    return lambda dispute: notice.serve_notice(
        dispute, a_playbook(), channel="app", reference="push-1", served_at=served_at, by=by, at=at
    )


def bounce(by: Actor = PLATFORM_MACHINE) -> Any:
    return lambda dispute: notice.bounce_notice(
        dispute, channel="sms", why=Bounce.REFUSED, reference=None, by=by, at=hours(1)
    )


def open_it(by: Actor = MERCHANT) -> Any:
    return lambda dispute: notice.open_notice(dispute, a_playbook(), by=by, at=hours(3))


def a_bounce() -> NoticeBounced:
    return NoticeBounced(channel="sms", why=Bounce.REFUSED, reference=None, by=PLATFORM_MACHINE, at=hours(1))


def test_the_merchants_clock_starts_with_the_proof_that_it_was_told() -> None:
    given(*awaiting()).when(serve()).then(a_notice_served())
    state = fold(*served())
    assert (state.stage, clock_of(state), state.intake.served) == (
        Stage.AWAITING_RESPONSE,
        a_notice_served().clock,
        a_notice_served(),
    )
    assert (clock_of(state).name, clock_of(state).whose, clock_of(state).due_at) == (
        ClockName.ANSWER,
        (Role.MERCHANT,),
        hours(48),
    )


def test_a_proof_that_comes_late_takes_no_time_from_the_merchant() -> None:
    [told] = given(*awaiting()).when(serve(at=hours(30), served_at=hours(1))).happened
    assert (told.served_at, told.clock.started_at, told.clock.due_at) == (hours(1), hours(30), hours(78))


def test_nothing_is_served_after_it_is_reported() -> None:
    late = serve(at=hours(1), served_at=hours(1) + timedelta(microseconds=1))
    given(*awaiting()).when(late).then_refused(NotFromTheFuture)


def test_the_first_opening_by_the_merchant_itself_is_proof() -> None:
    [told] = given(*awaiting()).when(open_it()).happened
    assert (told.how, told.served_at, told.clock.due_at, told.by) == (Service.OPENED, hours(3), hours(51), MERCHANT)


@pytest.mark.parametrize("by", [BUYER, OTHER_MERCHANT, ARBITRATOR, MERCHANTS_MACHINE, PLATFORM_MACHINE])
def test_the_opening_by_anybody_else_proves_nothing(by: Actor) -> None:
    given(*awaiting()).when(open_it(by)).then_nothing()


@pytest.mark.parametrize("before", [served(), negotiating(), settled()])
def test_a_later_opening_is_nothing_new(before: tuple[Event, ...]) -> None:
    given(*before).when(open_it()).then_nothing()


@pytest.mark.parametrize("by", [BUYER, MERCHANT, ARBITRATOR, ADMIN])
@pytest.mark.parametrize("act", [serve, bounce])
def test_only_the_platform_reports_what_became_of_a_notice(act: Any, by: Actor) -> None:
    given(*awaiting()).when(act(by)).then_refused(NotThePlatform)


@pytest.mark.parametrize("act", [serve, bounce])
def test_what_arrived_is_not_reported_again(act: Any) -> None:
    given(*served()).when(act()).then_refused(AlreadyServed)


@pytest.mark.parametrize("act", [serve, bounce])
def test_nobody_waits_for_a_notice_when_the_merchant_has_answered(act: Any) -> None:
    given(*negotiating()).when(act()).then_refused(NotOpenForThis, stage="negotiation")


def test_what_bounced_starts_no_clock_of_the_merchant_and_may_be_served_by_another_way() -> None:
    given(*awaiting()).when(bounce()).then(a_bounce())
    state = fold(*awaiting(), a_bounce(), a_bounce())
    assert state.intake.bounced == (a_bounce(), a_bounce())
    assert clock_of(state) == a_filed_dispute().notice_clock
    given(*awaiting(), a_bounce()).when(serve()).then(a_notice_served())


def test_who_was_never_told_is_never_in_default() -> None:
    for before in (awaiting(), (*awaiting(), a_bounce())):
        given(*before).when(lambda dispute: builders.expire(dispute, ClockName.ANSWER, hours(5000))).then_refused(
            ClockNotDue
        )


def test_where_service_cannot_be_proved_in_time_a_person_decides() -> None:
    lapsed = NoticeLapsed(clock=a_filed_dispute().notice_clock, at=hours(73))
    given(*awaiting()).when(lambda dispute: builders.expire(dispute, ClockName.NOTICE, hours(73))).then(lapsed)
    state = fold(*awaiting(), lapsed)
    assert (state.stage, clock_of(state), state.intake.unserved) == (Stage.UNDER_REVIEW, None, lapsed)
    assert lapsed.clock.due_at == hours(72)


def test_the_platforms_clock_does_not_run_out_early_or_once_the_merchant_was_told() -> None:
    early = given(*awaiting()).when(lambda dispute: builders.expire(dispute, ClockName.NOTICE, hours(71.9)))
    early.then_refused(ClockNotDue)
    told = given(*served()).when(lambda dispute: builders.expire(dispute, ClockName.NOTICE, hours(73)))
    told.then_refused(ClockNotDue)


def test_a_notice_that_was_served_says_how_by_which_channel_and_with_which_receipt() -> None:
    [told] = given(*awaiting()).when(serve()).happened
    assert isinstance(told, NoticeServed)
    assert (told.how, told.channel, told.reference) == (Service.DELIVERED, "app", "push-1")

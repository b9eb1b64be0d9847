from __future__ import annotations

import pytest

from application.policy import NotAllowed, NotThere
from domain.calendars import ClockName
from domain.dispute.notice import AlreadyServed, Bounce
from domain.dispute.stages import Stage
from tests.support.builders import MERCHANT, OTHER_MERCHANT, PLATFORM_MACHINE, hours
from tests.support.given import clock_of
from tests.support.house import House, open_notice, pause_clock, report_notice, resume_clock


def test_the_platform_reports_service_and_the_merchants_clock_runs() -> None:
    house = House()
    dispute = house.opened()
    house.do(report_notice(dispute, bounced=Bounce.FAILED, key="bounced"))
    assert clock_of(house.case(dispute).dispute).name is ClockName.NOTICE
    house.clock.move(hours=1)
    house.do(report_notice(dispute, served_at=hours(0.5)))
    assert house.topics(dispute) == ["filed", "notice_bounced", "notice_served"]
    assert clock_of(house.case(dispute).dispute).due_at == hours(49)


def test_a_report_that_is_sent_again_is_the_same_report() -> None:
    house = House()
    dispute = house.opened()
    first, again = house.do(report_notice(dispute)), house.do(report_notice(dispute))
    assert (again.version, again.repeated) == (first.version, True)
    with pytest.raises(AlreadyServed):
        house.do(report_notice(dispute, key="another"))


def test_the_first_opening_is_service_and_the_second_nothing() -> None:
    house = House()
    dispute = house.opened()
    house.do(open_notice(dispute))
    house.do(open_notice(dispute, key="again"))
    assert house.topics(dispute) == ["filed", "notice_served"]


def test_nobody_else_opens_the_merchants_notice() -> None:
    house = House()
    dispute = house.opened()
    with pytest.raises(NotThere):
        house.do(open_notice(dispute, by=OTHER_MERCHANT))
    with pytest.raises(NotAllowed):
        house.do(open_notice(dispute, by=PLATFORM_MACHINE))
    with pytest.raises(NotAllowed):
        house.do(report_notice(dispute, by=MERCHANT))


def test_where_nobody_could_tell_the_merchant_an_arbitrator_takes_the_case() -> None:
    house = House()
    dispute = house.opened()
    house.clock.move(hours=72)
    house.expire(dispute, ClockName.NOTICE)
    assert house.topics(dispute) == ["filed", "notice_lapsed"]
    assert house.case(dispute).dispute.stage is Stage.UNDER_REVIEW


def test_a_clock_is_paused_and_goes_on_with_what_was_left() -> None:
    house = House()
    dispute = house.told()
    house.clock.move(hours=10)
    house.do(pause_clock(dispute, hours=90))
    house.clock.move(hours=5)
    house.do(resume_clock(dispute))
    assert clock_of(house.case(dispute).dispute).due_at == hours(53)
    assert house.topics(dispute)[-2:] == ["clock_paused", "clock_resumed"]

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from application.commands.audit import See, see, viewings
from application.policy import NotThere
from domain.audit.access import CaseViewed, ExhibitForm, ExhibitOpened, Part, access_stream
from tests.support.builders import ARBITRATOR, AUDITOR, BUYER, a_file, hours
from tests.support.house import House, caller, respond, submit_evidence
from tests.support.run import run

if TYPE_CHECKING:
    from typing import Any
    from uuid import UUID

    from domain.kernel import Actor


def look(house: House, dispute: UUID, by: Actor = ARBITRATOR, **what: Any) -> None:
    run(see(house.desk, See(caller=caller(by), case=house.case(dispute), **what)))


def seen(house: House, dispute: UUID) -> list[Any]:
    return [one.event for one in run(viewings(house.desk, house.case(dispute), 0, 100))]


def test_who_is_shown_a_case_is_on_record_with_its_version_and_the_case_does_not_move() -> None:
    house = House()
    dispute = house.opened()
    look(house, dispute)
    house.do(respond(dispute))
    house.clock.move(hours=1)
    look(house, dispute, AUDITOR, part=Part.TRAIL)
    assert seen(house, dispute) == [
        CaseViewed(dispute=dispute, version=1, part=Part.FILE, by=ARBITRATOR, at=hours(0)),
        CaseViewed(dispute=dispute, version=2, part=Part.TRAIL, by=AUDITOR, at=hours(1)),
    ]
    assert house.case(dispute).version == 2


def test_who_opens_an_exhibit_is_on_record_with_what_it_was() -> None:
    house = House()
    dispute = house.opened()
    house.do(submit_evidence(dispute))
    look(house, dispute, exhibit="e1")
    [opened] = seen(house, dispute)
    assert opened == ExhibitOpened(
        dispute=dispute,
        version=2,
        exhibit="e1",
        digest=a_file().digest,
        form=ExhibitForm.ORIGINAL,
        by=ARBITRATOR,
        at=hours(0),
    )
    with pytest.raises(NotThere):
        look(house, dispute, exhibit="e2")


def test_the_view_and_the_original_of_an_exhibit_are_two_sights() -> None:
    house = House()
    dispute = house.opened()
    house.do(submit_evidence(dispute))
    for form in (ExhibitForm.VIEW, ExhibitForm.ORIGINAL, ExhibitForm.VIEW):
        look(house, dispute, exhibit="e1", form=form)
    assert [(one.form, one.digest) for one in seen(house, dispute)] == [
        (ExhibitForm.VIEW, a_file().digest),
        (ExhibitForm.ORIGINAL, a_file().digest),
    ]


def test_the_same_sight_within_an_hour_is_one_sight_and_later_another() -> None:
    house = House()
    dispute = house.opened()
    look(house, dispute)
    house.clock.move(hours=0.5)
    look(house, dispute)
    assert len(seen(house, dispute)) == 1
    look(house, dispute, BUYER)
    look(house, dispute, part=Part.ACCOUNT)
    house.clock.move(hours=0.5)
    look(house, dispute)
    assert len(seen(house, dispute)) == 4


def test_sights_are_read_page_by_page() -> None:
    house = House()
    dispute = house.opened()
    for part in Part:
        look(house, dispute, part=part)
    assert [one.version for one in run(viewings(house.desk, house.case(dispute), 1, 1))] == [2]


def test_a_case_has_its_sights_in_a_stream_of_its_own() -> None:
    house = House()
    dispute = house.opened()
    assert access_stream(dispute) != dispute
    look(house, dispute)
    assert house.topics(access_stream(dispute)) == ["case_viewed"]
    assert house.topics(dispute) == ["filed"]

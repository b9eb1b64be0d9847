from __future__ import annotations

import pytest

from application.commands.desk import KeyReused
from application.commands.playbook import PublishPlaybook, publish_playbook
from application.policy import NotAllowed
from domain.playbook.playbook import PlaybookOfOthers, VersionPublished
from tests.support.builders import ADMIN, PLATFORM, RULE_WRITER, a_playbook_file, common_source, hours
from tests.support.house import House, caller
from tests.support.run import run


def test_a_rule_writer_puts_a_version_in_force() -> None:
    house = House()
    done = house.publish()
    shelf, _ = run(house.bookcase.shelf(PLATFORM))
    assert (done.version, shelf.in_force and shelf.in_force.source) == (1, common_source())
    assert house.store.log[-1].metadata.correlation_id == done.stream


def test_the_very_same_file_again_is_nothing_new() -> None:
    house = House()
    first = house.publish()
    again = house.publish(key="another key")
    assert (again.stream, again.version, again.repeated) == (first.stream, 1, True)
    assert len(house.store.log) == 1


def test_a_publication_repeated_after_a_newer_one_is_the_same_publication() -> None:
    house = House()
    house.publish()
    house.publish(a_playbook_file(version="3"))
    assert house.publish().repeated is True
    assert len(house.store.log) == 2


def test_a_version_does_not_change_under_its_name() -> None:
    house = House()
    house.publish()
    with pytest.raises(VersionPublished):
        house.publish(common_source() + "# one more word\n")


def test_of_two_files_of_one_version_at_once_the_first_is_published() -> None:
    house = House()
    other = common_source() + "# one more word\n"
    command = PublishPlaybook(caller=caller(RULE_WRITER), key="other", source=other)
    house.store.meanwhile = [lambda: publish_playbook(house.desk, command)]
    with pytest.raises(VersionPublished):
        house.publish()


def test_a_key_publishes_one_file() -> None:
    house = House()
    house.publish(key="k", body_digest="a")
    with pytest.raises(KeyReused):
        house.publish(a_playbook_file(version="3"), key="k", body_digest="b")


def test_a_platform_publishes_its_own_rules_through_its_own_rule_writer() -> None:
    with pytest.raises(PlaybookOfOthers):
        House().publish(platform="other")
    with pytest.raises(NotAllowed):
        House().publish(by=ADMIN)


def test_a_version_is_never_dated_before_the_one_it_follows() -> None:
    house = House()
    house.publish()
    house.clock.at = hours(-5)
    house.publish(a_playbook_file(version="3"))
    assert house.store.log[-1].metadata.at == hours(0)


def test_a_file_that_is_nothing_new_is_answered_with_its_place_in_the_log() -> None:
    house = House()
    first = house.publish()
    assert house.publish(key="another key").position == first.position

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from domain.dispute import evidence
from domain.dispute.evidence import EXHIBIT_BYTES_MAX, VIDEO_BYTES_MAX, File, TooManyExhibits
from domain.dispute.intake import NotAParty
from domain.dispute.stages import NotOpenForThis
from domain.kernel import Actor, Event, Role
from domain.playbook.playbook import Playbook
from tests.support.builders import (
    ARBITRATOR,
    AUDITOR,
    BUYER,
    MERCHANT,
    OTHER_BUYER,
    OTHER_MERCHANT,
    a_file,
    a_playbook,
    an_exhibit,
    awaiting,
    decided,
    digest,
    hours,
    limits,
    negotiating,
    taken_in_hand,
    two_claims_asked,
    under_review,
)
from tests.support.given import fold, given
from tests.support.money import settled


def show(content: str = "a photo", *, kind: str = "photo", by: Actor = BUYER, playbook: Playbook | None = None) -> Any:
    return lambda dispute: evidence.submit_evidence(
        dispute,
        playbook or a_playbook(),
        a_file(content),
        kind=kind,
        file_name="芒果.jpg",
        shows="切面发白",
        by=by,
        at=hours(1),
    )


@pytest.mark.parametrize("before", [awaiting(), negotiating(), under_review(), taken_in_hand()])
@pytest.mark.parametrize("by", [BUYER, MERCHANT])
def test_parties_show_evidence_until_the_case_is_decided(before: tuple[Event, ...], by: Actor) -> None:
    given(*before).when(show(by=by)).then(an_exhibit(by=by))
    assert fold(*before, an_exhibit(by=by)).evidence.exhibits == (an_exhibit(by=by),)


@pytest.mark.parametrize("before", [decided(), settled()])
def test_no_evidence_is_shown_in_a_case_that_is_decided_or_settled(before: tuple[Event, ...]) -> None:
    given(*before).when(show()).then_refused(NotOpenForThis)


@pytest.mark.parametrize("by", [OTHER_MERCHANT, ARBITRATOR])
def test_strangers_show_no_evidence(by: Actor) -> None:
    given(*awaiting()).when(show(by=by)).then_refused(NotAParty)


def test_the_same_file_from_the_same_side_again_is_the_same_exhibit() -> None:
    given(*awaiting(), an_exhibit()).when(show()).then_nothing()


def test_the_same_file_shown_as_another_kind_is_an_exhibit_of_its_own() -> None:
    given(*awaiting(), an_exhibit()).when(show(kind="listing")).then(an_exhibit("e2", kind="listing"))


def test_the_same_exhibit_again_is_refused_like_any_other_where_none_is_shown() -> None:
    given(*decided(), an_exhibit()).when(show()).then_refused(NotOpenForThis)
    given(*awaiting(), an_exhibit()).when(show(by=OTHER_BUYER)).then_refused(NotAParty)


def test_the_same_file_from_the_other_side_is_an_exhibit_of_its_own() -> None:
    given(*awaiting(), an_exhibit()).when(show(by=MERCHANT)).then(an_exhibit("e2", by=MERCHANT))


def test_exhibits_are_numbered_in_the_order_in_which_they_were_shown() -> None:
    given(*awaiting(), an_exhibit(), an_exhibit("e2", by=MERCHANT)).when(show("another")).then(
        an_exhibit("e3", content="another")
    )


def test_a_side_shows_as_many_exhibits_as_the_playbook_allows() -> None:
    two = a_playbook(limits=limits(exhibits_per_side=2))
    shown = (*awaiting(), an_exhibit(), an_exhibit("e2", by=MERCHANT), an_exhibit("e3", content="b"))
    given(*shown).when(show("c", playbook=two)).then_refused(TooManyExhibits, at_most=2)
    given(*shown).when(show("c", by=MERCHANT, playbook=two)).then(an_exhibit("e4", content="c", by=MERCHANT))
    given(*shown).when(show("b", playbook=two)).then_nothing()
    given(*shown).when(show("b", kind="listing", playbook=two)).then_refused(TooManyExhibits)


def test_an_exhibit_is_found_by_its_id() -> None:
    shown = fold(*awaiting(), an_exhibit(), an_exhibit("e2", content="b")).evidence
    assert shown.exhibit("e2") == an_exhibit("e2", content="b")
    assert shown.exhibit("e3") is None


def test_what_the_rules_ask_of_each_side_and_is_not_there_is_named() -> None:
    def named(*events: Event) -> list[tuple[str, Role, str]]:
        lacking = evidence.missing(fold(*awaiting(*two_claims_asked()), *events), a_playbook())
        return [(one.claim, one.need.who, one.need.kind) for one in lacking]

    photo, listing = (Role.BUYER, "photo"), (Role.MERCHANT, "listing")
    assert named() == [("c1", *photo), ("c1", *listing), ("c2", *photo), ("c2", *listing)]
    assert named(an_exhibit()) == [("c1", *listing), ("c2", *listing)]
    assert named(an_exhibit(), an_exhibit("e2", kind="listing", by=BUYER)) == [("c1", *listing), ("c2", *listing)]
    assert named(an_exhibit(), an_exhibit("e2", kind="listing", by=MERCHANT)) == []


def test_a_reason_that_later_rules_do_not_know_asks_for_no_evidence() -> None:
    other = a_playbook(
        defaults=[],
        undetermined=[],
        reasons=[a_playbook().reason("damaged_in_transit").model_dump(mode="json")],  # type: ignore[union-attr]
        rules=[
            a_playbook().rule("COMMON-TRANSIT-1").model_dump(mode="json"),  # type: ignore[union-attr]
            a_playbook().rule("COMMON-UNPROVED-1").model_dump(mode="json") | {"reasons": ["damaged_in_transit"]},  # type: ignore[union-attr]
        ],
    )
    assert evidence.missing(fold(*awaiting()), other) == ()


@pytest.mark.parametrize(
    ("media_type", "most"),
    [("image/png", EXHIBIT_BYTES_MAX), ("application/pdf", EXHIBIT_BYTES_MAX), ("video/mp4", VIDEO_BYTES_MAX)],
)
def test_a_file_is_not_empty_and_not_over_the_limit_of_its_type(media_type: str, most: int) -> None:
    assert File(digest=digest("x"), media_type=media_type, size_bytes=most).size_bytes == most
    for size in (0, most + 1):
        with pytest.raises(ValidationError):
            File(digest=digest("x"), media_type=media_type, size_bytes=size)


@pytest.mark.parametrize("media_type", ["", "image", "image/", "IMAGE/PNG", "image/png; charset=x", "image/../x"])
def test_a_file_has_a_plain_media_type(media_type: str) -> None:
    with pytest.raises(ValidationError):
        File(digest=digest("x"), media_type=media_type, size_bytes=1)


def test_the_original_of_what_has_a_view_is_for_the_side_that_showed_it_and_for_no_other_party() -> None:
    dispute = fold(*negotiating(), an_exhibit())
    [photo] = dispute.evidence.exhibits
    assert photo.file.has_view
    for viewer, sees in ((BUYER, True), (MERCHANT, False), (ARBITRATOR, True), (AUDITOR, True)):
        assert evidence.sees_original(dispute, photo, viewer) == sees
    for media_type in ("application/pdf", "video/mp4"):
        other = photo.model_copy(update={"file": photo.file.model_copy(update={"media_type": media_type})})
        assert other.file.has_view
        assert not evidence.sees_original(dispute, other, MERCHANT)
    chat = photo.model_copy(update={"file": photo.file.model_copy(update={"media_type": "text/plain"})})
    assert evidence.sees_original(dispute, chat, MERCHANT)

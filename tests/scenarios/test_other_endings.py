"""A story notices what it stands for: where one rule or one answer of the payment server is another, it ends otherwise.

That the demo then exits with 1 and names the case is tested in test_demo.py.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import pytest

from infrastructure.demo.play import EndedOtherwise, Play
from infrastructure.demo.stories import STORIES, Story
from infrastructure.playbooks.reader import COMMON

if TYPE_CHECKING:
    from infrastructure.demo.play import Place

numbers = count(1)


def at_another_platform(place: Place, old: str = "", new: str = "") -> Play:
    """A platform of its own, whose rules are the common ones but for one place."""
    assert COMMON.count(old) == 1 or not old
    platform = f"altered-{next(numbers)}"
    rules = COMMON.replace(old, new, 1).replace("platform: common\n", f"platform: {platform}\n", 1)
    play = Play(replace(place, platform=platform, rules=rules))
    play.publish()
    return play


def ending_of(play: Play, name: str) -> str:
    """Where the story ends otherwise."""
    with pytest.raises(EndedOtherwise) as ended:
        next(one for one in STORIES if one.name == name).run(play)
    return str(ended.value)


HALF = ("percent: 100\n    sentence:\n      zh: 仅退款", "percent: 50\n    sentence:\n      zh: 仅退款")
ONE_INSTANCE = ("instances: 2", "instances: 1")
SLOW_OFFER = ("side it was made to\n    hours: 48", "side it was made to\n    hours: 100")
FOR_TRANSIT = "clock: answer\n    reasons: [\n      taste_or_freshness, not_as_described, damaged_in_transit,"
NO_SILENCE = (FOR_TRANSIT, FOR_TRANSIT.replace(" damaged_in_transit,", ""))
WHOLE_FREIGHT = ("of: freight_share", "of: freight")
SMALL_COUPON = ("{minor: 5000, currency: CNY}", "{minor: 1000, currency: CNY}")
HIGHER_LIMIT = ("{minor: 500000, currency: CNY}", "{minor: 700000, currency: CNY}")


@pytest.mark.parametrize(
    ("name", "rule", "told"),
    [
        ("merchant_cannot_be_told", ("id: COMMON-UNPROVED-1", "id: COMMON-ELSE-1"), "unknown_rule"),
        ("evidence_too_late", SLOW_OFFER, "what became of the offer should be 'expired'"),
        ("a_photo_keeps_its_place", ("id: COMMON-TRANSIT-1", "id: COMMON-ELSE-1"), "should be 'exhibit_is_excluded'"),
        ("a_second_pair_of_eyes", HIGHER_LIMIT, "what is only proposed should be 'under_review'"),
        ("a_slip_put_right", ("percent: 100\n    chosen", "percent: 40\n    chosen"), "amount_not_chosen"),
        ("a_person_asked_for", NO_SILENCE, "should be offered confirm_ruling"),
        ("the_clock_that_stood_still", ("pause_hours: 240", "pause_hours: 400"), "should be 'pause_too_long'"),
        ("two_things_wrong", SMALL_COUPON, "amount_too_high"),
        (
            "goodwill_counts_towards_nothing",
            ("goodwill_per_side: 3", "goodwill_per_side: 0"),
            "should be offered give_goodwill",
        ),
        ("short_weight", WHOLE_FREIGHT, "the amount paid should be"),
        ("reversed_by_two_and_written_off", HIGHER_LIMIT, "should be offered confirm_ruling"),
        ("arbitrator_knows_the_shop", ONE_INSTANCE, "should be offered file_appeal"),
        ("appeal_overturns", ONE_INSTANCE, "should be offered file_appeal"),
        ("appeal_overturns_what_was_paid", HALF, "the amount paid should be"),
        ("filed_twice_and_withdrawn", HALF, "the amount paid should be"),
        ("opened_again_with_new_evidence", HALF, "the amount paid should be"),
    ],
)
def test_under_one_other_rule_a_story_ends_otherwise(place: Place, name: str, rule: tuple[str, str], told: str) -> None:
    assert told in ending_of(at_another_platform(place, *rule), name)


@pytest.mark.parametrize("name", ["a_second_pair_of_eyes", "appeal_overturns_what_was_paid"])
@pytest.mark.parametrize(
    ("answer", "told"),
    [("refuse", "the attempts to pay should be 1"), ("wrong_amount", "the payment's state should be 'confirmed'")],
)
def test_with_one_other_answer_of_the_payment_server_a_story_ends_otherwise(
    place: Place, name: str, answer: str, told: str
) -> None:
    play = at_another_platform(place)
    play.script_payments(answer)
    assert told in ending_of(play, name)


def test_a_story_that_misses_something_in_an_answer_ends_otherwise_too(place: Place) -> None:
    def no_ruling(_: Play) -> str:
        return str({"stage": "under_review"}["ruling"])

    with pytest.raises(EndedOtherwise, match=r"not as told: KeyError.*ruling"):
        Story(no_ruling, "没有裁决", "No ruling").run(Play(place))

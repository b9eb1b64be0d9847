from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from domain.calendars import ClockName
from domain.kernel import Bilingual, Role, Value
from domain.money import DIGITS
from domain.playbook import playbook as playbooks
from domain.playbook.playbook import (
    Nature,
    Playbook,
    PlaybookOfOthers,
    RemediesStart,
    RemedyKind,
    Shelf,
    VersionPublished,
    digest_of,
    playbook_stream,
)
from tests.support.builders import (
    PLATFORM,
    RULE_WRITER,
    a_playbook,
    a_playbook_file,
    a_published_playbook,
    hours,
    read_playbook,
    remedies_of,
)
from tests.support.given import fold, given


def publish(source: str, platform: str = PLATFORM) -> Any:
    return lambda shelf: playbooks.publish(
        shelf or Shelf(), platform, read_playbook(source), source, by=RULE_WRITER, at=hours(-100)
    )


def test_the_common_playbook_holds_together() -> None:
    common = a_playbook()
    assert (common.platform, common.remedies_start) == ("common", RemediesStart.AT_FINAL)
    assert (common.clocks[ClockName.ANSWER].hours, common.clocks[ClockName.APPEAL].hours) == (48, 168)


def test_a_version_is_published_with_the_file_to_the_letter() -> None:
    given().when(publish(a_playbook_file())).then(a_published_playbook())
    assert a_published_playbook().digest == digest_of(a_playbook_file())
    assert a_published_playbook().source == a_playbook_file()


def test_the_digest_is_over_the_utf_8_bytes_of_the_file() -> None:
    assert digest_of("公断") == hashlib.sha256(b"\xe5\x85\xac\xe6\x96\xad").hexdigest()


def test_the_very_same_file_again_is_nothing_new() -> None:
    given(a_published_playbook()).when(publish(a_playbook_file())).then_nothing()


def test_what_is_in_force_does_not_change_under_its_name() -> None:
    given(a_published_playbook()).when(publish(a_playbook_file() + "\n# a word\n")).then_refused(
        VersionPublished, version="2", digest=a_published_playbook().digest
    )


def test_a_newer_version_comes_into_force_and_the_older_stays_on_the_shelf() -> None:
    second = a_published_playbook(a_playbook_file(version="3"))
    given(a_published_playbook()).when(publish(a_playbook_file(version="3"))).then(second)
    shelf = fold(a_published_playbook(), second)
    assert shelf.in_force == second
    assert shelf.with_digest(a_published_playbook().digest) == a_published_playbook()
    given(a_published_playbook(), second).when(publish(a_playbook_file())).then_nothing()


def test_an_empty_shelf_has_nothing_in_force() -> None:
    assert Shelf().in_force is None
    assert Shelf().with_digest("0" * 64) is None


def test_a_platform_publishes_its_own_rules() -> None:
    given().when(publish(a_playbook_file(), platform="other")).then_refused(
        PlaybookOfOthers, platform="other", file="common"
    )


def test_each_platform_has_a_shelf_of_its_own() -> None:
    assert playbook_stream("common") != playbook_stream("other")


def test_reasons_rules_and_remedies_are_found_by_their_names() -> None:
    common = a_playbook()
    assert common.reason("damaged_in_transit") == common.reasons[2]
    assert common.rule("COMMON-TRANSIT-1") == common.rules[2]
    assert common.remedy(RemedyKind.PARTIAL_REFUND) == common.remedies[1]
    assert (common.reason("x"), common.rule("x")) == (None, None)
    assert common.model_copy(update={"remedies": common.remedies[:1]}).remedy(RemedyKind.PARTIAL_REFUND) is None


def changed(**changes: Any) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(a_playbook().model_dump_json())
    return whole | changes


WHOLE = changed()


@pytest.mark.parametrize(
    ("file", "because"),
    [
        (changed(clocks={"answer": WHOLE["clocks"]["answer"]}), "the clock appeal is not set"),
        (changed(reasons=WHOLE["reasons"] + WHOLE["reasons"][:1]), "the reason taste_or_freshness stands twice"),
        (changed(rules=WHOLE["rules"] + WHOLE["rules"][:1]), "the rule COMMON-PROMISE-1 stands twice"),
        (changed(remedies=WHOLE["remedies"] + WHOLE["remedies"][:1]), "the remedy refund_only stands twice"),
        (changed(reasons=WHOLE["reasons"][1:]), "names the unknown reason taste_or_freshness"),
        (changed(remedies=WHOLE["remedies"][1:]), "names the remedy refund_only, which has no rule"),
        (changed(remedies=[]), "at least 1"),
        (changed(rules=[]), "at least 1"),
        (changed(format=2), "Input should be 1"),
        (changed(version="1 of 2"), "pattern"),
        (changed(mood="good"), "Extra inputs"),
        (changed(remedies_start="never"), "'at_decision' or 'at_final'"),
        (changed(limits=WHOLE["limits"] | {"exhibits_per_side": 0}), "greater than or equal to 1"),
        (changed(limits=WHOLE["limits"] | {"messages_per_side": 100_000}), "less than or equal to 1000"),
        (changed(limits=WHOLE["limits"] | {"offers_per_side": 101}), "less than or equal to 100"),
        (changed(limits=WHOLE["limits"] | {"open_offers_per_side": 1}), "Extra inputs"),
        (
            changed(remedies=[WHOLE["remedies"][0] | {"percent": 101}, WHOLE["remedies"][1]]),
            "less than or equal to 100",
        ),
        (changed(remedies=[WHOLE["remedies"][0] | {"percent": 99.5}, WHOLE["remedies"][1]]), "valid integer"),
    ],
)
def test_a_playbook_that_does_not_hold_together_says_why(file: dict[str, Any], because: str) -> None:
    with pytest.raises(ValidationError, match=because):
        Playbook.model_validate_json(json.dumps(file))


@pytest.mark.parametrize(("kept", "lacking"), [("upheld", "dismissed"), ("dismissed", "upheld")])
def test_for_every_reason_there_is_a_rule_for_each_finding(kept: str, lacking: str) -> None:
    one_sided = [rule for rule in WHOLE["rules"] if rule["finding"] == kept]
    with pytest.raises(ValidationError) as refused:
        Playbook.model_validate_json(json.dumps(changed(rules=one_sided)))
    for reason in WHOLE["reasons"]:
        assert f"no rule of the finding {lacking} for the reason {reason['id']}" in str(refused.value)


def test_a_rule_of_one_reason_does_not_speak_for_another() -> None:
    rules = [
        rule | {"reasons": [one for one in rule["reasons"] if one != "not_as_described"]} for rule in WHOLE["rules"]
    ]
    with pytest.raises(ValidationError, match="no rule of the finding upheld for the reason not_as_described"):
        Playbook.model_validate_json(json.dumps(changed(rules=rules)))


@pytest.mark.parametrize("payer", sorted(Role))
def test_a_remedy_is_paid_by_the_merchant_or_the_platform(payer: Role) -> None:
    remedies = remedies_of("refund_only", payer=str(payer))
    if payer in {Role.MERCHANT, Role.PLATFORM}:
        assert a_playbook(remedies=remedies).remedies[0].payer is payer
        return
    with pytest.raises(ValidationError, match="payer"):
        a_playbook(remedies=remedies)


def test_a_clock_runs_by_a_calendar_that_is_there() -> None:
    clocks = {name: rule.model_dump(mode="json") for name, rule in a_playbook().clocks.items()}
    with pytest.raises(ValidationError, match="the clock answer runs by the calendar moon, which is not there"):
        a_playbook(clocks=clocks | {"answer": clocks[ClockName.ANSWER] | {"calendar": "moon"}})


def test_the_calendar_that_counts_every_hour_has_no_table() -> None:
    table = a_playbook().calendars["cn_business"].model_dump(mode="json")
    with pytest.raises(ValidationError, match="the calendar 24x7 needs no table"):
        a_playbook(calendars={"24x7": table})


def test_a_rule_of_silence_is_found_like_every_rule_that_a_decision_names() -> None:
    common = a_playbook()
    assert (common.cited("COMMON-SILENCE-1"), common.cited("COMMON-PROMISE-1")) == (common.defaults[0], common.rules[0])
    assert common.cited("COMMON-NOTHING") is None


def row(kind: str, **changes: Any) -> dict[str, Any]:
    """The file with one of its remedies changed."""
    rows = [one | changes if one["kind"] == kind else one for one in WHOLE["remedies"]]
    return changed(remedies=rows)


CAPS = [{"minor": 100, "currency": "CNY"}]


@pytest.mark.parametrize(
    ("file", "because"),
    [
        (row("coupon", at_most=[]), "a percent is needed, or chosen and at_most: COMMON-COUPON"),
        (row("coupon", chosen=False), "a percent is needed, or chosen and at_most: COMMON-COUPON"),
        (row("refund_only", percent=None, chosen=True, at_most=CAPS), "percent of price_paid: COMMON-REFUND-FULL"),
        (row("partial_refund", of="freight"), "percent of price_paid: COMMON-REFUND-PART"),
        (row("freight_refund", of="price_paid"), "percent of freight_share or of freight: COMMON-FREIGHT"),
        (row("freight_refund", percent=None, chosen=True, at_most=CAPS), "of freight: COMMON-FREIGHT"),
        (row("platform_subsidy", payer="merchant"), "the platform itself pays its subsidy: COMMON-SUBSIDY"),
        (row("coupon", at_most=[{"minor": 0, "currency": "CNY"}]), "a cap is above nothing: COMMON-COUPON"),
        (row("coupon", at_most=[*CAPS, *CAPS]), "the cap of COMMON-COUPON in CNY stands twice"),
        (changed(silence=[*CAPS, *CAPS]), "the limit of silence in CNY stands twice"),
        (row("refund_only", of="moon"), "'price_paid', 'freight_share' or 'freight'"),
    ],
)
def test_a_remedy_that_does_not_hold_together_says_why(file: dict[str, Any], because: str) -> None:
    with pytest.raises(ValidationError, match=because):
        Playbook.model_validate_json(json.dumps(file))


def test_a_coupon_may_be_a_percentage_under_a_cap() -> None:
    read = Playbook.model_validate_json(json.dumps(row("coupon", percent=10, of="freight", chosen=False)))
    assert read.remedy(RemedyKind.COUPON) == read.remedies[3]


# --- the common playbook is complete

COMMON = a_playbook()


def test_the_common_playbook_knows_every_nature_that_complaints_are_counted_by() -> None:
    assert {reason.nature for reason in COMMON.reasons} == set(Nature)


def test_every_reason_of_the_common_playbook_says_who_must_prove_what_and_what_to_show() -> None:
    for reason in COMMON.reasons:
        assert reason.burden, reason.id
        assert {need.who for need in reason.evidence} <= {Role.BUYER, Role.MERCHANT}
        assert reason.evidence, reason.id


def test_every_reason_of_the_common_playbook_has_a_row_for_liability_that_cannot_be_determined() -> None:
    assert [one.id for one in COMMON.reasons if COMMON.fallback(one.id) is None] == []


def test_silence_decides_every_reason_of_the_common_playbook_but_those_on_which_a_person_must_look() -> None:
    left = [one.id for one in COMMON.reasons if COMMON.default(ClockName.ANSWER, [one.id]) is None]
    assert left == ["insulted", "other"]


def test_every_remedy_there_is_stands_in_the_common_playbook_and_is_open_for_some_reason() -> None:
    assert {one.kind for one in COMMON.remedies} == set(RemedyKind)
    assert {kind for reason in COMMON.reasons for kind in reason.remedies} == set(RemedyKind)


def test_the_common_playbook_limits_money_in_every_currency_there_is() -> None:
    limits = [COMMON.four_eyes, COMMON.silence, *(one.at_most for one in COMMON.remedies if one.percent is None)]
    assert [{one.currency for one in listed} for listed in limits] == [set(DIGITS)] * 5


def test_what_the_common_playbook_calls_law_names_an_article_and_all_else_is_marked_as_its_own() -> None:
    sources = [one.source for one in COMMON.citable]
    sources += [one.source for reason in COMMON.reasons for one in reason.burden]
    for source in sources:
        assert re.search("法 第.{1,4}条", source) or (source.startswith("平台默认规则") and source.endswith("未引法条"))


def sentences(value: Any) -> Iterator[Bilingual]:
    if isinstance(value, Bilingual):
        yield value
    elif isinstance(value, Value):
        for _, inner in value:
            yield from sentences(inner)
    elif isinstance(value, tuple | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from sentences(inner)


def test_every_sentence_of_the_common_playbook_is_chinese_in_one_language_and_english_in_the_other() -> None:
    every = list(sentences(COMMON))
    assert len(every) > 100
    for one in every:
        assert re.search("[\u4e00-\u9fff]", one.zh), one
        assert not re.search("[\u4e00-\u9fff]", one.en), one
        assert not re.search("[A-Za-z]", one.zh), one

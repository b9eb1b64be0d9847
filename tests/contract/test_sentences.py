"""Everything that is said is said in both languages, in the words of the field."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections import Counter
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

import application
import domain
import infrastructure
from application.commands.intake import case_number
from application.policy import TABLE
from domain.kernel import Actor, Bilingual, DomainError, Role
from domain.money import DIGITS, Money
from infrastructure.http.evidence import EXTENSIONS
from infrastructure.playbooks.reader import COMMON, read_playbook
from infrastructure.web.sentences import (
    LANGUAGES,
    VOCABULARIES,
    Language,
    actor,
    catalogue,
    hours,
    listed,
    moment,
    money,
    person,
    say,
    size,
    time,
    word,
)
from tests.support import moves

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
NUMBER = case_number(UUID("0190a000-0000-7000-8000-000000000001"))
OF_HTTP = (
    *("unauthenticated", "not_found", "bad_request", "validation", "idempotency_key_required", "too_large"),
    *("busy_try_again", "overloaded", "internal", "method_not_allowed", "not_acceptable", "clock_cannot_go_back"),
    *("clock_too_far", "not_in_production", "no_worker", "storage_full", "no_such_range"),
)


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def refusals() -> dict[str, type[DomainError]]:
    """Every code with which the code of this product refuses, whoever raises it."""
    for package in (domain, application, infrastructure):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)

    def below(kind: type[DomainError]) -> Iterator[type[DomainError]]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    ours = (one for one in below(DomainError) if not one.__module__.startswith("tests."))
    return {one.CODE: one for one in ours if "CODE" in vars(one)}


def test_both_languages_have_the_same_sentences_with_the_same_gaps() -> None:
    chinese, english = catalogue("zh"), catalogue("en")
    assert chinese.keys() == english.keys()
    for key, sentence in chinese.items():
        assert placeholders(sentence) == placeholders(english[key]), key


def test_no_sentence_is_empty_or_stands_twice() -> None:
    for language in LANGUAGES:
        assert all(sentence.strip() for sentence in catalogue(language).values())
    folder = files("infrastructure.web").joinpath("locales")
    for ending in ("en.po", "zh_Hans.po"):
        keys = [
            key
            for file in folder.iterdir()
            if file.name.endswith(ending)
            for key in re.findall(r'^msgid "(.+)"$', file.read_text(encoding="utf-8"), re.MULTILINE)
        ]
        assert [key for key, count in Counter(keys).items() if count > 1] == []


def test_sentences_keep_the_house_style() -> None:
    han, latin = "[\u4e00-\u9fff]", "[A-Za-z0-9]"
    for key, sentence in catalogue("en").items():
        assert not re.search(r"\b(please|sorry|invalid)\b|!", sentence, re.IGNORECASE), key
    for key, sentence in catalogue("zh").items():
        assert not re.search("系统|敬请|抱歉|对不起|！", sentence), key
        if not key.startswith("format."):
            assert not re.search(f"{han}{latin}|{latin}{han}", re.sub(r"\{\w+\}", "", sentence)), key
        assert not re.search(f"{han}[,;:?!()]|[,;?!]{han}", sentence), key
        sentence.replace("·", "").encode("gb2312")  # simplified characters alone


def test_every_refusal_says_in_both_languages_what_would_be_allowed() -> None:
    codes = {*refusals(), *OF_HTTP}
    for language in LANGUAGES:
        missing = [code for code in sorted(codes) for part in ("title", "detail")
                   if f"problem.{code}.{part}" not in catalogue(language)]  # fmt: skip
        assert missing == []


def test_no_sentence_is_kept_for_a_refusal_that_is_gone() -> None:
    codes = {key.split(".")[1] for key in catalogue("en") if key.startswith("problem.")}
    assert codes - set(refusals()) - set(OF_HTTP) == set()


def details_told() -> dict[str, list[set[str]]]:
    """The details with which each refusal is raised, read from the code."""
    told: dict[str, list[set[str]]] = {}
    for folder in ("domain", "application", "infrastructure"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Raise):
                    continue
                raised, keywords = node.exc, set[str]()
                if isinstance(raised, ast.Call):
                    keywords = {keyword.arg or "" for keyword in raised.keywords}
                    raised = raised.func
                if isinstance(raised, ast.Name):
                    told.setdefault(raised.id, []).append(keywords)
    return told


def test_every_gap_in_a_refusal_is_filled_by_its_details_wherever_it_is_raised() -> None:
    told = details_told()
    told["UnreadablePlaybook"] = [{"mistakes"}]
    for code, kind in refusals().items():
        gaps = placeholders(catalogue("en")[f"problem.{code}.title"] + catalogue("en")[f"problem.{code}.detail"])
        for details in told.get(kind.__name__, []):
            assert gaps <= details, code


@pytest.mark.parametrize(
    ("code", "details", "chinese", "english"),
    [
        (
            "amount_too_high",
            {"amount": 5000, "at_most": 3980, "currency": "CNY"},
            "金额要大于零，最多 39.80 元；写的是 50.00 元。",
            "The amount must be above zero and at most CNY 39.80; it is CNY 50.00.",
        ),
        (
            "not_open_for_this",
            {"stage": "closed", "done_in": ["negotiation", "under_review"]},
            "纠纷单的阶段是已结案；这件事只在这些阶段做：协商中、平台介入中。",
            "The case is closed; this is done while it is: in negotiation, under review.",
        ),
        (
            "not_allowed",
            {"operation": "rule", "role": "buyer"},
            "买家不能“作出裁决”；换有这个权限的角色。",
            "Not for the role buyer: decide the case. Use a role that may.",
        ),
        ("exhibit_too_large", {"at_most_bytes": 52_428_800}, "这种文件最多 50 MB；压缩或剪短后再传。",
         "50 MB is the most for a file of this kind; shrink it or cut it, then send it again."),
        ("too_many_messages", {"at_most": 200}, "每一方最多 200 条；可以提协商方案或申请平台介入。",
         "Each side sends at most 200; make an offer or ask the platform to decide."),
        ("too_many_offers", {"at_most": 20}, "每一方最多 20 个；可以回复对方的方案或申请平台介入。",
         "Each side makes at most 20; answer the other side's or ask the platform to decide."),
        ("own_offer", {}, "由对方回复；你可以另提新的方案。", "The other side answers it; you can make a new one."),
        ("remedy_line_not_open", {"line": "l2"}, "没有等待赔付的 l2：已经付过，或没有这一项。",
         "No l2 waits to be paid: it was paid before, or there is none."),
        ("nothing_to_pay", {"rule": "R-1", "paid": 1, "currency": "CNY"},
         "按规则 R-1 算出的金额是零；换一种赔付方式。", "By rule R-1 the amount is zero; use another remedy."),
        ("event_too_large", {"event": "dispute.filed@1", "bytes": 120_000, "at_most": 65_536},
         "一次最多 65536 字节，送来的是 120000 字节；缩短后再发。",
         "65536 bytes is the most at once, this is 120000; shorten it, then send it again."),
        ("line_already_disputed", {"lines": {"1": "d-1"}}, "商品和它所在的纠纷：1 → d-1；新的情况在那里提出。",
         "Lines and their disputes: 1 → d-1; bring what is new there."),
        ("order_is_disputed", {"disputes": ["0190a000-0000-7000-8000-000000000001"]},
         f"订单在这些纠纷中：{NUMBER}；新的情况在纠纷里提出。",
         f"The order is in these disputes: {NUMBER}; bring what is new there."),
        ("asked_already", {"kinds": ["parcel_photo", "weighing_slip"]},
         "这一方还有时间补充：包裹照片、weighing_slip。可以等，或要求别的。",
         "The side has time to show it: photo of the parcel, weighing_slip. Wait, or ask for something else."),
        ("exhibit_not_viewable", {"media_type": "text/plain"},
         "不是图片、视频或文档里的一页，或在限制内生成不了（纯文本）。",
         "It is no image, video or page of a document, or none that can be made within the limits (plain text)."),
        ("remedy_does_not_fit", {"finding": "dismissed", "open": []}, "认定为不支持时可以用：无。",
         "Where the claim is dismissed, open are: none."),
        ("offer_not_open", {}, "这个方案–；可以另提新的方案。", "This offer is –; a new one can be made."),
    ],
)  # fmt: skip
def test_a_refusal_tells_its_details_in_the_readers_words(
    code: str, details: dict[str, Any], chinese: str, english: str
) -> None:
    assert say("zh", f"problem.{code}.detail", **details) == chinese
    assert say("en", f"problem.{code}.detail", **details) == english


def test_everything_that_somebody_may_do_has_a_name() -> None:
    operations = {row.operation for row in TABLE} | moves.ACTIONS.keys() | moves.OFFER_ACTIONS.keys()
    for language in LANGUAGES:
        assert {name for name in operations if f"action.{name}" not in catalogue(language)} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_the_field_has_a_word(language: Language) -> None:
    for kind in VOCABULARIES:
        assert all(word(language, code) for code in kind)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_common_playbook_asks_for_and_what_is_taken_has_a_word(language: Language) -> None:
    kinds = {need.kind for reason in read_playbook(COMMON).reasons for need in reason.evidence}
    words = {f"exhibit_kind.{kind}" for kind in kinds} | {f"media_type.{one}" for one in EXTENSIONS}
    assert words - catalogue(language).keys() == set()


def test_money_is_written_as_people_write_it() -> None:
    assert money("zh", Money(minor=89_000, currency="CNY")) == "890.00 元"
    assert money("en", Money(minor=89_000, currency="CNY")) == "CNY 890.00"
    assert money("zh", Money(minor=-5, currency="CNY")) == "-0.05 元"
    assert money("zh", Money(minor=1200, currency="JPY")) == "JPY 1200"
    assert all(money(language, Money(minor=1, currency=code)) for language in LANGUAGES for code in DIGITS)


def test_times_are_told_in_beijing_time_with_their_zone() -> None:
    at = datetime(2026, 3, 2, 6, 5, tzinfo=UTC)
    assert time("zh", at) == "2026年3月2日 14:05（北京时间）"
    assert time("en", at) == "2 March 2026, 14:05 (UTC+8)"
    assert moment("zh", at) == "2026年3月2日 14:05"
    assert time("en", datetime(2026, 12, 31, 16, 0, tzinfo=UTC)) == "1 January 2027, 00:00 (UTC+8)"


def test_hours_and_sizes_are_told_in_round_words() -> None:
    assert [hours("zh", count) for count in (1, 48, 168, 100)] == ["1 小时", "48 小时", "7 天", "100 小时"]
    assert [hours("en", count) for count in (1, 48, 168)] == ["1 hour", "48 hours", "7 days"]
    assert [size(count) for count in (1, 1023, 120_000, 52_428_800, 1_300_000)] == [
        *("1 B", "1023 B", "117 kB", "50 MB", "1.2 MB")
    ]


def test_people_are_named_by_role_and_id_and_the_service_by_its_name() -> None:
    helper = Actor(role=Role.BUYER, id="b-1", on_behalf_of="b-2", is_tool=True)
    assert actor("zh", helper) == "买家 b-1（代表 b-2）（工具）"
    assert actor("en", helper) == "buyer b-1 (for b-2) (tool)"
    assert actor("zh", helper, named=False) == "买家（工具）"
    assert actor("en", Actor(role=Role.SERVICE, id="gongduan", is_tool=True)) == "Gongduan"
    assert person("zh", Role.MERCHANT, "m-1") == "商家 m-1"


def test_lists_are_joined_in_the_languages_way() -> None:
    assert (listed("zh", ["甲", "乙"]), listed("en", ["a", "b"])) == ("甲、乙", "a, b")
    assert (listed("zh", []), listed("en", [])) == ("无", "none")


def test_what_people_wrote_is_put_in_as_it_is_and_made_harmless() -> None:
    said = say(
        "en", "problem.unknown_offer.detail", offer="{known}%s\x1b[31m\u202e", known=[Bilingual(zh="一", en="one")]
    )
    assert said == "There is no {known}%s\ufffd[31m\ufffd; there are: one."


def test_a_sentence_that_does_not_exist_is_an_error_of_ours() -> None:
    with pytest.raises(KeyError):
        say("en", "no.such.sentence")

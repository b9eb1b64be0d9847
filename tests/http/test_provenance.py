"""What an exhibit's file tells of where it comes from: told to the side that showed it and to staff alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.contract.test_viewer import TWO_PAGES, a_photo
from tests.http.service import good
from tests.http.story import negotiated

if TYPE_CHECKING:
    from tests.http.service import Service

EN = "the file itself says, unverified: a position"
ZH = "文件自述（未核实）：含位置"


def test_what_a_file_tells_is_said_to_its_side_and_to_staff_in_both_languages(service: Service) -> None:
    case = negotiated(service)
    after = good(case.buyer.show(case.at, a_photo())).headers["gongduan-position"]
    for person in (case.buyer, case.arbitrator, service.person("auditor")):
        [seen] = case.seen_by(person)["exhibits"]
        assert seen["provenance"] == [{"code": "has_position"}]
        for language, words in (("en", EN), ("zh", ZH)):
            reader = replace(person, language=language)
            trail = reader.get(f"{case.at}/trail", after=after)["entries"]
            [entry] = [one for one in trail if "evidence_submitted" in one["event"]]
            assert words in entry["what"]
            assert words[-8:] in good(reader.call("GET", f"{case.at}/account")).text
    for person in (case.merchant, case.platform):
        [seen] = case.seen_by(person)["exhibits"]
        assert "provenance" not in seen
    for language, words in (("en", "unverified"), ("zh", "未核实")):
        reader = replace(case.merchant, language=language)
        assert words not in str(reader.get(f"{case.at}/trail", after=after))
        assert words not in good(reader.call("GET", f"{case.at}/account")).text


def test_what_is_counted_is_told_with_its_number(service: Service) -> None:
    case = negotiated(service)
    [shown] = good(case.merchant.show(case.at, TWO_PAGES, "report.pdf")).json()["exhibits"]
    assert shown["provenance"] == [{"code": "pages", "count": 2}]
    assert "pages: 2" in good(case.merchant.call("GET", f"{case.at}/account")).text


def test_a_text_tells_nothing_and_a_file_that_cannot_be_read_is_shown_all_the_same(service: Service) -> None:
    case = negotiated(service)
    for content in ("聊天记录".encode(), b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01 broken"):
        shown = good(case.buyer.show(case.at, content)).json()["exhibits"][-1]
        assert shown["provenance"] == []
    assert "unverified" not in good(case.buyer.call("GET", f"{case.at}/account")).text

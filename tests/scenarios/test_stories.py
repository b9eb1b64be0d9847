"""Each story of the demo ends as the case that it stands for: asked from outside, in the end, by those who may ask."""

from __future__ import annotations

import pkgutil
from datetime import datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

import domain.dispute
from domain.events import EVENTS
from infrastructure.demo.stories import STORIES
from infrastructure.demo.telling import End
from tests.http.service import refused
from tests.scenarios.conftest import paid_for, tendered_for

if TYPE_CHECKING:
    from tests.scenarios.conftest import Stage

GPS = 0x8825


def test_fruit_taste_merchant_refuses(stage: Stage) -> None:
    told = stage.tell("fruit_taste_merchant_refuses")
    assert (told.case["stage"], told.case["outcome"], told.paid) == ("closed", "decided", [3980])
    assert told.case["ruling"]["by"] == "Wang"
    assert told.case["ruling"]["awards"][0]["relied_on"] == ["e1", "e2"]
    assert "by" not in told.by("merchant", "Orchard")["ruling"]
    assert told.as_of(told.version_of("dispute.ruling_confirmed"))["remedies"] == []


def test_merchant_silent(stage: Stage) -> None:
    told = stage.tell("merchant_silent")
    assert (told.case["outcome"], told.paid) == ("defaulted", [3980])
    assert [one["channel"] for one in told.case["bounces"]] == ["sms"]
    proof = told.case["ruling"]["proof"]
    assert proof["clock"]["started_at"] == told.case["notice"]["recorded_at"]
    lasted = datetime.fromisoformat(proof["lapsed_at"]) - datetime.fromisoformat(proof["clock"]["started_at"])
    assert lasted >= timedelta(hours=48)


def test_merchant_cannot_be_told(stage: Stage) -> None:
    told = stage.tell("merchant_cannot_be_told")
    assert (told.case["outcome"], told.paid) == ("decided", [])
    assert "notice" not in told.case
    assert not {"dispute.decided_by_default", "dispute.response_lapsed"} & set(told.events)
    assert told.case["ruling"]["by"] == "Jin"


def test_settled_by_offer(stage: Stage) -> None:
    told = stage.tell("settled_by_offer")
    assert (told.case["stage"], told.case["outcome"], told.paid) == ("closed", "settled", [1990])
    assert "ruling" not in told.case
    assert told.case["settled"]["offer"] == "o1"


def test_a_claim_is_added_and_offers_go_back_and_forth(stage: Stage) -> None:
    told = stage.tell("two_things_wrong")
    assert (told.case["stage"], told.case["outcome"]) == ("closed", "settled")
    assert ["added_at" in one for one in told.case["claims"]] == [False, True]
    assert [(one["state"], one.get("counters")) for one in told.case["offers"]] == [
        ("expired", None),
        ("countered", None),
        ("countered", "o2"),
        ("accepted", "o3"),
    ]
    terms = [(one["claim"], one["remedy"], one["amount"]["minor"]) for one in told.case["settled"]["terms"]]
    assert terms == [("c1", "partial_refund", 2000), ("c1", "freight_refund", 800), ("c2", "coupon", 1250)]
    assert sorted(tendered_for(told.play, told.id)) == [(800, "money"), (1250, "coupon"), (2000, "money")]
    assert "ruling" not in told.case
    assert End.of(told.case).told("en") == (
        "settled. CNY 28.00 was paid in 2 payments, each once. A coupon worth CNY 12.50 was given, once."
    )


def test_goodwill_settles_nothing_and_the_claim_is_paid_in_full(stage: Stage) -> None:
    told = stage.tell("goodwill_counts_towards_nothing")
    assert (told.case["stage"], told.case["outcome"]) == ("closed", "settled")
    assert tendered_for(told.play, told.id) == [(1000, "coupon"), (3980, "money")]
    assert told.as_of(told.version_of("dispute.goodwill_paid"))["stage"] == "awaiting_response"
    [claim], [given] = told.case["claims"], told.by("buyer", "Jin")["goodwill"]
    assert (claim["compensated"]["minor"], "overpaid" in claim) == (3980, False)
    assert (given["payer"], given["tender"], given["state"]) == ("merchant", "coupon", "confirmed")
    assert "Goodwill worth CNY 10.00 was given" in End.of(told.case).told("en")


def test_payout_fails_twice_then_succeeds(stage: Stage) -> None:
    told = stage.tell("payout_fails_twice_then_succeeds")
    assert told.paid == [3980]
    [line] = told.by("buyer", "Zhou")["remedies"]
    assert [one["state"] for one in line["tries"]] == ["unknown", "unknown", "confirmed"]


def test_liability_cannot_be_determined_on_the_common_playbook(stage: Stage) -> None:
    told = stage.tell("liability_cannot_be_determined")
    assert (told.case["outcome"], told.paid) == ("decided", [3980])
    [award] = told.case["ruling"]["awards"]
    assert (award["undetermined"], award["rules"]) == (True, ["COMMON-UNDETERMINED-1"])
    assert "dispute.liability_undetermined" in told.events


def test_evidence_that_is_too_late_counts_only_once_it_is_admitted(stage: Stage) -> None:
    told = stage.tell("evidence_too_late")
    assert (told.case["outcome"], told.paid) == ("decided", [])
    assert [one["state"] for one in told.case["evidence_requests"]] == ["lapsed"]
    then = told.as_of(told.version_of("dispute.evidence_admitted") - 1)["exhibits"][1]
    assert (then["late"], then["considered"]) == (True, False)
    now = told.case["exhibits"][1]
    assert (now["late"], now["considered"], now["decided"]["admitted"]) == (True, True, True)
    assert told.case["ruling"]["awards"][0]["relied_on"] == ["e2"]


def test_nothing_is_decided_while_a_record_is_awaited_and_then_several_remedies_are_awarded(stage: Stage) -> None:
    told = stage.tell("short_weight")
    assert (told.case["stage"], told.case["outcome"]) == ("closed", "decided")
    assert [one["state"] for one in told.case["evidence_requests"]] == ["answered"]
    assert told.version_of("dispute.evidence_request_answered") < told.version_of("dispute.ruling_confirmed")
    [award] = told.case["ruling"]["awards"]
    lines = [(one["remedy"], one["amount"]["minor"]) for one in award["lines"]]
    assert lines == [("partial_refund", 796), ("freight_refund", 614), ("coupon", 500)]
    assert sorted(tendered_for(told.play, told.id)) == [(500, "coupon"), (614, "money"), (796, "money")]
    record = told.by("buyer", "Pan")["exhibits"][1]
    assert (record["media_type"], "href" in record) == ("application/pdf", False)
    answers = [told.play.person("buyer", "Pan").call("GET", record["view"], params={"page": page}) for page in (1, 2)]
    assert len({answer.content for answer in answers}) == 2
    assert {Image.open(BytesIO(answer.content)).format for answer in answers} == {"JPEG"}


def test_a_photo_keeps_its_place_to_those_who_may_know_it(stage: Stage) -> None:
    told = stage.tell("a_photo_keeps_its_place")
    assert (told.case["outcome"], told.paid) == ("decided", [3980])
    buyer, merchant = told.play.person("buyer", "Shi"), told.play.person("merchant", "North-Slope")
    original = buyer.call("GET", buyer.sees(told.id)["exhibits"][0]["href"]).content
    assert Image.open(BytesIO(original)).getexif().get_ifd(GPS)
    view = merchant.call("GET", merchant.sees(told.id)["exhibits"][0]["view"]).content
    assert not Image.open(BytesIO(view)).getexif()
    refused(merchant.call("GET", f"/v1/disputes/{told.id}/evidence/e1"), 403, "original_sealed")
    assert [one["considered"] for one in told.case["exhibits"]] == [False, True]
    opened = told.play.auditor.get(f"/v1/disputes/{told.id}/viewings")["viewings"]
    assert {one["actor"] for one in opened if one.get("exhibit") == "e1"} == {"Shi", "North-Slope"}


def test_so_much_is_awarded_by_two_and_heard_by_a_third(stage: Stage) -> None:
    told = stage.tell("a_second_pair_of_eyes")
    assert (told.case["outcome"], told.paid) == ("decided", [600_000])
    assert (told.case["ruling"]["proposed_by"], told.case["ruling"]["by"]) == ("Meng", "Song")
    assert [one["state"] for one in told.case["appeals"]] == ["upheld"]
    proposed = next(
        one for one in told.trail(told.play.person("merchant", "Old-Mountain")) if "proposed" in one["event"]
    )
    assert "6000" not in proposed["what"]
    assert not proposed["why"]


def test_a_slip_put_right_keeps_how_it_read_before(stage: Stage) -> None:
    told = stage.tell("a_slip_put_right")
    assert (told.case["outcome"], told.paid) == ("decided", [1490])
    assert [one["kind"] for one in told.case["ruling"]["corrections"]] == ["arithmetic", "typing"]
    first = told.as_of(told.version_of("dispute.ruling_confirmed"))["ruling"]
    assert first["awards"][0]["lines"][0]["amount"]["minor"] == 995
    assert told.case["ruling"]["awards"][0]["lines"][0]["amount"]["minor"] == 1990


def test_where_a_person_is_asked_for_no_silence_decides(stage: Stage) -> None:
    told = stage.tell("a_person_asked_for")
    assert (told.case["outcome"], told.paid) == ("decided", [3980])
    assert "dispute.decided_by_default" not in told.events
    assert told.case["ruling"]["by"] == "Tan"


def test_what_the_clock_stood_still_is_not_counted(stage: Stage) -> None:
    told = stage.tell("the_clock_that_stood_still")
    assert (told.case["outcome"], told.paid) == ("settled", [3980])
    served, answered = (
        datetime.fromisoformat(told.case[what]["at"] if what == "response" else told.case[what]["recorded_at"])
        for what in ("notice", "response")
    )
    assert answered - served > timedelta(hours=48)
    assert [one["side"] for one in told.case["chases"]] == ["buyer"]


def test_for_who_declares_a_conflict_the_case_is_not_there(stage: Stage) -> None:
    told = stage.tell("arbitrator_knows_the_shop")
    assert (told.case["outcome"], told.case["ruling"]["by"], told.paid) == ("decided", "Kong", [3980])
    fang, nobody = told.play.person("arbitrator", "Fang"), "01900000-0000-7000-8000-000000000000"
    gone, never = (fang.call("GET", f"/v1/disputes/{case}") for case in (told.id, nobody))
    assert (gone.status_code, gone.content) == (never.status_code, never.content)
    assert told.id not in [one["id"] for one in fang.get("/v1/disputes", limit=100)["cases"]]
    merchant = told.play.person("merchant", "Cousins-Farm")
    assert [one["kind"] for one in merchant.sees(told.id)["notes"]] == ["public"]
    assert not [one for one in told.trail(merchant) if "表哥" in one.get("why", "") or "Fang" in one["who"]]
    assert [one["state"] for one in told.case["appeals"]] == ["rejected"]


def test_appeal_overturns_before_anything_is_paid(stage: Stage) -> None:
    told = stage.tell("appeal_overturns")
    assert (told.case["stage"], told.case["outcome"], told.paid) == ("closed", "decided", [])
    assert (told.case["ruling"]["id"], told.case["ruling"]["by"]) == ("r2", "Shen")
    assert [(one["id"], one["by"]) for one in told.case["earlier_rulings"]] == [("r1", "Luo")]
    assert told.case["recoveries"] == []


def test_appeal_overturns_what_was_paid_at_the_decision(stage: Stage) -> None:
    told = stage.tell("appeal_overturns_what_was_paid")
    assert told.case["platform"] != "common"
    assert (told.case["stage"], told.case["outcome"], told.paid) == ("closed", "decided", [3980])
    assert told.version_of("dispute.remedy_ordered") < told.version_of("dispute.appeal_filed")
    [line], [recovery] = told.case["remedies"], told.case["recoveries"]
    assert line["state"] == "recovered"
    assert (recovery["payer"], recovery["payee"], recovery["amount"]["minor"]) == ("buyer", "merchant", 3980)
    assert (recovery["left"]["minor"], recovery["references"]) == (0, ["back-1", "back-2"])
    assert told.by("buyer", "Yuan")["recoveries"][0]["references"] == []


def test_two_reverse_what_two_ruled_and_what_nobody_can_collect_is_written_off(stage: Stage) -> None:
    told = stage.tell("reversed_by_two_and_written_off")
    assert (told.case["stage"], told.case["outcome"], told.paid) == ("closed", "decided", [680_000])
    assert [(one["proposed_by"], one["by"]) for one in told.case["earlier_rulings"]] == [("Zou", "Ning")]
    assert (told.case["ruling"]["proposed_by"], told.case["ruling"]["by"]) == ("Pei", "Lou")
    assert "by" not in told.by("merchant", "Deep-Forest")["ruling"]
    [recovery] = told.case["recoveries"]
    assert (recovery["payer"], recovery["amount"]["minor"], recovery["left"]["minor"]) == ("buyer", 130_000, 0)
    assert recovery["written_off"]["amount"]["minor"] == 50_000
    then = told.as_of(told.version_of("dispute.recovery_written_off") - 1)
    assert (then["stage"], then["recoveries"][0]["left"]["minor"]) == ("carrying_out", 50_000)
    assert End.of(told.case).told("en") == (
        "decided, claim upheld. CNY 6800.00 was paid, once. CNY 800.00 came back. CNY 500.00 was written off."
    )


def test_a_case_filed_twice_is_linked_and_withdrawn(stage: Stage) -> None:
    told = stage.tell("filed_twice_and_withdrawn")
    assert (told.case["outcome"], told.paid) == ("withdrawn", [])
    [link] = told.case["links"]
    assert link["kind"] == "duplicate"
    assert told.by("buyer", "Lu")["links"] == told.by("merchant", "Grove")["links"] == []
    assert paid_for(told.play, link["dispute"]) == [6480]


def test_an_ended_case_is_opened_again_and_its_end_stays(stage: Stage) -> None:
    told = stage.tell("opened_again_with_new_evidence")
    assert (told.case["stage"], told.case["outcome"], told.paid) == ("closed", "decided", [3980])
    assert [(one["outcome"], one["ground"]) for one in told.case["earlier_ends"]] == [("decided", "new_evidence")]
    then = told.as_of(told.version_of("dispute.reopened") - 1)
    assert (then["stage"], then["ruling"]["awards"][0]["finding"]) == ("closed", "dismissed")
    assert then["legal_hold"]["auditor"] == "Sun"
    assert "legal_hold" not in told.case
    assert not [one for one in told.trail(told.play.person("buyer", "Qin")) if "legal_hold" in one["event"]]


def test_every_chapter_of_a_dispute_is_told_by_some_story(stage: Stage) -> None:
    happened = {event for story in STORIES for event in stage.tell(story.name).events}
    chapters = {
        name: {event.TOPIC for event in EVENTS if event.__module__ == f"domain.dispute.{name}"}
        for _, name, _ in pkgutil.iter_modules(domain.dispute.__path__)
    }
    assert [name for name, topics in chapters.items() if topics and not topics & happened] == []

"""Before filing: what a reason needs, who must show it, what may be asked, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from application.policy import EVERYBODY
from domain.playbook.playbook import RemedyKind
from infrastructure.playbooks.reader import COMMON, read_playbook
from tests.http.service import good, refused
from tests.http.story import filed, yuan

if TYPE_CHECKING:
    from tests.http.service import Service

REASONS = [one.id for one in read_playbook(COMMON).reasons]
NEEDS = [("buyer", "photo"), ("merchant", "listing")]


@pytest.mark.parametrize("role", EVERYBODY)
def test_everybody_reads_what_a_dispute_needs_on_their_platform(service: Service, role: str) -> None:
    seen = service.person(role).get("/v1/requirements")
    assert seen["platform"] == "common"
    assert [one["reason"] for one in seen["reasons"]] == REASONS
    assert seen["limits"]["exhibits_per_side"] == 30


def test_a_reason_tells_its_evidence_its_remedies_and_the_clocks(service: Service) -> None:
    buyer = service.person("buyer")
    seen = buyer.get("/v1/requirements", platform="common", reason="taste_or_freshness")
    [reason] = seen["reasons"]
    assert (reason["nature"], reason["title"]) == ("quality", "Taste or freshness is not as described")
    assert [(one["who"], one["kind"]) for one in reason["evidence"]] == NEEDS
    remedies = {one["remedy"]: one for one in reason["remedies"]}
    assert remedies.keys() == {str(kind) for kind in RemedyKind}
    assert (remedies["refund_only"]["payer"], remedies["refund_only"]["percent"]) == ("merchant", 100)
    assert [one["remedy"] for one in reason["remedies"] if not one["chosen"]] == ["refund_only", "freight_refund"]
    coupon, subsidy = remedies["coupon"], remedies["platform_subsidy"]
    assert (coupon["tender"], coupon["at_most"][0], "percent" in coupon) == ("coupon", yuan(5000), False)
    assert remedies["freight_refund"]["of"] == "freight_share"
    assert (subsidy["payer"], subsidy["by_decision_only"], coupon["by_decision_only"]) == ("platform", True, False)
    buyers, merchants = reason["burden"]
    assert (buyers["who"], merchants["who"]) == ("buyer", "merchant")
    assert merchants["source"].startswith("电子商务法 第六十二条")
    clocks = {one["name"]: one for one in seen["clocks"]}
    assert (clocks["answer"]["whose"], clocks["answer"]["hours"]) == (["merchant"], 48)
    assert clocks["evidence"]["on_silence"].startswith("If not all is shown in time")
    assert seen["playbook"]["digest"] == buyer.get("/v1/playbooks")["versions"][-1]["digest"]


def test_it_is_told_in_the_readers_language(service: Service) -> None:
    seen = service.person("buyer", language="zh").get("/v1/requirements", reason="taste_or_freshness")
    assert seen["reasons"][0]["title"] == "口味或新鲜度与描述不符"
    assert seen["custody"].startswith("请保留商品")


def test_what_is_told_before_filing_is_what_the_case_then_misses(service: Service) -> None:
    case = filed(service)
    assert [(one["who"], one["kind"]) for one in case.last["missing"]] == NEEDS


def test_an_unknown_reason_is_refused_with_the_known_ones_and_another_platform_is_not_there(service: Service) -> None:
    buyer = service.person("buyer")
    document = refused(buyer.call("GET", "/v1/requirements", params={"reason": "none"}), 422, "unknown_reason")
    assert document["details"]["known"] == REASONS
    refused(buyer.call("GET", "/v1/requirements", params={"platform": "elsewhere"}), 404, "not_found")
    stranger = service.person("buyer", platform="no-rules-yet")
    refused(stranger.call("GET", "/v1/requirements"), 404, "not_found")
    assert good(buyer.call("GET", "/v1/requirements")).headers["cache-control"] == "no-store"

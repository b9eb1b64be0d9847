"""Where liability cannot be determined, the arbitrator says why and a rule of the playbook decides."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from domain.dispute import dispute as disputes
from domain.dispute import ruling
from domain.dispute.admission import UnknownExhibit
from domain.dispute.award import AwardSought, NoRuleCited, RemedyDoesNotFit, RuleDoesNotFit
from domain.dispute.liability import LiabilityUndetermined, NoFallback
from domain.dispute.proposal import RulingProposed
from domain.dispute.remedy import RemedyOrdered
from domain.dispute.ruling import RulingConfirmed
from domain.playbook.playbook import Finding, Playbook, RemedyKind
from tests.support.builders import (
    ARBITRATOR,
    DISPUTE,
    a_claim_asked,
    a_playbook,
    a_remedy_sought,
    an_award_sought,
    cny,
    hours,
    reasons_with,
    remedies_of,
    taken_in_hand,
    two_claims_asked,
    undetermined_sought,
    watched,
)
from tests.support.given import fold, given

PART = a_claim_asked(remedy=RemedyKind.PARTIAL_REFUND, amount=cny(1500))


def rule(*sought: AwardSought, playbook: Playbook | None = None) -> Any:
    rules = playbook or a_playbook()

    def act(dispute: Any) -> Any:
        confirmed = ruling.rule(
            dispute, rules, sought or (undetermined_sought(),), "双方都可信", by=ARBITRATOR, at=hours(7)
        )
        return disputes.rule(dispute, rules, DISPUTE, confirmed)

    return act


def fallback(**changes: Any) -> dict[str, Any]:
    sentence = {"zh": "无法认定的，不支持买家。", "en": "Where it cannot be determined, the buyer is not upheld."}
    row = {"id": "U-1", "finding": "dismissed", "reasons": ["taste_or_freshness"], "source": "x", "sentence": sentence}
    return row | changes


def test_where_liability_cannot_be_determined_the_row_of_the_playbook_decides() -> None:
    found, confirmed = given(*taken_in_hand()).when(rule()).happened
    assert found == LiabilityUndetermined(
        ruling="r1",
        claim="c1",
        facts="双方证据都可信，无法认定",
        rule="COMMON-UNDETERMINED-1",
        by=ARBITRATOR,
        at=hours(7),
    )
    assert isinstance(confirmed, RulingConfirmed)
    [award] = confirmed.awards
    assert (award.finding, award.rules, award.undetermined) == (Finding.UPHELD, ("COMMON-UNDETERMINED-1",), True)
    assert (award.facts, award.lines[0].remedy, award.lines[0].amount) == (found.facts, "refund_only", cny(3980))
    assert fold(*taken_in_hand(), found, confirmed).ruling.undetermined == (found,)


def test_an_award_that_was_determined_says_so() -> None:
    [confirmed] = given(*taken_in_hand()).when(rule(an_award_sought())).happened
    assert not confirmed.awards[0].undetermined


def test_what_was_asked_is_given_where_the_row_names_no_remedy() -> None:
    _, confirmed = given(*taken_in_hand(PART)).when(rule()).happened
    assert (confirmed.awards[0].lines[0].remedy, confirmed.awards[0].lines[0].amount) == ("partial_refund", cny(1500))


def test_the_remedy_that_the_row_names_is_given_as_it_is_computed() -> None:
    half = remedies_of("refund_only", percent=50)
    rules = a_playbook(remedies=half, undetermined=[fallback(finding="upheld", remedy="refund_only")])
    _, confirmed = given(*taken_in_hand(PART, playbook=rules)).when(rule(playbook=rules)).happened
    assert (confirmed.awards[0].lines[0].remedy, confirmed.awards[0].lines[0].amount) == ("refund_only", cny(1990))


def test_where_the_row_dismisses_nothing_is_paid() -> None:
    rules = a_playbook(undetermined=[fallback()])
    _, confirmed = given(*taken_in_hand(playbook=rules)).when(rule(playbook=rules)).happened
    assert (confirmed.awards[0].finding, confirmed.awards[0].lines) == (Finding.DISMISSED, ())


def test_each_claim_is_found_on_its_own() -> None:
    before = taken_in_hand(*two_claims_asked())
    found, confirmed = given(*before).when(rule(an_award_sought(), undetermined_sought("c2"))).happened
    assert (found.claim, [one.undetermined for one in confirmed.awards]) == ("c2", [False, True])


def test_a_platform_without_a_row_for_the_reason_has_to_find_somebody_liable() -> None:
    rules = a_playbook(undetermined=[fallback(reasons=["not_as_described"])])
    given(*taken_in_hand(playbook=rules)).when(rule(playbook=rules)).then_refused(
        NoFallback, reason="taste_or_freshness"
    )


def test_nothing_is_cited_or_chosen_where_the_row_decides() -> None:
    one = undetermined_sought()
    for changes, refusal in (
        ({"rules": ("COMMON-PROMISE-1",)}, RuleDoesNotFit),
        ({"remedies": (a_remedy_sought(),)}, RemedyDoesNotFit),
        ({"relied_on": ("e7",)}, UnknownExhibit),
    ):
        given(*taken_in_hand()).when(rule(one.model_copy(update=changes))).then_refused(refusal)


def test_what_is_found_for_somebody_cites_a_rule() -> None:
    for sought in (an_award_sought(rules=()), an_award_sought(rules=(), finding=Finding.DISMISSED, remedy=None)):
        given(*taken_in_hand()).when(rule(sought)).then_refused(NoRuleCited, claim="c1")


def test_above_the_limit_of_four_eyes_it_is_told_when_it_is_confirmed() -> None:
    [made] = given(*taken_in_hand()).when(rule(playbook=watched())).happened
    assert isinstance(made, RulingProposed)
    assert made.awards[0].undetermined


def test_it_is_told_before_what_starts_at_the_decision() -> None:
    rules = a_playbook(remedies_start="at_decision")
    happened = given(*taken_in_hand(playbook=rules)).when(rule(playbook=rules)).happened
    assert [type(one) for one in happened] == [LiabilityUndetermined, RulingConfirmed, RemedyOrdered]


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"undetermined": [fallback(), fallback()]}, "the rule U-1 stands twice"),
        ({"undetermined": [fallback(id="COMMON-PROMISE-1")]}, "the rule COMMON-PROMISE-1 stands twice"),
        ({"undetermined": [fallback(reasons=["mood"])]}, "rule U-1 names the unknown reason mood"),
        ({"undetermined": [fallback(remedy="refund_only")]}, "the remedy refund_only of U-1 is not open"),
        ({"undetermined": [fallback(finding="upheld", remedy="partial_refund")]}, "or not computed"),
        (
            {
                "undetermined": [fallback(finding="upheld", remedy="refund_only")],
                "reasons": reasons_with("partial_refund"),
            },
            "the remedy refund_only of U-1 is not open for all its reasons",
        ),
        ({"undetermined": [fallback(finding="undetermined")]}, "Input should be"),
        ({"four_eyes": [{"minor": 1, "currency": "CNY"}] * 2}, "the limit of four eyes in CNY stands twice"),
    ],
)
def test_rows_that_cannot_decide_are_no_part_of_a_playbook(changes: dict[str, Any], because: str) -> None:
    with pytest.raises(ValidationError, match=because):
        a_playbook(**json.loads(json.dumps(changes)))


def test_a_row_for_the_undetermined_is_found_by_its_reason_and_by_its_name() -> None:
    common = a_playbook()
    assert common.fallback("taste_or_freshness") == common.cited("COMMON-UNDETERMINED-1") == common.undetermined[0]
    assert common.fallback("mood") is None


def test_a_row_for_undetermined_liability_gives_no_whole_freight() -> None:
    rows = [fallback(finding="upheld", remedy="freight_refund")]
    assert a_playbook(undetermined=rows).undetermined
    with pytest.raises(ValidationError, match="the remedy freight_refund of U-1 is not open"):
        a_playbook(undetermined=rows, remedies=remedies_of("freight_refund", of="freight"))

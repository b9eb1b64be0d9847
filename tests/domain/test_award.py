from __future__ import annotations

from typing import Any

import pytest

from domain.dispute import ruling
from domain.dispute.admission import UnknownExhibit
from domain.dispute.award import (
    AwardsIncomplete,
    AwardSought,
    RemedyDoesNotFit,
    RemedySought,
    RuleDoesNotFit,
    UnknownRule,
)
from domain.kernel import Actor, Role
from domain.playbook.playbook import Finding, Playbook, RemedyKind
from domain.playbook.remedies import (
    AmountNotChosen,
    AmountNotFree,
    FreightExceeded,
    Operation,
    RemediesDoNotCombine,
)
from tests.support.builders import (
    ARBITRATOR,
    PLATFORM,
    a_claim_asked,
    a_dismissal_sought,
    a_playbook,
    a_remedy_sought,
    a_ruling,
    an_award_sought,
    an_exhibit,
    an_intervention,
    cny,
    eur,
    hours,
    negotiating,
    reasons_with,
    remedies_of,
    taken_in_hand,
    two_claims_asked,
    under_review,
)
from tests.support.given import given


def rule(*sought: AwardSought, by: Actor = ARBITRATOR, playbook: Playbook | None = None) -> Any:
    awards, rules = sought or (an_award_sought(),), playbook or a_playbook()
    return lambda dispute: ruling.rule(dispute, rules, awards, "承诺应当兑现", by=by, at=hours(7))


def a_part(minor: int, **changes: Any) -> AwardSought:
    return an_award_sought(remedy=RemedyKind.PARTIAL_REFUND, amount=cny(minor), **changes)


def test_a_ruling_decides_every_claim_exactly_once() -> None:
    before = taken_in_hand(*two_claims_asked())
    both = (an_award_sought(), a_dismissal_sought("c2"))
    assert [award.claim for award in given(*before).when(rule(*both)).happened[0].awards] == ["c1", "c2"]
    for sought in ((an_award_sought(),), (*both, an_award_sought()), (an_award_sought(), a_dismissal_sought("c9"))):
        given(*before).when(rule(*sought)).then_refused(AwardsIncomplete, claims=["c1", "c2"])


def test_a_ruling_cites_rules_of_the_version_that_the_dispute_is_pinned_to() -> None:
    known = [one.id for one in a_playbook().rules]
    given(*taken_in_hand()).when(rule(an_award_sought(rules=("COMMON-NEW-9",)))).then_refused(
        UnknownRule, rule="COMMON-NEW-9", known=known
    )


def test_every_cited_rule_is_checked_and_not_the_first_alone() -> None:
    given(*taken_in_hand()).when(rule(an_award_sought(rules=("COMMON-PROMISE-1", "NO-SUCH")))).then_refused(UnknownRule)


def test_a_cited_rule_is_made_for_the_reason_of_the_claim() -> None:
    sought = an_award_sought(rules=("COMMON-TRANSIT-1",))
    given(*taken_in_hand()).when(rule(sought)).then_refused(
        RuleDoesNotFit, rule="COMMON-TRANSIT-1", reason="taste_or_freshness", finding="upheld"
    )


def test_a_cited_rule_speaks_for_the_finding() -> None:
    given(*taken_in_hand()).when(rule(an_award_sought(rules=("COMMON-UNPROVED-1",)))).then_refused(RuleDoesNotFit)
    dismissal = a_dismissal_sought().model_copy(update={"rules": ("COMMON-PROMISE-1",)})
    given(*taken_in_hand()).when(rule(dismissal)).then_refused(RuleDoesNotFit)


def test_a_ruling_relies_on_exhibits_that_were_shown() -> None:
    relying = an_award_sought(relied_on=("e1",))
    shown = (*negotiating(), an_exhibit(), *under_review()[-1:], *an_intervention())
    assert given(*shown).when(rule(relying)).happened[0].awards[0].relied_on == ("e1",)
    given(*taken_in_hand()).when(rule(relying)).then_refused(UnknownExhibit, exhibit="e1")


def test_a_dismissed_claim_is_paid_nothing() -> None:
    [confirmed] = given(*taken_in_hand()).when(rule(a_dismissal_sought())).happened
    assert (confirmed.awards[0].finding, confirmed.awards[0].lines) == (Finding.DISMISSED, ())


@pytest.mark.parametrize(
    "remedy", [a_remedy_sought(), a_remedy_sought(minor=1), a_remedy_sought(RemedyKind.PLATFORM_SUBSIDY, 1)]
)
def test_a_dismissed_claim_has_no_remedy(remedy: RemedySought) -> None:
    sought = a_dismissal_sought().model_copy(update={"remedies": (remedy,)})
    given(*taken_in_hand()).when(rule(sought)).then_refused(RemedyDoesNotFit, finding="dismissed", open=[])


def test_an_upheld_claim_has_a_remedy_that_its_reason_opens() -> None:
    every = [str(kind) for kind in RemedyKind]
    given(*taken_in_hand()).when(rule(an_award_sought(remedy=None))).then_refused(RemedyDoesNotFit, open=every)
    full = a_playbook(reasons=reasons_with("refund_only"))
    given(*taken_in_hand()).when(rule(a_part(1), playbook=full)).then_refused(
        RemedyDoesNotFit, finding="upheld", open=["refund_only"]
    )


def test_the_arbitrator_sets_a_partial_refund_up_to_the_price_paid() -> None:
    [confirmed] = given(*taken_in_hand()).when(rule(a_part(3980))).happened
    derivation = confirmed.awards[0].lines[0].derivation
    assert (derivation.operation, derivation.amount, derivation.factor) == (Operation.CHOSEN, cny(3980), 100)
    for sought in (a_part(3981), a_part(0), a_part(-1), an_award_sought(RemedyKind.PARTIAL_REFUND, eur(1))):
        given(*taken_in_hand()).when(rule(sought)).then_refused(AmountNotChosen, at_most=3980, currency="CNY")


def test_the_arbitrator_does_not_change_an_amount_that_the_rules_compute() -> None:
    given(*taken_in_hand()).when(rule(an_award_sought(amount=cny(3979)))).then_refused(AmountNotFree, amount=3980)
    given(*taken_in_hand()).when(rule(an_award_sought(amount=cny(3980)))).then(a_ruling())


def test_a_claim_of_several_lines_is_paid_by_the_prices_of_these_lines() -> None:
    before = taken_in_hand(a_claim_asked(lines=("2", "1")))
    [confirmed] = given(*before).when(rule()).happened
    assert confirmed.awards[0].lines[0].amount == cny(5981)


def test_where_the_playbook_says_so_the_platform_pays() -> None:
    rules = a_playbook(remedies=remedies_of("refund_only", payer="platform"))
    [confirmed] = given(*taken_in_hand(playbook=rules)).when(rule(playbook=rules)).happened
    assert (confirmed.awards[0].lines[0].payer, confirmed.awards[0].lines[0].payer_id) == (Role.PLATFORM, PLATFORM)


FULL, PART = a_remedy_sought(), a_remedy_sought(RemedyKind.PARTIAL_REFUND, 1500)
FREIGHT, COUPON = a_remedy_sought(RemedyKind.FREIGHT_REFUND), a_remedy_sought(RemedyKind.COUPON, 5000)
GOODWILL = a_remedy_sought(RemedyKind.GOODWILL_TRANSFER, 10_000)
SUBSIDY = a_remedy_sought(RemedyKind.PLATFORM_SUBSIDY, 20_000)


def several(*remedies: RemedySought, **changes: Any) -> AwardSought:
    return an_award_sought(remedies=remedies, **changes)


def test_a_claim_gets_several_remedies_each_with_its_payer_and_derivation() -> None:
    before = taken_in_hand(a_claim_asked(lines=("1", "2")))
    [confirmed] = given(*before).when(rule(several(FULL, FREIGHT, COUPON, GOODWILL, SUBSIDY))).happened
    lines = confirmed.awards[0].lines
    assert [(line.remedy, line.amount, line.payer) for line in lines] == [
        (RemedyKind.REFUND_ONLY, cny(5981), Role.MERCHANT),
        (RemedyKind.FREIGHT_REFUND, cny(600), Role.MERCHANT),
        (RemedyKind.COUPON, cny(5000), Role.MERCHANT),
        (RemedyKind.GOODWILL_TRANSFER, cny(10_000), Role.MERCHANT),
        (RemedyKind.PLATFORM_SUBSIDY, cny(20_000), Role.PLATFORM),
    ]
    assert [line.derivation.rule for line in lines] == [
        one.id for one in a_playbook().remedies if one.kind != "partial_refund"
    ]


@pytest.mark.parametrize("remedies", [(FULL, FULL), (COUPON, COUPON), (FULL, PART), (PART, COUPON, FULL)])
def test_no_remedy_stands_twice_for_a_claim_and_the_price_comes_back_in_one_way(remedies: Any) -> None:
    named = [str(one.remedy) for one in remedies]
    given(*taken_in_hand()).when(rule(several(*remedies))).then_refused(
        RemediesDoNotCombine, claim="c1", remedies=named
    )


@pytest.mark.parametrize(
    ("kind", "cap"),
    [(RemedyKind.COUPON, 5000), (RemedyKind.GOODWILL_TRANSFER, 10_000), (RemedyKind.PLATFORM_SUBSIDY, 20_000)],
)
def test_what_is_given_beside_the_price_has_a_cap_of_its_own(kind: RemedyKind, cap: int) -> None:
    for minor in (1, cap - 1, cap):
        [confirmed] = given(*taken_in_hand()).when(rule(several(a_remedy_sought(kind, minor)))).happened
        assert confirmed.awards[0].lines[0].amount == cny(minor)
    for over in (a_remedy_sought(kind, cap + 1), a_remedy_sought(kind, 0), a_remedy_sought(kind)):
        given(*taken_in_hand()).when(rule(several(over))).then_refused(AmountNotChosen, at_most=cap, currency="CNY")


def test_a_cap_is_of_the_orders_currency_and_without_one_there_is_nothing_to_give() -> None:
    rules = a_playbook(remedies=remedies_of("coupon", at_most=[{"minor": 700, "currency": "EUR"}]))
    refused = given(*taken_in_hand(playbook=rules)).when(rule(several(COUPON), playbook=rules))
    refused.then_refused(AmountNotChosen, at_most=0, currency="CNY")


def test_each_claim_gets_its_part_of_the_freight_and_together_they_get_the_freight() -> None:
    before = taken_in_hand(*two_claims_asked())
    [confirmed] = given(*before).when(rule(several(FREIGHT), several(FULL, FREIGHT, claim="c2"))).happened
    parts = [line.amount for award in confirmed.awards for line in award.lines if line.remedy == "freight_refund"]
    assert parts == [cny(399), cny(201)]  # 600 x 3980 / 5981 and 600 x 2001 / 5981


def test_the_whole_freight_is_given_back_once_where_the_playbook_gives_it_whole() -> None:
    whole = a_playbook(remedies=remedies_of("freight_refund", of="freight"))
    before = taken_in_hand(*two_claims_asked(), playbook=whole)
    [confirmed] = given(*before).when(rule(several(FREIGHT), a_dismissal_sought("c2"), playbook=whole)).happened
    assert confirmed.awards[0].lines[0].amount == cny(600)
    twice = rule(several(FREIGHT), several(FREIGHT, claim="c2"), playbook=whole)
    given(*before).when(twice).then_refused(FreightExceeded, amount=1200, at_most=600, currency="CNY")

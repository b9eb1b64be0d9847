from __future__ import annotations

from typing import Any

import pytest

from domain.dispute import ruling
from domain.dispute.admission import UnknownExhibit
from domain.dispute.award import AwardsIncomplete, AwardSought, RemedyDoesNotFit, RuleDoesNotFit, UnknownRule
from domain.kernel import Actor, Role
from domain.playbook.playbook import Finding, Playbook, RemedyKind
from domain.playbook.remedies import AmountNotChosen, AmountNotFree, Operation
from tests.support.builders import (
    ARBITRATOR,
    PLATFORM,
    a_claim_asked,
    a_dismissal_sought,
    a_playbook,
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
    "changes",
    [{"remedy": RemedyKind.REFUND_ONLY}, {"amount": cny(1)}, {"remedy": RemedyKind.REFUND_ONLY, "amount": cny(1)}],
)
def test_a_dismissed_claim_has_no_remedy(changes: dict[str, Any]) -> None:
    sought = a_dismissal_sought().model_copy(update=changes)
    given(*taken_in_hand()).when(rule(sought)).then_refused(RemedyDoesNotFit, finding="dismissed", open=[])


def test_an_upheld_claim_has_a_remedy_that_its_reason_opens() -> None:
    both = ["refund_only", "partial_refund"]
    given(*taken_in_hand()).when(rule(an_award_sought(remedy=None))).then_refused(RemedyDoesNotFit, open=both)
    full = a_playbook(reasons=reasons_with("refund_only"))
    given(*taken_in_hand()).when(rule(a_part(1), playbook=full)).then_refused(
        RemedyDoesNotFit, finding="upheld", open=["refund_only"]
    )


def test_the_arbitrator_sets_a_partial_refund_up_to_the_price_paid() -> None:
    [confirmed] = given(*taken_in_hand()).when(rule(a_part(3980))).happened
    derivation = confirmed.awards[0].lines[0].derivation
    assert (derivation.operation, derivation.amount, derivation.factor) == (Operation.CHOSEN, cny(3980), 100)
    for sought in (a_part(3981), a_part(0), a_part(-1), a_part(1).model_copy(update={"amount": eur(1)})):
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

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as for_all

from domain.dispute import dispute as disputes
from domain.dispute import goodwill
from domain.dispute.actions import Possible, next_actions
from domain.dispute.closing import Reopened, ReopeningGround
from domain.dispute.goodwill import GoodwillGiven, GoodwillPaid, GoodwillTooHigh, GoodwillUsedUp
from domain.dispute.intake import Closed, NotAParty, Outcome
from domain.dispute.remedy import LineNotOpen, RemedyOrdered, payout_id
from domain.dispute.review import (
    ConflictDeclared,
    ConflictGround,
    HeardBefore,
    InConflict,
    NotAnArbitrator,
    NotASeniorArbitrator,
)
from domain.dispute.stages import NotOpenForThis, Stage
from domain.kernel import Actor, Event, Role
from domain.money import Money, Tender, total
from domain.playbook.playbook import Playbook
from tests.support.builders import (
    ARBITRATOR,
    AUDITOR,
    BUYER,
    DISPUTE,
    EVERYONE,
    MERCHANT,
    OTHER_MERCHANT,
    PLATFORM,
    PLATFORM_MACHINE,
    SENIOR,
    a_playbook,
    an_order,
    appealed,
    awaiting,
    cny,
    decided,
    eur,
    hours,
    limits,
    negotiating,
    served,
    taken_in_hand,
    two_claims_asked,
)
from tests.support.given import fold, given
from tests.support.money import goodwill_given, settled
from tests.support.walk import Life, lives

ENDED = Closed(outcome=Outcome.SETTLED, at=hours(5))
SENIOR_MACHINE = SENIOR.model_copy(update={"is_tool": True})
REOPENED = Reopened(ground=ReopeningGround.GOODWILL, reason="三个月前的旧案", by=SENIOR, at=hours(5))
CONFLICT = ConflictDeclared(ground=ConflictGround.KNOWS_PARTY, reason="认识店主", by=SENIOR, at=hours(5))


def rules(**changes: int) -> Playbook:
    return a_playbook(limits=limits(**changes))


def giving(
    minor: int | Money = 500, *, by: Actor = MERCHANT, tender: Tender = Tender.MONEY, playbook: Playbook | None = None
) -> Any:
    amount = cny(minor) if isinstance(minor, int) else minor
    return lambda dispute: goodwill.give_goodwill(
        dispute, playbook or a_playbook(), DISPUTE, amount, tender, "一点心意", by=by, at=hours(6)
    )


@pytest.mark.parametrize("by", [MERCHANT, SENIOR])
@pytest.mark.parametrize("before", [awaiting(), served(), negotiating(), taken_in_hand(), decided(), settled()])
def test_goodwill_is_given_in_every_stage_until_the_case_is_closed(before: tuple[Event, ...], by: Actor) -> None:
    given(*before).when(giving(by=by)).then(goodwill_given(by=by))
    given(*before, ENDED).when(giving(by=by)).then_refused(NotOpenForThis, stage="closed")


@pytest.mark.parametrize("by", [MERCHANT, SENIOR])
def test_a_closed_case_that_is_reopened_for_goodwill_is_open_for_it(by: Actor) -> None:
    before = (*settled(), ENDED, REOPENED)
    given(*before).when(giving(by=by)).then(goodwill_given(by=by))


def test_the_merchant_pays_what_the_merchant_gives_and_the_platform_what_a_senior_arbitrator_does() -> None:
    for by, payer in ((MERCHANT, (Role.MERCHANT, MERCHANT.id)), (SENIOR, (Role.PLATFORM, PLATFORM))):
        [gift] = giving(by=by)(fold(*negotiating()))
        assert ((gift.payer, gift.payer_id), (gift.payee, gift.payee_id)) == (payer, (Role.BUYER, BUYER.id))


def test_goodwill_is_money_or_a_coupon() -> None:
    [coupon] = giving(tender=Tender.COUPON)(fold(*negotiating()))
    assert coupon.tender is Tender.COUPON
    assert goodwill.payout_of(PLATFORM, DISPUTE, coupon).tender is Tender.COUPON


@pytest.mark.parametrize("by", [BUYER, OTHER_MERCHANT, AUDITOR, PLATFORM_MACHINE])
def test_nobody_gives_who_is_not_the_merchant_of_this_dispute(by: Actor) -> None:
    given(*negotiating()).when(giving(by=by)).then_refused(NotAParty)


def test_for_the_platform_a_senior_arbitrator_gives_in_person() -> None:
    given(*taken_in_hand()).when(giving(by=ARBITRATOR)).then_refused(NotASeniorArbitrator)
    given(*taken_in_hand()).when(giving(by=SENIOR_MACHINE)).then_refused(NotAnArbitrator)


def test_nobody_gives_the_platforms_money_in_a_case_in_which_they_have_a_conflict() -> None:
    given(*taken_in_hand(), CONFLICT).when(giving(by=SENIOR)).then_refused(InConflict, arbitrator=SENIOR.id)
    given(*taken_in_hand(), CONFLICT).when(giving()).then(goodwill_given())


def test_nobody_gives_the_platforms_money_in_a_case_that_they_had_before_it_was_appealed() -> None:
    promoted = Actor(role=Role.SENIOR_ARBITRATOR, id=ARBITRATOR.id)
    given(*appealed()).when(giving(by=promoted)).then_refused(HeardBefore)
    given(*appealed()).when(giving(by=SENIOR)).then(goodwill_given(by=SENIOR))


@pytest.mark.parametrize("amount", [cny(0), cny(-1), cny(3981), eur(500)])
def test_an_amount_is_above_nothing_in_the_orders_currency_and_within_the_price_paid(amount: Money) -> None:
    given(*negotiating()).when(giving(amount)).then_refused(GoodwillTooHigh, at_most=3980, currency="CNY")
    given(*negotiating()).when(giving(3980)).then(goodwill_given(3980))


def test_how_much_is_given_in_all_is_bounded_by_what_was_paid_for_all_that_is_in_dispute() -> None:
    before = (*negotiating(*two_claims_asked()), goodwill_given(5000))
    given(*before).when(giving(982)).then_refused(GoodwillTooHigh, at_most=981)
    given(*before).when(giving(981)).then(goodwill_given(981, line="g2"))
    given(*before).when(giving(982, by=SENIOR)).then(goodwill_given(982, line="g2", by=SENIOR))


def test_a_playbook_may_allow_ten_times_the_price() -> None:
    tenfold = rules(goodwill_percent=1000)
    given(*negotiating()).when(giving(39_800, by=SENIOR, playbook=tenfold)).then(goodwill_given(39_800, by=SENIOR))
    given(*negotiating()).when(giving(39_801, by=SENIOR, playbook=tenfold)).then_refused(GoodwillTooHigh)


def test_who_has_given_all_that_may_be_given_is_not_offered_to_give_more() -> None:
    before = (*negotiating(), goodwill_given(3980))
    given(*before).when(giving(1)).then_refused(GoodwillUsedUp, percent=100)
    assert Possible("give_goodwill") not in next_actions(fold(*before), a_playbook(), MERCHANT)


def test_each_side_gives_as_often_as_the_playbook_allows() -> None:
    before = (*negotiating(), goodwill_given())
    given(*before).when(giving(playbook=rules(goodwill_per_side=1))).then_refused(GoodwillUsedUp, at_most=1)
    given(*before).when(giving(playbook=rules(goodwill_per_side=2))).then(goodwill_given(line="g2"))
    given(*before).when(giving(by=SENIOR, playbook=rules(goodwill_per_side=1))).then(
        goodwill_given(line="g2", by=SENIOR)
    )
    given(*negotiating()).when(giving(playbook=rules(goodwill_per_side=0))).then_refused(GoodwillUsedUp)


def test_rules_that_were_published_before_goodwill_allow_none() -> None:
    old = {name: count for name, count in limits().items() if not name.startswith("goodwill")}
    before = a_playbook(limits=old)
    assert (before.limits.goodwill_per_side, before.limits.goodwill_percent) == (0, 0)


def test_each_gift_has_a_payout_of_its_own_that_is_for_no_claim() -> None:
    [first] = giving()(fold(*negotiating()))
    [second] = giving()(fold(*negotiating(), first))
    assert (first.payout, second.payout) == (payout_id(DISPUTE, "g1"), payout_id(DISPUTE, "g2"))
    ordered = goodwill.payout_of(PLATFORM, DISPUTE, first)
    assert (ordered.line, ordered.claim, ordered.amount, ordered.payer) == ("g1", None, cny(500), Role.MERCHANT)
    assert fold(*negotiating(), first, second).payouts == {"g1": first.payout, "g2": second.payout}


def paying(line: str = "g1") -> Any:
    return lambda dispute: disputes.confirm_payout(dispute, line, at=hours(9))


PAID = GoodwillPaid(line="g1", amount=cny(500), at=hours(9))


def test_what_was_given_is_paid_once() -> None:
    given(*negotiating(), goodwill_given()).when(paying()).then(PAID)
    given(*negotiating(), goodwill_given(), PAID).when(paying()).then_refused(LineNotOpen, line="g1")
    given(*negotiating(), goodwill_given()).when(paying("g2")).then_refused(LineNotOpen, line="g2")


def test_a_case_ends_without_waiting_for_what_was_given_and_the_payment_is_recorded_all_the_same() -> None:
    before = (*settled(), goodwill_given())
    dispute = fold(*before)
    ended = disputes.confirm_payout(dispute, "l1", at=hours(8))
    assert isinstance(ended[-1], Closed)
    given(*before, *ended).when(paying()).then(PAID)
    assert fold(*before, *ended, PAID).stage is Stage.CLOSED


def without_goodwill(life: Life) -> tuple[Event, ...]:
    return tuple(one for one in life.events if not isinstance(one, GoodwillGiven | GoodwillPaid))


@for_all(lives(steps_max=40))
def test_goodwill_changes_nothing_of_what_is_claimed_awarded_paid_or_owed_back(life: Life) -> None:
    beside = fold(*without_goodwill(life))
    assert replace(life.dispute, goodwill={}) == beside
    give = Possible("give_goodwill")
    for viewer in EVERYONE:
        can = [one for one in next_actions(life.dispute, life.playbook, viewer) if one != give]
        assert can == [one for one in next_actions(beside, life.playbook, viewer) if one != give]


@for_all(lives(steps_max=40))
def test_each_line_is_paid_at_most_once_and_each_payer_gives_within_the_rules(life: Life) -> None:
    gifts = [one for one in life.events if isinstance(one, GoodwillGiven)]
    paid = [one.line for one in life.events if isinstance(one, GoodwillPaid)]
    assert len(paid) == len(set(paid))
    assert set(paid) <= {one.line for one in gifts}
    streams = [one.payout for one in life.events if isinstance(one, GoodwillGiven | RemedyOrdered)]
    assert len(streams) == len(set(streams))
    price = total((claim.paid for claim in life.dispute.intake.claims), an_order().currency)
    for payer in (Role.MERCHANT, Role.PLATFORM):
        amounts = [one.amount for one in gifts if one.payer is payer]
        assert len(amounts) <= life.playbook.limits.goodwill_per_side
        assert total(amounts, price.currency) <= price


def test_one_person_gives_no_more_of_the_platforms_money_than_they_may_award_alone() -> None:
    alone = a_playbook(four_eyes=[{"minor": 300, "currency": "CNY"}])
    given(*negotiating()).when(giving(cny(301), by=SENIOR, playbook=alone)).then_refused(
        GoodwillTooHigh, amount=301, at_most=300, currency="CNY"
    )
    assert given(*negotiating()).when(giving(cny(300), by=SENIOR, playbook=alone)).happened
    assert given(*negotiating()).when(giving(cny(301), playbook=alone)).happened

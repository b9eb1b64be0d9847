from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.kernel import DomainError
from domain.money import Money
from domain.remedy import payout as payouts
from domain.remedy.payout import (
    AlreadyPaid,
    NotBeingSent,
    NothingToSend,
    PaymentHalted,
    PaymentStopped,
    PayoutConfirmed,
    PayoutEvent,
    PayoutFailed,
    PayoutMismatched,
    PayoutRecovered,
    PayoutReduced,
    PayoutSent,
    PayoutState,
    PayoutStopped,
    PayoutUnknown,
    Try,
)
from tests.support.builders import (
    cny,
    eur,
    hours,
)
from tests.support.given import fold, given
from tests.support.money import a_payout_ordered

SENT = PayoutSent(attempt=1, at=hours(5))
FAILED = PayoutFailed(attempt=1, reason="account closed", at=hours(5))
UNKNOWN = PayoutUnknown(attempt=1, reason="no answer", at=hours(5))
CONFIRMED = PayoutConfirmed(attempt=1, reference="payment 7", amount=cny(1500), at=hours(5))
MISMATCHED = PayoutMismatched(attempt=1, reference="payment 7", amount=cny(1501), at=hours(5))
AGAIN = PayoutSent(attempt=2, at=hours(5))


def send() -> Any:
    return lambda payout: payouts.send(payout, at=hours(5))


def fail(attempt: int = 1) -> Any:
    return lambda payout: payouts.fail(payout, attempt, "account closed", at=hours(5))


def lose_sight(attempt: int = 1) -> Any:
    return lambda payout: payouts.lose_sight(payout, attempt, "no answer", at=hours(5))


def confirm(attempt: int = 1, amount: Money | None = None) -> Any:
    return lambda payout: payouts.confirm(payout, attempt, "payment 7", amount or cny(1500), at=hours(5))


def test_an_ordered_payout_is_sent() -> None:
    given(a_payout_ordered()).when(send()).then(SENT)
    state = fold(a_payout_ordered(), SENT)
    assert (state.ordered, state.state, state.attempts) == (a_payout_ordered(), PayoutState.SENT, 1)


def test_the_result_of_an_attempt_is_recorded() -> None:
    given(a_payout_ordered(), SENT).when(fail()).then(FAILED)
    given(a_payout_ordered(), SENT).when(lose_sight()).then(UNKNOWN)
    given(a_payout_ordered(), SENT).when(confirm()).then(CONFIRMED)
    failed, unknown = fold(a_payout_ordered(), SENT, FAILED), fold(a_payout_ordered(), SENT, UNKNOWN)
    assert (failed.state, failed.reason) == (PayoutState.FAILED, "account closed")
    assert (unknown.state, unknown.reason) == (PayoutState.UNKNOWN, "no answer")
    paid = fold(a_payout_ordered(), SENT, CONFIRMED)
    assert (paid.state, paid.reference) == (PayoutState.CONFIRMED, "payment 7")


@pytest.mark.parametrize("last", [a_payout_ordered(), SENT, FAILED, UNKNOWN, CONFIRMED, MISMATCHED])
def test_the_state_that_an_event_begins_is_the_state_after_it(last: PayoutEvent) -> None:
    assert payouts.state_after(last) is fold(a_payout_ordered(), SENT, last).state


@pytest.mark.parametrize("trouble", [FAILED, UNKNOWN])
@pytest.mark.parametrize("better", [SENT.model_copy(update={"attempt": 2}), CONFIRMED])
def test_what_went_wrong_is_not_told_of_a_payout_that_goes_on(trouble: PayoutEvent, better: PayoutEvent) -> None:
    assert fold(a_payout_ordered(), SENT, trouble, better).reason is None


@pytest.mark.parametrize("result", [FAILED, UNKNOWN])
def test_what_failed_or_was_lost_from_sight_is_sent_again_as_the_next_attempt(result: PayoutEvent) -> None:
    again = PayoutSent(attempt=2, at=hours(5))
    given(a_payout_ordered(), SENT, result).when(send()).then(again)
    assert fold(a_payout_ordered(), SENT, result, again).attempts == 2


def test_an_attempt_whose_sender_died_is_sent_again() -> None:
    given(a_payout_ordered(), SENT).when(send()).then(PayoutSent(attempt=2, at=hours(5)))


@pytest.mark.parametrize("act", [send(), fail(), lose_sight(), confirm(), fail(9)])
def test_nothing_happens_to_a_payout_that_was_paid(act: Any) -> None:
    given(a_payout_ordered(), SENT, CONFIRMED).when(act).then_refused(AlreadyPaid)


@pytest.mark.parametrize("act", [fail, lose_sight])
def test_a_refusal_is_recorded_for_the_attempt_that_waits_for_it(act: Any) -> None:
    given(a_payout_ordered()).when(act()).then_refused(NotBeingSent, state="ordered", attempts=0)
    given(a_payout_ordered(), SENT, FAILED).when(act()).then_refused(NotBeingSent, state="failed", attempts=1)
    given(a_payout_ordered(), SENT).when(act(2)).then_refused(NotBeingSent, state="sent", attempts=1)


def test_nothing_is_confirmed_that_was_never_sent() -> None:
    given(a_payout_ordered()).when(confirm()).then_refused(NotBeingSent, state="ordered", attempts=0)
    given(a_payout_ordered(), SENT).when(confirm(2)).then_refused(NotBeingSent, state="sent", attempts=1)
    given(a_payout_ordered(), SENT).when(confirm(0)).then_refused(NotBeingSent)


@pytest.mark.parametrize("since", [(), (UNKNOWN,), (FAILED,), (UNKNOWN, SENT.model_copy(update={"attempt": 2}))])
def test_what_an_attempt_paid_is_paid_even_when_it_was_given_up(since: tuple[PayoutEvent, ...]) -> None:
    given(a_payout_ordered(), SENT, *since).when(confirm()).then(CONFIRMED)


def test_an_attempt_that_another_followed_has_no_refusal_left_to_be_recorded() -> None:
    again = SENT.model_copy(update={"attempt": 2})
    for act in (fail(), lose_sight()):
        given(a_payout_ordered(), SENT, UNKNOWN, again).when(act).then_refused(NotBeingSent, state="sent", attempts=2)


@pytest.mark.parametrize("amount", [cny(1499), cny(1501), eur(1500)])
def test_a_payment_of_another_amount_halts_the_payout(amount: Money) -> None:
    mismatched = MISMATCHED.model_copy(update={"amount": amount})
    given(a_payout_ordered(), SENT).when(confirm(amount=amount)).then(mismatched)
    state = fold(a_payout_ordered(), SENT, mismatched)
    assert (state.state, state.reference) == (PayoutState.MISMATCHED, "payment 7")


def test_nothing_more_is_sent_or_taken_for_a_payment_once_another_amount_was_paid() -> None:
    for act in (send(), confirm()):
        given(a_payout_ordered(), SENT, AGAIN, MISMATCHED).when(act).then_refused(PaymentHalted)
    for act in (fail(2), lose_sight(2)):
        given(a_payout_ordered(), SENT, AGAIN, MISMATCHED).when(act).then_refused(NotBeingSent, state="mismatched")


def reconcile(amount: Money) -> Any:
    def act(payout: Any) -> Any:
        found = payouts.reconcile(payout, "payment 7", amount, at=hours(5))
        return () if found is None else found

    return act


@pytest.mark.parametrize("since", [(), (SENT,), (SENT, FAILED), (SENT, UNKNOWN), (SENT, MISMATCHED)])
def test_the_statement_confirms_what_was_ordered_however_the_payout_stands(since: tuple[PayoutEvent, ...]) -> None:
    attempt = int(bool(since))
    confirmed = CONFIRMED.model_copy(update={"attempt": attempt})
    given(a_payout_ordered(), *since).when(reconcile(cny(1500))).then(confirmed)
    assert fold(a_payout_ordered(), *since, confirmed).state is PayoutState.CONFIRMED


def test_the_statement_halts_a_payout_of_which_another_amount_was_paid() -> None:
    given(a_payout_ordered(), SENT, UNKNOWN).when(reconcile(cny(1501))).then(MISMATCHED)


def test_a_statement_that_says_what_is_known_is_nothing_new() -> None:
    given(a_payout_ordered(), SENT, MISMATCHED).when(reconcile(cny(1502))).then_nothing()
    for amount in (cny(1500), cny(1501)):
        given(a_payout_ordered(), SENT, CONFIRMED).when(reconcile(amount)).then_nothing()


def reduce(credit: Money) -> Any:
    def act(payout: Any) -> Any:
        found = payouts.reduce(payout, credit, at=hours(5))
        return () if found is None else found

    return act


def reduced(by: int, to: int) -> PayoutReduced:
    return PayoutReduced(by=cny(by), to=cny(to), at=hours(5))


@pytest.mark.parametrize("since", [(), (SENT, FAILED), (SENT, FAILED, AGAIN, FAILED.model_copy(update={"attempt": 2}))])
def test_a_payout_that_cannot_have_been_paid_is_reduced_down_to_nothing(since: tuple[PayoutEvent, ...]) -> None:
    given(a_payout_ordered(), *since).when(reduce(cny(400))).then(reduced(400, 1100))
    given(a_payout_ordered(), *since, reduced(400, 1100)).when(reduce(cny(2000))).then(reduced(1100, 0))
    state = fold(a_payout_ordered(), *since, reduced(400, 1100))
    assert (state.ordered.amount, state.state in payouts.OPEN) == (cny(1100), True)
    given(a_payout_ordered(), *since, reduced(400, 1100)).when(reduce(cny(0))).then_nothing()


@pytest.mark.parametrize(
    "since",
    [
        (SENT,),
        (SENT, UNKNOWN),
        (SENT, UNKNOWN, AGAIN, FAILED.model_copy(update={"attempt": 2})),
        (SENT, AGAIN, FAILED.model_copy(update={"attempt": 2})),
        (SENT, CONFIRMED),
        (SENT, MISMATCHED),
    ],
)
def test_what_may_have_been_paid_is_not_reduced(since: tuple[PayoutEvent, ...]) -> None:
    given(a_payout_ordered(), *since).when(reduce(cny(400))).then_nothing()


def test_of_a_payout_that_is_covered_nothing_is_sent_or_reduced() -> None:
    covered = (a_payout_ordered(), reduced(1500, 0))
    assert fold(*covered).state is PayoutState.COVERED
    given(*covered).when(send()).then_refused(NothingToSend)
    given(*covered).when(reduce(cny(1))).then_nothing()


def stop() -> Any:
    def act(payout: Any) -> Any:
        found = payouts.stop(payout, at=hours(6))
        return () if found is None else found

    return act


STOPPED = PayoutStopped(at=hours(6))


@pytest.mark.parametrize("since", [(), (SENT,), (SENT, FAILED), (SENT, UNKNOWN)])
def test_of_a_payout_that_was_stopped_nothing_more_is_sent(since: tuple[PayoutEvent, ...]) -> None:
    given(a_payout_ordered(), *since).when(stop()).then(STOPPED)
    given(a_payout_ordered(), *since, STOPPED).when(send()).then_refused(PaymentStopped)
    given(a_payout_ordered(), *since, STOPPED).when(reduce(cny(1))).then_nothing()
    assert fold(a_payout_ordered(), *since, STOPPED).state is PayoutState.STOPPED
    assert PayoutState.STOPPED not in payouts.OPEN


@pytest.mark.parametrize("since", [(SENT, CONFIRMED), (SENT, MISMATCHED), (reduced(1500, 0),), (STOPPED,)])
def test_where_nothing_would_be_sent_there_is_nothing_to_stop(since: tuple[PayoutEvent, ...]) -> None:
    given(a_payout_ordered(), *since).when(stop()).then_nothing()


def test_what_an_attempt_on_its_way_paid_is_paid_though_the_payout_was_stopped() -> None:
    before = (a_payout_ordered(), SENT, STOPPED)
    assert fold(*before).tries == (Try(1, PayoutState.UNKNOWN, hours(6)),)
    given(*before).when(confirm()).then(CONFIRMED)
    given(*before).when(reconcile(cny(1500))).then(CONFIRMED)
    for act in (fail(), lose_sight()):
        given(*before).when(act).then_refused(NotBeingSent, state="stopped")


def test_what_came_back_is_told_with_what_is_left_until_all_has() -> None:
    def recover(minor: int, reference: str) -> Any:
        return lambda payout: payouts.recover(payout, "v1", cny(minor), reference, at=hours(9))

    def back(minor: int, left: int, reference: str) -> PayoutRecovered:
        return PayoutRecovered(recovery="v1", amount=cny(minor), left=cny(left), reference=reference, at=hours(9))

    before = (a_payout_ordered(), SENT, CONFIRMED)
    given(*before).when(recover(500, "b-1")).then(back(500, 1000, "b-1"))
    assert fold(*before, back(500, 1000, "b-1")).state is PayoutState.CONFIRMED
    given(*before, back(500, 1000, "b-1")).when(recover(1000, "b-2")).then(back(1000, 0, "b-2"))
    whole = (*before, back(500, 1000, "b-1"), back(1000, 0, "b-2"))
    assert fold(*whole).state is PayoutState.RECOVERED
    for act in (send(), confirm(), fail()):
        given(*whole).when(act).then_refused(AlreadyPaid)
    given(*whole).when(reconcile(cny(1500))).then_nothing()


def test_what_is_left_after_a_reduction_is_what_is_paid() -> None:
    before = (a_payout_ordered(), reduced(400, 1100), SENT)
    given(*before).when(confirm(amount=cny(1100))).then(CONFIRMED.model_copy(update={"amount": cny(1100)}))
    given(*before).when(confirm()).then(MISMATCHED.model_copy(update={"amount": cny(1500)}))


def test_every_attempt_is_told_with_how_it_stands_and_since_when() -> None:
    later = AGAIN.model_copy(update={"at": hours(6)})
    sent, unknown = PayoutState.SENT, PayoutState.UNKNOWN
    assert fold(a_payout_ordered(), SENT).tries == (Try(1, sent, hours(5)),)
    assert fold(a_payout_ordered(), SENT, later).tries == (Try(1, unknown, hours(6)), Try(2, sent, hours(6)))
    failed = FAILED.model_copy(update={"attempt": 2, "at": hours(7)})
    told = fold(a_payout_ordered(), SENT, UNKNOWN, later, failed).tries
    assert told == (Try(1, unknown, hours(5)), Try(2, PayoutState.FAILED, hours(7)))


_amounts = st.sampled_from([cny(1500), cny(1501), eur(1500)])
_attempts = st.integers(0, 4)
_acts = st.lists(
    st.one_of(
        st.just(send()),
        st.builds(fail, _attempts),
        st.builds(lose_sight, _attempts),
        st.builds(confirm, _attempts, _amounts),
    ),
    max_size=30,
)


@for_all(_acts)
def test_whatever_is_tried_a_payout_is_confirmed_at_most_once_and_for_what_was_ordered(acts: list[Any]) -> None:
    events: list[Any] = [a_payout_ordered()]
    for act in acts:
        try:
            events.append(act(fold(*events)))
        except DomainError:
            continue
    confirmed = [event for event in events if isinstance(event, PayoutConfirmed | PayoutMismatched)]
    assert all(isinstance(event, PayoutConfirmed) == (event.amount == cny(1500)) for event in confirmed)
    assert confirmed in ([], events[-1:])
    sent = [event.attempt for event in events if isinstance(event, PayoutSent)]
    assert sent == list(range(1, len(sent) + 1))

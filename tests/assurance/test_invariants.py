"""One test for each invariant of the domain that is about a dispute, by its number: it holds in every life of one.

What happened is judged by the events alone, by code that shares nothing with the rules. What one dispute's life cannot
show is in `test_invariants_of_the_whole.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, TypeVar, get_args

from hypothesis import given as for_all
from hypothesis import settings

from application.commands.desk import SERVICE
from domain.calendars import Clock, ClockName
from domain.dispute.admission import EvidenceAdmitted, EvidenceExcluded
from domain.dispute.appeal import AppealFiled, AppealRejected, RulingUpheld
from domain.dispute.award import awarded
from domain.dispute.closing import Reopened, Withdrawn
from domain.dispute.correction import RulingCorrected
from domain.dispute.dispute import DisputeEvent
from domain.dispute.evidence import EvidenceSubmitted
from domain.dispute.human import HumanRequested
from domain.dispute.intake import Claim, ClaimAdded, Closed, DisputeFiled, Outcome, ResponseLapsed
from domain.dispute.negotiation import OfferExpired, Settled
from domain.dispute.notice import NoticeLapsed, NoticeServed
from domain.dispute.outside import ExternalRefundReported
from domain.dispute.pause import ClockResumed
from domain.dispute.proposal import RulingProposed
from domain.dispute.recovery import RecoveryOrdered, RecoveryWrittenOff, RemedyRecovered, RemedyStopped
from domain.dispute.remedy import RemedyConfirmed, RemedyOrdered
from domain.dispute.review import CaseAssigned, CaseReassigned, ConflictDeclared
from domain.dispute.rounds import EvidenceRequestAnswered, EvidenceRequested, EvidenceRoundClosed
from domain.dispute.ruling import (
    DecidedByDefault,
    DefaultProof,
    RulingBecameFinal,
    RulingConfirmed,
    RulingReversed,
)
from domain.dispute.stages import Stage
from domain.kernel import ARBITRATORS, Act, Event, Role
from domain.playbook.playbook import REFUNDS, Finding, RemedyKind
from tests.support.builders import MERCHANT
from tests.support.derivation import follows
from tests.support.given import clocks_in, fold
from tests.support.told import told_lives
from tests.support.walk import PROFILE, Life, lives

settings.load_profile(PROFILE)
E = TypeVar("E", bound=Event)
Rule = Callable[[Life], None]


def in_every_life(rule: Rule) -> Callable[[], None]:
    """In those that are told and in random ones."""
    in_random_ones: Callable[[], None] = settings(max_examples=150)(for_all(lives(steps_max=40))(rule))

    def held() -> None:
        for life in told_lives().values():
            rule(life)
        in_random_ones()

    return held


def of_kind(kind: type[E], life: Life) -> list[E]:
    return [event for event in life.events if isinstance(event, kind)]


def claims_of(life: Life) -> list[Claim]:
    """As filed, and as added before anything was decided."""
    [filed] = of_kind(DisputeFiled, life)
    return [*filed.claims, *(one.claim for one in of_kind(ClaimAdded, life))]


def test_the_lives_that_are_told_hold_every_event_of_a_dispute() -> None:
    assert {type(event) for life in told_lives().values() for event in life.events} == set(get_args(DisputeEvent))


@in_every_life
def test_invariant_3_no_decision_without_findings_rules_reasons_derivations_and_who_or_what_decided(life: Life) -> None:
    [filed] = of_kind(DisputeFiled, life)
    claims = {claim.id: claim for claim in claims_of(life)}
    for event in life.events:
        match event:
            case RulingConfirmed() | RulingReversed() | RulingProposed() | RulingCorrected():
                assert event.by.id
                assert event.reasons.strip()
                assert sorted(one.claim for one in event.awards) == sorted(claims)
                for award in event.awards:
                    assert award.facts.strip()
                    assert award.rules
                    assert (award.finding is Finding.UPHELD) == bool(award.lines)
                    for rule in award.rules:
                        assert rule_stands_for(life, rule, claims[award.claim].reason, award.finding)
                    assert all(follows(filed.order, claims[award.claim].lines, line) for line in award.lines)
            case DecidedByDefault():
                rows = [one for one in life.playbook.defaults if one.id == event.rule]
                assert [(one.clock, bool(one.sentence.zh and one.sentence.en)) for one in rows] == [("answer", True)]
                assert sorted(one.claim for one in event.awards) == sorted(claims)
                assert all(
                    follows(filed.order, claims[one.claim].lines, line) for one in event.awards for line in one.lines
                )
            case _:
                pass


def rule_stands_for(life: Life, rule: str, reason: str, finding: str) -> bool:
    """Whether the pinned rules have it, for this reason and this finding."""
    rules = life.playbook
    cited = [one.finding for one in rules.rules if one.id == rule and reason in one.reasons]
    rows = [one.finding for one in rules.undetermined if one.id == rule and reason in one.reasons]
    silence = [Finding.UPHELD for one in rules.defaults if one.id == rule]
    # What is added to a ruling for undetermined liability is cited for that finding.
    return bool({finding, Finding.UNDETERMINED} & {*cited, *rows, *silence})


@in_every_life
def test_invariant_4_nobody_is_in_default_who_was_not_served_and_the_clock_starts_with_the_proof(life: Life) -> None:
    served: NoticeServed | None = None
    for event in life.events:
        match event:
            case NoticeServed():
                assert event.by.role is Role.PLATFORM or (event.by == MERCHANT and not event.by.is_tool)
                assert (event.clock.name, event.clock.whose) == (ClockName.ANSWER, (Role.MERCHANT,))
                assert event.clock.started_at == event.at >= event.served_at
                served = event
            case ResponseLapsed(clock=clock) | DecidedByDefault(proof=DefaultProof(clock=clock)):
                assert served is not None
                assert clock.started_at == served.at
            case RulingProposed(proof=DefaultProof(clock=clock)) | RulingConfirmed(proof=DefaultProof(clock=clock)):
                assert served is not None
                assert clock.started_at == served.at
            case Closed(outcome=Outcome.DEFAULTED):
                assert served is not None
            case _:
                assert served is not None or ClockName.ANSWER not in [one.name for one in clocks_in(event)]


@in_every_life
def test_invariant_5_what_is_paid_for_a_claim_and_kept_never_exceeds_what_was_awarded(life: Life) -> None:
    claim_of = {one.line: one.claim for one in of_kind(RemedyOrdered, life)}
    claim_of |= {one.recovery: one.claim for one in of_kind(RecoveryOrdered, life)}
    award: dict[str, int] = {}  # as it binds now
    paid: dict[str, int] = dict.fromkeys(claim_of.values(), 0)  # by us, less what is to come back
    back: dict[str, int] = dict.fromkeys(claim_of.values(), 0)  # still to come
    for event in life.events:
        match event:
            case RulingConfirmed() | DecidedByDefault() | RulingReversed() | RulingCorrected():
                award = {one.claim: sum(line.amount.minor for line in one.lines) for one in event.awards}
            case Settled():
                agreed = [(one.claim, one.amount.minor) for one in event.terms]
                award = {claim: sum(minor for of, minor in agreed if of == claim) for claim, _ in agreed}
            case RemedyOrdered():
                assert event.amount.minor + event.credited.minor <= award[event.claim]
            case RemedyConfirmed():
                paid[claim_of[event.line]] += event.amount.minor
            case RecoveryOrdered():
                paid[event.claim] -= event.amount.minor
                back[event.claim] += event.amount.minor
                assert paid[event.claim] >= 0
            case RemedyRecovered() | RecoveryWrittenOff():
                back[claim_of[event.recovery]] -= event.amount.minor
                assert back[claim_of[event.recovery]] >= 0
            case Closed():
                for claim, kept in paid.items():
                    assert kept <= award.get(claim, 0)
                assert not any(back.values())
            case _:
                pass


@in_every_life
def test_invariant_6_each_remedy_line_of_a_dispute_has_a_payout_of_its_own_and_is_confirmed_once(life: Life) -> None:
    ordered = of_kind(RemedyOrdered, life)
    assert len({one.line for one in ordered}) == len({one.payout for one in ordered}) == len(ordered)
    confirmed = [one.line for one in of_kind(RemedyConfirmed, life)]
    assert len(confirmed) == len(set(confirmed))
    assert set(confirmed) <= {one.line for one in ordered}


@in_every_life
def test_invariant_7_of_rulings_settlements_withdrawals_and_silences_one_binds_at_a_time(life: Life) -> None:
    binds: Event | None = None
    appealed: Event | None = None
    ended = False
    for event in life.events:
        match event:
            case Settled() | RulingConfirmed() | DecidedByDefault() | RulingReversed() | Withdrawn():
                assert binds is None
                binds = event
            case AppealFiled():  # while it is heard nothing binds
                appealed, binds = binds, None
            case AppealRejected() | RulingUpheld():
                assert binds is None
                binds = appealed
            case Reopened() | RulingProposed():  # heard anew; a silence waits for a person
                binds = None
            case _:
                pass
        if isinstance(event, Closed):
            assert binds is not None
            assert not ended
        ended = isinstance(event, Closed) or (ended and not isinstance(event, Reopened | RecoveryOrdered))
    assert ended == (life.dispute.stage is Stage.CLOSED)


@in_every_life
def test_invariant_11_who_had_a_case_or_has_a_conflict_in_it_hears_nothing_of_it_any_more(life: Life) -> None:
    had: set[str] = set()
    out: set[str] = set()
    for event in life.events:
        # To declare a conflict, and to open an ended case for others, is not to hear it.
        if (
            isinstance(event, Act)
            and event.by.role in ARBITRATORS
            and not isinstance(event, ConflictDeclared | Reopened)
        ):
            assert event.by.id not in out, event
        match event:
            case CaseAssigned(arbitrator=holder) | CaseReassigned(to=holder):
                assert holder.id not in out
                had.add(holder.id)
            case RulingConfirmed() | RulingReversed():
                had |= {event.by.id} | ({event.proposed_by.id} if event.proposed_by else set())
            case ConflictDeclared():
                out.add(event.by.id)
            case AppealFiled() | Reopened():
                out |= had
            case _:
                pass


@in_every_life
def test_invariant_12_above_the_limit_of_four_eyes_nobody_confirms_their_own_proposal(life: Life) -> None:
    limit = life.playbook.four_eyes_limit("CNY")
    assert limit is not None
    proposals = {one.ruling: one for one in of_kind(RulingProposed, life)}
    for event in life.events:
        match event:
            case RulingConfirmed(proposed_by=None):
                assert awarded(event.awards, "CNY") <= limit
            case RulingConfirmed():
                proposed = proposals[event.ruling]
                assert event.by.id != proposed.by.id
                assert not event.by.is_tool
                assert (event.proposed_by, event.awards, event.reasons) == (
                    proposed.by,
                    proposed.awards,
                    proposed.reasons,
                )
            case RulingCorrected(appeal_clock=Clock()):
                assert awarded(event.awards, "CNY") <= limit
            case _:
                pass


@in_every_life
def test_invariant_14_evidence_after_its_round_is_kept_marked_and_counts_only_when_it_is_admitted(life: Life) -> None:
    closed: set[Role] = set()
    running: dict[str, Role] = {}
    counts: dict[str, bool] = {}
    for event in life.events:
        match event:
            case EvidenceSubmitted():
                late = event.by.role in closed and event.by.role not in running.values()
                assert event.late == late
                counts[event.exhibit] = not late
            case EvidenceRequested():
                running[event.request] = event.side
            case EvidenceRequestAnswered():
                del running[event.request]
            case EvidenceRoundClosed():
                closed.update(event.sides)
                if event.clock is not None:
                    assert event.sides == (running.pop(event.clock.of or ""),)
            case AppealFiled() | Reopened():  # who hears it anew opens a round for both sides
                closed.clear()
            case EvidenceAdmitted() | EvidenceExcluded():
                assert event.reason.strip()
                counts[event.exhibit] = isinstance(event, EvidenceAdmitted)
            case RulingConfirmed() | RulingReversed() | RulingProposed() | RulingCorrected():
                relied_on = {exhibit for award in event.awards for exhibit in award.relied_on}
                corrected = isinstance(event, RulingCorrected)  # says again what counted when it was decided
                assert corrected or all(counts[exhibit] for exhibit in relied_on)
            case _:
                pass
    assert [one.exhibit for one in life.dispute.evidence.exhibits] == list(counts)


@in_every_life
def test_invariant_15_after_a_person_was_asked_for_no_default_ends_the_case(life: Life) -> None:
    asked = next((at for at, event in enumerate(life.events) if isinstance(event, HumanRequested)), len(life.events))
    for event in life.events[asked:]:
        assert not isinstance(event, DecidedByDefault)
        assert not isinstance(event, Closed) or event.outcome is not Outcome.DEFAULTED
        if isinstance(event, RulingConfirmed):
            assert event.by.role in ARBITRATORS
            assert not event.by.is_tool


@in_every_life
def test_invariant_16_every_clock_says_whose_it_is_by_which_calendar_and_what_silence_does_and_expiry_shows_its_sum(
    life: Life,
) -> None:
    for event in life.events:
        for clock in clocks_in(event):
            rule = life.playbook.clocks[clock.name]
            assert clock.whose
            assert set(clock.whose) <= set(rule.whose)
            assert (clock.calendar, clock.hours, clock.on_silence) == (rule.calendar, rule.hours, rule.on_silence)
            assert clock.on_silence.zh.strip()
            assert clock.on_silence.en.strip()
            assert clock.calendar == "24x7"
            still = sum(((pause.until - pause.since) for pause in clock.pauses), timedelta())
            assert clock.due_at == clock.started_at + timedelta(hours=clock.hours) + still
        match event:
            case NoticeLapsed() | ResponseLapsed() | OfferExpired():
                assert event.at >= event.clock.due_at
            case DecidedByDefault():
                assert event.at >= event.proof.lapsed_at >= event.proof.clock.due_at
            case EvidenceRoundClosed() if event.by == SERVICE:
                assert event.clock is not None
                assert event.at >= event.clock.due_at
            case RulingBecameFinal(clock=Clock() as clock):
                assert event.at >= clock.due_at
            case ClockResumed():
                assert all(clock.pauses[-1].until <= event.at for clock in event.clocks)
            case _:
                pass


@in_every_life
def test_invariant_17_every_amount_is_a_whole_number_with_its_currency_and_every_rounding_has_a_name(
    life: Life,
) -> None:
    for event in life.events:
        for owner, values in objects(json.loads(event.model_dump_json())):
            assert not any(isinstance(one, float) for one in values.values())
            if "minor" in values:
                assert (type(values["minor"]), values["currency"]) == (int, "CNY")
            if values.get("operation") in {"percent", "chosen"}:
                assert values["rounding"], owner


def objects(value: Any, owner: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        yield owner, value
        for key, one in value.items():
            yield from objects(one, key)
    if isinstance(value, list):
        for one in value:
            yield from objects(one, owner)


@in_every_life
def test_invariant_18_an_amount_is_of_the_price_that_was_paid_for_the_lines_of_its_own_claim(life: Life) -> None:
    [filed] = of_kind(DisputeFiled, life)
    price = {line.id: line.paid.minor for line in filed.order.lines}
    for claim in claims_of(life):
        assert claim.paid.minor == sum(price[line] for line in claim.lines)
        assert claim.asked.minor > 0
        assert claim.remedy not in REFUNDS or claim.asked <= claim.paid
    lines = {claim.id: claim.lines for claim in claims_of(life)}
    for event in life.events:
        if isinstance(event, RulingConfirmed | RulingReversed | RulingProposed | RulingCorrected | DecidedByDefault):
            assert all(follows(filed.order, lines[one.claim], line) for one in event.awards for line in one.lines)
        if isinstance(event, Settled):
            assert all(one.amount.minor > 0 for one in event.terms)
            for one in event.terms:
                assert one.remedy not in REFUNDS or one.amount.minor <= sum(price[line] for line in lines[one.claim])
            freight = [one.amount.minor for one in event.terms if one.remedy is RemedyKind.FREIGHT_REFUND]
            assert sum(freight) <= filed.order.freight.minor


@in_every_life
def test_invariant_19_another_decision_stops_what_is_unpaid_and_takes_back_what_is_paid(life: Life) -> None:
    lines: dict[str, int] = {}  # in force, with what is to be paid
    paid: set[str] = set()
    for event in life.events:
        match event:
            case RemedyOrdered():
                lines[event.line] = event.amount.minor
            case ExternalRefundReported():
                for credit in event.applied:
                    lines[credit.line] -= credit.amount.minor
            case RemedyConfirmed():
                paid.add(event.line)
            case RemedyStopped():
                ordered = lines.pop(event.line)
                assert (event.paid.minor, event.unpaid.minor) == ((ordered, 0) if event.line in paid else (0, ordered))
            case _:
                pass


@in_every_life
def test_invariant_19_what_was_decided_and_how_a_case_ended_stays_readable_whatever_comes_after(life: Life) -> None:
    decisions = [one for one in life.events if isinstance(one, RulingConfirmed | DecidedByDefault | RulingReversed)]
    assert [one.ruling for one in life.dispute.ruling.decisions] == [one.ruling for one in decisions]
    closed: Closed | None = None
    ends: list[Closed | None] = []
    for at, event in enumerate(life.events):
        if isinstance(event, Closed):
            closed = event
            assert fold(*life.events[: at + 1]).ended == event
        if isinstance(event, Reopened):
            ends.append(closed)
    assert [one.closed for one in life.dispute.closing.earlier] == ends

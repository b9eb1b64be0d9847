from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from application.commands.remedy import PayAgain
from application.ports import Paid, PaymentRefused, PaymentUnknown, Recorded
from application.projections import audit_trail, case_file, deadlines, payouts, queue
from application.projections.audit_trail import Entry
from application.projections.case_file import CaseMoved, CaseOpened
from application.projections.deadlines import Deadline
from application.projections.payouts import PayoutMoved, PayoutOpened
from application.projections.queue import QueueEntry
from domain.calendars import ClockName
from domain.dispute.stages import Stage
from domain.intake.order import order_stream
from domain.remedy.payout import PayoutState
from tests.support.builders import (
    ARBITRATOR,
    BUYER,
    FILED_AT,
    MERCHANT,
    OTHER_ARBITRATOR,
    PLATFORM,
    a_dismissal_sought,
    a_playbook_file,
    an_award_sought,
    cny,
    hours,
    two_claims_asked,
    undefaulted,
)
from tests.support.house import (
    House,
    accept_offer,
    escalate,
    intervene,
    make_offer,
    pause_clock,
    reopen,
    report_notice,
    respond,
    reverse_ruling,
    rule,
)
from tests.support.memory import ScriptedPayments
from tests.support.run import run


def follow(project: Callable[[Any, Recorded], Awaitable[None]], view: Any, house: House) -> None:
    async def all_of_it() -> None:
        for recorded in await house.store.read(0, 1000):
            await project(view, recorded)

    run(all_of_it())


@dataclass
class Deadlines:
    clocks: dict[tuple[UUID, str], Deadline] = field(default_factory=dict)

    @property
    def running(self) -> dict[UUID, Deadline]:
        """The only clock of each dispute."""
        assert len({dispute for dispute, _ in self.clocks}) == len(self.clocks)
        return {dispute: deadline for (dispute, _), deadline in self.clocks.items()}

    async def start(self, deadline: Deadline) -> None:
        self.clocks[deadline.dispute, deadline.clock] = deadline

    async def stop(self, dispute: UUID, clocks: tuple[str, ...]) -> None:
        for kept in list(self.clocks):
            if kept[0] == dispute and (kept[1] in clocks or kept[1].split(":")[0] in clocks):
                del self.clocks[kept]


def running(house: House) -> dict[UUID, Deadline]:
    view = Deadlines()
    follow(deadlines.project, view, house)
    return view.running


def test_the_deadlines_hold_the_clock_that_runs_and_no_other() -> None:
    house = House()
    dispute = house.opened()
    assert running(house) == {dispute: Deadline(dispute, PLATFORM, ClockName.NOTICE, hours(72))}
    house.do(report_notice(dispute))
    assert running(house) == {dispute: Deadline(dispute, PLATFORM, ClockName.ANSWER, hours(48))}
    house.do(respond(dispute))
    assert running(house) == {}
    house.do(escalate(dispute))
    house.do(intervene(dispute))
    house.do(rule(dispute))
    assert running(house) == {dispute: Deadline(dispute, PLATFORM, ClockName.APPEAL, hours(168))}
    house.clock.move(hours=168)
    house.expire(dispute, ClockName.APPEAL)
    assert running(house) == {}


def test_a_settlement_and_a_silence_stop_the_clock() -> None:
    house = House()
    house.accepted()
    assert running(house) == {}
    silent = House()
    dispute = silent.told(source=undefaulted())
    silent.clock.move(hours=48)
    silent.expire(dispute, ClockName.ANSWER)
    assert running(silent) == {}


@dataclass
class Queue:
    waiting: dict[UUID, QueueEntry] = field(default_factory=dict)
    taken: dict[UUID, str] = field(default_factory=dict)

    async def enter(self, entry: QueueEntry) -> None:
        known = self.waiting.get(entry.dispute)
        self.waiting[entry.dispute] = replace(known, because=entry.because) if known else entry

    async def assign(self, dispute: UUID, arbitrator: str) -> None:
        self.taken[dispute] = arbitrator

    async def free(self, dispute: UUID, arbitrator: str) -> None:
        if self.taken.get(dispute) == arbitrator:
            del self.taken[dispute]

    async def leave(self, dispute: UUID) -> None:
        self.waiting.pop(dispute, None)
        self.taken.pop(dispute, None)


def queued(house: House) -> Queue:
    view = Queue()
    follow(queue.project, view, house)
    return view


def test_a_case_waits_in_the_queue_from_the_call_for_the_platform_to_its_decision() -> None:
    house = House()
    dispute = house.contested()
    assert queued(house) == Queue()
    house.clock.move(hours=5)
    house.do(escalate(dispute))
    waiting = {dispute: QueueEntry(dispute, PLATFORM, hours(5), "escalated")}
    assert queued(house) == Queue(waiting)
    house.do(intervene(dispute))
    assert queued(house) == Queue(waiting, {dispute: ARBITRATOR.id})
    house.do(rule(dispute))
    assert queued(house) == Queue()


def test_a_case_whose_merchant_is_silent_waits_in_the_queue() -> None:
    house = House()
    dispute = house.told(source=undefaulted())
    house.clock.move(hours=48)
    house.expire(dispute, ClockName.ANSWER)
    assert queued(house) == Queue({dispute: QueueEntry(dispute, PLATFORM, hours(48), "silence")})


def test_a_case_whose_merchant_could_not_be_told_waits_in_the_queue() -> None:
    house = House()
    dispute = house.opened()
    house.clock.move(hours=72)
    house.expire(dispute, ClockName.NOTICE)
    assert queued(house) == Queue({dispute: QueueEntry(dispute, PLATFORM, hours(72), "not_served")})


def test_an_appealed_case_and_one_that_was_opened_again_wait_in_the_queue_for_another() -> None:
    house = House()
    dispute = house.appealed()
    assert queued(house) == Queue(
        {dispute: QueueEntry(dispute, PLATFORM, hours(0), "appealed")}, {dispute: OTHER_ARBITRATOR.id}
    )
    house.do(reverse_ruling(dispute))
    assert queued(house) == Queue()
    house.do(reopen(dispute))
    assert queued(house) == Queue({dispute: QueueEntry(dispute, PLATFORM, hours(0), "reopened")})


def test_a_case_that_silence_decides_waits_for_nobody() -> None:
    house = House()
    dispute = house.told()
    house.clock.move(hours=48)
    house.expire(dispute, ClockName.ANSWER)
    assert queued(house) == Queue()
    assert running(house) == {dispute: Deadline(dispute, PLATFORM, ClockName.APPEAL, hours(48 + 168))}


def test_a_clock_that_stands_still_is_looked_at_again_when_its_pause_ends() -> None:
    house = House()
    dispute = house.told()
    house.clock.move(hours=1)
    house.do(pause_clock(dispute, hours=19))
    assert running(house) == {dispute: Deadline(dispute, PLATFORM, ClockName.ANSWER, hours(20), paused=True)}
    house.clock.move(hours=19)
    house.expire(dispute, ClockName.ANSWER)
    assert running(house) == {dispute: Deadline(dispute, PLATFORM, ClockName.ANSWER, hours(48 + 19))}


def test_a_case_that_is_settled_under_review_leaves_the_queue() -> None:
    house = House()
    dispute = house.in_hand()
    house.do(make_offer(dispute))
    house.do(accept_offer(dispute))
    assert queued(house) == Queue()


@dataclass
class CaseFile:
    opened: CaseOpened | None = None
    moves: list[CaseMoved] = field(default_factory=list)

    async def open(self, opened: CaseOpened) -> None:
        self.opened = opened

    async def move(self, moved: CaseMoved) -> None:
        self.moves.append(moved)

    def last(self, name: str) -> Any:
        return [getattr(one, name) for one in self.moves if getattr(one, name) is not None][-1]

    def sums(self) -> tuple[int, int, int]:
        moves = self.moves
        return (
            self.last("awarded_minor") if any(one.awarded_minor is not None for one in moves) else 0,
            sum(one.ordered_minor for one in moves),
            sum(one.paid_minor for one in moves),
        )


def filed_away(house: House) -> CaseFile:
    view = CaseFile()
    follow(case_file.project, view, house)
    return view


def test_a_case_file_opens_with_who_disputes_what_with_whom() -> None:
    house = House()
    dispute = house.opened(*two_claims_asked())
    assert filed_away(house).opened == CaseOpened(
        dispute=dispute,
        platform=PLATFORM,
        number=house.case(dispute).dispute.intake.filed.number,
        buyer=BUYER.id,
        merchant=MERCHANT.id,
        order_id="order-1",
        filed_at=FILED_AT,
        currency="CNY",
        asked_minor=4980,
    )


def test_a_case_file_follows_every_event_of_its_dispute() -> None:
    house = House()
    dispute = house.opened()
    house.clock.move(hours=2)
    house.do(respond(dispute))
    filed, answered = filed_away(house).moves
    assert filed == CaseMoved(dispute, 1, FILED_AT, stage=Stage.AWAITING_RESPONSE)
    assert answered == CaseMoved(dispute, 2, hours(2), stage=Stage.NEGOTIATION)


def test_a_case_file_adds_what_is_claimed_later_to_what_was_asked() -> None:
    house = House()
    house.claim(house.contested())
    assert [one.asked_minor for one in filed_away(house).moves] == [0, 0, 2001]


def test_a_case_file_adds_up_what_was_awarded_ordered_and_paid() -> None:
    house = House()
    dispute = house.in_hand(*two_claims_asked())
    house.do(rule(dispute, an_award_sought(), a_dismissal_sought("c2")))
    assert filed_away(house).sums() == (3980, 0, 0)
    house.clock.move(hours=168)
    house.expire(dispute, ClockName.APPEAL)
    assert filed_away(house).sums() == (3980, 3980, 0)
    house.pay(ScriptedPayments(), house.payouts()[0])
    view = filed_away(house)
    assert view.sums() == (3980, 3980, cny(3980).minor)
    assert (view.last("stage"), view.last("outcome"), view.last("version")) == (
        Stage.CLOSED,
        "decided",
        house.case(dispute).version,
    )


@dataclass
class Trail:
    entries: list[Entry] = field(default_factory=list)

    async def add(self, entry: Entry) -> None:
        self.entries.append(entry)


def test_the_trail_of_a_case_holds_what_is_about_it_in_all_streams_and_nothing_else() -> None:
    house = House()
    dispute = house.accepted()
    [payout] = house.payouts()
    house.pay(ScriptedPayments(), payout)
    view = Trail()
    follow(audit_trail.project, view, house)
    order = order_stream(PLATFORM, "order-1")
    about = [one for one in house.store.log if one.event.TOPIC not in {"playbook.published", "order.registered"}]
    assert view.entries == [Entry(one.position, dispute, one.stream, one.version) for one in about]
    assert {entry.stream for entry in view.entries} == {dispute, order, payout}


def test_other_streams_move_no_view_of_cases() -> None:
    house = House()
    house.publish()
    house.register()
    assert (running(house), queued(house), filed_away(house)) == ({}, Queue(), CaseFile())


@dataclass
class Payouts:
    opened: list[PayoutOpened] = field(default_factory=list)
    moves: list[PayoutMoved] = field(default_factory=list)

    async def open(self, opened: PayoutOpened) -> None:
        self.opened.append(opened)

    async def move(self, moved: PayoutMoved) -> None:
        self.moves.append(moved)


def test_the_payouts_hold_how_far_the_money_of_every_line_has_come() -> None:
    house = House()
    dispute = house.accepted()
    [payout] = house.payouts()
    house.clock.move(hours=1)
    house.report(dispute, cny(1000))
    house.pay(ScriptedPayments(), payout)
    view = Payouts()
    follow(payouts.project, view, house)
    assert view.opened == [PayoutOpened(payout, dispute, PLATFORM, "l1", "c1", 3980, "CNY", FILED_AT)]
    assert view.moves == [
        PayoutMoved(payout, hours(1), amount_minor=2980),
        PayoutMoved(payout, hours(1), state=PayoutState.SENT, attempts=1),
        PayoutMoved(payout, hours(1), state=PayoutState.CONFIRMED),
    ]


def test_a_payout_that_is_covered_or_in_trouble_is_told_by_its_state() -> None:
    states: list[PayoutState | None] = []
    for answer in (PaymentRefused("no"), PaymentUnknown("lost"), Paid("payment 7", cny(1))):
        house = House()
        house.accepted()
        with suppress(PayAgain):
            house.pay(ScriptedPayments(answer), house.payouts()[0])
        view = Payouts()
        follow(payouts.project, view, house)
        states.append(view.moves[-1].state)
    house = House()
    house.report(house.accepted(), cny(3980))
    view = Payouts()
    follow(payouts.project, view, house)
    assert [*states, view.moves[-1].state] == ["failed", "unknown", "mismatched", "covered"]


def test_money_that_comes_back_does_not_change_when_it_was_paid() -> None:
    house = House()
    dispute = house.appealed(source=a_playbook_file(remedies_start="at_decision"))
    [payout] = house.payouts()
    house.pay(ScriptedPayments(), payout)
    house.do(reverse_ruling(dispute))
    house.clock.move(hours=9)
    house.recover(dispute, cny(980))
    house.recover(dispute, cny(3000), reference="back-2")
    view = Payouts()
    follow(payouts.project, view, house)
    assert view.moves[-2:] == [PayoutMoved(payout, None), PayoutMoved(payout, None, state=PayoutState.RECOVERED)]

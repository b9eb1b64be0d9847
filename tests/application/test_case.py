from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from application import case as cases
from application.case import Bookcase, Case, CaseReader, UnknownPlaybook
from application.commands.remedy import PayAgain
from application.ports import PaymentUnknown
from domain.dispute.intake import Answer
from domain.dispute.stages import NotOpenForThis, Stage
from domain.intake.order import order_stream
from domain.playbook.playbook import Playbook
from domain.remedy.payout import PayoutState
from tests.support.builders import (
    ELSEWHERE,
    FILED_AT,
    PLATFORM,
    a_playbook_file,
    an_order,
    common_source,
    digest,
    hours,
    read_playbook,
)
from tests.support.house import House, escalate, intervene, respond, send_message, submit_evidence
from tests.support.memory import ScriptedPayments
from tests.support.run import run


def a_told_life() -> tuple[House, UUID]:
    """Answered after 2 hours, escalated after 5, taken in hand after 6."""
    house = House()
    dispute = house.opened()
    for at, command in ((2, respond(dispute)), (5, escalate(dispute)), (6, intervene(dispute))):
        house.clock.at = hours(at)
        house.do(command)
    return house, dispute


def test_a_case_is_its_stream_with_the_rules_it_is_pinned_to() -> None:
    house, dispute = a_told_life()
    case = house.case(dispute)
    assert (case.id, case.version, case.platform, case.last_at) == (dispute, 5, PLATFORM, hours(6))
    assert case.position == house.store.log[-1].position
    assert (case.dispute.stage, case.playbook, case.payouts) == (Stage.UNDER_REVIEW, read_playbook(common_source()), {})


@pytest.mark.parametrize(
    ("version", "stage"),
    [
        (1, Stage.AWAITING_RESPONSE),
        (2, Stage.NEGOTIATION),
        (3, Stage.UNDER_REVIEW),
        (5, Stage.UNDER_REVIEW),
    ],
)
def test_a_case_is_read_as_of_any_event(version: int, stage: Stage) -> None:
    house, dispute = a_told_life()
    case = run(house.cases.load(dispute, version))
    assert case is not None
    assert (case.version, case.dispute.stage) == (version, stage)


@pytest.mark.parametrize(("at", "version"), [(0, 1), (1.99, 1), (2, 2), (4, 2), (5, 3), (6, 5), (999, 5)])
def test_a_case_is_read_as_of_any_moment(at: float, version: int) -> None:
    house, dispute = a_told_life()
    case = run(house.cases.load(dispute, hours(at)))
    assert case is not None
    assert case.version == version


def test_before_it_was_filed_there_is_no_case() -> None:
    house, dispute = a_told_life()
    assert run(house.cases.load(dispute, FILED_AT - timedelta(microseconds=1))) is None
    assert run(house.cases.load(dispute, 0)) is None


@pytest.mark.parametrize("stream", [ELSEWHERE, order_stream(PLATFORM, "order-1")])
def test_what_is_no_dispute_is_no_case(stream: UUID) -> None:
    house, _ = a_told_life()
    assert run(house.cases.load(stream)) is None


def test_a_case_read_again_by_other_eyes_is_the_same() -> None:
    house, dispute = a_told_life()
    other = CaseReader(house.store, Bookcase(house.store, read_playbook))
    assert run(other.load(dispute)) == house.case(dispute)


def states(house: House, case: Case, as_of: object = None) -> dict[str, PayoutState]:
    with_payouts = run(house.cases.with_payouts(case, as_of))  # type: ignore[arg-type]
    assert with_payouts.dispute is case.dispute
    return {line: payout.state for line, payout in with_payouts.payouts.items()}


def test_a_case_shows_the_state_of_its_payouts_as_of_the_same_event_or_moment() -> None:
    house = House()
    dispute = house.opened()
    house.clock.at = hours(2)
    house.do(respond(dispute, Answer.ACCEPT))
    [payout] = house.payouts()
    house.clock.at = hours(3)
    with pytest.raises(PayAgain):
        house.pay(ScriptedPayments(PaymentUnknown("no answer")), payout)
    house.clock.at = hours(4)
    house.pay(ScriptedPayments(), payout)

    assert states(house, house.case(dispute)) == {"l1": PayoutState.CONFIRMED}
    for at, state in ((2, PayoutState.ORDERED), (3.5, PayoutState.UNKNOWN), (4, PayoutState.CONFIRMED)):
        case = run(house.cases.load(dispute, hours(at)))
        assert case is not None
        assert states(house, case, hours(at)) == {"l1": state}
    last = house.case(dispute).version
    for version, shown in ((1, {}), (last, {"l1": PayoutState.CONFIRMED})):
        case = run(house.cases.load(dispute, version))
        assert case is not None
        assert states(house, case, version) == shown


def test_a_line_whose_payout_was_ordered_after_the_event_has_no_payout_yet() -> None:
    house = House()
    dispute = house.accepted()
    ordered = house.case(dispute).version
    case = run(house.cases.load(dispute, ordered))
    assert case is not None
    assert states(house, case, ordered) == {}


def test_the_bookcase_holds_every_version_that_was_published() -> None:
    house = House()
    house.publish()
    house.publish(a_playbook_file(version="3"))
    shelf, history = run(house.bookcase.shelf(PLATFORM))
    assert [one.version for one in shelf.published] == ["2", "3"]
    assert history == house.store.log
    first = run(house.bookcase.pinned(PLATFORM, digest(common_source())))
    assert (first.version, shelf.in_force and shelf.in_force.version) == ("2", "3")


def test_the_rules_of_a_version_are_read_from_its_file_once() -> None:
    house = House()
    house.publish()
    read: list[str] = []

    def reader(source: str) -> Playbook:
        read.append(source)
        return read_playbook(source)

    bookcase = Bookcase(house.store, reader)
    for _ in range(3):
        run(bookcase.pinned(PLATFORM, digest(common_source())))
    assert read == [common_source()]


def test_a_version_that_was_never_published_is_a_damaged_log() -> None:
    with pytest.raises(UnknownPlaybook):
        run(House().bookcase.pinned(PLATFORM, digest("nothing")))


def another(house: House) -> House:
    """A second process on the same log."""
    return House(house.store)


def read_since(house: House, before: int, dispute: UUID) -> list[int]:
    """After which versions of the case it was read."""
    return [after for stream, after in house.store.loaded[before:] if stream == dispute]


def test_a_case_that_was_seen_before_is_not_read_again_to_act_on_it() -> None:
    house, dispute = a_told_life()
    before = len(house.store.loaded)
    done = run(house.desk.on_dispute(send_message(dispute)))
    assert done.case is not None
    assert run(house.cases.load(dispute, done.version)) is done.case
    assert read_since(house, before, dispute) == []


def test_who_reads_a_case_again_reads_only_what_is_new() -> None:
    house, dispute = a_told_life()
    other = another(house)
    assert other.case(dispute).version == 5
    house.do(send_message(dispute))
    before = len(house.store.loaded)
    assert other.case(dispute) == house.case(dispute)
    assert other.case(dispute).version == 6
    assert read_since(house, before, dispute) == [4, 5, 5]


def test_nobody_is_refused_for_what_the_case_was_when_it_was_seen_last() -> None:
    house = House()
    dispute = house.opened()
    other = another(house)
    with pytest.raises(NotOpenForThis):
        other.do(escalate(dispute))
    house.do(respond(dispute))
    assert other.do(escalate(dispute)).version == 3
    house.do(send_message(dispute))
    assert other.do(send_message(dispute, key="other", if_version=4)).version == 5


def test_who_has_seen_an_older_case_decides_again_on_what_it_is_now() -> None:
    house, dispute = a_told_life()
    other = another(house)
    other.case(dispute)
    for number in range(3):
        house.do(send_message(dispute, key=str(number)))
    done = other.do(send_message(dispute, key="other"))
    assert (done.version, done.case) == (9, house.case(dispute))


def test_that_nothing_is_new_is_said_of_the_case_as_it_is_now() -> None:
    house = House()
    dispute = house.opened()
    house.do(submit_evidence(dispute))
    other = another(house)
    other.case(dispute)
    house.do(send_message(dispute))
    same_file = other.do(submit_evidence(dispute, key="other"))
    assert (same_file.version, same_file.position) == (3, house.store.log[-1].position)


def test_a_case_that_the_log_no_longer_holds_as_it_was_seen_is_read_anew() -> None:
    house, dispute = a_told_life()
    house.do(send_message(dispute))
    house.store.lose_the_last()  # as when a standby takes over that had not got it
    assert house.case(dispute).version == 5
    assert house.do(send_message(dispute, key="again")).version == 6


def test_only_so_many_cases_are_kept_and_those_asked_for_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "CASES_MAX", 2)
    house = House()
    house.publish()
    disputes = []
    for number in range(3):
        house.register(an_order(order_id=f"order-{number}"))
        disputes.append(house.file(order=f"order-{number}", key=f"file-{number}").stream)
    first, second, third = disputes
    for dispute in (first, second, first, third):
        house.case(dispute)
    kept = [dispute for dispute in disputes if house.cases.kept(dispute)]
    assert kept == [first, third]

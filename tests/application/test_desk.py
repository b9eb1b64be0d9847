from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from application.commands.desk import Busy, KeyReused, VersionMoved
from application.policy import NotAllowed, NotThere
from application.ports import Recorded
from domain.calendars import ClockName
from domain.dispute.intake import Answer
from domain.dispute.negotiation import OfferNotOpen
from domain.dispute.remedy import RemedyOrdered, payout_id
from domain.dispute.stages import NotOpenForThis, Stage
from domain.kernel import Actor, BrokenStream
from domain.remedy.payout import PayoutOrdered
from tests.support.builders import (
    ARBITRATOR,
    BUYER,
    ELSEWHERE,
    FILED_AT,
    MERCHANT,
    OTHER_BUYER,
    PLATFORM,
    a_claim_asked,
    a_playbook_file,
    hours,
)
from tests.support.house import (
    House,
    accept_offer,
    caller,
    decline_offer,
    escalate,
    intervene,
    make_offer,
    respond,
    rule,
    send_message,
    submit_evidence,
)
from tests.support.memory import MemoryEventStore


def interruptions(house: House, dispute: UUID, count: int) -> list[Callable[[], Awaitable[object]]]:
    """The buyer writes once more, each time just before something else would be stored."""

    def one(number: int) -> Callable[[], Awaitable[object]]:
        return lambda: house.desk.on_dispute(send_message(dispute, key=f"quick {number}"))

    # Each interrupting command appends too, and is interrupted by nobody.
    async def nothing() -> None: ...

    return [act for number in range(count) for act in (one(number), nothing)]


def test_a_command_is_answered_with_the_version_of_the_case_and_the_place_in_the_log() -> None:
    house = House()
    dispute = house.opened()
    done = house.do(respond(dispute))
    assert (done.stream, done.version, done.position, done.repeated) == (
        dispute,
        2,
        house.store.log[-1].position,
        False,
    )


def test_every_event_says_who_brought_it_about_when_by_which_command_and_in_which_case() -> None:
    house = House()
    dispute = house.opened()
    house.clock.move(hours=2)
    house.do(respond(dispute, body_digest="b"))
    said = house.store.log[-1].metadata
    assert (said.platform, said.actor, said.at, said.command) == (PLATFORM, MERCHANT, hours(2), "respond")
    assert (said.correlation_id, said.body_digest) == (dispute, "b")
    assert said.command_id == respond(dispute).command_id


def test_a_repeated_command_gives_the_first_answer_even_after_the_case_moved_on() -> None:
    house = House()
    dispute = house.opened()
    first = house.do(respond(dispute))
    house.do(escalate(dispute))
    again = house.do(respond(dispute))
    assert (again.version, again.position, again.repeated) == (first.version, first.position, True)
    assert house.topics(dispute).count("merchant_responded") == 1


def test_a_command_that_would_still_be_possible_is_not_done_twice() -> None:
    house = House()
    dispute = house.opened()
    first = house.do(send_message(dispute))
    house.do(send_message(dispute, "还在吗", key="other"))
    again = house.do(send_message(dispute))
    assert (again.version, again.position, again.repeated) == (first.version, first.position, True)
    assert house.topics(dispute).count("message_sent") == 2


def test_a_repeated_command_gives_the_place_of_all_its_events() -> None:
    house = House()
    dispute = house.opened()
    first = house.do(respond(dispute, Answer.ACCEPT))
    assert house.store.log[-1].stream != dispute
    assert house.do(respond(dispute, Answer.ACCEPT)).position == first.position == house.store.log[-1].position


def test_a_repeat_is_answered_though_it_names_the_version_of_its_first_time() -> None:
    house = House()
    dispute = house.opened()
    first = house.do(respond(dispute, if_version=1))
    assert house.do(respond(dispute, if_version=1)).version == first.version


def test_what_was_nothing_new_is_answered_with_the_case_as_it_is() -> None:
    house = House()
    dispute = house.opened()
    first = house.do(submit_evidence(dispute))
    house.do(send_message(dispute))
    same_file = house.do(submit_evidence(dispute, key="other"))
    assert (same_file.version, same_file.repeated) == (3, False)
    again = house.do(submit_evidence(dispute))
    assert (again.version, again.position, again.repeated) == (first.version, first.position, True)


def test_a_key_is_not_used_for_another_request() -> None:
    house = House()
    dispute = house.opened()
    house.do(send_message(dispute, body_digest="a"))
    with pytest.raises(KeyReused):
        house.do(send_message(dispute, body_digest="b"))
    house.do(respond(dispute, body_digest="a"))
    with pytest.raises(KeyReused):
        house.do(respond(dispute, body_digest="b"))


def test_a_key_is_not_used_for_another_command() -> None:
    house = House()
    dispute = house.contested()
    house.do(make_offer(dispute))
    house.do(accept_offer(dispute, key="k"))
    with pytest.raises(KeyReused):
        house.do(decline_offer(dispute, key="k"))
    assert house.do(accept_offer(dispute, key="k")).repeated is True


def test_a_key_is_not_used_for_another_case() -> None:
    house = House()
    mangoes = house.opened()
    grapes = house.file(a_claim_asked(lines=("2",)), key="grapes").stream
    house.do(send_message(mangoes))
    with pytest.raises(KeyReused):
        house.do(send_message(grapes))
    with pytest.raises(KeyReused):
        house.file(key="message")
    assert "message_sent" not in house.topics(grapes)


def test_two_people_may_choose_the_same_key() -> None:
    house = House()
    dispute = house.opened()
    house.do(send_message(dispute, by=BUYER))
    house.do(send_message(dispute, by=MERCHANT))
    assert house.topics(dispute).count("message_sent") == 2


def test_a_refusal_is_not_remembered() -> None:
    house = House()
    dispute = house.opened()
    with pytest.raises(NotOpenForThis):
        house.do(escalate(dispute))
    house.do(respond(dispute))
    assert house.do(escalate(dispute)).repeated is False


def test_a_case_that_moved_is_not_changed_by_who_insists_on_what_it_was() -> None:
    house = House()
    dispute = house.opened()
    house.do(send_message(dispute, by=MERCHANT))
    with pytest.raises(VersionMoved) as refused:
        house.do(respond(dispute, if_version=1))
    assert refused.value.details == {"version": 2}
    assert house.do(respond(dispute, if_version=2)).version == 3


def test_who_is_overtaken_decides_again_on_what_is_there_now() -> None:
    house = House()
    dispute = house.opened()
    house.store.meanwhile = interruptions(house, dispute, 4)
    assert house.do(respond(dispute)).version == 6


def test_who_is_overtaken_too_often_is_asked_to_come_again() -> None:
    house = House()
    dispute = house.opened()
    house.store.meanwhile = interruptions(house, dispute, 5)
    with pytest.raises(Busy) as refused:
        house.do(respond(dispute))
    assert refused.value.details == {"tries": 5}
    assert house.do(respond(dispute)).repeated is False


def test_who_insists_on_a_version_and_is_overtaken_is_told_so() -> None:
    house = House()
    dispute = house.opened()
    house.store.meanwhile = interruptions(house, dispute, 1)
    with pytest.raises(VersionMoved):
        house.do(respond(dispute, if_version=1))


def test_of_two_who_are_first_at_once_exactly_one_is() -> None:
    house = House()
    dispute = house.contested()
    house.do(make_offer(dispute))
    house.do(escalate(dispute))
    house.do(intervene(dispute))
    house.store.meanwhile = [lambda: house.desk.on_dispute(accept_offer(dispute))]
    with pytest.raises(NotOpenForThis):
        house.do(rule(dispute))
    assert (house.case(dispute).dispute.ruling.decision, house.case(dispute).dispute.stage) == (
        None,
        Stage.CARRYING_OUT,
    )


def test_a_settlement_that_comes_second_is_refused() -> None:
    house = House()
    dispute = house.contested()
    house.do(make_offer(dispute))
    house.do(escalate(dispute))
    house.do(intervene(dispute))
    house.store.meanwhile = [lambda: house.desk.on_dispute(rule(dispute))]
    with pytest.raises(NotOpenForThis):
        house.do(accept_offer(dispute))
    assert house.topics(dispute)[-1] == "ruling_confirmed"


def test_an_offer_taken_twice_at_once_is_settled_once() -> None:
    house = House()
    dispute = house.contested()
    house.do(make_offer(dispute))
    house.store.meanwhile = [lambda: house.desk.on_dispute(accept_offer(dispute, key="the other browser"))]
    with pytest.raises((OfferNotOpen, NotOpenForThis)):
        house.do(accept_offer(dispute))
    assert len(house.payouts()) == 1


def test_a_repeat_that_overtakes_its_first_is_one_with_it() -> None:
    house = House()
    dispute = house.opened()
    house.store.meanwhile = [lambda: house.desk.on_dispute(send_message(dispute))]
    assert house.do(send_message(dispute)).repeated is True
    assert house.topics(dispute).count("message_sent") == 1


def test_time_never_runs_backwards_in_a_case() -> None:
    house = House()
    dispute = house.opened()
    house.clock.at = hours(-5)
    house.do(respond(dispute))
    assert house.store.log[-1].metadata.at == FILED_AT


def test_a_payout_is_ordered_in_the_same_call_as_its_remedy_line() -> None:
    house = House()
    dispute = house.accepted()
    [ordered] = [one for one in house.store.log if isinstance(one.event, PayoutOrdered)]
    [line] = [one for one in house.store.log if isinstance(one.event, RemedyOrdered)]
    assert ordered.stream == payout_id(dispute, "l1")
    assert (ordered.metadata, ordered.version) == (line.metadata, 1)
    assert ordered.metadata.correlation_id == dispute


def test_when_a_ruling_becomes_final_its_payouts_are_ordered_in_the_same_call() -> None:
    house = House()
    dispute = house.in_hand()
    house.do(rule(dispute))
    assert house.payouts() == []
    house.clock.move(hours=168)
    house.expire(dispute, ClockName.APPEAL)
    assert house.topics(dispute)[-2:] == ["ruling_became_final", "remedy_ordered"]
    assert len({one.metadata.command_id for one in house.store.log[-3:]}) == 1


def test_where_the_playbook_says_so_payouts_are_ordered_with_the_decision() -> None:
    house = House()
    dispute = house.in_hand(source=a_playbook_file(remedies_start="at_decision"))
    house.do(rule(dispute))
    assert house.payouts() == [payout_id(dispute, "l1")]


def test_a_case_that_is_not_there_and_a_case_of_others_answer_alike() -> None:
    house = House()
    dispute = house.opened()
    for command in (
        send_message(ELSEWHERE),
        send_message(dispute, by=OTHER_BUYER),
        send_message(dispute, caller=caller(BUYER, "other")),
        intervene(dispute, caller=caller(ARBITRATOR, "other")),
    ):
        with pytest.raises(NotThere):
            house.do(command)


def test_a_machine_does_not_act_for_a_person() -> None:
    house = House()
    dispute = house.contested()
    house.do(escalate(dispute))
    for command in (send_message(dispute, by=machine(BUYER)), intervene(dispute, by=machine(ARBITRATOR))):
        with pytest.raises(NotAllowed):
            house.do(command)


def machine(person: Actor) -> Actor:
    return person.model_copy(update={"is_tool": True})


def test_who_may_see_a_case_but_not_do_this_is_told_so() -> None:
    house = House()
    dispute = house.opened()
    with pytest.raises(NotAllowed) as refused:
        house.do(send_message(dispute, by=ARBITRATOR))
    assert refused.value.details == {"operation": "send_message", "role": "arbitrator"}


class ForgetfulStore(MemoryEventStore):
    """Knows that a command was stored, but not what it led to."""

    async def of_command(self, command_id: UUID) -> tuple[Recorded, ...]:
        return ()


def test_an_answer_is_never_made_up() -> None:
    house = House(ForgetfulStore())
    dispute = house.opened()
    house.do(send_message(dispute))
    with pytest.raises(BrokenStream):
        house.do(send_message(dispute))

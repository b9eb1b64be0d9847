from __future__ import annotations

import pytest

from application.commands.desk import KeyReused, VersionMoved
from application.commands.intake import (
    FileDispute,
    NoPlaybook,
    RegisterOrder,
    UnknownOrder,
    case_number,
    file_dispute,
    register_order,
    registered_order,
)
from application.policy import NotAllowed, NotThere
from domain.calendars import ClockName
from domain.dispute.intake import LinesClaimedTwice, NotAParty, UnknownReason
from domain.dispute.stages import ClockNotDue, Stage
from domain.intake.order import LineAlreadyDisputed, OrderIsDisputed, UnknownLine, order_stream
from domain.kernel import EVENT_BYTES_MAX, Actor, EventTooLarge, Refused
from tests.support.builders import (
    AUDITOR,
    BUYER,
    DISPUTE,
    ELSEWHERE,
    MERCHANT,
    OTHER_BUYER,
    PLATFORM,
    PLATFORM_MACHINE,
    a_claim_asked,
    a_playbook_file,
    an_order,
    digest,
    hours,
    two_claims_asked,
    undefaulted,
)
from tests.support.house import House, caller, respond
from tests.support.run import run

ORDER = order_stream(PLATFORM, "order-1")


def test_the_platform_registers_an_order_and_its_newer_versions() -> None:
    house = House()
    assert (house.register().version, house.register(an_order(delivered_at=hours(-1))).version) == (1, 2)
    order, version = run(registered_order(house.desk, caller(PLATFORM_MACHINE), "order-1"))
    assert (order.snapshot, version) == (an_order(delivered_at=hours(-1)), 2)


def test_the_same_version_of_an_order_again_is_answered_with_where_it_stands() -> None:
    house = House()
    first = house.register()
    again = house.register()
    assert (again.stream, again.version, again.position, again.repeated) == (ORDER, 1, first.position, True)


def test_an_older_version_of_an_order_may_come_back() -> None:
    house = House()
    house.register()
    house.register(an_order(delivered_at=hours(-1)))
    assert house.register().version == 3


def test_an_order_told_twice_at_once_is_registered_once() -> None:
    house = House()

    command = RegisterOrder(caller=caller(PLATFORM_MACHINE), snapshot=an_order())
    house.store.meanwhile = [lambda: register_order(house.desk, command)]
    done = house.register()
    assert (done.version, done.repeated, house.topics(ORDER)) == (1, True, ["registered"])


def test_an_order_in_dispute_does_not_change() -> None:
    house = House()
    house.opened()
    with pytest.raises(OrderIsDisputed):
        house.register(an_order(delivered_at=hours(-1)))
    assert house.register().version == 2


def test_only_the_platform_registers_orders() -> None:
    with pytest.raises(NotAllowed):
        House().register(by=BUYER)


def test_an_order_that_nobody_registered_is_not_there() -> None:
    with pytest.raises(NotThere):
        run(registered_order(House().desk, caller(AUDITOR), "order-1"))


def test_who_may_not_see_orders_is_told_so() -> None:
    house = House()
    house.register()
    with pytest.raises(NotAllowed):
        run(registered_order(house.desk, caller(OTHER_BUYER), "order-1"))


def test_a_dispute_begins_and_takes_its_lines_of_the_order_in_one_call() -> None:
    house = House()
    dispute = house.opened(*two_claims_asked())
    filed, disputed = house.store.log[-2:]
    assert (filed.stream, disputed.stream, filed.metadata) == (dispute, ORDER, disputed.metadata)
    order, _ = run(registered_order(house.desk, caller(PLATFORM_MACHINE), "order-1"))
    assert order.disputed == {"1": dispute, "2": dispute}


def test_a_filing_is_answered_with_the_place_of_its_case() -> None:
    house = House()
    dispute = house.opened()
    again = house.file()
    assert (again.stream, again.version, again.position, again.repeated) == (
        dispute,
        1,
        house.store.log[-1].position,
        True,
    )


def test_a_filing_repeated_after_the_case_moved_on_is_the_same_filing() -> None:
    house = House()
    dispute = house.opened()
    house.do(respond(dispute))
    house.publish(a_playbook_file(version="3"))
    again = house.file()
    assert (again.stream, again.version, again.repeated) == (dispute, 1, True)


def test_a_filing_that_overtakes_its_repeat_is_one_with_it() -> None:
    house = House()
    house.publish()
    house.register()

    same = FileDispute(caller=caller(BUYER), key="file", order_id="order-1", claims=(a_claim_asked(),))
    house.store.meanwhile = [lambda: file_dispute(house.desk, same)]
    assert house.file().repeated is True
    assert house.topics(ORDER) == ["registered", "disputed"]


def test_a_key_does_not_file_two_different_disputes() -> None:
    house = House()
    house.opened()
    with pytest.raises(KeyReused):
        house.file(a_claim_asked(lines=("2",)), body=digest("another body"))


def test_one_line_is_never_in_two_disputes_even_when_both_are_filed_at_once() -> None:
    house = House()
    house.publish()
    house.register()

    both = (a_claim_asked(lines=("2", "1")),)
    other = FileDispute(caller=caller(BUYER), key="other", order_id="order-1", claims=both)
    house.store.meanwhile = [lambda: file_dispute(house.desk, other)]
    with pytest.raises(LineAlreadyDisputed):
        house.file()


def test_two_disputes_may_be_about_two_lines_of_an_order() -> None:
    house = House()
    mangoes = house.opened()
    grapes = house.file(a_claim_asked(lines=("2",)), key="grapes").stream
    assert mangoes != grapes
    assert house.case(grapes).dispute.stage is Stage.AWAITING_RESPONSE


@pytest.mark.parametrize(("by", "order"), [(OTHER_BUYER, "order-1"), (BUYER, "order-2")])
def test_nobody_files_on_an_order_that_is_not_theirs_or_not_there(by: Actor, order: str) -> None:
    house = House()
    house.publish()
    house.register()
    with pytest.raises(UnknownOrder):
        house.file(by=by, order=order)


def test_only_buyers_file() -> None:
    house = House()
    house.publish()
    house.register()
    with pytest.raises(NotAllowed):
        house.file(by=MERCHANT)


def test_nothing_is_filed_before_there_are_rules() -> None:
    house = House()
    house.register()
    with pytest.raises(NoPlaybook) as refused:
        house.file()
    assert (refused.value.details, isinstance(refused.value, Refused)) == ({"platform": PLATFORM}, True)


def test_a_filing_that_breaks_a_rule_leaves_nothing_behind() -> None:
    house = House()
    house.publish()
    house.register()
    before = house.store.log
    for asked, refusal in (
        ((a_claim_asked(reason="bad_mood"),), UnknownReason),
        ((a_claim_asked(), a_claim_asked()), LinesClaimedTwice),
        ((a_claim_asked(lines=("1", "9")),), UnknownLine),
    ):
        with pytest.raises(refusal):
            house.file(*asked)
    assert house.store.log == before


def test_who_claims_a_line_that_is_not_there_is_told_which() -> None:
    house = House()
    house.publish()
    house.register()
    with pytest.raises(UnknownLine) as refused:
        house.file(a_claim_asked(lines=("9",)))
    assert refused.value.details == {"lines": ["9"], "known": ["1", "2"]}


def test_a_refused_filing_leaves_no_secret_behind() -> None:
    house = House()
    first = house.opened()
    with pytest.raises(UnknownReason):
        house.file(a_claim_asked(reason="bad_mood"), key="second")
    with pytest.raises(LineAlreadyDisputed):
        house.file(a_claim_asked(), key="third")
    assert set(house.keys.kept) == {first}


def test_a_machine_files_nothing_in_a_persons_name() -> None:
    house = House()
    house.publish()
    house.register()
    with pytest.raises(NotAllowed):
        house.file(by=BUYER.model_copy(update={"is_tool": True}))


def test_the_draw_is_committed_to_when_the_dispute_is_filed() -> None:
    house = House()
    dispute = house.opened()
    commitment = house.case(dispute).dispute.intake.filed.draw_commitment
    assert commitment == run(house.keys.commit_draw(dispute))


def test_an_added_claim_takes_its_lines_of_the_order_in_the_same_call() -> None:
    house = House()
    dispute = house.contested()
    done = house.claim(dispute)
    added, disputed = house.store.log[-2:]
    assert (added.stream, disputed.stream, added.metadata) == (dispute, ORDER, disputed.metadata)
    assert (done.stream, done.version, done.position) == (dispute, 3, disputed.position)
    order, _ = run(registered_order(house.desk, caller(PLATFORM_MACHINE), "order-1"))
    assert order.disputed == {"1": dispute, "2": dispute}
    again = house.claim(dispute)
    assert (again.version, again.repeated, house.topics(dispute)) == (
        3,
        True,
        ["filed", "merchant_responded", "claim_added"],
    )


def test_a_line_in_another_dispute_is_not_added_even_when_both_come_at_once() -> None:
    house = House()
    dispute = house.contested()
    grapes = FileDispute(caller=caller(BUYER), key="grapes", order_id="order-1", claims=(a_claim_asked(lines=("2",)),))
    house.store.meanwhile = [lambda: file_dispute(house.desk, grapes)]
    with pytest.raises(LineAlreadyDisputed):
        house.claim(dispute)
    assert house.topics(dispute) == ["filed", "merchant_responded"]


def test_who_adds_a_claim_to_nothing_or_to_an_older_version_is_told_so() -> None:
    house = House()
    dispute = house.contested()
    with pytest.raises(NotThere):
        house.claim(DISPUTE)
    with pytest.raises(NotAllowed):
        house.claim(dispute, by=MERCHANT)
    with pytest.raises(VersionMoved):
        house.claim(dispute, if_version=1)
    assert house.claim(dispute, if_version=2).version == 3


def test_a_case_has_a_number_that_people_can_read_out() -> None:
    assert case_number(DISPUTE) == case_number(DISPUTE) != case_number(ELSEWHERE)
    letters = case_number(DISPUTE).removeprefix("D-").replace("-", "")
    assert len(letters) == 10
    assert not set(letters) & set("ILOU")


def test_silence_is_recorded_when_the_sweeper_asks_and_only_once() -> None:
    house = House()
    dispute = house.told(source=undefaulted())
    with pytest.raises(ClockNotDue):
        house.expire(dispute, ClockName.ANSWER)
    house.clock.move(hours=48)
    first = house.expire(dispute, ClockName.ANSWER)
    again = house.expire(dispute, ClockName.ANSWER)
    assert (again.version, again.repeated) == (first.version, True)
    assert house.topics(dispute) == ["filed", "notice_served", "response_lapsed"]


def test_silence_decides_in_one_step_where_the_playbook_says_so() -> None:
    house = House()
    dispute = house.told()
    house.clock.move(hours=48)
    house.expire(dispute, ClockName.ANSWER)
    lapsed = ["response_lapsed", "platform_intervened", "decided_by_default"]
    assert house.topics(dispute) == ["filed", "notice_served", *lapsed]


def test_of_an_answer_and_its_clock_the_first_wins() -> None:
    house = House()
    dispute = house.told()
    house.clock.move(hours=48)
    house.store.meanwhile = [lambda: house.desk.on_dispute(respond(dispute))]
    with pytest.raises(ClockNotDue):
        house.expire(dispute, ClockName.ANSWER)
    assert house.case(dispute).dispute.stage is Stage.NEGOTIATION


def test_a_buyer_who_is_also_the_merchants_namesake_stays_the_buyer() -> None:
    house = House()
    house.publish()
    house.register(an_order(merchant=BUYER.id))
    dispute = house.file().stream
    with pytest.raises((NotAllowed, NotAParty)):
        house.do(respond(dispute, by=BUYER))


def test_a_filing_that_is_too_large_for_the_log_is_refused() -> None:
    house = House()
    lines = tuple(an_order().lines[0].model_copy(update={"id": str(number)}) for number in range(20))
    house.publish()
    house.register(an_order(lines=lines))
    wordy = tuple(a_claim_asked(lines=(line.id,), statement="酸" * 4000) for line in lines)
    before = house.store.log
    with pytest.raises(EventTooLarge) as refused:
        house.file(*wordy)
    assert (refused.value.details["event"], refused.value.details["at_most"]) == ("dispute.filed", EVENT_BYTES_MAX)
    assert house.store.log == before

"""How a panel is called together: nobody foresees the draw, everybody is asked in its order, none with a conflict."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.jury import draw, pool, record, summoning, voting
from domain.jury.draw import Ground
from domain.jury.panel import Dismissal, Recusal, SeatLapsed, SummonsesLapsed, panel_stream
from domain.jury.profile import Side
from domain.jury.record import Batch, DrawRecord, Entropy, SealedPool, Why
from domain.jury.summoning import DrawIsOver, DrawNotDue, EntropyIsGiven, NotThePool
from tests.support.builders import BUYER, MERCHANT
from tests.support.jury import DISPUTE, a_pool, conflicts_of, digits, profile
from tests.support.panels import SECRET, Court


def test_a_pool_is_sealed_with_its_root_and_the_commitment_before_anybody_gives_entropy() -> None:
    court = Court().sealed()
    sealed = court.panel.sealed
    assert (sealed.root, sealed.size) == (pool.root(court.members), 240)
    assert sealed.commitment == draw.commitment(DISPUTE, SECRET)
    assert sealed.entropy_until == court.at + timedelta(hours=2)
    assert court.panel.id == panel_stream(DISPUTE, 1) != panel_stream(DISPUTE, 2)


def test_a_pool_that_is_too_small_is_not_sealed() -> None:
    assert Court(members=a_pool(199)).sealed().events == []
    assert len(Court(members=a_pool(200)).sealed().events) == 1


def test_a_list_that_is_no_pool_is_not_sealed() -> None:
    assert Court(members=a_pool()[::-1]).sealed().events == []


def test_each_party_gives_entropy_once_and_only_until_the_draw() -> None:
    court = Court().sealed()
    court.happens(summoning.give_entropy(court.panel, digits("b"), by=BUYER, at=court.at))
    assert summoning.give_entropy(court.panel, digits("b"), by=BUYER, at=court.at) == ()
    with pytest.raises(EntropyIsGiven):
        summoning.give_entropy(court.panel, digits("other"), by=BUYER, at=court.at)
    with pytest.raises(DrawIsOver):
        summoning.give_entropy(court.panel, digits("m"), by=MERCHANT, at=court.panel.sealed.entropy_until)
    court.happens(summoning.give_entropy(court.panel, digits("m"), by=MERCHANT, at=court.at))
    court.drawn()
    with pytest.raises(DrawIsOver):
        summoning.give_entropy(court.panel, digits("m"), by=MERCHANT, at=court.at)


def test_the_draw_waits_for_both_parties_or_for_their_time() -> None:
    court = Court().sealed()
    assert not summoning.is_draw_due(court.panel, court.at)
    court.happens(summoning.give_entropy(court.panel, digits("b"), by=BUYER, at=court.at))
    with pytest.raises(DrawNotDue):
        court.drawn()
    assert summoning.is_draw_due(court.panel, court.panel.sealed.entropy_until)
    court.later(hours=2).drawn()
    drawn = court.panel.drawn
    assert drawn is not None
    assert drawn.entropy == Entropy(buyer=digits("b"))
    with pytest.raises(DrawNotDue):
        court.drawn()


def test_a_secret_that_was_not_committed_to_draws_nothing() -> None:
    court = Court().sealed().given_entropy()
    with pytest.raises(NotThePool):
        summoning.draw_panel(court.panel, court.profile, b"another", beacon=None, case_version=9, at=court.at)


def test_the_draw_says_who_sees_which_side_first_and_until_when_the_panel_votes() -> None:
    court = Court().sealed().given_entropy().drawn()
    drawn = court.panel.drawn
    assert drawn is not None
    assert (drawn.vote_until, court.panel.vote_until) == (court.at + timedelta(hours=24),) * 2
    assert (len(drawn.first_seen), drawn.first_seen.count(Side.BUYER), drawn.case_version) == (17, 8, 9)


def test_thirty_nine_are_asked_and_whoever_has_a_conflict_is_passed_and_told() -> None:
    members = a_pool()
    court = Court(conflicts=conflicts_of(members)).sitting()
    (asked,) = court.panel.batches
    assert (asked.why, asked.batch, len(asked.summoned)) == (Why.DRAWN, 1, 39)
    assert asked.until == court.at + timedelta(hours=6)
    assert {one.juror for one in asked.summoned} == {court.accounts[one.pseudonym] for one in asked.summoned}
    assert asked.excluded
    assert {one.ground for one in asked.excluded} == {Ground.PAST_TRADE}
    assert not {one.pseudonym for one in asked.summoned} & court.conflicts.keys()


def test_a_pool_that_is_not_the_sealed_one_asks_nobody() -> None:
    court = Court().sealed().given_entropy().drawn()
    court.members = court.members[1:]
    with pytest.raises(NotThePool):
        court.summoned()


def test_nobody_is_asked_while_enough_may_still_come() -> None:
    court = Court().sitting()
    assert court.summoned() == ()
    court.claims(court.who())
    assert court.summoned() == ()


def test_who_does_not_come_in_time_is_replaced_by_the_next_of_the_stratum() -> None:
    court = Court().sitting()
    court.votes(4)
    court.later(hours=5, minutes=59)
    assert summoning.lapse(court.panel, at=court.at) == ()
    court.later(minutes=1)
    (lapsed,) = court.happens(summoning.lapse(court.panel, at=court.at))
    assert isinstance(lapsed, SummonsesLapsed)
    assert len(lapsed.pseudonyms) == 35
    assert court.panel.waiting == {}
    (again,) = court.summoned()
    assert (again.why, again.batch) == (Why.LAPSED, 2)
    assert not {one.pseudonym for one in again.summoned} & {one.pseudonym for one in court.panel.batches[0].summoned}
    assert again.wanted == {one.id: number for one, number in summoning_need(court)}


def summoning_need(court: Court) -> list[tuple[draw.Stratum, int]]:
    """What the free seats needed before the second batch: all were waiting for nobody."""
    strata = court.panel.drawn.strata if court.panel.drawn else ()
    found = [(one, draw.lacking(one, len(court.panel.free(one.id)), 0)) for one in strata]
    return [(one, number) for one, number in found if number]


def test_who_takes_a_seat_and_does_not_vote_loses_it() -> None:
    court = Court().sitting()
    by = court.who()
    seat = court.claims(by)
    court.later(hours=2)
    (lapsed,) = court.happens(summoning.lapse(court.panel, at=court.at))
    assert lapsed == SeatLapsed(seat=seat, pseudonym=lapsed.pseudonym, at=court.at)
    assert seat in court.panel.free("buyer.experienced")
    with pytest.raises(voting.NoSeat):
        court.casts(by)
    with pytest.raises(voting.NotSummoned):
        court.claims(by)


def test_who_has_voted_keeps_the_seat() -> None:
    court = Court().sitting()
    by = court.who()
    court.claims(by)
    court.casts(by)
    court.later(hours=2)
    assert summoning.lapse(court.panel, at=court.at) == ()


def test_who_recuses_is_replaced_and_the_record_says_why() -> None:
    court = Court().sitting()
    for _ in range(7):
        court.happens(voting.recuse(court.panel, Recusal.NO_TIME, by=court.who(), at=court.at))
    (again,) = court.summoned()
    assert (again.why, again.wanted) == (Why.RECUSED, {"buyer.experienced": 7})


def test_what_lapses_after_an_extension_is_replaced_as_lapsed() -> None:
    court = Court().sitting().votes(4).over()
    court.closes()
    whys = []
    for _ in range(2):
        court.happens(summoning.lapse(court.panel, at=court.at))
        whys += [one.why for one in court.summoned()]
        court.later(hours=6)
    assert whys == [Why.EXTENDED, Why.LAPSED]


def test_a_pool_that_has_nobody_left_is_not_asked_again() -> None:
    court = Court(profile=profile(pool_min=39), members=a_pool(45)).sitting()
    court.later(hours=6)
    court.happens(summoning.lapse(court.panel, at=court.at))
    (again,) = court.summoned()
    assert len(again.summoned) == 6
    court.later(hours=6)
    court.happens(summoning.lapse(court.panel, at=court.at))
    assert summoning.is_exhausted(court.panel)
    assert court.summoned() == ()


def test_what_the_stream_says_is_a_record_that_holds() -> None:
    members = a_pool()
    court = Court(conflicts=conflicts_of(members, 4)).sitting()
    court.votes(3).later(hours=6)
    court.happens(summoning.lapse(court.panel, at=court.at))
    court.summoned()
    panel, drawn = court.panel, court.panel.drawn
    assert drawn is not None
    told = DrawRecord(
        panel=panel.id,
        committed_to=panel.sealed.committed_to,
        commitment=panel.sealed.commitment,
        pool=SealedPool(root=panel.sealed.root, size=panel.sealed.size, members=members),
        strata=drawn.strata,
        entropy=drawn.entropy,
        secret=drawn.secret,
        batches=tuple(
            Batch(
                why=one.why,
                wanted=one.wanted,
                summoned=tuple(draw.Invitation(pseudonym=it.pseudonym, stratum=it.stratum) for it in one.summoned),
                excluded=one.excluded,
            )
            for one in panel.batches
        ),
        first_seen=drawn.first_seen,
    )
    assert record.check(told) == ()
    assert len(told.batches) == 2


def test_nothing_lapses_in_a_panel_that_has_ended() -> None:
    court = Court().sitting()
    court.claims(court.who())
    court.happens(voting.dismiss(court.panel, Dismissal.SETTLED, at=court.at))
    assert summoning.lapse(court.later(hours=6).panel, at=court.at) == ()

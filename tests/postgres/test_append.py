"""The append function by itself: what it stores, what it refuses, and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
import pytest

from infrastructure.ids import uuid7
from infrastructure.postgres.appending import Answer, Row, Submission, arguments
from infrastructure.postgres.sql_loader import sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.database import Database

A, B, C = UUID(int=0xA), UUID(int=0xB), UUID(int=0xC)
CONFLICT = Answer("conflict", None, None)


def row(stream: UUID, version: int | None, *, follows: bool = False, state: bytes = b"\x00 not JSON") -> Row:
    return Row(stream, version, follows, "test.fact@1", state, uuid7(), b'{"by":"test"}')


def command(*rows: Row, command_id: UUID | None = None) -> Submission:
    return Submission(command_id or uuid7(), rows)


class Log:
    """The log as the service sees it."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    def append(self, *batch: Submission) -> list[Answer]:
        return [Answer(*answer) for answer in self.connection.execute(sql("append"), arguments(batch))]

    def places(self) -> list[tuple[int, UUID, int]]:
        statement = """SELECT notification_id, originator_id, originator_version
                       FROM events.stored_events ORDER BY notification_id"""
        return self.connection.execute(statement).fetchall()


@pytest.fixture
def log(database: Database) -> Iterator[Log]:
    with psycopg.connect(database.service_url, autocommit=True) as connection:
        yield Log(connection)


def test_events_stand_in_the_log_in_the_order_of_their_commands(log: Log) -> None:
    answers = log.append(
        command(row(A, 1), row(B, 1), row(A, 2)),
        command(row(C, 1)),
        command(row(A, 3), row(B, 2)),
    )
    assert answers == [("appended", 1, 3), ("appended", 4, 4), ("appended", 5, 6)]
    assert log.places() == [(1, A, 1), (2, B, 1), (3, A, 2), (4, C, 1), (5, A, 3), (6, B, 2)]


def test_the_events_of_a_command_stand_side_by_side_even_where_a_batch_mixes_them(log: Log) -> None:
    mixed = arguments([command(row(A, 1), row(A, 2)), command(row(B, 1), row(B, 2))])
    mixed = {name: [c[0], c[2], c[1], c[3]] if len(c) == 4 else c for name, c in mixed.items()}
    assert log.connection.execute(sql("append"), mixed).fetchall() == [("appended", 1, 2), ("appended", 3, 4)]
    assert log.places() == [(1, A, 1), (2, A, 2), (3, B, 1), (4, B, 2)]


def test_a_repeated_command_is_answered_as_the_first_time_whatever_it_brings(log: Log) -> None:
    first = command(row(A, 1), row(A, 2))
    log.append(command(row(B, 1)), first)
    assert log.append(command(row(C, 1), command_id=first.command_id)) == [("duplicate", 2, 3)]
    assert log.append(first) == [("duplicate", 2, 3)]
    assert len(log.places()) == 3


def test_a_place_that_is_taken_refuses_the_whole_command_on_all_its_streams(log: Log) -> None:
    log.append(command(row(A, 1)))
    assert log.append(command(row(B, 1), row(A, 1), row(C, 1))) == [CONFLICT]
    assert log.places() == [(1, A, 1)]


def test_refused_commands_leave_no_gap(log: Log) -> None:
    known = command(row(A, 1))
    log.append(known)
    for _ in range(3):
        assert log.append(command(row(A, 1), row(A, 2)), known) == [CONFLICT, ("duplicate", 1, 1)]
    assert log.append(command(row(A, 2))) == [("appended", 2, 2)]


def test_a_refused_command_may_be_tried_again_under_its_id(log: Log) -> None:
    log.append(command(row(A, 1)))
    again = command(row(A, 1))
    assert log.append(again) == [CONFLICT]
    assert log.append(command(row(A, 2), command_id=again.command_id)) == [("appended", 2, 2)]


def test_of_two_commands_of_a_batch_that_want_the_same_place_the_earlier_gets_it(log: Log) -> None:
    answers = log.append(command(row(A, 1)), command(row(B, 1), row(A, 1)), command(row(B, 1)))
    # The third wanted what the second did not get, so it gets it.
    assert answers == [("appended", 1, 1), CONFLICT, ("appended", 2, 2)]
    assert log.places() == [(1, A, 1), (2, B, 1)]


def test_a_command_that_stands_twice_in_a_batch_is_stored_once(log: Log) -> None:
    twice = command(row(A, 1))
    answers = log.append(command(row(B, 1)), twice, command(row(A, 2)), twice)
    assert answers == [("appended", 1, 1), ("appended", 2, 2), ("appended", 3, 3), ("duplicate", 2, 2)]


def test_a_repetition_in_a_batch_counts_on_its_own_where_the_first_was_refused(log: Log) -> None:
    log.append(command(row(A, 1)))
    refused = command(row(A, 1))
    answers = log.append(refused, command(row(B, 1), command_id=refused.command_id))
    assert answers == [CONFLICT, ("appended", 2, 2)]


def test_a_hole_in_a_stream_is_refused_where_the_writer_asks_for_it(log: Log) -> None:
    assert log.append(command(row(A, 2, follows=True))) == [CONFLICT]
    log.append(command(row(A, 1)))
    assert log.append(command(row(A, 2, follows=True), row(A, 3))) == [("appended", 2, 3)]
    # Nobody can have read what the same batch has only just brought.
    assert log.append(command(row(B, 1)), command(row(B, 2, follows=True))) == [("appended", 4, 4), CONFLICT]


def test_an_event_without_a_version_goes_to_the_end_of_its_stream_wherever_that_is(log: Log) -> None:
    assert log.append(command(row(A, None))) == [("appended", 1, 1)]
    log.append(command(row(A, 2), row(A, 3)))
    assert log.append(command(row(A, None), row(B, 1), row(A, None))) == [("appended", 4, 6)]
    assert log.places()[3:] == [(4, A, 4), (5, B, 1), (6, A, 5)]


def test_events_that_go_to_the_end_of_one_stream_stand_in_the_order_of_their_batch(log: Log) -> None:
    log.append(command(row(A, 1)))
    known = command(row(C, 1))
    log.append(known)
    refused, repeated = command(row(A, None), row(A, 1)), Submission(known.command_id, (row(A, None),))
    answers = log.append(
        command(row(A, None)), refused, command(row(B, None), row(A, None)), repeated, command(row(A, None))
    )
    assert answers == [("appended", 3, 3), CONFLICT, ("appended", 4, 5), ("duplicate", 2, 2), ("appended", 6, 6)]
    assert log.places()[2:] == [(3, A, 2), (4, B, 1), (5, A, 3), (6, A, 4)]


def test_who_did_not_read_what_the_same_batch_has_put_at_the_end_is_refused(log: Log) -> None:
    log.append(command(row(A, 1)))
    answers = log.append(
        command(row(A, 2, follows=True)), command(row(A, None)), command(row(A, 3)), command(row(A, None))
    )
    assert answers == [("appended", 2, 2), ("appended", 3, 3), CONFLICT, ("appended", 4, 4)]
    answers = log.append(command(row(A, None), row(B, 1)), command(row(B, 2)), command(row(A, 5, follows=True)))
    assert answers == [("appended", 5, 6), ("appended", 7, 7), CONFLICT]
    assert [(stream, version) for _, stream, version in log.places()] == [
        *((A, version) for version in range(1, 6)),
        (B, 1),
        (B, 2),
    ]


def test_an_event_over_the_limit_fails_the_call_and_stores_nothing_of_it(log: Log) -> None:
    assert log.append(command(row(A, 1, state=b"x" * 65536))) == [("appended", 1, 1)]
    with pytest.raises(psycopg.errors.CheckViolation, match="stored_events_state_limit"):
        log.append(command(row(B, 1)), command(row(A, 2, state=b"x" * 65537)))
    assert log.places() == [(1, A, 1)]


def test_a_batch_that_does_not_add_up_is_refused(log: Log) -> None:
    whole = arguments([command(row(A, 1)), command(row(B, 1))])
    for broken in (
        {"topics": ["one"]},
        {"owners": [1, 3]},
        {"owners": [1, 1]},
        {"owners": [0, 1]},
        {"owners": [1, None]},
    ):
        with pytest.raises(psycopg.errors.InvalidParameterValue):
            log.connection.execute(sql("append"), whole | broken)


def test_a_writer_that_would_not_see_others_commits_is_refused(log: Log) -> None:
    log.connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    with log.connection.transaction(), pytest.raises(psycopg.errors.InvalidTransactionState):
        log.append(command(row(A, 1)))


def test_a_batch_is_announced_once_and_only_if_it_stored_something(log: Log, database: Database) -> None:
    with psycopg.connect(database.service_url, autocommit=True) as listener:
        listener.execute("LISTEN stored_events")
        log.append(command(row(A, 1)), command(row(B, 1)))
        log.append(command(row(A, 1)))
        assert len(list(listener.notifies(timeout=0.2))) == 1


def test_the_plan_does_not_read_the_table_through_however_large_it_grows(log: Log, database: Database) -> None:
    size = "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = ANY('{stored_events,commands}')"
    for start in range(0, 20_000, 2_000):  # the plan is made while the table is empty, and kept
        log.append(*(command(row(uuid7(), 1)) for _ in range(start, start + 2_000)))
    log.append(*(command(row(A, version)) for version in range(1, 257)))
    log.append(*(command(row(A, None), row(B, None)) for _ in range(256)))
    log.connection.execute("SELECT pg_stat_force_next_flush()")
    log.connection.execute("SELECT 1")
    with psycopg.connect(database.superuser_url) as connection:
        assert connection.execute(size).fetchall() == [(0,), (0,)]

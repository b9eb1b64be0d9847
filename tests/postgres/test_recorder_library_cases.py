"""The eventsourcing library's own cases, on our recorder, with the rights of the service; and what ours adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError, OperationalError, ProgrammingError, StoredEvent
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.tests.persistence import (
    ApplicationRecorderTestCase,
    NonInterleavingNotificationIDsBaseCase,
    TrackingRecorderTestCase,
)
from psycopg.conninfo import conninfo_to_dict

from infrastructure.ids import uuid7
from infrastructure.postgres.mapper import Enveloped, EnvelopedEvent
from infrastructure.postgres.recorder import Factory, Recorder
from tests.support.facts import MAPPER, NOON, Counted, envelope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.database import Database

A = UUID(int=0xA)


def settings(url: str, schema: str = "events", **more: str) -> dict[str, str]:
    address = conninfo_to_dict(url)
    return {
        "POSTGRES_DBNAME": str(address["dbname"]),
        "POSTGRES_HOST": str(address["host"]),
        "POSTGRES_PORT": str(address["port"]),
        "POSTGRES_USER": str(address["user"]),
        "POSTGRES_PASSWORD": str(address["password"]),
        "POSTGRES_SCHEMA": schema,
        "CREATE_TABLE": "n",
    } | more


class OnOurDatabase:
    """Gives the library's cases a fresh database each, as pytest gives it to our tests."""

    @pytest.fixture(autouse=True)
    def _database(self, database: Database) -> Iterator[None]:
        self.database = database
        self.factories: list[Factory] = []
        yield
        for factory in self.factories:
            factory.close()

    def factory(self, url: str, schema: str) -> Factory:
        factory = Factory(settings(url, schema))
        self.factories.append(factory)
        return factory

    def service_recorder(self) -> Recorder:
        recorder = self.factory(self.database.service_url, "events").application_recorder()
        assert isinstance(recorder, Recorder)
        return recorder


class TestApplicationRecorder(OnOurDatabase, ApplicationRecorderTestCase[Recorder]):
    def create_recorder(self) -> Recorder:
        return self.service_recorder()

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestNonInterleaving(OnOurDatabase, NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self) -> Recorder:
        return self.service_recorder()


class TestTracking(OnOurDatabase, TrackingRecorderTestCase):
    def create_recorder(self) -> PostgresTrackingRecorder:
        return self.factory(self.database.worker_url, "views").tracking_recorder()


# The cases that would run without a class of ours are not tests here.
del ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase, TrackingRecorderTestCase


@pytest.fixture
def recorder(database: Database) -> Iterator[Recorder]:
    with Factory(settings(database.service_url)) as factory:
        found = factory.application_recorder()
        assert isinstance(found, Recorder)
        yield found


def fact(version: int) -> StoredEvent:
    return StoredEvent(A, version, "test.fact@1", b"not JSON")


def test_a_command_id_makes_repeating_an_insert_harmless(recorder: Recorder) -> None:
    command_id = uuid7()
    assert recorder.insert_events([fact(1), fact(2)], command_id=command_id) == [1, 2]
    assert recorder.insert_events([fact(1), fact(2)], command_id=command_id) == [1, 2]
    with pytest.raises(IntegrityError, match="somebody else has appended"):
        recorder.insert_events([fact(2)])
    assert recorder.insert_events([]) is None


def test_events_go_through_the_library_with_their_envelope_both_ways(recorder: Recorder) -> None:
    sent = Enveloped(
        position=0,  # the log will say where it stands
        stream=A,
        version=1,
        event_id=uuid7(),
        recorded_at=NOON,
        metadata=envelope(),
        event=Counted(number=1),
    )
    recorder.insert_events([MAPPER.to_stored_event(sent)])
    assert recorder.insert_events([MAPPER.to_stored_event(sent)]) == [1]  # the same command

    selects: tuple[Callable[[], Any], ...] = (
        lambda: recorder.select_events(A),
        lambda: recorder.select_notifications(start=1, limit=10),
    )
    for select in selects:
        [stored] = select()
        assert isinstance(stored, EnvelopedEvent)
        found = MAPPER.to_domain_event(stored)
        assert isinstance(found, Enveloped)
        assert (found.event, found.metadata, found.event_id) == (sent.event, sent.metadata, sent.event_id)
        assert (found.position, found.originator_id, found.originator_version) == (1, A, 1)


def test_a_stream_is_selected_by_its_bounds_from_either_end(recorder: Recorder) -> None:
    recorder.insert_events([fact(version) for version in range(1, 6)])
    versions = [event.originator_version for event in recorder.select_events(A, gt=1, lte=4, desc=True, limit=2)]
    assert versions == [4, 3]


def test_the_librarys_own_insert_function_is_refused_at_start(database: Database) -> None:
    unsafe = settings(database.service_url, POSTGRES_ENABLE_DB_FUNCTIONS="y")
    with Factory(unsafe) as factory, pytest.raises(ProgrammingError, match="must stay off"):
        factory.application_recorder()


def test_a_recorder_for_any_other_schema_is_refused(database: Database) -> None:
    with Factory(settings(database.service_url, "public")) as factory, pytest.raises(ProgrammingError, match="one log"):
        factory.application_recorder()


def test_there_is_one_log_whatever_the_library_would_call_it_and_making_tables_does_nothing(
    database: Database,
) -> None:
    address = settings(database.service_url)
    datastore = PostgresDatastore(
        *(address[f"POSTGRES_{name}"] for name in ("DBNAME", "HOST", "PORT", "USER", "PASSWORD")), schema="events"
    )
    with datastore:
        recorder = Recorder(datastore, events_table_name="dispute_events")
        recorder.create_table()
        assert (recorder.events_table_name, recorder.channel_name) == ("stored_events", "stored_events")
        assert recorder.insert_events([fact(1)]) == [1]


def test_what_the_log_cannot_store_along_is_refused_instead_of_dropped(recorder: Recorder) -> None:
    with pytest.raises(ProgrammingError, match="tracking"):
        recorder.insert_events([fact(1)], tracking="a position")
    assert recorder.max_notification_id() is None


def test_a_lost_connection_is_not_met_by_sending_the_append_again(recorder: Recorder, database: Database) -> None:
    recorder.insert_events([fact(1)])
    with psycopg.connect(database.superuser_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'gongduan_service'")
    with pytest.raises(OperationalError):
        recorder.insert_events([fact(2)])
    assert recorder.max_notification_id() == 1

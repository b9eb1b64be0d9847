"""One test for each invariant of the domain, by its number, that is about more than the life of one dispute.

The history in the database, the rules in force, the workers that pay, the source, and other places and years.
"""

from __future__ import annotations

import ast
import json
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from psycopg.sql import SQL, Identifier
from pydantic import BaseModel

from application.commands.remedy import PayAgain
from application.ports import Paid, PaymentRefused, PaymentUnknown
from domain.calendars import ClockName
from domain.dispute.stages import Stage
from domain.events import EVENTS
from domain.kernel import Event
from domain.remedy.payout import PayoutOrdered, PayoutState
from infrastructure.bootstrap import MAPPER
from tests.support import builders, house, retelling
from tests.support.builders import common_source
from tests.support.given import clocks_in
from tests.support.house import House
from tests.support.memory import ScriptedPayments
from tests.support.run import Worker
from tests.support.told import told_lives
from tests.support.tree import files, modules, name, syntax
from tests.support.walk import PROFILE

if TYPE_CHECKING:
    from tests.support.database import Database

settings.load_profile(PROFILE)


def test_invariant_1_no_role_changes_or_deletes_what_stands_in_the_history_and_the_service_only_appends(
    database: Database,
) -> None:
    tables = "SELECT relname FROM pg_class WHERE relnamespace = 'events'::regnamespace AND relkind IN ('r', 'p')"
    columns = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 LIMIT 1"
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        found = {table for (table,) in connection.execute(tables).fetchall()}
        column_of = {one: connection.execute(columns, [f"events.{one}"]).fetchall()[0][0] for one in found}
    # Which migrations ran is the owner's own book-keeping; how far a sandbox's clock was moved only rises.
    history = found - {"migrations", "test_clock"}
    assert {"stored_events", "commands", "installation"} <= history
    for url in (database.service_url, database.worker_url, database.owner_url, database.superuser_url):
        for table in history if url in (database.owner_url, database.superuser_url) else found:
            column = column_of[table]
            for words in ("UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"):
                change = SQL(words).format(Identifier("events", table), Identifier(column))
                with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(change)


def test_invariant_2_a_dispute_goes_by_the_rules_that_it_was_filed_under_whatever_is_published_since() -> None:
    here = House()
    silent, heard = here.told(), here.file(builders.a_claim_asked(lines=("2",)), key="another").stream
    newer = common_source().replace('version: "2"', 'version: "3"').replace("COMMON-", "NEWER-")
    newer = re.sub(r"\bhours: (\d+)", lambda found: f"hours: {int(found[1]) + 1}", newer)
    newer = re.sub(r"remedies_start: \w+", "remedies_start: at_decision", newer)
    here.publish(re.sub(r"minor: \d+, currency: CNY", "minor: 1, currency: CNY", newer))
    here.clock.move(hours=48)  # an hour less than the newer rules give
    here.expire(silent, ClockName.ANSWER)
    for command in (
        *(house.report_notice(heard, key="2"), house.respond(heard), house.make_offer(heard), house.escalate(heard)),
        *(
            house.intervene(heard),
            house.request_evidence(heard, "photo"),
            house.submit_evidence(heard),
            house.rule(heard),
        ),
    ):
        here.do(command)
    rules = builders.a_playbook()
    for dispute in (silent, heard):
        told = [one.event for one in here.store.log if one.stream == dispute]
        assert "NEWER-" not in "".join(event.model_dump_json() for event in told)
        assert all(clock.hours == rules.clocks[clock.name].hours for event in told for clock in clocks_in(event))
        assert here.case(dispute).dispute.stage is Stage.DECIDED
    assert here.payouts() == []


class Provider(ScriptedPayments):
    """Pays, refuses, or pays without anybody hearing of it."""

    async def pay(self, key: UUID, order: PayoutOrdered) -> Paid:
        try:
            return await super().pay(key, order)
        except PaymentUnknown:
            self.paid.setdefault(key, Paid(f"payment of {key}", order.amount))
            raise


REFUSES, GIVES_NO_ANSWER = PaymentRefused("account closed"), PaymentUnknown("no answer in 5 s")
TURNS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(("goes on", "goes on", "dies"))), max_size=14)
ANSWERS = st.lists(st.sampled_from((REFUSES, GIVES_NO_ANSWER)), max_size=3)


@for_all(TURNS, ANSWERS)
def test_invariant_6_a_remedy_line_is_paid_at_most_once_whatever_is_retried_repeated_reordered_or_restarted(
    turns: list[tuple[int, str]], answers: list[Exception]
) -> None:
    here = House()
    dispute = here.accepted()
    [payout] = here.payouts()
    provider = Provider(*answers, stops=True)
    at_work: dict[int, Worker[PayoutState]] = {}
    for who, turn in turns:
        worker = at_work.pop(who, None) or here.worker(provider, payout)
        if turn == "dies":
            worker.dies()
            continue
        with suppress(StopIteration, PayAgain):
            worker.to_next_stop()
            at_work[who] = worker
    for worker in (*reversed(at_work.values()), *[here.worker(provider, payout) for _ in range(4)]):
        with suppress(PayAgain):
            worker.finish()
    money = here.topics(payout)
    assert {key for key, _ in provider.asked} == {payout} == set(provider.paid)
    assert money.count("confirmed") == 1
    assert "sent" not in money[money.index("confirmed") :]
    assert [here.topics(dispute).count(topic) for topic in ("remedy_confirmed", "compensated", "closed")] == [1, 1, 1]


CLOCKS = [
    kind
    for module in modules("infrastructure/http")
    for kind in vars(module).values()
    if isinstance(kind, type)
    and issubclass(kind, BaseModel)
    and {"calendar", "due_at", "on_silence"} & {*kind.model_fields}
    and "hours" in kind.model_fields
]


@pytest.mark.parametrize("kind", {kind.__name__: kind for kind in CLOCKS}.values(), ids=lambda kind: kind.__name__)
def test_invariant_16_a_clock_is_shown_to_nobody_without_whose_it_is_its_calendar_and_what_silence_does(
    kind: type[BaseModel],
) -> None:
    for shown in ("name", "whose", "hours", "calendar", "on_silence"):
        assert kind.model_fields[shown].is_required(), shown


@pytest.mark.parametrize("path", files("domain", "application"), ids=name)
def test_invariant_17_no_rule_computes_with_floats(path: Path) -> None:
    for node in ast.walk(syntax(path)):
        assert not isinstance(node, ast.Div), f"{name(path)}: / gives a float"
        if isinstance(node, ast.Constant):
            assert not isinstance(node.value, float), f"{name(path)}:{node.lineno} {node.value}"
        if isinstance(node, ast.Name):
            assert node.id not in {"float", "Decimal"}, f"{name(path)}:{node.lineno}"


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.TOPIC)
def test_invariant_17_no_stored_event_has_room_for_anything_but_whole_numbers(event: type[Event]) -> None:
    text = json.dumps(event.model_json_schema())
    assert '"type": "number"' not in text
    assert "{}" not in text, "a field of any kind"


ELSEWHERE = (
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "0"},
    {"TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"},
    {"TZ": "Asia/Shanghai", "LC_ALL": "POSIX", "PYTHONHASHSEED": "4294967295", "PYTHONUTF8": "0"},
)


def test_invariant_20_a_stored_history_gives_the_same_state_in_every_time_zone_locale_hash_seed_and_year() -> None:
    histories = [[MAPPER.encode(event) for event in life.events] for life in told_lives().values()]
    here = retelling.digests(histories)
    assert len(set(here)) == len(histories)
    for year, where in zip((1971, 2037, 2399), ELSEWHERE, strict=True):
        assert retelling.digests_elsewhere(histories, where, year) == here

"""The commands that look into a case and build views again, as an operator runs them against a real database."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from application.commands.intake import expire_clock
from application.commands.notice import ReportNotice
from application.policy import Caller
from domain.calendars import ClockName
from infrastructure.bootstrap import MAPPER, view_followers
from infrastructure.deadlines import BEGINNING
from infrastructure.demo import children
from infrastructure.playbooks.reader import COMMON
from infrastructure.postgres.follower import Following
from tests.support import house
from tests.support.builders import PLATFORM, PLATFORM_MACHINE
from tests.support.given import clock_of
from tests.support.hostile.words import KEPT, REFUSED
from tests.support.kitchen import filed, follow, kitchen

if TYPE_CHECKING:
    from uuid import UUID

    from infrastructure.bootstrap import Container
    from tests.support.database import Database

pytestmark = pytest.mark.anyio


def gongduan(database: Database, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infrastructure.cli", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ
        | {
            "GONGDUAN_DATABASE_URL": database.worker_url,
            "GONGDUAN_OWNER_URL": database.owner_url,
            "GONGDUAN_DATA": str(folder),
            "LC_ALL": "C.UTF-8",
        },
    )


async def ruled(container: Container) -> tuple[UUID, str]:
    dispute = await filed(container)
    for command in (house.respond(dispute), house.escalate(dispute), house.intervene(dispute), house.rule(dispute)):
        await container.desk.on_dispute(command)
    case = await container.cases.load(dispute)
    assert case is not None
    return dispute, case.dispute.intake.filed.number


async def test_words_that_speak_to_a_terminal_never_reach_it(database: Database, tmp_path: Path) -> None:
    """What is refused at the door today may have been stored before; words that are kept turn no direction here."""
    words = [*REFUSED.values(), *KEPT.values()]
    words = [word for word in words if "\x00" not in word]
    async with kitchen(database, tmp_path) as container:
        dispute = await filed(container)
        for number, word in enumerate(words):
            await container.desk.on_dispute(house.send_message(dispute, word, key=f"m{number}"))
    await follow(database)

    for language in ("zh", "en"):
        told = gongduan(database, tmp_path, "replay", str(dispute), "--lang", language)
        assert told.returncode == 0, told.stderr
        assert [one for one in told.stdout if one != "\n" and unicodedata.category(one)[0] == "C"] == []
    told = gongduan(database, tmp_path, "replay", str(dispute), "--json")
    assert [one for one in told.stdout if one != "\n" and unicodedata.category(one)[0] == "C"] == []
    stored = [one["event"]["text"] for one in json.loads(told.stdout) if one["topic"] == "dispute.message_sent"]
    assert stored == words


async def test_a_case_is_told_now_as_of_an_event_and_as_of_a_moment(database: Database, tmp_path: Path) -> None:
    async with kitchen(database, tmp_path) as container:
        dispute, number = await ruled(container)
        early = (await container.store.load(dispute))[1].metadata.at
    await follow(database)

    now = gongduan(database, tmp_path, "replay", number, "--lang", "en")
    assert now.returncode == 0, now.stderr
    assert number in now.stdout
    assert "COMMON-PROMISE-1" in now.stdout

    for as_of in ("2", early.isoformat()):
        then = gongduan(database, tmp_path, "replay", str(dispute), "--as-of", as_of, "--lang", "zh")
        assert then.returncode == 0, then.stderr
        assert "协商" in then.stdout
        assert "COMMON-PROMISE-1" not in then.stdout
    again = gongduan(database, tmp_path, "replay", number, "--lang", "en")
    assert again.stdout == now.stdout


async def test_a_case_is_given_as_json_event_by_event(database: Database, tmp_path: Path) -> None:
    async with kitchen(database, tmp_path) as container:
        _, number = await ruled(container)
    await follow(database)
    told = json.loads(gongduan(database, tmp_path, "replay", number, "--as-of", "3", "--json").stdout)
    topics = [one["topic"] for one in told]
    assert topics == ["dispute.filed", "order.disputed", "dispute.merchant_responded", "dispute.escalated"]
    assert all(one["envelope"]["actor"]["id"] for one in told)


@pytest.mark.parametrize("words", [["D-NONE0-NONE0"], ["00000000-0000-0000-0000-000000000001"]])
async def test_a_case_that_is_not_there_is_told_in_a_sentence(
    database: Database, tmp_path: Path, words: list[str]
) -> None:
    ended = gongduan(database, tmp_path, "replay", *words)
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert words[0] in ended.stderr


async def test_a_clock_that_runs_out_brings_the_platform_in_once(database: Database, tmp_path: Path) -> None:
    async with kitchen(database, tmp_path) as container:
        dispute = await filed(container)
        case = await container.cases.load(dispute)
        assert case is not None
        assert clock_of(case.dispute) is not None
        due = clock_of(case.dispute).due_at
        await follow(database)
        await container.clock.set_ahead(due)
        [overdue] = await container.views.due(10, *BEGINNING)
        assert (overdue.dispute, overdue.clock) == (dispute, ClockName.NOTICE)
        for _ in range(2):
            await container.desk.on_dispute(expire_clock(PLATFORM, dispute, ClockName.NOTICE, due))
        await follow(database)
        assert await container.views.due(10, *BEGINNING) == []
        topics = [one.event.TOPIC for one in await container.store.load(dispute)]
    assert topics == ["dispute.filed", "dispute.notice_lapsed"]


async def test_a_decision_by_default_is_explained_and_checked_by_command(database: Database, tmp_path: Path) -> None:
    async with kitchen(database, tmp_path) as container:
        dispute, answered = await filed(container, 1), await filed(container, 2)
        told = ReportNotice(
            caller=Caller(PLATFORM_MACHINE, PLATFORM), key="told", dispute=dispute, channel="app", reference="push-1"
        )
        await container.desk.on_dispute(told)
        case = await container.cases.load(dispute)
        assert case is not None
        assert clock_of(case.dispute) is not None
        await container.clock.set_ahead(clock_of(case.dispute).due_at)
        due = clock_of(case.dispute).due_at
        await container.desk.on_dispute(expire_clock(PLATFORM, dispute, ClockName.ANSWER, due))
    ended = gongduan(database, tmp_path, "explain-default", str(dispute), "--lang", "en")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "The merchant was told: delivered, channel app, receipt push-1" in ended.stdout
    assert "48:00 counted" in ended.stdout
    assert "A second program computes the same." in ended.stdout
    ended = gongduan(database, tmp_path, "explain-default", str(dispute), "--json")
    assert json.loads(ended.stdout)["findings"] == []
    ended = gongduan(database, tmp_path, "explain-default", str(answered), "--lang", "zh")
    assert ended.returncode == 3
    assert "不是缺席判定" in ended.stdout
    ended = gongduan(database, tmp_path, "explain-default", "D-NOTHI-NGHER")
    assert (ended.returncode, ended.stdout) == (1, "")


async def test_rebuilding_by_command_leaves_the_view_as_it_was_and_tells_how_many(
    database: Database, tmp_path: Path
) -> None:
    async with kitchen(database, tmp_path) as container:
        dispute, _ = await ruled(container)
        await follow(database)
        before = await container.views.trail(dispute)
        ended = gongduan(database, tmp_path, "rebuild", "audit_trail")
        assert (ended.returncode, ended.stdout) == (
            0,
            f"audit_trail: built again from {await container.views.head()} events\n",
        )
        assert await container.views.trail(dispute) == before


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["rebuild", "horoscope"], 1, "case_file"),
        (["token", "king", "arthur"], 2, "arbitrator"),
        (["replay", "D-1", "--as-of", "yesterday"], 2, "2026-11-23T14:05+08:00"),
        (["playbook", "check", "/nowhere.yaml"], 2, "/nowhere.yaml"),
        (["frobnicate"], 2, "frobnicate"),
        (["migrate", "--status"], 0, ""),
    ],
)
async def test_bad_words_are_answered_in_a_sentence_with_the_remedy_and_their_exit_code(
    database: Database, tmp_path: Path, words: list[str], code: int, told: str
) -> None:
    ended = gongduan(database, tmp_path, *words)
    assert ended.returncode == code, ended.stderr
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr


async def test_a_playbook_is_checked_published_once_and_listed(database: Database, tmp_path: Path) -> None:
    file = "infrastructure/playbooks/common.yaml"
    checked = gongduan(database, tmp_path, "playbook", "check", file)
    assert (checked.returncode, "nothing wrong" in checked.stdout) == (0, True)
    first = gongduan(database, tmp_path, "playbook", "publish", file, "--by", "writer-zhao")
    again = gongduan(database, tmp_path, "playbook", "publish", file, "--by", "writer-zhao")
    assert "is in force" in first.stdout, first.stderr
    assert "was published before" in again.stdout, again.stderr
    [listed] = json.loads(gongduan(database, tmp_path, "playbook", "list", "--json").stdout)
    assert listed["version"] == "2"
    assert listed["digest"] in first.stdout


async def test_a_token_speaks_for_whom_it_was_signed(database: Database, tmp_path: Path) -> None:
    from infrastructure.http.auth import Verifier
    from infrastructure.privacy.keys import signing_key

    told = gongduan(database, tmp_path, "token", "platform", PLATFORM_MACHINE.id, "--platform", PLATFORM)
    assert Verifier(signing_key(tmp_path / "keys")).caller(told.stdout.strip()) == Caller(PLATFORM_MACHINE, PLATFORM)


async def test_views_are_followed_from_where_they_were_left(database: Database, tmp_path: Path) -> None:
    async with kitchen(database, tmp_path) as container:
        await filed(container, 1)
        await follow(database)
        second = await filed(container, 2)
        counted: list[int] = []
        [case_file, *_] = view_followers()
        await Following(database.worker_url, MAPPER, []).catch_up(case_file, counted.append)
        assert sum(counted) == 3
        assert await container.views.by_number(await number_of(container, second)) == second


async def number_of(container: Container, dispute: UUID) -> str:
    case = await container.cases.load(dispute)
    assert case is not None
    return case.dispute.intake.filed.number


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_service_on_the_embedded_database_ends_in_order_when_told_to(told: signal.Signals) -> None:
    with tempfile.TemporaryDirectory(prefix="gongduan-serve-") as name, socket.create_server(("127.0.0.1", 0)) as probe:
        folder, port = Path(name), probe.getsockname()[1]
        folder.chmod(0o711)
        probe.close()
        environment = {"GONGDUAN_DATA": str(folder / "data"), "GONGDUAN_PAYMENTS_URL": "http://127.0.0.1:9"}
        service = children.start(
            "service",
            "infrastructure.cli",
            "serve",
            "--all",
            "--port",
            str(port),
            environment=environment,
            folder=folder,
        )
        try:
            children.wait_for_health(service, f"http://127.0.0.1:{port}")
            service.process.send_signal(told)
            assert service.process.wait(30) == 0
        finally:
            service.stop()
        assert not (folder / "data" / "postgres" / "data" / "postmaster.pid").exists()


async def test_a_playbook_with_mistakes_is_an_answer_of_no_told_line_by_line(
    database: Database, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(COMMON.replace("hours: 48", "hours: soon"), encoding="utf-8")
    ended = gongduan(database, tmp_path, "playbook", "check", str(broken))
    assert ended.returncode == 3
    wrong = [number for number, line in enumerate(COMMON.splitlines(), start=1) if "hours: 48" in line]
    assert wrong
    assert all(f"ine {number}: " in ended.stderr for number in wrong)

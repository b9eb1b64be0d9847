"""The demo: an embedded database, a payment server, the service; stories played through HTTP; what happened, told."""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from domain.kernel import Role
from infrastructure.demo import children
from infrastructure.demo.children import Child
from infrastructure.demo.play import EndedOtherwise, Place, Play
from infrastructure.demo.stories import STORIES, Story
from infrastructure.http.auth import mint
from infrastructure.playbooks.reader import COMMON, read_playbook
from infrastructure.postgres.embedded import Embedded
from infrastructure.privacy.keys import signing_key
from infrastructure.running import check_port, drop, embedded_database, remove_left_over
from infrastructure.web.sentences import say

if TYPE_CHECKING:
    from infrastructure.http.language import Language
    from infrastructure.settings import Settings

PLATFORM: Final = "common"
HOURS: Final = 12.0
PREFIX: Final = "demo_"
WATCH_S: Final = 0.5
ANSWER_S: Final = "1.5"  # how long the service waits for the payment server, which once does not answer


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person who starts the demo asks for."""

    leave: bool
    language: Language
    playbook: Path | None = None
    payment_answers: Path | None = None


class Demo:
    """One run: everything is started in order and ended in the opposite one."""

    def __init__(self, settings: Settings, wishes: Wishes) -> None:
        self.settings = settings
        self.wishes = wishes
        self.out = Console(highlight=False, soft_wrap=True)
        self.talk = Console(stderr=True, highlight=False, soft_wrap=True)
        self.stack = ExitStack()
        self.children: list[Child] = []
        self.cases: list[str] = []

    def run(self) -> int:
        """Play every story; 0 when all ended as told."""
        # A closed terminal or a plain kill must end the children, too, which have sessions of their own.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        check_port(self.settings.host, self.settings.port)
        source = self.wishes.playbook.read_text(encoding="utf-8") if self.wishes.playbook else COMMON
        read_playbook(source)  # a mistake in it is told before anything is started
        with self.stack:
            server, place = self._start()
            self._publish(place, source)
            failed = self._play(place)
            self._say_farewell(place, failed)
            if not self.wishes.leave:
                self._stay(server)
            return 1 if failed else 0

    def _say(self, key: str, **params: object) -> str:
        return say(self.wishes.language, f"demo.{key}", **params)

    def _start(self) -> tuple[Embedded, Place]:
        began = time.monotonic()
        server = self.stack.enter_context(Embedded(self.settings.data / "postgres"))
        name = f"{PREFIX}{os.getpid()}_{int(time.time())}"
        remove_left_over(server, PREFIX)
        self.stack.callback(drop, server, name)
        settings = embedded_database(self.settings, server, name)
        current = self.settings.data / "current-database"
        current.write_text(name)
        self.stack.callback(current.unlink, missing_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="gongduan-demo-"))
        self.stack.callback(shutil.rmtree, folder, ignore_errors=True)
        token = secrets.token_urlsafe(16)
        answers = ("--answers", str(self.wishes.payment_answers)) if self.wishes.payment_answers else ()
        payments = self._child(
            "payment server",
            "infrastructure.payments.provider",
            "--ledger",
            str(folder / "ledger.jsonl"),
            *answers,
            environment={"GONGDUAN_PAYMENTS_TOKEN": token},
            folder=folder,
        )
        payments_url = children.wait_for_line(payments, "listening on ")
        assert settings.database_url is not None  # noqa: S101 - embedded_database has just set it
        service = self._child(
            "service",
            "infrastructure.cli",
            "serve",
            "--all",
            environment={
                "GONGDUAN_DATABASE_URL": settings.database_url.get_secret_value(),
                "GONGDUAN_DATA": str(self.settings.data),
                "GONGDUAN_HOST": self.settings.host,
                "GONGDUAN_PORT": str(self.settings.port),
                "GONGDUAN_PAYMENTS_URL": payments_url,
                "GONGDUAN_PAYMENTS_TOKEN": token,
                "GONGDUAN_PAYMENTS_TIMEOUT_S": ANSWER_S,
            },
            folder=folder,
        )
        address = f"http://{self.settings.host}:{self.settings.port}"
        children.wait_for_health(service, address)
        key = signing_key(self.settings.data / "keys")
        self.talk.print(self._say("started", seconds=f"{time.monotonic() - began:.1f}"))
        return server, Place(
            service=address,
            payments=payments_url,
            payments_token=token,
            token=lambda role, who: mint(key, Role(role), who, PLATFORM, HOURS),
            language=self.wishes.language,
        )

    def _child(self, name: str, module: str, *arguments: str, environment: dict[str, str], folder: Path) -> Child:
        child = children.start(name, module, *arguments, environment=environment, folder=folder)
        self.stack.callback(child.stop)
        self.children.append(child)
        return child

    def _publish(self, place: Place, source: str) -> None:
        writer = Play(place, "playbook", lambda _: None).person("rule_writer", "writer-zhao")
        writer.post("/v1/playbooks", {"source": source})

    def _play(self, place: Place) -> list[str]:
        failed: list[str] = []
        for number, story in enumerate(STORIES, start=1):
            title = story.zh if self.wishes.language == "zh" else story.en
            self.talk.print(f"\n[bold]{number}/{len(STORIES)} {story.name}[/] · {title}")
            try:
                case = self._with_progress(place, story)
            except EndedOtherwise as otherwise:
                failed.append(story.name)
                self.talk.print(self._say("otherwise", story=story.name, what=otherwise), style="red", markup=False)
                for child in self.children:
                    child.check()
                continue
            self.cases.append(case)
            auditor = Play(place, story.name, lambda _: None).person("auditor", "auditor-sun")
            self.out.print(auditor.call("GET", f"/v1/disputes/{case}/account").text, markup=False)
        return failed

    def _with_progress(self, place: Place, story: Story) -> str:
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
        with Progress(*columns, console=self.talk, transient=True, disable=not self.talk.is_terminal) as progress:
            task = progress.add_task(story.name, total=story.steps)

            def tell(step: str) -> None:
                said = self._say(f"step.{step}")
                if self.talk.is_terminal:
                    progress.update(task, advance=1, description=said)
                else:
                    self.talk.print(f"  {said}")

            return story.play(Play(place, story.name, tell))

    def _say_farewell(self, place: Place, failed: list[str]) -> None:
        told = len(STORIES) - len(failed)
        self.talk.print("\n" + self._say("summary", told=told, all=len(STORIES)), style="bold")
        if failed:
            self.talk.print(self._say("failed", stories=", ".join(failed)), style="red", markup=False)
        if self.wishes.leave or not self.cases:
            return
        auditor = Play(place, "farewell", lambda _: None).person("auditor", "auditor-sun")
        case = self.cases[0]
        number = auditor.get(f"/v1/disputes/{case}")["number"]
        words = self._say(
            "addresses",
            service=place.service,
            token=place.token("auditor", "auditor-sun"),
            case=case,
            replay=f"GONGDUAN_DATA={shlex.quote(str(self.settings.data))} {shlex.quote(sys.argv[0])} replay {number}",
        )
        self.out.print(words, markup=False)

    def _stay(self, server: Embedded) -> None:
        self.talk.print(self._say("stay"))
        try:
            while True:
                time.sleep(WATCH_S)
                if server.restart_if_dead():
                    self.talk.print(self._say("database_restarted"))
                for child in self.children:
                    child.check()
        except KeyboardInterrupt:
            self.talk.print(self._say("ending"))

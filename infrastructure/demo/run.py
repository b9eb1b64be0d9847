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
from rich.table import Column

from domain.kernel import Role
from infrastructure.demo import children
from infrastructure.demo.children import Child
from infrastructure.demo.play import EndedOtherwise, Place, Play
from infrastructure.demo.stories import STORIES, Story
from infrastructure.demo.telling import End, tell_story
from infrastructure.http.auth import mint
from infrastructure.playbooks.reader import COMMON, read_playbook
from infrastructure.postgres.embedded import Embedded
from infrastructure.privacy.keys import signing_key
from infrastructure.running import check_port, drop, embedded_database, remove_left_over
from infrastructure.web.plain_text import COLUMNS, wrapped
from infrastructure.web.sentences import say

if TYPE_CHECKING:
    from infrastructure.http.language import Language
    from infrastructure.settings import Settings

HOURS: Final = 12.0
INDENT: Final = 4  # columns before a title's second line, for its number
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
    stories: tuple[Story, ...] = STORIES


@dataclass(frozen=True, slots=True)
class Ended:
    """A story that ended as told, and its case."""

    story: Story
    play: Play
    case: str

    @property
    def end(self) -> End:
        """How the case ended."""
        return End.of(self.play.auditor.sees(self.case))


class Demo:
    """One run: everything is started in order and ended in the opposite one."""

    def __init__(self, settings: Settings, wishes: Wishes) -> None:
        self.settings = settings
        self.wishes = wishes
        self.out = Console(highlight=False, soft_wrap=True)
        self.talk = Console(stderr=True, highlight=False, soft_wrap=True)
        self.stack = ExitStack()
        self.children: list[Child] = []
        self.ended: list[Ended] = []

    def run(self) -> int:
        """Play every story; 0 when all ended as told."""
        # A closed terminal or a plain kill must end the children, too, which have sessions of their own.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        check_port(self.settings.host, self.settings.port)
        source = self.wishes.playbook.read_text(encoding="utf-8") if self.wishes.playbook else COMMON
        read_playbook(source)  # a mistake in it is told before anything is started
        with self.stack:
            server, place = self._start(source)
            Play(place).publish()
            failed = self._play(place)
            self._say_farewell(place, failed)
            if not self.wishes.leave:
                self._stay(server)
            return 1 if failed else 0

    @property
    def _width(self) -> int:
        return min(self.out.width, COLUMNS) if self.out.is_terminal else COLUMNS

    def _say(self, key: str, **params: object) -> str:
        return say(self.wishes.language, f"demo.{key}", **params)

    def _start(self, rules: str) -> tuple[Embedded, Place]:
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
            token=lambda role, who, platform: mint(key, Role(role), who, platform, HOURS),
            language=self.wishes.language,
            rules=rules,
        )

    def _child(self, name: str, module: str, *arguments: str, environment: dict[str, str], folder: Path) -> Child:
        child = children.start(name, module, *arguments, environment=environment, folder=folder)
        self.stack.callback(child.stop)
        self.children.append(child)
        return child

    def _play(self, place: Place) -> list[str]:
        """Play and tell each story; answers the names of those that ended otherwise."""
        failed: list[str] = []
        for number, story in enumerate(self.wishes.stories, start=1):
            play = Play(place)
            try:
                case = self._with_progress(number, story, play)
            except EndedOtherwise as otherwise:
                failed.append(story.name)
                self.talk.print(self._say("otherwise", story=story.name, what=otherwise), style="red", markup=False)
                for child in self.children:
                    child.check()
                continue
            ended = Ended(story, play, case)
            self.ended.append(ended)
            title = wrapped(story.title(self.wishes.language), f"{number}. ", " " * INDENT, self._width)
            self.out.print("", *title, sep="\n", style="bold", markup=False)
            self.out.print(*tell_story(play, case, self._width), sep="\n", markup=False)
        return failed

    def _with_progress(self, number: int, story: Story, play: Play) -> str:
        """Play a story, with a bar of all of them in a terminal and a line for each elsewhere."""
        count, title = len(self.wishes.stories), story.title(self.wishes.language)
        if not self.talk.is_terminal:
            self.talk.print(f"{number}/{count} {story.name}")
        said = TextColumn("{task.completed}/{task.total} {task.description}", table_column=Column(no_wrap=True))
        columns = (BarColumn(bar_width=count), said)
        # The bar is gone before the story is told: that goes to another stream, and to the same terminal.
        with Progress(*columns, console=self.talk, transient=True, disable=not self.talk.is_terminal) as progress:
            progress.add_task(title, total=count, completed=number - 1)
            return story.run(play)

    def _say_farewell(self, place: Place, failed: list[str]) -> None:
        self._say_ends()
        told = len(self.ended)
        self.talk.print("\n" + self._say("summary", told=told, all=told + len(failed)), style="bold")
        if failed:
            self.talk.print(self._say("failed", stories=", ".join(failed)), style="red", markup=False)
        if self.wishes.leave or not self.ended:
            return
        first = self.ended[0]
        data, program = shlex.quote(str(self.settings.data)), shlex.quote(sys.argv[0])
        words = self._say(
            "addresses",
            service=place.service,
            token=place.token("auditor", first.play.auditor.id, first.play.platform_id),
            case=first.case,
            replay=f"GONGDUAN_DATA={data} {program} replay {first.end.number}",
        )
        self.out.print(words, markup=False)

    def _say_ends(self) -> None:
        """The stories that were told, each with its case, how that ended and what was paid."""
        if not self.ended:
            return
        self.out.print("", self._say("ends"), sep="\n", style="bold", markup=False)
        language = self.wishes.language
        for one in self.ended:
            end = one.end
            first = f"{self.wishes.stories.index(one.story) + 1}. ".rjust(INDENT)
            lines = wrapped(one.story.title(language), first, " " * INDENT, self._width)
            lines += wrapped(f"{end.number} · {end.told(language)}", " " * INDENT, width=self._width)
            self.out.print(*lines, sep="\n", markup=False)

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

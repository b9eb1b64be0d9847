"""The demo's child processes: each in a session of its own, watched, and ended in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import httpx2

if TYPE_CHECKING:
    from pathlib import Path

START_S: Final = 30.0
STOP_S: Final = 10.0


class ChildDied(Exception):
    """A part of the demo ended by itself; the message holds its last words."""


@dataclass(slots=True)
class Child:
    """A child process and the file that it writes to."""

    name: str
    process: subprocess.Popen[bytes]
    output: Path

    def check(self) -> None:
        """Raise ChildDied when it has ended."""
        if self.process.poll() is not None:
            msg = f"the {self.name} ended by itself (exit code {self.process.returncode}): {self.last_words()}"
            raise ChildDied(msg)

    def last_words(self) -> str:
        """The end of what it wrote."""
        lines = self.output.read_text(errors="replace").strip().splitlines()
        return lines[-1][:400] if lines else "it wrote nothing"

    def stop(self) -> None:
        """Ask it to end, wait, and insist."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def start(name: str, module: str, *arguments: str, environment: dict[str, str], folder: Path) -> Child:
    """Start a module of ours with this interpreter; Ctrl-C of the terminal does not reach it."""
    output = folder / f"{name.replace(' ', '-')}.log"
    with output.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own module, our own interpreter
            [sys.executable, "-m", module, *arguments],
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Child(name, process, output)


def wait_for_line(child: Child, beginning: str) -> str:
    """The rest of the first line that begins so."""
    give_up = time.monotonic() + START_S
    while time.monotonic() < give_up:
        for line in child.output.read_text(errors="replace").splitlines():
            if line.startswith(beginning):
                return line.removeprefix(beginning).strip()
        child.check()
        time.sleep(0.02)
    msg = f"the {child.name} did not start within {START_S:.0f} s: {child.last_words()}"
    raise ChildDied(msg)


def wait_for_health(child: Child, address: str) -> None:
    """Return when the service answers."""
    give_up = time.monotonic() + START_S
    with httpx2.Client(trust_env=False, timeout=2.0) as client:
        while time.monotonic() < give_up:
            child.check()
            try:
                if client.get(f"{address}/health").is_success:
                    return
            except httpx2.TransportError:
                pass
            time.sleep(0.03)
    msg = f"the {child.name} did not answer within {START_S:.0f} s: {child.last_words()}"
    raise ChildDied(msg)

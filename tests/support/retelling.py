"""Stored histories told again, here or in a process that lives elsewhere: what they come to, as a digest.

python -m tests.support.retelling YEAR < histories.json
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Stored = tuple[str, bytes]  # topic and state, as they lie in the log


def digests(histories: Iterable[Sequence[Stored]]) -> list[str]:
    """What each dispute's history comes to: its whole state, and what everybody may do next."""
    from domain.dispute.actions import next_actions
    from infrastructure.bootstrap import MAPPER
    from tests.support.builders import EVERYONE, a_playbook
    from tests.support.given import fold

    rules = a_playbook()
    found = []
    for history in histories:
        state = fold(*(MAPPER.decode(topic, stored) for topic, stored in history))
        told = plain(state), [plain(next_actions(state, rules, viewer)) for viewer in EVERYONE]
        found.append(hashlib.sha256(json.dumps(told).encode()).hexdigest())
    return found


def plain(value: Any) -> Any:
    """A value as JSON in one way only: what has an order keeps it, a set has none."""
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__name__, [[one.name, plain(getattr(value, one.name))] for one in fields(value)]]
    if hasattr(type(value), "model_fields"):
        return [type(value).__name__, [[one, plain(getattr(value, one))] for one in type(value).model_fields]]
    if isinstance(value, dict):
        return [[plain(key), plain(one)] for key, one in value.items()]
    if isinstance(value, frozenset):
        return sorted(json.dumps(plain(one)) for one in value)
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value if value is None or isinstance(value, bool | int) else str(value)


def digests_elsewhere(histories: Sequence[Sequence[Stored]], where: Mapping[str, str], year: int) -> list[str]:
    """The same, told by a new process with this environment, whose clock stands in that year."""
    text = json.dumps([[[topic, state.decode()] for topic, state in history] for history in histories])
    here = {name: value for name, value in os.environ.items() if name != "LANG" and not name.startswith("LC_")}
    ended = subprocess.run(
        [sys.executable, "-m", "tests.support.retelling", str(year)],
        input=text.encode(),
        env={**here, **where},
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr.decode(errors="replace")
    found: list[str] = json.loads(ended.stdout)
    return found


def _set_the_clock(year: int) -> None:
    """For all who ask Python's `time`; that no rule asks a clock at all is a test of the layers."""
    moment = time.mktime((year, 7, 1, 12, 0, 0, 0, 0, -1))
    local, utc = time.localtime, time.gmtime
    time.time = lambda: moment
    time.time_ns = lambda: int(moment) * 10**9
    time.localtime = lambda seconds=None: local(moment if seconds is None else seconds)
    time.gmtime = lambda seconds=None: utc(moment if seconds is None else seconds)


def main() -> None:
    """Tell what comes in at standard input; the clock is set before anything of ours is loaded."""
    _set_the_clock(int(sys.argv[1]))
    told = json.load(sys.stdin.buffer)
    sys.stdout.write(json.dumps(digests([[(topic, text.encode()) for topic, text in one] for one in told])))


if __name__ == "__main__":
    main()

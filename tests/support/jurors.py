"""People and jurors for the tests of juries: somebody who may be in a pool, changed as a test likes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.jury import juror as jurors
from domain.jury.juror import Juror
from domain.jury.person import Facts, Link, LinkKind, Person
from domain.kernel import Actor, Role
from tests.support.builders import hours
from tests.support.jury import PLAYBOOK, digits

NOW = hours(0)


def account(name: str) -> Actor:
    return Actor(role=Role.JUROR, id=name)


def facts(**changes: Any) -> Facts:
    usual: dict[str, Any] = {
        "real_name": True,
        "registered_at": NOW - timedelta(days=400),
        "clean_since": NOW - timedelta(days=400),
        "bought": 10,
        "sold": 10,
        "knows": ("cameras",),
    }
    return Facts(**(usual | changes))


def person(name: str = "user-1", **changes: Any) -> Person:
    return Person(name, facts(**changes))


def link(kind: LinkKind = LinkKind.DEVICE, word: str = "the phone") -> Link:
    return Link(kind=kind, digest=digits(kind, word))


def judged(juror: Juror | None, case: str, choice: Any = None, sure: int = 80, at: Any = None) -> Juror:
    """The juror after a mock case, judged rightly unless a choice is given."""
    right = next(one.right for one in PLAYBOOK.mock_cases if one.id == case)
    (event,) = jurors.judge_mock_case(
        juror,
        PLAYBOOK.mock_cases,
        case,
        choice or right,
        sure,
        playbook_digest=digits("playbook"),
        retry_hours=24,
        by=account("user-1"),
        at=at or NOW,
    )
    return jurors.evolve(juror, event)


def enrolled(name: str = "user-1", days: float = 30) -> Juror:
    """Somebody who enrolled so long ago."""
    (event,) = jurors.enrol(None, "xianyu", by=account(name), at=NOW - timedelta(days=days))
    return jurors.evolve(None, event)


def a_juror(name: str = "user-1", days: float = 30) -> Juror:
    """Somebody who may be in a pool."""
    juror = enrolled(name, days)
    for case in PLAYBOOK.mock_cases:
        juror = judged(juror, case.id)
    return juror

"""Who may be drawn for a case: the eligible, by side, experience and knowledge of the goods, under their pseudonyms."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from domain.jury.juror import unmet
from domain.jury.pool import Member, pseudonym

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from domain.jury.juror import Juror
    from domain.jury.person import Person
    from domain.jury.profile import Eligibility


class Candidate(NamedTuple):
    """Somebody who enrolled, what the platform vouches for, and how many cases they have judged."""

    person: Person
    juror: Juror
    judged: int


class Gathered(NamedTuple):
    """A pool in the order in which it is sealed, and whose pseudonym is whose; the second is never published."""

    members: tuple[Member, ...]
    accounts: dict[str, str]


def gather(
    candidates: Sequence[Candidate], rules: Eligibility, category: str | None, secret: bytes, at: datetime
) -> Gathered:
    """The pool of a case about goods of this category: whoever is eligible now.

    Experienced is who has judged at least as many cases as half of the pool have; all are while nobody has judged any.
    """
    eligible = [one for one in candidates if not unmet(rules, one.person, one.juror, at)]
    usual = sorted(one.judged for one in eligible)[len(eligible) // 2] if eligible else 0
    accounts = {pseudonym(secret, one.person.account): one for one in eligible}
    members = tuple(
        Member(
            pseudonym=name,
            side=one.person.facts.side,
            experienced=one.judged >= usual,
            knows_goods=category in one.person.facts.knows,
        )
        for name, one in sorted(accounts.items())
    )
    return Gathered(members, {name: one.person.account for name, one in accounts.items()})

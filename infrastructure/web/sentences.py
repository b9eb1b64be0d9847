"""Every sentence in two languages, by key from the catalogues; money, times and codes as people write them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from enum import Enum
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import UUID

from babel.dates import format_datetime
from babel.messages.pofile import read_po

from application.commands.intake import case_number
from application.reconciliation import Discrepancy
from domain.audit.access import Part
from domain.calendars import ClockName
from domain.dispute.admission import ChallengeGround
from domain.dispute.appeal import AppealGround, AppealState
from domain.dispute.closing import ReopeningGround
from domain.dispute.correction import CorrectionKind
from domain.dispute.intake import Answer, Outcome
from domain.dispute.link import LinkKind
from domain.dispute.negotiation import OfferState
from domain.dispute.note import NoteKind
from domain.dispute.notice import Bounce, Service
from domain.dispute.outside import RefundSource
from domain.dispute.pause import PauseGround
from domain.dispute.review import ConflictGround
from domain.dispute.rounds import RequestState
from domain.dispute.stages import Stage
from domain.kernel import Actor, Bilingual, Role
from domain.money import DIGITS, Money, Tender
from domain.playbook.playbook import Finding, Nature, RemedyKind
from domain.remedy.payout import PayoutState
from infrastructure.web.plain_text import neutral

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Language = Literal["zh", "en"]

LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
LOCALES: Final[Mapping[Language, str]] = {"zh": "zh_Hans", "en": "en"}
BEIJING: Final = timezone(timedelta(hours=8))
KIB: Final = 1024
LONG_HOURS: Final = 72  # from here on hours are told as days, too

# The catalogue's first word for each kind of code.
VOCABULARIES: Final[Mapping[type[Enum], str]] = {
    Role: "role",
    Stage: "stage",
    Nature: "nature",
    RemedyKind: "remedy",
    Tender: "tender",
    Answer: "answer",
    Finding: "finding",
    CorrectionKind: "correction_kind",
    Outcome: "outcome",
    OfferState: "offer_state",
    PayoutState: "payout_state",
    RefundSource: "refund_source",
    Discrepancy: "discrepancy",
    ClockName: "clock",
    Service: "service",
    Bounce: "bounce",
    PauseGround: "pause_ground",
    ConflictGround: "conflict_ground",
    LinkKind: "link_kind",
    NoteKind: "note_kind",
    ChallengeGround: "challenge_ground",
    RequestState: "request_state",
    AppealGround: "appeal_ground",
    AppealState: "appeal_state",
    ReopeningGround: "reopening_ground",
    Part: "sight",
}
# Refusals tell codes as text; these are the vocabularies that a detail of this name may come from.
CODED: Final[Mapping[str, tuple[str, ...]]] = {
    "stage": ("stage",),
    "done_in": ("stage",),
    "remedy": ("remedy",),
    "remedies": ("remedy",),
    "open": ("remedy",),
    "known": ("remedy",),
    "finding": ("finding",),
    "kind": ("correction_kind", "exhibit_kind"),
    "kinds": ("exhibit_kind",),
    "media_type": ("media_type",),
    "allowed": ("media_type",),
    "channel": ("channel",),
    "role": ("role",),
    "answer": ("answer",),
    "state": ("offer_state", "payout_state", "appeal_state"),
    "operation": ("action",),
    "calendar": ("calendar",),
}
CASES: Final = frozenset(("dispute", "disputes", "lines"))  # where ids of cases stand, told by their numbers
CASE_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@cache
def catalogue(language: Language) -> dict[str, str]:
    """All sentences of a language by key."""
    folder = files("infrastructure.web").joinpath("locales")
    found: dict[str, str] = {}
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(f"{LOCALES[language]}.po"):
            read = read_po(StringIO(file.read_text(encoding="utf-8")), abort_invalid=True)
            found |= {str(message.id): str(message.string) for message in read if message.id}
    return found


def say(language: Language, key: str, /, **params: object) -> str:
    """The sentence of this key; what is put in is written as people write it, and people's text is made harmless."""
    currency = params.get("currency")
    if currency in DIGITS:  # a refusal tells amounts in minor units beside their currency
        params |= {
            name: Money(minor=minor, currency=str(currency))
            for name in ("amount", "at_most")
            if isinstance(minor := params.get(name), int)
        }
    shown = _Shown({name: _written(language, name, value) for name, value in params.items()})
    return catalogue(language)[key].format_map(shown)


class _Shown(dict[str, str]):
    """A detail that a refusal did not bring must not break the refusal."""

    def __missing__(self, name: str) -> str:
        return "–"


def _written(language: Language, name: str, value: Any) -> str:  # noqa: ANN401, C901 - whatever a refusal tells
    match value:
        case None:
            return "–"
        case Money():
            return money(language, value)
        case datetime():
            return time(language, value)
        case Actor():
            return actor(language, value)
        case Bilingual():
            return chosen(language, value)
        case Enum() if type(value) in VOCABULARIES:
            return word(language, value)
        case int() if name.endswith("_bytes"):
            return size(value)
        case [{"zh": _, "en": _}, *_]:  # whole sentences
            return "\n".join(neutral(one[language]) for one in value)
        case list() | tuple():
            return listed(language, (_written(language, name, one) for one in value))
        case dict():
            return listed(
                language, (f"{neutral(str(key))} → {_written(language, name, one)}" for key, one in value.items())
            )
        case _:
            return _code_or_text(language, name, str(value))


def _code_or_text(language: Language, name: str, text: str) -> str:
    if name in CASES and CASE_ID.fullmatch(text):
        return case_number(UUID(text))
    words = (catalogue(language).get(f"{kind}.{text}") for kind in CODED.get(name, ()))
    return next((found for found in words if found), neutral(text))


def word(language: Language, code: Enum) -> str:
    """The word of the field for a code: a role, a stage, a remedy and so on."""
    return catalogue(language)[f"{VOCABULARIES[type(code)]}.{code.value}"]


def chosen(language: Language, sentence: Bilingual) -> str:
    """The sentence in this language."""
    return neutral(sentence.zh if language == "zh" else sentence.en)


def listed(language: Language, words: Iterable[str]) -> str:
    """The words one after the other, or the word for none."""
    return catalogue(language)["format.list"].join(words) or catalogue(language)["format.none"]


def money(language: Language, amount: Money) -> str:
    """`890.00 元` or `CNY 890.00`; other currencies by their code in both languages."""
    if language == "zh" and amount.currency == "CNY":
        return f"{str(amount).removeprefix('CNY ')} 元"
    return str(amount)


def time(language: Language, at: datetime) -> str:
    """`2026年3月2日 14:05（北京时间）` or `2 March 2026, 14:05 (UTC+8)`."""
    return _formatted(language, "format.time", at)


def moment(language: Language, at: datetime) -> str:
    """The same without the zone, for lists whose heading says it."""
    return _formatted(language, "format.moment", at)


def _formatted(language: Language, key: str, at: datetime) -> str:
    return format_datetime(at.astimezone(BEIJING), catalogue(language)[key], locale=LOCALES[language])


def hours(language: Language, count: int) -> str:
    """`48 小时` or `48 hours`; from three days on `7 天` or `7 days`, of 24 hours each, where they are whole."""
    if count >= LONG_HOURS and count % 24 == 0:
        return say(language, "format.days", days=count // 24)
    return say(language, "format.hours.one" if count == 1 else "format.hours.many", hours=count)


def size(count: int) -> str:
    """`812 B`, `120 kB` or `3.4 MB`, of 1,024 each as disks and phones count."""
    if count < KIB:
        return f"{count} B"
    if count < KIB * KIB:
        return f"{count / KIB:.0f} kB"
    return f"{count / KIB / KIB:.1f} MB".replace(".0 MB", " MB")


def actor(language: Language, who: Actor, *, named: bool = True) -> str:
    """`买家 b-1` or `buyer b-1`; without the id where the reader may not know it."""
    role = word(language, who.role)
    if who.role is Role.SERVICE:
        return role
    told = say(language, "actor.named", role=role, id=who.id) if named else role
    if who.on_behalf_of is not None and named:
        told = say(language, "actor.behalf", actor=told, id=who.on_behalf_of)
    return say(language, "actor.tool", actor=told) if who.is_tool else told


def person(language: Language, role: Role, person_id: str) -> str:
    """A party or payer by role and id."""
    return say(language, "actor.named", role=role, id=person_id)

"""In which of the two languages a caller is answered."""

from __future__ import annotations

from typing import Annotated, Literal

from babel import negotiate_locale
from fastapi import Depends, Request

from domain.kernel import Bilingual

Language = Literal["zh", "en"]


def language_of(request: Request) -> Language:
    """The first language of Accept-Language that is spoken here; English where none is."""
    header = request.headers.get("accept-language", "")
    wanted = [part.split(";")[0].strip().replace("-", "_") for part in header.split(",")]
    found = negotiate_locale([*wanted, *(one.split("_")[0] for one in wanted)], ["zh", "en"])
    return "zh" if found == "zh" else "en"


def chosen(sentence: Bilingual, language: Language) -> str:
    """The sentence in this language."""
    return sentence.zh if language == "zh" else sentence.en


async def _asked(request: Request) -> Language:
    """The same as a dependency: asynchronous, because the framework takes each other one to a thread and back."""
    return language_of(request)


InLanguage = Annotated[Language, Depends(_asked)]

"""Who saw what of a case: a stream of its own beside each dispute, so that looking does not move the case."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from domain.kernel import Act, Code, Digest, derived_id


class Part(StrEnum):
    """What of a case was shown."""

    FILE = "file"
    TRAIL = "trail"
    ACCOUNT = "account"


class ExhibitForm(StrEnum):
    """In which form an exhibit was given."""

    ORIGINAL = "original"
    VIEW = "view"  # the image drawn anew: its pixels and nothing else that the file holds


class CaseViewed(Act):
    """Somebody was shown a part of the case as it stood at `version`; what of it, follows from role and version."""

    TOPIC: ClassVar[str] = "access.case_viewed"
    dispute: UUID
    version: Annotated[int, Field(ge=1)]
    part: Part


class ExhibitOpened(Act):
    """Somebody was given an exhibit; `digest` is the original's, in whichever form it was given.

    `form` is absent where that was not yet recorded.
    """

    TOPIC: ClassVar[str] = "access.exhibit_opened"
    VERSION: ClassVar[int] = 2
    dispute: UUID
    version: Annotated[int, Field(ge=1)]
    exhibit: Code
    digest: Digest
    form: ExhibitForm | None


AccessEvent = CaseViewed | ExhibitOpened


def access_stream(dispute: UUID) -> UUID:
    """The id of the stream of who saw what of a dispute."""
    return derived_id("case_access", str(dispute))

"""The ballot: what a juror decides and why, its commitment, and the one length that all have before they are sealed."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field, StringConstraints

from domain.kernel import NO_NUL, Digest, Unacceptable, Value

if TYPE_CHECKING:
    from uuid import UUID

REASON_CHARS_MAX: Final = 500
PADDED_BYTES: Final = 3_584  # 500 characters of any script, escaped as JSON may escape them, with all around them


class Choice(StrEnum):
    """For whom a juror finds; who refuses to decide uses the seat and counts for neither side."""

    BUYER = "buyer"
    SELLER = "seller"
    REFUSED = "refused"


class Because(StrEnum):
    """What a juror's choice rests on."""

    LISTING = "listing"
    PHOTOS = "photos"
    CHAT = "chat"
    RECORDS = "records"
    BURDEN = "burden"
    UNCLEAR = "unclear"


class Ballot(Value):
    """A juror's choice with its grounds and reason; `salt` keeps the commitment from telling the choice."""

    choice: Choice
    because: Annotated[tuple[Because, ...], Field(max_length=len(Because))] = ()
    reason: Annotated[str, StringConstraints(max_length=REASON_CHARS_MAX, pattern=NO_NUL)] = ""
    salt: Digest


class ReasonMissing(Unacceptable):
    """Whoever finds for a side says why, in words or by a ground; only who refuses to decide need not."""

    CODE = "reason_missing"


def check_reason(choice: Choice, because: tuple[Because, ...], reason: str) -> None:
    """Refuse a choice for a side without a reason."""
    if choice is not Choice.REFUSED and not because and not reason.strip():
        raise ReasonMissing


def commitment(panel: UUID, seat: int, choice: Choice, salt: str) -> str:
    """What a juror gets for a receipt: SHA-256 over these lines, UTF-8. Without the salt it does not tell the choice.

    A panel is of one dispute and round, so its id binds both.
    """
    lines = ("gongduan ballot v1", f"panel {panel}", f"seat {seat}", f"choice {choice}", f"salt {salt}")
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def encode(ballot: Ballot) -> bytes:
    """The ballot as bytes of the one length, whatever it says."""
    return ballot.model_dump_json().encode().ljust(PADDED_BYTES)


def decode(content: bytes) -> Ballot:
    """The ballot that the bytes say."""
    return Ballot.model_validate_json(content)

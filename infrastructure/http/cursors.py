"""Cursors of lists: the place of the last row, so that a page stays right when rows are added before it."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.kernel import Unacceptable


class BadCursor(Unacceptable):
    """The cursor is not one that a list has given."""

    CODE = "bad_cursor"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Behind this row the next page begins."""

    at: datetime
    dispute: UUID


def write_cursor(cursor: Cursor) -> str:
    """The cursor as a text for the address."""
    return base64.urlsafe_b64encode(f"{cursor.at.isoformat()} {cursor.dispute}".encode()).decode()


def read_cursor(text: str | None) -> Cursor | None:
    """The cursor that a list gave."""
    if text is None:
        return None
    try:
        at, dispute = base64.b64decode(text.encode(), altchars=b"-_", validate=True).decode().split(" ")
        cursor = Cursor(datetime.fromisoformat(at), UUID(dispute))
    except (ValueError, binascii.Error):
        raise BadCursor from None
    if cursor.at.tzinfo is None:
        raise BadCursor
    return cursor

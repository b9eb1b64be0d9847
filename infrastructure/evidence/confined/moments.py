"""Moments as files write them: a local time, and seldom of which zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

# 2026:11:20 10:00:00+08:00 in a photo, D:20261120100000+08'00' in a document
WRITTEN: Final = re.compile(
    r"(\d{4}):?(\d\d):?(\d\d) ?(\d\d):?(\d\d):?(\d\d)(?:([+-])(\d\d)[:']?(\d\d)|(Z))?", re.ASCII
)
WEST, EAST = timedelta(hours=-12), timedelta(hours=14)  # of all zones


def moments(text: str) -> dict[str, object]:
    """The earliest and the latest moment that is meant; nothing where it is no time."""
    if not (found := WRITTEN.search(text)):
        return {}
    *date, sign, hours, minutes, utc = found.groups()
    try:
        local = datetime(*(int(one) for one in date), tzinfo=UTC)  # type: ignore[misc,arg-type] # six numbers
    except ValueError:
        return {}
    if not sign and not utc:
        return between(local - EAST, local - WEST)
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    return between(local - offset, local - offset)


def between(earliest: datetime, latest: datetime) -> dict[str, object]:
    """The two as they are told."""
    return {"earliest": earliest.isoformat(), "latest": latest.isoformat()}

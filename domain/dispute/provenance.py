"""What a file itself tells of where it comes from, a part of evidence: facts for people to weigh, that decide nothing.

Neither a place nor a name nor the number of a device is kept: only that the file holds one. A file can tell what it
likes, and most programs that send photos take all of it out, so its silence means nothing either.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.kernel import Moment, Value

COUNT_MAX = 1_000_000


class ProvenanceCode(StrEnum):
    """What can be found; a closed list."""

    HAS_POSITION = "has_position"
    HAS_CAMERA = "has_camera"
    NAMES_SOFTWARE = "names_software"
    HAS_TIME = "has_time"
    MADE_BEFORE_ORDER = "made_before_order"
    MADE_AFTER_FILING = "made_after_filing"
    NO_METADATA = "no_metadata"
    PAGES = "pages"
    SECONDS = "seconds"


class ProvenanceFinding(Value):
    """One thing that was found; `count` where it is a number of something."""

    code: ProvenanceCode
    count: Annotated[int, Field(ge=0, le=COUNT_MAX)] | None = None


class FileFacts(Value):
    """What a reader took from a file; nothing where it was not read.

    `earliest` and `latest` are the moments between which it says that it was made: cameras seldom tell the zone.
    """

    has_position: bool = False
    has_camera: bool = False
    names_software: bool = False
    no_metadata: bool = False
    earliest: Moment | None = None
    latest: Moment | None = None
    pages: Annotated[int, Field(ge=0, le=COUNT_MAX)] | None = None
    seconds: Annotated[int, Field(ge=0, le=COUNT_MAX)] | None = None


NOTHING = FileFacts()


def findings(facts: FileFacts, *, ordered_at: datetime, filed_at: datetime) -> tuple[ProvenanceFinding, ...]:
    """The facts as they are kept: of a time that there is one, and whether it is surely too early or late."""
    code = ProvenanceCode
    found = {
        code.HAS_POSITION: facts.has_position,
        code.HAS_CAMERA: facts.has_camera,
        code.NAMES_SOFTWARE: facts.names_software,
        code.HAS_TIME: facts.latest is not None,
        code.MADE_BEFORE_ORDER: facts.latest is not None and facts.latest < ordered_at,
        code.MADE_AFTER_FILING: facts.earliest is not None and facts.earliest > filed_at,
        code.NO_METADATA: facts.no_metadata,
    }
    counted = {code.PAGES: facts.pages, code.SECONDS: facts.seconds}
    return (
        *(ProvenanceFinding(code=one) for one, is_there in found.items() if is_there),
        *(ProvenanceFinding(code=one, count=count) for one, count in counted.items() if count is not None),
    )

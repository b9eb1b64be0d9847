"""The profile of a jury: how a playbook wants its panels drawn, how long they sit, what it takes to decide."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from domain.kernel import Bilingual, Code, Line, Value
from domain.money import Money

SEATS_MAX: Final = 101
INVITED_MAX: Final = 400
HOURS_MAX: Final = 24 * 31


class Side(StrEnum):
    """On which side of trades a juror mostly stands."""

    BUYER = "buyer"
    SELLER = "seller"
    BOTH = "both"


class Demand(StrEnum):
    """What a seat asks of its juror beside a side."""

    NONE = "none"
    EXPERIENCED = "experienced"
    KNOWS_GOODS = "knows_goods"


class Closing(StrEnum):
    """When a panel closes: at the end of its window, or as soon as one side has the votes that it takes."""

    FIXED = "fixed"
    FIRST_TO = "first_to"


Hours = Annotated[int, Field(ge=1, le=HOURS_MAX)]
Seats = Annotated[int, Field(ge=0, le=SEATS_MAX)]


class SideSeats(Value):
    """The seats for one side, and how many of them ask for experience, or for knowledge of such goods."""

    side: Side
    seats: Annotated[int, Field(ge=1, le=SEATS_MAX)]
    experienced: Seats = 0
    knows_goods: Seats = 0


class Windows(Value):
    """How long each thing may take, in hours of every day.

    Parties give entropy, who is summoned takes a seat, who has a seat votes, the panel votes in all, and once longer
    where it has not decided; `extension` 0 is never.
    """

    entropy: Hours
    summons: Hours
    seat: Hours
    vote: Hours
    extension: Annotated[int, Field(ge=0, le=HOURS_MAX)] = 0


class Eligibility(Value):
    """Who may be in a pool; `joined_hours` keeps out who joined so short a time before it is sealed."""

    real_name: bool
    registered_days: Annotated[int, Field(ge=0, le=3660)]
    clean_days: Annotated[int, Field(ge=0, le=3660)]
    bought: Annotated[int, Field(ge=0, le=10_000)]
    sold: Annotated[int, Field(ge=0, le=10_000)]
    mock_cases: Annotated[int, Field(ge=0, le=20)]
    joined_hours: Annotated[int, Field(ge=24, le=HOURS_MAX)]


class Cap(Value):
    """How many cases a juror may open in so many hours; told before one is opened."""

    cases: Annotated[int, Field(ge=1, le=100)]
    hours: Hours


class ThinMargin(Value):
    """A lead of at most so many votes is thin: above an amount an arbitrator confirms what it leads to."""

    lead: Annotated[int, Field(ge=1, le=SEATS_MAX)]
    above: Annotated[tuple[Money, ...], Field(min_length=1)]


class JuryProfile(Value):
    """One kind of jury: `to_win` votes for one side decide, or `percent` of those that chose one, from `quorum` on."""

    id: Code
    title: Bilingual
    source: Line
    seats: Annotated[tuple[SideSeats, ...], Field(min_length=1, max_length=len(Side))]
    invited: Annotated[int, Field(ge=1, le=INVITED_MAX)]
    pool_min: Annotated[int, Field(ge=1, le=100_000)]
    closing: Closing
    to_win: Annotated[int, Field(ge=1, le=SEATS_MAX)] | None = None
    percent: Annotated[int, Field(ge=51, le=100)] | None = None
    quorum: Seats = 0
    accuracy_percent: Annotated[int, Field(ge=51, le=99)] = 60  # how often a juror is taken to be right, for confidence
    windows: Windows
    eligibility: Eligibility
    cap: Cap
    thin: ThinMargin | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if problems := list(self.problems):
            raise ValueError("; ".join(problems))
        return self

    @property
    def size(self) -> int:
        """How many seats there are in all."""
        return sum(one.seats for one in self.seats)

    @property
    def problems(self) -> list[str]:
        """What is wrong with the profile by itself."""
        name, found = self.id, []
        sides = [one.side for one in self.seats]
        found += [f"the jury {name} lists the side {side} twice" for side in Side if sides.count(side) > 1]
        found += [
            f"the jury {name} asks more of its {one.side} seats than there are"
            for one in self.seats
            if one.experienced + one.knows_goods > one.seats
        ]
        if (self.to_win is None) == (self.percent is None):
            found.append(f"the jury {name} decides by to_win or by percent: one of them")
        if self.to_win is not None and not self.size < 2 * self.to_win <= 2 * self.size:
            found.append(f"the jury {name} wins with more than half of its {self.size} seats, and no more than all")
        if self.percent is not None and self.closing is Closing.FIRST_TO:
            found.append(f"the jury {name} counts a percentage at the end: its closing is fixed")
        if self.quorum > self.size:
            found.append(f"the jury {name} asks for more voters than it has seats")
        if self.invited < self.size:
            found.append(f"the jury {name} invites fewer than it has seats")
        if self.pool_min < self.invited:
            found.append(f"the jury {name} invites more than its smallest pool")
        return found

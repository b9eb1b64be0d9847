"""What does not hold of something published, when it is computed again."""

from __future__ import annotations

from domain.kernel import Code, Value


class Fault(Value):
    """Which check fails, `of` which batch or seat where it is of one, what the record says, what comes out."""

    code: Code
    said: str
    computed: str
    of: int | None = None

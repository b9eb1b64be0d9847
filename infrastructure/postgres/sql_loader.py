"""Finds statements: one to a file, so that each can be read, explained and searched for by itself."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import LiteralString


@cache
def sql(name: str) -> LiteralString:
    """The statement of `sql/<name>.sql`."""
    return (files("infrastructure.postgres") / "sql" / f"{name}.sql").read_text(encoding="utf-8")

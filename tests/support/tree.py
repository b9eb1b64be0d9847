"""The source tree, for tests about its shape."""

from __future__ import annotations

import ast
import importlib
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
CHAPTERS = frozenset(
    (
        *("intake", "negotiation", "evidence", "review", "inspection", "repair", "jury"),
        *("ruling", "appeal", "remedy", "standing", "playbook", "audit", "privacy"),
        *("notice", "pause", "link", "hold", "chase", "note"),  # parts of others that have files of their own
        "goodwill",  # a part of negotiation
        *("rounds", "admission", "provenance"),  # and of evidence
        *("recovery", "outside", "closing"),  # parts of remedy and of intake that are, too
        *("notice", "pause", "human"),  # parts of intake and of review that are large enough for files of their own
        *("award", "liability", "proposal", "correction"),  # parts of ruling
    )
)


def files(*layers: str, ending: str = ".py") -> list[Path]:
    return sorted(
        path
        for layer in layers
        for path in (ROOT / layer).rglob(f"*{ending}")
        if not any(part.startswith((".", "__pycache__")) for part in path.relative_to(ROOT).parts)
    )


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def modules(*layers: str) -> list[ModuleType]:
    return [
        importlib.import_module(name(path).removesuffix(".py").removesuffix("/__init__").replace("/", "."))
        for path in files(*layers)
    ]


def imported(path: Path) -> set[str]:
    """The names of what a file imports, at its top or inside functions."""
    found: set[str] = set()
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


def called(call: ast.Call) -> str | None:
    """The last name of what is called."""
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else None

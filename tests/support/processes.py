"""Looking at processes that may end while one looks."""

from __future__ import annotations

import psutil


def arguments(process: psutil.Process) -> list[str]:
    """The command line; nothing of a process that has ended."""
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def has_ended(process: psutil.Process) -> bool:
    """Ended, whether or not its parent has taken notice."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True

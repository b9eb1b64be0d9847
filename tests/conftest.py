"""Fixtures for every folder; a database is made only for the tests that ask for one."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.support.database import choose_folder, database, empty_database, remove_folder, server, template

__all__ = ["database", "empty_database", "server", "template"]

_chosen = pytest.StashKey[Path | None]()


def pytest_configure(config: pytest.Config) -> None:
    # Where the run was started in the background, Ctrl-C is ignored by it and by all that it starts, and they are
    # tested for how they hear it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.stash[_chosen] = choose_folder()


def pytest_unconfigure(config: pytest.Config) -> None:
    if folder := config.stash.get(_chosen, None):
        remove_folder(folder)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"

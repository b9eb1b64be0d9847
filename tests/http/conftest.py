"""One running service for each module; its tests use people and orders of their own."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.http.service import Service, running
from tests.support.database import _fresh

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infrastructure.postgres.embedded import Embedded


@pytest.fixture(scope="module")
def service(server: Embedded, template: str) -> Iterator[Service]:
    with contextmanager(_fresh)(server, template) as database, running(database) as started:
        yield started

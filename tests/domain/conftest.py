from __future__ import annotations

import pytest
from hypothesis import settings

from tests.support.walk import PROFILE

settings.load_profile(PROFILE)


@pytest.fixture(autouse=True)
def _sockets_are_off(socket_disabled: None) -> None: ...

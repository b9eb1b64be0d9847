from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _sockets_are_off(socket_disabled: None) -> None: ...

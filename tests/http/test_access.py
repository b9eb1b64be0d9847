"""Who gets in. Who then may do and see what is the matrix: `test_access_matrix.py`, `test_access_fields.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid5

import httpx2
import pytest

from domain.kernel import NAMESPACE
from tests.http.service import refused
from tests.http.story import negotiated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.http.service import Service

NOBODY = str(uuid5(NAMESPACE, "no such dispute"))
PLACES = {
    "dispute": NOBODY,
    "offer": "o1",
    "exhibit": "e1",
    "ruling": "r1",
    "appeal": "a1",
    "recovery": "v1",
    "order_id": "order-1",
    "digest": "0" * 64,
}


def operations(service: Service) -> Iterator[tuple[str, str]]:
    description = service.client.get(f"{service.address}/openapi.json").json()
    for path, methods in description["paths"].items():
        for method in methods:
            yield method.upper(), path.format(**PLACES)


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer junk", "Basic Ym9iOmJvYg==", "Bearer a.b.c", "bearer"]
)
def test_anonymous_is_refused_everywhere(service: Service, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    walked = list(operations(service))
    assert len(walked) > 20
    for method, path in walked:
        response = service.client.request(method, f"{service.address}{path}", headers=headers, json={})
        refused(response, 401, "unauthenticated")
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.headers["cache-control"] == "no-store"


def test_anonymous_does_not_learn_which_addresses_there_are(service: Service) -> None:
    there, not_there = (
        httpx2.get(f"{service.address}{path}", trust_env=False) for path in ("/v1/disputes", "/v1/nothing")
    )
    assert there.content == not_there.content


def test_a_strangers_file_does_not_reach_the_vault(service: Service) -> None:
    case = negotiated(service)
    kept = sorted((service.data / "evidence").rglob("*"))
    refused(service.person("buyer").show(case.at, b"from outside"), 404, "not_found")
    assert sorted((service.data / "evidence").rglob("*")) == kept

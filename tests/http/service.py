"""The real service for tests: its own process, a real database, a real payment server; and the people who call it."""

from __future__ import annotations

import json
import secrets
import socket
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2

from domain.kernel import Role
from infrastructure.demo import children
from infrastructure.http.auth import mint
from infrastructure.playbooks.reader import COMMON
from infrastructure.privacy.keys import signing_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from joserfc.jwk import OKPKey

    from infrastructure.demo.children import Child
    from tests.support.database import Database

Response = httpx2.Response
_names = count(1)


@dataclass(frozen=True, slots=True)
class Service:
    """A running service, its log, its payment server."""

    address: str
    payments: str
    payments_token: str
    key: OKPKey
    data: Path
    child: Child
    client: httpx2.Client

    def person(
        self, role: str, name: str = "", platform: str = "common", language: str = "en", *, tool: bool = False
    ) -> Person:
        """Somebody, or a machine of theirs; without a name somebody new."""
        who = name or f"{role.replace('_', '-')}-{next(_names)}"
        return Person(self, who, mint(self.key, Role(role), who, platform, 1.0, tool=tool), language)

    def log(self, since: int = 0) -> str:
        """What the process has written since this many bytes."""
        return self.child.output.read_bytes()[since:].decode()

    def log_size(self) -> int:
        return len(self.child.output.read_bytes())

    def lines(self, since: int = 0) -> list[dict[str, Any]]:
        """The log as its JSON lines; anything else in it is a mistake."""
        return [json.loads(line) for line in self.log(since).splitlines()]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a token; without one, nobody."""

    service: Service
    id: str
    token: str
    language: str = "en"
    keys: count[int] = field(default_factory=lambda: count(1))

    def headers(self, **more: str) -> dict[str, str]:
        token = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**token, "Accept-Language": self.language, **more}

    def call(self, method: str, path: str, headers: dict[str, str] | None = None, **options: Any) -> Response:
        """One request as it is, whatever is answered."""
        return self.service.client.request(
            method, f"{self.service.address}{path}", headers=self.headers(**(headers or {})), **options
        )

    def get(self, path: str, **params: Any) -> Any:
        return good(self.call("GET", path, params=params)).json()

    def put(self, path: str, body: Any) -> Any:
        return good(self.call("PUT", path, json=body)).json()

    def send(
        self, path: str, body: Any = None, key: str = "", headers: dict[str, str] | None = None, **options: Any
    ) -> Response:
        """One POST under a key, its own unless told, whatever is answered."""
        key = key or f"{self.id}/{next(self.keys)}/{secrets.token_hex(4)}"
        return self.call("POST", path, headers={"Idempotency-Key": key, **(headers or {})}, json=body, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        return good(self.send(path, body, **options)).json()

    def show(self, case: str, content: bytes, name: str = "a.txt", key: str = "", **options: Any) -> Response:
        """Upload an exhibit."""
        form: dict[str, Any] = {"data": {"kind": "photo", "shows": "what it shows"}, "files": {"file": (name, content)}}
        return self.send(f"{case}/evidence", key=key, **(form | options))


def good(response: Response) -> Response:
    assert response.is_success, (
        f"{response.request.method} {response.request.url}: {response.status_code} {response.text}"
    )
    return response


def refused(response: Response, status: int, code: str) -> dict[str, Any]:
    """The problem document that a refusal must be."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document["code"] == code, response.text
    assert document["status"] == status
    assert document["type"] == f"urn:gongduan:problem:{code}"
    assert document["title"]
    assert document["detail"]
    return document


@contextmanager
def running(database: Database, **environment: str) -> Iterator[Service]:
    """Start payment server and service on free loopback ports, with the common playbook published."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gongduan-http-")))
        token = secrets.token_urlsafe(8)
        payments = children.start(
            "payment server",
            "infrastructure.payments.provider",
            "--ledger",
            str(folder / "ledger.jsonl"),
            environment={"GONGDUAN_PAYMENTS_TOKEN": token},
            folder=folder,
        )
        stack.callback(payments.stop)
        address = children.wait_for_line(payments, "listening on ")
        port = free_port()
        service = children.start(
            "service",
            "infrastructure.cli",
            "serve",
            "--all",
            "--port",
            str(port),
            environment={
                "GONGDUAN_DATABASE_URL": database.worker_url,
                "GONGDUAN_DATA": str(folder / "data"),
                "GONGDUAN_PAYMENTS_URL": address,
                "GONGDUAN_PAYMENTS_TOKEN": token,
                **environment,
            },
            folder=folder,
        )
        stack.callback(service.stop)
        children.wait_for_health(service, f"http://127.0.0.1:{port}")
        # A kept connection is given up before the server closes it, or a request would meet the closing half-way.
        kept = httpx2.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=2.0)
        client = stack.enter_context(httpx2.Client(timeout=30.0, trust_env=False, limits=kept))
        key = signing_key(folder / "data" / "keys")
        started = Service(f"http://127.0.0.1:{port}", address, token, key, folder / "data", service, client)
        started.person("rule_writer").post("/v1/playbooks", {"source": COMMON})
        yield started
        service.check()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port

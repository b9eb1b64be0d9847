"""A Python client that a common generator makes from the description plays a story against the service."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from datetime import datetime
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from infrastructure.http import examples
from tests.http.story import negotiated, until

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from tests.http.service import Person, Service

PACKAGE = "generated_gongduan"
PICTURE = (files("infrastructure.demo") / "pictures" / "orange.png").read_bytes()


@pytest.fixture(scope="module")
def generated(service: Service, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder that the generator wrote, and what it said."""
    folder = tmp_path_factory.mktemp("client")
    description = folder / "openapi.json"
    description.write_bytes(service.client.get(f"{service.address}/openapi.json").content)
    config = folder / "config.json"
    # The generator knows one type of bytes and is told of others.
    bytes_too = {"image/jpeg": "application/octet-stream"}
    said = {"post_hooks": [], "package_name_override": PACKAGE, "content_type_overrides": bytes_too}
    config.write_text(json.dumps(said))
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"),
            *("--path", str(description), "--config", str(config), "--output-path", str(folder / PACKAGE)),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return folder, ended.stdout + ended.stderr


@pytest.fixture
def client(generated: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(generated[0]))
    return importlib.import_module(PACKAGE)


def test_the_generator_leaves_nothing_out(service: Service, generated: tuple[Path, str]) -> None:
    folder, said = generated
    assert "arning" not in said
    assert "skip" not in said.lower()
    description = json.loads((folder / "openapi.json").read_text())
    ids = {operation["operationId"] for methods in description["paths"].values() for operation in methods.values()}
    made = {path.stem for path in (folder / PACKAGE / "api").rglob("*.py")} - {"__init__"}
    assert made == ids
    models = {path.stem for path in (folder / PACKAGE / "models").glob("*.py")} - {"__init__"}
    assert len(models) >= len(description["components"]["schemas"])


class Generated:
    """Somebody who talks to the service through generated code only."""

    def __init__(self, client: ModuleType, person: Person) -> None:
        self.client = client
        self.person = person
        self.models = importlib.import_module(f"{PACKAGE}.models")

    def call(self, chapter: str, operation: str, *path: Any, body: Any = None) -> Any:
        module = importlib.import_module(f"{PACKAGE}.api.{chapter}.{operation}")
        more: dict[str, Any] = {}
        if body is not None:
            more["body"] = getattr(self.models, body[0]).from_dict(body[1]) if isinstance(body, tuple) else body
        if "idempotency_key" in module.sync_detailed.__annotations__:
            more["idempotency_key"] = f"{operation}-{'-'.join(map(str, path))}"
        address, token = self.person.service.address, self.person.token
        with self.client.AuthenticatedClient(address, token=token, httpx_args={"trust_env": False}) as client:
            answer = module.sync_detailed(*path, client=client, **more)
        assert answer.status_code in (200, 201), answer.content
        return answer.parsed


def test_a_file_is_shown_and_fetched_through_the_generated_client(service: Service, client: ModuleType) -> None:
    case = negotiated(service)
    buyer = Generated(client, case.buyer)
    types = importlib.import_module(f"{PACKAGE}.types")
    file = types.File(payload=BytesIO(PICTURE), file_name="orange.png", mime_type="image/png")
    showing = buyer.models.BodySubmitEvidence(file=file, kind="photo", shows="The cut orange is dry")
    shown = buyer.call("evidence", "submit_evidence", case.id, body=showing)
    assert [one.size_bytes for one in shown.exhibits] == [len(PICTURE)]
    fetched = buyer.call("evidence", "get_exhibit", case.id, "e1")
    assert fetched.payload.read() == PICTURE


def test_a_story_is_played_through_the_generated_client(service: Service, client: ModuleType) -> None:
    def by(role: str, name: str) -> Generated:
        return Generated(client, service.person(role, name))

    platform, buyer = by("platform", "shop-system"), by("buyer", examples.ORDER["buyer"])
    merchant = by("merchant", examples.ORDER["merchant"])
    order_id = examples.ORDER["order_id"]

    order = platform.call("intake", "register_order", order_id, body=("OrderSnapshot", examples.ORDER))
    assert order.snapshot.lines[0].paid.minor == 3980
    case = buyer.call("intake", "file_dispute", body=("Filing", examples.FILING))
    assert case.stage == "awaiting_response"
    assert isinstance(case.filed_at, datetime)
    assert "respond" not in [one.name for one in case.next_actions]
    counter = {
        "answer": "counter",
        "statement": "坏的我们认，退一半。",
        "terms": [{"claim": "c1", "remedy": "partial_refund", "amount": {"minor": 1990, "currency": "CNY"}}],
    }
    case = merchant.call("intake", "respond_to_dispute", case.id, body=("Responding", counter))
    assert case.stage == "negotiation"
    assert [(offer.id, offer.state) for offer in case.offers] == [("o1", "open")]
    case = buyer.call("negotiation", "accept_offer", case.id, "o1")
    assert case.stage == "carrying_out"
    assert not case.ruling  # a field that is absent is not a null
    closed = until(lambda: platform.call("intake", "get_dispute", case.id), lambda seen: bool(seen.stage == "closed"))
    assert closed.outcome == "settled"
    assert [(line.state, line.amount.minor) for line in closed.remedies] == [("confirmed", 1990)]
    listed = buyer.call("intake", "list_disputes")
    assert [one.id for one in listed.cases] == [str(case.id)]
    assert "settled" in by("auditor", "auditor-sun").call("audit", "get_account", case.id)

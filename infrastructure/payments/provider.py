"""A payment service for the demo and the tests, in a process of its own: pays each key once, keeps a ledger on disk."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from uuid import UUID

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict, TypeAdapter

from domain.kernel import Id, Role
from domain.money import Money, Tender
from infrastructure.files import make_folder, sync_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TOKEN_VARIABLE: Final = "GONGDUAN_PAYMENTS_TOKEN"  # noqa: S105 - a variable's name
HELD_SECONDS_MAX: Final = 120
PAGE: Final = 100


class Payment(BaseModel):
    """What the caller wants paid."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    payout: UUID
    dispute: UUID
    payer: Role
    payer_id: Id
    payee: Role
    payee_id: Id
    amount: Money
    tender: Tender = Tender.MONEY


class Entry(BaseModel):
    """A payment that was made."""

    payment: str
    key: str
    order: Payment
    amount: Money


class Scripted(BaseModel):
    """An answer told beforehand; `pay` where the money moves although the answer does not say so.

    Given once, to whoever asks next; with a `payee` whenever money is to be paid to them.
    """

    model_config = ConfigDict(extra="forbid")

    answer: Literal["timeout", "500", "refuse", "wrong_amount", "pay"]
    pay: bool = False
    payee: Id | None = None


class Ledger:
    """All payments, one JSON line each, on disk before anybody hears of them."""

    def __init__(self, place: Path) -> None:
        make_folder(place.absolute().parent)
        self._file = place.open("a+b")
        self._file.seek(0)
        lines = self._file.read().splitlines(keepends=True)
        whole = [line for line in lines if line.endswith(b"\n")]
        self._file.truncate(sum(map(len, whole)))  # a line cut off by a kill: nobody was told of that payment
        sync_folder(place.absolute().parent)
        self.all = [Entry.model_validate_json(line) for line in whole]
        self.entries = {entry.key: entry for entry in self.all}

    def pay(self, key: str, order: Payment, amount: Money) -> Entry:
        """Pay a key that was not paid before."""
        entry = Entry(payment=f"pay-{len(self.all) + 1:06}", key=key, order=order, amount=amount)
        self._file.write(entry.model_dump_json().encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self.all.append(entry)
        self.entries[key] = entry
        return entry

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def create_app(ledger: Ledger, script: Sequence[Scripted], token: str) -> FastAPI:
    """The service; with a token it answers nobody else."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    waiting = [one for one in script if one.payee is None]
    standing = {one.payee: one for one in script if one.payee}

    def known(authorization: Annotated[str, Header()] = "") -> None:
        if token and not secrets.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
            raise HTTPException(401)

    @app.get("/ledger", dependencies=[Depends(known)])
    async def read() -> dict[str, list[Any]]:
        return {"payments": [entry.model_dump(mode="json") for entry in ledger.all]}

    @app.get("/statement", dependencies=[Depends(known)])
    async def statement(after: Annotated[int, Query(ge=0)] = 0) -> dict[str, Any]:
        page = [
            entry.model_dump(include={"key", "payment", "amount"}) | {"tender": entry.order.tender}
            for entry in ledger.all[after : after + PAGE]
        ]
        return {"entries": page} | ({"next": str(after + PAGE)} if after + PAGE < len(ledger.all) else {})

    @app.post("/script", dependencies=[Depends(known)], status_code=204)
    async def tell(answers: list[Scripted]) -> None:
        waiting.extend(one for one in answers if one.payee is None)
        standing.update({one.payee: one for one in answers if one.payee})

    @app.post("/payments", dependencies=[Depends(known)])
    async def pay(
        order: Payment, request: Request, response: Response, key: Annotated[str, Header(alias="Idempotency-Key")]
    ) -> dict[str, Any]:
        told = standing.get(order.payee_id) or (waiting.pop(0) if waiting else Scripted(answer="pay"))
        if told.answer == "timeout":
            carry_out(ledger, told, key, order, response)
            await never(request)
            return refusal(response, 500, "scripted")
        return carry_out(ledger, told, key, order, response)

    return app


def carry_out(ledger: Ledger, told: Scripted, key: str, order: Payment, response: Response) -> dict[str, Any]:
    """Pay where it is told so, and answer as it is told. Nothing is awaited, so two with one key cannot both pay."""
    entry = ledger.entries.get(key)
    if entry is not None and entry.order != order:
        return refusal(response, 422, "key_used_for_another_payment")
    wrong = told.answer == "wrong_amount"
    amount = order.amount + Money(minor=1, currency=order.amount.currency) if wrong else order.amount
    if entry is None and (told.pay or told.answer == "pay"):
        entry = ledger.pay(key, order, amount)
        response.status_code = 201
    if told.answer == "500":
        return refusal(response, 500, "scripted")
    if told.answer == "refuse":
        return refusal(response, 402, "insufficient_balance")
    return {
        "payment": entry.payment if entry else "pay-none",
        "payout": str(order.payout),
        "amount": (amount if wrong or not entry else entry.amount).model_dump(),
        "tender": order.tender,
    }


async def never(request: Request) -> None:
    """Say nothing until the caller gives up."""
    for _ in range(HELD_SECONDS_MAX * 10):
        if await request.is_disconnected():
            return
        await asyncio.sleep(0.1)


def refusal(response: Response, status: int, code: str) -> dict[str, Any]:
    """A no with its code."""
    response.status_code = status
    return {"code": code}


def serve(app: FastAPI, port: int, ready: Callable[[int], None]) -> None:
    """Serve on loopback until told to end; `ready` hears the port once connections are taken."""
    with socket.create_server(("127.0.0.1", port)) as listening:
        ready(listening.getsockname()[1])
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listening])


def say_ready(port: int) -> None:
    """Tell the parent process where to knock."""
    sys.stdout.write(f"listening on http://127.0.0.1:{port}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m infrastructure.payments.provider", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--ledger", type=Path, required=True, help="file of all payments, one JSON line each")
    parser.add_argument("--answers", type=Path, help="JSON list of answers given before it pays truthfully")
    asked = parser.parse_args(arguments)
    told = json.loads(asked.answers.read_text()) if asked.answers else []
    ledger = Ledger(asked.ledger)
    try:
        script = TypeAdapter(list[Scripted]).validate_python(told)
        serve(create_app(ledger, script, os.environ.get(TOKEN_VARIABLE, "")), asked.port, say_ready)
    finally:
        ledger.close()


if __name__ == "__main__":
    main()

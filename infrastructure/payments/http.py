"""The platform's payment service over HTTP: asked with the payout's id as key, believed where it answers clearly."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Annotated, Final, Self
from uuid import UUID

import httpx2
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, ValidationError

from application.ports import (
    Paid,
    PaymentRefused,
    PaymentUnknown,
    StatementEntry,
    StatementPage,
    StatementUnavailable,
)
from domain.kernel import Line
from domain.money import Money, Tender

if TYPE_CHECKING:
    from types import TracebackType

    from domain.remedy.payout import PayoutOrdered

ANSWER_BYTES_MAX: Final = 64 * 1024
PAGE_BYTES_MAX: Final = 4 * 1024 * 1024
PAGE_ENTRIES_MAX: Final = 10_000
ANSWER_SECONDS: Final = 20.0
CONNECT_SECONDS: Final = 5.0
CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
CREATED = (200, 201)
NOT_REACHED = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)


class _Answer(BaseModel):
    """What a payment looks like; a provider may say more. One that names no tender paid money."""

    payment: Line
    payout: UUID
    amount: Money
    tender: Tender = Tender.MONEY


class _Entry(BaseModel):
    key: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    payment: Line
    amount: Money
    tender: Tender = Tender.MONEY


class _Page(BaseModel):
    """A page of the statement; a provider may say more."""

    entries: Annotated[list[_Entry], Field(max_length=PAGE_ENTRIES_MAX)]
    next: Line | None = None
    since: AwareDatetime | None = None


class _Refusal(BaseModel):
    code: str


class HttpPayments:
    """The Payments port. Reasons of what fails are short codes, never the provider's own words."""

    def __init__(self, base_url: str, token: str, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._base = base_url.rstrip("/")
        self._answer_seconds = answer_seconds
        self._client = httpx2.AsyncClient(
            # An encoded answer could be small on the way and huge in memory.
            headers={"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {token}"} if token else {}),
            timeout=httpx2.Timeout(answer_seconds, connect=CONNECT_SECONDS),
            # A connection that idled may be closed when it is used: a payment never sent would look lost.
            limits=httpx2.Limits(max_keepalive_connections=0),
            follow_redirects=False,
            trust_env=False,  # money goes to the address that was set, not by way of a proxy of the environment
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def pay(self, key: UUID, order: PayoutOrdered) -> Paid:
        """Pay `order`; the same `key` is paid at most once. Raises PaymentRefused or PaymentUnknown."""
        try:
            async with asyncio.timeout(self._answer_seconds):  # an answer may also drip for ever
                status, body = await self._ask(key, order)
        except NOT_REACHED as error:
            raise PaymentUnknown("not_reached") from error
        except (httpx2.TransportError, TimeoutError) as error:
            raise PaymentUnknown("no_answer") from error
        if status >= httpx2.codes.INTERNAL_SERVER_ERROR:
            reason = f"server_error_{status}"
            raise PaymentUnknown(reason)
        if status >= httpx2.codes.BAD_REQUEST:
            reason = f"refused: {_code(status, body)}"
            raise PaymentRefused(reason)
        if status not in CREATED:
            raise PaymentUnknown("answer_not_understood")
        return _paid(key, order.tender, body)

    async def _ask(self, key: UUID, order: PayoutOrdered) -> tuple[int, bytes]:
        payment = {
            "payout": str(key),
            "dispute": str(order.dispute),
            "payer": str(order.payer),
            "payer_id": order.payer_id,
            "payee": str(order.payee),
            "payee_id": order.payee_id,
            "amount": {"minor": order.amount.minor, "currency": order.amount.currency},
            "tender": str(order.tender),
        }
        headers = {"Idempotency-Key": str(key)}
        async with self._client.stream("POST", f"{self._base}/payments", json=payment, headers=headers) as response:
            # More than that is no payment's answer, whatever it is.
            return response.status_code, await _body(response, ANSWER_BYTES_MAX)

    async def statement(self, after: str | None = None) -> StatementPage:
        """A page of what was paid. Raises StatementUnavailable."""
        params = {} if after is None else {"after": after}
        try:
            async with (
                asyncio.timeout(self._answer_seconds),
                self._client.stream("GET", f"{self._base}/statement", params=params) as response,
            ):
                body = await _body(response, PAGE_BYTES_MAX)
        except NOT_REACHED as error:
            raise StatementUnavailable("not_reached") from error
        except (httpx2.TransportError, TimeoutError) as error:
            raise StatementUnavailable("no_answer") from error
        if response.status_code != httpx2.codes.OK:
            reason = f"http_{response.status_code}"
            raise StatementUnavailable(reason)
        try:
            page = _Page.model_validate_json(body)
        except ValidationError as error:
            raise StatementUnavailable("answer_not_understood") from error
        entries = tuple(StatementEntry(one.key, one.payment, one.amount, one.tender) for one in page.entries)
        return StatementPage(entries, page.next, page.since)


async def _body(response: httpx2.Response, at_most: int) -> bytes:
    """The body; nothing where it is longer than that."""
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > at_most:
            return b""
    return bytes(body)


def _paid(key: UUID, tender: Tender, body: bytes) -> Paid:
    try:
        answer = _Answer.model_validate_json(body, strict=True)
    except ValidationError as error:
        raise PaymentUnknown("answer_not_understood") from error
    if answer.payout != key:
        raise PaymentUnknown("answer_not_understood")
    if answer.tender is not tender:
        raise PaymentUnknown("other_tender")
    return Paid(reference=answer.payment, amount=answer.amount)


def _code(status: int, body: bytes) -> str:
    """The provider's code where it is one, else the status: its free text may hold anything."""
    try:
        code = _Refusal.model_validate_json(body).code
    except ValidationError:
        code = ""
    return code if CODE.fullmatch(code) else f"http_{status}"

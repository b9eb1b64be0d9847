"""The payment adapter against a real payment server in its own process, and against servers that answer nonsense."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx2
import pytest

from application.ports import Paid, PaymentRefused, PaymentUnknown, StatementEntry, StatementPage, StatementUnavailable
from domain.money import Money, Tender
from domain.remedy.payout import PayoutOrdered
from infrastructure.payments.http import HttpPayments
from tests.contract.log import yuan
from tests.contract.samples import sample_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

ROOT = Path(__file__).parents[2]
KEY = UUID("0190a000-0000-7000-8000-00000000000a")
SHORT = 0.3


def an_order(amount: Money | None = None) -> PayoutOrdered:
    ordered = sample_of(PayoutOrdered)
    assert isinstance(ordered, PayoutOrdered)
    return ordered if amount is None else ordered.model_copy(update={"amount": amount})


@contextmanager
def provider(folder: Path, *answers: dict[str, Any], token: str = "") -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The server's process, ready; killed in the end."""
    (folder / "answers.json").write_text(json.dumps(answers))
    command = ["--port", "0", "--ledger", str(folder / "ledger.jsonl"), "--answers", str(folder / "answers.json")]
    with subprocess.Popen(
        [sys.executable, "-m", "infrastructure.payments.provider", *command],
        cwd=ROOT,
        env=os.environ | {"GONGDUAN_PAYMENTS_TOKEN": token},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            ready, _, address = process.stdout.readline().strip().rpartition(" ")
            assert ready == "listening on"
            yield address, process
        finally:
            process.kill()


def pay(
    address: str, order: PayoutOrdered | None = None, key: UUID = KEY, token: str = "", seconds: float = 20
) -> Paid | str:
    """What an attempt to pay comes to: the payment, or the reason of its failure behind the kind of it."""

    async def attempt() -> Paid:
        async with HttpPayments(address, token, seconds) as payments:
            return await payments.pay(key, order or an_order())

    try:
        return asyncio.run(attempt())
    except (PaymentRefused, PaymentUnknown) as failed:
        return f"{type(failed).__name__}: {failed}"


def ledger(address: str, token: str = "") -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = httpx2.get(f"{address}/ledger", headers=headers, trust_env=False).raise_for_status()
    payments: list[dict[str, Any]] = answer.json()["payments"]
    return payments


def test_a_payment_is_made_once_and_told_again(tmp_path: Path) -> None:
    with provider(tmp_path) as (address, _):
        first = pay(address)
        assert first == Paid("pay-000001", yuan("39.80"))
        assert pay(address) == first
        [entry] = ledger(address)
        assert pay(address, key=UUID(int=11)) == Paid("pay-000002", yuan("39.80"))
    assert entry["key"] == str(KEY)
    assert entry["amount"] == {"minor": 3980, "currency": "CNY"}
    assert (entry["order"]["payer_id"], entry["order"]["payee_id"]) == ("shop-orchard", "buyer-lin")


def test_many_requests_with_one_key_at_once_pay_once(tmp_path: Path) -> None:
    async def at_once(address: str) -> set[Paid]:
        async with HttpPayments(address, "") as payments:
            return set(await asyncio.gather(*(payments.pay(KEY, an_order()) for _ in range(10))))

    with provider(tmp_path) as (address, _):
        assert len(asyncio.run(at_once(address))) == 1
        assert len(ledger(address)) == 1


def test_a_key_stands_for_one_payment_only(tmp_path: Path) -> None:
    with provider(tmp_path) as (address, _):
        pay(address)
        assert pay(address, an_order(yuan("1.00"))) == "PaymentRefused: refused: key_used_for_another_payment"
        assert len(ledger(address)) == 1


@pytest.mark.parametrize("paid", [True, False])
def test_after_a_server_error_the_provider_may_have_paid_and_pays_once_in_all(tmp_path: Path, *, paid: bool) -> None:
    with provider(tmp_path, {"answer": "500", "pay": paid}) as (address, _):
        assert pay(address) == "PaymentUnknown: server_error_500"
        assert len(ledger(address)) == paid
        assert pay(address) == Paid("pay-000001", yuan("39.80"))
        assert len(ledger(address)) == 1


@pytest.mark.parametrize("paid", [True, False])
def test_without_an_answer_the_provider_may_have_paid_and_pays_once_in_all(tmp_path: Path, *, paid: bool) -> None:
    with provider(tmp_path, {"answer": "timeout", "pay": paid}) as (address, _):
        assert pay(address, seconds=SHORT) == "PaymentUnknown: no_answer"
        assert pay(address) == Paid("pay-000001", yuan("39.80"))
        assert len(ledger(address)) == 1


def test_a_refusal_is_told_by_its_code(tmp_path: Path) -> None:
    with provider(tmp_path, {"answer": "refuse"}) as (address, _):
        assert pay(address) == "PaymentRefused: refused: insufficient_balance"
        assert ledger(address) == []


def test_another_amount_is_handed_on_as_the_provider_says_it(tmp_path: Path) -> None:
    with provider(tmp_path, {"answer": "wrong_amount", "pay": True}) as (address, _):
        assert pay(address) == Paid("pay-000001", yuan("39.81"))
        assert pay(address) == Paid("pay-000001", yuan("39.81"))
    with provider(tmp_path, {"answer": "wrong_amount"}) as (address, _):
        assert pay(address, key=UUID(int=12)) == Paid("pay-none", yuan("39.81"))
        assert pay(address, key=UUID(int=12)) == Paid("pay-000002", yuan("39.80"))


def test_a_provider_killed_before_its_answer_pays_once_after_its_return(tmp_path: Path) -> None:
    async def asked_and_killed(address: str, process: subprocess.Popen[str]) -> None:
        async with HttpPayments(address, "") as payments:
            asking = asyncio.create_task(payments.pay(KEY, an_order()))
            while not ledger(address):  # noqa: ASYNC110 - another process pays
                await asyncio.sleep(0.01)
            process.kill()
            with pytest.raises(PaymentUnknown, match=r"^no_answer$"):
                await asking

    with provider(tmp_path, {"answer": "timeout", "pay": True}) as (address, process):
        asyncio.run(asked_and_killed(address, process))
        process.wait()
        assert pay(address) == "PaymentUnknown: not_reached"
    with provider(tmp_path) as (address, _):
        assert pay(address) == Paid("pay-000001", yuan("39.80"))
        assert len(ledger(address)) == 1


def test_a_line_of_the_ledger_that_a_kill_cut_off_is_no_payment(tmp_path: Path) -> None:
    with provider(tmp_path) as (address, _):
        pay(address)
    book = tmp_path / "ledger.jsonl"
    whole = book.read_bytes()
    book.write_bytes(whole + whole[:50])
    with provider(tmp_path) as (address, _):
        assert len(ledger(address)) == 1
        assert pay(address, key=UUID(int=11)) == Paid("pay-000002", yuan("39.80"))
    assert [json.loads(line)["payment"] for line in book.read_text().splitlines()] == ["pay-000001", "pay-000002"]


def test_only_the_bearer_of_the_token_pays_and_reads(tmp_path: Path) -> None:
    with provider(tmp_path, token="s3cret") as (address, _):
        assert pay(address) == "PaymentRefused: refused: http_401"
        assert pay(address, token="other") == "PaymentRefused: refused: http_401"
        assert httpx2.get(f"{address}/ledger", trust_env=False).status_code == 401
        assert isinstance(pay(address, token="s3cret"), Paid)
        assert len(ledger(address, "s3cret")) == 1


@asynccontextmanager
async def answering(*pieces: bytes) -> AsyncIterator[str]:
    """A server that reads a request and answers these bytes, whatever was asked."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
        await reader.readexactly(int(length))
        for piece in pieces:
            writer.write(piece)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def answer_to(*pieces: bytes) -> Paid | str:
    async def attempt() -> Paid:
        async with answering(*pieces) as address, HttpPayments(address, "") as payments:
            return await payments.pay(KEY, an_order())

    try:
        return asyncio.run(attempt())
    except (PaymentRefused, PaymentUnknown) as failed:
        return f"{type(failed).__name__}: {failed}"


def http(status: str, body: bytes, *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(head).encode() + body


def payment(**changes: Any) -> bytes:
    paid: dict[str, Any] = {"payment": "p-1", "payout": str(KEY), "amount": {"minor": 3980, "currency": "CNY"}}
    return json.dumps(paid | changes).encode()


def test_a_provider_may_say_more_than_is_asked() -> None:
    assert answer_to(http("200 OK", payment(fee=3))) == Paid("p-1", yuan("39.80"))
    assert answer_to(http("201 Created", payment())) == Paid("p-1", yuan("39.80"))


def test_a_coupon_is_asked_for_as_such_and_stands_so_in_the_statement(tmp_path: Path) -> None:
    coupon = an_order().model_copy(update={"tender": Tender.COUPON})
    with provider(tmp_path) as (address, _):
        assert pay(address, coupon) == Paid("pay-000001", yuan("39.80"))
        assert pay(address) == "PaymentRefused: refused: key_used_for_another_payment"
        assert [entry["order"]["tender"] for entry in ledger(address)] == ["coupon"]
        assert statement(address) == [
            StatementPage((StatementEntry(str(KEY), "pay-000001", yuan("39.80"), Tender.COUPON),))
        ]


def test_an_answer_that_says_that_it_gave_a_coupon_for_money_is_not_taken_for_the_payment() -> None:
    assert answer_to(http("200 OK", payment(tender="coupon"))) == "PaymentUnknown: other_tender"
    assert answer_to(http("200 OK", payment(tender="money"))) == Paid("p-1", yuan("39.80"))
    assert answer_to(http("200 OK", payment(tender="beans"))) == "PaymentUnknown: answer_not_understood"


@pytest.mark.parametrize(
    "answer",
    [
        http("200 OK", b""),
        http("200 OK", b"ok"),
        http("200 OK", b"[]"),
        http("200 OK", b"\xff\xfe"),
        http("200 OK", payment(payout=str(UUID(int=5)))),
        http("200 OK", payment(payment="")),
        http("200 OK", payment(payment="x" * 201)),
        http("200 OK", payment(payment="a\x00b")),
        http("200 OK", payment(amount=39.8)),
        http("200 OK", payment(amount={"minor": "3980", "currency": "CNY"})),
        http("200 OK", payment(amount={"minor": 3980, "currency": "XXX"})),
        http("200 OK", payment(note="x" * 70_000)),
        http("200 OK", payment(), "Content-Encoding: gzip")[:-4] + b"gzip",
        http("202 Accepted", payment()),
        http("204 No Content", b""),
        http("302 Found", b"", "Location: http://127.0.0.1:1/payments"),
        http("307 Temporary Redirect", b"", "Location: /payments"),
    ],
)
def test_an_answer_that_is_no_payment_is_not_taken_for_one(answer: bytes) -> None:
    assert answer_to(answer) == "PaymentUnknown: answer_not_understood"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (http("400 Bad Request", b'{"code": "no_such_account", "message": "Mr Li owes us"}'), "no_such_account"),
        (http("403 Forbidden", b'{"code": "Account of Mr Li\\nis closed"}'), "http_403"),
        (http("409 Conflict", b"Mr Li owes us"), "http_409"),
        (http("429 Too Many Requests", b'{"code": 7}'), "http_429"),
    ],
)
def test_nothing_of_the_providers_free_text_becomes_a_reason(answer: bytes, reason: str) -> None:
    assert answer_to(answer) == f"PaymentRefused: refused: {reason}"


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200", http("200 OK", payment())[:-1], b"nonsense\r\n\r\n"])
def test_a_connection_lost_after_the_question_leaves_the_payment_unknown(answer: bytes) -> None:
    assert answer_to(answer) == "PaymentUnknown: no_answer"


def test_an_answer_that_never_ends_is_given_up() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
        try:
            while not writer.is_closing():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()

    async def attempt() -> None:
        async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            async with HttpPayments(f"http://127.0.0.1:{port}", "", SHORT) as payments:
                with pytest.raises(PaymentUnknown, match=r"^no_answer$"):
                    await payments.pay(KEY, an_order())

    asyncio.run(attempt())


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1", "http://[::1]:1", "http://nowhere.invalid", "ftp://127.0.0.1"]
)
def test_a_provider_that_is_not_reached_has_not_paid(address: str) -> None:
    assert pay(address) == "PaymentUnknown: not_reached"


# --- the statement


async def whole_statement(payments: HttpPayments) -> list[StatementPage]:
    pages = [await payments.statement()]
    while pages[-1].next is not None:
        pages.append(await payments.statement(pages[-1].next))
    return pages


def statement(address: str, token: str = "", seconds: float = 20) -> list[StatementPage] | str:
    """The pages, or why there are none."""

    async def read() -> list[StatementPage]:
        async with HttpPayments(address, token, seconds) as payments:
            return await whole_statement(payments)

    try:
        return asyncio.run(read())
    except StatementUnavailable as error:
        return str(error)


def test_the_statement_shows_every_payment_with_its_key_page_by_page(tmp_path: Path) -> None:
    async def pay_many(address: str) -> None:
        async with HttpPayments(address, "") as payments:
            await payments.pay(UUID(int=1), an_order())
            await asyncio.gather(*(payments.pay(UUID(int=number), an_order()) for number in range(2, 103)))

    with provider(tmp_path) as (address, _):
        assert statement(address) == [StatementPage(())]
        asyncio.run(pay_many(address))
        pages = statement(address)
    assert isinstance(pages, list)
    first, second = pages
    assert isinstance(first, StatementPage)
    assert isinstance(second, StatementPage)
    assert first.entries[0] == StatementEntry(str(UUID(int=1)), "pay-000001", yuan("39.80"))
    assert [len(first.entries), len(second.entries)] == [100, 2]
    assert {one.key for one in (*first.entries, *second.entries)} == {str(UUID(int=n)) for n in range(1, 103)}


def test_the_statement_is_for_the_bearer_of_the_token(tmp_path: Path) -> None:
    with provider(tmp_path, token="s3cret") as (address, _):
        assert statement(address) == "http_401"
        assert statement(address, token="s3cret") == [StatementPage(())]


def test_a_payment_server_that_is_not_reached_gives_no_statement() -> None:
    assert statement("http://127.0.0.1:1") == "not_reached"


def statement_from(*pieces: bytes) -> list[StatementPage] | str:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
        writer.close()

    async def read() -> list[StatementPage]:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            async with HttpPayments(f"http://127.0.0.1:{port}", "") as payments:
                return await whole_statement(payments)

    try:
        return asyncio.run(read())
    except StatementUnavailable as error:
        return str(error)


def test_a_provider_may_say_more_in_its_statement_and_how_far_it_goes_back() -> None:
    entry = {"key": "k", "payment": "p-1", "amount": {"minor": 5, "currency": "CNY"}, "fee": 1}
    body = json.dumps({"entries": [entry], "since": "2026-11-01T00:00:00+08:00", "total": 1}).encode()
    since = datetime(2026, 10, 31, 16, tzinfo=UTC)
    told = statement_from(http("200 OK", body))
    assert told == [StatementPage((StatementEntry("k", "p-1", Money(minor=5, currency="CNY")),), None, since)]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (http("200 OK", b""), "answer_not_understood"),
        (http("200 OK", b"[]"), "answer_not_understood"),
        (http("200 OK", b'{"entries": [{"key": "k"}]}'), "answer_not_understood"),
        (http("200 OK", b'{"entries": [], "since": "2026-11-01T00:00:00"}'), "answer_not_understood"),
        (http("200 OK", b" " * (5 * 1024 * 1024)), "answer_not_understood"),
        (http("500 Internal Server Error", b"Mr Li owes us"), "http_500"),
        (http("302 Found", b"", "Location: http://127.0.0.1:1/statement"), "http_302"),
        (b"", "no_answer"),
        (http("200 OK", b"{}")[:-1], "no_answer"),
    ],
)
def test_what_is_no_statement_is_not_taken_for_one(answer: bytes, why: str) -> None:
    assert statement_from(answer) == why


def test_answers_can_be_told_while_it_runs_and_are_given_in_order(tmp_path: Path) -> None:
    with provider(tmp_path, {"answer": "refuse"}, token="s3cret") as (address, _):
        told = [{"answer": "500"}, {"answer": "wrong_amount"}]
        headers = {"Authorization": "Bearer s3cret"}
        assert httpx2.post(f"{address}/script", json=told, trust_env=False).status_code == 401
        assert httpx2.post(f"{address}/script", json=told, headers=headers, trust_env=False).status_code == 204
        answers = [pay(address, token="s3cret") for _ in range(4)]
    assert answers[:2] == ["PaymentRefused: refused: insufficient_balance", "PaymentUnknown: server_error_500"]
    assert answers[2:] == [Paid("pay-none", yuan("39.81")), Paid("pay-000001", yuan("39.80"))]


def test_an_answer_told_for_a_payee_is_given_whenever_they_are_to_be_paid(tmp_path: Path) -> None:
    with provider(tmp_path, {"answer": "refuse", "payee": "buyer-lin"}, {"answer": "500"}) as (address, _):
        assert [pay(address) for _ in range(2)] == ["PaymentRefused: refused: insufficient_balance"] * 2
    with provider(tmp_path, {"answer": "refuse", "payee": "somebody-else"}) as (address, _):
        assert isinstance(pay(address), Paid)

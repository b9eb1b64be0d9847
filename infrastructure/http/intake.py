"""Routes of intake: orders, filing, further claims, answers, reading cases."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field

from application import policy
from application.commands import intake
from application.commands.intake import AddClaim, FileDispute, RegisterOrder, Respond
from application.policy import NotThere
from domain.dispute.intake import CLAIMS_MAX, Answer, Asked
from domain.dispute.negotiation import TERMS_MAX, Term
from domain.dispute.stages import Stage
from domain.intake.order import OrderSnapshot
from domain.kernel import ARBITRATORS, Id, Role, Text, Unacceptable
from infrastructure.http import examples
from infrastructure.http.answers import CaseAnswer
from infrastructure.http.cursors import Cursor, read_cursor, write_cursor
from infrastructure.http.language import InLanguage
from infrastructure.http.opening import open_case
from infrastructure.http.requests import (
    Acting,
    After,
    Body,
    ByCaller,
    DisputeId,
    container_of,
    described,
    digest,
    json_body,
    mark,
)
from infrastructure.http.viewing import case_answer
from infrastructure.observability import logged

router = APIRouter(tags=["intake"])


class BadAsOf(Unacceptable):
    """`as_of` is a version of the case or a moment with its offset from UTC."""

    CODE = "bad_as_of"


class OrderIdDiffers(Unacceptable):
    """The order in the body is another one than in the address."""

    CODE = "order_id_differs"


class OrderAnswer(BaseModel):
    """An order as registered."""

    snapshot: OrderSnapshot
    digest: str
    version: int
    disputed_lines: list[str]


class Filing(Body):
    """A buyer files on an order of theirs; price and promises are the platform's word, not the buyer's."""

    order_id: Id
    claims: Annotated[tuple[Asked, ...], Field(min_length=1, max_length=CLAIMS_MAX)]


class Responding(Body):
    """The merchant's answer; `terms` only with a counter-offer."""

    answer: Answer
    statement: Text
    terms: Annotated[tuple[Term, ...], Field(max_length=TERMS_MAX)] = ()


class ListedCase(BaseModel):
    """A case in a list; amounts in minor units of `currency`."""

    id: str
    number: str
    stage: str
    buyer: str
    merchant: str
    order_id: str
    filed_at: datetime
    currency: str
    asked_minor: int
    awarded_minor: int
    ordered_minor: int
    paid_minor: int
    clock: str | None = None
    due_at: datetime | None = None
    outcome: str | None = None
    version: int
    href: str


class CaseList(BaseModel):
    """A page of cases; `next` is the cursor of the page after it."""

    cases: list[ListedCase]
    next: str | None = None


OrderId = Annotated[Id, Path(description="The order's id on the platform.")]
Limit = Annotated[int, Query(ge=1, le=100, description="Rows of a page.")]
CursorText = Annotated[str | None, Query(max_length=200, description="`next` of the page before.")]


@router.put(
    "/orders/{order_id}",
    openapi_extra=described(OrderSnapshot, examples.ORDER),
    response_model_exclude_none=True,
    summary="Register an order, or a newer version of it",
)
async def register_order(
    order_id: OrderId,
    request: Request,
    response: Response,
    caller: ByCaller,
    snapshot: Annotated[OrderSnapshot, Depends(json_body(OrderSnapshot))],
) -> OrderAnswer:
    """The platform tells an order as bought. The same again is nothing new; once disputed, an order does not change."""
    if snapshot.order_id != order_id:
        raise OrderIdDiffers
    container = container_of(request)
    command = RegisterOrder(caller=caller, snapshot=snapshot)
    done = await logged(command.OPERATION, caller.actor.role, intake.register_order(container.desk, command))
    mark(response, done)
    return await _order_answer(request, caller, order_id, "register_order")


@router.get("/orders/{order_id}", response_model_exclude_none=True, summary="Read an order")
async def get_order(order_id: OrderId, request: Request, caller: ByCaller) -> OrderAnswer:
    """An order as registered, for the platform and its arbitrators."""
    return await _order_answer(request, caller, order_id, "see_order")


async def _order_answer(request: Request, caller: ByCaller, order_id: str, operation: str) -> OrderAnswer:
    order, version = await intake.registered_order(container_of(request).desk, caller, order_id, operation)
    return OrderAnswer(
        snapshot=order.snapshot, digest=order.digest, version=version, disputed_lines=sorted(order.disputed)
    )


@router.post(
    "/disputes",
    status_code=201,
    openapi_extra=described(Filing, examples.FILING),
    response_model_exclude_none=True,
    summary="File a dispute",
)
async def file_dispute(act: Acting, filing: Annotated[Filing, Depends(json_body(Filing))]) -> CaseAnswer:
    """A buyer files on a registered order; the case is pinned to the rules in force at this moment."""
    command = FileDispute(
        caller=act.caller,
        key=act.key,
        body_digest=digest(act.request, filing.model_dump_json()),
        order_id=filing.order_id,
        claims=filing.claims,
    )
    done = await logged(command.OPERATION, act.caller.actor.role, intake.file_dispute(act.container.desk, command))
    return await act.answer(done)


@router.post(
    "/disputes/{dispute}/claims",
    status_code=201,
    openapi_extra=described(Asked, examples.CLAIMING),
    response_model_exclude_none=True,
    summary="Add a claim",
)
async def add_claim(dispute: DisputeId, act: Acting, asked: Annotated[Asked, Depends(json_body(Asked))]) -> CaseAnswer:
    """The buyer claims for further lines of the order while the parties negotiate; offers that are open lapse."""
    command = AddClaim(**act.about(dispute, asked), asked=asked)
    done = await logged(command.OPERATION, act.caller.actor.role, intake.add_claim(act.container.desk, command))
    return await act.answer(done)


@router.post(
    "/disputes/{dispute}/responses",
    status_code=201,
    openapi_extra=described(Responding, examples.RESPONDING),
    response_model_exclude_none=True,
    name="respond_to_dispute",
    summary="Answer a dispute",
)
async def respond(
    dispute: DisputeId, act: Acting, responding: Annotated[Responding, Depends(json_body(Responding))]
) -> CaseAnswer:
    """The merchant accepts, contests, or contests with a counter-offer."""
    return await act.carry_out(
        Respond(
            **act.about(dispute, responding),
            answer=responding.answer,
            statement=responding.statement,
            terms=responding.terms,
        )
    )


@router.get("/disputes/{dispute}", response_model_exclude_none=True, summary="Read a case")
async def get_dispute(
    dispute: DisputeId,
    request: Request,
    response: Response,
    caller: ByCaller,
    language: InLanguage,
    as_of: Annotated[
        str | None,
        Query(
            max_length=40, description="A version of the case, or a moment: the case as it stood then.", examples=["3"]
        ),
    ] = None,
) -> CaseAnswer:
    """A case as the caller may see it: now, or as of any event or moment."""
    moment = read_as_of(as_of)
    container = container_of(request)
    cases = container.cases
    now = await open_case(container, caller, dispute)
    case = now if moment is None else await cases.load(dispute, moment)
    if case is None:
        raise NotThere
    await container.sights.record(caller, case)
    response.headers["ETag"] = f'"{case.version}"'
    response.headers["Gongduan-Position"] = str(case.position)
    return case_answer(await cases.with_payouts(case, moment), caller, language, past=moment is not None)


def read_as_of(text: str | None) -> int | datetime | None:
    """A version or a moment."""
    if text is None:
        return None
    if text.isascii() and text.isdigit() and 0 < int(text) < 2**62:
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadAsOf from None
    if moment.tzinfo is None:
        raise BadAsOf
    return moment


@router.get("/disputes", response_model_exclude_none=True, summary="List cases")
async def list_disputes(
    request: Request,
    caller: ByCaller,
    after: After = None,
    stage: Annotated[Stage | None, Query(description="Only cases in this stage.")] = None,
    order_id: Annotated[Id | None, Query(description="Only cases of this order.")] = None,
    number: Annotated[str | None, Query(max_length=20, description="Only the case of this number.")] = None,
    cursor: CursorText = None,
    limit: Limit = 20,
) -> CaseList:
    """Cases that the caller may see, the newest first. A party sees its own."""
    policy.require("list_cases", caller, caller.platform)
    container = container_of(request)
    if after is not None:
        await container.views.wait(after)
    start = read_cursor(cursor)
    role, own = caller.actor.role, caller.actor.id
    rows = await container.views.cases(
        platform=caller.platform,
        buyer=own if role is Role.BUYER else None,
        merchant=own if role is Role.MERCHANT else None,
        arbitrator=own if role in ARBITRATORS else None,
        stage=stage,
        order_id=order_id,
        number=number,
        filed_before=start.at if start else None,
        dispute_before=start.dispute if start else None,
        limit=limit + 1,
    )
    page = rows[:limit]
    return CaseList(
        cases=[
            ListedCase(
                id=str(row.dispute),
                number=row.number,
                stage=row.stage,
                buyer=row.buyer,
                merchant=row.merchant,
                order_id=row.order_id,
                filed_at=row.filed_at,
                currency=row.currency,
                asked_minor=row.asked_minor,
                awarded_minor=row.awarded_minor,
                ordered_minor=row.ordered_minor,
                paid_minor=row.paid_minor,
                clock=row.clock,
                due_at=row.due_at,
                outcome=row.outcome,
                version=row.version,
                href=f"/v1/disputes/{row.dispute}",
            )
            for row in page
        ],
        next=write_cursor(Cursor(page[-1].filed_at, page[-1].dispute)) if len(rows) > limit else None,
    )

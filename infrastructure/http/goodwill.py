"""Routes of goodwill, a part of negotiation: give the buyer a small sum or a coupon, beside all that is claimed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from application.commands.goodwill import GiveGoodwill
from domain.kernel import Text
from domain.money import Money, Tender
from infrastructure.http import examples
from infrastructure.http.answers import CaseAnswer
from infrastructure.http.requests import Acting, Body, DisputeId, described, json_body

router = APIRouter(tags=["negotiation"])


class Giving(Body):
    """What the buyer is given, in money or as a coupon worth so much, and why."""

    amount: Money
    tender: Tender
    why: Text


@router.post(
    "/disputes/{dispute}/goodwill",
    status_code=201,
    openapi_extra=described(Giving, examples.GIVING),
    response_model_exclude_none=True,
    name="give_goodwill",
    summary="Give the buyer a small sum or a coupon as goodwill",
)
async def give(dispute: DisputeId, act: Acting, giving: Annotated[Giving, Depends(json_body(Giving))]) -> CaseAnswer:
    """From the merchant, or by a senior arbitrator from the platform: it settles and admits nothing.

    It counts towards no claim, and the case does not wait for it. A merchant who wants it to count makes an offer.
    """
    return await act.carry_out(GiveGoodwill(**act.about(dispute, giving), **dict(giving)))

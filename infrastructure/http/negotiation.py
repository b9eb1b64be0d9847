"""Routes of negotiation: messages, offers, acceptance, refusal."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import Field

from application.commands.negotiation import AcceptOffer, DeclineOffer, MakeOffer, SendMessage
from domain.dispute.negotiation import TERMS_MAX, Term
from domain.kernel import Text
from infrastructure.http import examples
from infrastructure.http.answers import CaseAnswer
from infrastructure.http.requests import Acting, Body, DisputeId, described, json_body

router = APIRouter(tags=["negotiation"])


class Message(Body):
    """A message to the other side."""

    text: Text


OFFER_ID = r"^o[0-9]{1,6}$"


class Offering(Body):
    """An offer to settle the whole dispute: remedies for every claim; `counters` is the open offer that it answers."""

    terms: Annotated[tuple[Term, ...], Field(min_length=1, max_length=TERMS_MAX)]
    note: Text
    # Left out of the body's digest where it is not there: what was sent before there was such a field can be repeated.
    counters: Annotated[str | None, Field(pattern=OFFER_ID, exclude_if=lambda offer: offer is None)] = None


class Refusing(Body):
    """Why an offer is refused."""

    reason: Text


OfferId = Annotated[str, Path(pattern=OFFER_ID, description="The offer's id.")]


@router.post(
    "/disputes/{dispute}/messages",
    status_code=201,
    openapi_extra=described(Message, examples.MESSAGE),
    response_model_exclude_none=True,
    summary="Write to the other side",
)
async def send_message(
    dispute: DisputeId, act: Acting, message: Annotated[Message, Depends(json_body(Message))]
) -> CaseAnswer:
    """A party writes to the other."""
    return await act.carry_out(SendMessage(**act.about(dispute, message), text=message.text))


@router.post(
    "/disputes/{dispute}/offers",
    status_code=201,
    openapi_extra=described(Offering, examples.OFFERING),
    response_model_exclude_none=True,
    summary="Make an offer",
)
async def make_offer(
    dispute: DisputeId, act: Acting, offering: Annotated[Offering, Depends(json_body(Offering))]
) -> CaseAnswer:
    """A party offers to settle the whole dispute, also in answer to an open offer of the other side (`counters`)."""
    return await act.carry_out(MakeOffer(**act.about(dispute, offering), **dict(offering)))


@router.post(
    "/disputes/{dispute}/offers/{offer}/acceptance",
    status_code=201,
    response_model_exclude_none=True,
    summary="Accept an offer",
)
async def accept_offer(dispute: DisputeId, offer: OfferId, act: Acting) -> CaseAnswer:
    """The other side takes the offer: the dispute is settled and payment begins."""
    return await act.carry_out(AcceptOffer(**act.about(dispute), offer=offer))


@router.post(
    "/disputes/{dispute}/offers/{offer}/refusal",
    status_code=201,
    openapi_extra=described(Refusing, examples.REFUSING),
    response_model_exclude_none=True,
    summary="Refuse an offer",
)
async def decline_offer(
    dispute: DisputeId, offer: OfferId, act: Acting, refusing: Annotated[Refusing, Depends(json_body(Refusing))]
) -> CaseAnswer:
    """The other side refuses the offer; the dispute goes on."""
    return await act.carry_out(DeclineOffer(**act.about(dispute, refusing), offer=offer, reason=refusing.reason))

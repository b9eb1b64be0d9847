"""What an event does to the stage and to the clocks: told by the event alone, so that views need no state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.calendars import Clock, ClockName, clock_key
from domain.dispute.appeal import AppealFiled, AppealRejected, RulingUpheld
from domain.dispute.closing import Reopened
from domain.dispute.correction import RulingCorrected
from domain.dispute.intake import ClaimAdded, Closed, DisputeFiled, MerchantResponded, ResponseLapsed
from domain.dispute.negotiation import OfferAccepted, OfferDeclined, OfferExpired, OfferMade, Settled
from domain.dispute.notice import NoticeLapsed, NoticeServed
from domain.dispute.pause import ClockPaused, ClockResumed
from domain.dispute.proposal import ProposalReturned, RulingProposed
from domain.dispute.recovery import RecoveryOrdered
from domain.dispute.remedy import RemedyOrdered
from domain.dispute.review import Escalated
from domain.dispute.rounds import EvidenceRequestAnswered, EvidenceRequested, EvidenceRoundClosed
from domain.dispute.ruling import DecidedByDefault, RulingBecameFinal, RulingConfirmed, RulingReversed
from domain.dispute.stages import Stage

if TYPE_CHECKING:
    from domain.dispute.dispute import DisputeEvent


def stage_after(event: DisputeEvent) -> Stage | None:
    """The stage that begins, or begins anew, with `event`; None where the stage stays."""
    match event:
        case DisputeFiled():
            return Stage.AWAITING_RESPONSE
        case MerchantResponded():
            return Stage.NEGOTIATION
        case NoticeLapsed() | ResponseLapsed() | Escalated() | AppealFiled() | Reopened():
            return Stage.UNDER_REVIEW
        case RulingProposed() | ProposalReturned():
            return Stage.UNDER_REVIEW
        case RulingConfirmed() | DecidedByDefault() | RulingReversed() | RulingUpheld() | AppealRejected():
            return Stage.DECIDED
        case RemedyOrdered() | RulingBecameFinal() | RecoveryOrdered():
            return Stage.CARRYING_OUT
        case Closed():
            return Stage.CLOSED
        case _:
            return None


def clocks_started(event: DisputeEvent) -> tuple[Clock, ...]:
    """The clocks that start with `event`."""
    match event:
        case DisputeFiled():
            return (event.notice_clock,)
        case NoticeServed():
            return (event.clock,)
        case ClockResumed():
            return event.clocks
        case OfferMade() | EvidenceRequested():
            return (event.clock,)
        case RulingConfirmed() | DecidedByDefault():
            return (event.appeal_clock,)
        case RulingCorrected(appeal_clock=Clock() as clock):
            return (clock,)
        case _:
            return ()


ENDS_ALL = (Settled, RulingConfirmed, DecidedByDefault, RulingReversed, RulingUpheld, AppealRejected, Closed)
EVERY_CLOCK = tuple(str(name) for name in ClockName)


def clocks_stopped(event: DisputeEvent) -> tuple[str, ...]:
    """The clocks that stop with `event`, by key; a name alone stands for all of its name."""
    match event:
        case NoticeServed() | NoticeLapsed():
            return (ClockName.NOTICE,)
        case MerchantResponded():
            return (ClockName.NOTICE, ClockName.ANSWER)
        case ResponseLapsed():
            return (ClockName.ANSWER,)
        case OfferAccepted() | OfferDeclined() | OfferExpired():
            return (clock_key(ClockName.OFFER, event.offer),)
        case OfferMade(counters=str(countered)):
            return (clock_key(ClockName.OFFER, countered),)
        case ClaimAdded():
            return (ClockName.OFFER,)
        case EvidenceRequestAnswered():
            return (clock_key(ClockName.EVIDENCE, event.request),)
        case EvidenceRoundClosed(clock=Clock() as clock):
            return (clock.key,)
        case RulingBecameFinal() | AppealFiled() | RulingProposed():
            return (ClockName.APPEAL,)
        case _:
            return EVERY_CLOCK if isinstance(event, ENDS_ALL) else ()


def clocks_after(clocks: dict[str, Clock], event: DisputeEvent) -> dict[str, Clock]:
    """The running clocks after `event`."""
    stopped, started = clocks_stopped(event), clocks_started(event)
    if not stopped and not started:
        return clocks
    left = {key: clock for key, clock in clocks.items() if key not in stopped and clock.name not in stopped}
    return left | {clock.key: clock for clock in started}


def pause_after(paused: ClockPaused | None, clocks: dict[str, Clock], event: DisputeEvent) -> ClockPaused | None:
    """The pause, while there is a clock that it holds; what starts anew is not held."""
    if isinstance(event, ClockPaused):
        return event
    anew = [clock.key for clock in clocks_started(event)]
    held = paused is not None and any(key in clocks and key not in anew for key in paused.clocks)
    return paused if held else None

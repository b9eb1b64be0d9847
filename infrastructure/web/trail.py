"""What happened, event by event, in words: who did what when, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from application import policy
from application.commands.desk import SERVICE
from domain.dispute.evidence import EvidenceSubmitted
from domain.dispute.intake import DisputeFiled, MerchantResponded, ResponseLapsed
from domain.dispute.negotiation import MessageSent, OfferDeclined, OfferMade, Settled
from domain.dispute.remedy import ExternalRefundReported, RemedyOrdered
from domain.dispute.review import CaseAssigned, Escalated
from domain.dispute.ruling import Award, AwardLine, RulingBecameFinal, RulingConfirmed
from domain.intake.order import OrderRegistered
from domain.kernel import ARBITRATORS, Act, Actor, Event, Role
from domain.money import total
from domain.playbook.playbook import PlaybookPublished
from domain.remedy.payout import PayoutConfirmed, PayoutFailed, PayoutMismatched, PayoutOrdered, PayoutUnknown
from infrastructure.web.plain_text import neutral
from infrastructure.web.sentences import Language, actor, catalogue, hours, listed, person, say, size

if TYPE_CHECKING:
    from datetime import datetime

    from application.ports import Recorded
    from domain.calendars import Clock
    from domain.dispute.intake import Claim

Paying = RemedyOrdered | PayoutOrdered | AwardLine


@dataclass(frozen=True, slots=True)
class Told:
    """An event in words; `who` and `what` together are a sentence, `why` is empty where the event has no reason."""

    at: datetime
    who: str
    what: str
    why: str


def tell(recorded: Recorded, language: Language, viewer: Role | None = None) -> Told:
    """An event of any stream in words, as this role may see it; without a viewer everything is told."""
    named = _seen("arbitrator", viewer)
    # What follows by itself from somebody's act is the service's doing, whoever's command it came with.
    by = recorded.metadata.actor if isinstance(recorded.event, Act) else SERVICE
    who = actor(language, by, named=named or by.role not in ARBITRATORS)
    return Told(
        at=recorded.metadata.at,
        who=who[:1].upper() + who[1:],
        what=_what(recorded.event, language, by, named=named),
        why=_why(recorded.event, language, viewer),
    )


def _what(event: Event, language: Language, by: Actor, *, named: bool) -> str:  # noqa: C901 - one case a kind of event
    key = f"event.{event.TOPIC}"
    more: dict[str, object] = {}
    match event:
        case OrderRegistered(snapshot=order):
            more = {"order": order.order_id, "paid": total((line.paid for line in order.lines), order.currency)}
        case DisputeFiled():
            more = {
                "claims": [say(language, "part.claim", **(dict(one) | _asked(one))) for one in event.claims],
                "due": event.answer_clock.due_at,
            }
        case MerchantResponded():
            key = f"{key}.{event.answer}"
        case ResponseLapsed():
            more = {"due": event.clock.due_at}
        case OfferMade() | Settled():
            more = {"terms": [say(language, "part.term", **dict(term)) for term in event.terms]}
        case EvidenceSubmitted(file=file):
            more = {"media_type": file.media_type, "size": size(file.size_bytes)}
        case CaseAssigned():
            key = f"{key}.{'taken' if event.arbitrator == by else 'given'}"
            more = {"arbitrator": actor(language, event.arbitrator, named=named)}
        case RulingConfirmed():
            more = {"awards": [_award(language, one) for one in event.awards], "due": event.appeal_clock.due_at}
        case RemedyOrdered(credited=credited):
            key = f"{key}.credited" if credited.minor else key
            more = {"payment": payment(language, event)}
        case PayoutOrdered():
            more = {"payment": payment(language, event)}
        case ExternalRefundReported(applied=(_, *_)):
            key = f"{key}.applied"
            more = {"applied": [say(language, "part.credit", **dict(one)) for one in event.applied]}
        case _:
            pass  # its own fields are all there is to tell
    return say(language, key, **(dict(event) | more))


def _why(event: Event, language: Language, viewer: Role | None) -> str:
    key = f"event.{event.TOPIC}.why"
    match event:
        case DisputeFiled(claims=(claim,)):
            return neutral(claim.statement)
        case DisputeFiled():
            return listed(language, (say(language, "part.statement", **_stated(one)) for one in event.claims))
        case ResponseLapsed() | RulingBecameFinal():
            return clock_arithmetic(language, event.clock)
        case Settled(offer=None):
            return say(language, "event.dispute.settled.as_filed")
        case Settled():
            return say(language, "event.dispute.settled.by_offer", offer=event.offer)
        case RulingConfirmed():
            rules = dict.fromkeys(rule for award in event.awards for rule in award.rules)
            return say(language, key, rules=list(rules), reasons=event.reasons)
        case PayoutFailed() | PayoutUnknown():
            return payment_reason(language, event.reason) if _seen("payment_reason", viewer) else ""
        case PayoutConfirmed() | PayoutMismatched() | ExternalRefundReported():
            return say(language, key, reference=event.reference) if _seen("payment_reference", viewer) else ""
        case EvidenceSubmitted() | PlaybookPublished():
            return say(language, key, **dict(event))
        case _:
            return _somebodys_words(event)


def _somebodys_words(event: Event) -> str:
    match event:
        case MerchantResponded(statement=words) | MessageSent(text=words) | OfferMade(note=words):
            return neutral(words)
        case Escalated(reason=words) | OfferDeclined(reason=words):
            return neutral(words)
        case _:
            return ""


def _seen(field: str, viewer: Role | None) -> bool:
    return viewer is None or policy.sees(field, viewer)


def clock_arithmetic(language: Language, clock: Clock) -> str:
    """When a clock started, plus its hours, gives when it ran out; and what silence does."""
    return say(
        language,
        "clock.arithmetic",
        name=clock.name,
        started=clock.started_at,
        hours=hours(language, clock.hours),
        due=clock.due_at,
        on_silence=clock.on_silence,
    )


def payment(language: Language, paying: Paying) -> str:
    """Who pays whom how much."""
    return say(
        language,
        "part.payment",
        payer=person(language, paying.payer, paying.payer_id),
        payee=person(language, paying.payee, paying.payee_id),
        amount=paying.amount,
    )


def payment_reason(language: Language, reason: str) -> str:
    """Why a payment did not come off, out of the short code that the event holds."""
    code, _, rest = reason.partition(": ")
    if code.startswith("server_error_"):
        code, rest = "server_error", code.removeprefix("server_error_")
    key = f"payment_reason.{code}"
    return say(language, key, status=rest, reason=rest) if key in catalogue(language) else neutral(reason)


def _asked(claim: Claim) -> dict[str, object]:
    return {"claim": claim.id, "amount": claim.asked}


def _stated(claim: Claim) -> dict[str, object]:
    return {"claim": claim.id, "statement": claim.statement}


def _award(language: Language, award: Award) -> str:
    lines = [say(language, "part.award_line", **dict(line)) for line in award.lines]
    key = "part.award.paid" if lines else "part.award.bare"
    return say(language, key, claim=award.claim, finding=award.finding, lines=lines)

"""What happened, event by event, in words: who did what when, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from application import policy
from application.commands.desk import SERVICE
from application.commands.intake import case_number
from domain.audit.access import ExhibitOpened
from domain.calendars import Clock, read_key
from domain.dispute.admission import EvidenceAdmitted, EvidenceChallenged, EvidenceExcluded
from domain.dispute.appeal import AppealFiled, AppealRejected, RulingUpheld
from domain.dispute.award import AwardLine
from domain.dispute.chase import Chased
from domain.dispute.closing import Reopened, Withdrawn
from domain.dispute.correction import RulingCorrected
from domain.dispute.evidence import EvidenceSubmitted
from domain.dispute.goodwill import GoodwillGiven
from domain.dispute.hold import LegalHoldLifted, LegalHoldPlaced
from domain.dispute.human import HumanRequested
from domain.dispute.intake import ClaimAdded, DisputeFiled, MerchantResponded, ResponseLapsed
from domain.dispute.liability import LiabilityUndetermined
from domain.dispute.link import CaseLinked
from domain.dispute.negotiation import MessageSent, OfferDeclined, OfferExpired, OfferMade, Settled
from domain.dispute.note import NoteAdded
from domain.dispute.notice import NoticeLapsed, NoticeServed
from domain.dispute.outside import ExternalRefundReported
from domain.dispute.pause import ClockPaused, ClockResumed
from domain.dispute.proposal import ProposalEvent, ProposalReturned, RulingProposed
from domain.dispute.recovery import RecoveryOrdered, RecoveryWrittenOff, RemedyRecovered, RemedyStopped
from domain.dispute.remedy import RemedyOrdered
from domain.dispute.review import CaseAssigned, CaseReassigned, CaseReleased, ConflictDeclared, Escalated
from domain.dispute.rounds import EvidenceRequested, EvidenceRoundClosed
from domain.dispute.ruling import DecidedByDefault, DefaultProof, RulingBecameFinal, RulingConfirmed, RulingReversed
from domain.intake.order import OrderRegistered
from domain.kernel import ARBITRATORS, Act, Actor, Event, Role
from domain.money import Tender, total
from domain.playbook.playbook import Finding, PlaybookPublished
from domain.remedy.payout import (
    PayoutConfirmed,
    PayoutFailed,
    PayoutMismatched,
    PayoutOrdered,
    PayoutRecovered,
    PayoutUnknown,
)
from infrastructure.web.plain_text import neutral
from infrastructure.web.sentences import Language, actor, catalogue, hours, listed, person, say, size, word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from application.ports import Recorded
    from domain.dispute.intake import Claim
    from domain.dispute.negotiation import Term

Paying = RemedyOrdered | PayoutOrdered | AwardLine | RecoveryOrdered | GoodwillGiven


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
    by = recorded.event.by if isinstance(recorded.event, Act) else SERVICE
    who = actor(language, by, named=named or by.role not in ARBITRATORS)
    unsaid = isinstance(recorded.event, ProposalEvent) and not _seen("proposal", viewer)
    return Told(
        at=recorded.metadata.at,
        who=who[:1].upper() + who[1:],
        what=say(language, f"event.{recorded.event.TOPIC}.unsaid")
        if unsaid
        else _what(recorded.event, language, by, named=named) + _of_its_file(recorded.event, language, viewer),
        why="" if unsaid else _why(recorded.event, language, viewer),
    )


def _what(event: Event, language: Language, by: Actor, *, named: bool) -> str:
    more = _MORE[type(event)](language, event) if type(event) in _MORE else {}
    if isinstance(event, CaseAssigned | CaseReassigned):
        holder = event.arbitrator if isinstance(event, CaseAssigned) else event.to
        more = {"arbitrator": _another(language, holder, named=named)}
    return say(language, f"event.{event.TOPIC}{_variant(event, by)}", **(dict(event) | more))


def provenance(shown: EvidenceSubmitted, language: Language, viewer: Role | None) -> str:
    """What an exhibit's file itself tells, for those who may know; empty where that is nothing."""
    if not shown.provenance or (viewer is not None and not policy.sees_provenance(shown, viewer)):
        return ""
    found = [say(language, f"provenance.{one.code}", count=one.count) for one in shown.provenance]
    return say(language, "part.provenance", found=found)


def _of_its_file(event: Event, language: Language, viewer: Role | None) -> str:
    told = provenance(event, language, viewer) if isinstance(event, EvidenceSubmitted) else ""
    return f"{say(language, 'format.and_then')}{told}" if told else ""


# By which field one of several sentences of an event is chosen.
_TOLD_BY: Final[dict[type[Event], str]] = {
    NoticeServed: "how",
    MerchantResponded: "answer",
    NoteAdded: "kind",
    ExhibitOpened: "form",
}


def _variant(event: Event, by: Actor) -> str:
    """Which of several sentences of an event fits; empty where there is one."""
    if said := getattr(event, _TOLD_BY.get(type(event), ""), None):
        return f".{said}"
    match event:
        case CaseAssigned():
            return ".taken" if event.arbitrator == by else ".given"
        case OfferMade(counters=str()):
            return ".countering"
        case EvidenceSubmitted(late=True):
            return ".late"
        case EvidenceRoundClosed(clock=Clock()):
            return ".lapsed"
        case RemedyOrdered():
            return ".credited" if event.credited.minor else ".coupon" if event.remedy.tender is Tender.COUPON else ""
        case RemedyStopped(unpaid=unpaid) if not unpaid.minor:
            return ".paid"
        case PayoutOrdered(claim=None):
            return ".goodwill"
        case ExternalRefundReported(applied=(_, *_)):
            return ".applied"
        case _:
            return ""


def _another(language: Language, given: Actor, *, named: bool) -> str:
    """To whom a case is given."""
    return actor(language, given) if named else say(language, "actor.another", role=given.role)


def _why(event: Event, language: Language, viewer: Role | None) -> str:
    if clock := _ran_out(event):
        return clock_arithmetic(language, clock)
    match event:
        case DisputeFiled(claims=(claim,)) | ClaimAdded(claim=claim):
            return neutral(claim.statement)
        case DisputeFiled():
            return listed(language, (say(language, "part.statement", **_stated(one)) for one in event.claims))
        case ClockResumed():
            return listed(language, (clock_arithmetic(language, clock) for clock in event.clocks))
        case Settled(offer=None):
            return say(language, "event.dispute.settled.as_filed")
        case Settled():
            return say(language, "event.dispute.settled.by_offer", offer=event.offer)
        case RulingConfirmed() | RulingProposed() | RulingReversed():
            return _grounds(event, language)
        case DecidedByDefault():
            return default_proof(language, event.rule, event.proof)
        case EvidenceSubmitted() | PlaybookPublished() | LiabilityUndetermined() | RulingBecameFinal(clock=None):
            return say(language, f"event.{event.TOPIC}.why", **dict(event))
        case _:
            return (
                _somebodys_words(event)
                or _between_arbitrators(event, language, viewer)
                or _provider(event, language, viewer)
            )


def _between_arbitrators(event: Event, language: Language, viewer: Role | None) -> str:
    """Why another person decides: for those who may know which."""
    match event:
        case _ if not _seen("arbitrator", viewer):
            return ""
        case CaseReleased(reason=words) | CaseReassigned(reason=words):
            return neutral(words)
        case ConflictDeclared():
            return say(language, f"event.{event.TOPIC}.why", ground=event.ground, reason=event.reason)
        case _:
            return ""


def _ran_out(event: Event) -> Clock | None:
    """The clock whose end the event records."""
    match event:
        case NoticeLapsed() | ResponseLapsed() | OfferExpired() | EvidenceRoundClosed() | RulingBecameFinal():
            return event.clock
        case _:
            return None


def _grounds(event: RulingConfirmed | RulingProposed | RulingReversed, language: Language) -> str:
    rules = list(dict.fromkeys(rule for award in event.awards for rule in award.rules))
    if event.proof is not None:
        return default_proof(language, rules[0], event.proof)
    return say(language, "event.dispute.ruling_confirmed.why", rules=rules, reasons=event.reasons)


def _provider(event: Event, language: Language, viewer: Role | None) -> str:
    """What the payment service said, where the reader may know it."""
    match event:
        case PayoutFailed() | PayoutUnknown() if _seen("payment_reason", viewer):
            return payment_reason(language, event.reason)
        case (
            PayoutConfirmed() | PayoutMismatched() | ExternalRefundReported() | RemedyRecovered() | PayoutRecovered()
        ) if _seen("payment_reference", viewer):
            return say(language, f"event.{event.TOPIC}.why", reference=event.reference)
        case _:
            return ""


def _somebodys_words(event: Event) -> str:
    match event:
        case MerchantResponded(statement=words) | MessageSent(text=words) | OfferMade(note=words):
            return neutral(words)
        case Chased(text=str(words)) | NoteAdded(text=words) | CaseLinked(reason=words):
            return neutral(words)
        case LegalHoldPlaced(reason=words) | LegalHoldLifted(reason=words):
            return neutral(words)
        case HumanRequested(reason=str(words)) | ProposalReturned(reason=words) | RulingCorrected(why=words):
            return neutral(words)
        case Escalated(reason=words) | OfferDeclined(reason=words) | ClockPaused(reason=words):
            return neutral(words)
        case EvidenceRequested(why=words) | EvidenceChallenged(statement=words):
            return neutral(words)
        case EvidenceAdmitted(reason=words) | EvidenceExcluded(reason=words):
            return neutral(words)
        case AppealFiled(statement=words) | AppealRejected(reason=words) | RulingUpheld(reasons=words):
            return neutral(words)
        case (
            Withdrawn(reason=words)
            | Reopened(reason=words)
            | RecoveryWrittenOff(reason=words)
            | GoodwillGiven(why=words)
        ):
            return neutral(words)
        case _:
            return ""


def _seen(field: str, viewer: Role | None) -> bool:
    return viewer is None or policy.sees(field, viewer)


def clock_arithmetic(language: Language, clock: Clock) -> str:
    """When a clock started, plus its hours by its calendar and less its pauses, gives its end; what silence does."""
    return say(
        language,
        "clock.arithmetic",
        name=clock_name(language, clock),
        started=clock.started_at,
        hours=hours(language, clock.hours),
        calendar=clock.calendar,
        pauses="".join(say(language, "clock.pause", since=one.since, until=one.until) for one in clock.pauses),
        due=clock.due_at,
        on_silence=clock.on_silence,
    )


def clock_name(language: Language, clock: Clock) -> str:
    """The clock's name, with what it runs for."""
    return key_name(language, clock.key)


def key_name(language: Language, key: str) -> str:
    """The name of the clock of this key, with what it runs for."""
    name, of = read_key(key)
    return word(language, name) if of is None else say(language, "clock.of", name=name, of=of)


def default_proof(language: Language, rule: str, proof: DefaultProof) -> str:
    """Why silence could decide: the rule, the service of the notice, the clock."""
    shown = {"rule": rule, "served": proof.served_at, "clock": clock_arithmetic(language, proof.clock)}
    return say(language, "event.dispute.decided_by_default.why", **(dict(proof) | shown))


def terms(language: Language, offered: Sequence[Term]) -> list[str]:
    """What is offered or agreed for each claim."""
    return [say(language, "part.term", **dict(one)) for one in offered]


def payment(language: Language, paying: Paying) -> str:
    """Who pays whom how much, or gives a coupon of how much."""
    return say(
        language,
        "part.payment.coupon" if _tender(paying) is Tender.COUPON else "part.payment",
        payer=person(language, paying.payer, paying.payer_id),
        payee=person(language, paying.payee, paying.payee_id),
        amount=paying.amount,
    )


def _tender(paying: Paying) -> Tender | None:
    match paying:
        case PayoutOrdered() | GoodwillGiven():
            return paying.tender
        case RemedyOrdered() | AwardLine():
            return paying.remedy.tender
        case _:
            return None  # what was paid too much comes back as the platform can get it


def payment_reason(language: Language, reason: str) -> str:
    """Why a payment did not come off, out of the short code that the event holds."""
    code, _, rest = reason.partition(": ")
    if code.startswith("server_error_"):
        code, rest = "server_error", code.removeprefix("server_error_")
    key = f"payment_reason.{code}"
    return say(language, key, status=rest, reason=rest) if key in catalogue(language) else neutral(reason)


def _claimed(language: Language, claim: Claim) -> str:
    return say(language, "part.claim", **(dict(claim) | {"claim": claim.id, "amount": claim.asked}))


def _stated(claim: Claim) -> dict[str, object]:
    return {"claim": claim.id, "statement": claim.statement}


def _award(language: Language, claim: str, finding: Finding, award_lines: Sequence[AwardLine]) -> str:
    lines = [say(language, "part.award_line", **dict(line)) for line in award_lines]
    return say(language, "part.award.paid" if lines else "part.award.bare", claim=claim, finding=finding, lines=lines)


# What the sentence of an event tells beyond the event's own fields.
_MORE: Final[dict[type[Event], Callable[[Language, Any], dict[str, object]]]] = {
    OrderRegistered: lambda _, event: {
        "order": event.snapshot.order_id,
        "paid": total((line.paid for line in event.snapshot.lines), event.snapshot.currency),
    },
    DisputeFiled: lambda language, event: {"claims": [_claimed(language, one) for one in event.claims]},
    ClaimAdded: lambda language, event: {"said": _claimed(language, event.claim)},
    NoticeServed: lambda _, event: {"due": event.clock.due_at},
    NoticeLapsed: lambda _, event: {"due": event.clock.due_at},
    ResponseLapsed: lambda _, event: {"due": event.clock.due_at},
    ClockPaused: lambda language, event: {"names": [key_name(language, key) for key in event.clocks]},
    ClockResumed: lambda language, event: {
        "clocks": [
            say(language, "part.clock_due", name=clock_name(language, one), due=one.due_at) for one in event.clocks
        ]
    },
    OfferMade: lambda language, event: {
        "terms": terms(language, event.terms),
        "due": event.clock.due_at,
    },
    Settled: lambda language, event: {"terms": terms(language, event.terms)},
    CaseLinked: lambda _, event: {"other": case_number(event.other)},
    EvidenceRequested: lambda _, event: {"due": event.clock.due_at},
    EvidenceSubmitted: lambda _, event: {"media_type": event.file.media_type, "size": size(event.file.size_bytes)},
    RulingConfirmed: lambda language, event: {
        "awards": [_award(language, one.claim, one.finding, one.lines) for one in event.awards],
        "due": event.appeal_clock.due_at,
    },
    RulingReversed: lambda language, event: {
        "awards": [_award(language, one.claim, one.finding, one.lines) for one in event.awards]
    },
    RulingProposed: lambda language, event: {
        "awards": [_award(language, one.claim, one.finding, one.lines) for one in event.awards]
    },
    RulingCorrected: lambda language, event: {
        "awards": [_award(language, one.claim, one.finding, one.lines) for one in event.awards]
    },
    DecidedByDefault: lambda language, event: {
        "awards": [_award(language, one.claim, Finding.UPHELD, one.lines) for one in event.awards],
        "due": event.appeal_clock.due_at,
    },
    RemedyOrdered: lambda language, event: {"payment": payment(language, event)},
    GoodwillGiven: lambda language, event: {"payment": payment(language, event)},
    PayoutOrdered: lambda language, event: {"payment": payment(language, event)},
    RecoveryOrdered: lambda language, event: {"payment": payment(language, event)},
    ExternalRefundReported: lambda language, event: {
        "applied": [say(language, "part.credit", **dict(one)) for one in event.applied]
    },
}

"""The one table of who may do and see what. Everything is checked against it, commands and answers alike."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from domain.dispute.hold import LegalHoldLifted, LegalHoldPlaced
from domain.dispute.link import CaseLinked
from domain.dispute.note import NoteAdded, NoteKind
from domain.kernel import Actor, Event, NotYours, Role

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute
    from domain.dispute.evidence import EvidenceSubmitted


class Relation(StrEnum):
    """How a row asks the caller to stand to the case."""

    PARTY = "party"  # the buyer or the merchant of this very dispute
    CLEAR = "clear"  # no conflict is declared in this very dispute
    ANY = "any"  # no relation is asked


class Reach(StrEnum):
    """On which platforms a row holds."""

    OWN = "own"  # the caller's own platform
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, for which platform."""

    actor: Actor
    platform: str


@dataclass(frozen=True, slots=True)
class Row:
    """This role may do this, standing so to the case, on these platforms."""

    operation: str
    role: Role
    relation: Relation = Relation.ANY
    reach: Reach = Reach.OWN


PARTIES = (Role.BUYER, Role.MERCHANT)
DECIDERS = (Role.ARBITRATOR, Role.SENIOR_ARBITRATOR)
EVERYBODY = tuple(role for role in Role if role is not Role.SERVICE)


def _rows(operation: str, roles: tuple[Role, ...], relation: Relation | None = None) -> tuple[Row, ...]:
    """A row for each role; what those who decide do, they do to no case in which they have declared a conflict."""
    usual = dict.fromkeys(DECIDERS, Relation.CLEAR)
    return tuple(Row(operation, role, relation or usual.get(role, Relation.ANY)) for role in roles)


TABLE: frozenset[Row] = frozenset(
    (
        # intake
        *_rows("register_order", (Role.PLATFORM,)),
        *_rows("see_order", (Role.PLATFORM, *DECIDERS, Role.AUDITOR)),
        *_rows("file_dispute", (Role.BUYER,)),
        *_rows("add_claim", (Role.BUYER,), Relation.PARTY),
        *_rows("report_notice", (Role.PLATFORM,)),
        *_rows("open_notice", (Role.MERCHANT,), Relation.PARTY),
        *_rows("respond", (Role.MERCHANT,), Relation.PARTY),
        *_rows("expire_clock", (Role.SERVICE,)),
        *_rows("link_case", DECIDERS),
        *_rows("place_legal_hold", (Role.AUDITOR,)),
        *_rows("lift_legal_hold", (Role.AUDITOR,)),
        # negotiation
        *_rows("send_message", PARTIES, Relation.PARTY),
        *_rows("make_offer", PARTIES, Relation.PARTY),
        *_rows("accept_offer", PARTIES, Relation.PARTY),
        *_rows("decline_offer", PARTIES, Relation.PARTY),
        *_rows("give_goodwill", (Role.MERCHANT,), Relation.PARTY),
        *_rows("give_goodwill", (Role.SENIOR_ARBITRATOR,)),
        *_rows("chase", PARTIES, Relation.PARTY),
        # evidence
        *_rows("submit_evidence", PARTIES, Relation.PARTY),
        *_rows("see_exhibit", PARTIES, Relation.PARTY),
        *_rows("see_exhibit", (*DECIDERS, Role.AUDITOR)),
        *_rows("request_evidence", DECIDERS),
        *_rows("close_evidence_round", DECIDERS),
        *_rows("challenge_evidence", PARTIES, Relation.PARTY),
        *_rows("admit_evidence", DECIDERS),
        *_rows("exclude_evidence", DECIDERS),
        # review
        *_rows("escalate", PARTIES, Relation.PARTY),
        *_rows("intervene", DECIDERS),
        *_rows("release_case", DECIDERS),
        *_rows("reassign_case", (Role.SENIOR_ARBITRATOR,)),
        *_rows("declare_conflict", DECIDERS, Relation.ANY),  # so that the same can be sent again
        *_rows("add_note", DECIDERS),
        *_rows("pause_clock", DECIDERS),
        *_rows("resume_clock", DECIDERS),
        *_rows("request_human", PARTIES, Relation.PARTY),
        *_rows("see_queue", DECIDERS),
        # ruling
        *_rows("rule", DECIDERS),
        *_rows("confirm_ruling", DECIDERS),
        *_rows("return_ruling", DECIDERS),
        *_rows("correct_ruling", DECIDERS),
        # appeal
        *_rows("file_appeal", PARTIES, Relation.PARTY),
        *_rows("reject_appeal", DECIDERS),
        *_rows("uphold_ruling", DECIDERS),
        *_rows("reverse_ruling", DECIDERS),
        # remedy
        *_rows("pay", (Role.SERVICE,)),
        *_rows("reconcile", (Role.SERVICE,)),
        *_rows("report_external_refund", (Role.PLATFORM,)),
        *_rows("report_recovery", (Role.PLATFORM,)),
        *_rows("write_off_recovery", (Role.SENIOR_ARBITRATOR,)),
        # closing
        *_rows("withdraw", (Role.BUYER,), Relation.PARTY),
        *_rows("reopen", (Role.SENIOR_ARBITRATOR,)),
        # playbook
        *_rows("publish_playbook", (Role.RULE_WRITER,)),
        *_rows("see_playbook", EVERYBODY),
        *_rows("see_requirements", EVERYBODY),
        # reading cases
        *_rows("see_case", PARTIES, Relation.PARTY),
        *_rows("see_case", (*DECIDERS, Role.AUDITOR, Role.PLATFORM)),
        *_rows("see_trail", PARTIES, Relation.PARTY),
        *_rows("see_trail", (*DECIDERS, Role.AUDITOR)),
        *_rows("list_cases", (*PARTIES, *DECIDERS, Role.AUDITOR, Role.PLATFORM)),
        *_rows("see_viewings", (Role.AUDITOR,)),
        # time, outside production
        Row("move_test_clock", Role.ADMIN, reach=Reach.ALL),
    )
)

# Parts of an answer that not everybody who may see the case may see.
STAFF = frozenset({Role.ARBITRATOR, Role.SENIOR_ARBITRATOR, Role.AUDITOR})
FIELDS: dict[str, frozenset[Role]] = {
    "arbitrator": STAFF,  # parties learn that an arbitrator decides, not which person, nor why another one
    "internal_notes": STAFF,
    "links": STAFF,
    "legal_hold": STAFF,
    "proposal": STAFF,  # what is not decided is not said
    "provenance": STAFF,  # and the side that showed the exhibit: what a file tells beside what it shows is its own
    "payment_reference": STAFF | {Role.PLATFORM},
    "payment_reason": STAFF | {Role.PLATFORM},
}


class NotThere(Exception):
    """There is no such thing for this caller: what one may not see answers exactly like what is not there."""


class NotAllowed(NotYours):
    """Your role does not do this."""

    CODE = "not_allowed"


def require(operation: str, caller: Caller, platform: str | None = None, dispute: Dispute | None = None) -> None:
    """Check a call against the table; `platform` and `dispute` are the thing's it is about.

    Raises NotThere where the caller may not even see the thing, NotAllowed where it may but may not do this.
    """
    if allows(operation, caller, platform, dispute):
        return
    if dispute is not None and not allows("see_case", caller, platform, dispute):
        raise NotThere
    if dispute is None and platform not in (None, caller.platform):
        raise NotThere
    raise NotAllowed(operation=operation, role=str(caller.actor.role))


# What a machine of a party, an arbitrator or an auditor may do: read. It never acts for a person.
MACHINES = frozenset({Role.SERVICE, Role.PLATFORM, Role.ADMIN})
READING = ("see_", "list_")


def allows(operation: str, caller: Caller, platform: str | None = None, dispute: Dispute | None = None) -> bool:
    """Whether a row of the table allows the call."""
    if caller.actor.is_tool and caller.actor.role not in MACHINES and not operation.startswith(READING):
        return False
    return any(
        row.operation == operation
        and row.role is caller.actor.role
        and (row.reach is Reach.ALL or platform in (None, caller.platform))
        and _stands(row.relation, caller.actor, dispute)
        for row in TABLE
    )


def _stands(relation: Relation, actor: Actor, dispute: Dispute | None) -> bool:
    """Whether the actor stands to the case as a row asks."""
    match relation:
        case Relation.ANY:
            return True
        case Relation.CLEAR:
            return dispute is None or dispute.review.conflict_of(actor) is None
        case Relation.PARTY:
            return dispute is not None and dispute.intake.side_of(actor) is not None
        case _:
            assert_never(relation)


def sees(field: str, role: Role) -> bool:
    """Whether a role sees this part of an answer."""
    return field not in FIELDS or role in FIELDS[field]


def sees_provenance(exhibit: EvidenceSubmitted, role: Role) -> bool:
    """Whether a role that may see the case learns what an exhibit's file tells beside what it shows."""
    return role is exhibit.by.role or sees("provenance", role)


def sees_event(event: Event, role: Role) -> bool:
    """Whether a role learns of this event of a case at all."""
    match event:
        case NoteAdded(kind=NoteKind.INTERNAL):
            return sees("internal_notes", role)
        case CaseLinked():
            return sees("links", role)
        case LegalHoldPlaced() | LegalHoldLifted():
            return sees("legal_hold", role)
        case _:
            return True

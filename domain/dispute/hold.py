"""Chapter hold, a part of intake: a case is kept as it is for a court, a regulator or an inquiry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from domain.kernel import Act, Actor, Moment, NotYours, Personal, Refused, Role, Text

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute


class LegalHoldPlaced(Act):
    """An auditor put the case under legal hold: nothing of it is erased until that is lifted."""

    TOPIC: ClassVar[str] = "dispute.legal_hold_placed"
    reason: Annotated[Text, Personal("/by/id")]


class LegalHoldLifted(Act):
    """An auditor lifted the legal hold."""

    TOPIC: ClassVar[str] = "dispute.legal_hold_lifted"
    reason: Annotated[Text, Personal("/by/id")]


HoldEvent = LegalHoldPlaced | LegalHoldLifted


class NotAnAuditor(NotYours):
    """Only an auditor, a person, may do this."""

    CODE = "not_an_auditor"


class OnHoldAlready(Refused):
    """The case is under legal hold already."""

    CODE = "on_hold_already"


class NotOnHold(Refused):
    """The case is not under legal hold."""

    CODE = "not_on_hold"


def may_place_hold(dispute: Dispute, actor: Actor) -> None:
    """An auditor puts a case under legal hold at any time, also when it is closed."""
    _check_auditor(actor)
    if dispute.hold is not None:
        raise OnHoldAlready


def place_hold(dispute: Dispute, reason: str, *, by: Actor, at: Moment) -> tuple[LegalHoldPlaced]:
    """Put the case under legal hold."""
    may_place_hold(dispute, by)
    return (LegalHoldPlaced(reason=reason, by=by, at=at),)


def may_lift_hold(dispute: Dispute, actor: Actor) -> None:
    """An auditor lifts the hold, not only the one who placed it."""
    _check_auditor(actor)
    if dispute.hold is None:
        raise NotOnHold


def lift_hold(dispute: Dispute, reason: str, *, by: Actor, at: Moment) -> tuple[LegalHoldLifted]:
    """Lift the legal hold."""
    may_lift_hold(dispute, by)
    return (LegalHoldLifted(reason=reason, by=by, at=at),)


def _check_auditor(actor: Actor) -> None:
    if actor.role is not Role.AUDITOR or actor.is_tool:
        raise NotAnAuditor


def evolve(_hold: LegalHoldPlaced | None, event: HoldEvent) -> LegalHoldPlaced | None:
    """The hold after `event`."""
    return event if isinstance(event, LegalHoldPlaced) else None

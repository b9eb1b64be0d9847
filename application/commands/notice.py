"""Commands of notice, a part of intake: the platform tells what became of it, the merchant opens the case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from application.commands.desk import DisputeCommand
from domain.dispute import notice
from domain.dispute.dispute import DisputeEvent
from domain.dispute.notice import Bounce

if TYPE_CHECKING:
    from datetime import datetime

    from application.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportNotice(DisputeCommand):
    """The platform tells what became of the notice: served, or, with the reason, bounced."""

    OPERATION: ClassVar[str] = "report_notice"
    channel: str
    reference: str | None = None
    served_at: datetime | None = None
    bounced: Bounce | None = None

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The service, with which the merchant's clock starts, or the bounce."""
        by = self.caller.actor
        if self.bounced is not None:
            return notice.bounce_notice(
                case.dispute, channel=self.channel, why=self.bounced, reference=self.reference, by=by, at=at
            )
        return notice.serve_notice(
            case.dispute,
            case.playbook,
            channel=self.channel,
            reference=self.reference,
            served_at=self.served_at,
            by=by,
            at=at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenNotice(DisputeCommand):
    """The merchant opened the case: proof of service, if there was none."""

    OPERATION: ClassVar[str] = "open_notice"

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The service, with which the merchant's clock starts."""
        return notice.open_notice(case.dispute, case.playbook, by=self.caller.actor, at=at)

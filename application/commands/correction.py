"""Commands of correction, a part of ruling: put a slip right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from application.commands.desk import DisputeCommand
from domain.dispute import correction
from domain.dispute.correction import AwardCorrection, CorrectionKind
from domain.dispute.dispute import DisputeEvent

if TYPE_CHECKING:
    from datetime import datetime

    from application.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectRuling(DisputeCommand):
    """Who decided puts a slip in the ruling right."""

    OPERATION: ClassVar[str] = "correct_ruling"
    ruling: str
    kind: CorrectionKind
    awards: tuple[AwardCorrection, ...]
    reasons: str | None
    why: str

    def decide(self, case: Case, at: datetime) -> tuple[DisputeEvent, ...]:
        """The ruling as it reads from now on."""
        return correction.correct(
            case.dispute,
            case.playbook,
            self.ruling,
            self.kind,
            self.awards,
            self.reasons,
            self.why,
            by=self.caller.actor,
            at=at,
        )

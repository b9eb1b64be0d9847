"""Chapter liability, a part of ruling: what happened cannot be determined, and a rule of the playbook decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from domain.kernel import Act, Code, Personal, Text, Unacceptable
from domain.playbook.playbook import Fallback, Playbook

if TYPE_CHECKING:
    from domain.dispute.intake import Claim
    from domain.dispute.ruling import RulingConfirmed, RulingReversed


class LiabilityUndetermined(Act):
    """It cannot be determined who is liable for a claim: `facts` say why, `rule` decides it in `ruling`."""

    TOPIC: ClassVar[str] = "dispute.liability_undetermined"
    ruling: Code
    claim: Code
    facts: Annotated[Text, Personal("/by/id")]
    rule: Code


class NoFallback(Unacceptable):
    """The playbook does not say what applies where liability for such a claim cannot be determined."""

    CODE = "no_fallback"


def fall_back(playbook: Playbook, claim: Claim) -> Fallback:
    """The rule that decides a claim for which liability cannot be determined."""
    row = playbook.fallback(claim.reason)
    if row is None:
        raise NoFallback(reason=claim.reason)
    return row


def undetermined(decision: RulingConfirmed | RulingReversed) -> tuple[LiabilityUndetermined, ...]:
    """What a ruling found that it could not determine, one for each such claim."""
    return tuple(
        LiabilityUndetermined(
            ruling=decision.ruling,
            claim=award.claim,
            facts=award.facts,
            rule=award.rules[0],
            by=decision.by,
            at=decision.at,
        )
        for award in decision.awards
        if award.undetermined
    )

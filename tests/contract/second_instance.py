"""Stories of the second instance for the trail and the account: a reversal that another has to confirm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.dispute import appeal, proposal, recovery, remedy
from domain.dispute import dispute as disputes
from domain.dispute.award import AwardSought, RemedySought
from domain.playbook.playbook import Finding, RemedyKind
from tests.contract.log import DISPUTE, OTHER_ARBITRATOR, PLAYBOOK, SENIOR, Log, yuan

if TYPE_CHECKING:
    from domain.playbook.playbook import Playbook

STRICT: Playbook = PLAYBOOK.model_copy(update={"four_eyes": (yuan("10.00"),)})


def reversed_by_two(log: Log, *, to_the_end: bool = True) -> Log:
    """Who hears the appeal proposes a reversal; it goes back once, then a colleague confirms it."""
    for reasons in ("退一半。", "果肉只坏了一半，退一半。"):
        half = AwardSought(
            claim="c1",
            finding=Finding.UPHELD,
            facts="照片显示一半果肉发干。",
            rules=("COMMON-PROMISE-1",),
            remedies=(RemedySought(remedy=RemedyKind.PARTIAL_REFUND, amount=yuan("19.90")),),
        )
        end = appeal.reverse_ruling(log.dispute, STRICT, "a1", (half,), reasons, by=SENIOR, at=log.at)
        log.add(DISPUTE, SENIOR, disputes.reverse(log.dispute, STRICT, DISPUTE, end))
        if reasons == "退一半。":
            log.act(OTHER_ARBITRATOR, proposal.return_proposal, "r2", "没有说明为什么是一半。")
    if to_the_end:
        happened = disputes.confirm(log.dispute, STRICT, DISPUTE, "r3", by=OTHER_ARBITRATOR, at=log.at)
        log.add(DISPUTE, OTHER_ARBITRATOR, happened)
    return log


def written_off(log: Log) -> Log:
    """What is left of a recovery is given up, and that was the last thing that the case waited for."""
    given_up = recovery.write_off(log.dispute, "v1", "买家账号已注销，多次联系无果。", by=SENIOR, at=log.at)
    log.add(DISPUTE, SENIOR, [given_up, *remedy.follow_recovery(log.dispute, given_up)])
    return log

"""The case file that jurors are shown: what both sides say and show, and nothing that tells who they are.

Made of the case alone, so that anybody who may see the case can make it again and compare its digest with what a juror
was shown. What was offered is left out: who offers something to end a quarrel admits nothing.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final, Literal

from domain.dispute.admission import ChallengeGround, is_considered
from domain.dispute.intake import Answer
from domain.jury.profile import Side
from domain.kernel import Bilingual, Code, Moment, Role, Value
from domain.money import Money
from domain.playbook.playbook import RemedyKind
from domain.privacy.masking import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from domain.dispute.dispute import Dispute
    from domain.dispute.evidence import EvidenceSubmitted
    from domain.playbook.playbook import Playbook

Party = Literal[Side.BUYER, Side.SELLER]
SIDES: Final[Mapping[Role, Party]] = {Role.BUYER: Side.BUYER, Role.MERCHANT: Side.SELLER}


class ShownGoods(Value):
    """A line of the order that is in dispute."""

    title: str
    quantity: int
    paid: Money


class ShownClaim(Value):
    """What the buyer asks, for what reason and in which words."""

    id: Code
    reason: Bilingual
    remedy: RemedyKind
    asked: Money
    statement: str
    goods: tuple[ShownGoods, ...]


class ShownChallenge(Value):
    """Why the other side disputes an exhibit."""

    ground: ChallengeGround
    statement: str


class ShownExhibit(Value):
    """An exhibit that counts; `has_view` says whether jurors can look at it. No original is shown to them."""

    id: Code
    side: Party
    kind: Code
    shows: str
    has_view: bool
    challenged: tuple[ShownChallenge, ...]


class ShownMessage(Value):
    """A message of one side to the other."""

    side: Party
    text: str
    at: Moment


class CaseFile(Value):
    """All that a juror is shown of a case; both sides in the same fields."""

    format: Literal["gongduan case file 1"] = "gongduan case file 1"
    listing: str
    promises: tuple[str, ...]
    ordered_at: Moment
    delivered_at: Moment | None
    freight: Money
    claims: tuple[ShownClaim, ...]
    answer: Answer | None
    answer_statement: str | None
    exhibits: tuple[ShownExhibit, ...]
    messages: tuple[ShownMessage, ...]

    def digest(self) -> str:
        """SHA-256 over the file's JSON, fields in their declared order, UTF-8: what a juror was shown."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def case_file(dispute: Dispute, playbook: Playbook) -> CaseFile:
    """The case as a jury is shown it."""
    order, response = dispute.intake.filed.order, dispute.intake.response
    hidden = _hiding(dispute)
    goods = {
        line.id: ShownGoods(title=hidden(line.title), quantity=line.quantity, paid=line.paid) for line in order.lines
    }
    claims = []
    for one in dispute.intake.claims:
        reason = playbook.reason(one.reason)
        claims.append(
            ShownClaim(
                id=one.id,
                reason=reason.title if reason else Bilingual(zh=one.reason, en=one.reason),
                remedy=one.remedy,
                asked=one.asked,
                statement=hidden(one.statement),
                goods=tuple(goods[line] for line in one.lines),
            )
        )
    return CaseFile(
        listing=hidden(order.listing),
        promises=tuple(hidden(one.text) for one in order.promises),
        ordered_at=order.ordered_at,
        delivered_at=order.delivered_at,
        freight=order.freight,
        claims=tuple(claims),
        answer=response.answer if response else None,
        answer_statement=hidden(response.statement) if response else None,
        exhibits=tuple(
            _exhibit(dispute, one, hidden) for one in dispute.evidence.exhibits if is_considered(dispute, one)
        ),
        messages=tuple(
            ShownMessage(side=SIDES[one.by.role], text=hidden(one.text), at=one.at)
            for one in dispute.negotiation.messages
        ),
    )


def _exhibit(dispute: Dispute, shown: EvidenceSubmitted, hidden: Callable[[str], str]) -> ShownExhibit:
    return ShownExhibit(
        id=shown.exhibit,
        side=SIDES[shown.by.role],
        kind=shown.kind,
        shows=hidden(shown.shows),
        has_view=shown.file.has_view,
        challenged=tuple(
            ShownChallenge(ground=one.ground, statement=hidden(one.statement))
            for one in dispute.admission.challenges
            if one.exhibit == shown.exhibit
        ),
    )


def _hiding(dispute: Dispute) -> Callable[[str], str]:
    """What hides who the parties are in a text: their accounts, the order, and whatever else tells of somebody."""
    filed = dispute.intake.filed
    names = {filed.order.buyer: Side.BUYER, filed.order.merchant: Side.SELLER, filed.order.order_id: "order"}
    named = re.compile("|".join(rf"(?<![\w-]){re.escape(name)}(?![\w-])" for name in names), re.IGNORECASE)
    by_name = {name.casefold(): word for name, word in names.items()}
    return lambda text: mask(named.sub(lambda found: f"⟦{by_name[found.group().casefold()]}⟧", text))

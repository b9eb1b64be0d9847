"""Route of playbook that tells before filing: what a reason needs, who must show it, what is open, and the clocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from application import policy
from application.policy import NotThere
from domain.dispute.intake import UnknownReason
from domain.kernel import Code, Id, Role
from domain.money import Money
from domain.playbook.playbook import Limits
from infrastructure.http.answers import PinnedPlaybook
from infrastructure.http.language import InLanguage, Language, chosen
from infrastructure.http.requests import ByCaller, container_of

if TYPE_CHECKING:
    from domain.playbook.playbook import Playbook, Reason

router = APIRouter(tags=["playbook"])


class RequiredEvidence(BaseModel):
    """A kind of exhibit that one side must show; the risk of its absence is that side's."""

    who: Role
    kind: str
    sentence: str


class Burden(BaseModel):
    """What a side has to prove, by which source; where it is not proved, it counts against that side."""

    who: Role
    sentence: str
    source: str


class OpenRemedy(BaseModel):
    """A remedy: `percent` of what `of` names, never above `at_most`; exactly that or, where `chosen`, up to that.

    Parties ask for it and offer it, except where it is given `by_decision_only`.
    """

    remedy: str
    rule: str
    payer: Role
    tender: str
    of: str
    percent: int | None = None
    at_most: list[Money] = []
    chosen: bool
    by_decision_only: bool
    sentence: str


class RequiredFor(BaseModel):
    """What one reason needs, and what may be asked for it."""

    reason: str
    nature: str
    title: str
    burden: list[Burden]
    evidence: list[RequiredEvidence]
    remedies: list[OpenRemedy]


class ClockInForce(BaseModel):
    """A clock of the rules in force: whose it is, by which calendar its hours count, and what silence does."""

    name: str
    whose: list[Role]
    hours: int
    calendar: str
    on_silence: str


class Requirements(BaseModel):
    """What a dispute would need under the rules in force; a case keeps those in force when it is filed."""

    platform: str
    playbook: PinnedPlaybook
    custody: str
    reasons: list[RequiredFor]
    clocks: list[ClockInForce]
    limits: Limits


@router.get("/requirements", response_model_exclude_none=True, summary="What a dispute needs, before it is filed")
async def see_requirements(
    request: Request,
    caller: ByCaller,
    language: InLanguage,
    platform: Annotated[Id | None, Query(description="The platform; the caller's own where it is left out.")] = None,
    reason: Annotated[Code | None, Query(description="Only this reason; all where it is left out.")] = None,
) -> Requirements:
    """For each reason what evidence it needs and who must show it, which remedies are open; the clocks and limits."""
    platform = platform or caller.platform
    policy.require("see_requirements", caller, platform)
    bookcase = container_of(request).bookcase
    published = (await bookcase.shelf(platform))[0].in_force
    if published is None:
        raise NotThere
    playbook = await bookcase.pinned(platform, published.digest)
    if reason is not None and playbook.reason(reason) is None:
        raise UnknownReason(reason=reason, known=[one.id for one in playbook.reasons])
    return Requirements(
        platform=platform,
        playbook=PinnedPlaybook(version=published.version, digest=published.digest),
        custody=chosen(playbook.custody, language),
        reasons=[_required(playbook, one, language) for one in playbook.reasons if reason in (None, one.id)],
        clocks=[
            ClockInForce(
                name=name,
                whose=list(rule.whose),
                hours=rule.hours,
                calendar=rule.calendar,
                on_silence=chosen(rule.on_silence, language),
            )
            for name, rule in playbook.clocks.items()
        ],
        limits=playbook.limits,
    )


def _required(playbook: Playbook, reason: Reason, language: Language) -> RequiredFor:
    return RequiredFor(
        reason=reason.id,
        nature=reason.nature,
        title=chosen(reason.title, language),
        burden=[
            Burden(who=one.who, sentence=chosen(one.sentence, language), source=one.source) for one in reason.burden
        ],
        evidence=[
            RequiredEvidence(who=need.who, kind=need.kind, sentence=chosen(need.sentence, language))
            for need in reason.evidence
        ],
        remedies=[
            OpenRemedy(
                remedy=rule.kind,
                rule=rule.id,
                payer=rule.payer,
                tender=kind.tender,
                of=rule.of,
                percent=rule.percent,
                at_most=list(rule.at_most),
                chosen=rule.chosen,
                by_decision_only=kind not in reason.for_parties,
                sentence=chosen(rule.sentence, language),
            )
            for kind in reason.remedies
            if (rule := playbook.remedy(kind)) is not None
        ],
    )

"""The readable account of a case for a terminal: what was claimed, shown, said, decided and paid, and what is next."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from application import policy
from domain.dispute.admission import EvidenceAdmitted
from domain.dispute.appeal import AppealRejected
from domain.dispute.rounds import state_of
from domain.dispute.ruling import DecidedByDefault
from domain.dispute.stages import Stage
from domain.kernel import Role
from domain.money import total
from domain.playbook.playbook import Finding
from domain.playbook.remedies import Operation, Step
from infrastructure.web.plain_text import COLUMNS, columns, neutral, wrapped
from infrastructure.web.sentences import Language, actor, chosen, hours, moment, money, person, say, size, word
from infrastructure.web.trail import Told, clock_name, default_proof, payment, payment_reason, provenance, tell, terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from application.case import Case
    from application.ports import Recorded
    from domain.dispute.award import Award, AwardLine
    from domain.dispute.evidence import EvidenceSubmitted
    from domain.dispute.proposal import RulingProposed
    from domain.dispute.ruling import Decision, RulingConfirmed, RulingReversed
    from domain.remedy.payout import Payout

__all__ = ["Told", "account", "arithmetic", "tell"]

DIGEST_CHARS = 16
PAID_FOR_LINE = re.compile(r"order\.lines\.(.+)\.paid")
QUOTE = "> "  # before every line of somebody's words, so that they cannot pass for ours


def account(
    case: Case, trail: Sequence[Recorded], language: Language, viewer: Role | None = None, width: int = COLUMNS
) -> str:
    """The account as this role may see it, in lines of at most `width` columns; without a viewer all is told."""
    page = _Page(language, viewer, width)
    _heading(page, case)
    _claims(page, case)
    _timeline(page, case, trail)
    _offers(page, case)
    _exhibits(page, case)
    _requests(page, case)
    _ruling(page, case)
    _proposal(page, case)
    _remedies(page, case)
    _goodwill(page, case)
    _next(page, case)
    return "\n".join(page.lines) + "\n"


def arithmetic(language: Language, step: Step) -> str:
    """An amount with where it comes from: fact → sum → rule = amount."""
    parts = [arithmetic(language, one) for one in step.inputs if step.operation is not Operation.SHARE]
    base, amount = " + ".join(parts), money(language, step.amount)
    match step.operation:
        case Operation.CAP:
            return f"{say(language, 'arithmetic.cap', rule=step.rule)} {amount}"
        case Operation.LOWEST:
            return say(language, "arithmetic.lowest", limits=[f"({part})" for part in parts], amount=amount)
        case Operation.SHARE:
            freight, claimed, *_ = step.inputs
            prices = total((one.amount for one in step.inputs[1:]), step.amount.currency)
            how = say(language, "arithmetic.share", claimed=claimed.amount, prices=prices)
            return f"{arithmetic(language, freight)} → {how} = {amount}"
        case Operation.FACT:
            if paid := PAID_FOR_LINE.fullmatch(step.source):
                return f"{say(language, 'arithmetic.paid_for_line', line=paid[1])} {amount}"
            return f"{say(language, f'arithmetic.{step.source}')} {amount}"
        case Operation.SUM if len(step.inputs) == 1:
            return base
        case Operation.SUM:
            return f"{base} → {say(language, 'arithmetic.together')} {amount}"
        case Operation.PERCENT | Operation.CHOSEN:
            below = step.operation is Operation.CHOSEN and step.inputs[0].operation in (Operation.CAP, Operation.LOWEST)
            key = "chosen_below" if below else step.operation
            how = say(language, f"arithmetic.{key}", percent=step.factor, rule=step.rule)
            return f"{base} → {how} = {amount}"


class _Page:
    """Lines as they are set."""

    def __init__(self, language: Language, viewer: Role | None, width: int) -> None:
        self.language = language
        self.viewer = viewer
        self.width = width
        self.lines: list[str] = []

    def seen(self, field: str) -> bool:
        """Whether the reader may see this part."""
        return self.viewer is None or policy.sees(field, self.viewer)

    def title(self, text: str, underline: str) -> None:
        """A heading with its underline, apart from what stands above."""
        found = wrapped(text, width=self.width)
        self.lines += [*([""] if self.lines else []), *found, underline * columns(found[0])]

    def put(self, text: str, indent: int = 2) -> None:
        """A paragraph; what runs over is set deeper."""
        self.lines += wrapped(text, " " * indent, " " * (indent + 2), self.width)

    def say(self, key: str, indent: int = 2, **params: object) -> None:
        """A sentence of the catalogue as a paragraph."""
        self.put(say(self.language, key, **params), indent)

    def quote(self, text: str, indent: int) -> None:
        """Somebody's words."""
        self.lines += wrapped(neutral(text), " " * indent + QUOTE, width=self.width)


def _heading(page: _Page, case: Case) -> None:
    filed = case.dispute.intake.filed
    closed = case.dispute.ended
    page.title(say(page.language, "account.title", number=filed.number), "=")
    page.say(
        "account.parties",
        indent=0,
        buyer=person(page.language, Role.BUYER, filed.order.buyer),
        merchant=person(page.language, Role.MERCHANT, filed.order.merchant),
        order=filed.order.order_id,
    )
    page.say(
        "account.rules",
        indent=0,
        platform=filed.platform,
        version=filed.playbook_version,
        digest=filed.playbook_digest[:DIGEST_CHARS],
    )
    page.say(
        "account.outcome" if closed else "account.stage",
        indent=0,
        stage=case.dispute.stage,
        outcome=closed.outcome if closed else None,
        version=case.version,
        at=case.last_at,
    )

    for one in case.dispute.closing.earlier:
        if one.closed is not None:
            ended = {"outcome": one.closed.outcome, "at": one.closed.at}
            page.say("account.ended_before", indent=0, ground=one.reopened.ground, again=one.reopened.at, **ended)


def _claims(page: _Page, case: Case) -> None:
    page.title(say(page.language, "account.claims"), "-")
    added = {one.claim.id: one.at for one in case.dispute.intake.added}
    for claim in case.dispute.intake.claims:
        reason = case.playbook.reason(claim.reason)
        words = chosen(page.language, reason.title) if reason else claim.reason
        page.say("account.claim", **(dict(claim) | {"claim": claim.id, "reason": words}))
        if claim.id in added:
            page.say("account.claim_added", indent=5, at=added[claim.id])
        page.quote(claim.statement, indent=5)


def _offers(page: _Page, case: Case) -> None:
    """Every offer with what became of it, and which it answers: how the sides came nearer, or did not."""
    if not case.dispute.negotiation.offers:
        return
    page.title(say(page.language, "account.offers"), "-")
    for offer in case.dispute.negotiation.offers:
        page.say(
            "account.offer.countering" if offer.made.counters else "account.offer",
            offer=offer.made.offer,
            counters=offer.made.counters,
            side=offer.side,
            terms=terms(page.language, offer.made.terms),
            state=offer.state,
        )


def _timeline(page: _Page, case: Case, trail: Sequence[Recorded]) -> None:
    page.title(say(page.language, "account.timeline"), "-")
    told = [
        (_label(page.language, case, one), tell(one, page.language, page.viewer))
        for one in trail
        if page.viewer is None or policy.sees_event(one.event, page.viewer)
    ]
    beginnings = [f"  {label}  {moment(page.language, one.at)}" for label, one in told]
    width = max(map(columns, beginnings), default=0) + 2
    for beginning, (_, one) in zip(beginnings, told, strict=True):
        first = beginning + " " * (width - columns(beginning))
        page.lines += wrapped(f"{one.who} {one.what}", first, " " * width, page.width)
        if one.why:
            page.quote(one.why, indent=width)


def _label(language: Language, case: Case, recorded: Recorded) -> str:
    """`#4` for an event of the dispute; events of other streams count on their own."""
    if recorded.stream == case.id:
        return f"#{recorded.version}"
    lines = (line for line, payout in case.dispute.payouts.items() if payout == recorded.stream)
    aggregate = recorded.event.TOPIC.partition(".")[0]
    return say(language, f"account.stream.{aggregate}", line=next(lines, None), version=recorded.version)


def _exhibits(page: _Page, case: Case) -> None:
    page.title(say(page.language, "account.exhibits"), "-")
    for shown in case.dispute.evidence.exhibits:
        page.say(
            "account.exhibit",
            exhibit=shown.exhibit,
            kind=shown.kind,
            by=shown.by,
            media_type=shown.file.media_type,
            size=size(shown.file.size_bytes),
            digest=shown.file.digest[:DIGEST_CHARS],
        )
        page.quote(say(page.language, f"event.{shown.TOPIC}.why", **dict(shown)), indent=5)
        if told := provenance(shown, page.language, page.viewer):
            page.put(told[:1].upper() + told[1:], indent=5)
        _standing(page, case, shown)
    if not case.dispute.evidence.exhibits:
        page.say("format.none")


def _standing(page: _Page, case: Case, shown: EvidenceSubmitted) -> None:
    """Whether an exhibit counts: late or not, what was said against it, what an arbitrator decided last."""
    if shown.late:
        page.say("account.exhibit.late", indent=5)
    for against in case.dispute.admission.challenges:
        if against.exhibit == shown.exhibit:
            page.say("account.exhibit.challenged", indent=5, side=against.by.role, ground=against.ground)
            page.quote(against.statement, indent=7)
    if decided := case.dispute.admission.decided.get(shown.exhibit):
        how = "admitted" if isinstance(decided, EvidenceAdmitted) else "excluded"
        page.say(f"account.exhibit.{how}", indent=5)
        page.quote(decided.reason, indent=7)


def _requests(page: _Page, case: Case) -> None:
    if not case.dispute.rounds.requests:
        return
    page.title(say(page.language, "account.requests"), "-")
    for asked in case.dispute.rounds.requests:
        clock = case.dispute.clocks.get(asked.clock.key, asked.clock)
        page.say("account.request", **(dict(asked) | {"state": state_of(case.dispute, asked), "due": clock.due_at}))
        page.quote(asked.why, indent=5)


def _ruling(page: _Page, case: Case) -> None:
    for decision in case.dispute.ruling.decisions:
        _decision(page, case, decision)
    for one in case.dispute.appeal.filed:
        page.title(say(page.language, "account.appeal", appeal=one.filed.appeal, ruling=one.filed.ruling), "-")
        page.say("account.appealed", by=one.filed.by, ground=one.filed.ground, at=one.filed.at, state=one.state)
        page.quote(one.filed.statement, indent=4)
        if one.end is not None:
            by = actor(page.language, one.end.by, named=page.seen("arbitrator"))
            page.say("account.appeal_decided", by=by, at=one.end.at)
            page.quote(one.end.reason if isinstance(one.end, AppealRejected) else one.end.reasons, indent=4)


def _decision(page: _Page, case: Case, decision: Decision) -> None:
    page.title(say(page.language, "account.ruling", ruling=decision.ruling), "-")
    if isinstance(decision, DecidedByDefault):
        _default(page, case, decision)
        return
    named = page.seen("arbitrator")
    page.say("account.ruled", by=actor(page.language, decision.by, named=named), at=decision.at)
    if decision.proposed_by is not None:
        page.say("account.proposed_by", by=actor(page.language, decision.proposed_by, named=named))
    for one in (one for one in case.dispute.ruling.corrections if one.ruling == decision.ruling):
        page.say("account.corrected", kind=one.kind, at=one.at)
        page.quote(one.why, indent=4)
    _grounds(page, case, decision)


def _proposal(page: _Page, case: Case) -> None:
    proposal = case.dispute.ruling.proposal
    if proposal is None or not page.seen("proposal"):
        return
    page.title(say(page.language, "account.proposal", ruling=proposal.ruling), "-")
    page.say("account.ruled", by=actor(page.language, proposal.by), at=proposal.at)
    if proposal.appeal is not None:
        page.say("account.proposed_on_appeal", appeal=proposal.appeal)
    if proposal.limit is not None:
        key = "account.above_silence" if proposal.proof else "account.above_limit"
        page.say(key, total=proposal.total, limit=proposal.limit)
    _grounds(page, case, proposal)


def _grounds(page: _Page, case: Case, decision: RulingConfirmed | RulingReversed | RulingProposed) -> None:
    """Why so, and what each claim gets."""
    if decision.proof is not None:
        page.put(default_proof(page.language, decision.awards[0].rules[0], decision.proof))
    if decision.reasons not in decision.awards[0].rules:
        page.say("account.reasons")
        page.quote(decision.reasons, indent=4)
    for award in decision.awards:
        _award(page, case, award)


def _default(page: _Page, case: Case, decision: DecidedByDefault) -> None:
    page.say("account.defaulted", at=decision.at)
    page.put(default_proof(page.language, decision.rule, decision.proof))
    _rule(page, case, decision.rule, indent=2)
    for award in decision.awards:
        page.say("account.award", claim=award.claim, finding=Finding.UPHELD)
        _award_lines(page, award.lines)


def _award(page: _Page, case: Case, award: Award) -> None:
    page.say("account.award", claim=award.claim, finding=award.finding)
    if award.facts not in award.rules:  # where a silence is the fact, the rule's sentence says it
        page.say("account.facts", indent=4)
        page.quote(award.facts, indent=6)
        page.say("account.relied_on", indent=4, exhibits=award.relied_on)
    if award.undetermined:
        page.say("account.undetermined", indent=4)
    for rule_id in award.rules:
        _rule(page, case, rule_id, indent=4)
    _award_lines(page, award.lines)


def _rule(page: _Page, case: Case, rule_id: str, indent: int) -> None:
    rule = case.playbook.cited(rule_id)
    sentence, source = (rule.sentence, rule.source) if rule else (None, None)
    page.say("account.rule", indent=indent, rule=rule_id, sentence=sentence, source=source)


def _award_lines(page: _Page, lines: Sequence[AwardLine]) -> None:
    for line in lines:
        page.say("account.award_line", indent=4, payment=payment(page.language, line), remedy=line.remedy)
        page.put(arithmetic(page.language, line.derivation), indent=6)


def _remedies(page: _Page, case: Case) -> None:
    if not case.dispute.remedy.ordered:
        return
    page.title(say(page.language, "account.remedies"), "-")
    for line, ordered in case.dispute.remedy.ordered.items():
        page.say(
            "account.remedy",
            line=line,
            payment=payment(page.language, ordered),
            remedy=ordered.remedy,
            state=case.payout_state(line),
        )
        if ordered.credited.minor:
            page.say("account.remedy_credited", indent=5, credited=ordered.credited)
        _attempts(page, case.payouts.get(line))
    _recoveries(page, case)
    for claim in case.dispute.intake.claims:
        overpaid = case.dispute.remedy.overpaid(claim.id, claim.paid.currency)
        if overpaid.minor:
            page.say("account.overpaid", claim=claim.id, overpaid=overpaid)


def _recoveries(page: _Page, case: Case) -> None:
    for one in case.dispute.remedy.recoveries.values():
        owed, recovery = one.ordered, one.ordered.recovery
        page.say("account.recovery", recovery=recovery, payment=payment(page.language, owed), left=one.left)
        if off := one.written_off:
            page.say("account.written_off", indent=5, amount=off.amount, at=off.at)
            page.quote(off.reason, indent=7)


def _attempts(page: _Page, payout: Payout | None) -> None:
    if payout is None or not payout.attempts:
        return
    why = ""
    if payout.reference is not None and page.seen("payment_reference"):
        why = say(page.language, "event.payout.confirmed.why", reference=payout.reference)
    elif payout.reason is not None and page.seen("payment_reason"):
        why = payment_reason(page.language, payout.reason)
    page.say("account.remedy_attempts", indent=5, attempts=payout.attempts, why=why)


def _goodwill(page: _Page, case: Case) -> None:
    if not case.dispute.goodwill:
        return
    page.title(say(page.language, "account.goodwill"), "-")
    for line, one in case.dispute.goodwill.items():
        paying = payment(page.language, one.given)
        page.say("account.goodwill_given", line=line, payment=paying, state=case.payout_state(line))
        page.quote(one.given.why, indent=5)
        _attempts(page, case.payouts.get(line))


def _next(page: _Page, case: Case) -> None:
    stage, paused = case.dispute.stage, case.dispute.paused
    key = f"next.{stage}"
    if stage is Stage.UNDER_REVIEW:
        key = f"{key}.{'taken' if case.dispute.review.assigned else 'waiting'}"
        if page.seen("proposal") and case.dispute.ruling.proposal:
            key = "next.under_review.proposed"
    page.title(say(page.language, "account.next"), "-")
    page.say(key)
    for clock in sorted(case.dispute.clocks.values(), key=lambda clock: clock.due_at):
        page.say(
            "next.clock",
            name=clock_name(page.language, clock),
            due=clock.due_at,
            whose=[word(page.language, role) for role in clock.whose],
            hours=hours(page.language, clock.hours),
            calendar=clock.calendar,
        )
        page.say("next.silence", on_silence=clock.on_silence)
        if paused is not None and case.dispute.stands_still(clock):
            page.say("account.paused", name=clock_name(page.language, clock), until=paused.until)

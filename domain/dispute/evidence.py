"""Chapter evidence: exhibits, each by its content's digest, and what the rules say is still missing.

Until when evidence is in time, and what an arbitrator asks for, is told in `rounds.py`; what counts in `admission.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import Field, StringConstraints, model_validator

from domain.dispute import rounds
from domain.dispute.admission import is_considered
from domain.dispute.provenance import NOTHING, FileFacts, ProvenanceFinding, findings
from domain.dispute.rounds import EvidenceRequestAnswered
from domain.dispute.stages import UNDECIDED, check_stage
from domain.kernel import Act, Actor, Code, Digest, Line, Moment, NotYours, Personal, Refused, Role, Value
from domain.playbook.playbook import EvidenceNeed, Playbook

if TYPE_CHECKING:
    from domain.dispute.dispute import Dispute

DOCUMENT = "application/pdf"
EXHIBIT_BYTES_MAX = 50 * 1024 * 1024
VIDEO_BYTES_MAX = 200 * 1024 * 1024

MediaType = Annotated[str, StringConstraints(pattern=r"^[a-z]+/[a-z0-9.+-]{1,60}$")]


def bytes_max(media_type: str) -> int:
    """How many bytes an exhibit of this type may have: a video more than the others."""
    return VIDEO_BYTES_MAX if media_type.startswith("video/") else EXHIBIT_BYTES_MAX


class File(Value):
    """A stored file: its content's SHA-256, its type by content, its length."""

    digest: Digest
    media_type: MediaType
    size_bytes: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _is_within_its_limit(self) -> Self:
        if self.size_bytes > bytes_max(self.media_type):
            msg = f"a file of this type has at most {bytes_max(self.media_type)} bytes"
            raise ValueError(msg)
        return self

    @property
    def has_view(self) -> bool:
        """Whether it can be made anew for viewing: an image, the pages of a document, a video without what tells."""
        return self.media_type.startswith(("image/", "video/")) or self.media_type == DOCUMENT


class EvidenceSubmitted(Act):
    """A party showed an exhibit; the file itself lies in the vault under its digest.

    `provenance` is what the file itself tells; `late` where the round was closed for that side; `request` asked for it.
    """

    TOPIC: ClassVar[str] = "dispute.evidence_submitted"
    VERSION: ClassVar[int] = 2
    exhibit: Code
    kind: Code
    file: File
    file_name: Annotated[Line, Personal("/by/id")]
    shows: Annotated[Line, Personal("/by/id")]
    provenance: tuple[ProvenanceFinding, ...] = ()
    late: bool = False
    request: Code | None = None


EvidenceEvent = EvidenceSubmitted


class TooManyExhibits(Refused):
    """This side has shown as many exhibits as the playbook allows."""

    CODE = "too_many_exhibits"


class OriginalSealed(NotYours):
    """A photo or a document tells more than it shows, such as where it was made: the other side looks at its view."""

    CODE = "original_sealed"


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """The exhibits in the order in which they were shown."""

    exhibits: tuple[EvidenceSubmitted, ...] = ()

    def exhibit(self, exhibit_id: str) -> EvidenceSubmitted | None:
        """The exhibit of this id."""
        return next((one for one in self.exhibits if one.exhibit == exhibit_id), None)


@dataclass(frozen=True, slots=True)
class Missing:
    """Evidence that the rules ask of one side and that is not there, with the claim it is needed for."""

    claim: str
    need: EvidenceNeed


def may_submit_evidence(dispute: Dispute, playbook: Playbook, actor: Actor) -> None:
    """Parties show evidence until the case is decided or settled: what they were asked for, and within the limit more.

    What comes after the round is closed is taken, too; it is kept and marked.
    """
    check_stage(dispute, *UNDECIDED)
    side = dispute.intake.party(actor)
    if not rounds.owed_by(dispute, side):
        _check_room(dispute, playbook, side)


def submit_evidence(
    dispute: Dispute,
    playbook: Playbook,
    file: File,
    *,
    kind: str,
    file_name: str,
    shows: str,
    facts: FileFacts = NOTHING,
    by: Actor,
    at: Moment,
) -> tuple[EvidenceSubmitted | EvidenceRequestAnswered, ...]:
    """Show an exhibit; the same content from the same side, shown as the same kind, is the same exhibit."""
    check_stage(dispute, *UNDECIDED)
    side = dispute.intake.party(by)
    if any((one.by.role, one.file.digest, one.kind) == (side, file.digest, kind) for one in dispute.evidence.exhibits):
        return ()
    asked = rounds.owed_by(dispute, side).get(kind)
    if asked is None:
        _check_room(dispute, playbook, side)
    filed = dispute.intake.filed
    shown = EvidenceSubmitted(
        exhibit=f"e{len(dispute.evidence.exhibits) + 1}",
        kind=kind,
        file=file,
        file_name=file_name,
        shows=shows,
        provenance=findings(facts, ordered_at=filed.order.ordered_at, filed_at=filed.at),
        late=not rounds.is_open_for(dispute, side),
        request=asked.request if asked else None,
        by=by,
        at=at,
    )
    if asked is None or rounds.lacking(dispute, asked) != (kind,):
        return (shown,)
    return shown, EvidenceRequestAnswered(request=asked.request, at=at)


def _check_room(dispute: Dispute, playbook: Playbook, side: Role) -> None:
    """The limit is for what a side shows of itself; nobody is kept from showing what they were asked for."""
    shown = sum(one.by.role is side and one.request is None for one in dispute.evidence.exhibits)
    if shown >= playbook.limits.exhibits_per_side:
        raise TooManyExhibits(at_most=playbook.limits.exhibits_per_side)


def sees_original(dispute: Dispute, exhibit: EvidenceSubmitted, actor: Actor) -> bool:
    """A party gets back what it showed; of the other side's it gets the view. Files without a view are shared."""
    return not exhibit.file.has_view or dispute.intake.side_of(actor) in (None, exhibit.by.role)


def missing(dispute: Dispute, playbook: Playbook) -> tuple[Missing, ...]:
    """What the playbook asks each side to show for the claims' reasons and is not there among what counts."""
    shown: set[tuple[Role, str]] = {
        (one.by.role, one.kind) for one in dispute.evidence.exhibits if is_considered(dispute, one)
    }
    return tuple(
        Missing(claim=claim.id, need=need)
        for claim in dispute.intake.claims
        if (reason := playbook.reason(claim.reason)) is not None
        for need in reason.evidence
        if (need.who, need.kind) not in shown
    )


def evolve(evidence: EvidenceFile, event: EvidenceEvent) -> EvidenceFile:
    """The chapter after `event`."""
    return replace(evidence, exhibits=(*evidence.exhibits, event))

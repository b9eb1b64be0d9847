"""A case as it is read from its streams: the dispute, its payouts and its pinned rules, now or as of then."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, cast

from domain.dispute import dispute as disputes
from domain.dispute.dispute import Dispute, DisputeEvent
from domain.dispute.intake import DisputeFiled
from domain.kernel import Event, begun
from domain.playbook import playbook as playbooks
from domain.playbook.playbook import Playbook, PlaybookPublished, Shelf, playbook_stream
from domain.remedy import payout as payouts
from domain.remedy.payout import OPEN, Payout, PayoutEvent, PayoutState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from application.ports import EventStore, PlaybookReader, Recorded


@dataclass(frozen=True, slots=True)
class Case:
    """A dispute with the rules it is pinned to, at one version of its stream."""

    id: UUID
    version: int
    position: int
    last_at: datetime
    dispute: Dispute
    playbook: Playbook
    payouts: dict[str, Payout]

    @property
    def platform(self) -> str:
        """The platform whose case it is."""
        return self.dispute.intake.filed.platform

    def payout_state(self, line: str) -> PayoutState:
        """How far the money of a line has come; what is covered from the first has no payout.

        A payout is stopped with its line, in the same call, but a place later in the log than this version may be.
        """
        if line in self.payouts:
            state = self.payouts[line].state
            return PayoutState.STOPPED if line in self.dispute.remedy.stopped and state in OPEN else state
        ordered = self.dispute.remedy.ordered.get(line)
        return PayoutState.COVERED if ordered is not None and not ordered.amount.minor else PayoutState.ORDERED


AsOf = int | datetime | None
CASES_MAX: Final = 2_000


class UnknownPlaybook(Exception):
    """The log names a playbook version that it does not hold: it is damaged."""


def fold_dispute(events: Iterable[Event], state: Dispute | None = None) -> Dispute:
    """The dispute after these events of its stream, all of them or those after a state."""
    for event in events:
        state = disputes.evolve(state, cast("DisputeEvent", event))
    return begun(state)


def fold_payout(events: Iterable[Event]) -> Payout:
    """The payout after these events of its stream."""
    state: Payout | None = None
    for event in events:
        state = payouts.evolve(state, cast("PayoutEvent", event))
    return begun(state)


class Bookcase:
    """The published playbooks, read from their streams; a version's parsed rules are kept by digest."""

    def __init__(self, store: EventStore, read: PlaybookReader) -> None:
        self._store = store
        self._read = read
        self._parsed: dict[str, Playbook] = {}

    def read(self, source: str) -> Playbook:
        """The playbook that a file's text says."""
        return self._read(source)

    async def shelf(self, platform: str) -> tuple[Shelf, tuple[Recorded, ...]]:
        """A platform's published versions, and the history of their stream."""
        history = await self._store.load(playbook_stream(platform))
        shelf = Shelf()
        for recorded in history:
            shelf = playbooks.evolve(shelf, cast("PlaybookPublished", recorded.event))
        return shelf, history

    async def pinned(self, platform: str, digest: str) -> Playbook:
        """The rules of the version with this digest."""
        if digest not in self._parsed:
            published = (await self.shelf(platform))[0].with_digest(digest)
            if published is None:
                raise UnknownPlaybook(platform, digest)
            self._parsed[digest] = self._read(published.source)
        return self._parsed[digest]


class CaseReader:
    """Loads cases, and keeps those that were loaded last, so that only what is new is read and folded."""

    def __init__(self, store: EventStore, bookcase: Bookcase) -> None:
        self._store = store
        self._bookcase = bookcase
        self._kept: OrderedDict[UUID, Case] = OrderedDict()

    async def load(self, dispute: UUID, as_of: AsOf = None) -> Case | None:
        """The case now, or as of a version of its stream or a moment; None where there was none."""
        kept = self._kept.get(dispute)
        if as_of is None:
            return await self._newest(dispute, kept)
        if kept is not None and kept.version == as_of:
            return kept
        if isinstance(as_of, int):
            return await self._from(await self._store.load(dispute, up_to_version=as_of))
        return await self._from(_until(await self._store.load(dispute), as_of))

    def kept(self, dispute: UUID) -> Case | None:
        """The case as it was seen last, without asking whether it has moved on since."""
        return self._kept.get(dispute)

    def advance(self, case: Case, events: tuple[DisputeEvent, ...], position: int, at: datetime) -> Case:
        """The case after events that were just appended to it, the last of them at `position`."""
        return self._keep(
            replace(
                case,
                version=case.version + len(events),
                position=position,
                last_at=at,
                dispute=fold_dispute(events, case.dispute),
            )
        )

    async def _newest(self, dispute: UUID, kept: Case | None) -> Case | None:
        if kept is not None:
            # The last event that was seen is read once more: a log that does not hold it is not the one it was.
            last, *news = await self._store.load(dispute, after_version=kept.version - 1) or (None,)
            if last is not None and last.position == kept.position:
                return self._keep(_after(kept, news))
            self._kept.pop(dispute, None)
        case = await self._from(await self._store.load(dispute))
        return case and self._keep(case)

    async def _from(self, history: Sequence[Recorded]) -> Case | None:
        if not history or not isinstance(history[0].event, DisputeFiled):
            return None
        filed, last = history[0].event, history[-1]
        return Case(
            id=last.stream,
            version=last.version,
            position=last.position,
            last_at=last.metadata.at,
            dispute=fold_dispute(recorded.event for recorded in history),
            playbook=await self._bookcase.pinned(filed.platform, filed.playbook_digest),
            payouts={},
        )

    def _keep(self, case: Case) -> Case:
        """Keep the case unless a newer one is kept already; the one not asked for longest makes room."""
        kept = self._kept.get(case.id)
        if kept is None or kept.version < case.version:
            self._kept[case.id] = case
        self._kept.move_to_end(case.id)
        if len(self._kept) > CASES_MAX:
            self._kept.popitem(last=False)
        return case

    async def with_payouts(self, case: Case, as_of: AsOf = None) -> Case:
        """The case with the state of its payouts, as of the same event or moment."""
        found: dict[str, Payout] = {}
        for line, payout in case.dispute.payouts.items():
            history = await self._store.load(payout)
            if isinstance(as_of, int):
                history = tuple(recorded for recorded in history if recorded.position <= case.position)
            else:
                history = _until(history, as_of)
            if history:
                found[line] = fold_payout(recorded.event for recorded in history)
        return replace(case, payouts=found)


def _after(case: Case, news: Sequence[Recorded]) -> Case:
    if not news:
        return case
    last = news[-1]
    dispute = fold_dispute((recorded.event for recorded in news), case.dispute)
    return replace(case, version=last.version, position=last.position, last_at=last.metadata.at, dispute=dispute)


def _until(history: tuple[Recorded, ...], as_of: datetime | None) -> tuple[Recorded, ...]:
    if as_of is None:
        return history
    return tuple(recorded for recorded in history if recorded.metadata.at <= as_of)

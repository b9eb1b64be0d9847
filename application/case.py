"""A case as it is read from its streams: the dispute, its payouts and its pinned rules, now or as of then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, cast

from domain.dispute import dispute as disputes
from domain.dispute.dispute import Dispute, DisputeEvent
from domain.dispute.intake import DisputeFiled
from domain.kernel import Event, begun
from domain.playbook import playbook as playbooks
from domain.playbook.playbook import Playbook, PlaybookPublished, Shelf, playbook_stream
from domain.remedy import payout as payouts
from domain.remedy.payout import Payout, PayoutEvent, PayoutState

if TYPE_CHECKING:
    from collections.abc import Iterable
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
    history: tuple[Recorded, ...]
    payouts: dict[str, Payout]

    @property
    def platform(self) -> str:
        """The platform whose case it is."""
        return self.dispute.intake.filed.platform

    def payout_state(self, line: str) -> PayoutState:
        """How far the money of a line has come; what money from outside covers from the first has no payout."""
        if line in self.payouts:
            return self.payouts[line].state
        return PayoutState.ORDERED if self.dispute.remedy.ordered[line].amount.minor else PayoutState.COVERED


AsOf = int | datetime | None


class UnknownPlaybook(Exception):
    """The log names a playbook version that it does not hold: it is damaged."""


def fold_dispute(events: Iterable[Event]) -> Dispute:
    """The dispute after these events of its stream."""
    state: Dispute | None = None
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
    """Loads cases."""

    def __init__(self, store: EventStore, bookcase: Bookcase) -> None:
        self._store = store
        self._bookcase = bookcase

    async def load(self, dispute: UUID, as_of: AsOf = None) -> Case | None:
        """The case now, or as of a version of its stream or a moment; None where there was none."""
        history = _until(await self._store.load(dispute), as_of)
        if not history or not isinstance(history[0].event, DisputeFiled):
            return None
        filed = history[0].event
        return Case(
            id=dispute,
            version=history[-1].version,
            position=history[-1].position,
            last_at=history[-1].metadata.at,
            dispute=fold_dispute(recorded.event for recorded in history),
            playbook=await self._bookcase.pinned(filed.platform, filed.playbook_digest),
            history=history,
            payouts={},
        )

    async def with_payouts(self, case: Case, as_of: AsOf = None) -> Case:
        """The case with the state of its payouts, as of the same event or moment."""
        found: dict[str, Payout] = {}
        for line, ordered in case.dispute.remedy.ordered.items():
            history = await self._store.load(ordered.payout)
            if isinstance(as_of, int):
                history = tuple(recorded for recorded in history if recorded.position <= case.position)
            else:
                history = _until(history, as_of)
            if history:
                found[line] = fold_payout(recorded.event for recorded in history)
        return replace(case, payouts=found)


def _until(history: tuple[Recorded, ...], as_of: AsOf) -> tuple[Recorded, ...]:
    if as_of is None:
        return history
    if isinstance(as_of, int):
        return tuple(recorded for recorded in history if recorded.version <= as_of)
    return tuple(recorded for recorded in history if recorded.metadata.at <= as_of)

"""How a panel is called together: the pool is sealed, parties give entropy, jurors are drawn, asked, and replaced."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.jury import draw, pool
from domain.jury.draw import lacking
from domain.jury.panel import (
    EntropyGiven,
    JurorsSummoned,
    PanelDrawn,
    PoolSealed,
    SeatLapsed,
    Summons,
    SummonsesLapsed,
)
from domain.jury.record import Entropy, Why
from domain.kernel import Refused, Role, begun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from domain.jury.draw import Ground, Stratum
    from domain.jury.panel import Panel
    from domain.jury.pool import Member
    from domain.jury.profile import JuryProfile
    from domain.kernel import Actor, Moment


class DrawIsOver(Refused):
    """The panel is drawn, or the time to put chance into its draw is over."""

    CODE = "draw_is_over"


class EntropyIsGiven(Refused):
    """The party has put its chance into the draw; that does not change."""

    CODE = "entropy_is_given"


class DrawNotDue(Refused):
    """The draw waits for the parties' entropy, or was made."""

    CODE = "draw_not_due"


class NotThePool(Exception):
    """The list is not the one that was sealed, or the secret not the one committed to: somebody changed them."""


def seal_pool(
    profile: JuryProfile,
    members: Sequence[Member],
    *,
    platform: str,
    dispute: UUID,
    round_: int,
    playbook_digest: str,
    document: str,
    log_position: int,
    committed_to: UUID,
    commitment: str,
    ballot_key: str,
    at: Moment,
) -> tuple[PoolSealed, ...]:
    """Seal a pool; nothing where it is smaller than the profile asks for, so that somebody else has to decide."""
    if len(members) < profile.pool_min or not pool.in_order(members):
        return ()
    return (
        PoolSealed(
            platform=platform,
            dispute=dispute,
            round=round_,
            profile=profile.id,
            playbook_digest=playbook_digest,
            root=pool.root(members),
            size=len(members),
            document=document,
            log_position=log_position,
            committed_to=committed_to,
            commitment=commitment,
            ballot_key=ballot_key,
            entropy_until=at + timedelta(hours=profile.windows.entropy),
            at=at,
        ),
    )


def give_entropy(panel: Panel, entropy: str, *, by: Actor, at: Moment) -> tuple[EntropyGiven, ...]:
    """A party puts its own chance into the draw, once; the same again is nothing new."""
    if panel.drawn is not None or panel.end is not None or at >= panel.sealed.entropy_until:
        raise DrawIsOver
    given = panel.entropy.get(by.role)
    if given is not None and given.entropy != entropy:
        raise EntropyIsGiven
    return () if given else (EntropyGiven(entropy=entropy, by=by, at=at),)


def is_draw_due(panel: Panel, at: Moment) -> bool:
    """Whether both parties have given entropy, or their time is over."""
    both = {Role.BUYER, Role.MERCHANT} <= panel.entropy.keys()
    return panel.drawn is None and panel.end is None and (both or at >= panel.sealed.entropy_until)


def draw_panel(
    panel: Panel,
    profile: JuryProfile,
    secret: bytes,
    *,
    beacon: str | None,
    case_version: int,
    at: Moment,
) -> tuple[PanelDrawn]:
    """The secret is published, and with it the seed; `case_version` is the case that every juror is shown."""
    if not is_draw_due(panel, at):
        raise DrawNotDue
    sealed = panel.sealed
    if draw.commitment(sealed.committed_to, secret) != sealed.commitment:
        raise NotThePool(str(sealed.committed_to))
    entropy = Entropy(buyer=_given(panel, Role.BUYER), merchant=_given(panel, Role.MERCHANT), beacon=beacon)
    strata = draw.strata(profile.seats, profile.invited)
    return (
        PanelDrawn(
            secret=secret.hex(),
            entropy=entropy,
            strata=strata,
            first_seen=draw.first_seen(_key(panel, secret, entropy), profile.size),
            case_version=case_version,
            vote_until=at + timedelta(hours=profile.windows.vote),
            at=at,
        ),
    )


def _given(panel: Panel, role: Role) -> str | None:
    given = panel.entropy.get(role)
    return given.entropy if given else None


def _key(panel: Panel, secret: bytes, entropy: Entropy) -> bytes:
    sealed = panel.sealed
    stream = panel.id
    return draw.key(
        secret,
        draw.randomness(stream, sealed.root, buyer=entropy.buyer, merchant=entropy.merchant, beacon=entropy.beacon),
    )


def wanted(panel: Panel) -> tuple[tuple[Stratum, int], ...]:
    """For which strata more have to be asked, and how many."""
    strata = begun(panel.drawn).strata
    found = ((one, lacking(one, len(panel.free(one.id)), panel.waiting_for(one.id))) for one in strata)
    return tuple((one, number) for one, number in found if number)


def is_exhausted(panel: Panel) -> bool:
    """Whether the pool has nobody left: once fewer were found than were wanted, there is nobody more."""
    return any(len(one.summoned) < sum(one.wanted.values()) for one in panel.batches)


def summon(
    panel: Panel,
    profile: JuryProfile,
    members: Sequence[Member],
    accounts: Mapping[str, str],
    conflicts: Mapping[str, Ground],
    *,
    at: Moment,
) -> tuple[JurorsSummoned, ...]:
    """Ask the next in the order of the draw for whatever seats lack jurors; nothing where none do, or nobody is left.

    `accounts` says who stands behind a pseudonym, `conflicts` who may not judge this case.
    """
    number_of = {one.id: number for one, number in wanted(panel)}
    if not number_of or is_exhausted(panel):
        return ()
    drawn = begun(panel.drawn)
    if pool.root(members) != panel.sealed.root:
        raise NotThePool(panel.sealed.root)
    ordered = draw.order(_key(panel, bytes.fromhex(drawn.secret), drawn.entropy), members)
    gone = {*panel.asked, *(one.pseudonym for batch in panel.batches for one in batch.excluded)}
    invited, excluded = draw.invite(ordered, wanted(panel), conflicts, gone)
    return (
        JurorsSummoned(
            batch=len(panel.batches) + 1,
            why=_why(panel),
            wanted=number_of,
            summoned=tuple(
                Summons(pseudonym=one.pseudonym, juror=accounts[one.pseudonym], stratum=one.stratum) for one in invited
            ),
            excluded=excluded,
            until=at + timedelta(hours=profile.windows.summons),
            at=at,
        ),
    )


def _why(panel: Panel) -> Why:
    """What made seats lack jurors since they were asked last; of several what says most."""
    causes = (Why.EXTENDED, Why.RECUSED, Why.LAPSED)
    return next((one for one in causes if one in panel.since), Why.LAPSED) if panel.batches else Why.DRAWN


def lapse(panel: Panel, *, at: Moment) -> tuple[SummonsesLapsed | SeatLapsed, ...]:
    """Who did not come, and who came and did not vote, in their time; nothing any more where the panel has ended."""
    if not panel.sits:
        return ()
    late = tuple(name for name, until in panel.waiting.items() if at >= until)
    empty = [
        SeatLapsed(seat=seat, pseudonym=taken.claimed.pseudonym, at=at)
        for seat, taken in panel.seats.items()
        if taken.ballot is None and at >= taken.claimed.until
    ]
    return (*((SummonsesLapsed(pseudonyms=late, at=at),) if late else ()), *empty)

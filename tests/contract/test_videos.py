"""The view of a video: what plays of it, every byte in its place, and zeros for all that tells beside it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from domain.dispute.evidence import VIDEO_BYTES_MAX
from infrastructure.evidence.confined import limits
from infrastructure.evidence.viewer import NotViewable
from tests.contract.test_viewer import Room, used
from tests.support.hostile.table import PLACE, SECRET
from tests.support.hostile.videos import (
    GPMF,
    PICTURES,
    SOUND,
    UDTA,
    VIDEOS,
    XMP_UUID,
    assert_what_plays_alone,
    film,
    full,
    numbers,
    tables,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.hostile.table import Hostile

PIECE = 1024 * 1024


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


@pytest.mark.parametrize("moov_last", [False, True])
def test_a_film_that_tells_nothing_is_its_own_view_but_for_the_name_of_its_handlers(
    room: Room,
    moov_last: bool,  # noqa: FBT001 - a case of the table
) -> None:
    plain = film(moov_last=moov_last)
    assert room.view(plain) == plain.replace(PLACE, bytes(len(PLACE)))


def test_what_tells_is_zeros_where_it_stood_and_what_plays_stays_where_it_was(room: Room) -> None:
    telling = film(PICTURES, SOUND, GPMF, in_moov=UDTA, beside=XMP_UUID, gap=PLACE + SECRET, made=3_000_000_000)
    played = room.view(telling)
    assert_what_plays_alone(played)
    assert len(played) == len(telling)
    for track in (PICTURES, SOUND):
        for sample in (one for chunk in track.chunks for one in chunk):
            assert telling.count(sample) == played.count(sample) == 1
            assert played.index(sample) == telling.index(sample)
    assert (3_000_000_000).to_bytes(4) in telling
    assert (3_000_000_000).to_bytes(4) not in played
    assert room.view(played) == played


def test_how_often_and_how_long_a_film_plays_stays(room: Room) -> None:
    plain, played = film(in_moov=UDTA), room.view(film(in_moov=UDTA))
    for kind in (b"stts", b"stsc", b"stsz", b"stco", b"mvhd", b"tkhd", b"avc1", b"mp4a"):
        at = plain.index(kind)
        assert played[at : at + 24] == plain[at : at + 24]


@pytest.mark.parametrize("row", VIDEOS, ids=lambda row: row.name)
def test_a_hostile_film_becomes_what_plays_or_nothing_within_the_limits(
    room: Room, tmp_path: Path, row: Hostile
) -> None:
    made = row.make()
    if row.view:
        assert_what_plays_alone(room.view(made))
    else:
        with pytest.raises(NotViewable):
            room.view(made)
    _, memory, seconds = used(made, row.media_type, tmp_path)
    assert memory <= limits.MEMORY_BYTES
    assert seconds <= limits.CPU_S + 1


def test_a_film_as_long_as_may_be_is_copied_within_the_memory(room: Room) -> None:
    more = VIDEO_BYTES_MAX - 4_096
    lengths = [len(sample) for chunk in PICTURES.chunks for sample in chunk]
    lengths[-1] += more
    begun = film(tables(stsz=full(b"stsz", numbers(0, len(lengths), *lengths))))
    at = begun.rindex(b"mdat") - 4
    begun = begun[:at] + (len(begun) - at + more).to_bytes(4) + begun[at + 4 :]

    async def pieces() -> AsyncIterator[bytes]:
        yield begun
        for done in range(0, more, PIECE):
            yield bytes(min(PIECE, more - done))

    async def viewed() -> Path:
        return await room.viewer.view(await room.vault.put(pieces()))

    view = asyncio.run(viewed())
    assert view.stat().st_size == len(begun) + more
    with view.open("rb") as file:
        assert_what_plays_alone(file.read(len(begun)))

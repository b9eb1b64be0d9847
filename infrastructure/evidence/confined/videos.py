"""Reads the boxes of an MP4 file (ISO/IEC 14496-12), and no picture in it: there is no decoder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, Final

from infrastructure.evidence.confined.moments import EAST, WEST, between

MOOV_BYTES_MAX: Final = 16 * 1024 * 1024  # some forty hours of video
SINCE: Final = datetime(1904, 1, 1, tzinfo=UTC)
# By which boxes and keys cameras and programs tell, as bytes that stand nowhere else in practice.
POSITION: Final = (b"\xa9xyz", b"loci", b"location.ISO6709", b"GPSLatitude", b"gpmd")
CAMERA: Final = (b"\xa9mak", b"\xa9mod", b"quicktime.make", b"quicktime.model")
SOFTWARE: Final = (b"\xa9swr", b"\xa9too", b"quicktime.software")


class Broken(Exception):
    """The boxes do not fit into each other."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where a box stands: from `start` its head, from `body` its content, up to `end`."""

    kind: bytes
    start: int
    body: int
    end: int


def boxes(source: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """The boxes between two places, one after the other; none is entered. Raises Broken."""
    while start < end:
        source.seek(start)
        head = source.read(16)
        size, kind, body = int.from_bytes(head[:4]), head[4:8], start + 8
        if size == 1:
            size, body = int.from_bytes(head[8:16]), start + 16
        elif size == 0:
            size = end - start
        if size < body - start or start + size > end:
            raise Broken
        yield Box(kind, start, body, start + size)
        start += size


def inside(source: BinaryIO, box: Box, kind: bytes) -> list[Box]:
    """The boxes of one kind that stand in another."""
    return [one for one in boxes(source, box.body, box.end) if one.kind == kind]


def content(source: BinaryIO, box: Box, most: int) -> bytes:
    """The bytes of a box. Raises Broken where there are more."""
    if box.end - box.body > most:
        raise Broken
    source.seek(box.body)
    return source.read(box.end - box.body)


def whole(source: BinaryIO) -> list[Box]:
    """The boxes that the file is made of; there is one `moov` among them."""
    found = list(boxes(source, 0, source.seek(0, 2)))
    if [one.kind for one in found].count(b"moov") != 1:
        raise Broken
    return found


def tell(source: BinaryIO) -> dict[str, object]:
    """What the video tells of where it comes from."""
    top = whole(source)
    [moov] = (one for one in top if one.kind == b"moov")
    [header] = inside(source, moov, b"mvhd")
    beside = [one for one in top if one.kind in (b"uuid", b"meta", b"udta")]
    words = b"".join(content(source, one, MOOV_BYTES_MAX) for one in (moov, *beside))
    return {
        "has_position": any(one in words for one in POSITION),
        "has_camera": any(one in words for one in CAMERA),
        "names_software": any(one in words for one in SOFTWARE),
    } | _times(content(source, header, 200))


def _times(header: bytes) -> dict[str, object]:
    """When it was made and how long it is; cameras write a local time where they are to write UTC."""
    wide = 8 if header[0] == 1 else 4
    made, unit = int.from_bytes(header[4 : 4 + wide]), int.from_bytes(header[4 + 2 * wide : 8 + 2 * wide])
    units = int.from_bytes(header[8 + 2 * wide : 8 + 3 * wide])
    told: dict[str, object] = {"seconds": units // unit} if unit else {}
    if not made:
        return told
    at = SINCE + timedelta(seconds=made)
    return told | between(at - EAST, at - WEST)


def rehearse() -> None:
    """There is nothing to load."""


def view(_source: BinaryIO, _page: int = 1) -> bytes:
    """There is no picture to draw."""
    raise Broken

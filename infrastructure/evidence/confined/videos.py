"""Reads the boxes of an MP4 file (ISO/IEC 14496-12), and no picture in it: there is no decoder.

What a codec carries within its own samples is not looked at and stays.
"""

from __future__ import annotations

import sys
from array import array
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

# What a player needs, and no other box: what stands in which.
NEEDED: Final = {
    b"moov": (b"mvhd", b"trak"),
    b"trak": (b"tkhd", b"edts", b"mdia"),
    b"edts": (b"elst",),
    b"mdia": (b"mdhd", b"hdlr", b"minf"),
    b"minf": (b"vmhd", b"smhd", b"dinf", b"stbl"),
    b"dinf": (b"dref",),
    b"stbl": (b"stsd", b"stts", b"ctts", b"stsc", b"stsz", b"stco", b"co64", b"stss"),
}
TIMED: Final = (b"mvhd", b"tkhd", b"mdhd")
CODING: Final = (
    *(b"avcC", b"hvcC", b"av1C", b"vpcC", b"esds", b"dOps", b"dfLa", b"dac3", b"dec3"),
    *(b"colr", b"pasp", b"clap", b"btrt"),
)
FIXED_BYTES: Final = {b"vide": 78, b"soun": 28}  # of a sample entry, by the handler of tracks that play
IN_ITSELF: Final = bytes.fromhex("00000000 00000001 0000000c") + b"url " + bytes((0, 0, 0, 1))
FTYP_BYTES_MAX: Final = 128
HANDLER_BYTES_MAX: Final = 4_096
PIECE_BYTES: Final = 256 * 1024
OUTPUT_BYTES: Final = 200 * 1024 * 1024


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


def view(source: BinaryIO, out: BinaryIO) -> None:
    """The same film with every byte in its place, and zeros for all that is not needed to play it. Raises Broken."""
    top = whole(source)
    if any(one.kind == b"moof" for one in top):
        raise Broken  # a film in fragments says elsewhere where its samples stand
    out.truncate(top[-1].end)
    copy, data = _Copy(source, out), [one for one in top if one.kind == b"mdat"]
    for box in top:
        if box.kind == b"moov":
            copy.tree(box)
        else:
            copy.head(box, box.kind if box.kind in (b"ftyp", b"mdat") else b"free")
        if box.kind == b"ftyp":
            copy.bytes_of(box.body, min(box.end, box.body + FTYP_BYTES_MAX))
    if not copy.tables:
        raise Broken
    for table in copy.tables:
        for start, end in chunks(source, table):
            if not any(one.body <= start and end <= one.end for one in data):
                raise Broken
            copy.bytes_of(start, end)


def chunks(source: BinaryIO, table: Box) -> Iterator[tuple[int, int]]:
    """From where to where each chunk of a track's samples stands, by its sample table. Raises Broken."""
    found = {
        one.kind: content(source, one, MOOV_BYTES_MAX)[4:]
        for one in boxes(source, table.body, table.end)
        if one.kind in (b"stsz", b"stsc", b"stco", b"co64")
    }
    if not {b"stsz", b"stsc"} <= found.keys():
        raise Broken
    each, sizes = int.from_bytes(found[b"stsz"][:4]), _numbers(found[b"stsz"][8:])
    runs = _numbers(found[b"stsc"][4:])
    wide = b"co64" in found
    places = _numbers(found[b"co64" if wide else b"stco"][4:], "Q" if wide else "I")
    firsts, counts = runs[0::3], runs[1::3]
    at = sample = 0
    for number, start in enumerate(places, 1):
        while at + 1 < len(firsts) and firsts[at + 1] <= number:
            at += 1
        count = counts[at]
        if not each and sample + count > len(sizes):
            raise Broken
        yield start, start + (count * each or sum(sizes[sample : sample + count]))
        sample += count


def _numbers(table: bytes, kind: str = "I") -> array[int]:
    found = array(kind)
    found.frombytes(table[: len(table) - len(table) % found.itemsize])
    if sys.byteorder == "little":
        found.byteswap()
    return found


class _Copy:
    """Writes into a file of zeros what is needed to play, where it stood."""

    def __init__(self, source: BinaryIO, out: BinaryIO) -> None:
        self._source = source
        self._out = out
        self._handler = b""
        self.tables: list[Box] = []  # of the tracks that play

    def head(self, box: Box, kind: bytes) -> None:
        """Where a box begins and how long it is."""
        self._source.seek(box.start)
        head = self._source.read(box.body - box.start)
        self._write(box.start, head[:4] + kind + head[8:])

    def bytes_of(self, start: int, end: int) -> None:
        """These bytes as they are."""
        self._source.seek(start)
        while start < end:
            piece = self._source.read(min(PIECE_BYTES, end - start))
            self._write(start, piece)
            start += len(piece)

    def tree(self, box: Box) -> None:
        """A box of boxes: those that are needed to play, the others as empty."""
        self.head(box, box.kind)
        for one in boxes(self._source, box.body, box.end):
            if one.kind not in NEEDED[box.kind] or (one.kind == b"trak" and not self._plays(one)):
                self.head(one, b"free")
            elif one.kind in NEEDED:
                self.tree(one)
            else:
                self._leaf(one)
        if box.kind == b"stbl":
            self.tables.append(box)

    def _plays(self, track: Box) -> bool:
        for media in inside(self._source, track, b"mdia"):
            for handler in inside(self._source, media, b"hdlr"):
                self._handler = content(self._source, handler, HANDLER_BYTES_MAX)[8:12]
                return self._handler in FIXED_BYTES
        return False

    def _leaf(self, box: Box) -> None:
        self.head(box, box.kind)
        if box.kind == b"stsd":
            self._entries(box)
        elif box.kind == b"dref":
            if content(self._source, box, len(IN_ITSELF)) != IN_ITSELF:
                raise Broken  # a player would fetch what is elsewhere
            self.bytes_of(box.body, box.end)
        elif box.kind == b"hdlr":
            self.bytes_of(box.body, min(box.end, box.body + 24))  # without its name
        elif box.kind in TIMED:
            wide = content(self._source, box, HANDLER_BYTES_MAX)[0] == 1
            self.bytes_of(box.body, box.body + 4)  # then stands when it was made and changed
            self.bytes_of(box.body + (20 if wide else 12), box.end)
        else:
            self.bytes_of(box.body, box.end)

    def _entries(self, box: Box) -> None:
        """How the samples are coded: fixed fields, then boxes."""
        self.bytes_of(box.body, box.body + 8)
        for entry in boxes(self._source, box.body + 8, box.end):
            self.head(entry, entry.kind)
            fixed = entry.body + FIXED_BYTES[self._handler]
            self.bytes_of(entry.body, min(fixed, entry.end))
            for one in boxes(self._source, fixed, entry.end):
                self.head(one, one.kind if one.kind in CODING else b"free")
                if one.kind in CODING:
                    self.bytes_of(one.body, one.end)

    def _write(self, at: int, piece: bytes) -> None:
        if not piece:
            raise Broken
        self._out.seek(at)
        self._out.write(piece)

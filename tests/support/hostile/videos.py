"""Films made of boxes, sound ones and hostile ones: what plays, and what tells beside it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.support.hostile.table import PLACE


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return (len(body) + 8).to_bytes(4) + kind + body


def wide_box(kind: bytes, *content: bytes) -> bytes:
    """A box whose size is written in 64 bits."""
    body = b"".join(content)
    return (1).to_bytes(4) + kind + (len(body) + 16).to_bytes(8) + body


def full(kind: bytes, *content: bytes, version: int = 0) -> bytes:
    return box(kind, bytes((version, 0, 0, 0)), *content)


def numbers(*found: int) -> bytes:
    return b"".join(one.to_bytes(4) for one in found)


FTYP = box(b"ftyp", b"isom", bytes(4), b"isommp42")
XYZ = box(b"\xa9xyz", len(PLACE).to_bytes(2) + b"\x15\xc7" + PLACE)
UNIT = 1_000  # of time to a second


@dataclass(frozen=True)
class Track:
    """What plays or tells: its handler, its chunks of samples, and what stands in it beside."""

    handler: bytes
    chunks: tuple[tuple[bytes, ...], ...]
    coded: bytes = b"avc1"
    beside: bytes = b""
    wide: bool = False
    tables: dict[bytes, bytes] = field(default_factory=dict)  # in the place of right ones

    def made(self, number: int, places: list[int]) -> bytes:
        samples = [one for chunk in self.chunks for one in chunk]
        offsets = b"".join(one.to_bytes(8 if self.wide else 4) for one in places)
        runs = b"".join(numbers(at, len(chunk), 1) for at, chunk in enumerate(self.chunks, 1))
        tables = {
            b"stsd": full(b"stsd", numbers(1), box(self.coded, bytes(6), b"\x00\x01", bytes(70))),
            b"stts": full(b"stts", numbers(1, len(samples), UNIT // 10)),
            b"stsc": full(b"stsc", numbers(len(self.chunks)), runs),
            b"stsz": full(b"stsz", numbers(0, len(samples), *map(len, samples))),
            b"stco": full(b"co64" if self.wide else b"stco", numbers(len(places)), offsets),
        } | self.tables
        media = box(
            b"mdia",
            full(b"mdhd", numbers(0, 0, UNIT, UNIT), b"\x55\xc4\x00\x00"),
            full(b"hdlr", bytes(4), self.handler, bytes(12), PLACE + b"\x00"),
            box(b"minf", full(b"vmhd", bytes(8)), box(b"stbl", *tables.values())),
        )
        return box(b"trak", full(b"tkhd", numbers(0, 0, number, 0, UNIT), bytes(60)), media, self.beside)


PICTURES = Track(b"vide", ((b"picture one", b"picture two"), (b"picture three",)))
SOUND = Track(b"soun", ((b"sound one",), (b"sound two",)), b"mp4a")
GPMF = Track(b"meta", ((b"DEVC" + PLACE,), (b"GPS5" + PLACE,)), b"gpmd")


def film(
    *tracks: Track,
    in_moov: bytes = b"",
    beside: bytes = b"",
    made: int = 0,
    moov_last: bool = False,
    gap: bytes = b"",
    wide: bool = False,
    filler: int = 0,
) -> bytes:
    """A film of these tracks, their chunks interleaved, with `gap` between them that no track names."""
    tracks = tracks or (PICTURES, SOUND)
    data, inside = b"", [list[int]() for _ in tracks]
    for turn in range(max(len(one.chunks) for one in tracks)):
        for track, places in zip(tracks, inside, strict=True):
            if turn < len(track.chunks):
                data += gap
                places.append(len(data))
                data += b"".join(track.chunks[turn])
    data += gap + bytes(filler)

    def moov(start: int) -> bytes:
        header = full(b"mvhd", numbers(made, made, UNIT, 3 * UNIT), bytes(80))
        places = [[start + one for one in found] for found in inside]
        return box(
            b"moov", header, *(t.made(n, p) for n, (t, p) in enumerate(zip(tracks, places, strict=True), 1)), in_moov
        )

    kind = wide_box if wide else box
    mdat = kind(b"mdat", data)
    before = FTYP + beside + (b"" if moov_last else moov(0))
    start = len(before) + len(mdat) - len(data)
    return FTYP + beside + (mdat + moov(start) if moov_last else moov(start) + mdat)

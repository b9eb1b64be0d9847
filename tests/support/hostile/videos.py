"""Films made of boxes, sound ones and hostile ones: what plays, and what tells beside it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.support.hostile.table import PLACE, SECRET, kept, seen


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
URL = full(b"url ")[:-1] + b"\x01"  # in this very file
UNIT = 1_000  # of time to a second


@dataclass(frozen=True)
class Track:
    """What plays or tells: its handler, its chunks of samples, and what stands in it beside."""

    handler: bytes
    chunks: tuple[tuple[bytes, ...], ...]
    coded: bytes = b"avc1"
    beside: bytes = b""
    in_entry: bytes = b""
    wide: bool = False
    tables: dict[bytes, bytes] = field(default_factory=dict)  # in the place of right ones

    def made(self, number: int, places: list[int]) -> bytes:
        samples = [one for chunk in self.chunks for one in chunk]
        offsets = b"".join(one.to_bytes(8 if self.wide else 4) for one in places)
        runs = b"".join(numbers(at, len(chunk), 1) for at, chunk in enumerate(self.chunks, 1))
        tables = {
            b"stsd": full(
                b"stsd",
                numbers(1),
                box(self.coded, bytes(6), b"\x00\x01", bytes(70 if self.handler == b"vide" else 20), self.in_entry),
            ),
            b"stts": full(b"stts", numbers(1, len(samples), UNIT // 10)),
            b"stsc": full(b"stsc", numbers(len(self.chunks)), runs),
            b"stsz": full(b"stsz", numbers(0, len(samples), *map(len, samples))),
            b"stco": full(b"co64" if self.wide else b"stco", numbers(len(places)), offsets),
        } | self.tables
        media = box(
            b"mdia",
            full(b"mdhd", numbers(0, 0, UNIT, UNIT), b"\x55\xc4\x00\x00"),
            full(b"hdlr", bytes(4), self.handler, bytes(12), PLACE + b"\x00"),
            box(
                b"minf",
                full(b"vmhd", bytes(8)),
                box(b"dinf", full(b"dref", numbers(1), URL)),
                box(b"stbl", *tables.values()),
            ),
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


def assert_what_plays_alone(played: bytes) -> None:
    """The pictures are there, and nothing of what a film tells beside them."""
    assert all(sample in played for chunk in PICTURES.chunks for sample in chunk)
    for words in (PLACE, SECRET, b"GPS5", b"gpmd", b"udta", b"uuid", b"meta"):
        assert words not in played


def nested(depth: int) -> bytes:
    content = b""
    for _ in range(depth):
        content = box(b"moov", content)
    return content


def tables(**changed: bytes) -> Track:
    """A track of pictures with other tables than its own."""
    return Track(b"vide", PICTURES.chunks, tables={name.encode(): one for name, one in changed.items()})


MP4 = "video/mp4"
UDTA = box(b"udta", XYZ, box(b"meta", SECRET))
XMP_UUID = box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac"), b"<x:xmpmeta>" + PLACE + SECRET)
MANY = numbers(0xFFFFFFFF)
VIDEOS = (
    seen("MP4 that is sound", MP4, film),
    seen("MP4 with its moov at the end", MP4, lambda: film(moov_last=True, in_moov=UDTA)),
    seen("MP4 with its place", MP4, lambda: film(in_moov=UDTA)),
    seen("MP4 with its place in meta", MP4, lambda: film(in_moov=box(b"meta", PLACE), beside=box(b"meta", PLACE))),
    seen("MP4 with its place in a track", MP4, lambda: film(Track(b"vide", PICTURES.chunks, beside=UDTA))),
    seen("MP4 with its way in a track of its own", MP4, lambda: film(PICTURES, SOUND, GPMF)),
    seen("MP4 with its way between the samples", MP4, lambda: film(gap=PLACE + SECRET)),
    seen("MP4 with its place in an XMP box", MP4, lambda: film(beside=XMP_UUID, moov_last=True)),
    seen("MP4 with its place in a free box", MP4, lambda: film(beside=box(b"free", PLACE), in_moov=box(b"free", SECRET))),
    seen("MP4 with its place in a box nobody knows", MP4, lambda: film(beside=box(b"gps ", PLACE))),
    seen("MP4 with its place beside how it is coded", MP4, lambda: film(Track(b"vide", PICTURES.chunks, in_entry=UDTA))),
    seen("MP4 with sizes of 64 bits", MP4, lambda: film(Track(b"vide", PICTURES.chunks, wide=True), wide=True, moov_last=True, beside=wide_box(b"uuid", PLACE))),
    kept("MP4 with nothing that plays", MP4, lambda: film(GPMF)),
    kept("MP4 in fragments", MP4, lambda: film(beside=box(b"moof", PLACE))),
    kept("MP4 of another's film", MP4, lambda: film().replace(b"url \x00\x00\x00\x01", b"url \x00\x00\x00\x00")),
    kept("MP4 with two moov", MP4, lambda: film(beside=box(b"moov"))),
    kept("MP4 with its samples in its moov", MP4, lambda: film(tables(stco=full(b"stco", numbers(2, 40, 60))))),
    kept("MP4 with its samples behind its end", MP4, lambda: film(tables(stco=full(b"stco", numbers(1, 2**31))))),
    kept("MP4 with sizes of no sample", MP4, lambda: film(tables(stsz=full(b"stsz", numbers(0, 0))))),
    kept("MP4 with four billion samples", MP4, lambda: film(tables(stsz=full(b"stsz", MANY, MANY), stsc=full(b"stsc", numbers(1, 1), MANY, numbers(1))))),
    kept("MP4 with boxes in its track", MP4, lambda: film(Track(b"vide", PICTURES.chunks, beside=nested(3)), in_moov=b"\xff" * 64)),
    kept("MP4 with its moov alone", MP4, lambda: FTYP + box(b"moov", UDTA)),
    kept("MP4 of first bytes alone", MP4, FTYP),
    kept("MP4 with a box that is smaller than itself", MP4, FTYP + (4).to_bytes(4) + b"moov" + bytes(64)),
    kept("MP4 with a box of 2^63", MP4, FTYP + (1).to_bytes(4) + b"moov" + (2**63 - 1).to_bytes(8) + bytes(64)),
    kept("MP4 with a box to the end", MP4, FTYP + bytes(4) + b"moov" + bytes(64)),
    kept("MP4 with boxes in boxes", MP4, lambda: FTYP + nested(20_000)),
    kept("MP4 with a million boxes", MP4, lambda: FTYP + box(b"free") * 1_000_000),
    kept("MP4 cut off in its moov", MP4, lambda: film()[:300]),
    kept("MP4 cut off in its samples", MP4, lambda: film()[:-4]),
)  # fmt: skip

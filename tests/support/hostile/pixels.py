"""Whether a JPEG holds what draws it and nothing else: no EXIF, no XMP, no colours, no comment, nothing behind it."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from tests.support.hostile.table import PLACE, SCRIPT, SECRET

DRAWING = frozenset((0xC0, 0xC2, 0xC4, 0xDB, 0xDD, 0xE0))  # frame, tables, JFIF


def assert_pixels_alone(drawn: bytes) -> None:
    with Image.open(BytesIO(drawn)) as image:
        image.load()
        assert image.format == "JPEG"
        assert not image.getexif()
    at = 2
    while (marker := drawn[at + 1]) != 0xDA:
        assert drawn[at] == 0xFF
        assert marker in DRAWING, f"a segment {marker:x}"
        length = int.from_bytes(drawn[at + 2 : at + 4])
        assert marker != 0xE0 or (drawn[at + 4 : at + 9], length) == (b"JFIF\x00", 16)
        at += 2 + length
    assert drawn.index(b"\xff\xd9", at) == len(drawn) - 2
    for words in (SCRIPT, SECRET, PLACE):
        assert words not in drawn

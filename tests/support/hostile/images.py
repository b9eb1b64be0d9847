"""Hostile images: floods, bombs, cut off, two formats at once, and those that tell where they were taken."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import cache, partial
from io import BytesIO
from typing import Any

from PIL import Image

from tests.support.hostile.table import PLACE, SCRIPT, SECRET, either, kept, refused, seen

JPEG, PNG, WEBP, GIF = "image/jpeg", "image/png", "image/webp", "image/gif"
GPS_IFD, ARTIST, ORIENTATION = 0x8825, 0x013B, 0x0112
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="' + PLACE + b'" creator="'
    + SECRET + b'"/></rdf:RDF></x:xmpmeta>'
)  # fmt: skip


def encoded(kind: str, size: tuple[int, int] = (64, 48), colour: str = "orange", **options: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **options)
    return out.getvalue()


def exif() -> Image.Exif:
    """As a telephone writes it: where, who, and lying on its side."""
    data = Image.Exif()
    data[GPS_IFD] = {1: "N", 2: (30.0, 16.0, 27.0), 3: "E", 4: (120.0, 9.0, 18.0), 29: PLACE.decode()}
    data[ARTIST] = SECRET.decode()
    data[ORIENTATION] = 6
    return data


# JPEG


def segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2) + content


def jpeg_with(*segments: bytes) -> bytes:
    plain = encoded("JPEG")
    return plain[:2] + b"".join(segments) + plain[2:]


def iptc() -> bytes:
    record = b"\x1c\x02\x5a" + len(PLACE).to_bytes(2) + PLACE + b"\x1c\x02\x50" + len(SECRET).to_bytes(2) + SECRET
    return segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + len(record).to_bytes(4) + record)


def jpeg_of(width: int, height: int) -> bytes:
    """A small JPEG that says it is large."""
    plain = encoded("JPEG")
    at = plain.index(b"\xff\xc0") + 5
    return plain[:at] + height.to_bytes(2) + width.to_bytes(2) + plain[at + 4 :]


@cache
def jpeg_of_many_scans() -> bytes:
    """Progressive, and the refinements repeated: each is a walk over all coefficients."""
    out = BytesIO()
    Image.new("L", (7_000, 7_000), 128).save(out, "JPEG", progressive=True, quality=50)
    content = out.getvalue()
    last = content.rindex(b"\xff\xda")
    scan = content[last:-2]
    return content[:-2] + scan * 600 + b"\xff\xd9"


# PNG


def chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)


def png_of(width: int, height: int, *chunks: bytes, depth: bytes = b"\x08\x06", interlaced: bool = False) -> bytes:
    header = width.to_bytes(4) + height.to_bytes(4) + depth + b"\x00\x00" + bytes((interlaced,))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IEND", b"")


def png_with(*chunks: bytes) -> bytes:
    """A good PNG with these chunks behind its header."""
    plain = encoded("PNG")
    return plain[:33] + b"".join(chunks) + plain[33:]


@cache
def black() -> bytes:
    """200 MB of nothing in 200 KB."""
    return zlib.compress(bytes(200 * 1024 * 1024), 9)


# GIF and WebP


def gif_of_many_pictures(count: int) -> bytes:
    plain = encoded("GIF")
    start = plain.index(b"\x2c", 13 + 3 * 2 ** ((plain[10] & 7) + 1))
    return plain[:-1] + plain[start:-1] * count + b";"


def gif_with(extension: bytes) -> bytes:
    plain = encoded("GIF")
    return plain[:-1] + extension + b";"


def gif_of(width: int, height: int) -> bytes:
    plain = encoded("GIF")
    return plain[:6] + width.to_bytes(2, "little") + height.to_bytes(2, "little") + plain[10:]


def gif_xmp() -> bytes:
    return b"\x21\xff\x0bXMP DataXMP" + b"".join(
        bytes((len(piece),)) + piece for piece in (XMP[n : n + 255] for n in range(0, len(XMP), 255))
    ) + b"\x00"  # fmt: skip


def webp_canvas(width: int, height: int) -> bytes:
    body = (
        b"VP8X\x0a\x00\x00\x00\x10\x00\x00\x00" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    )
    body += encoded("WEBP", lossless=True)[12:]
    return b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WEBP" + body


def moving(kind: str, count: int) -> bytes:
    out = BytesIO()
    first, *others = (Image.new("RGB", (32, 32), (n % 256, 0, 0)) for n in range(count))
    first.save(out, kind, save_all=True, append_images=others)
    return out.getvalue()


def raw_profile(hexadecimal: bytes) -> bytes:
    """As ImageMagick writes EXIF into a PNG."""
    return chunk(b"tEXt", b"Raw profile type exif\x00\nexif\n8\n" + hexadecimal)


def png_exif() -> bytes:
    return encoded("PNG", exif=exif())


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def scratched(content: bytes) -> bytes:
    """Bytes in its middle are others."""
    middle = len(content) // 2
    return content[:middle] + b"\xff\x00\xff\xd8GIF" * 4 + content[middle + 28 :]


def broken(change: Callable[[bytes], bytes], kind: str) -> bytes:
    return change(encoded(kind, (400, 300)))


ZIP = b"PK\x03\x04\x14\x00\x00\x00\x00\x00" + bytes(20) + b"evil.html" + SCRIPT + b"PK\x05\x06" + bytes(18)
PHP = b"<?php system($_GET['c']); ?>"

FLOODS = (
    kept("PNG that says 100,000 x 100,000", PNG, lambda: png_of(100_000, 100_000, chunk(b"IDAT", zlib.compress(b"")))),
    kept("PNG of 60,000 x 60,000 that brings the bytes", PNG, lambda: png_of(60_000, 60_000, chunk(b"IDAT", black()))),
    kept("PNG of 2^31-1 squared", PNG, lambda: png_of(2**31 - 1, 2**31 - 1, chunk(b"IDAT", zlib.compress(b"")))),
    kept("PNG of one bit, 40,000 x 40,000", PNG, lambda: png_of(40_000, 40_000, chunk(b"IDAT", black()), depth=b"\x01\x00")),
    kept("PNG interlaced, 30,000 x 30,000", PNG, lambda: png_of(30_000, 30_000, chunk(b"IDAT", black()), interlaced=True)),
    kept("PNG of no width", PNG, lambda: png_of(0, 8, chunk(b"IDAT", zlib.compress(b"")))),
    either("JPEG that says 65,500 x 65,500", JPEG, lambda: jpeg_of(65_500, 65_500)),
    either("JPEG of thousands of scans", JPEG, jpeg_of_many_scans),
    either("GIF that says 65,535 x 65,535", GIF, lambda: gif_of(65_535, 65_535)),
    seen("GIF of 5,000 pictures", GIF, lambda: gif_of_many_pictures(5_000)),
    kept("WebP whose canvas is 16,384 x 16,384", WEBP, lambda: webp_canvas(16_384, 16_384)),
    seen("WebP of 300 pictures", WEBP, lambda: moving("WEBP", 300)),
    seen("PNG that says it has 100,000 pictures", PNG, lambda: png_with(chunk(b"acTL", (100_000).to_bytes(4) + bytes(4)))),
    refused("TIFF of 100,000 x 100,000", b"II*\x00\x08\x00\x00\x00\x02\x00\x00\x01\x04\x00\x01\x00\x00\x00\xa0\x86\x01\x00\x01\x01\x04\x00\x01\x00\x00\x00\xa0\x86\x01\x00" + bytes(4)),
    refused("BMP of 100,000 x 100,000", b"BM" + bytes(12) + (40).to_bytes(4, "little") + (100_000).to_bytes(4, "little") * 2 + bytes(28)),
    refused("ICO", b"\x00\x00\x01\x00\x01\x00\x00\x00\x00\x00" + bytes(40)),
)  # fmt: skip

BOMBS = (
    kept("PNG with a bomb in zTXt", PNG, lambda: png_with(chunk(b"zTXt", b"x\x00\x00" + black()))),
    either("PNG with a bomb in iTXt", PNG, lambda: png_with(chunk(b"iTXt", b"x\x00\x01\x00\x00\x00" + black()))),
    either("PNG with a bomb in iCCP", PNG, lambda: png_with(chunk(b"iCCP", b"x\x00\x00" + black()))),
    either("PNG with 100,000 texts", PNG, lambda: png_with(chunk(b"tEXt", b"k\x00" + b"v" * 20) * 100_000)),
    either("PNG with 4 MB of EXIF", PNG, lambda: png_with(chunk(b"eXIf", b"II*\x00\x08\x00\x00\x00" + b"\xff" * 4_000_000))),
    seen("JPEG with 3,000 comments", JPEG, lambda: jpeg_with(segment(0xFE, SECRET * 100) * 3_000)),
    seen("JPEG with 4 MB of EXIF", JPEG, lambda: jpeg_with(segment(0xE1, b"Exif\x00\x00II*\x00\x08\x00\x00\x00" + b"\xff" * 65_000) * 64)),
    either("JPEG with EXIF that points at itself", JPEG, lambda: jpeg_with(segment(0xE1, b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x69\x87\x04\x00\x01\x00\x00\x00\x08\x00\x00\x00\x08\x00\x00\x00"))),
    either("JPEG with 16 MB of colours", JPEG, lambda: jpeg_with(*(segment(0xE2, b"ICC_PROFILE\x00" + bytes((n, 255)) + bytes(65_000)) for n in range(1, 256)))),
    seen("GIF with 4 MB of comments", GIF, lambda: gif_with(b"\x21\xfe" + (b"\xff" + b"c" * 255) * 16_000 + b"\x00")),
)  # fmt: skip

BROKEN = (
    *(
        either(f"{kind} {how}", media_type, partial(broken, change, kind))
        for kind, media_type in (("JPEG", JPEG), ("PNG", PNG), ("WEBP", WEBP), ("GIF", GIF))
        for how, change in (("cut in half", half), ("scratched", scratched))
    ),
    kept("JPEG of first bytes alone", JPEG, b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + SCRIPT),
    kept("PNG of first bytes alone", PNG, b"\x89PNG\r\n\x1a\n" + SCRIPT),
    kept("GIF of first bytes alone", GIF, b"GIF89a" + SCRIPT),
    kept("WebP of first bytes alone", WEBP, b"RIFF\xff\xff\xff\x7fWEBP" + SCRIPT),
)

TWO_AT_ONCE = (
    kept("GIF that is a script", GIF, b"GIF89a/*" + bytes(4) + b"*/=1;alert(document.domain)//"),
    seen("GIF with a page behind it", GIF, lambda: encoded("GIF") + SCRIPT),
    seen("GIF with a page in its comment", GIF, lambda: gif_with(b"\x21\xfe" + bytes((len(SCRIPT),)) + SCRIPT + b"\x00")),
    seen("JPEG with a page in its comment", JPEG, lambda: jpeg_with(segment(0xFE, b"--><html>" + SCRIPT))),
    seen("JPEG with a page behind it", JPEG, lambda: encoded("JPEG") + SCRIPT),
    either("JPEG that is a script", JPEG, lambda: encoded("JPEG")[:2] + b"\xff\xe0\x2f\x2a" + bytes(0x2F28) + encoded("JPEG")[20:] + b"*/=alert(1)"),
    seen("JPEG with an archive behind it", JPEG, lambda: encoded("JPEG") + ZIP),
    seen("JPEG with a program of a server in its EXIF", JPEG, lambda: jpeg_with(segment(0xE1, b"Exif\x00\x00" + PHP))),
    seen("PNG with an archive behind it", PNG, lambda: encoded("PNG") + ZIP),
    seen("PNG with a page in its text", PNG, lambda: png_with(chunk(b"tEXt", b"Comment\x00" + SCRIPT))),
    seen("PNG with a program of a server behind it", PNG, lambda: encoded("PNG") + PHP),
    seen("PNG with an executable behind it", PNG, lambda: encoded("PNG") + b"MZ\x90\x00" + bytes(512)),
    kept("WebP that is a script", WEBP, b"RIFF/**/WEBP=1;alert(document.domain)//"),
    seen("WebP with a page in a chunk", WEBP, lambda: _webp_with(b"JUNK", SCRIPT)),
    refused("BMP that is a script", b"BM/*" + bytes(20) + b"*/=1;alert(1)"),
)  # fmt: skip


def _webp_with(kind: bytes, content: bytes) -> bytes:
    plain = encoded("WEBP")
    content += b"\x00" * (len(content) % 2)
    body = plain[8:] + kind + len(content).to_bytes(4, "little") + content
    return b"RIFF" + len(body).to_bytes(4, "little") + body


TELLING = (
    seen("JPEG with its place in EXIF", JPEG, lambda: encoded("JPEG", exif=exif())),
    seen("JPEG with its place in XMP", JPEG, lambda: jpeg_with(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + XMP))),
    seen("JPEG with its place in IPTC", JPEG, lambda: jpeg_with(iptc())),
    seen("JPEG with the uncut picture in its EXIF", JPEG, lambda: jpeg_with(segment(0xE1, b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00" + encoded("JPEG") + SECRET))),
    seen("JPEG with a second picture behind it", JPEG, lambda: encoded("JPEG") + encoded("JPEG", exif=exif())),
    seen("JPEG with its place in a comment", JPEG, lambda: jpeg_with(segment(0xFE, PLACE + SECRET))),
    seen("PNG with its place in eXIf", PNG, png_exif),
    seen("PNG with its place in XMP", PNG, lambda: png_with(chunk(b"iTXt", b"XML:com.adobe.xmp\x00\x00\x00\x00\x00" + XMP))),
    seen("PNG with its place in a raw profile", PNG, lambda: png_with(raw_profile(exif().tobytes().hex().encode()))),
    either("PNG with a raw profile that is none", PNG, lambda: png_with(raw_profile(PLACE + SECRET))),
    seen("WebP with its place in EXIF", WEBP, lambda: encoded("WEBP", exif=exif().tobytes())),
    seen("WebP with its place in XMP", WEBP, lambda: encoded("WEBP", xmp=XMP)),
    seen("GIF with its place in XMP", GIF, lambda: gif_with(gif_xmp())),
    refused("TIFF with its place", lambda: encoded("TIFF", exif=exif().tobytes())),
    refused("HEIC with its place", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + PLACE + bytes(64)),
    refused("AVIF with its place", b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif" + PLACE + bytes(64)),
    refused("JPEG XL", b"\x00\x00\x00\x0cJXL \x0d\x0a\x87\x0a" + PLACE + bytes(64)),
)  # fmt: skip

IMAGES = (*FLOODS, *BOMBS, *BROKEN, *TWO_AT_ONCE, *TELLING)

"""Draws an image anew for viewing: its pixels, and nothing that the file held beside them.

A program of its own (image on standard input, JPEG on standard output), because decoders are where hostile files
strike: it holds itself to a limit of memory and time, can make no file and knows none. Imports nothing of ours.
"""

from __future__ import annotations

import resource
import sys
from io import BytesIO

MEMORY_BYTES = 256 * 1024 * 1024
CPU_S = 5
SIDE_MAX = 2_048  # pixels of the longer side of a view
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


def limit() -> None:
    """From here on: so much memory, so much time, no file."""
    limits = {resource.RLIMIT_CPU: CPU_S, resource.RLIMIT_FSIZE: 0}
    if sys.platform != "darwin":  # which has no such limit
        limits[resource.RLIMIT_AS] = MEMORY_BYTES
    for what, most in limits.items():
        resource.setrlimit(what, (most, most))


def redrawn(content: bytes) -> bytes:
    """The image, upright, on white, at most SIDE_MAX long; of a moving one its first picture."""
    from PIL import Image, ImageOps  # noqa: PLC0415 - under the limits, like what it reads

    Image.MAX_IMAGE_PIXELS = None  # the memory says how large an image may be: of a JPEG only a part is decoded
    with Image.open(BytesIO(content), formats=FORMATS) as image:
        image.draft("RGB", (SIDE_MAX, SIDE_MAX))
        image.thumbnail((SIDE_MAX, SIDE_MAX))
        upright = ImageOps.exif_transpose(image).convert("RGBA")
    page = Image.new("RGB", upright.size, "white")
    page.paste(upright, mask=upright)
    out = BytesIO()
    page.save(out, "JPEG", quality=90)
    return out.getvalue()


def main() -> None:
    """One image in, one out; any other ending means that there is no view of it."""
    limit()
    sys.stdout.buffer.write(redrawn(sys.stdin.buffer.read()))


if __name__ == "__main__":
    main()

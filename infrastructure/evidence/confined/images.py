"""Draws an image anew for viewing: its pixels, and nothing that the file held beside them."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO, Final

from PIL import Image, ImageOps

from infrastructure.evidence.confined.moments import moments

SIDE_MAX: Final = 2_048  # pixels of the longer side of a view
ORIENTATION: Final = 0x0112
MAKE, MODEL, SOFTWARE, EXIF, GPS = 0x010F, 0x0110, 0x0131, 0x8769, 0x8825
LATITUDE, LONGITUDE = 2, 4
TAKEN, OFFSET = 0x9003, 0x9011
FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")

Image.MAX_IMAGE_PIXELS = None  # the memory says how large an image may be: of a JPEG only a part is decoded


def rehearse() -> None:
    """Draw one of each kind, so that nothing is left to load from disk once there is no disk."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    Image.init()
    for kind in (*FORMATS, "MPO"):  # which is a JPEG of several pictures
        made = BytesIO()
        pictures = [Image.new("RGB", (2, 2), colour) for colour in ("red", "blue")]
        pictures[0].save(made, kind, exif=exif, save_all=kind in Image.SAVE_ALL, append_images=pictures[1:])
        view(made)
        tell(made)


def view(source: BinaryIO) -> bytes:
    """The image, upright, on white, at most SIDE_MAX long; of a moving one its first picture."""
    with Image.open(source, formats=FORMATS) as image:
        image.draft("RGB", (SIDE_MAX, SIDE_MAX))
        image.thumbnail((SIDE_MAX, SIDE_MAX))
        upright = ImageOps.exif_transpose(image).convert("RGBA")
    page = Image.new("RGB", upright.size, "white")
    page.paste(upright, mask=upright)
    return as_jpeg(page)


def tell(source: BinaryIO) -> dict[str, object]:
    """What the image tells of where it comes from: by EXIF, and as far as words in it show by XMP."""
    with Image.open(source, formats=FORMATS) as image:
        exif = image.getexif()
        words = str(image.info.get("xmp", ""))
        beside = any(image.info.get(name) for name in ("xmp", "comment", "photoshop")) or getattr(image, "text", {})
    place, shot = exif.get_ifd(GPS), exif.get_ifd(EXIF)
    return {
        "has_position": {LATITUDE, LONGITUDE} <= place.keys() or "GPSLatitude" in words,
        "has_camera": bool(exif.get(MAKE) or exif.get(MODEL)) or "tiff:Make" in words or "tiff:Model" in words,
        "names_software": bool(exif.get(SOFTWARE)) or "CreatorTool" in words,
        "no_metadata": not exif and not beside,
    } | moments(f"{shot.get(TAKEN, '')}{shot.get(OFFSET, '')}")


def as_jpeg(picture: Image.Image) -> bytes:
    """The pixels as JPEG, without what Pillow may remember of where they came from."""
    out = BytesIO()
    picture.save(out, "JPEG", quality=90)
    return out.getvalue()

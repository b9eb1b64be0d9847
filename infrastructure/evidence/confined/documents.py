"""Draws a page of a PDF: what a reader sees of it; no program, no attachment, no word about who made it."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO, Final

from pypdfium2 import PdfDocument

from infrastructure.evidence.confined.images import SIDE_MAX, as_jpeg
from infrastructure.evidence.confined.moments import moments

SCALE_MAX: Final = 3.0  # pixels for a point: 216 to the inch, so that a small page is not blown up


def view(source: BinaryIO, number: int) -> bytes:
    """The page of this number, from 1, at most SIDE_MAX long."""
    document = PdfDocument(source)
    document.init_forms()  # what is filled in is seen, too; this build runs no script
    page = document[number - 1]
    scale = min(SIDE_MAX / max(page.get_size()), SCALE_MAX)
    return as_jpeg(page.render(scale=scale).to_pil().convert("RGB"))


def tell(source: BinaryIO) -> dict[str, object]:
    """What the document tells of where it comes from."""
    document = PdfDocument(source)
    said = document.get_metadata_dict()
    made = {"names_software": bool(said["Creator"] or said["Producer"]), "pages": len(document)}
    return made | moments(said["CreationDate"])


def rehearse() -> None:
    """Draw an empty page, so that nothing is left to load from disk once there is no disk."""
    made, document = BytesIO(), PdfDocument.new()
    document.new_page(8, 8)
    document.save(made)
    view(made, 1)
    tell(made)

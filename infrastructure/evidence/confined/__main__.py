"""Its words are the media type and the number of the page; any ending but 0 means that there is no view."""

from __future__ import annotations

import sys

from infrastructure.evidence.confined import documents, images
from infrastructure.evidence.confined.limits import confine


def main() -> None:
    """Everything is loaded before `confine`: from there on nothing can be opened."""
    media_type, page = sys.argv[1], int(sys.argv[2])
    is_image = media_type.startswith("image/")
    (images if is_image else documents).rehearse()
    confine()
    with open(0, "rb") as source, open(1, "wb") as out:
        out.write(images.view(source) if is_image else documents.view(source, page))


if __name__ == "__main__":
    main()

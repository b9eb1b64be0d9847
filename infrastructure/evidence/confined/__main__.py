"""Its words are what to do, the media type and, to view, the page; any ending but 0 means that there is nothing.

`view` writes what may be shown, `tell` as JSON what the file tells of where it comes from.
"""

from __future__ import annotations

import json
import sys

from infrastructure.evidence.confined import documents, images, videos
from infrastructure.evidence.confined.limits import OUTPUT_BYTES, confine


def main() -> None:
    """Everything is loaded before `confine`: from there on nothing can be opened."""
    doing, media_type, *page = sys.argv[1:]
    kind = {"image": images, "video": videos}.get(media_type.partition("/")[0], documents)
    kind.rehearse()
    json.dumps({})
    confine(videos.OUTPUT_BYTES if kind is videos else OUTPUT_BYTES)
    with open(0, "rb") as source, open(1, "wb") as out:
        if doing == "tell":
            out.write(json.dumps(kind.tell(source)).encode())
        elif kind is videos:
            videos.view(source, out)
        else:
            out.write(images.view(source) if kind is images else documents.view(source, int(page[0])))


if __name__ == "__main__":
    main()

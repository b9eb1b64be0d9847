"""`python -m infrastructure.evidence.confined IMAGE/JPEG`: any ending but 0 means that there is no view."""

from __future__ import annotations

from infrastructure.evidence.confined import images
from infrastructure.evidence.confined.limits import confine


def main() -> None:
    """Everything is loaded before `confine`: from there on nothing can be opened."""
    images.rehearse()
    confine()
    with open(0, "rb") as source, open(1, "wb") as out:
        out.write(images.view(source))


main()

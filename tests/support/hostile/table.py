"""What a row of the table of hostile files says: the file, how it is sent, and what must become of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypedDict, Unpack

SCRIPT: Final = b"<script>alert(document.domain)</script>"
SECRET: Final = b"Lin Secret"  # stands in whatever a file tells beside what it shows
PLACE: Final = b"30.2741N120.1551E"

UNSUPPORTED: Final = "unsupported_media_type"


class Sent(TypedDict, total=False):
    """How a file is sent."""

    file_name: bytes
    says: bytes


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file; `refused` with this code, or kept as `media_type`, with a view or without one.

    `view` is None where the decoder may do either: what it draws is held to be pixels alone all the same.
    """

    name: str
    make: Callable[[], bytes]
    refused: str = ""
    media_type: str = ""
    view: bool | None = False
    file_name: bytes = b"photo.jpg"
    says: bytes = b"application/octet-stream"


Content = bytes | Callable[[], bytes]


def refused(name: str, content: Content, code: str = UNSUPPORTED, **sent: Unpack[Sent]) -> Hostile:
    return Hostile(name, _maker(content), refused=code, **sent)


def kept(name: str, media_type: str, content: Content, **sent: Unpack[Sent]) -> Hostile:
    return Hostile(name, _maker(content), media_type=media_type, **sent)


def seen(name: str, media_type: str, content: Content, **sent: Unpack[Sent]) -> Hostile:
    return Hostile(name, _maker(content), media_type=media_type, view=True, **sent)


def either(name: str, media_type: str, content: Content, **sent: Unpack[Sent]) -> Hostile:
    return Hostile(name, _maker(content), media_type=media_type, view=None, **sent)


def _maker(content: Content) -> Callable[[], bytes]:
    return content if callable(content) else lambda: content

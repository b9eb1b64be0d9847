"""Exhibits on the local disk: each file under its content's SHA-256, written once, typed by what it holds."""

from __future__ import annotations

import asyncio
import codecs
import errno
import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import puremagic

from domain.dispute.evidence import File, bytes_max
from domain.kernel import Unacceptable
from infrastructure.files import clear_drafts, link_once, locked_draft, make_folder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

VIDEO: Final = "video/mp4"
TEXT: Final = "text/plain"
MEDIA_TYPES: Final = (
    "image/jpeg", "image/png", "image/webp", "image/gif", "application/pdf", VIDEO, TEXT,
)  # fmt: skip
MP4_BRANDS: Final = frozenset(
    (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash")
)
HEAD_BYTES: Final = 512
BEGINNING: Final = 16  # characters of a text by which markup is told
NO_ROOM: Final = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
DIGEST: Final = re.compile(r"[0-9a-f]{64}")
NOT_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
MARKUP: Final = re.compile(r"<[!?/a-z]|#!", re.IGNORECASE)


class ExhibitTooLarge(Unacceptable):
    """The file is longer than an exhibit of its type may be."""

    CODE = "exhibit_too_large"


class ExhibitEmpty(Unacceptable):
    """The file has no content."""

    CODE = "exhibit_empty"


class UnsupportedMediaType(Unacceptable):
    """By its content, the file is of no type that can be shown as an exhibit."""

    CODE = "unsupported_media_type"


class NotInVault(LookupError):
    """There is no file of this digest."""


class NoRoom(Exception):
    """The disk takes no more: free some space or move the data folder, then send the file again."""


class Vault:
    """The EvidenceVault port on a folder, with writing and reading."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._drafts = folder / "drafts"
        make_folder(folder)
        make_folder(self._drafts)
        clear_drafts(self._drafts)

    async def put(self, stream: AsyncIterator[bytes]) -> File:
        """Keep what the stream brings; the same content again is the same file."""
        try:
            draft = await asyncio.to_thread(_Draft, self._drafts)
            try:
                async for piece in stream:
                    await asyncio.to_thread(draft.add, piece)
                file = draft.described()
                await asyncio.to_thread(draft.keep, self._place(file.digest))
            finally:
                draft.discard()
        except OSError as error:
            if error.errno in NO_ROOM:
                msg = f"{self._folder} takes no more: free some space or set GONGDUAN_DATA to another disk"
                raise NoRoom(msg) from error
            raise
        return file

    async def holds(self, digest: str) -> bool:
        """Whether the file of this digest is there."""
        return bool(DIGEST.fullmatch(digest)) and await asyncio.to_thread(self._place(digest).is_file)

    async def place(self, digest: str) -> Path:
        """Where the file of this digest lies, to be read and nothing else. Raises NotInVault."""
        if not await self.holds(digest):
            raise NotInVault(digest)
        return self._place(digest)

    def _place(self, digest: str) -> Path:
        return self._folder / "sha256" / digest[:2] / digest[2:4] / digest


class _Draft:
    """A file on its way in: hashed, measured and sniffed while it is written."""

    def __init__(self, folder: Path) -> None:
        self._file, self._place = locked_draft(folder)
        self._hash = hashlib.sha256()
        self._size = 0
        self._head = b""
        self._text = _Text()

    def add(self, piece: bytes) -> None:
        """Write on."""
        self._size += len(piece)
        self._head += piece[: HEAD_BYTES - len(self._head)]
        most = bytes_max(VIDEO if self._is_video() else "")
        if self._size > most:
            raise ExhibitTooLarge(at_most_bytes=most)
        self._hash.update(piece)
        self._text.add(piece)
        self._file.write(piece)

    def described(self) -> File:
        """What was written."""
        if not self._size:
            raise ExhibitEmpty
        return File(digest=self._hash.hexdigest(), media_type=self._media_type(), size_bytes=self._size)

    def _is_video(self) -> bool:
        return self._head[4:8] == b"ftyp" and self._head[8:12] in MP4_BRANDS  # puremagic knows but a few of them

    def _media_type(self) -> str:
        if self._is_video():
            return VIDEO
        with suppress(puremagic.PureError):
            guesses = puremagic.magic_string(self._head)
            likely = {guess.mime_type for guess in guesses if guess.confidence == guesses[0].confidence}
            for media_type in MEDIA_TYPES[:-1]:
                if media_type in likely:
                    return media_type
        # Any short run of letters is some format's signature, so plain text is told by itself and not by puremagic.
        if self._text.is_plain() and not MARKUP.match(self._text.beginning):
            return TEXT
        raise UnsupportedMediaType(allowed=list(MEDIA_TYPES))

    def keep(self, place: Path) -> None:
        """Bring the content to disk, then give it its place."""
        self._file.flush()
        os.fsync(self._file.fileno())
        link_once(self._place, place)

    def discard(self) -> None:
        """Take the draft away; what was kept stays."""
        with suppress(OSError):  # closing writes what is left over, and the disk may be full
            self._file.close()
        self._place.unlink(missing_ok=True)


class _Text:
    """Whether bytes are UTF-8 text without control characters."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._plain = True
        self.beginning = ""  # the first characters that are not blank

    def add(self, piece: bytes, *, last: bool = False) -> None:
        """Read on."""
        if not self._plain:
            return
        try:
            text = self._decoder.decode(piece, final=last)
        except UnicodeDecodeError:
            self._plain = False
        else:
            self._plain = not NOT_TEXT.search(text)
            if len(self.beginning) < BEGINNING:
                self.beginning = (self.beginning + text).lstrip()[:BEGINNING]

    def is_plain(self) -> bool:
        """The verdict, once all was read."""
        self.add(b"", last=True)
        return self._plain and bool(self.beginning)

"""Views of exhibits: made anew by a program under limits, kept by the original's digest; may be wiped."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from pydantic import ValidationError

from domain.dispute.evidence import DOCUMENT
from domain.dispute.provenance import NOTHING, FileFacts
from domain.kernel import Refused
from infrastructure.evidence.vault import TEXT, VIDEO
from infrastructure.files import clear_drafts, link_once, locked_draft, make_folder

if TYPE_CHECKING:
    from domain.dispute.evidence import File
    from infrastructure.evidence.vault import Vault

PICTURE: Final = "image/jpeg"  # the view of whatever is no video
WAIT_S: Final = 20.0  # of the clock on the wall; of processor time the program gives itself less
AT_ONCE: Final = 2
FACTS_BYTES_MAX: Final = 4_096
# By itself (`-I`), yet from the tree that this file stands in and not from another that is installed.
TREE: Final = f"import runpy, sys; sys.path.insert(0, {str(Path(__file__).parents[2])!r})"
RUN: Final = "runpy.run_module('infrastructure.evidence.confined', run_name='__main__', alter_sys=True)"
PROGRAM: Final = (sys.executable, "-I", "-c", f"{TREE}; {RUN}")


class NotViewable(Refused):
    """There is no view: no image, video or page of a document, or none that can be made within the limits."""

    CODE = "exhibit_not_viewable"


class Viewer:
    """Makes views and keeps them; no byte of a file or of its view passes through this process's memory."""

    def __init__(self, vault: Vault, folder: Path) -> None:
        self._vault = vault
        self._folder = folder
        self._drafts = folder / "drafts"
        self._nothing = folder / "nothing"  # all that the program may see of the disk
        self._turn = asyncio.Semaphore(AT_ONCE)
        for one in (folder, self._drafts):
            make_folder(one)
        make_folder(self._nothing, 0o711)
        clear_drafts(self._drafts)

    async def view(self, file: File, page: int = 1) -> Path:
        """Where it lies as it may be shown: an image or a page as a JPEG of pixels alone, a video as what plays of it.

        Raises NotViewable.
        """
        if not file.has_view or (page != 1 and file.media_type != DOCUMENT):
            raise NotViewable(media_type=file.media_type)
        number = f"-{page}" if file.media_type == DOCUMENT else ""
        name = f"{file.digest}{number}.{'mp4' if file.media_type == VIDEO else 'jpg'}"
        place = self._folder / file.digest[:2] / name
        if not await asyncio.to_thread(place.is_file):
            async with self._turn:
                await self._draw(file, page, place)
        return place

    async def facts(self, file: File) -> FileFacts:
        """What the file tells of where it comes from; nothing, whatever the cause, where that cannot be read."""
        if file.media_type == TEXT:
            return NOTHING
        try:
            async with self._turn:
                draft, name = await asyncio.to_thread(locked_draft, self._drafts)
                try:
                    place = await self._vault.place(file.digest)
                    told = await self._run(place, draft, "tell", file.media_type)
                    said = await asyncio.to_thread(_beginning, name) if told else b"{}"
                    return FileFacts.model_validate_json(said)
                finally:
                    draft.close()
                    name.unlink(missing_ok=True)
        except (OSError, ValidationError):
            return NOTHING

    async def _draw(self, file: File, page: int, place: Path) -> None:
        draft, name = await asyncio.to_thread(locked_draft, self._drafts)
        try:
            if not await self._run(await self._vault.place(file.digest), draft, "view", file.media_type, str(page)):
                raise NotViewable(media_type=file.media_type)
            await asyncio.to_thread(_keep, draft, name, place)
        finally:
            draft.close()
            name.unlink(missing_ok=True)

    async def _run(self, place: Path, out: BinaryIO, *words: str) -> bool:
        """Whether the program turned one file into the other."""
        with await asyncio.to_thread(place.open, "rb") as source:
            program = await asyncio.create_subprocess_exec(
                *PROGRAM,
                *words,
                stdin=source,
                stdout=out,
                stderr=asyncio.subprocess.DEVNULL,
                cwd=self._nothing,
                env={},
            )
        try:
            ended = await asyncio.wait_for(program.wait(), WAIT_S)
        except TimeoutError:
            ended = None
        finally:
            with suppress(ProcessLookupError):
                program.kill()
            await program.wait()
        return ended == 0 and os.fstat(out.fileno()).st_size > 0


def _beginning(name: Path) -> bytes:
    with name.open("rb") as file:
        return file.read(FACTS_BYTES_MAX)


def _keep(draft: BinaryIO, name: Path, place: Path) -> None:
    os.fsync(draft.fileno())
    link_once(name, place)

"""Views of exhibits: images drawn anew by a program under limits, kept by the original's digest; may be wiped."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from domain.kernel import Refused
from infrastructure.evidence import redraw
from infrastructure.files import make_folder, write_once

if TYPE_CHECKING:
    from domain.dispute.evidence import File
    from infrastructure.evidence.vault import Vault

VIEW_MEDIA_TYPE: Final = "image/jpeg"
WAIT_S: Final = 20.0  # of the clock on the wall; of processor time the program gives itself less
AT_ONCE: Final = 2
PROGRAM: Final = (sys.executable, "-I", redraw.__file__)


class NotViewable(Refused):
    """There is no view of this exhibit: it is no image, or none that can be drawn within the limits."""

    CODE = "exhibit_not_viewable"


class Viewer:
    """Makes views and keeps them."""

    def __init__(self, vault: Vault, folder: Path) -> None:
        self._vault = vault
        self._folder = folder
        self._turn = asyncio.Semaphore(AT_ONCE)
        make_folder(folder)

    async def view(self, file: File) -> bytes:
        """The image as it may be shown: a JPEG of pixels alone. Raises NotViewable."""
        if not file.is_image:
            raise NotViewable(media_type=file.media_type)
        place = self._folder / file.digest[:2] / f"{file.digest}.jpg"
        if not await asyncio.to_thread(place.is_file):
            async with self._turn:
                drawn = await self._drawn(file)
            return await asyncio.to_thread(write_once, place, drawn)
        return await asyncio.to_thread(place.read_bytes)

    async def _drawn(self, file: File) -> bytes:
        program = await asyncio.create_subprocess_exec(
            *PROGRAM,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd="/",
            env={},
        )
        try:
            content = b"".join([piece async for piece in await self._vault.open(file.digest)])
            drawn, _ = await asyncio.wait_for(program.communicate(content), WAIT_S)
        except TimeoutError:
            drawn = b""
        finally:
            with suppress(ProcessLookupError):
                program.kill()
            await program.wait()
        if program.returncode or not drawn:
            raise NotViewable(media_type=file.media_type)
        return drawn

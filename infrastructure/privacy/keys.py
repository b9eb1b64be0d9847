"""Secrets in files of their own, 0600: one for each dispute's draw, and the key of the local token issuer."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import TYPE_CHECKING, Final

from joserfc.jwk import OKPKey

from domain.jury.draw import commitment
from infrastructure.files import write_once

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

SECRET_BYTES: Final = 32


class FileKeys:
    """The Keys port on a folder: a secret is made once, whichever process asks first, and never changes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "draws"

    async def commit_draw(self, dispute: UUID) -> str:
        """Keep a secret for this dispute's draw; answer its SHA-256 commitment as hex."""
        return commitment(dispute, await asyncio.to_thread(self._secret, dispute))

    def _secret(self, dispute: UUID) -> bytes:
        return write_once(self._folder / f"{dispute}.key", secrets.token_bytes(SECRET_BYTES))


def signing_key(folder: Path) -> OKPKey:
    """The Ed25519 key of the local token issuer, made when it is first asked for."""
    made = OKPKey.generate_key("Ed25519").as_dict(private=True)
    return OKPKey.import_key(json.loads(write_once(folder / "issuer.jwk", json.dumps(made).encode())))

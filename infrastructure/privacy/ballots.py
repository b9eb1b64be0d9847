"""Sealed ballots: anybody with a panel's public key seals one, and only who holds the other key opens it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

if TYPE_CHECKING:
    from uuid import UUID

HPKE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class NotThisBallot(Exception):
    """The ballot was not sealed with this key for this panel and seat, or was changed since."""


def new_key() -> tuple[bytes, str]:
    """A panel's key pair: what its key holder keeps, 32 bytes, and what is published, as hex."""
    made = X25519PrivateKey.generate()
    return made.private_bytes_raw(), made.public_key().public_bytes_raw().hex()


def seal(public: str, panel: UUID, seat: int, ballot: bytes) -> str:
    """Seal a ballot for its panel and seat (RFC 9180, base mode), as base64url."""
    key = X25519PublicKey.from_public_bytes(bytes.fromhex(public))
    return base64.urlsafe_b64encode(HPKE.encrypt(ballot, key, info=_place(panel, seat))).decode()


def open_ballot(private: bytes, panel: UUID, seat: int, sealed: str) -> bytes:
    """The ballot as it was sealed; raises NotThisBallot where it was not for this panel and seat."""
    key = X25519PrivateKey.from_private_bytes(private)
    try:
        return HPKE.decrypt(base64.urlsafe_b64decode(sealed), key, info=_place(panel, seat))
    except (InvalidTag, ValueError):
        raise NotThisBallot(f"panel {panel}, seat {seat}") from None


def _place(panel: UUID, seat: int) -> bytes:
    """Where a ballot belongs: it opens nowhere else. A panel is of one dispute and round."""
    return json.dumps(["gongduan ballot v1", str(panel), seat]).encode()

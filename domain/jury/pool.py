"""The pool from which jurors are drawn: sealed by the root of a Merkle tree before anybody can know the seed."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field

from domain.jury.profile import Side
from domain.kernel import Digest, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAF: Final = b"\x00"
NODE: Final = b"\x01"


class Member(Value):
    """Somebody who may be drawn, under a name that stands for them in this panel only."""

    pseudonym: Digest
    side: Side
    experienced: bool
    knows_goods: bool


class Step(Value):
    """A neighbour on the way from a leaf to the root, and on which side of the way it stands."""

    stands: Literal["left", "right"]
    hash: Digest


Path = Annotated[tuple[Step, ...], Field(max_length=64)]


def pseudonym(secret: bytes, account: str) -> str:
    """The name of an account in one pool: HMAC-SHA256 under the pool's secret, as 64 hex digits."""
    return hmac.new(secret, b"gongduan juror v1\n" + account.encode(), hashlib.sha256).hexdigest()


def leaf(member: Member) -> bytes:
    """What is hashed for a member: one line of its four fields, UTF-8, without a line end."""
    line = f"{member.pseudonym} {member.side} {member.experienced:d} {member.knows_goods:d}"
    return line.encode()


def root(members: Sequence[Member]) -> str:
    """The Merkle tree hash of the members as they stand (RFC 9162, section 2.1.1, SHA-256), as hex."""
    return merkle_root([leaf(one) for one in members])


def merkle_root(leaves: Sequence[bytes]) -> str:
    """The Merkle tree hash of byte strings, as hex."""
    return _tree(leaves).hex()


def _tree(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(LEAF + leaves[0]).digest()
    half = _split(len(leaves))
    return hashlib.sha256(NODE + _tree(leaves[:half]) + _tree(leaves[half:])).digest()


def _split(size: int) -> int:
    """The greatest power of two below the size."""
    return int(1 << ((size - 1).bit_length() - 1))


def path_to(members: Sequence[Member], name: str) -> Path:
    """How a member proves to have been in the pool: the neighbours from its leaf to the root. Empty if alone."""
    place = [one.pseudonym for one in members].index(name)
    return tuple(_path([leaf(one) for one in members], place))


def _path(leaves: Sequence[bytes], place: int) -> list[Step]:
    if len(leaves) == 1:
        return []
    half = _split(len(leaves))
    if place < half:
        return [*_path(leaves[:half], place), Step(stands="right", hash=merkle_root(leaves[half:]))]
    return [*_path(leaves[half:], place - half), Step(stands="left", hash=merkle_root(leaves[:half]))]


def leads_to(member: Member, path: Path, sealed: str) -> bool:
    """Whether the way from this member leads to the sealed root."""
    found = hashlib.sha256(LEAF + leaf(member)).digest()
    for step in path:
        other = bytes.fromhex(step.hash)
        pair = other + found if step.stands == "left" else found + other
        found = hashlib.sha256(NODE + pair).digest()
    return found.hex() == sealed


def in_order(members: Sequence[Member]) -> bool:
    """Whether a list is a pool: sorted by pseudonym, nobody twice."""
    names = [one.pseudonym for one in members]
    return names == sorted(set(names))

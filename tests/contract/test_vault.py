"""The vault keeps what it was given, once, and nothing else."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from domain.dispute.evidence import EXHIBIT_BYTES_MAX, VIDEO_BYTES_MAX, File
from infrastructure.evidence.vault import ExhibitEmpty, ExhibitTooLarge, NotInVault, UnsupportedMediaType, Vault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")
MP4 = bytes.fromhex("0000001866747970") + b"isom\x00\x00\x02\x00isomiso2"
ROOT = Path(__file__).parents[2]


async def stream(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def put(vault: Vault, *pieces: bytes) -> File:
    return asyncio.run(vault.put(stream(pieces)))


def read(vault: Vault, digest: str) -> bytes:
    return asyncio.run(vault.place(digest)).read_bytes()


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_file_lies_under_the_digest_of_its_content(tmp_path: Path) -> None:
    file = put(Vault(tmp_path), PNG[:7], PNG[7:])
    digest = hashlib.sha256(PNG).hexdigest()
    assert file == File(digest=digest, media_type="image/png", size_bytes=len(PNG))
    assert files_in(tmp_path) == [f"sha256/{digest[:2]}/{digest[2:4]}/{digest}"]


def test_what_was_put_is_read_back_by_another_vault_on_the_folder(tmp_path: Path) -> None:
    content = PNG + os.urandom(700_000)
    file = put(Vault(tmp_path), content)
    assert read(Vault(tmp_path), file.digest) == content


def test_the_same_content_again_leaves_the_first_file(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    file = put(vault, PNG)
    [place] = files_in(tmp_path)
    before = (tmp_path / place).stat()
    assert put(vault, PNG) == file
    after = (tmp_path / place).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_many_writers_of_one_content_end_with_one_file(tmp_path: Path) -> None:
    vault = Vault(tmp_path)

    async def all_at_once() -> list[File]:
        return await asyncio.gather(*(vault.put(stream([PNG])) for _ in range(8)))

    assert len(set(asyncio.run(all_at_once()))) == 1
    assert len(files_in(tmp_path)) == 1


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (bytes.fromhex("ffd8ffe000104a46494600010100000100010000"), "image/jpeg"),
        (bytes.fromhex("ffd8ffe1001845786966000049492a0008000000"), "image/jpeg"),
        (PNG, "image/png"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 \x18\x00\x00\x00", "image/webp"),
        (b"GIF89a\x01\x00\x01\x00\x80\x00\x00", "image/gif"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "application/pdf"),
        (bytes.fromhex("0000001866747970") + b"isom\x00\x00\x02\x00isomiso2", "video/mp4"),
        (bytes.fromhex("0000001866747970") + b"iso5\x00\x00\x02\x00isomiso2", "video/mp4"),
        ("承诺：不甜包退\n".encode(), "text/plain"),
        ("\ufeff聊天记录\r\n第二行".encode(), "text/plain"),
        (b"BMW: a word that looks like a picture's signature", "text/plain"),
        (b"<3 sweet oranges", "text/plain"),
    ],
)
def test_the_type_is_told_by_the_content(tmp_path: Path, content: bytes, media_type: str) -> None:
    vault = Vault(tmp_path)
    assert put(vault, content).media_type == media_type
    assert put(vault, *(bytes([one]) for one in content)).media_type == media_type


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script>",
        b"  \n<!DOCTYPE html><p>",
        b" \n" * 400 + b"<!DOCTYPE html><p>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<?xml version='1.0'?><svg/>",
        b"#!/bin/sh\nrm -rf /\n",
        b"MZ\x90\x00\x03",
        b"PK\x03\x04\x14\x00\x06\x00",
        b"\x7fELF\x02\x01\x01\x00",
        b"RIFF\x24\x00\x00\x00WAVEfmt \x18\x00\x00\x00",
        bytes.fromhex("0000001466747970") + b"qt  \x00\x00\x02\x00qt  ",
        "退款".encode("gbk"),
        "退款".encode()[:-1],
        b"text with \x1b[2J in it",
        b"\x00\x00",
        b" \n ",
    ],
)
def test_other_content_is_refused_with_what_is_allowed(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnsupportedMediaType) as refused:
        put(Vault(tmp_path), content)
    assert "image/jpeg" in refused.value.details["allowed"]
    assert files_in(tmp_path) == []


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    for pieces in ((), (b"", b"")):
        with pytest.raises(ExhibitEmpty):
            put(Vault(tmp_path), *pieces)
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(
    ("beginning", "most"), [(PNG, EXHIBIT_BYTES_MAX), (MP4, VIDEO_BYTES_MAX), (b"", EXHIBIT_BYTES_MAX)]
)
def test_a_file_over_the_limit_of_its_type_is_refused_before_it_is_read_to_its_end(
    tmp_path: Path, beginning: bytes, most: int
) -> None:
    read_pieces = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read_pieces
        for one in beginning:
            yield bytes([one])
        while True:
            read_pieces += 1
            yield bytes(1024 * 1024)

    with pytest.raises(ExhibitTooLarge) as refused:
        asyncio.run(Vault(tmp_path).put(endless()))
    assert refused.value.details == {"at_most_bytes": most}
    assert read_pieces == most // 1024 // 1024 + (not beginning)
    assert files_in(tmp_path) == []


def test_an_upload_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield PNG
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        asyncio.run(Vault(tmp_path).put(broken()))
    assert files_in(tmp_path) == []


def test_an_upload_that_is_cancelled_leaves_nothing(tmp_path: Path) -> None:
    async def give_up() -> None:
        half_way = asyncio.Event()

        async def stalled() -> AsyncIterator[bytes]:
            yield PNG
            half_way.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(Vault(tmp_path).put(stalled()))
        await half_way.wait()
        assert len(files_in(tmp_path)) == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(give_up())
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(
    "digest", ["", "..", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "\n", "/" + "a" * 63, "0" * 64]
)
def test_only_digests_of_kept_files_are_held_and_have_a_place(tmp_path: Path, digest: str) -> None:
    vault = Vault(tmp_path)
    put(vault, PNG)
    assert not asyncio.run(vault.holds(digest))
    with pytest.raises(NotInVault):
        asyncio.run(vault.place(digest))


def test_a_kept_file_is_held(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    assert asyncio.run(vault.holds(put(vault, PNG).digest))


WRITER = """
import asyncio, sys
from pathlib import Path
from infrastructure.evidence.vault import NoRoom, Vault

async def pieces():
    yield b"begun "
    if sys.argv[2] == "stall":
        print("writing", flush=True)
        await asyncio.Event().wait()
    for _ in range(64):
        yield b"x" * 65536

if sys.argv[2] == "full":
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    asyncio.run(Vault(Path(sys.argv[1])).put(pieces()))
except NoRoom as error:
    print(error)
"""


@contextmanager
def writer(folder: Path, how: str) -> Iterator[subprocess.Popen[str]]:
    """A process that writes into a vault; killed in the end."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), how], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_the_draft_of_a_killed_writer_is_cleared_away_and_that_of_a_living_one_stays(tmp_path: Path) -> None:
    with writer(tmp_path, "stall") as killed, writer(tmp_path, "stall") as living:
        for process in (killed, living):
            assert process.stdout is not None
            assert process.stdout.readline() == "writing\n"
        killed.kill()
        killed.wait()
        assert len(files_in(tmp_path)) == 2
        Vault(tmp_path)
        assert len(files_in(tmp_path)) == 1
    Vault(tmp_path)
    assert files_in(tmp_path) == []


def test_a_disk_that_takes_no_more_is_told_in_one_sentence_with_the_remedy(tmp_path: Path) -> None:
    with writer(tmp_path, "full") as process:
        said, _ = process.communicate()
        assert process.returncode == 0
    assert said == f"{tmp_path} takes no more: free some space or set GONGDUAN_DATA to another disk\n"
    assert files_in(tmp_path) == []

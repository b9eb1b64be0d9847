"""What files tell of where they come from is read under limits: facts, and never the words themselves."""

from __future__ import annotations

import asyncio
import json
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from domain.dispute.provenance import NOTHING, FileFacts
from infrastructure.evidence import viewer
from infrastructure.evidence.confined.moments import moments
from infrastructure.evidence.viewer import PROGRAM
from tests.contract.test_viewer import Room
from tests.support.hostile.images import IMAGES, XMP, encoded
from tests.support.hostile.others import DOCUMENTS, pdf
from tests.support.hostile.table import PLACE, SECRET
from tests.support.hostile.videos import FTYP, GPMF, PICTURES, XYZ, box, film

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.hostile.table import Hostile

TAKEN = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
NO_ZONE = {"earliest": TAKEN - timedelta(hours=14), "latest": TAKEN + timedelta(hours=12)}
IN_CHINA = dict.fromkeys(("earliest", "latest"), TAKEN - timedelta(hours=8))
SINCE_1904 = int((TAKEN - datetime(1904, 1, 1, tzinfo=UTC)).total_seconds())
NORTH = (30.0, 16.0, 27.0)
MAKE, SOFTWARE, EXIF, GPS = 0x010F, 0x0131, 0x8769, 0x8825


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def facts(room: Room, content: bytes) -> FileFacts:
    async def told() -> FileFacts:
        return await room.viewer.facts(await room.kept(content))

    return asyncio.run(told())


def of_exif(tag: int, value: Any) -> bytes:
    data = Image.Exif()
    data[tag] = value
    return encoded("JPEG", exif=data)


def document(info: bytes) -> bytes:
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] >>"
    pages = b"<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>"
    root = b"<< /Type /Catalog /Pages 2 0 R >>"
    return pdf(root, pages, page, page, b"<< %s >>" % info, trailer=b"/Root 1 0 R /Info 5 0 R")


TELLING: dict[str, tuple[bytes, dict[str, Any]]] = {
    "a bare photo": (encoded("JPEG"), {"no_metadata": True}),
    "a bare picture": (encoded("PNG"), {"no_metadata": True}),
    "a photo with its place": (of_exif(GPS, {2: NORTH, 4: (120.0, 9.0, 18.0)}), {"has_position": True}),
    "a photo with half a place": (of_exif(GPS, {1: "N", 2: NORTH}), {}),
    "a photo with its place in XMP": (encoded("WEBP", xmp=XMP), {"has_position": True}),
    "a photo of a camera": (of_exif(MAKE, "Nikon"), {"has_camera": True}),
    "a photo of a program": (of_exif(SOFTWARE, "Photoshop"), {"names_software": True}),
    "a photo with its time": (of_exif(EXIF, {0x9003: "2026:11:20 10:00:00"}), NO_ZONE),
    "a photo with its time and zone": (of_exif(EXIF, {0x9003: "2026:11:20 10:00:00", 0x9011: "+08:00"}), IN_CHINA),
    "a photo with a time that is none": (of_exif(EXIF, {0x9003: "2026:99:99 10:00:00"}), {}),
    "a bare document": (document(b""), {"pages": 2}),
    "a document of a program": (document(b"/Producer (Word)"), {"pages": 2, "names_software": True}),
    "a document with its time": (document(b"/CreationDate (D:20261120100000+08'00')"), {"pages": 2} | IN_CHINA),
    "a bare video": (film(), {"seconds": 3}),
    "a video with its place": (film(in_moov=box(b"udta", XYZ)), {"seconds": 3, "has_position": True}),
    "a video with its way": (film(PICTURES, GPMF), {"seconds": 3, "has_position": True}),
    "a video of a camera": (film(in_moov=box(b"udta", box(b"\xa9mak", b"Sony"))), {"seconds": 3, "has_camera": True}),
    "a video of a program": (film(beside=box(b"udta", box(b"\xa9too"))), {"seconds": 3, "names_software": True}),
    "a video with its time": (film(made=SINCE_1904, moov_last=True), {"seconds": 3} | NO_ZONE),
}  # fmt: skip


@pytest.mark.parametrize("name", TELLING)
def test_a_file_tells_what_it_holds(room: Room, name: str) -> None:
    content, told = TELLING[name]
    assert facts(room, content) == FileFacts(**told)


@pytest.mark.parametrize("content", ["聊天记录".encode(), b"\xff\xd8\xff\xe0\x00\x10JFIF", b"%PDF-1.7\n", FTYP])
def test_a_file_that_cannot_be_read_tells_nothing(room: Room, content: bytes) -> None:
    assert facts(room, content) == NOTHING
    assert facts(room, encoded("JPEG")).no_metadata


ROWS = [row for row in (*IMAGES, *DOCUMENTS) if row.media_type]


@pytest.mark.parametrize("row", ROWS[::4], ids=lambda row: row.name)
def test_a_hostile_file_tells_facts_or_nothing_and_never_its_words(tmp_path: Path, row: Hostile) -> None:
    (tmp_path / "file").write_bytes(row.make())
    (tmp_path / "nothing").mkdir()
    with (tmp_path / "file").open("rb") as source:
        words = (*PROGRAM, "tell", row.media_type)
        ended = subprocess.run(
            words, stdin=source, capture_output=True, timeout=60, check=False, env={}, cwd=tmp_path / "nothing"
        )
    assert PLACE not in ended.stdout
    assert SECRET not in ended.stdout
    if ended.returncode == 0:
        assert set(json.loads(ended.stdout)) <= set(FileFacts.model_fields)


@pytest.mark.parametrize(
    "said", ['{"has_position": "30N120E"}', '{"place": 1}', '{"pages": -1}', "[]", "", "x" * 9_999]
)
def test_a_reader_that_was_taken_over_tells_nothing_but_facts(
    room: Room, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setattr(viewer, "PROGRAM", (PROGRAM[0], "-c", f"print({said!r})"))
    assert facts(room, encoded("JPEG")) == NOTHING


@pytest.mark.parametrize("text", ["", "0000:00:00 00:00:00", "tomorrow", "٢٠٢٦:11:20 10:00:00"])
def test_what_is_no_time_tells_none(text: str) -> None:
    assert moments(text) == {}

"""Views of exhibits: hostile images go in, pixels come out or nothing does, within the limits."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import zlib
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from infrastructure.evidence.confined import images, limits
from infrastructure.evidence.vault import Vault
from infrastructure.evidence.viewer import PROGRAM, TREE, NotViewable, Viewer
from tests.support.hostile.images import BOMBS as BOMB_ROWS
from tests.support.hostile.images import FLOODS
from tests.support.hostile.others import DOCUMENTS, document, pdf
from tests.support.hostile.pixels import assert_pixels_alone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from domain.dispute.evidence import File
    from tests.support.hostile.table import Hostile

SCRIPT = b"<script>alert(document.domain)</script>"
GPS = 0x8825


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def a_photo(colour: str = "orange", size: tuple[int, int] = (640, 480), **exif: Any) -> bytes:
    """As a telephone makes it: with the place, the owner's name, and lying on its side."""
    data = Image.Exif()
    data[GPS] = {1: "N", 2: (30.0, 15.0, 0.0), 3: "E", 4: (120.0, 10.0, 0.0)}
    data[0x013B] = "Lin Secret"
    data[0x0112] = exif.get("orientation", 6)
    return encoded(Image.new("RGB", size, colour), "JPEG", exif=data)


def chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)


def a_png_of(width: int, height: int, *chunks: bytes) -> bytes:
    header = chunk(b"IHDR", width.to_bytes(4) + height.to_bytes(4) + b"\x08\x06\x00\x00\x00")
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IEND", b"")


class Room:
    """A vault and a viewer on a folder."""

    def __init__(self, folder: Path) -> None:
        self.vault = Vault(folder / "evidence")
        self.viewer = Viewer(self.vault, folder / "views")

    def view(self, content: bytes, page: int = 1) -> bytes:
        return asyncio.run(self._view(content, page))

    async def _view(self, content: bytes, page: int) -> bytes:
        return (await self.viewer.view(await self.kept(content), page)).read_bytes()

    async def kept(self, content: bytes) -> File:
        async def pieces() -> AsyncIterator[bytes]:
            yield content

        return await self.vault.put(pieces())


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def test_a_view_is_the_picture_upright_and_nothing_else_that_the_file_held(room: Room) -> None:
    original = a_photo()
    assert b"Lin Secret" in original
    drawn = room.view(original + SCRIPT)
    assert b"Lin Secret" not in drawn
    assert SCRIPT not in drawn
    with Image.open(BytesIO(drawn)) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (480, 640), {})
        assert image.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert image.getpixel((100, 100)) == pytest.approx((255, 165, 0), abs=4)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_every_kind_of_image_has_a_view_of_at_most_so_many_pixels(room: Room, kind: str) -> None:
    drawn = room.view(encoded(Image.new("RGB", (3000, 1500), "teal"), kind))
    with Image.open(BytesIO(drawn)) as image:
        assert (image.format, image.size) == ("JPEG", (images.SIDE_MAX, images.SIDE_MAX // 2))


def test_what_is_transparent_is_seen_on_white(room: Room) -> None:
    with Image.open(BytesIO(room.view(encoded(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), "PNG")))) as image:
        assert image.getpixel((4, 4)) == (255, 255, 255)


def test_of_a_moving_image_the_first_picture_is_shown(room: Room) -> None:
    red, blue = Image.new("RGB", (32, 32), "red"), Image.new("RGB", (32, 32), "blue")
    with Image.open(BytesIO(room.view(encoded(red, "GIF", save_all=True, append_images=[blue])))) as image:
        assert image.getpixel((16, 16)) == pytest.approx((254, 0, 0), abs=4)


BLACK = zlib.compress(bytes(200 * 1024 * 1024), 9)
HOSTILE: dict[str, bytes] = {
    "a flood of pixels": a_png_of(60_000, 60_000, chunk(b"IDAT", BLACK)),
    "a flood of nothing": a_png_of(2**31 - 1, 2**31 - 1, chunk(b"IDAT", zlib.compress(b""))),
    "a bomb in its text": a_png_of(8, 8, chunk(b"zTXt", b"x\x00\x00" + BLACK), chunk(b"IDAT", zlib.compress(b""))),
    "a bomb in its colours": a_png_of(8, 8, chunk(b"iCCP", b"x\x00\x00" + BLACK), chunk(b"IDAT", zlib.compress(b""))),
    "cut off": encoded(Image.new("RGB", (900, 900), "red"), "PNG")[:700],
    "no image behind its first bytes": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + SCRIPT,
    "a page behind its first bytes": b"GIF89a/*" + SCRIPT + b"*/",
    "nothing behind its first bytes": b"\x89PNG\r\n\x1a\n",
    "forty thousand pictures": encoded(Image.new("P", (4000, 4000), 1), "GIF")[:-1] * 2,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_image_becomes_pixels_or_nothing(room: Room, name: str) -> None:
    with suppress(NotViewable):
        drawn = room.view(HOSTILE[name])
        assert SCRIPT not in drawn
        with Image.open(BytesIO(drawn)) as image:
            image.load()


@pytest.mark.parametrize("name", ["a flood of pixels", "a flood of nothing", "cut off"])
def test_what_cannot_be_drawn_within_the_limits_has_no_view_and_the_next_one_has(room: Room, name: str) -> None:
    with pytest.raises(NotViewable):
        room.view(HOSTILE[name])
    assert room.view(a_photo())


CONFINE = f"{TREE}\nfrom infrastructure.evidence.confined.limits import confine\nconfine()\n"
UNSHARE = "ctypes.CDLL(None).unshare(0x40000000 | (0x10000000 if os.geteuid() else 0))"


def held_to(statement: str, folder: Path, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """What becomes of the program when it does this under its limits."""
    words = (sys.executable, "-I", "-c", f"import os, socket, sys, encodings.idna\n{CONFINE}{statement}")
    return subprocess.run(words, capture_output=True, timeout=60, check=False, env={}, cwd=folder, **options)


@pytest.fixture
def nothing(tmp_path: Path) -> Path:
    folder = tmp_path / "nothing"
    folder.mkdir()
    return folder


def test_the_program_is_held_to_its_memory_and_its_time(nothing: Path) -> None:
    assert held_to("bytes(100 * 1024 * 1024)", nothing).returncode == 0
    assert b"MemoryError" in held_to("bytes(300 * 1024 * 1024)", nothing).stderr
    assert held_to("while True: pass", nothing).returncode == -signal.SIGKILL


def test_the_program_writes_so_much_and_no_more(nothing: Path, tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as out:
        program = f"import os\n{CONFINE}for _ in range(64): os.write(1, bytes(1024 * 1024))"
        ended = subprocess.run((sys.executable, "-I", "-c", program), stdout=out, cwd=nothing, env={}, check=False)
    assert ended.returncode != 0
    assert (tmp_path / "out").stat().st_size == limits.OUTPUT_BYTES


@pytest.mark.parametrize(
    "statement",
    [
        "open('/etc/passwd')",
        "open('here', 'wb')",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "os.setuid(0)",
        "socket.socket()",
        "socket.socket(socket.AF_UNIX)",
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))",
    ],
)
def test_the_program_has_no_file_no_network_no_other_program_and_nobodys_rights(nothing: Path, statement: str) -> None:
    ended = held_to(statement, nothing)
    assert ended.returncode == 1
    assert b"Error" in ended.stderr.splitlines()[-1]
    assert list(nothing.iterdir()) == []


ROOM = "os.close(0)\n"  # a decoder that was taken over may give back what it was given, to open something else


def test_even_taken_over_the_program_reaches_neither_disk_nor_network(nothing: Path) -> None:
    allowed = (
        "import ctypes, os; os._exit(ctypes.CDLL(None).unshare(0x40000000 | (0x10000000 if os.geteuid() else 0)) != 0)"
    )
    if sys.platform != "linux" or subprocess.run((sys.executable, "-c", allowed), check=False).returncode:
        pytest.skip("this system lets nobody have a network and a root folder of their own")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        socket.create_connection(("127.0.0.1", port)).close()
        ended = held_to(f"{ROOM}socket.socket().connect(('127.0.0.1', {port}))", nothing)
    assert b"unreachable" in ended.stderr.splitlines()[-1]
    ended = held_to(f"{ROOM}open('/etc/passwd')", nothing)
    assert b"FileNotFoundError" in ended.stderr


def test_the_program_knows_no_file_and_nothing_of_the_service(nothing: Path, tmp_path: Path) -> None:
    assert PROGRAM[1:3] == ("-I", "-c")
    (tmp_path / "photo").write_bytes(a_photo())
    with (tmp_path / "photo").open("rb") as source:
        words = (*PROGRAM, "view", "image/jpeg", "1")
        ended = subprocess.run(words, stdin=source, capture_output=True, timeout=60, check=True, env={}, cwd=nothing)
    assert ended.stdout.startswith(b"\xff\xd8")


# A small process in between: what a process has used includes what its parent had when it was forked.
MEASURED = """
import os, subprocess, sys
program = subprocess.Popen(sys.argv[1:], stderr=subprocess.DEVNULL, cwd="nothing", env={})
_, status, spent = os.wait4(program.pid, 0)
print(os.waitstatus_to_exitcode(status), spent.ru_maxrss, spent.ru_utime + spent.ru_stime, file=sys.stderr)
"""


def used(content: bytes, media_type: str, folder: Path) -> tuple[int, float, float]:
    """How the program ended on a file, how many bytes of memory it took, and how many seconds of processor time."""
    (folder / "file").write_bytes(content)
    (folder / "nothing").mkdir(exist_ok=True)
    words = [sys.executable, "-I", "-c", MEASURED, *PROGRAM, "view", media_type, "1"]
    with (folder / "file").open("rb") as source, (folder / "out").open("wb") as out:
        ended = subprocess.run(words, stdin=source, stdout=out, stderr=subprocess.PIPE, cwd=folder, check=True)
    code, memory, seconds = ended.stderr.split()
    unit = 1 if sys.platform == "darwin" else 1024
    return int(code), int(memory) * unit, float(seconds)


def test_the_measured_program_draws_what_is_no_bomb(tmp_path: Path) -> None:
    """So that the limits are not held by a program that does nothing."""
    code, memory, seconds = used(a_photo(), "image/jpeg", tmp_path)
    assert (code, (tmp_path / "out").read_bytes()[:2]) == (0, b"\xff\xd8")
    assert memory > 16 * 1024 * 1024
    assert seconds > 0


BOMBS = [row for row in (*FLOODS, *BOMB_ROWS, *DOCUMENTS) if row.media_type]


@pytest.mark.parametrize("row", BOMBS, ids=lambda row: row.name)
def test_a_bomb_ends_within_the_limits(tmp_path: Path, row: Hostile) -> None:
    _, memory, seconds = used(row.make(), row.media_type, tmp_path)
    assert memory <= limits.MEMORY_BYTES
    assert seconds <= limits.CPU_S + 1


def test_a_view_is_made_once_and_made_again_when_it_was_wiped(room: Room, tmp_path: Path) -> None:
    first = room.view(a_photo())
    [place] = (tmp_path / "views").rglob("*.jpg")
    before = place.stat().st_mtime_ns
    assert room.view(a_photo()) == first
    assert place.stat().st_mtime_ns == before
    place.unlink()
    assert room.view(a_photo()) == first


TWO_PAGES = pdf(
    b"<< /Type /Catalog /Pages 2 0 R >>",
    b"<< /Type /Pages /Kids [3 0 R 5 0 R] /Count 2 >>",
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R >>",
    b"<< /Length 28 >>\nstream\n1 0 0 rg 0 0 300 200 re f    \nendstream",
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 300] /Contents 6 0 R >>",
    b"<< /Length 28 >>\nstream\n0 0 1 rg 0 0 300 300 re f    \nendstream",
)


def test_each_page_of_a_document_has_a_view_of_its_own(room: Room) -> None:
    red, blue = (1, (900, 600), (254, 0, 0)), (2, (600, 900), (0, 0, 254))
    for page, size, colour in (red, blue, red):
        with Image.open(BytesIO(room.view(TWO_PAGES, page))) as image:
            assert (image.format, image.size) == ("JPEG", size)
            assert image.getpixel((50, 50)) == pytest.approx(colour, abs=4)
    for page in (0, 3, 9_999):
        with pytest.raises(NotViewable):
            room.view(TWO_PAGES, page)


FORM = pdf(
    b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] >> >>",
    b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Annots [4 0 R] >>",
    b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (said) /Rect [0 0 100 100] /F 4 /P 3 0 R /AP << /N 5 0 R >> >>",
    b"<< /Type /XObject /Subtype /Form /BBox [0 0 100 100] /Length 28 >>\n"
    b"stream\n0 0 1 rg 0 0 100 100 re f    \nendstream",
)


def test_what_is_filled_in_a_form_is_seen_too(room: Room) -> None:
    """Else a party could show an arbitrator what the other side, which gets no original, never sees."""
    with Image.open(BytesIO(room.view(FORM))) as image:
        assert image.getpixel((50, 50)) == pytest.approx((0, 0, 254), abs=4)


def test_a_picture_has_one_page(room: Room) -> None:
    with pytest.raises(NotViewable):
        room.view(a_photo(), 2)


def test_of_a_document_nothing_is_carried_out_and_nothing_told(room: Room) -> None:
    drawn = room.view(document(b"/OpenAction << /S /JavaScript /JS (app.alert) >>"))
    assert_pixels_alone(drawn)
    assert b"JavaScript" not in drawn


def test_what_is_no_image_has_no_view(room: Room) -> None:
    with pytest.raises(NotViewable) as refused:
        room.view("聊天记录".encode())
    assert refused.value.details == {"media_type": "text/plain"}


def test_the_original_stays_as_it_was(room: Room, tmp_path: Path) -> None:
    original = a_photo()
    room.view(original)
    file = asyncio.run(room.kept(original))
    [kept] = (tmp_path / "evidence").rglob(file.digest)
    assert kept.read_bytes() == original

"""A table of hostile files through the front door: refused by a code, or kept as they are and shown as pixels alone."""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from infrastructure.web.plain_text import neutral
from tests.http.service import good, refused
from tests.http.story import negotiated
from tests.support.hostile.images import IMAGES
from tests.support.hostile.others import OTHERS
from tests.support.hostile.pixels import assert_pixels_alone
from tests.support.hostile.table import PLACE, SCRIPT, SECRET
from tests.support.hostile.videos import assert_what_plays_alone

if TYPE_CHECKING:
    from tests.http.service import Person, Response, Service
    from tests.http.story import Case
    from tests.support.hostile.table import Hostile

ROWS = (*IMAGES, *OTHERS)
A_SIDE_MAY_SHOW = 30
MORE_BYTES_MAX = 200 * 1024 * 1024  # of the service's memory, whatever it is sent
SAID = {"application/json", "application/problem+json", "application/octet-stream", "image/jpeg", "video/mp4"}
SHARED = ("text/plain",)
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif"} | {
    "application/pdf": "pdf",
    "video/mp4": "mp4",
    "text/plain": "txt",
}


@dataclass(slots=True)
class Desk:
    """A case to show files in; another one when the side has shown what it may."""

    service: Service
    case: Case
    auditor: Person
    shown: int = 0
    base_bytes: int = 0


@pytest.fixture(scope="module")
def desk(service: Service) -> Desk:
    case = negotiated(service)
    good(case.buyer.show(case.at, b"the first"))
    return Desk(service, case, service.person("auditor"), 1, memory(service))


def memory(service: Service) -> int:
    return int(psutil.Process(service.child.process.pid).memory_info().rss)


def send(case: Case, row: Hostile, content: bytes) -> Response:
    """The form written by hand: a client's library would make its names and types harmless."""
    form = b'--b\r\nContent-Disposition: form-data; name="kind"\r\n\r\nphoto\r\n'
    form += b'--b\r\nContent-Disposition: form-data; name="shows"\r\n\r\nwhat it shows\r\n'
    form += b'--b\r\nContent-Disposition: form-data; name="file"; filename="' + row.file_name + b'"\r\n'
    form += b"Content-Type: " + row.says + b"\r\n\r\n" if row.says else b"\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    return case.buyer.send(f"{case.at}/evidence", headers=headers, content=form + content + b"\r\n--b--\r\n")


def assert_nothing_active(response: Response) -> None:
    """Whatever is answered, a browser runs nothing of it."""
    assert response.status_code < 500
    kind = response.headers["content-type"].split(";")[0]
    assert kind in SAID
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"].startswith("default-src 'none'")
    assert response.headers["cache-control"] == "no-store"
    if kind in ("application/octet-stream", "image/jpeg", "video/mp4"):
        assert "sandbox" in response.headers["content-security-policy"]
    if kind == "application/octet-stream":
        assert response.headers["content-disposition"].startswith("attachment;")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_hostile_file_is_refused_or_kept_as_it_is_and_shown_as_pixels_alone(desk: Desk, row: Hostile) -> None:
    if desk.shown == A_SIDE_MAY_SHOW:
        desk.case, desk.shown = negotiated(desk.service), 0
    before, content = desk.service.log_size(), row.make()
    response = send(desk.case, row, content)
    assert_nothing_active(response)
    if row.refused:
        refused(response, 422, row.refused)
        assert list((desk.service.data / "evidence" / "drafts").iterdir()) == []
    else:
        desk.shown += 1
        _kept(desk, row, content, good(response).json()["exhibits"][-1])
    _log_is_clean(desk.service, before)


def _kept(desk: Desk, row: Hostile, content: bytes, shown: dict[str, Any]) -> None:
    digest = hashlib.sha256(content).hexdigest()
    assert (shown["media_type"], shown["digest"], shown["size_bytes"]) == (row.media_type, digest, len(content))
    assert shown["file_name"] == neutral(shown["file_name"])
    assert not set(shown["file_name"]) & set("/\\")
    address = f"{desk.case.at}/evidence/{shown['id']}"
    name = f'attachment; filename="{shown["id"]}.{ENDINGS[row.media_type]}"'
    for person in (desk.case.buyer, desk.case.arbitrator, desk.auditor):
        original = person.call("GET", address)
        assert_nothing_active(original)
        assert (original.status_code, original.content) == (200, content)
        assert original.headers["content-type"] == "application/octet-stream"
        assert original.headers["content-disposition"] == name
    sealed = desk.case.merchant.call("GET", address)
    assert_nothing_active(sealed)
    if row.media_type not in SHARED:
        refused(sealed, 403, "original_sealed")
    picture = desk.case.merchant.call("GET", f"{address}/view")
    assert_nothing_active(picture)
    if row.view or (row.view is None and picture.status_code == 200):
        is_video = row.media_type == "video/mp4"
        name = f"{shown['id']}.{'mp4' if is_video else 'jpg'}"
        assert good(picture).headers["content-disposition"] == f'inline; filename="{name}"'
        (assert_what_plays_alone if is_video else assert_pixels_alone)(picture.content)
    else:
        refused(picture, 409, "exhibit_not_viewable")


def _log_is_clean(service: Service, before: int) -> None:
    """Nothing broke, and nothing of the file came into the log."""
    service.child.check()
    said = service.log(before)
    assert not [line for line in service.lines(before) if line.get("level") not in ("info", "debug")]
    for words in (b"Traceback", SCRIPT, SECRET, PLACE, b"photo.jpg"):
        assert words.decode() not in said


def test_the_table_is_long_enough_and_says_what_becomes_of_each(capsys: pytest.CaptureFixture[str]) -> None:
    ends = Counter("refused" if row.refused else "drawn anew" if row.view else "kept" for row in ROWS)
    with capsys.disabled():
        sys.stdout.write(f"\n{len(ROWS)} hostile files: {dict(ends)}\n")
    assert len({row.name for row in ROWS}) == len(ROWS) >= 120
    assert min(ends.values()) >= 20


def test_the_service_that_was_sent_all_this_has_not_grown(desk: Desk) -> None:
    assert memory(desk.service) - desk.base_bytes < MORE_BYTES_MAX

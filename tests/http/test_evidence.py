"""Exhibits: shown as files, kept by content, given back to be saved and never run."""

from __future__ import annotations

import hashlib
import random
import threading
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from domain.dispute.evidence import EXHIBIT_BYTES_MAX, VIDEO_BYTES_MAX
from tests.http.service import good, refused
from tests.http.story import filed, negotiated, settled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.http.service import Service

MP4 = bytes.fromhex("0000001866747970") + b"isom\x00\x00\x02\x00isomiso2"
VIDEO_MB = 120
MORE_BYTES_MAX = 60 * 1024 * 1024  # of the service's memory, for a video twice as long
PICTURE = (files("infrastructure.demo") / "pictures" / "orange.png").read_bytes()


def test_a_shown_file_is_given_back_to_be_saved(service: Service) -> None:
    case = negotiated(service)
    response = good(case.buyer.show(case.at, PICTURE, "切开的橙子.png"))
    [exhibit] = response.json()["exhibits"]
    assert (exhibit["id"], exhibit["side"], exhibit["kind"]) == ("e1", "buyer", "photo")
    assert (exhibit["media_type"], exhibit["size_bytes"]) == ("image/png", len(PICTURE))
    assert exhibit["file_name"] == "切开的橙子.png"
    for person in (case.buyer, case.arbitrator, service.person("auditor")):
        file = good(person.call("GET", exhibit["href"]))
        assert file.content == PICTURE
        assert file.headers["content-type"] == "application/octet-stream"
        assert file.headers["content-disposition"] == 'attachment; filename="e1.png"'
        assert file.headers["x-content-type-options"] == "nosniff"
        assert file.headers["cache-control"] == "no-store"
        assert int(file.headers["content-length"]) == len(PICTURE)
    refused(case.platform.call("GET", exhibit["href"]), 403, "not_allowed")


def test_the_same_file_again_is_the_same_exhibit(service: Service) -> None:
    case = negotiated(service)
    first = good(case.buyer.show(case.at, PICTURE)).json()
    again = good(case.buyer.show(case.at, PICTURE)).json()
    assert again["exhibits"] == first["exhibits"]
    assert again["version"] == first["version"]


def test_the_same_file_of_the_other_side_is_its_own_exhibit_and_lies_once_in_the_vault(service: Service) -> None:
    case = negotiated(service)
    one = good(case.buyer.show(case.at, PICTURE)).json()["exhibits"][-1]
    two = good(case.merchant.show(case.at, PICTURE)).json()["exhibits"][-1]
    assert (one["id"], two["id"]) == ("e1", "e2")
    assert one["digest"] == two["digest"]
    assert len(list((service.data / "evidence").rglob(one["digest"]))) == 1


def test_an_exhibit_closes_what_was_missing(service: Service) -> None:
    case = negotiated(service)
    assert "photo" in [one["kind"] for one in case.last["missing"]]
    after = good(case.buyer.show(case.at, PICTURE)).json()
    assert "photo" not in [one["kind"] for one in after["missing"]]


@pytest.mark.parametrize(
    "content",
    [
        b"<!doctype html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"MZ\x90\x00 a program",
        b"\x7fELF\x02\x01\x01",
        b"#!/bin/sh\necho x",
        b"PK\x03\x04 an archive",
        b"\x00\x01\x02\x03",
    ],
)
def test_a_file_that_is_none_of_the_known_types_is_refused_by_its_content(service: Service, content: bytes) -> None:
    case = negotiated(service)
    document = refused(case.buyer.show(case.at, content, "photo.png"), 422, "unsupported_media_type")
    assert "image/png" in document["details"]["allowed"]
    assert case.seen_by(case.buyer)["exhibits"] == []


def test_an_empty_file_is_refused(service: Service) -> None:
    case = negotiated(service)
    refused(case.buyer.show(case.at, b""), 422, "exhibit_empty")


def test_a_file_that_is_too_large_for_its_type_is_refused_and_not_kept(service: Service) -> None:
    case = negotiated(service)
    document = refused(case.buyer.show(case.at, b"x" * (EXHIBIT_BYTES_MAX + 1)), 413, "exhibit_too_large")
    assert document["details"] == {"at_most_bytes": EXHIBIT_BYTES_MAX}
    assert "50 MB" in document["detail"]
    assert list((service.data / "evidence" / "drafts").iterdir()) == []
    good(case.buyer.show(case.at, PICTURE))


def test_a_body_of_unknown_length_is_cut_off_at_the_same_place(service: Service) -> None:
    case = negotiated(service)

    def pieces() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
        for _ in range(VIDEO_BYTES_MAX // 1024 // 1024 + 2):
            yield b"x" * 1024 * 1024
        yield b"\r\n--b--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=b", "Idempotency-Key": "k"}
    refused(case.buyer.call("POST", f"{case.at}/evidence", headers=headers, content=pieces()), 413, "too_large")

    def text() -> Iterator[bytes]:
        yield b'{"text": "'
        yield b"x" * 2 * 1024 * 1024

    headers = {"Idempotency-Key": "k"}
    refused(case.buyer.call("POST", f"{case.at}/messages", headers=headers, content=text()), 413, "too_large")


FORM = b"""--b\r
Content-Disposition: form-data; name="kind"\r\n\r\nphoto\r
--b\r
Content-Disposition: form-data; name="shows"\r\n\r\nhow it was unpacked\r
--b\r
Content-Disposition: form-data; name="file"; filename="unpacked.mp4"\r\n\r
"""


@contextmanager
def growth(service: Service) -> Iterator[list[int]]:
    """By how many bytes the service's memory has grown, looked at all the time."""
    process, over = psutil.Process(service.child.process.pid), threading.Event()
    before = process.memory_info().rss
    found = [0]

    def look() -> None:
        while not over.wait(0.005):
            found.append(process.memory_info().rss - before)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield found
    finally:
        over.set()
        looking.join()


def test_a_video_may_be_larger_and_passes_through_in_pieces(service: Service) -> None:
    case = negotiated(service)
    digest, piece = hashlib.sha256(MP4), random.Random(1).randbytes(1024 * 1024)

    def pieces() -> Iterator[bytes]:
        yield FORM + MP4
        for _ in range(VIDEO_MB):
            digest.update(piece)
            yield piece
        yield b"\r\n--b--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    with growth(service) as most:
        [shown] = good(case.buyer.send(f"{case.at}/evidence", headers=headers, content=pieces())).json()["exhibits"]
    assert max(most) < MORE_BYTES_MAX
    assert (shown["media_type"], shown["digest"]) == ("video/mp4", digest.hexdigest())
    assert shown["size_bytes"] == len(MP4) + VIDEO_MB * 1024 * 1024 > EXHIBIT_BYTES_MAX

    given, headers = hashlib.sha256(), case.buyer.headers()
    with (
        growth(service) as most,
        service.client.stream("GET", f"{service.address}{shown['href']}", headers=headers) as response,
    ):
        for some in response.iter_bytes():
            given.update(some)
    assert given.digest() == digest.digest()
    assert max(most) < MORE_BYTES_MAX


def test_a_part_of_a_file_is_given_as_it_is_asked_for(service: Service) -> None:
    case = negotiated(service)
    [shown] = good(case.buyer.show(case.at, PICTURE)).json()["exhibits"]
    href, size = shown["href"], len(PICTURE)
    assert good(case.buyer.call("GET", href)).headers["accept-ranges"] == "bytes"
    for asked, first, last in (
        ("0-9", 0, 9),
        ("10-", 10, size - 1),
        ("-7", size - 7, size - 1),
        ("5-999999", 5, size - 1),
    ):
        part = good(case.buyer.call("GET", href, headers={"Range": f"bytes={asked}"}))
        assert (part.status_code, part.content) == (206, PICTURE[first : last + 1])
        assert part.headers["content-range"] == f"bytes {first}-{last}/{size}"
        assert part.headers["content-type"] == "application/octet-stream"
        assert part.headers["content-disposition"] == 'attachment; filename="e1.png"'
        assert part.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert part.headers["x-content-type-options"] == "nosniff"
        assert part.headers["cache-control"] == "no-store"
    refused(case.merchant.call("GET", href, headers={"Range": "bytes=0-9"}), 403, "original_sealed")
    [opened] = [one for one in service.person("auditor").get(f"{case.at}/viewings")["viewings"] if "exhibit" in one]
    assert (opened["actor"], opened["form"]) == (case.buyer.id, "original")


@pytest.mark.parametrize("which", ["href", "view"])
def test_a_part_that_is_not_there_is_refused_in_words(service: Service, which: str) -> None:
    case = negotiated(service)
    [shown] = good(case.buyer.show(case.at, PICTURE)).json()["exhibits"]
    size = len(good(case.buyer.call("GET", shown[which])).content)
    response = case.buyer.call("GET", shown[which], headers={"Range": f"bytes={size}-"})
    refused(response, 416, "no_such_range")
    assert response.headers["content-range"] == f"bytes */{size}"
    refused(case.buyer.call("GET", shown[which], headers={"Range": "pages=1-2"}), 400, "bad_request")


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"kind": "two words"}, "/kind"),
        ({"kind": ""}, "/kind"),
        ({"shows": ""}, "/shows"),
        ({"shows": "长" * 201}, "/shows"),
        ({"shows": "nul\x00"}, "/shows"),
    ],
)
def test_what_is_said_of_an_exhibit_is_checked(service: Service, form: dict[str, str], field: str) -> None:
    case = negotiated(service)
    data = {"kind": "photo", "shows": "it"} | form
    document = refused(case.buyer.show(case.at, PICTURE, data=data), 422, "validation")
    assert [fault["field"] for fault in document["details"]["faults"]] == [field]


@pytest.mark.parametrize("parts", [{"files": {}}, {"data": {}}, {"files": {"other": ("a", b"a")}}])
def test_every_part_of_the_form_is_needed(service: Service, parts: dict[str, Any]) -> None:
    case = negotiated(service)
    document = refused(case.buyer.show(case.at, PICTURE, **parts), 422, "validation")
    assert document["details"]["faults"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("切开的橙子.png", "切开的橙子.png"),
        ("../../../etc/passwd", "passwd"),
        ("C:\\evil.exe", "evil.exe"),
        ("．．／a.png", "a.png"),
        (".htaccess", "htaccess"),
        ("...", "file"),
        ("\u202egpj.exe", "\ufffdgpj.exe"),
        ("a\u200b\x1b[2J.png", "a\ufffd\ufffd[2J.png"),
        ("…" * 300, "…" * 200),
    ],
)
def test_a_file_name_leads_nowhere(service: Service, name: str, shown: str) -> None:
    case = negotiated(service)
    [exhibit] = good(case.buyer.show(case.at, b"a text", name)).json()["exhibits"]
    assert exhibit["file_name"] == shown


def test_an_exhibit_that_is_not_there_is_not_found(service: Service) -> None:
    case = filed(service)
    refused(case.buyer.call("GET", f"{case.at}/evidence/e1"), 404, "not_found")


def test_exhibits_are_shown_until_the_decision(service: Service) -> None:
    case = settled(service)
    refused(case.buyer.show(case.at, PICTURE), 409, "not_open_for_this")


def test_a_form_that_cannot_be_read_is_refused_as_described(service: Service) -> None:
    case = filed(service)
    media = {"Content-Type": "multipart/form-data; boundary=x"}
    broken = case.buyer.send(f"{case.at}/evidence", headers=media, content=b"--x\r\nFalse--x--\r\n")
    refused(broken, 400, "bad_request")
    described = service.client.get(f"{service.address}/openapi.json").json()["paths"]
    assert "400" in described["/v1/disputes/{dispute}/evidence"]["post"]["responses"]


@pytest.mark.parametrize(("field", "value"), [("kind", "a b"), ("kind", "k" * 65), ("shows", "s" * 201), ("shows", "")])
def test_what_is_said_of_an_exhibit_is_limited_as_described(service: Service, field: str, value: str) -> None:
    case = filed(service)
    said = {"kind": "photo", "shows": "what it shows"} | {field: value}
    document = refused(case.buyer.show(case.at, b"a file", data=said), 422, "validation")
    assert [fault["field"] for fault in document["details"]["faults"]] == [f"/{field}"]
    schemas = service.client.get(f"{service.address}/openapi.json").json()["components"]["schemas"]
    [form] = [schema for name, schema in schemas.items() if name.startswith("Body_")]
    limits = {"kind": {"pattern"}, "shows": {"minLength", "maxLength"}}[field]
    assert limits <= form["properties"][field].keys()

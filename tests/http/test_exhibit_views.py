"""Pictures of exhibits: everybody who may see the exhibit looks at pixels, the original stays with who showed it."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from tests.contract.test_viewer import TWO_PAGES, a_photo
from tests.http.service import good, refused
from tests.http.story import negotiated

if TYPE_CHECKING:
    from tests.http.service import Service


def test_everybody_who_may_see_the_exhibit_looks_at_its_picture(service: Service) -> None:
    case = negotiated(service)
    [shown] = good(case.buyer.show(case.at, a_photo())).json()["exhibits"]
    for person in (case.buyer, case.merchant, case.arbitrator, service.person("auditor")):
        picture = good(person.call("GET", shown["view"]))
        assert picture.headers["content-type"] == "image/jpeg"
        assert picture.headers["content-disposition"] == 'inline; filename="e1.jpg"'
        assert picture.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert picture.headers["x-content-type-options"] == "nosniff"
        assert b"Lin Secret" not in picture.content
        with Image.open(BytesIO(picture.content)) as image:
            assert not image.getexif()
    refused(case.platform.call("GET", shown["view"]), 403, "not_allowed")
    refused(service.person("buyer").call("GET", shown["view"]), 404, "not_found")


def test_the_other_side_does_not_get_an_original_that_may_tell_where_it_was_taken(service: Service) -> None:
    case = negotiated(service)
    original = a_photo()
    [shown] = good(case.buyer.show(case.at, original)).json()["exhibits"]
    for person in (case.buyer, case.arbitrator, service.person("auditor")):
        assert good(person.call("GET", shown["href"])).content == original
    refused(case.merchant.call("GET", shown["href"]), 403, "original_sealed")
    [seen] = case.seen_by(case.merchant)["exhibits"]
    assert "href" not in seen
    assert seen["view"] == shown["view"]


def test_a_file_without_a_picture_is_shared_as_it_is(service: Service) -> None:
    case = negotiated(service)
    [shown] = good(case.buyer.show(case.at, "聊天记录：不甜包退".encode(), "chat.txt")).json()["exhibits"]
    assert "view" not in shown
    assert good(case.merchant.call("GET", shown["href"])).content == "聊天记录：不甜包退".encode()
    document = refused(case.merchant.call("GET", f"{shown['href']}/view"), 409, "exhibit_not_viewable")
    assert document["details"] == {"media_type": "text/plain"}


def test_who_looks_at_a_picture_is_on_record(service: Service) -> None:
    case, auditor = negotiated(service), service.person("auditor")
    [shown] = good(case.buyer.show(case.at, a_photo())).json()["exhibits"]
    good(case.merchant.call("GET", shown["view"]))
    [opened] = [one for one in auditor.get(f"{case.at}/viewings")["viewings"] if "exhibit" in one]
    assert (opened["actor"], opened["exhibit"], opened["digest"]) == (case.merchant.id, "e1", shown["digest"])


def test_the_other_side_reads_a_document_page_by_page_and_gets_no_original(service: Service) -> None:
    case = negotiated(service)
    [shown] = good(case.buyer.show(case.at, TWO_PAGES, "report.pdf")).json()["exhibits"]
    first, second = (good(case.merchant.call("GET", f"{shown['view']}?page={page}")).content for page in (1, 2))
    assert first != second
    refused(case.merchant.call("GET", f"{shown['view']}?page=3"), 409, "exhibit_not_viewable")
    refused(case.merchant.call("GET", f"{shown['view']}?page=0"), 422, "validation")
    refused(case.merchant.call("GET", shown["href"]), 403, "original_sealed")
    assert good(case.buyer.call("GET", shown["href"])).content == TWO_PAGES

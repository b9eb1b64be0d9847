"""The documentation page: whole in both languages, without anything from elsewhere, and its curl lines work."""

from __future__ import annotations

import re
import shutil
import subprocess
from html import unescape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from infrastructure.http import examples
from infrastructure.http.reference import translated
from infrastructure.web.sentences import LANGUAGES, LOCALES, catalogue
from tests.http.service import good
from tests.http.story import a_case, bargained, filed, heard, owed_back, proposed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.http.service import Person, Service

STYLE_BYTES_MAX = 8 * 1024
CHINESE = re.compile(r"[\u4e00-\u9fff]")
CURL = re.compile(r"<pre[^>]*><code>(curl .*?)</code></pre>", re.DOTALL)


def page(service: Service, language: str) -> str:
    response = service.client.get(f"{service.address}/docs", params={"lang": language})
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-language"] == {"zh": "zh-CN", "en": "en"}[language]
    return response.text


def description(service: Service) -> dict[str, Any]:
    found: dict[str, Any] = service.client.get(f"{service.address}/openapi.json").json()
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_nothing_from_elsewhere_and_no_scripts(service: Service, language: str) -> None:
    text = page(service, language)
    assert "<script" not in text
    assert not re.search(r"\son[a-z]+=|\sstyle=|javascript:|<style|<iframe|<img", text)
    for address in re.findall(r'(?:href|src|action)="([^"]*)"', text):
        assert re.match(r"#|/[a-z]|\?lang=", address), address
    assert set(re.findall(r"https?://[^/\s\"&]+", text)) == {service.address}
    style = service.client.get(f"{service.address}/static/gongduan.css")
    assert style.headers["content-type"].startswith("text/css")
    assert len(style.content) < STYLE_BYTES_MAX
    assert "url(" not in style.text
    assert "@import" not in style.text
    assert service.client.get(f"{service.address}/static/gongduan.svg").headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_operation_and_schema_is_on_the_page_and_every_link_leads_somewhere(
    service: Service, language: str
) -> None:
    text = page(service, language)
    anchors = re.findall(r'\sid="([^"]+)"', text)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(anchors)
    told = description(service)
    for methods in told["paths"].values():
        for operation in methods.values():
            assert operation["operationId"] in anchors
    for name in told["components"]["schemas"]:
        assert f"schema-{name}" in anchors or name.startswith("Body_")
    lines = sum(map(len, told["paths"].values()))
    assert len(CURL.findall(text)) == lines


def texts(service: Service) -> Iterator[str]:
    """All that the description says in words."""
    told = description(service)
    yield told["info"]["summary"]
    for block in told["info"]["description"].strip().split("\n\n"):
        yield from block.removeprefix("- ").split("\n- ") if block.startswith("- ") else [block]
    for methods in told["paths"].values():
        for operation in methods.values():
            yield from (operation["summary"], operation["description"])
            yield from (parameter["description"] for parameter in operation.get("parameters", []))
            for answer in operation["responses"].values():
                yield answer["description"]
                yield from (header["description"] for header in answer.get("headers", {}).values())
    for schema in told["components"]["schemas"].values():
        yield schema.get("description", "")
        yield from (field.get("description", "") for field in schema.get("properties", {}).values())


def test_all_that_the_description_says_is_said_in_chinese_too(service: Service) -> None:
    missing = sorted({text for text in texts(service) if text and not CHINESE.search(translated("zh", text))})
    assert missing == []


def test_the_english_page_has_no_chinese_around_the_examples(service: Service) -> None:
    text = re.sub(r"<pre.*?</pre>", "", page(service, "en"), flags=re.DOTALL)
    rest = text.replace("Gongduan 公断", "").replace('lang="zh-CN">中文<', "")
    assert not CHINESE.search(rest)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_is_a_sentence(service: Service, language: str) -> None:
    assert not re.search(r"docs\.[a-z]|problem\.[a-z_]+\.title|\{[a-z_]+\}(?![^<]*</code>)|–", page(service, language))


@pytest.mark.parametrize("kind", ["docs", "demo", "http"])
def test_both_languages_have_the_same_sentences_with_the_same_words_put_in(kind: str) -> None:
    folder = files("infrastructure.web") / "locales"
    keys = {
        language: re.findall(
            r'^msgid "(.+)"$', (folder / f"{kind}.{locale}.po").read_text(encoding="utf-8"), re.MULTILINE
        )
        for language, locale in LOCALES.items()
    }
    assert keys["en"] == keys["zh"]
    assert len(set(keys["en"])) == len(keys["en"])
    for key in keys["en"]:
        put_in = [set(re.findall(r"\{(\w+)\}", catalogue(language)[key])) for language in LANGUAGES]
        assert put_in[0] == put_in[1], key


def test_no_sentence_stands_in_two_catalogues() -> None:
    for locale in LOCALES.values():
        keys = [
            key
            for file in (files("infrastructure.web") / "locales").iterdir()
            if file.name.endswith(f"{locale}.po")
            for key in re.findall(r'^msgid "(.+)"$', file.read_text(encoding="utf-8"), re.MULTILINE)
        ]
        assert sorted(key for key in set(keys) if keys.count(key) > 1) == []


def test_the_language_is_the_browsers_until_it_is_chosen(service: Service) -> None:
    for accepted, language in (("zh-CN,zh;q=0.9", "zh-CN"), ("en-US", "en"), ("fr", "en")):
        response = service.client.get(f"{service.address}/docs", headers={"Accept-Language": accepted})
        assert response.headers["content-language"] == language
    assert service.client.get(f"{service.address}/docs?lang=fr").status_code == 422
    home = service.client.get(f"{service.address}/")
    assert (home.status_code, home.headers["location"]) == (307, "/docs")


class Shell:
    """Runs the page's curl lines as they are printed."""

    def __init__(self, service: Service) -> None:
        self.lines: dict[str, str] = {}
        for section in page(service, "en").split('<section id="')[1:]:
            if found := CURL.search(section):
                self.lines[section.split('"')[0]] = unescape(found[1])
        self.run_ones: set[str] = set()

    def run(self, operation: str, person: Person, dispute: str = "", digest: str = "", other: str = "") -> str:
        self.run_ones.add(operation)
        line = self.lines[operation].replace("curl -sS", "curl -sS --fail-with-body", 1)
        line = line.replace(examples.LINKING["dispute"], other)  # another case, which the example makes up
        ended = subprocess.run(
            ["sh", "-c", line],
            env={"PATH": "/usr/bin:/bin", "TOKEN": person.token, "DISPUTE": dispute, "DIGEST": digest, "no_proxy": "*"},
            cwd=str(files("infrastructure.demo") / "pictures"),
            capture_output=True,
            check=False,
        )
        assert ended.returncode == 0, (operation, ended.stdout[:500], ended.stderr)
        return ended.stdout.decode(errors="replace")


ANSWERED = (
    *(("get_dispute", "buyer"), ("report_notice", "platform"), ("pause_clock", "arbitrator")),
    *(("resume_clock", "arbitrator"), ("respond_to_dispute", "merchant"), ("send_message", "buyer")),
    ("give_goodwill", "merchant"),
    *(("make_offer", "merchant"), ("decline_offer", "buyer"), ("submit_evidence", "buyer"), ("get_exhibit", "buyer")),
    *(("view_exhibit", "merchant"), ("challenge_evidence", "merchant"), ("escalate_dispute", "buyer")),
)
HEARD = (
    *(("get_queue", "arbitrator"), ("intervene_in_dispute", "arbitrator"), ("chase_dispute", "buyer")),
    *(("add_note", "arbitrator"), ("link_case", "arbitrator"), ("release_case", "arbitrator")),
    *(("reassign_case", "senior"), ("declare_conflict", "arbitrator")),
)
ASKED = (("request_evidence", "other"), ("close_evidence_round", "other"), ("exclude_evidence", "other"))
DECIDED = (
    *(("admit_evidence", "other"), ("place_legal_hold", "auditor"), ("lift_legal_hold", "auditor")),
    *(("rule_on_dispute", "other"), ("get_trail", "buyer"), ("get_account", "buyer"), ("get_viewings", "auditor")),
)


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl here")
def test_the_curl_lines_work_as_printed_in_a_story(service: Service) -> None:
    shell = Shell(service)
    people = {
        "platform": service.person("platform", "shop-system"),
        "buyer": service.person("buyer", examples.ORDER["buyer"]),
        "merchant": service.person("merchant", examples.ORDER["merchant"]),
        "arbitrator": service.person("arbitrator"),
        "other": service.person("arbitrator", examples.REASSIGNING["arbitrator"]),
        "senior": service.person("senior_arbitrator"),
        "auditor": service.person("auditor"),
        "writer": service.person("rule_writer"),
        "admin": service.person("admin"),
    }
    buyer, digest = people["buyer"], people["writer"].get("/v1/playbooks")["versions"][0]["digest"]
    for operation, who in (("see_requirements", "buyer"), ("register_order", "platform"), ("get_order", "platform")):
        shell.run(operation, people[who])
    shell.run("file_dispute", buyer)
    [case] = buyer.get("/v1/disputes", after=buyer_position(service, buyer))["cases"]
    shell.run("list_disputes", buyer)
    another = a_case(service).file().id
    for operation, who in (*ANSWERED, *HEARD, *ASKED):
        shell.run(operation, people[who], case["id"], other=another)
    good(buyer.show(f"/v1/disputes/{case['id']}", b"the parcel", data={"kind": "parcel_photo", "shows": "the parcel"}))
    for operation, who in DECIDED:
        shell.run(operation, people[who], case["id"], other=another)
    assert buyer.get(f"/v1/disputes/{case['id']}")["stage"] == "decided"
    shell.run("correct_ruling", people["other"], case["id"])
    shell.run("file_appeal", people["merchant"], case["id"])
    for operation in ("confirm_ruling", "return_ruling"):
        shell.run(operation, service.person("arbitrator"), proposed(service).id)
    _of_appeals_and_ends(service, shell)
    for operation, who in (("list_playbooks", "buyer"), ("get_playbook", "buyer"), ("get_clock", "admin")):
        shell.run(operation, people[who], digest=digest)
    shell.run("publish_playbook", people["writer"])
    shell.run("add_claim", (more := bargained(service)).buyer, more.id)
    settled = a_case(service).file(remedy="refund_only").respond().offer(None, remedy="refund_only")
    shell.run("request_human", settled.buyer, settled.id)
    shell.run("accept_offer", settled.buyer, settled.id)
    shell.run("report_external_refund", people["platform"], settled.id)
    shell.run("move_clock", people["admin"])
    assert shell.run_ones == set(shell.lines)


def _of_appeals_and_ends(service: Service, shell: Shell) -> None:
    """Cases of other people: an appeal is rejected, one upheld; one withdraws; what was paid comes back."""
    for operation in ("reject_appeal", "uphold_ruling"):
        appealed = heard(service)
        shell.run(operation, appealed.arbitrator, appealed.id)
    given_up = filed(service)
    shell.run("withdraw_dispute", given_up.buyer, given_up.id)
    paid = a_case(service).file().respond(answer="accept").until_closed()
    shell.run("reopen_dispute", service.person("senior_arbitrator"), paid.id)
    paid.intervene().rule().appeal().hear()
    shell.run("reverse_ruling", paid.arbitrator, paid.id)
    assert '"stage":"closed"' in shell.run("report_recovery", paid.platform, paid.id)
    lost = owed_back(service)
    assert '"stage":"closed"' in shell.run("write_off_recovery", service.person("senior_arbitrator"), lost.id)


def buyer_position(service: Service, buyer: Person) -> str:
    """A position behind what the buyer just did: the head of the log as a repeat of it tells."""
    filing = examples.FILING
    repeated = buyer.send("/v1/disputes", filing, key="file_dispute-1")
    assert repeated.headers["idempotent-replayed"] == "true"
    position: str = repeated.headers["gongduan-position"]
    return position

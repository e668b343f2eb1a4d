"""Lists of feeds that are sent to the Feeds page."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from starlette.applications import Starlette

from analyst.api.keys import mint
from analyst.web.app import make_app
from analyst.web.feeding import LONGEST, MOST
from config.settings import Settings
from pipeline.archive import open_archive
from pipeline.archive.base import Archive, every
from pipeline.feeds.opml import FeedLine, read_opml
from pipeline.frontier import open_frontier
from pipeline.frontier.base import Frontier
from pipeline.model import ApiKey, Feed, KeyScope
from pipeline.watching import watch
from tests.unit.analyst.web.calling import Answer, call
from tests.unit.analyst.web.library import NOW
from tests.unit.analyst.web.test_search_page import only, words
from tests.unit.analyst.web.test_signing import AFAR, cookie, post

OURS = "http://127.0.0.1:8050"
LIST = """<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="2.0"><body>
<outline text="California" place="CA">
  <outline text="Sierra Bée" xmlUrl="https://bee.example/feed" kind="news"/>
  <outline text="Known" xmlUrl="https://known.example/feed" owner="Coast Media"/>
  <outline text="Same" xmlUrl="https://same.example/feed" place="CA"/>
  <outline text="Nowhere" xmlUrl="https://nowhere.example/feed" place="Atlantis"/>
  <outline text="Script" xmlUrl="javascript:alert(1)"/>
  <outline text="Off" xmlUrl="https://off.example/feed" isComment="true"/>
  <outline text="Sierra Bée" xmlUrl="https://bee.example/feed" kind="news"/>
</outline></body></opml>"""


@dataclass
class Page:
    """The web over two stores with two feeds in them."""

    web: Starlette
    archive: Archive
    frontier: Frontier

    def token(self, client: str = "127.0.0.1", headers: dict[str, str] | None = None) -> str:
        found = BeautifulSoup(call(self.web, "/feeds", client=client, headers=headers).text, "html.parser")
        return str(only(found, 'form[action="/feeds"] input[name="token"]')["value"])

    def send(
        self,
        parts: Mapping[str, bytes | str],
        *,
        client: str = "127.0.0.1",
        headers: dict[str, str] | None = None,
        token: str | None = None,
    ) -> Answer:
        """Sends the form with a token (None: one that was just given); ``file`` is a file."""
        mark = secrets.token_hex(8)
        body = b""
        for name, value in {"token": self.token() if token is None else token, **parts}.items():
            ending = '; filename="feeds.opml"\r\nContent-Type: text/x-opml' if name == "file" else ""
            body += f'--{mark}\r\nContent-Disposition: form-data; name="{name}"{ending}\r\n\r\n'.encode()
            body += (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
        given = {"content-type": f"multipart/form-data; boundary={mark}", "origin": OURS} | (headers or {})
        return call(
            self.web, "/feeds", method="POST", client=client, headers=given, body=body + f"--{mark}--\r\n".encode()
        )

    def urls(self) -> list[str]:
        return sorted(stored.record.url for stored in every(self.archive, Feed))


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    settings = Settings(home=tmp_path, secret_key="a secret of the tests")
    with closing(open_archive(settings.archive)) as archive, closing(open_frontier(settings.frontier)) as frontier:
        watch(archive, frontier, FeedLine("https://known.example/feed", "Known", "NV", "wire"), now=lambda: NOW)
        watch(archive, frontier, FeedLine("https://same.example/feed", "Same", "CA"), now=lambda: NOW)
        yield Page(make_app(settings, archive, frontier, now=lambda: NOW), archive, frontier)


BEFORE = ["https://known.example/feed", "https://same.example/feed"]


@pytest.mark.parametrize("sent", ["file", "text"])
def test_each_outline_is_told_what_became_of_it(page: Page, sent: str) -> None:
    data: bytes | str = LIST.encode("latin-1") if sent == "file" else f"\n {LIST}\n"
    answer = page.send({sent: data})
    assert answer.status == 200
    found = BeautifulSoup(answer.text, "html.parser")
    assert words(only(found, "h1")) == "1 feed was added"
    rows = [[words(cell) for cell in row.select("th, td")] for row in found.select("tbody tr")]
    assert rows[0][0] == "Nowhere https://nowhere.example/feed"
    line = 7 if sent == "file" else 8
    assert rows[0][1].startswith(f"refused : line {line}: place 'Atlantis' must be 'City, ST'"), "as it was sent"
    assert "is no http or https address" in rows[1][1]
    assert rows[2:] == [
        ["Sierra Bée https://bee.example/feed", "added"],
        ["Known https://known.example/feed", "known, now as the list says"],
        ["Same https://same.example/feed", "known already"],
        ["Sierra Bée https://bee.example/feed", "known already"],
        ["Off https://off.example/feed", "switched off in the list"],
    ]
    assert not [link for link in found.select("td a") if str(link["href"]).startswith("javascript")]
    known = next(stored.record for stored in every(page.archive, Feed) if stored.record.title == "Known")
    assert (known.place, known.kind, known.owner) == ("CA", "wire", "Coast Media"), "what the list does not say stays"
    assert "https://off.example/feed" not in page.urls()
    bee = next(stored.record for stored in every(page.archive, Feed) if stored.record.title == "Sierra Bée")
    assert page.frontier.dues("feed")[bee.id] == NOW


def test_what_the_page_exports_it_takes_back(page: Page) -> None:
    exported = call(page.web, "/feeds.opml").text
    answer = page.send({"file": exported})
    assert words(only(BeautifulSoup(answer.text, "html.parser"), "h1")) == "No feed was added"
    assert len(read_opml(exported.encode())) == 2
    assert page.urls() == BEFORE


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({}, "there was no file and no text"),
        ({"file": b"", "text": "  "}, "there was no file and no text"),
        ({"file": b"<opml/>", "text": "<opml/>"}, "choose a file or paste its text, and not both"),
        ({"text": "<opml><body/></opml>"}, "there is no outline with an xmlUrl in it"),
        ({"file": b"\xff\xfe\x00<"}, "line 1: not well-formed XML"),
        ({"text": "<html></html>"}, "its root element is not <opml>"),
        ({"text": '<!DOCTYPE o [<!ENTITY a "b">]><opml>&a;</opml>'}, "it has a document type or entities"),
    ],
)
def test_a_list_that_cannot_be_read_adds_nothing(page: Page, parts: dict[str, bytes | str], says: str) -> None:
    answer = page.send(parts)
    assert answer.status == 400
    found = BeautifulSoup(answer.text, "html.parser")
    assert says in words(only(found, "[role=alert]"))
    assert only(found, "details[open] textarea").get_text() == str(parts.get("text", "")), "it can be mended"
    assert page.urls() == BEFORE


def test_a_list_is_bounded(page: Page) -> None:
    outline = '<outline xmlUrl="https://many.example/{}"/>'
    many = "".join(outline.format(n) for n in range(MOST + 1))
    for parts in ({"text": f"<opml><body>{many}</body></opml>"}, {"file": "x" * LONGEST}):
        answer = page.send(parts)
        assert answer.status == 413
        assert "takes lists of any length" in words(only(BeautifulSoup(answer.text, "html.parser"), "[role=alert]"))
    assert page.urls() == BEFORE


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
def test_a_list_that_another_site_sends_is_not_taken(page: Page, headers: dict[str, str]) -> None:
    assert page.send({"text": LIST}, headers=headers).status == 403
    assert page.urls() == BEFORE


def test_a_form_needs_its_token_and_has_to_be_one(page: Page) -> None:
    for wrong in ("", "x.y", "é"):
        answer = page.send({"text": LIST}, token=wrong)
        assert answer.status == 403
        assert "had become too old" in answer.text
    for kind in ("", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=other"):
        assert page.send({"text": LIST}, headers={"content-type": kind}).status in (400, 403), kind
    assert page.send({f"more{n}": "x" for n in range(9)}).status == 400
    assert page.urls() == BEFORE


@pytest.mark.parametrize(("scope", "status"), [("read", 403), ("write", 200)])
def test_from_elsewhere_a_key_has_to_be_able_to_write(page: Page, scope: KeyScope, status: int) -> None:
    key, text = mint("desk", (scope,), NOW)
    page.archive.create(key)
    signed = cookie(post(page.web, "/sign-in", key=text))
    shown = call(page.web, "/feeds", client=AFAR, headers=signed)
    assert ('action="/feeds"' in shown.text) == (scope == "write")
    token = page.token(AFAR, signed) if scope == "write" else page.token()
    answer = page.send({"text": LIST}, client=AFAR, headers=signed, token=token)
    assert answer.status == status
    if status == 403:
        assert "Only a key that may write adds feeds." in answer.text
    assert ("https://bee.example/feed" in page.urls()) == (status == 200)
    page.archive.delete(ApiKey, key.id)
    assert page.send({"text": LIST}, client=AFAR, headers=signed, token=token).status in (401, 403)

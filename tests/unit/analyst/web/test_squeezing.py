"""Answers as gzip: what is compressed, what is not, and that the first part of a page does not wait for the rest."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette

from analyst.web import statics
from analyst.web.app import make_app
from analyst.web.guard import SECRET_PATHS
from analyst.web.squeezing import SMALLEST
from config.settings import Settings
from pipeline.archive.base import Archive
from pipeline.frontier.base import Frontier
from tests.unit.analyst.web.calling import Answer, call
from tests.unit.analyst.web.library import NOW
from tests.unit.analyst.web.stock import SUBSCRIPTION

TAKES = {"accept-encoding": "br, gzip"}
TOKEN = re.compile(r'(name="token" value=")[^"]+')


def squeezed(web: Starlette, path: str, **more: Any) -> Answer:
    return call(web, path, headers=TAKES, **more)


@pytest.mark.parametrize(
    "path",
    ["/", "/?q=council", "/sources", "/docket", "/measure/m-ellery", "/feeds", "/status", "/nowhere", "/feeds.opml",
     "/api/v1/search", "/api/v1/openapi.json", "/api/v1/export.csv", "/api/v1/export.csv?bom=true",
     "/api/v1/export.json", "/api/v1/export.jsonl", "/api/v1/export.rss", "/api/v1/export.ics?q=council", "/metrics"],
)  # fmt: skip
def test_who_takes_gzip_gets_the_same_as_gzip(web: Starlette, path: str) -> None:
    plain, packed = call(web, path), squeezed(web, path)
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    for answer in (plain, packed):
        assert "accept-encoding" in answer.headers["vary"].lower()
        if length := answer.headers.get("content-length"):
            assert int(length) == len(answer.body)
    read = gzip.decompress(packed.body).decode()
    if path not in ("/metrics", "/status"):  # they tell of this process and its disk, which change
        assert TOKEN.sub("", read) == TOKEN.sub("", plain.text)
    assert len(packed.body) < 0.6 * len(plain.body)
    assert packed.headers["content-type"] == plain.headers["content-type"]
    assert packed.headers.get("etag") == plain.headers.get("etag")


def test_the_first_part_can_be_read_before_the_second_is_made(
    settings: Settings, archive: Archive, frontier: Frontier, web: Starlette
) -> None:
    class Watched:
        """An archive that tells what had been sent when the charts were asked for."""

        sent: Callable[[], list[bytes]]
        before: list[bytes] | None = None

        def __getattr__(self, name: str) -> object:
            return getattr(archive, name)

        def charts(self, *given: Any, **more: Any) -> object:
            self.before = list(self.sent())
            return archive.charts(*given, **more)

    watched = Watched()
    answer = Answer()
    watched.sent = lambda: answer.pieces
    app = make_app(settings, watched, frontier, now=lambda: NOW)  # type: ignore[arg-type]
    call(app, "/?q=council", headers=TAKES, into=answer)
    assert watched.before, "something was sent"
    first = zlib.decompressobj(31).decompress(b"".join(watched.before)).decode()
    assert first.rstrip().endswith("<!-- -->")
    assert 'class="stories"' in first
    assert "data-chart" not in first
    assert gzip.decompress(answer.body).decode().startswith(first)


def test_what_is_small_or_not_wanted_is_sent_as_it_is(web: Starlette) -> None:
    small = squeezed(web, "/healthz")
    assert "content-encoding" not in small.headers
    assert len(small.body) < SMALLEST
    refused = call(web, "/", headers={"accept-encoding": "gzip;q=0, identity"})
    assert "content-encoding" not in refused.headers
    assert refused.text.startswith("<!doctype html>")
    file = statics.load()["sanctuary.css"]
    assert call(web, file.path, headers={"accept-encoding": "gzip;q=0"}).body == file.body
    assert squeezed(web, file.path).body == file.squeezed


def test_an_answer_that_the_client_has_is_none_in_either_form(web: Starlette) -> None:
    tag = squeezed(web, "/api/v1/dockets").headers["etag"]
    for headers in (TAKES, {}):
        answer = call(web, "/api/v1/dockets", headers={**headers, "if-none-match": tag})
        assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", tag)
        assert "accept-encoding" in answer.headers["vary"]


def test_a_head_tells_the_length_of_what_would_be_sent(web: Starlette) -> None:
    for headers in (TAKES, {}):
        whole = call(web, "/api/v1/dockets", headers=headers)
        head = call(web, "/api/v1/dockets", headers=headers, method="HEAD")
        assert head.body == b""
        assert head.headers == whole.headers


@pytest.mark.parametrize("path", ["/?q=council", "/feeds"])
def test_no_secret_is_sent_twice(web: Starlette, path: str) -> None:
    tokens = [TOKEN.search(gzip.decompress(squeezed(web, path).body).decode()) for _ in range(2)]
    first, second = (found[0].rpartition(".")[2] for found in tokens if found)
    assert first != second, "the clock stands still between the two"


def test_addresses_that_are_keys_are_answered_as_they_are(web: Starlette) -> None:
    for start in SECRET_PATHS:
        answer = squeezed(web, f"{start}{SUBSCRIPTION.id}/wrong")
        assert "content-encoding" not in answer.headers

from __future__ import annotations

import gzip
import http.client
import re
import socket
import threading
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from demo.hub import Hub
from demo.newsroom import MOVED_TO, RETRY_AFTER, CannotOpen, Newsroom, asked_for
from demo.stories import outlets
from tests.unit.demo.conftest import NOW, get


def test_every_page_stands_where_its_feed_says(newsroom: Newsroom) -> None:
    for story in newsroom.stories.values():
        if story.page == "endless":
            continue
        answer = get(newsroom.link(story.id))
        if story.via:
            assert answer.status == 302
            assert answer.headers["location"] == newsroom.url(story.id)
            answer = get(newsroom.url(story.id))
        assert answer.status == (404 if story.page == "gone" else 200), story.id
        assert answer.headers["content-type"] == f"text/html; charset={story.outlet.charset}"
        assert int(answer.headers["content-length"]) == len(answer.body)


def test_a_story_that_is_published_later_stands_in_its_feed_and_has_a_page() -> None:
    with Hub() as hub, Newsroom(NOW, hub=hub) as newsroom:
        first = get(newsroom.feed_url("ledger"))
        assert f'<{hub.url}>; rel="hub"' in first.headers["link"]
        known = next(story for story in newsroom.stories.values() if story.outlet.id == "ledger")
        late = replace(known, id="late", title="Library opens late", path="/late", published=NOW, via="")
        newsroom.publish(late)
        again = get(newsroom.feed_url("ledger"))
        assert b"Library opens late" in again.body
        assert b"Library opens late" not in first.body
        assert again.headers["etag"] != first.headers["etag"]
        assert get(newsroom.url("late")).status == 200


def test_pages_carry_their_text(newsroom: Newsroom) -> None:
    for story in newsroom.stories.values():
        if story.page != "article":
            continue
        html = get(newsroom.url(story.id)).body.decode(story.outlet.charset)
        shown = story.paragraphs[:1] if story.paywall else story.paragraphs
        page = re.sub(r"&#(\d+);", lambda m: chr(int(m[1])), html).replace("&amp;", "&")
        assert all(part.removeprefix("## ") in page for part in shown), story.id
        if story.paywall:
            assert story.paragraphs[-1] not in page
            assert '"isAccessibleForFree": false' in page


def test_dates_are_told_in_four_ways_and_once_not_at_all(newsroom: Newsroom) -> None:
    def page(story: str) -> str:
        return get(newsroom.url(story)).body.decode(newsroom.stories[story].outlet.charset)

    stamp = newsroom.stories["tompkins"].published.isoformat()
    assert f'<meta property="article:published_time" content="{stamp}">' in page("tompkins")
    assert '"datePublished": "' in page("la-first-ledger")
    assert '<meta itemprop="datePublished" content="' in page("hemet-murrieta")
    assert '<meta name="dcterms.date" content="' in page("madison-release")
    assert re.search(r"Posted: \w+day, \w+ \d+, \d{4}, \d+:\d\d [ap]\.m\.", page("tacoma-puget"))
    undated = page("undated")
    assert "Posted" not in undated
    assert not re.search(r"\b20\d\d\b", undated)


def test_amp_page_names_the_page_that_counts(newsroom: Newsroom) -> None:
    html = get(newsroom.url("la-final-amp")).body.decode()
    assert f'<link rel="canonical" href="{newsroom.url("la-final-ledger")}">' in html


def test_feed_links_may_carry_tracking(newsroom: Newsroom) -> None:
    assert newsroom.link("la-first-ledger").startswith(newsroom.url("la-first-ledger") + "?utm_source=")
    assert newsroom.link("tompkins") == newsroom.url("tompkins")


def test_latin_page_is_latin(newsroom: Newsroom) -> None:
    body = get(newsroom.url("o-smoke")).body
    assert "café".encode("latin-1") in body
    assert b"&#8220;" in body


def test_conditional_requests(newsroom: Newsroom) -> None:
    for outlet in outlets().values():
        if outlet.fault:
            continue
        url = newsroom.feed_url(outlet.id)
        first = get(url)
        assert first.status == 200
        assert ("etag" in first.headers) == ("etag" in outlet.validators)
        assert ("last-modified" in first.headers) == ("modified" in outlet.validators)
        if tag := first.headers.get("etag"):
            again = get(url, {"If-None-Match": tag})
            assert (again.status, again.body) == (304, b"")
            assert again.headers["etag"] == tag
            assert get(url, {"If-None-Match": f'"other", {tag}'}).status == 304
            assert get(url, {"If-None-Match": '"other"'}).status == 200
        if modified := first.headers.get("last-modified"):
            assert get(url, {"If-Modified-Since": modified}).status == 304
            assert get(url, {"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}).status == 200
            assert get(url, {"If-Modified-Since": "yesterday"}).status == 200
            assert get(url, {"If-Modified-Since": modified, "If-None-Match": '"other"'}).status == 200


def test_gzip_only_for_those_who_ask(newsroom: Newsroom) -> None:
    url = newsroom.feed_url("ledger")
    plain, packed = get(url), get(url, {"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["etag"] == plain.headers["etag"]
    assert "content-encoding" not in get(newsroom.feed_url("gulf"), {"Accept-Encoding": "gzip"}).headers


def test_feeds_that_fail(newsroom: Newsroom) -> None:
    busy = get(newsroom.feed_url("desert"))
    assert (busy.status, busy.headers["retry-after"]) == (503, str(RETRY_AFTER))
    hopeless = get(newsroom.feed_url("greatlakes"))
    assert hopeless.status == 200
    assert hopeless.body.startswith(b"<!DOCTYPE html>")
    moved = get(newsroom.feed_url("fingerlakes"))
    assert (moved.status, moved.headers["location"]) == (301, newsroom.base("fingerlakes") + MOVED_TO)
    assert get(moved.headers["location"]).status == 200


def test_robots_everywhere_and_one_forbids_what_a_feed_links_to(newsroom: Newsroom) -> None:
    for outlet in outlets().values():
        robots = get(newsroom.base(outlet) + "/robots.txt")
        assert robots.status == 200
        assert robots.body.startswith(b"User-agent: *\n")
    rules = get(newsroom.base("gulf") + "/robots.txt").body.decode()
    path = urlsplit(newsroom.link("robots")).path
    assert any(path.startswith(line.removeprefix("Disallow: ")) for line in rules.splitlines()[1:])


def test_what_is_not_there_is_not_found(newsroom: Newsroom) -> None:
    answer = get(newsroom.base("ledger") + "/no/such/page")
    assert answer.status == 404
    assert b"Page not found" in answer.body


def test_front_pages_and_head(newsroom: Newsroom) -> None:
    whole = get(newsroom.base("ledger") + "/")
    head = get(newsroom.base("ledger") + "/", method="HEAD")
    assert newsroom.url("la-first-ledger").encode() in whole.body
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.body))


def test_requests_are_logged() -> None:
    with Newsroom(NOW) as newsroom:
        get(newsroom.feed_url("wire"))
        get(newsroom.feed_url("wire"), {"If-None-Match": '"x"'})
        get(newsroom.base("bay") + "/nothing")
        assert [(r.outlet, r.status, r.conditional) for r in newsroom.requests] == [
            ("wire", 200, False),
            ("wire", 200, True),
            ("bay", 404, False),
        ]
        assert asked_for(newsroom.requests, "bay") == ["/nothing"]


def test_opml_names_every_feed_with_place_and_kind(newsroom: Newsroom) -> None:
    tree = ET.fromstring(newsroom.opml())
    outlines = tree.findall("./body/outline")
    assert [(o.get("xmlUrl"), o.get("text"), o.get("place"), o.get("kind")) for o in outlines] == [
        (info.url, info.title, info.place, info.kind) for info in newsroom.feeds
    ]
    assert len(outlines) == len(outlets())


def test_one_port_for_all_addresses(newsroom: Newsroom) -> None:
    assert {urlsplit(info.url).port for info in newsroom.feeds} == {newsroom.port}
    assert len({urlsplit(info.url).hostname for info in newsroom.feeds}) == len(newsroom.feeds)


def test_a_taken_port_is_said_plainly(newsroom: Newsroom) -> None:
    other = Newsroom(NOW, port=newsroom.port)
    with pytest.raises(CannotOpen, match=r"cannot listen on 127\.0\.0\.11"):
        other.start()
    other.stop()


def test_same_moment_and_port_serve_the_same_bytes() -> None:
    with Newsroom(NOW) as first:
        port = first.port
        before = {story: get(first.url(story)).body for story in ("tacoma-puget", "la-first-ledger", "reading")}
        feed = get(first.feed_url("wire")).body
    with Newsroom(NOW, port=port) as second:
        assert {story: get(second.url(story)).body for story in before} == before
        assert get(second.feed_url("wire")).body == feed


def test_endless_body_ends_with_the_newsroom() -> None:
    others = set(threading.enumerate())
    newsroom = Newsroom(NOW)
    newsroom.start()
    parts = urlsplit(newsroom.url("endless"))
    assert parts.hostname
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
    connection.request("GET", parts.path)
    response = connection.getresponse()
    assert response.getheader("Content-Length") is None
    seen = b"".join(response.read1(64) for _ in range(12))
    assert len(seen) > 300
    newsroom.stop()
    assert response.read() is not None
    connection.close()
    assert newsroom.errors == []
    assert set(threading.enumerate()) <= others


def test_stop_hangs_up_on_idle_connections_and_may_be_repeated() -> None:
    newsroom = Newsroom(NOW)
    newsroom.start()
    connection = socket.create_connection((outlets()["ledger"].host, newsroom.port), timeout=10)
    connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert connection.recv(12) == b"HTTP/1.1 200"
    newsroom.stop()
    newsroom.stop()
    while connection.recv(65536):
        pass
    connection.close()
    assert newsroom.errors == []


def test_callers_that_leave_make_no_noise(capfd: pytest.CaptureFixture[str]) -> None:
    with Newsroom(NOW) as newsroom:
        parts = urlsplit(newsroom.url("endless"))
        for _ in range(3):
            connection = socket.create_connection((parts.hostname, parts.port), timeout=10)
            connection.sendall(f"GET {parts.path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            connection.recv(10)
            connection.close()
        assert get(newsroom.feed_url("ledger")).status == 200
    assert newsroom.errors == []
    assert capfd.readouterr() == ("", "")


def test_many_at_once(newsroom: Newsroom) -> None:
    urls = [newsroom.url(s.id) for s in newsroom.stories.values() if s.page in ("article", "tag", "amp")] * 2
    with ThreadPoolExecutor(32) as pool:
        assert set(pool.map(lambda url: get(url).status, urls)) == {200}

"""JSON Feed and news sitemaps."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.errors import Unreadable
from pipeline.feeds.parse import ParsedFeed, parse_feed
from pipeline.model import Item
from tests.unit.feeds.fixtures import NOW, URL


def parse(body: bytes, seen: frozenset[str] = frozenset()) -> ParsedFeed:
    return parse_feed(body, url=URL, seen=seen, now=NOW)


def json_feed(*items: Any, **more: Any) -> bytes:
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Delta &amp; Bay", "items": list(items), **more}
    return json.dumps(feed).encode()


FULL = {
    "id": "d-1",
    "url": "/news/1",
    "title": "Board votes",
    "summary": "Short.",
    "content_html": "<p>One.</p><p>Two.</p>",
    "date_published": "2026-03-09T10:00:00-08:00",
    "authors": [{"name": "Ana Ruiz"}, {"name": "Lee Park"}],
    "language": "en-US",
}


def test_json_feed() -> None:
    feed = parse(
        json_feed(FULL, hubs=[{"type": "WebSub", "url": "https://hub.example/"}], feed_url="https://d.example/f")
    )
    assert (feed.title, feed.form, feed.total, feed.whole) == ("Delta & Bay", "json", 1, False)
    assert (feed.hub, feed.self_url) == ("https://hub.example/", "https://d.example/f")
    assert feed.items == (
        Item(
            id="d-1",
            title="Board votes",
            link="https://gazette.example/news/1",
            published=datetime(2026, 3, 9, 18, tzinfo=UTC),
            summary="Short.",
            content="One.\n\nTwo.",
            authors=("Ana Ruiz", "Lee Park"),
            lang="en",
        ),
    )


def test_json_feed_one_point_zero() -> None:
    old = {"id": 7, "external_url": "https://x.example/7", "content_text": "A.\n\nB.\n", "author": {"name": "Kim Oak"}}
    body = json_feed(old, version="https://jsonfeed.org/version/1", language="es")
    (one,) = parse(b"\xef\xbb\xbf" + body).items
    assert (one.id, one.link, one.summary, one.content) == ("7", "https://x.example/7", "A. B.", "A.\n\nB.")
    assert (one.authors, one.lang, one.published) == (("Kim Oak",), "es", None)


def test_json_items_that_are_seen_or_nothing() -> None:
    first = parse(json_feed(FULL, {"id": ""}, "no object", None))
    assert (len(first.items), len(first.hashes), first.total) == (1, 2, 2)
    second = parse(json_feed({**FULL, "id": "d-2"}, FULL), frozenset(first.hashes))
    assert [one.id for one in second.items] == ["d-2"]


def test_json_values_of_the_wrong_type_do_no_harm() -> None:
    odd = {"id": True, "url": ["x"], "title": {"a": 1}, "content_html": 5, "authors": "Ana", "date_published": 9e99}
    (one,) = parse(json_feed({**odd, "summary": "kept \ud800"}, hubs={"type": "WebSub"}, title=None)).items
    assert (one.title, one.link, one.summary, one.content, one.authors) == ("", "", "kept", "5", ())


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "neither XML nor valid JSON"),
        (b"[" * 200_000, "neither XML nor valid JSON"),
        (b'{"message": "Not found"}', "JSON, but no JSON Feed"),
        (b"[1, 2]", "JSON, but no JSON Feed"),
    ],
)
def test_json_of_another_kind(body: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        parse(body)


def url(number: int, news: bool = True) -> str:
    told = (
        "<news:news><news:publication><news:name>Delta Post</news:name><news:language>en</news:language>"
        "</news:publication><news:publication_date>2026-03-09T10:00:00Z</news:publication_date>"
        f"<news:title>Vote {number} &amp; more</news:title></news:news>"
    )
    return f"<url><loc> https://delta.example/{number} </loc>{told if news else ''}</url>"


def sitemap(*urls: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{"".join(urls)}</urlset>'
    ).encode()


def test_news_sitemap() -> None:
    feed = parse(sitemap(url(1), url(2, news=False), url(3)))
    assert (feed.title, feed.form, feed.total, len(feed.hashes)) == ("Delta Post", "sitemap", 3, 3)
    assert feed.items[0] == Item(
        id="https://delta.example/1",
        title="Vote 1 & more",
        link="https://delta.example/1",
        published=datetime(2026, 3, 9, 10, tzinfo=UTC),
        lang="en",
    )
    later = parse(sitemap(url(4), url(1)), frozenset(feed.hashes))
    assert [one.title for one in later.items] == ["Vote 4 & more"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            b"<sitemapindex><sitemap><loc>https://d.example/news.xml</loc></sitemap></sitemapindex>",
            "an index of sitemaps",
        ),
        (b"<urlset><url><loc>https://d.example/</loc></url></urlset>", "a sitemap without news"),
        (sitemap(url(1)).replace(b"</loc>", b"</lok>"), "a news sitemap that is not well-formed"),
        (sitemap("<url>"), "a news sitemap that is not well-formed"),
        (
            b"<!DOCTYPE urlset [<!ENTITY a 'b'>]>" + sitemap(url(1)).split(b"?>")[1],
            "a news sitemap that is not well-formed",
        ),
    ],
)
def test_sitemaps_of_another_kind(body: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        parse(body)


def test_an_empty_news_sitemap_is_a_quiet_day() -> None:
    feed = parse(sitemap())
    assert (feed.items, feed.total, feed.title) == ((), 0, "")

"""Feeds that a page names."""

from __future__ import annotations

import pytest

from pipeline.feeds.discovery import MAX_FEEDS, find_feeds

SITE = "https://gazette.example/news/"


def page(head: str, body: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head><title>t</title>{head}</head><body>{body}</body></html>".encode()


def alternate(href: str, kind: str = "application/rss+xml", title: str = "") -> str:
    return f'<link rel="alternate" type="{kind}" title="{title}" href="{href}">'


def test_feeds_in_order_comments_last() -> None:
    head = (
        alternate("/comments/feed/", title="Harbor Gazette » Comments Feed")
        + alternate("/feed/")
        + alternate("https://cdn.example/atom", "Application/Atom+XML; charset=utf-8")
        + alternate("/feed/")
        + '<LINK REL="Alternate nofollow" TYPE="application/feed+json" HREF="feed.json">'
        + '<link rel="feed" href="/all.xml">'
    )
    assert find_feeds(page(head), SITE) == [
        "https://gazette.example/feed/",
        "https://cdn.example/atom",
        "https://gazette.example/news/feed.json",
        "https://gazette.example/all.xml",
        "https://gazette.example/comments/feed/",
    ]


@pytest.mark.parametrize(
    "head",
    [
        alternate("/wp-json/", "application/json"),
        alternate("/es/", "text/html"),
        '<link rel="stylesheet" type="application/rss+xml" href="/x">',
        '<link rel="alternate" type="application/rss+xml">',
        alternate("javascript:alert(1)"),
        alternate("file:///etc/passwd"),
        alternate(SITE),
    ],
)
def test_what_is_no_feed(head: str) -> None:
    assert find_feeds(page(head), SITE) == []


def test_the_base_of_the_page_counts() -> None:
    assert find_feeds(page('<base href="/other/">' + alternate("rss")), SITE) == ["https://gazette.example/other/rss"]


def test_only_the_head_is_read() -> None:
    assert find_feeds(page("", alternate("/feed/")), SITE) == []
    assert find_feeds(alternate("/feed/").encode(), SITE) == ["https://gazette.example/feed/"]


def test_an_xhtml_page() -> None:
    body = b"<?xml version='1.0'?><page>" + alternate("/feed/").encode()
    assert find_feeds(body, SITE) == ["https://gazette.example/feed/"]


def test_no_more_than_twenty() -> None:
    head = "".join(alternate(f"/feed/{number}") for number in range(MAX_FEEDS + 5))
    assert len(find_feeds(page(head), SITE)) == MAX_FEEDS


@pytest.mark.parametrize("body", [b"", b"\x00\xff\xfe", b"<link " * 50_000])
def test_anything_may_come(body: bytes) -> None:
    assert find_feeds(body, SITE) == []

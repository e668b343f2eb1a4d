from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import feedparser
import pytest

from demo.newsroom import MOVED_TO, Newsroom
from demo.stories import of_outlet, outlets
from tests.unit.demo.conftest import get

PARSED = [
    o.id for o in outlets().values() if o.format in ("rss", "rdf", "atom") and o.fault not in ("hopeless", "busy")
]


def body(newsroom: Newsroom, outlet: str) -> bytes:
    url = newsroom.feed_url(outlet)
    return get(newsroom.base(outlet) + MOVED_TO if outlets()[outlet].fault == "moved" else url).body


@pytest.mark.parametrize("outlet", PARSED)
def test_feedparser_reads_every_item(newsroom: Newsroom, outlet: str) -> None:
    parsed = feedparser.parse(body(newsroom, outlet))
    told = of_outlet(newsroom.stories.values(), outlets()[outlet])
    assert bool(parsed.bozo) == (outlets()[outlet].fault == "malformed")
    assert [entry.link for entry in parsed.entries] == [newsroom.link(story.id) for story in told]
    for entry, story in zip(parsed.entries, told, strict=True):
        assert entry.title.startswith(story.title)
        dated = "published_parsed" in entry or "updated_parsed" in entry
        assert dated == story.dated


def test_all_formats_are_what_they_say(newsroom: Newsroom) -> None:
    assert feedparser.parse(body(newsroom, "bay")).version == "rss10"
    assert feedparser.parse(body(newsroom, "wire")).version == "atom10"
    assert feedparser.parse(body(newsroom, "ledger")).version == "rss20"


@pytest.mark.parametrize("outlet", ["courier", "greenmountain"])
def test_json_feed(newsroom: Newsroom, outlet: str) -> None:
    feed = json.loads(body(newsroom, outlet))
    told = of_outlet(newsroom.stories.values(), outlets()[outlet])
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["url"] for item in feed["items"]] == [newsroom.link(story.id) for story in told]
    assert all(item["date_published"] and item["title"] for item in feed["items"])
    assert all(("content_html" in item) == outlets()[outlet].full for item in feed["items"])


def test_news_sitemap(newsroom: Newsroom) -> None:
    tree = ET.fromstring(body(newsroom, "plains"))
    spaces = {
        "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
        "n": "http://www.google.com/schemas/sitemap-news/0.9",
    }
    told = of_outlet(newsroom.stories.values(), outlets()["plains"])
    assert [loc.text for loc in tree.findall("s:url/s:loc", spaces)] == [newsroom.link(story.id) for story in told]
    assert [t.text for t in tree.findall("s:url/n:news/n:title", spaces)] == [story.title for story in told]


def test_malformed_feed_is_malformed(newsroom: Newsroom) -> None:
    data = body(newsroom, "prairie")
    assert b"calf & a" in data
    assert not data.rstrip().endswith(b"</rss>")
    with pytest.raises(ET.ParseError):
        ET.fromstring(data)


def test_the_feed_of_a_paywalled_page_has_its_text(newsroom: Newsroom) -> None:
    story = newsroom.stories["reading"]
    entry = next(e for e in feedparser.parse(body(newsroom, "keystone")).entries if e.link == newsroom.link("reading"))
    assert all(part in entry.content[0].value for part in story.paragraphs)


def test_items_of_the_aggregator_are_leads(newsroom: Newsroom) -> None:
    entries = feedparser.parse(body(newsroom, "finder")).entries
    lead = next(e for e in entries if e.link == newsroom.link("lead-tacoma"))
    assert lead.title == newsroom.stories["tacoma-puget"].title + " - Puget Sound Observer"
    assert lead.source.title == "Puget Sound Observer"
    assert lead.source.href == newsroom.base("puget")


def test_item_without_summary_or_date(newsroom: Newsroom) -> None:
    gallery = next(e for e in feedparser.parse(body(newsroom, "gulf")).entries if e.link == newsroom.link("robots"))
    assert "summary" not in gallery
    assert newsroom.stories["undated"].published.isoformat().encode() not in body(newsroom, "prairie")

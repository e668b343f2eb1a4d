"""Who owns the outlet behind a feed."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.articles.urls import site
from pipeline.feeds.opml import read_opml, read_owner
from pipeline.feeds.owners import TABLE, owner_of, table
from pipeline.model import Feed, SourceKind, make_id

CONFIG = Path(__file__).parents[3] / "config"


def feed(url: str, owner: str = "", kind: SourceKind = "news") -> Feed:
    return Feed(make_id("feed", url), url, datetime(2026, 1, 1, tzinfo=UTC), owner=owner, kind=kind)


@pytest.mark.parametrize(
    ("url", "owner"),
    [
        ("https://azmirror.com/feed/", "States Newsroom"),
        ("https://www.AZMirror.com:8443/feed/?a=1", "States Newsroom"),
        ("https://rss.nytimes.com/services/xml/rss/nyt/Politics.xml", "The New York Times Company"),
        ("https://feeds.npr.org/1014/rss.xml", "NPR"),
        ("http://abcnews.go.com/xmldata/rss?id=4380645", "Walt Disney Company"),
        ("https://notazmirror.com/feed", ""),
        ("https://azmirror.com.evil.example/feed", ""),
        ("http://feeds.feedburner.com/breitbart", ""),
        ("https://denver.legistar.com/Feed.ashx?M=Calendar", ""),
        ("https://news.google.com/rss/search?q=site:azmirror.com", ""),
        ("http://127.0.0.1:8080/feed", ""),
        ("no address", ""),
    ],
)
def test_the_table_knows_an_outlet_by_its_site(url: str, owner: str) -> None:
    assert owner_of(feed(url)) == owner


def test_the_operators_word_goes_before_the_table() -> None:
    assert owner_of(feed("https://azmirror.com/feed/", "Mirror Trust")) == "Mirror Trust"
    assert owner_of(feed("https://harbor.example/feed", "Harbor Press")) == "Harbor Press"


def test_an_aggregator_belongs_to_no_owner_of_the_table() -> None:
    assert owner_of(feed("https://patch.com/feeds/national", kind="aggregator")) == ""
    assert owner_of(feed("https://patch.com/feeds/national", "Desk", "aggregator")) == "Desk"


def test_the_table_holds_each_registered_domain_once_in_order() -> None:
    lines = TABLE.read_text("utf-8").splitlines()
    comments = [line for line in lines if line.startswith("#")]
    assert "starting point" in comments[0]
    rows = list(csv.reader(lines[len(comments) :]))
    assert rows[0] == ["owner", "site"]
    assert rows[1:] == sorted(rows[1:], key=lambda row: (row[0].casefold(), row[1]))
    assert len(table()) == len(rows) - 1, "no site twice"
    for name, where in rows[1:]:
        assert read_owner(name) == name != ""
        assert site(f"https://{where}/") == where, "a subdomain or a public suffix"
    names = Counter(name.casefold() for name in {name for name, _ in rows[1:]})
    assert set(names.values()) == {1}, "one owner is written one way"


def test_the_shipped_feeds_show_how_much_one_owner_has() -> None:
    lines = read_opml((CONFIG / "feeds.opml").read_bytes())
    owners = Counter(owner_of(feed(line.url)) for line in lines)
    assert owners["States Newsroom"] == 39
    assert owners["Nexstar"] == 5
    assert owners[""] < len(lines) / 4
    aggregators = read_opml((CONFIG / "aggregators.opml").read_bytes())
    assert {owner_of(feed(line.url)) for line in aggregators} == {""}

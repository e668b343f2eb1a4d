"""Who owns the sources of an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from analyst import answers
from analyst.answers.owners import KEPT, Owners, by_source, said, shared
from analyst.answers.results import SourcesAnswer
from pipeline.archive.base import Archive
from pipeline.model import Feed, make_id
from tests.unit.archive.samples import article

NOW = datetime(2026, 3, 5, 18, 0, tzinfo=UTC)


def feed(title: str, owner: str = "", host: str = "") -> Feed:
    host = host or f"{make_id(title, owner)[:8]}.example"
    return Feed(make_id("feed", host), f"https://{host}/feed", NOW, title, owner=owner)


def answer(*owners: str | None) -> SourcesAnswer:
    """An answer with a source of each of these owners."""
    named = {owner for owner in owners if owner}
    unknown = owners.count(None)
    return {
        "query": "",
        "sources": [
            {"source": f"s{n}", "articles": 1, "stories": 1, "share": 0.1, "first": None, "last": None, "owner": owner}
            for n, owner in enumerate(owners)
        ],
        "owners": len(named) + unknown,
        "unknown_owners": unknown,
    }


def test_owners_by_the_name_under_which_articles_are_listed() -> None:
    untitled = feed("", host="azmirror.com")
    feeds = [feed("Harbor Post", "Coast Media"), feed("Solo Gazette"), untitled]
    assert by_source(feeds) == {"Harbor Post": "Coast Media", "azmirror.com": "States Newsroom"}


def test_several_feeds_of_one_outlet_are_one_and_namesakes_have_no_owner() -> None:
    one = [feed("Post", "Coast Media", "a.example"), feed("Post", "Coast Media", "b.example"), feed("Post")]
    assert by_source(one) == {"Post": "Coast Media"}, "where one of its feeds is known, the outlet is"
    assert by_source([*one, feed("Post", "Plains Media", "c.example")]) == {}


def test_owners_are_read_again_after_a_minute(empty: Archive) -> None:
    clock = [1_000.0]
    owners = Owners(clock=lambda: clock[0])
    assert owners.read(empty) == {}
    empty.create(feed("Harbor Post", "Coast Media", "harbor.example"))
    clock[0] += KEPT - 1
    assert owners.read(empty) == {}
    clock[0] += 1
    assert owners.read(empty) == {"Harbor Post": "Coast Media"}
    stored = empty.get(Feed, make_id("feed", "harbor.example"))
    assert stored
    empty.replace(replace(stored.record, owner="Plains Media"), stored.version)
    clock[0] += KEPT
    assert owners.read(empty) == {"Harbor Post": "Plains Media"}


def test_a_source_without_a_feed_counts_as_one_of_unknown_owner(empty: Archive) -> None:
    for title, owner in (("North Post", "Coast Media"), ("South Post", "Coast Media"), ("Solo Gazette", "")):
        empty.create(feed(title, owner))
    for number, source in enumerate(("North Post", "South Post", "South Post", "Solo Gazette", "Gone Herald")):
        empty.create(article(str(number), source=source))
    empty.refresh()
    found = answers.sources(empty, "")
    assert {row["source"]: row["owner"] for row in found["sources"]} == {
        "South Post": "Coast Media", "North Post": "Coast Media", "Solo Gazette": None, "Gone Herald": None,
    }  # fmt: skip
    assert (found["owners"], found["unknown_owners"]) == (3, 2)
    nothing = answers.sources(empty, "zeppelin")
    assert (nothing["sources"], nothing["owners"], nothing["unknown_owners"]) == ([], 0, 0)


@pytest.mark.parametrize(
    ("owners", "line"),
    [
        (["A"], "1 source of 1 owner"),
        (["A", "A", "B"], "3 sources of 2 owners"),
        ([], "0 sources"),
        (["A", None, None], "3 sources of 3 owners (2 of unknown owner, each counted as one)"),
        (["A", "A", None], "3 sources of 2 owners (1 of unknown owner, counted as one)"),
        ([None, None], "2 sources; of none the owner is known"),
        (["A"] * 1_500, "1,500 sources of 1 owner"),
    ],
)
def test_how_it_is_said(owners: list[str | None], line: str) -> None:
    assert said(answer(*owners)) == line


def test_owners_of_several_sources_most_first() -> None:
    assert shared(answer("B", "A", "C", "B", "A", "D", "D", "D", None, None)) == [("D", 3), ("A", 2), ("B", 2)]

"""Names, settings and forms of indices."""

from __future__ import annotations

import pytest

from pipeline.archive import keys, words
from pipeline.archive.elastic.address import Address
from pipeline.archive.elastic.layout import Layout, newer
from pipeline.model import RECORDS, Article, Entry, Feed

ADDRESS = Address(hosts=("http://localhost:9200",), prefix="news")


def test_names_tell_prefix_kind_form_and_number() -> None:
    layout = Layout(ADDRESS)
    form = f"1.{words.VERSION}.{keys.VERSION}"
    assert layout.alias(Article) == "news-article"
    assert layout.target(Article) == f"news-article-v{form}"
    assert layout.index(Article, 12) == f"news-article-v{form}-000012"
    assert layout.index(Feed) == "news-feed-v1-000001"


def test_other_rules_are_another_form_of_articles_alone() -> None:
    layout, other = Layout(ADDRESS), Layout(ADDRESS, rules=(words.VERSION, keys.VERSION + 1))
    assert layout.target(Article) != other.target(Article)
    assert layout.target(Feed) == other.target(Feed)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("news-article-v1.1.1-000002", 2),
        ("news-article-v7-000010", 10),
        ("news-article-v1-2", None),
        ("news-articles-v1-000001", None),
        ("other-news-article-v1-000001", None),
        ("news-article-v1-000001-copy", None),
    ],
)
def test_the_number_of_an_index_is_read_from_its_name(name: str, number: int | None) -> None:
    assert Layout(ADDRESS).number(Article, name) == number


def test_copies_follow_the_nodes_unless_a_number_is_set() -> None:
    assert Layout(ADDRESS).body(Article)["settings"]["index.auto_expand_replicas"] == "0-1"
    settings = Layout(Address(hosts=(), replicas=2, shards=3, refresh="5s")).body(Article)["settings"]
    assert settings["index.number_of_replicas"] == 2
    assert settings["index.number_of_shards"] == 3
    assert settings["index.refresh_interval"] == "5s", "what the address says holds for all kinds"
    assert "index.auto_expand_replicas" not in settings


def test_entries_are_shown_less_often_than_what_searches_and_mails_wait_for() -> None:
    shown = {kind: Layout(ADDRESS).body(kind)["settings"]["index.refresh_interval"] for kind in RECORDS}
    assert {kind for kind, interval in shown.items() if interval != "1s"} == {Entry}


def test_making_one_body_does_not_change_the_next() -> None:
    layout = Layout(ADDRESS)
    layout.body(Article)["mappings"]["_meta"]["building"] = True
    assert layout.body(Article)["mappings"]["_meta"] == {"form": layout.form(Article)}


@pytest.mark.parametrize(
    ("form", "known", "is_newer"),
    [
        ("1", "1", False),
        ("2", "1", True),
        ("1.1.1", "1.1.1", False),
        ("1.2.1", "1.1.1", True),
        ("1.1.1", "1.2.1", False),
    ],
)
def test_a_newer_form_is_told_from_an_older(form: str, known: str, is_newer: bool) -> None:
    assert newer(form, known) is is_newer

"""Queries as Elasticsearch's JSON."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipeline import errors
from pipeline.archive.elastic.selection import MAX_CLAUSES, select
from pipeline.archive.query import And, Key, Node, Not, Or, Text, parse
from tests.conformance import corpus


def both(kind: str, **more: Any) -> dict[str, Any]:
    """A query of title and body; what a word in the title counts for is the title's."""
    weight = {"boost": 8.0}
    return {"dis_max": {"queries": [{kind: {"title_words": {**more, **weight}}}, {kind: {"body_words": more}}]}}


@pytest.mark.parametrize(
    ("query", "json"),
    [
        ("", {"match_all": {}}),
        ("sanctuary", both("term", value="sanctuary")),
        ("287(g)", both("match_phrase", query="287 g")),
        ("sanc*", both("prefix", value="sanc")),
        ("non-coop*", both("match_phrase_prefix", query="non coop", max_expansions=100_000)),
        (
            '"council vote"~3',
            both("intervals", match={"query": "council vote", "max_gaps": 3, "ordered": False}),
        ),
        ("body:vote", {"term": {"body_words": {"value": "vote"}}}),
        ("place:los*", {"bool": {"filter": [{"prefix": {"key.place": {"value": "los"}}}]}}),
        ('source:"Lake Tribune"', {"bool": {"filter": [{"term": {"key.source": {"value": "lake tribune"}}}]}}),
        ("published:*", {"bool": {"filter": [{"exists": {"field": "published"}}]}}),
        ("NOT body:a", {"bool": {"must_not": [{"term": {"body_words": {"value": "a"}}}]}}),
        (
            "body:a -body:b -body:c",
            {
                "bool": {
                    "must": [{"term": {"body_words": {"value": "a"}}}],
                    "must_not": [{"term": {"body_words": {"value": name}}} for name in "bc"],
                }
            },
        ),
        (
            "body:(a OR b)",
            {
                "bool": {
                    "should": [{"term": {"body_words": {"value": name}}} for name in "ab"],
                    "minimum_should_match": 1,
                }
            },
        ),
    ],
)
def test_each_term_has_its_query(query: str, json: dict[str, Any]) -> None:
    assert select(parse(query), "UTC") == json


def test_days_begin_where_the_analyst_is() -> None:
    (test,) = select(parse("published:2025-03-09"), "America/Los_Angeles")["bool"]["filter"]
    # The clocks went forward that day: it had 23 hours.
    assert test == {"range": {"published": {"gte": 1741507200, "lt": 1741507200 + 23 * 3600, "format": "epoch_second"}}}


def test_an_unknown_zone_is_refused_even_where_no_day_is_asked_for() -> None:
    with pytest.raises(errors.UserError, match="time zone"):
        select(None, "Mars/Olympus")


def test_all_that_the_language_allows_is_let_through() -> None:
    for query, zone in corpus.queries(300, seed=5):
        select(parse(query), zone)
    for query in ("-(a " * 5 + "b" + ")" * 5, "(" * 10 + "a" + ")" * 10, "NOT " * 10 + "a", "ab " * 200):
        select(parse(query), "UTC")


def test_a_tree_that_the_server_would_refuse_is_not_sent() -> None:
    word = Text(("word",))
    deep: Node = word
    for _ in range(20):
        deep = Not(And((word, Not(Or((word, deep))))))
    with pytest.raises(errors.UserError, match="too many brackets"):
        select(deep, "UTC")
    with pytest.raises(errors.UserError, match="too many parts"):
        select(Or(tuple(Key("place", str(number)) for number in range(MAX_CLAUSES))), "UTC")


def test_no_date_is_written_as_text() -> None:
    text = str(select(parse("published:[2024-01 TO 2024-06]"), "Asia/Kolkata"))
    assert str(date(2024, 1, 1)) not in text
    assert "now" not in text

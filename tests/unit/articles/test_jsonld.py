"""JSON-LD as content systems write it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.articles.jsonld import LONGEST, Statements, is_article, is_false, text, types

ARTICLE = {"@type": "NewsArticle", "headline": "A vote", "datePublished": "2024-11-19"}


def article(*scripts: object, addresses: tuple[str, ...] = ()) -> dict[str, Any]:
    texts = [script if isinstance(script, str) else json.dumps(script) for script in scripts]
    return dict(Statements(texts).article(addresses))


@pytest.mark.parametrize(
    "script",
    [
        ARTICLE,
        [{"@type": "Organization", "name": "The Ledger"}, ARTICLE],
        {"@graph": [{"@type": "WebSite"}, ARTICLE]},
        {"@graph": [{"@graph": [ARTICLE]}]},
        {"@type": "WebPage", "datePublished": "2001-01-01", "mainEntity": ARTICLE},
        {**ARTICLE, "@type": ["Thing", "http://schema.org/OpinionNewsArticle"]},
        [[[ARTICLE]]],
        "<!-- " + json.dumps(ARTICLE) + " -->",
        "// <![CDATA[\n" + json.dumps(ARTICLE) + "\n// ]]>",
        "/* <![CDATA[ */" + json.dumps(ARTICLE) + "/* ]]> */",
        json.dumps(ARTICLE) + ";",
        json.dumps(ARTICLE).replace("}", ",}"),
        json.dumps(ARTICLE).replace('"', "&quot;"),
        json.dumps(ARTICLE).replace("A vote", "A vote").replace(", ", ",\n\t"),
        json.dumps(ARTICLE)[:-1],
        '{"@type": "NewsArticle" "headline": "A vote", "datePublished": "2024-11-19"',
    ],
)
def test_the_article_is_found(script: object) -> None:
    found = article(script)
    assert (found["headline"], found["datePublished"]) == ("A vote", "2024-11-19")


def test_raw_line_breaks_inside_texts_are_tolerated() -> None:
    assert article('{"@type": "NewsArticle", "headline": "A\nvote"}')["headline"] == "A\nvote"


def test_salvage_reads_escapes_and_authors() -> None:
    found = article('{"headline": "\\u201cNo\\u201d", "author": [{"@type": "Person", "name": "Ann Doe"}], broken')
    assert found["headline"] == "“No”"
    assert found["author"] == "Ann Doe"
    assert article('{"isAccessibleForFree": false, broken')["isAccessibleForFree"] is False


def test_other_articles_on_the_page_are_not_this_one() -> None:
    other = {**ARTICLE, "headline": "Another"}
    for member in ("itemListElement", "hasPart", "mentions", "isPartOf"):
        assert article({"@type": "WebPage", "name": "This", member: [other]}).get("headline") is None


def test_of_several_articles_the_one_with_the_pages_address_is_meant() -> None:
    one = {**ARTICLE, "headline": "One", "url": "https://example.org/one"}
    two = {**ARTICLE, "headline": "Two", "mainEntityOfPage": {"@id": "http://example.org/two/"}}
    addresses = ("https://example.org/two?utm_source=x",)
    assert article([one, two], addresses=addresses)["headline"] == "Two"
    assert article([one, two])["headline"] == "One"
    assert article([{"@type": "Article", "headline": "Undated"}, one])["headline"] == "One"


def test_a_page_stands_in_for_an_article() -> None:
    assert article({"@type": "WebPage", "datePublished": "2024-11-19"})["datePublished"] == "2024-11-19"
    assert article({"@type": "Organization", "name": "x"}) == {}
    assert article() == {}


def test_references_are_followed() -> None:
    graph = {
        "@graph": [
            {**ARTICLE, "author": [{"@id": "#ann"}, {"@id": "#nobody"}], "publisher": {"@id": "#ledger"}},
            {"@type": "Person", "@id": "#ann", "name": "Ann Doe"},
            {"@type": "Organization", "@id": "#ledger", "name": "The Ledger"},
        ]
    }
    statements = Statements([json.dumps(graph)])
    found = statements.article()
    assert statements.names(found["author"]) == ["Ann Doe"]
    assert statements.names(found["publisher"]) == ["The Ledger"]
    assert statements.names(["Bo Roe", {"name": "Cy Poe"}, 7, None, {"name": {}}]) == ["Bo Roe", "Cy Poe", "7"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a &amp; b", "a & b"), (["x", "y"], "x"), ({"@value": "v"}, "v"), (1732069800, "1732069800"), (True, ""),
     (None, ""), ({"name": "n"}, ""), ([], ""), ([None, "z"], "z")],
)  # fmt: skip
def test_text(value: object, expected: str) -> None:
    assert text(value) == expected


def test_small_questions() -> None:
    assert types({"@type": ["https://schema.org/NewsArticle", None, "Report"]}) == ["NewsArticle", "Report"]
    assert is_article("ReviewNewsArticle")
    assert is_article("LiveBlogPosting")
    assert not is_article("VideoObject")
    assert all(map(is_false, (False, "False", "https://schema.org/False", " no ")))
    assert not any(map(is_false, (None, True, "True", "", 0, "metered")))


@pytest.mark.parametrize(
    "script",
    ["", "null", "7", '"text"', "[" * 100_000, '{"a":' * 50_000, "{" * 10, "[1," * 200_000, "<html>", "\x00", "[[]]",
     '{"@type": 7, "@id": []}', '{"@id": "#a"}', '{"headline": "' + "\\" * 5_000,
     "x" + " " * 400_000 + "x", '"author":' + " " * 400_000 + "x", '"author":{' * 40_000, '"headline":"' * 40_000],
)  # fmt: skip
def test_hostile_scripts_say_nothing(script: str) -> None:
    assert not article(script).get("headline")


def test_a_script_is_read_up_to_its_bound() -> None:
    body = "x" * (2 * LONGEST)
    assert article({**ARTICLE, "articleBody": body})["headline"] == "A vote"


@settings(derandomize=True, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.text(max_size=5), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["@type", "@id", "@graph", "author", "name", "url", "mainEntityOfPage"]), inner)))  # fmt: skip
def test_any_json_can_be_asked(value: object) -> None:
    statements = Statements([json.dumps(value)])
    found = statements.article(("https://example.org/",))
    statements.names(found.get("author"))
    text(found.get("headline"))

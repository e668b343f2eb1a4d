"""Marks: whole phrases, the original text, never what is excluded."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.archive.highlight import highlight, snippet
from pipeline.archive.query import parse
from pipeline.archive.words import words

TEXT = "The council’s <b>sanctuary city</b> vote & the 287(g) pact in Doña Ana: sanctuary, city."


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ('"sanctuary city"', ["sanctuary city", "sanctuary", "city"]),
        ("sanctuary", ["sanctuary", "sanctuary"]),
        ("council", ["council"]),
        ("council’s", ["council’s"]),
        ("287(g)", ["287(g)"]),
        ("dona", ["Doña"]),
        ("sanct* -city", ["sanctuary", "sanctuary"]),
        ("NOT sanctuary", []),
        ("-(vote OR pact) NOT NOT city", ["city", "city"]),
        ("title:sanctuary", []),
        ("body:vote", ["vote"]),
        ('"pact vote"~9', ["vote", "pact"]),
        ('"pact vote"~2', []),
        ("place:CA", []),
        ("", []),
        ("b", ["b", "b"]),
    ],
)
def test_what_is_marked(query: str, marked: list[str]) -> None:
    shown = highlight(parse(query), "body", TEXT)
    assert re.findall("<mark>(.*?)</mark>", shown) == [html.escape(each) for each in marked]
    assert html.unescape(re.sub("</?mark>", "", shown)) == TEXT, "nothing but marks was added"


def test_neighbours_are_marked_as_one_only_across_blanks_and_hyphens() -> None:
    query = parse('"sanctuary city"')
    assert highlight(query, "title", "a sanctuary-city bill") == "a <mark>sanctuary-city</mark> bill"
    assert highlight(query, "title", "Sanctuary & city") == "<mark>Sanctuary</mark> &amp; <mark>city</mark>"


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.text(max_size=80), st.sampled_from(["a", "ab*", '"a b"~3', "a OR 1 OR ij*", "mark", "移 OR ß"]))
def test_any_text_comes_through_unharmed(text: str, query: str) -> None:
    shown = highlight(parse(query), "body", text)
    assert html.unescape(re.sub("</?mark>", "", shown)) == html.unescape(html.escape(text))
    assert "<" not in re.sub("</?mark>", "", shown)
    piece = snippet(parse(query), "body", text, around=15)
    assert len(piece.text) <= 32
    assert all(0 <= start < end <= len(piece.text) for start, end in piece.marks)


def test_a_snippet_is_cut_at_spaces_where_most_was_found() -> None:
    text = (
        "An ordinance. "
        + "Filler words here. " * 30
        + "The sanctuary ordinance is an ordinance.\nEnd. "
        + "More. " * 50
    )
    piece = snippet(parse("ordinance OR sanctuary"), "body", text, around=40)
    assert piece.text.startswith("…")
    assert piece.text.endswith("…")
    assert "sanctuary ordinance is an ordinance. End." in piece.text
    assert [piece.text[start:end] for start, end in piece.marks] == ["sanctuary ordinance", "ordinance"]
    assert len(piece.text) <= 2 * 40 + 2
    assert set(words(piece.text)) <= set(words(text)), "no word is cut"
    shown = highlight(parse("ordinance OR sanctuary"), "body", text, around=40)
    assert html.unescape(re.sub("</?mark>", "", shown)) == piece.text


def test_without_hits_a_snippet_is_the_beginning() -> None:
    text = "Some words stand here. " * 20
    piece = snippet(parse("absent"), "body", text, around=30)
    assert piece.marks == ()
    assert text.startswith(piece.text.removesuffix("…"))
    assert snippet(None, "title", "Short\nand whole", around=30).text == "Short and whole"


def test_one_long_word_is_cut_all_the_same() -> None:
    piece = snippet(parse("x OR yy*"), "body", "z" * 500 + "yy" * 20, around=20)
    assert len(piece.text) <= 42

"""Plain text from HTML and from what claims to be none."""

from __future__ import annotations

import pytest

from pipeline.feeds.names import split_authors
from pipeline.feeds.text import from_html, is_markup, language, one_line, paragraphs, plain, without_footer


def test_one_line() -> None:
    assert one_line(" a\u00a0b \r\n\t c\x00\x1f\u200b\u202ed ", 100) == "a b cd"
    assert one_line("abc def", 4) == "abc"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ann&#8217;s &amp; Bob&rsquo;s", "Ann’s & Bob’s"),
        ("R&D; AT&T", "R&D; AT&T"),
        ("5 < 6 & 7", "5 < 6 & 7"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
    ],
)
def test_entities_are_decoded_once(text: str, expected: str) -> None:
    assert plain(text, 100) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>One</p><p>Two</p>", "One Two"),
        ("a<br>b", "a b"),
        ("so<b>l</b>id", "solid"),
        ("<script>alert(1)</script>x<style>p{}</style>", "x"),
        ('<img alt="a > b" src="x">text', "text"),
        ("x &lt;b&gt; y<i></i>", "x <b> y"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("<figure><img><figcaption>A photo</figcaption></figure>Story", "Story"),
        ("a <!-- hidden --> b", "a b"),
        ("unclosed <b", "unclosed"),
    ],
)
def test_from_html(html: str, expected: str) -> None:
    assert from_html(html, 100) == expected


def test_paragraphs() -> None:
    html = "<div><p>One\n two</p>\n<ul><li>a</li><li>b</li></ul><p>&nbsp;</p>Three<br><br>Four<br>five</div>"
    assert paragraphs(html, 1000) == "One two\n\na\n\nb\n\nThree\n\nFour five"
    assert paragraphs("plain &amp; simple", 1000) == "plain & simple"
    assert paragraphs("<p>abc</p><p>def</p>", 5) == "abc"


def test_a_lone_surrogate_is_dropped() -> None:
    assert from_html("<p>a\ud800b</p>", 100) == "ab"
    assert plain("a\ud800b", 100) == "ab"


@pytest.mark.parametrize("tag", ["div", "b", "p", "table", "a"])
def test_deep_nesting_ends(tag: str) -> None:
    # Quadratic time would exceed the suite's time limit many times over.
    assert paragraphs(f"<{tag}>" * 150_000 + "end", 100_000) in ("end", "")
    assert paragraphs("start" + f"<{tag}>" * 150_000, 100_000) == "start"


def test_is_markup() -> None:
    assert is_markup("a <b>c</b>")
    assert is_markup("a<br/>c")
    assert not is_markup("a < b > c")
    assert not is_markup("no tags")


def test_without_footer() -> None:
    text = "The post office closed."
    assert without_footer(text) == text
    assert without_footer(f"{text} The post Office closes appeared first on Harbor Gazette.") == text


@pytest.mark.parametrize(
    ("tag", "expected"), [("en-US", "en"), ("ES", "es"), ("haw", "haw"), ("english", ""), ("", ""), ("x", "")]
)
def test_language(tag: str, expected: str) -> None:
    assert language(tag) == expected


@pytest.mark.parametrize(
    ("bylines", "expected"),
    [
        (["Ana Ruiz"], ("Ana Ruiz",)),
        (["By Ana Ruiz and Lee Park"], ("Ana Ruiz", "Lee Park")),
        (["Ana Ruiz, Lee Park, and Kim Oak"], ("Ana Ruiz", "Lee Park", "Kim Oak")),
        (["Ana Ruiz; Lee Park & Kim Oak | Jo Elm"], ("Ana Ruiz", "Lee Park", "Kim Oak", "Jo Elm")),
        (["Por Ana Ruiz y Lee Park"], ("Ana Ruiz", "Lee Park")),
        (["Ruiz, Ana"], ("Ruiz, Ana",)),
        (["Lee Park, Jr."], ("Lee Park, Jr.",)),
        (["Ana Ruiz", "ANA RUIZ", ""], ("Ana Ruiz",)),
        (["news@gazette.example (Ana Ruiz)"], ("Ana Ruiz",)),
        (["news@gazette.example"], ()),
        (["Byron Ash"], ("Byron Ash",)),
        (["x" * 200], ()),
        (["123"], ()),
        (["Ana O&#8217;Ruiz"], ("Ana O’Ruiz",)),
    ],
)
def test_authors(bylines: list[str], expected: tuple[str, ...]) -> None:
    assert split_authors(bylines) == expected


def test_at_most_twenty_authors() -> None:
    assert len(split_authors([", ".join(f"Name {letter}x" for letter in "abcdefghijklmnopqrstuvwxyz")])) == 20

"""From bytes to a page: with and without structured data, broken, locked, hostile."""

from __future__ import annotations

import pickle
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from pipeline.articles.extract import LARGEST, MOST_TAGS, language, read_page, read_text
from pipeline.errors import Refused, Unreadable
from pipeline.model import Item, Page
from tests.unit.articles.pages import NEWS_ARTICLE, PARAGRAPHS, TITLE, URL, page

NOW = datetime(2024, 12, 1, tzinfo=UTC)
PUBLISHED = datetime(2024, 11, 20, 6, 40, tzinfo=UTC)
FEED = Item(
    id="1", title=f"{TITLE} - The Port Alden Ledger", link=URL, published=datetime(2024, 11, 20, 7, 5, tzinfo=UTC),
    authors=("Cy Poe, Staff Writer",), lang="en",
)  # fmt: skip


def read(source: str | bytes, *, url: str = URL, content_type: str = "text/html", item: Item | None = None) -> Page:
    body = source.encode() if isinstance(source, str) else source
    return read_page(body, url=url, content_type=content_type, item=item, now=NOW)


def test_a_page_with_json_ld() -> None:
    found = read(page(jsonld=NEWS_ARTICLE), item=FEED)
    assert found == Page(
        url=URL,
        canonical=URL,
        title=TITLE,
        text="\n".join(PARAGRAPHS),
        authors=("Ann Doe", "Bo Roe"),
        publisher="The Port Alden Ledger",
        lang="en",
        published=PUBLISHED,
        published_origin="json-ld",
        published_day_only=False,
        section="Local",
        paywalled=False,
    )


def test_a_page_without_any_structured_data_takes_what_the_feed_said() -> None:
    found = read(page(lang=""), item=FEED)
    assert found.title == TITLE
    assert found.text == "\n".join(PARAGRAPHS)
    assert found.authors == ("Cy Poe",)
    assert (found.published, found.published_origin) == (FEED.published, "feed")
    assert found.lang == "en"


def test_the_pages_own_date_comes_before_the_feeds() -> None:
    found = read(page(byline='<time datetime="2024-11-18">x</time>'), item=FEED)
    assert (found.published, found.published_origin, found.published_day_only) == (
        datetime(2024, 11, 18, 12, tzinfo=UTC),
        "microdata",
        True,
    )


def test_htmldate_is_asked_last() -> None:
    found = read(page(), url="https://www.portledger.example/2024/11/19/council.html")
    assert (found.published, found.published_origin) == (datetime(2024, 11, 19, 12, tzinfo=UTC), "htmldate")


def test_an_undated_page_stays_undated() -> None:
    """Its footer has a year, its side bar and its readers' comments have dates, and its text speaks of January."""
    found = read(page(), url="https://www.portledger.example/council.html")
    assert found.published is None
    assert found.published_origin is None


def test_a_date_in_the_future_is_no_date() -> None:
    stated = {"@type": "NewsArticle", "headline": TITLE, "datePublished": "2025-06-01"}
    assert read(page(jsonld=stated), url="https://www.portledger.example/c").published is None


def test_when_it_was_modified_is_not_when_it_was_published() -> None:
    stated = {name: value for name, value in NEWS_ARTICLE.items() if name != "datePublished"}
    found = read(page(jsonld=stated), item=FEED)
    assert found.published == FEED.published


def test_cross_links_are_no_part_of_the_text() -> None:
    paragraphs = (*PARAGRAPHS[:3], "Read more: Other town repeals its sanctuary ordinance", *PARAGRAPHS[3:])
    assert read(page(paragraphs=paragraphs)).text == "\n".join(PARAGRAPHS)


# ------------------------------------------------------------------ paywalls and stubs
def test_a_page_that_says_it_is_not_free() -> None:
    found = read(page(jsonld={**NEWS_ARTICLE, "isAccessibleForFree": False, "articleBody": "x " * 900}))
    assert found.paywalled
    assert found.text == "\n".join(PARAGRAPHS)


@pytest.mark.parametrize(
    "appeal",
    [
        "Subscribe to continue reading this story.", "Already a subscriber? Log in.",
        "This content is for subscribers only.",
        "Sign in or register for unlimited access.", "You have 0 free articles left this month.",
    ],
)  # fmt: skip
def test_a_stub(appeal: str) -> None:
    wall = f'<div class="wall"><p>{appeal}</p></div>'
    assert read(page(paragraphs=PARAGRAPHS[:2], between=wall)).paywalled
    assert not read(page(paragraphs=PARAGRAPHS * 2, between=wall)).paywalled


def test_a_short_article_is_no_stub() -> None:
    script = "<script>var wall = 'Subscribe to continue reading';</script>"
    assert not read(page(paragraphs=PARAGRAPHS[:3], between=script)).paywalled


def test_a_free_body_in_json_ld_completes_a_text_that_is_cut_short() -> None:
    body = "\n".join(PARAGRAPHS)
    found = read(page(paragraphs=PARAGRAPHS[:2], jsonld={**NEWS_ARTICLE, "articleBody": body}))
    assert found.text == body
    assert not found.paywalled


def test_a_page_without_text_is_a_stub() -> None:
    found = read("<html><head><title>Video: the vote</title></head><body><h1>Video: the vote</h1></body></html>")
    assert found.title == "Video: the vote"
    assert found.paywalled


# ------------------------------------------------------------------ what is no page
@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"%PDF-1.7", "application/pdf", "PDF"),
        (b"", "text/html", "empty"),
        (b"<rss version='2.0'></rss>", "text/html", "a feed"),
        (b"<html><body></body></html>", "text/html", "no title and no text"),
        (b"\xff\xd8\xff\xe0", "text/html", "an image"),
    ],
)
def test_unreadable(body: bytes, content_type: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read(body, content_type=content_type)


def test_errors_cross_into_the_worker() -> None:
    with pytest.raises(Unreadable) as caught:
        read(b"%PDF-1.7")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_no_address() -> None:
    with pytest.raises(Refused):
        read(page(), url="ftp://example.org/")


# ------------------------------------------------------------------ bounds
def test_the_end_of_a_huge_page_is_not_read() -> None:
    filler = "<p>Another sentence of the same long and rather dull report about nothing in particular.</p>" * 40_000
    source = page(between=filler)
    assert len(source) > LARGEST
    found = read(source)
    assert found.title == TITLE
    assert 0 < len(found.text) < LARGEST


def test_tags_beyond_the_bound_are_not_read() -> None:
    found = read(page(between="<br>" * 10) + "<i>" * (2 * MOST_TAGS) + "<p>never read</p>")
    assert found.title == TITLE
    assert "never read" not in found.text


@pytest.mark.parametrize("tag", ["div", "span", "blockquote", "table><tr><td", "ul><li"])
def test_deep_nesting_ends_orderly(tag: str) -> None:
    found = read(page(between=f"<{tag}>" * 3_000))
    assert found.title == TITLE


def test_nuls_do_not_end_the_page() -> None:
    found = read(page(jsonld=NEWS_ARTICLE).replace("council", "coun\x00cil").encode())
    assert found.text == "\n".join(PARAGRAPHS)


def test_an_old_encoding() -> None:
    source = page(jsonld=NEWS_ARTICLE).replace('<meta charset="utf-8">', "")
    assert read(source.encode("cp1252"), content_type="text/html; charset=iso-8859-1").text == "\n".join(PARAGRAPHS)


# ------------------------------------------------------------------ plain text
def test_a_plain_text_page() -> None:
    found = read("A vote\n\nThe council voted.", content_type="text/plain; charset=utf-8", item=FEED)
    assert (found.title, found.text, found.published_origin) == ("A vote", "The council voted.", "feed")
    assert found.authors == ("Cy Poe",)


def test_html_sent_as_plain_text_is_read_as_html() -> None:
    assert read(page(), content_type="text/plain").title == TITLE


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("A vote\n\nThe council voted.\nMore.", "A vote", "The council voted.\nMore."),
        ("A vote\r\nThe council voted.", "A vote", "The council voted."),
        ("\ufeff\n A  vote \nThe council voted.", "A vote", "The council voted."),
        ("The council voted.", "", "The council voted."),
        ("A vote\n\n", "", "A vote"),
        (f"{'long ' * 60}\nThe council voted.", "", f"{'long ' * 60}\nThe council voted."),
    ],
)
def test_read_text(text: str, title: str, body: str) -> None:
    found = read_text(text)
    assert (found.title, found.text, found.url, found.canonical, found.published) == (title, body, "", "", None)


def test_read_text_with_an_address() -> None:
    assert read_text("A vote\nText", URL + "?utm_source=x").canonical == URL


@pytest.mark.parametrize("empty", ["", "\n\n", "  \ufeff"])
def test_an_empty_text(empty: str) -> None:
    with pytest.raises(Unreadable, match="empty"):
        read_text(empty)


# ------------------------------------------------------------------ language
ENGLISH = " ".join(PARAGRAPHS)
SPANISH = (
    "El concejo municipal aprobó el martes por la noche una ordenanza que prohíbe a los empleados de la ciudad"
    " preguntar por la situación migratoria de los residentes, después de cinco meses de audiencias públicas."
)


@pytest.mark.parametrize(
    ("text", "stated", "expected"),
    [
        (ENGLISH, "en", "en"), (ENGLISH, "", "en"), (ENGLISH, "es", "en"), (SPANISH, "en", "es"), (SPANISH, "", "es"),
        (SPANISH, "es", "es"), ("Voto", "es", "es"), ("", "", ""),
    ],
)  # fmt: skip
def test_language(text: str, stated: str, expected: str) -> None:
    assert language(text, stated) == expected


def test_importing_the_module_loads_no_parser() -> None:
    program = (
        "import sys, pipeline.articles.extract, pipeline.articles.copies, pipeline.articles.titles;"
        "print([name for name in ('trafilatura', 'lxml', 'bs4', 'htmldate', 'py3langid') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"

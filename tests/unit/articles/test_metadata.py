"""What a page says about itself, in each of the ways pages have."""

from __future__ import annotations

import pytest
from trafilatura.utils import load_html

from pipeline.articles.metadata import Metadata, people, read
from tests.unit.articles.pages import EVENING, NEWS_ARTICLE, TITLE, URL, page


def metadata(source: str, url: str = URL) -> Metadata:
    return read(load_html(source), source, url)


def test_json_ld() -> None:
    said = metadata(page(jsonld={"@graph": [NEWS_ARTICLE]}))
    assert said.titles[0] == TITLE
    assert said.headings == (TITLE,)
    assert said.authors == ("Ann Doe", "Bo Roe")
    assert said.publisher == "The Port Alden Ledger"
    assert said.lang == "en"
    assert said.dates == (("json-ld", EVENING),)
    assert said.section == "Local"
    assert said.free
    assert said.canonical == URL


def test_meta_elements() -> None:
    head = f"""
    <meta property="og:title" content="{TITLE}"><meta property="og:site_name" content="Port Alden Ledger">
    <META NAME="Author" CONTENT="By Ann Doe and Bo Roe"><meta property="article:author" content="https://x.example/a">
    <meta property="article:published_time" content="{EVENING}"><meta name="date" content="2024-11-20">
    <meta property="article:section" content="Opinion"><meta property="og:type" content="article">
    <meta property="article:modified_time" content="2024-11-30T00:00:00Z">"""
    said = metadata(page(head=head, lang=""))
    assert said.titles[0] == TITLE
    assert said.publisher == "Port Alden Ledger"
    assert said.authors == ("Ann Doe", "Bo Roe")
    assert said.dates == (("meta", EVENING), ("meta", "2024-11-20"))
    assert said.section == "Opinion"
    assert said.lang == ""


def test_microdata() -> None:
    byline = f"""
    <div itemprop="author" itemscope><a rel="author" href="/ann"><span itemprop="name">Ann Doe</span></a></div>
    <meta itemprop="datePublished" content="{EVENING}"><span itemprop="articleSection">Local</span>
    <meta itemprop="isAccessibleForFree" content="false">"""
    said = metadata(page(byline=byline))
    assert said.authors == ("Ann Doe",)
    assert said.dates[0] == ("microdata", EVENING)
    assert said.section == "Local"
    assert not said.free


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        (f'<time datetime="{EVENING}">Tuesday</time>', EVENING),
        (f'<time class="updated" datetime="2024-11-30">x</time><time datetime="{EVENING}">y</time>', EVENING),
        (f'<time datetime="2001-01-01">x</time><time class="published" datetime="{EVENING}">y</time>', EVENING),
        ('<time>Nov. 19, 2024</time>', "Nov. 19, 2024"),
        (f'<span itemprop="datePublished">{EVENING}</span>', EVENING),
        (f'<time id="updated" datetime="2024-11-30">x</time><time pubdate datetime="{EVENING}">y</time>', EVENING),
    ],
)  # fmt: skip
def test_time_elements(byline: str, expected: str) -> None:
    assert metadata(page(byline=byline)).dates[0] == ("microdata", expected)


def test_dates_of_menus_side_bars_comments_and_footers_are_none() -> None:
    assert metadata(page()).dates == ()


def test_a_time_on_a_page_without_heading_counts_only_when_it_is_the_only_one() -> None:
    one = f'<time datetime="{EVENING}">x</time>'
    assert metadata(page(heading="", byline=one)).dates == (("microdata", EVENING),)
    assert metadata(page(heading="", byline=f'{one}<time datetime="2024-01-01">y</time>')).dates == ()
    assert metadata(page(heading=f"{one}<h1>{TITLE}</h1>")).dates == (("microdata", EVENING),)


def test_the_title_of_a_drawing_is_not_the_pages() -> None:
    said = metadata(page(byline="<svg><title>Share</title></svg>"))
    assert said.titles == (f"{TITLE} | The Port Alden Ledger",)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<link rel="canonical" href="https://www.portledger.example/a?utm_source=x">', "https://www.portledger.example/a"),
        ('<link rel="alternate canonical" href="/a#top">', "https://www.portledger.example/a"),
        ('<link rel="canonical" href="//portledger.example/A">', "https://portledger.example/A"),
        ('<link rel="canonical" href="http://www.portledger.example/a">', "https://www.portledger.example/a"),
        ('<link rel="canonical" href="https://evil.example/a">', URL),
        ('<link rel="canonical" href="https://www.portledger.example/">', URL),
        ('<link rel="canonical" href="javascript:void(0)">', URL),
        ('<link rel="canonical" href="http://[">', URL),
        ('<link rel="canonical" href="">', URL),
        ('<meta property="og:url" content="https://amp.portledger.example/a">', "https://amp.portledger.example/a"),
        ('<link rel="canonical" href="/a"><meta property="og:url" content="/b">', "https://www.portledger.example/a"),
        ('<base href="https://www.portledger.example/x/"><link rel="canonical" href="a">',
         "https://www.portledger.example/x/a"),
    ],
)  # fmt: skip
def test_canonical(head: str, expected: str) -> None:
    assert metadata(page(head=head)).canonical == expected


def test_amp_and_mobile_forms_are_joined() -> None:
    head = f'<link rel="canonical" href="{URL}">'
    for form in ("https://amp.portledger.example/a.amp.html", "https://m.portledger.example/a?fbclid=1"):
        assert metadata(page(head=head), form).canonical == URL


def test_another_port_of_an_address_is_another_site() -> None:
    head = '<link rel="canonical" href="http://127.0.0.3:8001/a">'
    assert metadata(page(head=head), "http://127.0.0.3:8001/b").canonical == "http://127.0.0.3:8001/a"
    assert metadata(page(head=head), "http://127.0.0.3:8002/b").canonical == "http://127.0.0.3:8002/b"


@pytest.mark.parametrize(
    ("bylines", "expected"),
    [
        (["By ANN DOE"], ("ANN DOE",)),
        (["By Ann Doe, Bo Roe and Cy Poe"], ("Ann Doe", "Bo Roe", "Cy Poe")),
        (["Ann Doe, Staff Writer"], ("Ann Doe",)),
        (["Sal Vane, Jr."], ("Sal Vane, Jr.",)),
        (["Ann Doe", "ann doe"], ("Ann Doe",)),
        (["Por Ana García y Luis Peña"], ("Ana García", "Luis Peña")),
        (["https://www.example.org/ann", "ann@example.org", "<b>", "12", "", "The Ledger", "x" * 200], ()),
        (["Written by Ann Doe | Photos by Bo Roe"], ("Ann Doe",)),
    ],
)
def test_people(bylines: list[str], expected: tuple[str, ...]) -> None:
    assert people(bylines, "The Ledger") == expected


def test_locked_pages_and_bodies() -> None:
    locked = metadata(page(head='<meta property="article:content_tier" content="locked">'))
    assert not locked.free
    stated = {**NEWS_ARTICLE, "isAccessibleForFree": "False", "articleBody": "<p>One.</p><p>Two &amp; 3.</p>"}
    said = metadata(page(jsonld=stated))
    assert not said.free
    assert [line.strip() for line in said.body.split("\n")] == ["One.", "Two & 3."]


def test_kinds_are_hints() -> None:
    said = metadata(page(jsonld={**NEWS_ARTICLE, "@type": "OpinionNewsArticle", "articleSection": ["Voices", "Local"]}))
    assert said.section == "Voices; Local; OpinionNewsArticle"


def test_hostile_pages() -> None:
    many = "<meta property='og:title' content='x'>" * 5_000
    wide = f"<h1>{'<b>x</b>' * 20_000}</h1>"
    said = metadata(page(head=many, heading=wide, jsonld=[[["deep"]]]))
    assert said.titles[0] == "x"
    assert said.headings == ()
    nested = '<div itemprop="author">' * 240 + "Ann Doe" + "</div>" * 240
    assert metadata(page(byline=nested)).authors == ("Ann Doe",)

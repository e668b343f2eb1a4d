"""Lists of feeds."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pipeline.errors import UserError
from pipeline.feeds import opml
from pipeline.feeds.opml import (
    STATES,
    FeedLine,
    Unusable,
    read_csv,
    read_kind,
    read_opml,
    read_outlines,
    read_owner,
    read_place,
    write_opml,
)
from pipeline.model import SOURCE_KINDS, Feed, make_id

CONFIG = Path(__file__).parents[3] / "config"


def feed(url: str, title: str, place: str, last_success: datetime | None = None, owner: str = "") -> Feed:
    return Feed(
        id=make_id("feed", url),
        url=url,
        added=datetime(2026, 1, 1, tzinfo=UTC),
        title=title,
        place=place,
        kind="wire",
        owner=owner,
        last_success=last_success,
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Sacramento CA", "Sacramento, CA"),
        ("Los Angeles, CA", "Los Angeles, CA"),
        ("st. paul mn", "St. Paul, MN"),
        ("Washington DC", "Washington, DC"),
        ("Texas", "TX"),
        ("ca", "CA"),
        ("US", "US"),
        ("usa", "US"),
        ("aggregator, US", "US"),
        ("aggregator, Chicago IL", "Chicago, IL"),
        ("New York", "NY"),
        ("", ""),
    ],
)
def test_places(text: str, place: str) -> None:
    assert read_place(text) == place


@pytest.mark.parametrize("text", ["London", "London, UK", "Los Angeles, CA, US", "XX", ", CA"])
def test_no_places(text: str) -> None:
    with pytest.raises(UserError, match="must be 'City, ST'"):
        read_place(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("news (Spanish)", "news"),
        ("news/opinion", "news"),
        ("news/advocacy", "advocacy"),
        ("opinion/analysis", "opinion"),
        ("advocacy (restrictionist)", "advocacy"),
        ("think tank", "advocacy"),
        ("Government", "government"),
        ("", ""),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    assert read_kind(text) == kind


def test_opml_with_groups_comments_and_defaults() -> None:
    data = b"""<?xml version="1.0"?>
<opml version="2.0"><head><title>x</title></head><body>
 <outline text="California" place="CA" kind="government">
  <outline text="Old" xmlUrl="https://a.example/rss"/>
  <outline text="Gazette" title="Harbor Gazette" xmlURL=" https://b.example/rss " place="Oakland CA" kind="news"/>
  <outline text="off" isComment="true"><outline text="Off" xmlUrl="https://c.example/rss"/></outline>
 </outline>
 <outline text="Plain" type="rss" xmlUrl="http://d.example/rss"/>
</body></opml>"""
    assert read_opml(data) == [
        FeedLine("https://a.example/rss", "Old", "CA", "government"),
        FeedLine("https://b.example/rss", "Harbor Gazette", "Oakland, CA", "news"),
        FeedLine("https://c.example/rss", "Off", "CA", "government", enabled=False),
        FeedLine("http://d.example/rss", "Plain", "", ""),
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<opml><body>\n<outline></body></opml>", "line 2: not well-formed XML"),
        (b"", "line 1: not well-formed XML"),
        (b"<html></html>", "not an OPML file: its root element is not <opml>"),
        (b"<opml>\n\n<outline xmlUrl='file:///etc/passwd'/></opml>", "line 3: 'file:///etc/passwd' is no http"),
        (b"<opml>\n<outline xmlUrl='https://a.example/' kind='blog'/></opml>", "line 2: kind 'blog' must be one of"),
        (b"<opml>\n<outline xmlUrl='https://a.example/' place='Mars'/></opml>", "line 2: place 'Mars' must be"),
        (b"<!DOCTYPE opml [<!ENTITY a 'b'>]><opml/>", "it has a document type or entities"),
    ],
)
def test_opml_that_cannot_be_used(data: bytes, message: str) -> None:
    with pytest.raises(UserError) as caught:
        read_opml(data)
    assert caught.value.reason.startswith(message)


def test_an_owner_is_one_line_and_taken_from_the_outline_around() -> None:
    long = "Coast " * 40
    data = f"""<opml version="2.0"><body><outline text="Coast" owner="Coast Media">
  <outline text="Post" xmlUrl="https://a.example/rss"/>
  <outline text="Sold" xmlUrl="https://b.example/rss" OWNER=" Harbor\u202e&#10;&amp; Sons "/></outline>
 <outline text="Own" xmlUrl="https://c.example/rss" owner="{long}"/>
 <outline text="Nobody" xmlUrl="https://d.example/rss"/></body></opml>"""
    owners = [line.owner for line in read_opml(data.encode())]
    assert owners == ["Coast Media", "Harbor & Sons", long[:100].rstrip(), ""]
    assert read_owner("\x1b[31mCoast\tMedia\n") == "[31mCoast Media"


def test_simple_csv() -> None:
    text = (
        "\ufeffURL,Title,Place,Kind,Owner\r\nhttps://a.example/f,Harbor Gazette,Oakland CA,news,Coast  Media\r\n\r\n"
        "https://b.example/f\r\n"
    )
    assert read_csv(text) == [
        FeedLine("https://a.example/f", "Harbor Gazette", "Oakland, CA", "news", "Coast Media"),
        FeedLine("https://b.example/f"),
    ]


def test_an_aggregator_is_off_only_in_a_list_of_candidates() -> None:
    assert read_csv("url,kind\nhttps://a.example/f,aggregator\n")[0].enabled
    candidates = (
        "name,url,home,type,evidence\n"
        'A,https://a.example/f,"aggregator, US",aggregator,G\n'
        "B,https://b.example/f,US,news,S?\n"
        "C,https://c.example/f,US,news,D\n"
        'D,https://d.example/f,US,news,"A,S"\n'
    )
    assert [line.enabled for line in read_csv(candidates)] == [False, False, False, True]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: a heading line with a column 'url' is missing"),
        ("a,b\nc,d\n", "line 1: a heading line with a column 'url' is missing"),
        ("url\nhttps://a.example/\nwww.example.com\n", "line 3: 'www.example.com' is no http"),
        ("url,place\n\nhttps://a.example/,Atlantis\n", "line 3: place 'Atlantis' must be"),
        ("url\nhttps://[bad\n", "line 2: 'https://[bad' is no http"),
        ("url\n" + "x" * 200_000 + "\n", "line 2: field larger than field limit"),
    ],
)
def test_csv_that_cannot_be_used(text: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        read_csv(text)
    assert caught.value.reason.startswith(message)


def test_what_is_written_is_read_back() -> None:
    feeds = [
        feed("https://b.example/f?a=1&b=2", 'Harbor "Gazette" & <Post>', "Oakland, CA"),
        feed("https://a.example/f", "", "US", datetime(2026, 3, 1, tzinfo=UTC)),
        feed("https://c.example/f", "Valley Record", "CA", owner='Coast "Media" & <Sons>'),
    ]
    text = write_opml(feeds)
    lines = read_opml(text.encode())
    assert lines == [
        FeedLine("https://a.example/f", "", "US", "wire"),
        FeedLine("https://b.example/f?a=1&b=2", 'Harbor "Gazette" & <Post>', "Oakland, CA", "wire"),
        FeedLine("https://c.example/f", "Valley Record", "CA", "wire", 'Coast "Media" & <Sons>'),
    ]
    assert text.count(" owner=") == 1, "what only the table knows is nobody's word"
    assert (text.count('checked="no"'), text.count('checked="2026-03-01"')) == (2, 1)


# ------------------------------------------------------------------ the shipped lists
def test_the_shipped_list() -> None:
    lines = read_opml((CONFIG / "feeds.opml").read_bytes())
    assert len(lines) == len({line.url for line in lines}) == 172
    assert all(line.enabled and line.title and line.kind in SOURCE_KINDS for line in lines)
    assert all(read_place(line.place) == line.place != "" for line in lines)
    territories = {"AS", "GU", "MP", "PR", "VI"}
    assert {line.place[-2:] for line in lines} == set(STATES) - territories | {"US"}
    assert (CONFIG / "feeds.opml").read_text("utf-8").count('checked="no"') == 172


def test_aggregators_are_a_list_of_their_own() -> None:
    lines = read_opml((CONFIG / "aggregators.opml").read_bytes())
    assert len(lines) == 13
    assert {line.kind for line in lines} == {"aggregator"}
    assert {urlsplit(line.url).hostname for line in lines} == {"news.google.com", "www.bing.com"}


def test_the_shipped_lists_are_what_the_candidates_give(tmp_path: Path) -> None:
    made = [tmp_path / "feeds.opml", tmp_path / "aggregators.opml"]
    opml._main([str(CONFIG / "feeds.csv"), *map(str, made)])
    for path in made:
        assert path.read_text("utf-8") == (CONFIG / path.name).read_text("utf-8")


def test_what_cannot_be_used_of_a_list_keeps_the_rest() -> None:
    data = b"""<opml><body>
    <outline text="Bee" xmlUrl="https://bee.example/feed" place="CA"/>
    <outline text="A\ttitle" xmlUrl="ftp://old.example/feed"><outline xmlUrl="https://inner.example/feed"/></outline>
    <outline xmlUrl="https://odd.example/feed" kind="novel"/>
    </body></opml>"""
    lines = read_outlines(data)
    assert [type(line) for line in lines] == [FeedLine, Unusable, FeedLine, Unusable]
    assert lines[1] == Unusable(
        "ftp://old.example/feed", "A title", "line 3: 'ftp://old.example/feed' is no http or https address"
    )
    with pytest.raises(UserError, match=r"^line 3: "):
        read_opml(data)

"""Feed bodies to items: RSS, RDF and Atom."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.errors import Unreadable
from pipeline.feeds import pieces
from pipeline.feeds.parse import ParsedFeed, parse_feed
from pipeline.feeds.parsed import MAX_ITEMS, web_link
from pipeline.model import Item
from tests.unit.feeds.fixtures import NOW, RDF, URL, atom, item, rss


def parse(body: bytes, seen: frozenset[str] = frozenset(), content_type: str = "", url: str = URL) -> ParsedFeed:
    return parse_feed(body, url=url, content_type=content_type, seen=seen, now=NOW)


def only(body: bytes, content_type: str = "") -> Item:
    (one,) = parse(body, content_type=content_type).items
    return one


# ------------------------------------------------------------------ the three dialects
def test_rss() -> None:
    feed = parse(rss(item(1), item(2)))
    assert (feed.title, feed.form, feed.total, feed.whole) == ("Harbor Gazette", "rss", 2, False)
    assert feed.items[0] == Item(
        id="gz-1",
        title="Council meeting 1",
        link="https://gazette.example/news/1",
        published=datetime(2026, 3, 9, 17, 30, 1, tzinfo=UTC),
    )


def test_rdf() -> None:
    feed = parse(RDF)
    assert (feed.title, feed.form, feed.total, feed.whole) == ("Valley Record", "rdf", 2, False)
    assert feed.items[0].published == datetime(2026, 3, 9, 18, tzinfo=UTC)
    assert feed.items[0].authors == ("Ana Ruiz",)
    assert [one.id for one in feed.items] == ["https://valley.example/1", "https://valley.example/2"]


def test_atom() -> None:
    entry = (
        '<entry xml:base="https://bay.example/2026/"><id>tag:bay.example,2026:1</id><title>A &lt; B</title>'
        '<link href="vote"/><updated>2026-03-09T10:00:00Z</updated><published>2026-03-08T10:00:00Z</published>'
        "<author><name>Ana Ruiz</name></author><author><name>Lee Park</name></author>"
        '<summary type="html">&lt;p&gt;Short&lt;/p&gt;</summary>'
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One</p><p>Two</p></div></content></entry>'
    )
    feed = parse(atom([entry]))
    assert (feed.title, feed.form) == ("Bay & Hill", "atom")
    assert (feed.hub, feed.self_url) == ("https://hub.example/", "https://bay.example/atom")
    assert feed.items == (
        Item(
            id="tag:bay.example,2026:1",
            title="A < B",
            link="https://bay.example/2026/vote",
            published=datetime(2026, 3, 8, 10, tzinfo=UTC),
            summary="Short",
            content="One\n\nTwo",
            authors=("Ana Ruiz", "Lee Park"),
            lang="en",
        ),
    )


def test_prefixed_atom_is_pruned_too() -> None:
    entry = "<a:entry><a:id>{0}</a:id><a:title>T{0}</a:title></a:entry>"
    body = (
        f'<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>P</a:title>{entry.format(1)}{entry.format(2)}</a:feed>'
    ).encode()
    feed = parse(body)
    assert [one.title for one in parse(body, frozenset(feed.hashes[:1])).items] == ["T2"]
    assert not feed.whole


def test_an_undeclared_prefix_is_found_all_the_same() -> None:
    body = b"<x:rss><x:channel><x:title>Odd</x:title><x:item><x:title>T</x:title></x:item></x:channel></x:rss>"
    feed = parse(body)
    assert [one.title for one in feed.items] == ["T"]
    assert feed.whole


def test_a_parsed_feed_crosses_processes() -> None:
    feed = parse(rss(item(1)))
    assert pickle.loads(pickle.dumps(feed)) == feed


# ------------------------------------------------------------------ only what is new
def test_seen_items_are_left_out_and_hashes_kept() -> None:
    first = parse(rss(item(1), item(2)))
    second = parse(rss(item(3), item(1), item(2)), frozenset(first.hashes))
    assert [one.id for one in second.items] == ["gz-3"]
    assert second.hashes[1:] == first.hashes
    assert (second.title, second.total, second.whole) == ("Harbor Gazette", 3, False)


def test_nothing_new_still_tells_of_the_channel() -> None:
    body = rss(item(1), head="<title>Harbor Gazette</title><ttl>45</ttl>")
    feed = parse(body, frozenset(parse(body).hashes))
    assert (feed.items, feed.title, feed.ttl, feed.total) == ((), "Harbor Gazette", timedelta(minutes=45), 1)


def test_an_edited_item_is_new() -> None:
    first = parse(rss(item(1)))
    second = parse(rss(item(1, title="Council meeting 1, corrected")), frozenset(first.hashes))
    assert [one.title for one in second.items] == ["Council meeting 1, corrected"]


def test_the_same_item_twice_is_read_once() -> None:
    feed = parse(rss(item(1), item(1), item(2)))
    assert ([one.id for one in feed.items], feed.total, len(feed.hashes)) == (["gz-1", "gz-2"], 3, 3)


BROKEN = item(2).replace("</title>", " &nosuch; </title>")


def test_a_broken_item_costs_the_whole_way_only_while_it_is_new() -> None:
    body = rss(item(1), BROKEN, item(3))
    feed = parse(body)
    assert feed.whole
    assert [one.id for one in feed.items] == ["gz-1", "gz-2", "gz-3"]
    later = parse(rss(item(4), item(1), BROKEN, item(3)), frozenset(feed.hashes))
    assert ([one.id for one in later.items], later.whole) == (["gz-4"], False)


def test_the_whole_way_knows_seen_items_too() -> None:
    nested = rss(item(1), item(2, "<item>odd</item>"))
    feed = parse(nested)
    assert feed.whole
    assert feed.items
    again = parse(nested, frozenset(feed.hashes))
    assert (again.items, again.hashes, again.whole) == ((), feed.hashes, True)


@pytest.mark.parametrize("body", [rss(item(1), item(2), item(3)), RDF])
def test_both_ways_read_the_same(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    pruned = parse(body)
    monkeypatch.setattr(pieces, "cut", lambda body, head: None)
    whole = parse(body)
    assert whole.whole
    assert (whole.items, whole.title, whole.total) == (pruned.items, pruned.title, pruned.total)


def test_at_most_two_thousand_items() -> None:
    feed = parse(rss(*(f"<item><title>{number}</title></item>" for number in range(MAX_ITEMS + 5))))
    assert (len(feed.items), len(feed.hashes), feed.total) == (MAX_ITEMS, MAX_ITEMS, MAX_ITEMS + 5)


# ------------------------------------------------------------------ the fields of an item
def test_relative_and_foreign_links() -> None:
    body = rss(
        "<item><title>a</title><link>/a b</link></item>",
        "<item><title>b</title><link>javascript:alert(1)</link></item>",
        '<item><title>c</title><guid isPermaLink="false">https://gazette.example/?p=3</guid></item>',
        "<item><title>d</title><guid>https://gazette.example/d</guid></item>",
        "<item><title>e</title><link>file:///etc/passwd</link></item>",
    )
    assert [one.link for one in parse(body).items] == [
        "https://gazette.example/a%20b",
        "",
        "https://gazette.example/?p=3",
        "https://gazette.example/d",
        "",
    ]


def test_an_item_without_an_id_gets_its_link_or_a_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    body = rss("<item><title>a</title><link>https://x.example/a</link></item>", "<item><title>b</title></item>")
    ids = [one.id for one in parse(body).items]
    assert ids[0] == "https://x.example/a"
    assert len(ids[1]) == 16
    monkeypatch.setattr(pieces, "cut", lambda body, head: None)
    assert [one.id for one in parse(body).items] == ids


def test_an_empty_item_is_counted_but_not_read() -> None:
    feed = parse(rss("<item></item>", item(1)))
    assert ([one.id for one in feed.items], feed.total, len(feed.hashes)) == (["gz-1"], 2, 2)


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Smith &amp;amp; Sons", "Smith & Sons"),
        ("AT&amp;T", "AT&T"),
        ("Council&amp;#8217;s vote", "Council’s vote"),
        ("&lt;b&gt;Bold&lt;/b&gt; plan", "Bold plan"),
        ("<![CDATA[ Vote:\n 5 <  6 ]]>", "Vote: 5 < 6"),
        ("x" * 600, "x" * 500),
    ],
)
def test_titles(written: str, title: str) -> None:
    assert only(rss(item(1, title=written))).title == title


def test_summary_and_content() -> None:
    one = only(
        rss(
            item(
                1,
                "<description>&lt;p&gt;The council voted.&lt;/p&gt;&lt;p&gt;The post &lt;a&gt;Vote&lt;/a&gt; appeared "
                "first on &lt;a&gt;Harbor Gazette&lt;/a&gt;.&lt;/p&gt;</description>"
                "<content:encoded><![CDATA[<p>The council voted.</p><script>x()</script><p>It was 5-2.</p>]]>"
                "</content:encoded>",
            )
        )
    )
    assert (one.summary, one.content) == ("The council voted.", "The council voted.\n\nIt was 5-2.")


def test_a_caption_is_not_the_content() -> None:
    one = only(
        rss(
            item(
                1,
                "<description>&lt;p&gt;The council voted.&lt;/p&gt;</description>"
                '<media:content url="https://gazette.example/1.jpg"><media:description>City Hall at dusk'
                "</media:description></media:content>"
                "<content:encoded>&lt;p&gt;The council voted.&lt;/p&gt;&lt;p&gt;Five to two.&lt;/p&gt;"
                "</content:encoded>",
            )
        )
    )
    assert (one.summary, one.content) == ("The council voted.", "The council voted.\n\nFive to two.")


def test_a_content_that_says_no_more_than_the_summary_is_empty() -> None:
    one = only(rss(item(1, "<description>&lt;p&gt;The council voted.&lt;/p&gt;</description>")))
    assert (one.summary, one.content) == ("The council voted.", "")


def test_html_in_a_description_keeps_its_paragraphs_as_content() -> None:
    one = only(rss(item(1, "<description>&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;</description>")))
    assert (one.summary, one.content) == ("One. Two.", "One.\n\nTwo.")


def test_caps() -> None:
    long = "word " * 30_000
    one = only(rss(item(1, f"<description>{long}</description><content:encoded>{long}&lt;b/&gt;</content:encoded>")))
    assert (len(one.summary), len(one.content)) == (9_999, 99_999)


@pytest.mark.parametrize(
    ("extra", "published"),
    [
        ("<pubDate>Mon, 09 Mar 2026 17:30:00 CEST</pubDate>", datetime(2026, 3, 9, 15, 30, tzinfo=UTC)),
        ("<dc:date>2026-03-09T17:30:00-07:00</dc:date>", datetime(2026, 3, 10, 0, 30, tzinfo=UTC)),
        ("<pubDate>soon</pubDate><dc:date>2026-03-09</dc:date>", datetime(2026, 3, 9, tzinfo=UTC)),
        ("<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>", None),
        ("<pubDate>Mon, 30 Mar 2026 00:00:00 GMT</pubDate>", None),
        ("<pubDate>03/04/2026</pubDate>", None),
        ("", None),
    ],
)
def test_published(extra: str, published: datetime | None) -> None:
    assert only(rss(f"<item><title>t</title>{extra}</item>")).published == published


def test_an_aggregator_names_the_outlet() -> None:
    one = only(rss(item(1, '<source url="https://gazette.example">Harbor Gazette &amp;amp; Co</source>')))
    assert (one.source_title, one.source_url) == ("Harbor Gazette & Co", "https://gazette.example")


def test_authors_and_language() -> None:
    body = rss(item(1, "<dc:creator>By Ana Ruiz and Lee Park</dc:creator>"), head="<language>es-MX</language>")
    one = only(body)
    assert (one.authors, one.lang) == (("Ana Ruiz", "Lee Park"), "es")


@pytest.mark.parametrize(
    ("head", "ttl"),
    [
        ("<ttl>60</ttl>", timedelta(hours=1)),
        ("<ttl>0</ttl>", None),
        ("<ttl>often</ttl>", None),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", timedelta(hours=6)),
        ("<sy:updatePeriod> hourly </sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>", None),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", None),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>-1</sy:updateFrequency>", None),
    ],
)
def test_ttl(head: str, ttl: timedelta | None) -> None:
    assert parse(rss(item(1), head=f"<title>t</title>{head}")).ttl == ttl


def test_web_link_refuses_what_is_no_address() -> None:
    base = "https://a.example/b/"
    assert web_link(" c\n", base) == "https://a.example/b/c"
    assert web_link("//x.example/y", base) == "https://x.example/y"
    refused = (
        "http://[bad",
        "ftp://a.example/x",
        "mailto:a@b.example",
        "",
        "a\x00b",
        "https://a.example/" + "x" * 2000,
    )
    assert [web_link(link, base) for link in refused] == [""] * len(refused)


# ------------------------------------------------------------------ encodings and damage
ACCENTS = (
    '<?xml version="1.0" encoding="{0}"?><rss version="2.0"><channel><title>t</title>'
    "<item><title>Señor Núñez</title></item></channel></rss>"
)


@pytest.mark.parametrize(
    ("declared", "real", "content_type"),
    [
        ("utf-8", "utf-8", ""),
        ("utf-8", "utf-8-sig", ""),
        ("iso-8859-1", "iso-8859-1", ""),
        ("windows-1252", "windows-1252", "text/xml"),
        ("iso-8859-1", "utf-8", "text/xml; charset=iso-8859-1"),
        ("utf-16", "utf-16", ""),
        ("utf-16", "utf-8", ""),
        ("utf-32", "utf-32", ""),
        ("utf-8", "utf-16-le", ""),
        ("utf-8", "windows-1252", ""),
        ("no-such-code", "windows-1252", ""),
        ("iso-8859-15", "iso-8859-15", ""),
        ("base64", "windows-1252", ""),
    ],
)
def test_encodings(declared: str, real: str, content_type: str) -> None:
    feed = parse(ACCENTS.format(declared).encode(real), content_type=content_type)
    assert (feed.items[0].title, feed.whole) == ("Señor Núñez", False)


def test_the_header_names_the_encoding_when_the_body_does_not() -> None:
    body = rss(item(1, title="TITLE")).split(b"?>", 1)[1].replace(b"TITLE", "Привет".encode("koi8-r"))
    assert only(body, content_type="application/xml; charset=koi8-r").title == "Привет"


def test_a_japanese_seven_bit_encoding() -> None:
    body = ACCENTS.replace("Señor Núñez", "市議会").format("iso-2022-jp").encode("iso-2022-jp")
    assert parse(body).items[0].title == "市議会"


def test_one_damaged_byte_leaves_the_rest_readable() -> None:
    body = rss(item(1, title="Señor Núñez"), item(2)).replace(b"meeting 2", b"meeting \xff2")
    assert [one.title for one in parse(body).items] == ["Señor Núñez", "Council meeting \ufffd2"]


def test_control_characters_do_not_make_a_feed_unreadable() -> None:
    feed = parse(rss(item(1, title="Coun\x0bcil\x00")))
    assert (feed.items[0].title, feed.whole) == ("Council", False)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\n\n  ", b""),
        (b"<b>Warning</b>: mysql_connect() in /var/www/x.php<br />\n", b""),
        (b"Warning: deprecated\n", b""),
        (b"", b"<script src='x'></script>"),
        (b"", b"\n<!-- cached -->"),
    ],
)
def test_what_stands_around_a_feed(before: bytes, after: bytes) -> None:
    feed = parse(before + rss(item(1)) + after)
    assert ([one.id for one in feed.items], feed.whole) == (["gz-1"], False)


def test_a_body_that_names_a_file_is_no_file() -> None:
    with pytest.raises(Unreadable):
        parse(b"/etc/passwd")


def test_a_plain_doctype_does_not_need_the_whole_way() -> None:
    body = rss(item(1)).replace(b"?>\n", b"?>\n<!DOCTYPE rss PUBLIC '-//N//DTD RSS 0.91//EN' 'http://n.example/x'>", 1)
    assert not parse(body).whole


def test_entities_do_not_explode() -> None:
    declarations = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    body = rss(item(1, title="&e9;")).replace(
        b"<rss", f'<!DOCTYPE rss [<!ENTITY e0 "lol">{declarations}]>\n<rss'.encode(), 1
    )
    feed = parse(body)
    assert len(feed.items[0].title) <= 10


def test_external_entities_are_not_loaded() -> None:
    body = rss(item(1, title="a&x;b")).replace(
        b"<rss", b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>\n<rss', 1
    )
    assert only(body).title in ("ab", "a&x;b")


@pytest.mark.parametrize(
    "body",
    [
        b"<rss><channel>" + b"<item " * 30_000,
        b"<rss><channel>" + b"<![CDATA[" * 100_000,
        b"<rss><channel>" + b"<!--" * 100_000,
        b"<rss><channel>" + b"<a:a:a:" * 30_000,
        b"<?xml version='1.0'?>" + b"\n" * 500_000 + b"<rss><channel></channel></rss>",
        b"<!DOCTYPE a [" + b"<!ENTITY a 'b'>\n" * 50_000 + b"]><rss><channel></channel></rss>",
        rss("<item><title>t</title>" + "<category>" * 60_000 + "</item>"),
        rss("<item><title>t</title>" + "".join(f"<category term='{n}'/>" for n in range(30_000)) + "</item>"),
        rss(f"<item><title>t</title><description>{'&lt;!--' * 60_000}</description></item>"),
    ],
    ids=["tags", "cdata", "comments", "prefixes", "newlines", "entities", "categories", "terms", "html comments"],
)
def test_hostile_bodies_end(body: bytes) -> None:
    # Each of these took minutes while something in the way of it was quadratic; the suite's time limit catches that.
    assert parse(body).form == "rss"


# ------------------------------------------------------------------ what is no feed
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "an empty body"),
        (b" \r\n\x00", "an empty body"),
        (b"<!DOCTYPE html><html><head><title>Home</title></head></html>", "an HTML page, not a feed"),
        (b"<!-- x -->\n<HTML>", "an HTML page, not a feed"),
        (b"Not Found", "neither XML nor JSON"),
        (b"<Error><Code>AccessDenied</Code></Error>", "no feed: its root element is <error>"),
        (b"\x89PNG\r\n\x1a\n", "neither XML nor JSON"),
        (rss(head="<title>Invalid feed</title>"), "the server answers 'Invalid feed'"),
    ],
)
def test_unreadable(body: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse(body)
    assert caught.value.reason.startswith(reason)
    assert caught.value.subject == URL


def test_an_empty_feed_is_a_feed() -> None:
    feed = parse(rss())
    assert (feed.title, feed.items, feed.hashes, feed.total, feed.whole) == ("Harbor Gazette", (), (), 0, False)


NAMES = [
    "links", "authors", "author_detail", "title_detail", "summary_detail", "content", "source", "updated", "published",
    "language", "tags", "image", "feedburner_origlink", "published_parsed", "textinput", "author", "link", "guid",
    "title",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("attribute", ["", ' a="b"', ' href="x" rel="alternate"', ' type="text/html"'])
def test_an_element_may_have_any_name(name: str, attribute: str) -> None:
    odd = f"<{name}{attribute}>odd</{name}>"
    for body in (
        rss(odd, item(1, odd)),
        rss(item(1), f"<item>{odd}<title>b</title></item>", head=odd + "<ttl a='b'>x</ttl>"),
    ):
        assert parse(body).items

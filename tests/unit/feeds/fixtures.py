"""Small feeds of each kind. All outlets, people and stories are invented."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

URL = "https://gazette.example/feeds/news.xml"
NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)


def rss(*items: str, head: str = "<title>Harbor Gazette</title>", namespaces: str = "") -> bytes:
    """An RSS 2.0 document."""
    spaces = (
        'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" {spaces}{namespaces}><channel>{head}'
        f"{''.join(items)}</channel></rss>\n"
    ).encode()


def item(number: int, extra: str = "", title: str = "") -> str:
    """An RSS item."""
    return (
        f"<item><title>{title or f'Council meeting {number}'}</title><link>https://gazette.example/news/{number}</link>"
        f'<guid isPermaLink="false">gz-{number}</guid><pubDate>Mon, 09 Mar 2026 17:30:0{number % 10} GMT</pubDate>'
        f"{extra}</item>\n"
    )


def atom(entries: Iterable[str]) -> bytes:
    """An Atom 1.0 document."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-US">'
        '<title type="html">Bay &amp;amp; Hill</title><link rel="self" href="https://bay.example/atom"/>'
        '<link rel="hub" href="https://hub.example/"/>'
        f"{''.join(entries)}</feed>"
    ).encode()


RDF = b"""<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
         xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://valley.example/"><title>Valley Record</title><link>https://valley.example/</link>
<items><rdf:Seq><rdf:li resource="https://valley.example/1"/><rdf:li resource="https://valley.example/2"/></rdf:Seq></items>
</channel>
<item rdf:about="https://valley.example/1"><title>One</title><link>https://valley.example/1</link>
<dc:date>2026-03-09T10:00:00-08:00</dc:date><dc:creator>Ana Ruiz</dc:creator></item>
<item rdf:about="https://valley.example/2"><title>Two</title><link>https://valley.example/2</link>
<dc:date>2026-03-10T10:00:00-07:00</dc:date></item>
</rdf:RDF>"""

"""Feed bodies: RSS 2.0, RSS 1.0 (RDF), Atom, JSON Feed and a news sitemap, sound or spoilt.

Each function takes an outlet, its root URL (no slash at the end), its stories newest first and the link of each, and
returns the body in the outlet's charset.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from demo.stories import Outlet, Story

CONTENT_TYPES = {
    "rss": "application/rss+xml",
    "rdf": "application/rdf+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
    "sitemap": "application/xml",
}


@dataclass(frozen=True, slots=True)
class Item:
    """A story and the address under which the feed names it."""

    story: Story
    link: str
    source: str = ""
    """An aggregator's: root URL of the outlet behind the item."""

    @property
    def title(self) -> str:
        """An aggregator puts the outlet's name behind the headline."""
        name = self.story.source_name
        return f"{self.story.title} - {name}" if name else self.story.title

    @property
    def html(self) -> str:
        """The whole text as HTML, '' when the story has none."""
        parts = []
        for paragraph in self.story.paragraphs:
            tag = "h2" if paragraph.startswith("## ") else "p"
            parts.append(f"<{tag}>{escape(paragraph.removeprefix('## '))}</{tag}>")
        return "\n".join(parts)

    @property
    def stamp(self) -> str:
        """RFC 3339, '' when the item is undated."""
        return self.story.published.isoformat() if self.story.dated else ""


def body(outlet: Outlet, base: str, items: Sequence[Item], updated: datetime) -> bytes:
    """The outlet's feed in its format, spoilt if the outlet's fault says so; ``updated`` is its newest change."""
    text = WRITERS[outlet.format](outlet, base, items, updated)
    data = text.encode(outlet.charset, "xmlcharrefreplace")
    return spoilt(data) if outlet.fault == "malformed" else data


def spoilt(data: bytes) -> bytes:
    """A feed as careless software writes it: ampersands not escaped, cut off before its end. Every item is whole."""
    end = data.rindex(b"</item>") + len(b"</item>")
    return data[:end].replace(b"&amp;", b"&") + b"\n</chan"


def _rss(outlet: Outlet, base: str, items: Sequence[Item], updated: datetime) -> str:
    parts = []
    for item in items:
        story = item.story
        fields = [
            f"<title>{escape(item.title)}</title>",
            f"<link>{escape(item.link)}</link>",
            f'<guid isPermaLink="false">{outlet.id}-{escape(story.id)}</guid>',
        ]
        if story.dated:
            fields.append(f"<pubDate>{format_datetime(story.published)}</pubDate>")
        if story.section:
            fields.append(f"<category>{escape(story.section)}</category>")
        if story.byline:
            fields.append(f"<dc:creator>{escape(story.byline)}</dc:creator>")
        if outlet.kind == "aggregator":
            fields.append(f"<source url={quoteattr(item.source)}>{escape(story.source_name)}</source>")
            anchor = f"<a href={quoteattr(item.link)}>{escape(story.title)}</a>"
            fields.append(f"<description>{escape(anchor)}</description>")
        elif story.summary:
            fields.append(f"<description>{escape(story.summary)}</description>")
        if outlet.full and item.html:
            fields.append(f"<content:encoded><![CDATA[{item.html}]]></content:encoded>")
        parts.append("<item>\n" + "\n".join(fields) + "\n</item>")
    return f"""<?xml version="1.0" encoding="{outlet.charset}"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" \
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>{escape(outlet.name)}</title>
<link>{base}/</link>
<description>News from {escape(outlet.place)}</description>
<atom:link href={quoteattr(base + outlet.feed)} rel="self" type="application/rss+xml"/>
<language>{outlet.lang}</language>
<lastBuildDate>{format_datetime(updated)}</lastBuildDate>
<ttl>30</ttl>
{chr(10).join(parts)}
</channel>
</rss>
"""


def _rdf(outlet: Outlet, base: str, items: Sequence[Item], updated: datetime) -> str:
    order = "\n".join(f"<rdf:li rdf:resource={quoteattr(item.link)}/>" for item in items)
    parts = []
    for item in items:
        date = f"<dc:date>{item.stamp}</dc:date>\n" if item.stamp else ""
        parts.append(
            f"<item rdf:about={quoteattr(item.link)}>\n<title>{escape(item.title)}</title>\n"
            f"<link>{escape(item.link)}</link>\n<description>{escape(item.story.summary)}</description>\n"
            f"{date}<dc:creator>{escape(item.story.byline)}</dc:creator>\n</item>"
        )
    return f"""<?xml version="1.0" encoding="{outlet.charset}"?>
<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" \
xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about={quoteattr(base + outlet.feed)}>
<title>{escape(outlet.name)}</title>
<link>{base}/</link>
<description>News from {escape(outlet.place)}</description>
<dc:date>{updated.isoformat()}</dc:date>
<items><rdf:Seq>
{order}
</rdf:Seq></items>
</channel>
{chr(10).join(parts)}
</rdf:RDF>
"""


def _atom(outlet: Outlet, base: str, items: Sequence[Item], updated: datetime) -> str:
    parts = []
    for item in items:
        content = f'<content type="html">{escape(item.html)}</content>\n' if outlet.full and item.html else ""
        parts.append(
            f"<entry>\n<id>tag:{outlet.id}.example,2020:{escape(item.story.id)}</id>\n"
            f'<title>{escape(item.title)}</title>\n<link rel="alternate" href={quoteattr(item.link)}/>\n'
            f"<published>{item.story.published.isoformat()}</published>\n"
            f"<updated>{item.story.published.isoformat()}</updated>\n"
            f"<author><name>{escape(item.story.byline)}</name></author>\n"
            f"<summary>{escape(item.story.summary)}</summary>\n{content}</entry>"
        )
    return f"""<?xml version="1.0" encoding="{outlet.charset}"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.lang}">
<id>tag:{outlet.id}.example,2020:feed</id>
<title>{escape(outlet.name)}</title>
<link rel="self" href={quoteattr(base + outlet.feed)}/>
<link rel="alternate" href="{base}/"/>
<updated>{updated.isoformat()}</updated>
{chr(10).join(parts)}
</feed>
"""


def _json(outlet: Outlet, base: str, items: Sequence[Item], updated: datetime) -> str:
    entries: list[dict[str, object]] = []
    for item in items:
        entry: dict[str, object] = {
            "id": f"{outlet.id}:{item.story.id}",
            "url": item.link,
            "title": item.title,
            "summary": item.story.summary,
            "authors": [{"name": item.story.byline}],
            "tags": [item.story.section],
        }
        if item.stamp:
            entry["date_published"] = item.stamp
        if outlet.full:
            entry["content_html"] = item.html
        else:
            entry["content_text"] = item.story.summary
        entries.append(entry)
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": base + "/",
        "feed_url": base + outlet.feed,
        "language": outlet.lang,
        "items": entries,
    }
    return json.dumps(feed, ensure_ascii=False, indent=1)


def _sitemap(outlet: Outlet, base: str, items: Sequence[Item], updated: datetime) -> str:
    parts = []
    for item in items:
        parts.append(
            f"<url>\n<loc>{escape(item.link)}</loc>\n<news:news>\n<news:publication>"
            f"<news:name>{escape(outlet.name)}</news:name><news:language>{outlet.lang}</news:language>"
            f"</news:publication>\n<news:publication_date>{item.stamp}</news:publication_date>\n"
            f"<news:title>{escape(item.title)}</news:title>\n</news:news>\n</url>"
        )
    return f"""<?xml version="1.0" encoding="{outlet.charset}"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" \
xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
{chr(10).join(parts)}
</urlset>
"""


WRITERS: dict[str, Callable[[Outlet, str, Sequence[Item], datetime], str]] = {
    "rss": _rss,
    "rdf": _rdf,
    "atom": _atom,
    "json": _json,
    "sitemap": _sitemap,
}

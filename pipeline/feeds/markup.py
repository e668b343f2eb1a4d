"""RSS, RDF and Atom: feedparser, given only what it needs to see.

feedparser knows the zoo of feed dialects better than anything else and is slow, so it gets a document in UTF-8 with a
plain XML declaration and without the items already known. Nothing it sanitises, resolves or dates is relied on: text
is made plain here, links are checked here, dates are read by ``pipeline.feeds.dates``.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import feedparser

from pipeline.errors import Unreadable
from pipeline.feeds import pieces as cutting
from pipeline.feeds import text as plain_text
from pipeline.feeds.dates import parse_date, plausible
from pipeline.feeds.names import split_authors
from pipeline.feeds.parsed import (
    CONTENT_CAP,
    MAX_ITEMS,
    SUMMARY_CAP,
    TITLE_CAP,
    ParsedFeed,
    piece_hash,
    web_link,
)
from pipeline.model import Item

_DECLARATION = b"<?xml version='1.0' encoding='utf-8'?>\n"
_SUBSET_CAP = 4_096
"""A longer prologue with entity declarations is dropped: feedparser's patterns for it are quadratic."""
_CATEGORY = re.compile(
    rb"<category(?=[\s/>])[^<>]*(?:/>|>(?:[^<>]*|<!\[CDATA\[[^<>]*\]\]>)</category\s*>)|</?category(?=[\s/>])[^<>]*>"
)
"""Not used, and feedparser compares each with all before it: blogs carry thousands."""
_HTML_TYPES = {"text/html", "html", "application/xhtml+xml", "xhtml"}
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 24 * 7, "monthly": 24 * 30, "yearly": 24 * 365}
"""sy:updatePeriod in hours."""
_CRASHES = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)
"""What feedparser was seen to raise on bytes that are no feed, or may by its source."""


def _date_handler(text: str) -> time.struct_time | None:
    when = parse_date(text)
    return when.utctimetuple() if when else None


feedparser.registerDateHandler(_date_handler)  # before feedparser's own: they misread named zones, and cost time


def read(body: bytes, head: cutting.Head, *, url: str, seen: frozenset[str], now: datetime) -> ParsedFeed:
    """The unseen items of an RSS, RDF or Atom document in UTF-8. Raises ``Unreadable`` when it is none."""
    cut = None if head.subset else cutting.cut(body, head)
    if cut is not None and cut.spans:
        hashes = cut.hashes(MAX_ITEMS)
        wanted = cutting.unseen(hashes, seen)
        document = _feedparser(cut.only(frozenset(wanted)), url)
        if document is not None and not document.bozo and len(document.entries) == len(wanted):
            return _feed(document, head, document.entries, hashes, total=len(cut.spans), url=url, now=now)
    return _read_whole(body, head, cut, url=url, seen=seen, now=now)


def _read_whole(
    body: bytes, head: cutting.Head, cut: cutting.Pieces | None, *, url: str, seen: frozenset[str], now: datetime
) -> ParsedFeed:
    start = 0 if head.subset and head.start <= _SUBSET_CAP else head.start
    document = _feedparser(body[start : head.end], url)
    if cut is not None and cut.prefix and not (document and document.entries):
        # Items under a prefix that nothing declares: feedparser finds them once the prefix is gone.
        bare = body[head.start : head.end].replace(b"<" + cut.prefix, b"<").replace(b"</" + cut.prefix, b"</")
        document = _feedparser(bare, url)
    if document is None or not (document.entries or document.version or _text(document.feed, "title")):
        raise Unreadable(f"no feed: its root element is <{head.name}>", subject=url)
    entries = document.entries
    if cut is not None and len(cut.spans) == len(entries):
        hashes = cut.hashes(MAX_ITEMS)  # the same as when the pruned way works, so nothing looks new twice
    else:
        hashes = tuple([_entry_hash(entry) for entry in entries[:MAX_ITEMS]])
    chosen = [entries[index] for index in cutting.unseen(hashes, seen)]
    return _feed(
        document, head, chosen, hashes, total=len(entries), url=url, now=now, whole=cut is None or bool(entries)
    )


def _feedparser(document: bytes, url: str) -> Any:
    """What feedparser makes of it, None when it breaks down. BytesIO, because it opens bytes that name a file."""
    document = _CATEGORY.sub(b"", document)
    try:
        return feedparser.parse(
            io.BytesIO(document if document.startswith(b"<?xml") else _DECLARATION + document),
            response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except _CRASHES:
        return None


def _feed(
    document: Any,
    head: cutting.Head,
    entries: Iterable[Any],
    hashes: tuple[str, ...],
    *,
    total: int,
    url: str,
    now: datetime,
    whole: bool = False,
) -> ParsedFeed:
    channel = document.feed
    title = _title(channel)
    if title.casefold() == "invalid feed":
        # Legistar answers a wrong ID or GUID with status 200 and this.
        raise Unreadable("the server answers 'Invalid feed': its address is wrong or has expired", subject=url)
    language = _text(channel, "language")
    items = (_item(entry, language, url, now) for entry in entries)
    links = {_text(link, "rel"): _text(link, "href") for link in reversed(_dicts(channel, "links"))}
    return ParsedFeed(
        title=title,
        items=tuple([item for item in items if item is not None]),
        hashes=hashes,
        form=_form(document.version or "", head.name),
        total=total,
        hub=web_link(links.get("hub", ""), url),
        self_url=web_link(links.get("self", ""), url),
        ttl=_ttl(channel),
        whole=whole,
    )


def _form(version: str, root: str) -> str:
    if version.startswith("atom") or (not version and root == "feed"):
        return "atom"
    return "rdf" if root == "rdf" or version in ("rss10", "rss090") else "rss"


def _ttl(channel: Any) -> timedelta | None:
    try:
        if minutes := int(_text(channel, "ttl") or 0):
            return timedelta(minutes=minutes) if 0 < minutes < 100_000 else None
        hours = _PERIODS.get(_text(channel, "sy_updateperiod").strip().lower(), 0)
        frequency = int(_text(channel, "sy_updatefrequency") or 1)
    except ValueError:
        return None
    if not hours or frequency < 1 or (hours, frequency) == (1, 1):
        return None  # once an hour is what WordPress writes when nobody chose anything
    return timedelta(hours=hours) / frequency


def _item(entry: Any, language: str, url: str, now: datetime) -> Item | None:
    title = _title(entry)
    guid = _text(entry, "id").strip()
    link = _link(entry, guid, url)
    summary, content = _texts(entry)
    if not (title or link or summary or content):
        return None
    source = _dict(entry, "source")
    spoken = _text(entry, "language") or _text(_dict(entry, "title_detail"), "language") or language
    return Item(
        id=guid if guid and len(guid) <= 1_000 else link or _entry_hash(entry),
        title=title,
        link=link,
        published=_published(entry, now),
        summary=summary,
        content=content,
        authors=split_authors(_names(entry)),
        lang=plain_text.language(spoken),
        source_title=plain_text.plain(_text(source, "title"), TITLE_CAP),
        source_url=web_link(_text(source, "href") or _text(source, "link"), url),
    )


def _title(context: Any) -> str:
    value = _text(context, "title")
    if _text(_dict(context, "title_detail"), "type") in _HTML_TYPES:
        return plain_text.from_html(value, TITLE_CAP)
    return plain_text.plain(value, TITLE_CAP)


def _link(entry: Any, guid: str, url: str) -> str:
    candidates = [_text(entry, "feedburner_origlink"), _text(entry, "link")]
    candidates += [_text(link, "href") for link in _dicts(entry, "links") if _text(link, "rel") == "alternate"]
    for candidate in candidates:
        if candidate and (link := web_link(candidate, url)):
            return link
    return web_link(guid, "") if guid.startswith(("http://", "https://")) else ""


def _published(entry: Any, now: datetime) -> datetime | None:
    # RDF's dc:date arrives as 'updated'.
    for name in ("published", "created", "updated"):
        if when := plausible(parse_date(_text(entry, name)), now):
            return when
    return None


def _names(entry: Any) -> list[str]:
    names = [_text(author, "name") for author in _dicts(entry, "authors")]
    return names if any(names) else [_text(entry, "author")]


def _texts(entry: Any) -> tuple[str, str]:
    """Summary and content. The first content may be the caption of a photo (media:description): content is the longest
    HTML there is, the summary included; it is left empty when it says no more than the summary."""
    raw = _text(entry, "summary")
    longer = []
    for content in _dicts(entry, "content"):
        value = _text(content, "value")
        if value and (_text(content, "type") in _HTML_TYPES or plain_text.is_markup(value)):
            longer.append(value)
    if _text(_dict(entry, "summary_detail"), "type") in _HTML_TYPES or plain_text.is_markup(raw):
        summary = plain_text.from_html(raw, SUMMARY_CAP)
        longer.append(raw)
    else:
        summary = plain_text.plain(raw, SUMMARY_CAP)
    summary = plain_text.without_footer(summary)
    if not longer:
        return summary, ""
    texts = (plain_text.paragraphs(html, CONTENT_CAP) for html in sorted(longer, key=len, reverse=True)[:3])
    content = max(map(plain_text.without_footer, texts), key=len)
    return summary, "" if content == summary else content


def _entry_hash(entry: Any) -> str:
    parts = [_text(entry, name) for name in ("id", "title", "link", "published", "updated", "summary")]
    parts += [_text(content, "value") for content in _dicts(entry, "content")]
    return piece_hash("\x1f".join(parts).encode("utf-8", "replace"))


# Any element of a feed may take the place of what feedparser keeps under its name: <authors>, <links>, <title_detail>.
# Read with dict.get, because FeedParserDict answers 'updated' with 'published', and warns about it.
def _text(context: Any, name: str) -> str:
    value = dict.get(context, name)
    return value if isinstance(value, str) else ""


def _dict(context: Any, name: str) -> Any:
    value = dict.get(context, name)
    return value if isinstance(value, dict) else {}


def _dicts(context: Any, name: str) -> list[Any]:
    value = dict.get(context, name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []

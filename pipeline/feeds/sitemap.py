"""News sitemaps: ``<urlset>`` with ``<news:news>``, as publishers keep them for Google News.

https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap
"""

from __future__ import annotations

from datetime import datetime
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

from pipeline.errors import Unreadable
from pipeline.feeds import pieces as cutting
from pipeline.feeds.dates import parse_date, plausible
from pipeline.feeds.parsed import MAX_ITEMS, TITLE_CAP, ParsedFeed, web_link
from pipeline.feeds.text import language, plain
from pipeline.model import Item

_NEWS = b"http://www.google.com/schemas/sitemap-news/"


def read_sitemap(body: bytes, head: cutting.Head, *, url: str, seen: frozenset[str], now: datetime) -> ParsedFeed:
    """The unseen news of a news sitemap in UTF-8; its addresses without news are passed over. Raises ``Unreadable``
    for an index of sitemaps, for a sitemap without news, and for what is not well-formed."""
    if head.name == "sitemapindex":
        raise Unreadable("an index of sitemaps, no feed: add the news sitemap that it lists", subject=url)
    if _NEWS not in body:
        raise Unreadable("a sitemap without news, no feed", subject=url)
    cut = None if head.subset else cutting.cut(body, head)
    if cut is None:
        raise Unreadable("a news sitemap that is not well-formed", subject=url)
    hashes = cut.hashes(MAX_ITEMS)
    title, items = "", []
    for element in _urls(cut.only(frozenset(cutting.unseen(hashes, seen))), url):
        link, news = web_link(_text(element, "loc"), url), _child(element, "news")
        if news is None or not link:
            continue
        publication = _child(news, "publication")
        title = title or plain(_text(publication, "name"), TITLE_CAP)
        items.append(
            Item(
                id=link,
                title=plain(_text(news, "title"), TITLE_CAP),
                link=link,
                published=plausible(parse_date(_text(news, "publication_date")), now),
                lang=language(_text(publication, "language")),
            )
        )
    return ParsedFeed(title=title, items=tuple(items), hashes=hashes, form="sitemap", total=len(cut.spans))


def _urls(document: bytes, url: str) -> list[Element]:
    try:
        root = fromstring(document, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Unreadable(f"a news sitemap that is not well-formed: {error}", subject=url) from None
    return [element for element in root if _local(element) == "url"]


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _child(element: Element, name: str) -> Element | None:
    return next((child for child in element if _local(child) == name), None)


def _text(element: Element | None, name: str) -> str:
    child = None if element is None else _child(element, name)
    return "" if child is None else (child.text or "").strip()

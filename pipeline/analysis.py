"""What a workshop child does with one page: extract it and read the policy in it, in one crossing.

Pure functions of their arguments; the heavy libraries are imported in the child only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.model import Feed, Item, Page, Reading, TextFrom

FEED_TEXT_TRUST = 0.9
"""A feed's summary says less than the page: its reports count for so much of their confidence."""
STUB_WORDS = 60
"""A page with fewer words than this and than the feed's own text is a stub in front of a paywall."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """A page or a feed item, read."""

    page: Page
    reading: Reading
    text_from: TextFrom
    sentences: tuple[int, ...]
    """Hashes of its sentences, for the boilerplate filter."""


def analyse_page(body: bytes, url: str, content_type: str, item: Item, feed: Feed) -> Analysis:
    """Reads a fetched page. Raises ``Unreadable`` when it is no page. Falls back to the feed's own text when the
    page says that it is closed, or is a stub, and the feed holds more."""
    from pipeline.articles.extract import read_page

    page = read_page(body, url=url, content_type=content_type, item=item)
    words = len(page.text.split())
    if (page.paywalled or words < STUB_WORDS) and len(_own_text(item).split()) > words:
        return _analyse(replace(page, text=_own_text(item)), feed, "feed")
    if not words:
        return _analyse(page, feed, "headline")
    return _analyse(page, feed, "page")


def analyse_item(item: Item, url: str, feed: Feed) -> Analysis:
    """Reads what the feed itself says: its content, else its summary, else the headline alone."""
    text = _own_text(item)
    page = Page(
        url=url,
        canonical=url,
        title=item.title,
        text=text,
        authors=item.authors,
        lang=item.lang,
        published=item.published,
        published_origin="feed" if item.published else None,
    )
    return _analyse(page, feed, "feed" if text else "headline")


def _own_text(item: Item) -> str:
    return item.content if len(item.content) > len(item.summary) else item.summary


def _analyse(page: Page, feed: Feed, text_from: TextFrom) -> Analysis:
    from pipeline.articles.copies import sentences
    from pipeline.policy import read

    reading = read(
        page.title,
        page.text,
        published=page.told,
        source=feed.source,
        source_kind=feed.kind,
        home=feed.place,
        url=page.canonical,
        lang=page.lang,
        section=page.section,
    )
    if text_from != "page":
        reading = replace(
            reading,
            reports=tuple(
                replace(
                    report,
                    confidence=round(report.confidence * FEED_TEXT_TRUST, 3),
                    alertable=report.alertable and text_from == "feed",
                )
                for report in reading.reports
            ),
        )
    hashes = tuple(hashed for hashed, _ in sentences(page.text)) if reading.relevant else ()
    return Analysis(page, reading, text_from, hashes)

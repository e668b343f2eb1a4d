"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline.errors import Unreadable
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
from pipeline.feeds.pieces import unseen
from pipeline.model import Item


def read_json(body: bytes, *, url: str, seen: frozenset[str], now: datetime) -> ParsedFeed:
    """The unseen items of a JSON Feed. Raises ``Unreadable`` when the body is not JSON, or JSON of another kind."""
    try:
        feed = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Unreadable("neither XML nor valid JSON", subject=url) from None
    if not isinstance(feed, dict) or "jsonfeed.org/version/1" not in _text(feed, "version"):
        raise Unreadable("JSON, but no JSON Feed", subject=url)
    raw = feed.get("items")
    raw_items = [item for item in raw if isinstance(item, dict)] if isinstance(raw, list) else []
    hashes = [piece_hash(json.dumps(item, sort_keys=True).encode()) for item in raw_items[:MAX_ITEMS]]
    items = [_item(raw_items[index], feed, hashes[index], url, now) for index in unseen(hashes, seen)]
    hubs = [hub for hub in _list(feed, "hubs") if _text(hub, "type").lower() == "websub"]
    return ParsedFeed(
        title=plain_text.plain(_text(feed, "title"), TITLE_CAP),
        items=tuple([item for item in items if item.title or item.link or item.summary or item.content]),
        hashes=tuple(hashes),
        form="json",
        total=len(raw_items),
        hub=web_link(_text(hubs[0], "url"), url) if hubs else "",
        self_url=web_link(_text(feed, "feed_url"), url),
    )


def _item(raw: Mapping[str, Any], feed: Mapping[str, Any], hash_: str, url: str, now: datetime) -> Item:
    link = web_link(_text(raw, "url"), url) or web_link(_text(raw, "external_url"), url)
    id_ = plain_text.one_line(_text(raw, "id"), 1_000)
    if not link and id_.startswith(("http://", "https://")):
        link = web_link(id_, "")
    html, text = _text(raw, "content_html"), _text(raw, "content_text")
    content = plain_text.paragraphs(html, CONTENT_CAP) if html else _lines(text)
    summary = plain_text.plain(_text(raw, "summary"), SUMMARY_CAP) or plain_text.one_line(content, SUMMARY_CAP)
    dates = (plausible(parse_date(_text(raw, name)), now) for name in ("date_published", "date_modified"))
    authors = _list(raw, "authors") or _list(raw, "author") or _list(feed, "authors") or _list(feed, "author")
    return Item(
        id=id_ or link or hash_,
        title=plain_text.plain(_text(raw, "title"), TITLE_CAP),
        link=link,
        published=next((date for date in dates if date), None),
        summary=summary,
        content="" if content == summary else content,
        authors=split_authors(_text(author, "name") for author in authors),
        lang=plain_text.language(_text(raw, "language") or _text(feed, "language")),
    )


def _lines(text: str) -> str:
    blocks = (plain_text.one_line(block, CONTENT_CAP) for block in re.split(r"\n\s*\n", text[: 2 * CONTENT_CAP]))
    return "\n\n".join(block for block in blocks if block)[:CONTENT_CAP]


def _text(mapping: Mapping[str, Any], name: str) -> str:
    value = mapping.get(name)
    # An id may be a number in version 1.0; true and false are nobody's text.
    return value if isinstance(value, str) else str(value) if type(value) in (int, float) else ""


def _list(mapping: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = mapping.get(name)
    values = value if isinstance(value, list) else [value]
    return [value for value in values if isinstance(value, dict)]

"""A search as an RSS 2.0 feed of its newest articles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import format_datetime
from itertools import islice
from xml.etree import ElementTree as ET

from analyst.answers.board import measure_lines
from analyst.answers.text import moment
from analyst.exports.reported import reported
from analyst.exports.rows import Result, row

ITEMS = 50
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold."""


def write(result: Result) -> Iterator[bytes]:
    """The feed. Texts stand in it as text: whatever HTML they hold is shown, not run."""
    feed = ET.Element("rss", version="2.0")
    channel = ET.SubElement(feed, "channel")
    _add(channel, "title", f"sanctuary-watch: {result.name or result.query or 'everything'}")
    _add(channel, "link", result.address)
    _add(channel, "description", f"Query: {result.query or '(all)'}. Retrieved {moment(result.retrieved)}.")
    _add(channel, "lastBuildDate", format_datetime(result.retrieved))
    _add(channel, "generator", "sanctuary-watch")
    lines = measure_lines(result.archive)
    for article in islice(result.articles(), ITEMS):
        seen = row(article, result, lines)
        told = [str(one) for one in reported(lines, article) if one.name]
        item = ET.SubElement(channel, "item")
        _add(item, "title", seen["title"])
        _add(item, "link", seen["url"])
        _add(item, "guid", seen["id"]).set("isPermaLink", "false")
        if article.published is not None:
            _add(item, "pubDate", format_datetime(article.published))
        _add(item, "category", seen["source"])
        # A reader takes a description for HTML: what is text has to be escaped for that as well.
        reports = f" Reports {'; '.join(told)}." if told else ""
        _add(item, "description", _as_html(f"{seen['source']}: {seen['snippet']}{reports}"))
    yield ET.tostring(feed, encoding="utf-8", xml_declaration=True) + b"\n"


def _add(to: ET.Element, name: str, text: str) -> ET.Element:
    made = ET.SubElement(to, name)
    made.text = _NOT_XML.sub(" ", text)
    return made


def _as_html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

"""Lists of feeds as files: OPML 2.0 whose outlines carry ``place``, ``kind`` and ``owner``, and CSV.

The shipped lists are made from ``config/feeds.csv``; after changing that file::

    python -m pipeline.feeds.opml config/feeds.csv config/feeds.opml config/aggregators.opml

The second list gets the aggregators, which are off until somebody imports it: their terms are their own.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit
from xml.sax import ContentHandler, SAXParseException
from xml.sax.saxutils import quoteattr

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.sax import parseString  # type: ignore[import-untyped]

from pipeline.errors import UserError
from pipeline.feeds.text import one_line
from pipeline.model import SOURCE_KINDS, Feed

STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky",
    "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire",
    "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota",
    "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont",
    "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
    "AS": "American Samoa", "GU": "Guam", "MP": "Northern Mariana Islands", "PR": "Puerto Rico",
    "VI": "U.S. Virgin Islands",
}  # fmt: skip
"""Postal codes and names: states, the District of Columbia, territories."""

_CODES = {name.casefold(): code for code, name in STATES.items()}
_NATION = {"us", "usa", "u.s.", "united states"}
_PLACE = re.compile(r"(?P<city>[^,]*[^,\s])(?:,\s*|\s+)(?P<state>[A-Za-z]{2})")
_KIND_OF_TYPE = {"think tank": "advocacy", "data": "advocacy", "news/advocacy": "advocacy"}
"""Publishers with a cause of their own are no press, whatever they call themselves."""
_THIN_EVIDENCE = {"S?", "D"}
"""A guess, a page that only lists feeds, or general knowledge: not shipped before somebody has looked."""
_COLUMNS = {
    "url": ("url", "xmlurl"),
    "title": ("title", "name"),
    "place": ("place", "home"),
    "kind": ("kind", "type"),
    "owner": ("owner",),
}
_TITLE_CAP = 200
_OWNER_CAP = 100
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!-- place: where the outlet is at home. kind: {kinds}.
     owner: who owns the outlet, where somebody said so; config/owners.csv knows more.
     checked: the day the monitor last read the feed, "no" when it never did. -->
<opml version="2.0">
  <head>
    <title>sanctuary-watch feeds</title>
  </head>
  <body>
"""


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One feed of a list."""

    url: str
    title: str = ""
    place: str = ""
    """``"Los Angeles, CA"``, ``"CA"``, ``"US"`` or ``""``."""
    kind: str = ""
    """A ``model.SourceKind``, or "" when the list does not say."""
    owner: str = ""
    """Who owns the outlet, or "" when the list does not say."""
    enabled: bool = True
    """False: listed, but off. In OPML a comment (``isComment``); in a CSV with a column ``evidence`` an aggregator, or
    a feed for whose existence the evidence is thin."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """An outline that names a feed nobody could watch."""

    url: str
    title: str
    reason: str
    """What is wrong, and in which line of the file."""


def read_place(text: str) -> str:
    """A home place in the form of ``Feed.place``: "Sacramento CA", "sacramento, ca", "California" and "US" are
    understood, also behind "aggregator, ". Raises ``UserError``."""
    text = one_line(text, 200).removeprefix("aggregator, ")
    folded = text.casefold()
    if not text:
        return ""
    if folded in _NATION:
        return "US"
    if text.upper() in STATES:
        return text.upper()
    if folded in _CODES:
        return _CODES[folded]
    match = _PLACE.fullmatch(text)
    if match and match["state"].upper() in STATES:
        city = match["city"]
        return f"{city.title() if city.islower() else city}, {match['state'].upper()}"
    raise UserError(f"place {text!r} must be 'City, ST', the code or name of a state, or 'US'")


def read_kind(text: str) -> str:
    """A source kind from its name or from the wording of candidate lists ("news (Spanish)", "news/opinion", "think
    tank"); "" from "". Raises ``UserError``."""
    name = re.sub(r"\s*\([^()]*\)", "", one_line(text, 200)).casefold()
    name = _KIND_OF_TYPE.get(name, name.split("/")[0].strip())
    if name and name not in SOURCE_KINDS:
        raise UserError(f"kind {text!r} must be one of {', '.join(SOURCE_KINDS)}")
    return name


def read_owner(text: str) -> str:
    """An owner's name in the form of ``Feed.owner``: one line of at most 100 characters."""
    return one_line(text, _OWNER_CAP)


def read_opml(data: bytes) -> list[FeedLine]:
    """The feeds of an OPML file, as ``read_outlines`` finds them. Raises ``UserError`` with the line of the first that
    cannot be used."""
    lines = []
    for outline in read_outlines(data):
        if isinstance(outline, Unusable):
            raise UserError(outline.reason)
        lines.append(outline)
    return lines


def read_outlines(data: bytes) -> list[FeedLine | Unusable]:
    """The feeds of an OPML file, in its order, and what cannot be used of it. An outline without ``place``,
    ``kind`` or ``owner`` takes those of the outlines around it. Raises ``UserError`` when it is no OPML."""
    handler = _Outlines()
    try:
        parseString(data, handler, forbid_dtd=True)
    except SAXParseException as error:
        raise UserError(f"line {error.getLineNumber()}: not well-formed XML: {error.getMessage()}") from None
    except DefusedXmlException:
        raise UserError(
            "it has a document type or entities (<!DOCTYPE …>), which are not read: take them out"
        ) from None
    except ValueError as error:
        raise UserError(f"not an OPML file that can be read: {error}") from None
    if not handler.is_opml:
        raise UserError("not an OPML file: its root element is not <opml>")
    return handler.lines


def read_csv(text: str) -> list[FeedLine]:
    """The feeds of a CSV file with a heading line: ``url`` and, if there, ``title`` (or ``name``), ``place`` (or
    ``home``), ``kind`` (or ``type``), ``owner``, ``evidence``. Raises ``UserError`` with the line of what cannot be
    used."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    lines: list[FeedLine] = []
    try:
        heading = [cell.strip().casefold() for cell in next(reader, [])]
        at = {
            field: next((heading.index(name) for name in names if name in heading), -1)
            for field, names in (*_COLUMNS.items(), ("evidence", ("evidence",)))
        }
        if at["url"] < 0:
            raise UserError("line 1: a heading line with a column 'url' is missing")
        for row in reader:
            if any(cell.strip() for cell in row):
                cells = {field: row[i].strip() if 0 <= i < len(row) else "" for field, i in at.items()}
                line = _line(cells, f"line {reader.line_num}")
                thin = _THIN_EVIDENCE & set(cells["evidence"].replace(" ", "").split(","))
                off = at["evidence"] >= 0 and (thin or line.kind == "aggregator")
                lines.append(replace(line, enabled=not off))
    except csv.Error as error:
        raise UserError(f"line {reader.line_num}: {error}") from None
    return lines


def write_opml(feeds: Iterable[Feed]) -> str:
    """An OPML 2.0 document of the feeds, grouped by state, that ``read_opml`` reads back."""
    return _write(
        (
            FeedLine(feed.url, feed.title, feed.place, feed.kind, feed.owner),
            feed.last_success.date().isoformat() if feed.last_success else "no",
        )
        for feed in feeds
    )


def _write(lines: Iterable[tuple[FeedLine, str]]) -> str:
    groups: dict[str, list[str]] = {}
    for line, checked in sorted(lines, key=lambda pair: (pair[0].title.casefold(), pair[0].url)):
        title = line.title or line.url
        attributes = {"text": title, "title": line.title, "type": "rss", "xmlUrl": line.url}
        attributes |= {"place": line.place, "kind": line.kind, "owner": line.owner, "checked": checked}
        written = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items() if value)
        groups.setdefault(STATES.get(line.place[-2:], ""), []).append(f"      <outline {written}/>\n")
    parts = [_HEAD.format(kinds=", ".join(SOURCE_KINDS))]
    for state, outlines in sorted(groups.items()):
        parts += [f"    <outline text={quoteattr(state or 'United States')}>\n", *outlines, "    </outline>\n"]
    return "".join((*parts, "  </body>\n</opml>\n"))


def _line(cells: dict[str, str], where: str) -> FeedLine:
    url = cells["url"]
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and url.isprintable() and " " not in url
    except ValueError:
        usable = False
    if not usable:
        raise UserError(f"{where}: {url!r} is no http or https address")
    try:
        place, kind = read_place(cells["place"]), read_kind(cells["kind"])
    except UserError as error:
        raise UserError(f"{where}: {error.reason}") from None
    return FeedLine(url, one_line(cells["title"], _TITLE_CAP), place, kind, read_owner(cells["owner"]))


class _Outlines(ContentHandler):
    """Collects the outlines that are feeds."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[FeedLine | Unusable] = []
        self.is_opml = False
        self._around: list[dict[str, str]] = []
        self._depth = 0

    def startElement(self, name: str, attrs: object) -> None:  # noqa: N802 - SAX's name
        self._depth += 1
        if self._depth == 1:
            self.is_opml = name.lower() == "opml"
        if name.lower() != "outline":
            return
        given = {key.lower(): value.strip() for key, value in cast(Iterable[tuple[str, str]], attrs.items())}  # type: ignore[attr-defined]
        outer = self._around[-1] if self._around else {"place": "", "kind": "", "owner": "", "iscomment": ""}
        inner = {key: given.get(key) or value for key, value in outer.items()}
        self._around.append(inner)
        if url := given.get("xmlurl"):
            title = given.get("title") or given.get("text") or ""
            cells = {"url": url, "title": "" if title == url else title, **inner}
            try:
                line = _line(cells, f"line {self._locator.getLineNumber()}")  # type: ignore[attr-defined]
            except UserError as error:
                self.lines.append(Unusable(url, one_line(title, _TITLE_CAP), error.reason))
                return
            off = inner["iscomment"].lower() == "true"
            self.lines.append(replace(line, enabled=not off))

    def endElement(self, name: str) -> None:  # noqa: N802 - SAX's name
        self._depth -= 1
        if name.lower() == "outline":
            self._around.pop()


def _main(arguments: list[str]) -> None:
    source, feeds, aggregators = map(Path, arguments)
    lines = read_csv(source.read_text("utf-8"))
    feeds.write_text(_write((line, "no") for line in lines if line.enabled), "utf-8")
    aggregators.write_text(_write((line, "no") for line in lines if line.kind == "aggregator"), "utf-8")


if __name__ == "__main__":
    _main(sys.argv[1:])

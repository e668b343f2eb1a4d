"""A whole result as rows, page by page: constant memory, however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from typing_extensions import TypedDict

from analyst.answers.board import Lines, measure_lines
from analyst.answers.find import checked_zone
from analyst.answers.stories import found
from analyst.answers.text import moment
from analyst.exports.reported import reported
from pipeline.archive.base import Archive, Hits
from pipeline.archive.query import Node, parse
from pipeline.model import Article

PAGE = 500
"""Articles read at once."""


class Row(TypedDict):
    """An article in an export."""

    id: str
    published: str | None
    source: str
    title: str
    url: str
    kind: str
    lang: str
    places: list[str]
    measures: list[str]
    measure_places: list[str]
    """This and the next four say something of each of ``measures``, in their order; '' where it is not known."""
    measure_names: list[str]
    measure_stages: list[str]
    measure_dates: list[str]
    measure_votes: list[str]
    stages: list[str]
    directions: list[str]
    story: str
    copy_of: str | None
    snippet: str
    """At most 300 characters around the words sought."""
    query: str
    retrieved: str


COLUMNS = tuple(Row.__annotations__)


@dataclass(frozen=True)
class Result:
    """What a query finds, its first page read already."""

    archive: Archive
    query: str
    name: str
    """Of the saved search; else ''."""
    zone: str
    retrieved: datetime
    tree: Node | None
    first: Hits
    base: str
    """Where our pages are, without a slash at the end."""

    @property
    def address(self) -> str:
        """The page of this search."""
        given = {"q": self.query, "tz": self.zone if self.zone != "UTC" else ""}
        return f"{self.base}/?{urlencode({name: value for name, value in given.items() if value})}".rstrip("?")

    def articles(self) -> Iterator[Article]:
        """All of them, newest first."""
        hits = self.first
        while True:
            yield from hits.articles
            if not hits.next:
                return
            hits = self.archive.search(self.tree, limit=PAGE, after=hits.next, zone=self.zone)

    def rows(self) -> Iterator[Row]:
        """All of them as rows."""
        lines = measure_lines(self.archive)
        return (row(article, self, lines) for article in self.articles())


def ask(
    archive: Archive,
    query: str,
    *,
    zone: str = "UTC",
    name: str = "",
    now: datetime,
    first: int = PAGE,
    base: str = "",
) -> Result:
    """``first``: articles of the first page, for forms that need few; ``base``: where our pages are. Raises
    ``QueryError``, and ``UserError`` on an unknown zone or a query that takes too long: before anything is written."""
    tree = parse(query)
    hits = archive.search(tree, limit=first, zone=checked_zone(zone))
    return Result(archive, query, name, zone, now, tree, hits, base)


def row(article: Article, of: Result, lines: Lines) -> Row:
    """An article as a row."""
    seen = found(article, of.tree)
    told = reported(lines, article)
    return {
        "id": seen["id"],
        "published": seen["published"],
        "source": seen["source"],
        "title": seen["title"],
        "url": seen["url"],
        "kind": seen["kind"],
        "lang": article.lang,
        "places": seen["places"],
        "measures": seen["measures"],
        "measure_places": [one.place for one in told],
        "measure_names": [one.name for one in told],
        "measure_stages": [one.stage for one in told],
        "measure_dates": [one.date for one in told],
        "measure_votes": [one.vote for one in told],
        "stages": list(article.stages),
        "directions": list(article.directions),
        "story": seen["story"],
        "copy_of": seen["copy_of"],
        "snippet": seen["snippet"],
        "query": of.query,
        "retrieved": moment(of.retrieved),
    }

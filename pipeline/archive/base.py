"""What is known: the record. Two implementations, SQLite and Elasticsearch, one conformance suite.

The store only keeps; decisions stay in Python. A write is on disk (or acknowledged by the cluster) when the call
returns; reading by id sees it at once, ``scan`` and searches may lag some seconds until ``refresh``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Generic, Literal, Protocol, TypeAlias, TypeVar

from pipeline.archive.days import By
from pipeline.archive.query import Node
from pipeline.model import Article, R, Record

T = TypeVar("T")
Version = str
"""Opaque; equal only while the record is unchanged."""
Where: TypeAlias = Mapping[str, str | tuple[str, ...]]
"""Keys of a record and the value that each must have, or the values one of which it must have."""


@dataclass(frozen=True, slots=True)
class Stored(Generic[T]):
    """A record and the version that ``replace`` must name."""

    record: T
    version: Version


@dataclass(frozen=True, slots=True)
class Created:
    """What became of one record in ``create_many``."""

    id: str
    outcome: Literal["created", "exists", "refused"]
    reason: str = ""
    version: Version = ""
    """Of what was created."""


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of a search."""

    total: int
    articles: tuple[Article, ...]
    next: str
    """Cursor of the next page ('' on the last one). Opaque; only for the same query and sort."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """One day, week (from Monday) or month of a timeline, in the analyst's zone."""

    start: date
    articles: int
    stories: int
    coverage: int
    """All dated entries, in the bucket, of the sources that have a hit anywhere in the result."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Buckets in order, without gaps between the first and the last hit."""

    buckets: tuple[Bucket, ...]
    undated: int
    """Articles found that have no date."""


@dataclass(frozen=True, slots=True)
class SourceCount:
    """One source of a result."""

    source: str
    articles: int
    stories: int
    entries: int
    """All entries of the source, whatever became of them (share = stories / entries)."""
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source of a result over time."""

    source: str
    articles: int
    """Undated ones included."""
    counts: Mapping[date, int]
    """Its articles by the first day of their day, week or month; where there are none, there is no count."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One value of a field, and how many articles of the result have it."""

    value: str
    articles: int


@dataclass(frozen=True, slots=True)
class Charts:
    """What was counted of a result. What was not asked for is empty."""

    timeline: Timeline = Timeline((), 0)
    sources: tuple[SourceCount, ...] = ()
    """Most articles first, then by name."""
    heat: tuple[SourceLine, ...] = ()
    """In the same order."""
    facets: Mapping[str, tuple[Facet, ...]] = field(default_factory=dict)
    """The most frequent values of each field, then by name."""


class Archive(Protocol):
    """Get, create once, compare-and-set, scan; and the analyst's questions."""

    def get(self, kind: type[R], id: str) -> Stored[R] | None:
        """A record by id, with its version."""

    def create(self, record: Record) -> Version | None:
        """Create once: the version of what was created, None when the id exists (nothing is changed then)."""

    def create_many(self, records: Sequence[Record]) -> list[Created]:
        """Create once for each, in as few round trips as the store allows; an outcome per record, in order."""

    def replace(self, record: Record, version: Version) -> Version:
        """Compare-and-set of the whole record; returns the new version. Raises ``errors.Conflict`` when the
        stored version is another one or the record is gone."""

    def delete(self, kind: type[R], id: str) -> bool:
        """Removes a record; False when there was none."""

    def scan(
        self,
        kind: type[R],
        where: Where | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        after: str = "",
        n: int = 500,
    ) -> list[Stored[R]]:
        """Up to ``n`` records of a kind in order of id, after the id ``after``: those whose ``keys()`` equal
        ``where`` (or one of its several values) and whose ``moment`` is at or after ``since`` and at or before
        ``until``."""

    def count(self, kind: type[R], where: Where | None = None) -> int:
        """How many such records there are."""

    def search(
        self,
        query: Node | None,
        *,
        sort: Literal["newest", "relevance"] = "newest",
        limit: int = 20,
        after: str = "",
        zone: str = "UTC",
    ) -> Hits:
        """Articles that match. Newest first is ``published`` descending, undated last, id descending.
        Raises ``errors.UserError`` on a cursor that is not one, ``query.QueryError`` never (the tree is valid)."""

    def charts(
        self,
        query: Node | None,
        *,
        by: By = "day",
        timeline: bool = False,
        sources: bool = False,
        heat: int = 0,
        facets: Mapping[str, int] | None = None,
        zone: str = "UTC",
    ) -> Charts:
        """Counts of the articles that match. What is shown together is to be asked for together: the result is found
        once for all of it. ``timeline``: over time; ``sources``: who covered it; ``heat``: so many sources, those with
        most articles, over time; ``facets``: so many of the most frequent values of each field, which is one of
        ``asking.FACETS``. Time is counted ``by`` day, week or month of the zone. Raises ``errors.UserError`` on a
        field that cannot be counted and on too many days."""

    def health(self) -> str:
        """'' when well, else one sentence for the operator."""

    def refresh(self, *kinds: type[Record]) -> None:
        """Whatever was written before, of these kinds (none given: of all), is visible to ``scan`` and searches
        afterwards. Naming kinds spares a server the others: fresh articles are the most expensive to show."""

    def verify(self) -> list[str]:
        """What does not agree with itself (index against records, names of what is not there), a sentence each."""

    def backup(self, path: Path) -> None:
        """Writes a consistent copy while others write. Raises ``UserError`` when the file is there or cannot be."""

    def forget(self, id: str) -> bool:
        """Removes an article and its entry for good; False when there is neither."""

    def close(self) -> None:
        """Lets go of files and connections."""


PAGE = 500
"""Records that ``every`` reads at once."""


def every(
    archive: Archive,
    kind: type[R],
    where: Where | None = None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[Stored[R]]:
    """All such records (see ``Archive.scan``), page by page, in order of id."""
    after = ""
    while True:
        page = archive.scan(kind, where, since=since, until=until, after=after, n=PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].record.id

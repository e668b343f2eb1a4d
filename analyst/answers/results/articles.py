"""What was found: articles, and how many of them when, where and by whom."""

from __future__ import annotations

from typing import NotRequired

# pydantic makes schemas of these only, as long as Python 3.11 is supported.
from typing_extensions import TypedDict


class Found(TypedDict):
    """An article in a list."""

    id: str
    url: str
    title: str
    source: str
    published: str | None
    undated: bool
    story: str
    copy_of: str | None
    kind: str
    places: list[str]
    measures: list[str]
    snippet: str
    """At most 300 characters around the words sought."""
    outlets: NotRequired[int]
    """Where copies are folded: how many other outlets ran the story."""
    copies: NotRequired[list[CopyRow]]
    """Where copies are folded: the other articles of the story, oldest first, at most 50."""


class CopyRow(TypedDict):
    """Another article of a story."""

    id: str
    url: str
    title: str
    source: str
    published: str | None


class SearchAnswer(TypedDict):
    """One page of a search."""

    query: str
    total: int
    articles: list[Found]
    next: str | None


class Bucket(TypedDict):
    """One day, week or month."""

    start: str
    articles: int
    stories: int
    coverage: int
    share: float


class Marker(TypedDict):
    """A day on which a measure that the result reports changed its stage."""

    date: str
    stage: str
    measure: str
    place: str
    instrument: str | None
    identifier: str | None
    direction: str | None


class Gap(TypedDict):
    """Buckets in a row in which the feeds brought far less than they usually do."""

    first: str
    last: str
    """Start of the last of these buckets."""
    coverage: int
    usual: int
    """The median of all buckets."""


class TimelineAnswer(TypedDict):
    """Counts over time."""

    query: str
    by: str
    tz: str
    buckets: list[Bucket]
    undated: int
    markers: list[Marker]
    gaps: list[Gap]


class FacetValue(TypedDict):
    """A value, and how many articles of the result have it."""

    value: str
    articles: int


class FacetsAnswer(TypedDict):
    """The most frequent values of some fields in a result."""

    query: str
    facets: dict[str, list[FacetValue]]


class ComparedQuery(TypedDict):
    """One of the compared queries."""

    query: str
    articles: int
    """Dated ones."""
    undated: int


class Count(TypedDict):
    """What one query has in one bucket."""

    articles: int
    stories: int
    coverage: int
    share: float


class ComparedBucket(TypedDict):
    """One day, week or month, with a count for each query in their order."""

    start: str
    counts: list[Count]


class CompareAnswer(TypedDict):
    """Several queries on one timeline."""

    by: str
    tz: str
    queries: list[ComparedQuery]
    buckets: list[ComparedBucket]


class SourceRow(TypedDict):
    """One outlet of a result."""

    source: str
    articles: int
    stories: int
    share: float
    first: str | None
    last: str | None
    owner: str | None
    """Who owns it; null: nobody knows."""


class SourcesAnswer(TypedDict):
    """Who covered it."""

    query: str
    sources: list[SourceRow]
    owners: int
    """Distinct owners of the sources; each source of unknown owner counts as one of its own."""
    unknown_owners: int
    """How many of these sources there are."""


class HeatRow(TypedDict):
    """Articles of one outlet, one number for each bucket."""

    source: str
    articles: int
    """All, undated ones included."""
    counts: list[int]


class HeatmapAnswer(TypedDict):
    """Who covered it when."""

    query: str
    by: str
    tz: str
    starts: list[str]
    sources: list[HeatRow]

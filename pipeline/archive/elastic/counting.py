"""What is counted of a result by Elasticsearch's aggregations: one search among articles for all that is wanted, and
one among entries for what needs them.

Counts are exact, over several shards too: values are asked for again, page by page, when Elasticsearch says that
something may have been left out. The one estimate is how many *different* stories there are: Elasticsearch hashes them,
which is off by one now and then beyond a thousand in one bucket, and by a percent beyond ten thousand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from pipeline.archive.asking import checked_width
from pipeline.archive.base import Bucket, Charts, Facet, SourceCount, SourceLine, Timeline
from pipeline.archive.days import By, bucket_number, bucket_start, instant
from pipeline.archive.elastic.client import Body, Server

VALUES = 5_000
"""Of a field, read at once."""
NAMES = 60_000
"""Sources that one request may name; Elasticsearch allows 65,536."""
_STORIES = {"stories": {"cardinality": {"field": "story", "precision_threshold": 10_000}}}
"""A number for each story: counting 20,000 by source takes a third of the time that their names take. With 40,000, the
most that can be had, a timeline of 1,095 days takes three times as long."""
_OF_SOURCE = {**_STORIES, "first": {"min": {"field": "published"}}, "last": {"max": {"field": "published"}}}
_SOURCE = "where.source"

_EMPTY: Mapping[str, Any] = {"doc_count": 0, "stories": {"value": 0}}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; see ``Archive.charts``."""

    by: By
    zone: str
    timeline: bool
    sources: bool
    heat: int
    facets: Mapping[str, int]

    @property
    def dates(self) -> dict[str, Any]:
        """The buckets of time."""
        return _dates(self.by, self.zone)

    def aggregations(self) -> dict[str, Any]:
        """All that is counted among articles."""
        wanted = {f"facet_{field}": _values(f"label.{field}", n) for field, n in self.facets.items()}
        if self.timeline:
            wanted["dates"] = {**self.dates, "aggs": _STORIES}
            wanted["undated"] = {"missing": {"field": "published"}}
        if self.timeline or self.sources:
            wanted["sources"] = {**_values(_SOURCE, VALUES), "aggs": _OF_SOURCE if self.sources else {}}
        if self.heat:
            wanted["heat"] = self.lines()
        return wanted

    def lines(self) -> dict[str, Any]:
        """The sources with most articles, each by date."""
        return {**_values(_SOURCE, self.heat), "aggs": {"dates": self.dates}}


class Counter:
    """Counts what a query (``selection.select``) finds among articles, and entries of the same sources.

    Aggregations stand within one that filters nothing. At the top of a query for everything Elasticsearch would turn
    each value into a search of its own, which with dates below them takes thirty times as long.
    """

    def __init__(self, server: Server, articles: str, entries: str, timeout: str) -> None:
        self._server = server
        self._articles = articles
        self._entries = entries
        self._timeout = timeout

    def charts(self, query: dict[str, Any], wanted: Wanted) -> Charts:
        """See ``Archive.charts``. Raises ``errors.UserError`` when there would be too many buckets."""
        if not (asked := wanted.aggregations()):
            return Charts()
        found = self._count(self._articles, query, {"all": {"filter": {"match_all": {}}, "aggs": asked}})["all"]
        facets = {field: self._facet(query, field, n, found[f"facet_{field}"]) for field, n in wanted.facets.items()}
        heat = self._heat(query, wanted, found["heat"]) if wanted.heat else ()
        if not (wanted.timeline or wanted.sources):
            return Charts(heat=heat, facets=facets)
        sources = self._sources(query, asked["sources"]["aggs"], found["sources"])
        dates = _by_number(found["dates"]["buckets"], wanted.by) if wanted.timeline else {}
        undated = found["undated"]["doc_count"] if wanted.timeline else 0
        coverage, entries = self._of_entries(list(sources), wanted, dates)
        return Charts(
            _timeline(dates, coverage, undated, wanted.by),
            _source_counts(sources, entries) if wanted.sources else (),
            heat,
            facets,
        )

    # ------------------------------------------------------------------ among articles
    def _facet(self, query: dict[str, Any], field: str, n: int, found: Mapping[str, Any]) -> tuple[Facet, ...]:
        counts = {bucket["key"]: bucket["doc_count"] for bucket in found["buckets"]}
        if found["doc_count_error_upper_bound"]:
            counts = _most(self._every(query, f"label.{field}", {}), n)
        return tuple(Facet(value, count) for value, count in counts.items())

    def _heat(self, query: dict[str, Any], wanted: Wanted, found: Mapping[str, Any]) -> tuple[SourceLine, ...]:
        if found["doc_count_error_upper_bound"]:
            names = list(_most(self._every(query, _SOURCE, {}), wanted.heat))
            narrowed = {"bool": {"must": [query], "filter": [{"terms": {_SOURCE: names}}]}}
            found = self._count(self._articles, narrowed, {"heat": wanted.lines()})["heat"]
        return tuple(
            SourceLine(
                bucket["key"],
                bucket["doc_count"],
                {
                    bucket_start(number, wanted.by): inside["doc_count"]
                    for number, inside in _by_number(bucket["dates"]["buckets"], wanted.by).items()
                },
            )
            for bucket in found["buckets"]
        )

    def _sources(
        self, query: dict[str, Any], aggs: Mapping[str, Any], found: Mapping[str, Any]
    ) -> dict[str, Mapping[str, Any]]:
        """All sources and their buckets."""
        if found["sum_other_doc_count"]:
            return self._every(query, _SOURCE, aggs)
        return {bucket["key"]: bucket for bucket in found["buckets"]}

    def _every(self, query: dict[str, Any], field: str, aggs: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        """All values of a field and their buckets page by page, however many there are; twice as slow."""
        result: dict[str, Mapping[str, Any]] = {}
        pages: dict[str, Any] = {"size": VALUES, "sources": [{"value": {"terms": {"field": field}}}]}
        while True:
            found = self._count(self._articles, query, {"values": {"composite": pages, "aggs": aggs}})["values"]
            result |= {bucket["key"]["value"]: bucket for bucket in found["buckets"]}
            if len(found["buckets"]) < VALUES:
                return result
            pages = {**pages, "after": found["after_key"]}

    # ------------------------------------------------------------------ among entries
    def _of_entries(
        self, names: Sequence[str], wanted: Wanted, dates: Mapping[int, Any]
    ) -> tuple[dict[int, int], dict[str, int]]:
        """Dated entries of some sources in each bucket from the first to the last of ``dates``, and all entries of
        each of the sources, as far as it is wanted. Raises ``errors.UserError`` when there would be too many buckets.
        """
        coverage: dict[int, int] = {}
        entries: dict[str, int] = {}
        inside = _window(dates, wanted) if dates else None
        for some in _portions(names):
            tests: list[dict[str, Any]] = [{"terms": {_SOURCE: some}}]
            asked: dict[str, Any] = {}
            if inside:
                asked["covered"] = {"filter": inside, "aggs": {"dates": wanted.dates}}
            if wanted.sources:
                asked["sources"] = _values(_SOURCE, len(some))
            elif inside:
                tests.append(inside)
            if not asked:
                break
            found = self._count(self._entries, {"bool": {"filter": tests}}, asked)
            if inside:
                for number, bucket in _by_number(found["covered"]["dates"]["buckets"], wanted.by).items():
                    coverage[number] = coverage.get(number, 0) + bucket["doc_count"]
            if wanted.sources:
                entries |= {bucket["key"]: bucket["doc_count"] for bucket in found["sources"]["buckets"]}
        return coverage, entries

    def _count(self, index: str, query: dict[str, Any], aggs: dict[str, Any]) -> Body:
        answer = self._server.search(
            index, query=query, size=0, aggs=aggs, track_total_hits=False, timeout=self._timeout
        )
        return answer["aggregations"]


# ------------------------------------------------------------------ answers
def _timeline(dates: Mapping[int, Mapping[str, Any]], coverage: Mapping[int, int], undated: int, by: By) -> Timeline:
    numbers = range(min(dates), max(dates) + 1) if dates else range(0)
    return Timeline(
        tuple(
            Bucket(bucket_start(number, by), found["doc_count"], found["stories"]["value"], coverage.get(number, 0))
            for number in numbers
            for found in [dates.get(number, _EMPTY)]
        ),
        undated,
    )


def _source_counts(found: Mapping[str, Mapping[str, Any]], entries: Mapping[str, int]) -> tuple[SourceCount, ...]:
    counts = (
        SourceCount(
            source=name,
            articles=bucket["doc_count"],
            stories=bucket["stories"]["value"],
            entries=entries.get(name, 0),
            first=_moment(bucket["first"]["value"]),
            last=_moment(bucket["last"]["value"]),
        )
        for name, bucket in found.items()
    )
    return tuple(sorted(counts, key=lambda each: (-each.articles, each.source)))


def _most(found: Mapping[str, Mapping[str, Any]], n: int) -> dict[str, int]:
    """The ``n`` values with most articles, then by name."""
    counts = {value: int(bucket["doc_count"]) for value, bucket in found.items()}
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:n])


# ------------------------------------------------------------------ questions
def _values(field: str, n: int) -> dict[str, Any]:
    """The ``n`` most frequent values, of equally frequent ones the first by name."""
    return {"terms": {"field": field, "size": n}}


def _window(dates: Mapping[int, Any], wanted: Wanted) -> dict[str, Any]:
    """From the first to the last of some buckets. Raises ``errors.UserError`` when there would be too many."""
    low, high = min(dates), max(dates)
    checked_width(low, high, wanted.by)
    first, end = (instant(bucket_start(number, wanted.by), wanted.zone) for number in (low, high + 1))
    return {"range": {"published": {"gte": first, "lt": end, "format": "epoch_second"}}}


def _dates(by: By, zone: str) -> dict[str, Any]:
    return {
        "date_histogram": {
            "field": "published",
            "calendar_interval": by,
            "time_zone": zone,
            "format": "uuuu-MM-dd",
            "min_doc_count": 1,
        }
    }


def _by_number(buckets: Iterable[Mapping[str, Any]], by: By) -> dict[int, Mapping[str, Any]]:
    return {_number(bucket["key_as_string"], by): bucket for bucket in buckets}


@lru_cache(maxsize=16_384)
def _number(day: str, by: By) -> int:
    return bucket_number(date.fromisoformat(day), by)


def _portions(names: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), NAMES):
        yield list(names[start : start + NAMES])


def _moment(milliseconds: float | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds // 1000, UTC)

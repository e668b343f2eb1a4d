"""Timelines, sources and facets of a result by Elasticsearch's aggregations.

Counts are exact, over several shards too: values are asked for again, page by page, when Elasticsearch says that
something may have been left out. The one estimate is how many *different* stories there are: Elasticsearch hashes them,
which is off by one now and then beyond a thousand in one bucket, and by a percent beyond ten thousand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from pipeline.archive.asking import checked_width
from pipeline.archive.base import Bucket, Facet, SourceCount, Timeline
from pipeline.archive.days import By, bucket_number, bucket_start, instant
from pipeline.archive.elastic.client import Body, Server

VALUES = 5_000
"""Of a field, read at once."""
NAMES = 60_000
"""Sources that one request may name; Elasticsearch allows 65,536."""
_STORIES = {"stories": {"cardinality": {"field": "story", "precision_threshold": 10_000}}}
"""A number for each story: counting 20,000 by source takes a third of the time that their names take. With 40,000, the
most that can be had, a timeline of 1,095 days takes three times as long."""

_EMPTY: Mapping[str, Any] = {"doc_count": 0, "stories": {"value": 0}}


class Counter:
    """Counts what a query (``selection.select``) finds among articles, and entries of the same sources."""

    def __init__(self, server: Server, articles: str, entries: str, timeout: str) -> None:
        self._server = server
        self._articles = articles
        self._entries = entries
        self._timeout = timeout

    def timeline(self, query: dict[str, Any], by: By, zone: str) -> Timeline:
        """Raises ``errors.UserError`` when there would be too many buckets."""
        found = self._count(
            self._articles,
            query,
            {
                "dates": {**_dates(by, zone), "aggs": _STORIES},
                "undated": {"missing": {"field": "published"}},
                "sources": {"terms": {"field": "where.source", "size": VALUES}},
            },
        )
        undated = found["undated"]["doc_count"]
        dates = _by_number(found["dates"]["buckets"], by)
        if not dates:
            return Timeline((), undated)
        low, high = min(dates), max(dates)
        checked_width(low, high, by)
        names = [bucket["key"] for bucket in found["sources"]["buckets"]]
        if found["sources"]["sum_other_doc_count"]:
            names = list(self._every(query, "where.source", {}))
        coverage = self._coverage(names, low, high, by, zone)
        return Timeline(
            tuple(
                Bucket(bucket_start(number, by), found["doc_count"], found["stories"]["value"], coverage.get(number, 0))
                for number in range(low, high + 1)
                for found in [dates.get(number, _EMPTY)]
            ),
            undated,
        )

    def sources(self, query: dict[str, Any]) -> list[SourceCount]:
        """Most articles first, then by name."""
        aggs = {**_STORIES, "first": {"min": {"field": "published"}}, "last": {"max": {"field": "published"}}}
        found = self._values(query, "where.source", aggs)
        entries = self._entries_of(list(found))
        counts = [
            SourceCount(
                source=name,
                articles=bucket["doc_count"],
                stories=bucket["stories"]["value"],
                entries=entries.get(name, 0),
                first=_moment(bucket["first"]["value"]),
                last=_moment(bucket["last"]["value"]),
            )
            for name, bucket in found.items()
        ]
        return sorted(counts, key=lambda each: (-each.articles, each.source))

    def facets(self, query: dict[str, Any], fields: Iterable[str], n: int) -> dict[str, list[Facet]]:
        """The ``n`` most frequent values of each field."""
        asked = {field: {"terms": {"field": f"label.{field}", "size": n}} for field in fields}
        if not asked:
            return {}
        found = self._count(self._articles, query, asked)
        result: dict[str, list[Facet]] = {}
        for field in asked:
            values = [Facet(bucket["key"], bucket["doc_count"]) for bucket in found[field]["buckets"]]
            if found[field]["doc_count_error_upper_bound"]:
                every = self._every(query, f"label.{field}", {})
                values = [Facet(value, bucket["doc_count"]) for value, bucket in every.items()]
                values = sorted(values, key=lambda facet: (-facet.articles, facet.value))[:n]
            result[field] = values
        return result

    # ------------------------------------------------------------------ inside
    def _count(self, index: str, query: dict[str, Any], aggs: dict[str, Any]) -> Body:
        answer = self._server.search(
            index, query=query, size=0, aggs=aggs, track_total_hits=False, timeout=self._timeout
        )
        return answer["aggregations"]

    def _values(self, query: dict[str, Any], field: str, aggs: dict[str, Any]) -> dict[str, Mapping[str, Any]]:
        """All values of a field among articles, and their buckets."""
        terms = {"terms": {"field": field, "size": VALUES}, "aggs": aggs}
        found = self._count(self._articles, query, {"values": terms})["values"]
        if found["sum_other_doc_count"]:
            return self._every(query, field, aggs)
        return {bucket["key"]: bucket for bucket in found["buckets"]}

    def _every(self, query: dict[str, Any], field: str, aggs: dict[str, Any]) -> dict[str, Mapping[str, Any]]:
        """The same page by page, however many there are; twice as slow."""
        result: dict[str, Mapping[str, Any]] = {}
        pages: dict[str, Any] = {"size": VALUES, "sources": [{"value": {"terms": {"field": field}}}]}
        while True:
            found = self._count(self._articles, query, {"values": {"composite": pages, "aggs": aggs}})["values"]
            result |= {bucket["key"]["value"]: bucket for bucket in found["buckets"]}
            if len(found["buckets"]) < VALUES:
                return result
            pages = {**pages, "after": found["after_key"]}

    def _coverage(self, names: Sequence[str], low: int, high: int, by: By, zone: str) -> dict[int, int]:
        """Dated entries of some sources in each of the buckets from ``low`` to ``high``."""
        limits = {"gte": instant(bucket_start(low, by), zone), "lt": instant(bucket_start(high + 1, by), zone)}
        inside = {"range": {"published": {**limits, "format": "epoch_second"}}}
        coverage: dict[int, int] = {}
        for some in _portions(names):
            query = {"bool": {"filter": [{"terms": {"where.source": some}}, inside]}}
            found = self._count(self._entries, query, {"dates": _dates(by, zone)})
            for number, bucket in _by_number(found["dates"]["buckets"], by).items():
                coverage[number] = coverage.get(number, 0) + bucket["doc_count"]
        return coverage

    def _entries_of(self, names: Sequence[str]) -> dict[str, int]:
        """All entries of each of some sources."""
        counts: dict[str, int] = {}
        for some in _portions(names):
            # With room for all that the query lets through, no shard leaves anything out.
            terms = {"terms": {"field": "where.source", "size": len(some)}}
            found = self._count(self._entries, {"terms": {"where.source": some}}, {"sources": terms})
            counts |= {bucket["key"]: bucket["doc_count"] for bucket in found["sources"]["buckets"]}
        return counts


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

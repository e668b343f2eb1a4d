"""Coverage: how much over time, by whom, and several queries side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from statistics import median
from typing import Literal, TypeAlias

from analyst.answers import results
from analyst.answers.board import measure_lines
from analyst.answers.find import checked_zone, facet_values
from analyst.answers.owners import owners
from analyst.answers.results import (
    CompareAnswer,
    Count,
    FacetsAnswer,
    Gap,
    HeatmapAnswer,
    HeatRow,
    Marker,
    SourcesAnswer,
    TimelineAnswer,
)
from analyst.answers.text import instant
from pipeline.archive.base import Archive, Bucket, Facet
from pipeline.archive.days import bucket_number, bucket_start
from pipeline.archive.query import parse
from pipeline.errors import UserError

By = Literal["day", "week", "month"]
Span: TypeAlias = tuple[date | None, date | None]
"""First and last day, both included; None is open."""

MARKED = 200
"""Measures of a result, those that most of its articles report, whose stages are marked."""
COMPARED = 4
"""Queries on one timeline."""
MAX_BUCKETS = 50_000
"""Of a comparison; an archive has the same bound for one timeline."""
ROWS = 20
"""Sources of a heat map."""
THIN = 10
"""Entries in a usual bucket under which a thin one tells nothing."""
FAR_LESS = 0.25
"""Of the usual coverage: under that the feeds were hardly read."""
WIDENED = 4_000
"""Buckets up to which a timeline is widened to the days that were asked for."""


# ------------------------------------------------------------------ over time
def timeline(
    archive: Archive, query: str, *, by: By = "day", zone: str = "UTC", span: Span = (None, None)
) -> TimelineAnswer:
    """Counts over time; ``share`` is stories of all dated entries of the same sources. With the days on which measures
    that the result reports changed their stage, and the times of which too little was read. ``span`` as for
    ``charts``. Raises as ``search``."""
    return charts(archive, query, by=by, zone=zone, span=span)[0]


def charts(
    archive: Archive,
    query: str,
    fields: Sequence[str] = (),
    *,
    n: int = 20,
    by: By = "day",
    zone: str = "UTC",
    span: Span = (None, None),
) -> tuple[TimelineAnswer, FacetsAnswer]:
    """The timeline and the facets (see ``find.facets``) of a result, for which it is found once. Buckets run from the
    first hit to the last one, and further where ``span`` does: so silence at either end is seen. Raises as ``search``,
    and on a field that cannot be counted."""
    asked = {**dict.fromkeys(fields, n), "measure": max(n, MARKED)}
    counted = archive.charts(parse(query), by=by, timeline=True, facets=asked, zone=checked_zone(zone))
    found = counted.timeline.buckets
    buckets = _widened(found, by, span)
    timeline: TimelineAnswer = {
        "query": query,
        "by": by,
        "tz": zone,
        "buckets": [_bucket(bucket) for bucket in buckets],
        "undated": counted.timeline.undated,
        "markers": _markers(archive, counted.facets["measure"][:MARKED], buckets, by),
        "gaps": gaps(found),
    }
    return timeline, {"query": query, "facets": {field: facet_values(counted.facets[field][:n]) for field in fields}}


def _widened(found: Sequence[Bucket], by: By, span: Span) -> Sequence[Bucket]:
    """The buckets with empty ones before and after, of which it is not known how much was published; as they are when
    there are none, or would be more than ``WIDENED``."""
    if not found:
        return found
    low, high = bucket_number(found[0].start, by), bucket_number(found[-1].start, by)
    first = min(low, bucket_number(span[0], by)) if span[0] else low
    last = max(high, bucket_number(span[1], by)) if span[1] else high
    if last - first >= WIDENED:
        return found
    before, after = (
        [Bucket(bucket_start(number, by), 0, 0, 0) for number in numbers]
        for numbers in (range(first, low), range(high + 1, last + 1))
    )
    return [*before, *found, *after]


def _bucket(bucket: Bucket) -> results.Bucket:
    return {"start": bucket.start.isoformat(), **_count(bucket)}


def _count(bucket: Bucket) -> Count:
    return {
        "articles": bucket.articles,
        "stories": bucket.stories,
        "coverage": bucket.coverage,
        "share": _share(bucket.stories, bucket.coverage),
    }


def _markers(archive: Archive, reported: Sequence[Facet], buckets: Sequence[Bucket], by: By) -> list[Marker]:
    if not (buckets and reported):
        return []
    first, end = buckets[0].start.isoformat(), following(buckets[-1].start, by).isoformat()
    lines = measure_lines(archive)
    marks: list[Marker] = [
        {
            "date": action.date,
            "stage": action.stage,
            "measure": line.id,
            "place": line.place,
            "instrument": line.instrument,
            "identifier": line.identifier or None,
            "direction": line.direction,
        }
        for facet in reported
        if (line := lines.get(facet.value)) and not line.merged_into
        for action in line.actions
        if len(action.date) == len("2026-01-31") and first <= action.date < end
    ]
    return sorted(marks, key=lambda mark: (mark["date"], mark["place"], mark["measure"], mark["stage"]))


def gaps(buckets: Sequence[Bucket]) -> list[Gap]:
    """Buckets in a row, the first and the last left out, with less than a quarter of the usual coverage: feeds were
    down, or nobody read them. Nothing where there is too little to tell."""
    usual = median(bucket.coverage for bucket in buckets) if buckets else 0
    if usual < THIN:
        return []
    found: list[Gap] = []
    before: Bucket | None = None
    for bucket in buckets[1:-1]:
        thin = bucket.coverage < FAR_LESS * usual
        start = bucket.start.isoformat()
        if thin and before is not None and found and found[-1]["last"] == before.start.isoformat():
            found[-1] = {**found[-1], "last": start, "coverage": found[-1]["coverage"] + bucket.coverage}
        elif thin:
            found.append({"first": start, "last": start, "coverage": bucket.coverage, "usual": int(usual)})
        before = bucket
    return found


def compare(archive: Archive, queries: Sequence[str], *, by: By = "week", zone: str = "UTC") -> CompareAnswer:
    """Up to four queries on one timeline. Raises as ``search``, and when there are more."""
    if not 1 <= len(queries) <= COMPARED:
        raise UserError(f"1 to {COMPARED} queries can be compared, not {len(queries)}")
    trees = [parse(query) for query in queries]
    lines = [archive.charts(tree, by=by, timeline=True, zone=checked_zone(zone)).timeline for tree in trees]
    counts = [{bucket.start: bucket for bucket in line.buckets} for line in lines]
    starts = between((start for of in counts for start in of), by)
    return {
        "by": by,
        "tz": zone,
        "queries": [
            {
                "query": query,
                "articles": sum(bucket.articles for bucket in line.buckets),
                "undated": line.undated,
            }
            for query, line in zip(queries, lines, strict=True)
        ],
        "buckets": [
            {"start": start.isoformat(), "counts": [_count(of.get(start, Bucket(start, 0, 0, 0))) for of in counts]}
            for start in starts
        ],
    }  # fmt: skip


def between(starts: Iterable[date], by: By) -> list[date]:
    """The starts of all buckets from the first to the last of some. Raises ``UserError`` when there are too many."""
    known = sorted(starts)
    if not known:
        return []
    made = [known[0]]
    while made[-1] < known[-1]:
        made.append(following(made[-1], by))
        if len(made) > MAX_BUCKETS:
            raise UserError(f"from {known[0]} to {known[-1]} are more than {MAX_BUCKETS:,} {by}s; narrow the dates")
    return made


def following(start: date, by: By) -> date:
    """The first day after a bucket."""
    if by == "month":
        return (start + timedelta(days=31)).replace(day=1)
    return start + timedelta(days=1 if by == "day" else 7)


# ------------------------------------------------------------------ by whom
def sources(
    archive: Archive, query: str, *, by: Literal["count", "share", "first"] = "count", zone: str = "UTC"
) -> SourcesAnswer:
    """Who covered it: most articles first, the largest share of its own output first, or who was first; and how many
    owners there are behind them, a source of unknown owner counted as one. Raises as ``search``."""
    counts = archive.charts(parse(query), sources=True, zone=checked_zone(zone)).sources
    known = owners(archive) if counts else {}
    named = [known[row.source] for row in counts if row.source in known]
    unknown = len(counts) - len(named)
    never = "9999"
    order = {
        "count": lambda row: (-row.articles, row.source),
        "share": lambda row: (-_share(row.stories, row.entries), row.source),
        "first": lambda row: (row.first.isoformat() if row.first else never, row.source),
    }
    return {
        "query": query,
        "sources": [
            {
                "source": row.source,
                "articles": row.articles,
                "stories": row.stories,
                "share": _share(row.stories, row.entries),
                "first": instant(row.first),
                "last": instant(row.last),
                "owner": known.get(row.source),
            }
            for row in sorted(counts, key=order[by])
        ],
        "owners": len(set(named)) + unknown,
        "unknown_owners": unknown,
    }


def heatmap(archive: Archive, query: str, *, by: By = "week", n: int = 10, zone: str = "UTC") -> HeatmapAnswer:
    """Articles of the ``n`` sources that have most, by week. Raises as ``search``."""
    if not 1 <= n <= ROWS:
        raise UserError(f"a heat map has 1 to {ROWS} sources, not {n}")
    lines = archive.charts(parse(query), by=by, heat=n, zone=checked_zone(zone)).heat
    starts = between((start for line in lines for start in line.counts), by)
    rows: list[HeatRow] = [
        {"source": line.source, "articles": line.articles, "counts": [line.counts.get(start, 0) for start in starts]}
        for line in lines
    ]
    return {"query": query, "by": by, "tz": zone, "starts": [start.isoformat() for start in starts], "sources": rows}


def _share(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else 0.0

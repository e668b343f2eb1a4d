"""What is counted of a result in the SQLite archive: one pass over columns."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import numpy as np

from pipeline.archive.asking import checked_width
from pipeline.archive.base import Bucket, Facet, SourceCount, SourceLine, Timeline
from pipeline.archive.buckets import buckets
from pipeline.archive.columns import UNDATED, Articles, Entries, Integers
from pipeline.archive.days import By, bucket_start


def timeline(articles: Articles, rows: Integers, entries: Entries, by: By, zone: str) -> Timeline:
    """Raises ``errors.UserError`` on an unknown zone and when there would be too many buckets."""
    published = articles.published[rows]
    dated = rows[published != UNDATED]
    at = buckets(articles.published[dated], by, zone)
    undated = len(rows) - len(dated)
    if not len(at):
        return Timeline((), undated)
    low, high = int(at.min()), int(at.max())
    width = checked_width(low, high, by)
    covered = _covered(entries, np.unique(articles.source[rows]))
    times, weights = entries.published[covered], entries.weight[covered]
    entry_at = buckets(times, by, zone) - low
    inside = (entry_at >= 0) & (entry_at < width)
    coverage = np.bincount(entry_at[inside], weights[inside], minlength=width)
    counts = np.bincount(at - low, minlength=width)
    stories = np.bincount(_distinct(at - low, articles.story[dated]), minlength=width)
    return Timeline(
        tuple(
            Bucket(bucket_start(low + number, by), int(counts[number]), int(stories[number]), int(coverage[number]))
            for number in range(width)
        ),
        undated,
    )


def sources(
    articles: Articles, rows: Integers, entries: Entries, names: Mapping[int, tuple[str, str]]
) -> tuple[SourceCount, ...]:
    """``names``: what ``names_of`` tells of sources."""
    source, published = articles.source[rows], articles.published[rows]
    counts = np.bincount(source)
    stories = np.bincount(_distinct(source, articles.story[rows]), minlength=len(counts))
    totals = np.bincount(entries.source, entries.weight, minlength=len(counts))
    first, last = np.full(len(counts), np.iinfo(np.int64).max), np.full(len(counts), UNDATED)
    dated = published != UNDATED
    np.minimum.at(first, source[dated], published[dated])
    np.maximum.at(last, source[dated], published[dated])
    found = [
        SourceCount(
            source=names[number][1],
            articles=int(counts[number]),
            stories=int(stories[number]),
            entries=int(totals[number]),
            first=None if last[number] == UNDATED else _moment(first[number]),
            last=None if last[number] == UNDATED else _moment(last[number]),
        )
        for number in np.flatnonzero(counts).tolist()
    ]
    return tuple(sorted(found, key=lambda each: (-each.articles, each.source)))


def heat(
    articles: Articles, rows: Integers, names: Mapping[int, tuple[str, str]], n: int, by: By, zone: str
) -> tuple[SourceLine, ...]:
    """The ``n`` sources with most articles over time. ``names``: what ``names_of`` tells of sources."""
    source, published = articles.source[rows], articles.published[rows]
    counts = np.bincount(source)
    most = sorted(np.flatnonzero(counts).tolist(), key=lambda number: (-counts[number], names[number][1]))[:n]
    lines = []
    for number in most:
        own = published[source == number]
        at, inside = np.unique(buckets(own[own != UNDATED], by, zone), return_counts=True)
        starts = (bucket_start(bucket, by) for bucket in at.tolist())
        lines.append(SourceLine(names[number][1], int(counts[number]), dict(zip(starts, inside.tolist(), strict=True))))
    return tuple(lines)


def facets(
    articles: Articles, rows: Integers, names: Mapping[int, tuple[str, str]], asked: Mapping[str, int]
) -> dict[str, tuple[Facet, ...]]:
    """So many of the most frequent values of each field. ``names``: what ``names_of`` tells of the fields."""
    found = np.zeros(len(articles.docno), np.bool_)
    found[rows] = True
    counts = np.bincount(articles.label[found[articles.label_row]])
    values: dict[str, list[Facet]] = {field: [] for field in asked}
    for number in np.flatnonzero(counts).tolist():
        if number in names:
            field, text = names[number]
            if field in values:
                values[field].append(Facet(text, int(counts[number])))
    return {
        field: tuple(sorted(values[field], key=lambda facet: (-facet.articles, facet.value))[:n])
        for field, n in asked.items()
    }


def names_of(connection: sqlite3.Connection, fields: Iterable[str]) -> dict[int, tuple[str, str]]:
    """Field and text of all labels of some fields, by their number."""
    return {
        number: (field, text)
        for field in fields
        for number, text in connection.execute("SELECT id, text FROM label WHERE field = ?", (field,))
    }


def _covered(entries: Entries, sources: Integers) -> Integers:
    """The rows of the dated entries of some sources."""
    wanted = np.zeros(int(max(entries.source.max(initial=0), sources.max(initial=0))) + 1, np.bool_)
    wanted[sources] = True
    return np.flatnonzero(wanted[entries.source] & (entries.published != UNDATED))


def _distinct(group: Integers, story: Integers) -> Integers:
    """The groups of the different pairs of group and story."""
    width = int(story.max(initial=0)) + 1
    return np.unique(group * width + story) // width


def _moment(seconds: np.int64) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)

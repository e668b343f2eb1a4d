"""The timeline of a result as bars, and several results as lines: pure geometry and words, drawn by the templates as
inline SVG of few bytes, in whole units of a picture that is stretched to the width of the page.

A script may draw the same anew, with a cursor and a selection (``static/timeline.js``); it gets ``data``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

from analyst.answers.coverage import Span, following
from analyst.answers.results import Bucket, Gap, Marker
from analyst.web.shown import capital, counted, partial_date, percent, said

By: TypeAlias = Literal["day", "week", "month"]
Show: TypeAlias = Literal["share", "count"]
Of: TypeAlias = Literal["stories", "articles"]

HEIGHT = 100
STEP = 10
"""Width of a bar and the gap after it."""
BAR = 8
LEAST = 2
"""Height of the smallest bar that is not nothing."""
FEWEST = 24
"""A bar is never wider than one of so many: few bars stand apart and do not become blocks."""
LINKS = 120
"""Of one picture at most: where there are more buckets, each link holds several."""
SUMS = 3
"""Stages that a marker names; the table names more."""
WIDTH = 1_000
"""Of the picture of lines."""
QUERY = 40
"""Characters of a query that are read out at a line."""
_PREPOSITION = {"day": "on", "week": "in the week of", "month": "in"}


@dataclass(frozen=True, slots=True)
class Row:
    """A day, week or month in which there was something, for the table."""

    name: str
    bucket: Bucket
    covered: bool
    """Whether ``coverage`` is known: it is not before the first article and after the last."""
    first: date
    last: date
    markers: tuple[Marker, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the picture, of full height, that leads to its days."""

    x: int
    width: int
    says: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Band:
    """Where the feeds brought far too little."""

    x: int
    width: int
    says: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars from left to right, one for each bucket."""

    width: int
    bars: str
    """Of an SVG path, filled."""
    flags: str
    """Of an SVG path, drawn: where measures changed their stage; '' where none did."""
    areas: tuple[Area, ...]
    bands: tuple[Band, ...]
    rows: tuple[Row, ...]
    """Those of nothing are left out, unless a measure changed its stage there."""
    begins: str
    ends: str
    """'' when there is only one bucket."""
    most: str
    """What the highest bar stands for."""
    summary: str
    """What the picture tells, for those who do not see it."""
    data: str
    """The same as JSON: ``by``, ``show``, ``of``, ``first`` (day of the first bucket), ``within`` ([first, last day] or
    null), ``stories``, ``articles``, ``coverage`` (a number for each bucket), ``marks`` ([number of the bucket, text])
    and ``gaps`` ([first, last number of a bucket])."""


def share(bucket: Bucket, of: Of) -> float:
    """The share of the stories, or of the articles, of all that was published."""
    if of == "stories":
        return bucket["share"]
    return bucket["articles"] / bucket["coverage"] if bucket["coverage"] else 0.0


def value(bucket: Bucket, show: Show, of: Of) -> float:
    """What is drawn of a bucket."""
    return share(bucket, of) if show == "share" else float(bucket[of])


def draw(
    buckets: Sequence[Bucket],
    by: By,
    show: Show,
    of: Of = "stories",
    markers: Sequence[Marker] = (),
    gaps: Sequence[Gap] = (),
    within: Span = (None, None),
) -> Chart | None:
    """The chart of a timeline's buckets, which follow each other without gaps; None when there are none. ``within``:
    days that no link leaves, where an edge lies in the middle of a bucket."""
    if not buckets:
        return None
    values = [value(bucket, show, of) for bucket in buckets]
    most = max(values)
    starts = [date.fromisoformat(bucket["start"]) for bucket in buckets]
    marked = _by_bucket(starts, markers)
    rows = dict(_rows(buckets, starts, by, marked, within))
    step = _step(len(buckets))
    numbers = {bucket["start"]: number for number, bucket in enumerate(buckets)}
    spans = [(numbers[gap["first"]], numbers[gap["last"]], gap) for gap in gaps]
    peak = buckets[values.index(most)]
    return Chart(
        width=step * len(buckets),
        bars=_bars([_height(*each, most) for each in zip(buckets, values, strict=True)], step),
        flags="".join(f"M{number * step + step // 2} 0v{HEIGHT}" for number in sorted(marked)),
        areas=tuple(_areas(rows, len(buckets), step, by, of)),
        bands=tuple(Band(first * step, (last - first + 1) * step, missed(gap, by)) for first, last, gap in spans),
        rows=tuple(rows.values()),
        begins=name_of(buckets[0]["start"], by),
        ends=name_of(buckets[-1]["start"], by) if len(buckets) > 1 else "",
        most=percent(most) if show == "share" else f"{most:,.0f}",
        summary=f"Most {told_at(peak['start'], by)}: {amount(most, show, of)}",
        data=_json(
            by=by, show=show, of=of, first=buckets[0]["start"],
            within=[day.isoformat() if day else None for day in within],
            stories=[bucket["stories"] for bucket in buckets],
            articles=[bucket["articles"] for bucket in buckets],
            coverage=[bucket["coverage"] for bucket in buckets],
            marks=[[number, _told(here)] for number, here in sorted(marked.items())],
            gaps=[[first, last] for first, last, _ in spans],
        ),
    )  # fmt: skip


def _json(**values: object) -> str:
    return json.dumps(values, separators=(",", ":"))


def _step(count: int) -> int:
    return max(STEP, FEWEST * STEP // count)


def _height(bucket: Bucket, value: float, most: float) -> int:
    if not bucket["articles"]:
        return 0
    return max(LEAST, round(HEIGHT * value / most)) if most else LEAST


def _bars(heights: Sequence[int], step: int) -> str:
    """A line along the ground that climbs each bar: relative steps, which are the shortest."""
    path = [f"M0 {HEIGHT}"]
    ahead = 0  # of the ground before the next bar
    before = (step - BAR) // 2
    for height in heights:
        if height:
            path.append(f"{_ground(ahead + before)}v-{height}h{BAR}v{height}")
            ahead = step - BAR - before
        else:
            ahead += step
    return "".join(path)


def _ground(width: int) -> str:
    return f"h{width}" if width else ""


def _rows(
    buckets: Sequence[Bucket],
    starts: Sequence[date],
    by: By,
    marked: dict[int, list[Marker]],
    within: Span,
) -> Iterator[tuple[int, Row]]:
    hits = [number for number, bucket in enumerate(buckets) if bucket["articles"]]
    for number, bucket in enumerate(buckets):
        here = marked.get(number, ())
        if bucket["articles"] or here:
            yield (
                number,
                Row(
                    name=name_of(bucket["start"], by),
                    bucket=bucket,
                    covered=bool(hits) and hits[0] <= number <= hits[-1],
                    first=max(starts[number], within[0] or date.min),
                    last=min(last_day(starts[number], by), within[1] or date.max),
                    markers=tuple(here),
                ),
            )


def _areas(rows: dict[int, Row], count: int, step: int, by: By, of: Of) -> Iterator[Area]:
    held = -(-count // LINKS)
    for start in range(0, count, held):
        inside = [rows[number] for number in range(start, min(count, start + held)) if number in rows]
        if not inside:
            continue
        if held == 1:
            told = _told(inside[0].markers)
            says = _says(inside[0].bucket, by, of) + (f". {told}" if told else "")
        else:
            articles = sum(row.bucket["articles"] for row in inside)
            says = f"{_between(inside[0].name, inside[-1].name)}: {counted(articles, 'article')}"
        yield Area(start * step, min(held, count - start) * step, says, inside[0].first, inside[-1].last)


def _by_bucket(starts: Sequence[date], markers: Iterable[Marker]) -> dict[int, list[Marker]]:
    found: dict[int, list[Marker]] = {}
    number = 0
    for marker in markers:  # in order of their dates
        day = date.fromisoformat(marker["date"])
        while number + 1 < len(starts) and starts[number + 1] <= day:
            number += 1
        found.setdefault(number, []).append(marker)
    return found


def _told(markers: Sequence[Marker]) -> str:
    told = [f"{marker['place']}: {said(marker['stage'])}" for marker in markers[:SUMS]]
    more = [f"and {len(markers) - SUMS} more"] if len(markers) > SUMS else []
    return "; ".join(told + more)


def missed(gap: Gap, by: By) -> str:
    """A gap in words."""
    when = _between(name_of(gap["first"], by), name_of(gap["last"], by))
    return f"{when}: the feeds brought {gap['coverage']:,} entries, usual are {gap['usual']:,} a {by}"


def _between(first: str, last: str) -> str:
    return first if first == last else f"{first} to {last}"


def last_day(first: date, by: By) -> date:
    """The last day of the bucket that begins with ``first``."""
    return following(first, by) - timedelta(days=1)


def name_of(start: str, by: By) -> str:
    """A bucket by its first day: "14 Nov 2025", or "Nov 2025" for a month."""
    return partial_date(start[:7] if by == "month" else start)


def told_at(start: str, by: By) -> str:
    """The same within a sentence: "in the week of 10 Nov 2025"."""
    return f"{_PREPOSITION[by]} {name_of(start, by)}"


def amount(value: float, show: Show, of: Of) -> str:
    """What is drawn, in words: "12%", "3 stories"."""
    if show == "share":
        return percent(value)
    return counted(round(value), *(("story", "stories") if of == "stories" else ("article", "articles")))


def _says(bucket: Bucket, by: By, of: Of) -> str:
    name = ("Week of " if by == "week" else "") + name_of(bucket["start"], by)
    if not bucket["articles"]:
        return f"{name}: no article"
    return (
        f"{name}: {counted(bucket['stories'], 'story', 'stories')}, {counted(bucket['articles'], 'article')}; "
        f"{of} are {percent(share(bucket, of))} of all published"
    )


# ------------------------------------------------------------------ several queries
@dataclass(frozen=True, slots=True)
class Lines:
    """Up to four queries on one chart."""

    lines: tuple[str, ...]
    """Points of an SVG polyline for each query, of a picture ``WIDTH`` wide."""
    flags: str
    bands: tuple[Band, ...]
    begins: str
    ends: str
    most: str
    data: str
    """``by``, ``show``, ``of``, ``first``, ``within``, ``marks`` and ``gaps`` as of a ``Chart``; ``queries`` (as they
    are read out) and ``lines``: a value for each bucket, null where the query's own dates leave it out."""


def draw_lines(
    starts: Sequence[str],
    values: Sequence[Sequence[float | None]],
    queries: Sequence[str],
    by: By,
    show: Show,
    of: Of = "stories",
    markers: Sequence[Marker] = (),
    gaps: Sequence[tuple[Gap, str]] = (),
    within: Span = (None, None),
) -> Lines | None:
    """``values``: for each query a share or a count in each bucket, None outside of what it asks about. ``gaps``: each
    with the query whose sources brought too little. None without buckets."""
    if not starts:
        return None
    most = max((each for line in values for each in line if each is not None), default=0.0)
    marked = _by_bucket([date.fromisoformat(start) for start in starts], markers)
    numbers = {start: number for number, start in enumerate(starts)}
    spans = [(numbers[gap["first"]], numbers[gap["last"]], gap, query) for gap, query in gaps]
    return Lines(
        lines=tuple(_points(line, most or 1.0) for line in values),
        flags="".join(f"M{_across(number, len(starts))} 0v{HEIGHT}" for number in sorted(marked)),
        bands=tuple(
            Band(
                _across(first - 0.5, len(starts)),
                _across(last + 0.5, len(starts)) - _across(first - 0.5, len(starts)),
                missed_by(gap, query, by, len(queries)),
            )
            for first, last, gap, query in spans
        ),
        begins=name_of(starts[0], by),
        ends=name_of(starts[-1], by) if len(starts) > 1 else "",
        most=percent(most) if show == "share" else f"{most:,.0f}",
        data=_json(
            by=by, show=show, of=of, first=starts[0],
            within=[day.isoformat() if day else None for day in within],
            queries=[shortened(query) for query in queries],
            lines=[[each if each is None else round(each, 4) for each in line] for line in values],
            marks=[[number, _told(here)] for number, here in sorted(marked.items())],
            gaps=[list(span) for span in dict.fromkeys((first, last) for first, last, *_ in spans)],
        ),
    )  # fmt: skip


def _across(number: float, count: int) -> int:
    """Where a bucket's middle lies; a single one is a line from edge to edge."""
    return max(0, min(WIDTH, round(WIDTH * number / max(1, count - 1))))


def _points(line: Sequence[float | None], most: float) -> str:
    points = [
        f"{_across(number, len(line))},{HEIGHT - round(HEIGHT * each / most)}"
        for number, each in enumerate(line)
        if each is not None
    ]
    if len(line) == 1 and points:
        points.append(f"{WIDTH},{points[0].partition(',')[2]}")
    return " ".join(points)


def missed_by(gap: Gap, query: str, by: By, queries: int) -> str:
    """A gap in words, and of which query's sources it is where there are several queries."""
    return missed(gap, by) + (f" ({shortened(query)})" if queries > 1 else "")


def shortened(query: str) -> str:
    """A query as it is read out: its beginning."""
    return query if len(query) <= QUERY else query[: QUERY - 1].rstrip() + "…"


def title(marker: Marker) -> str:
    """A marker in the table: "Port Ellery, CA: adopted"."""
    return f"{marker['place']}: {capital(said(marker['stage']))}"

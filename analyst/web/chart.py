"""The timeline of a result as bars: pure geometry and words, drawn by the template as inline SVG.

A script may draw the same anew, with a cursor and a selection (``static/timeline.js``); it gets ``Chart.data``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

from analyst.answers.coverage import following
from analyst.answers.results import Bucket, Gap, Marker
from analyst.web.shown import capital, counted, partial_date, percent, said

By: TypeAlias = Literal["day", "week", "month"]
Show: TypeAlias = Literal["share", "count"]
Of: TypeAlias = Literal["stories", "articles"]

HEIGHT = 100.0
STEP = 10.0
"""Width of a bar and the gap after it, in the units of the picture; it is stretched to the width of the page."""
GAP = 2.0
LEAST = 1.5
"""Height of the smallest bar that is not nothing."""
FEWEST = 24
"""Places for bars: few bars do not become blocks but stand at the right end of a longer time."""
SUMS = 3
"""Stages that a marker names; the table names all."""
_PREPOSITION = {"day": "on", "week": "in the week of", "month": "in"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One day, week or month."""

    x: float
    y: float
    width: float
    height: float
    name: str
    says: str
    first: date
    last: date
    bucket: Bucket
    markers: tuple[Marker, ...]


@dataclass(frozen=True, slots=True)
class Flag:
    """Where measures changed their stage."""

    x: float
    says: str


@dataclass(frozen=True, slots=True)
class Band:
    """Where the feeds brought far too little."""

    x: float
    width: float
    says: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars from left to right; those of nothing are left out, unless a measure changed its stage there."""

    width: float
    bars: tuple[Bar, ...]
    flags: tuple[Flag, ...]
    bands: tuple[Band, ...]
    begins: str
    ends: str
    most: str
    """What the highest bar stands for."""
    summary: str
    """What the picture tells, for those who do not see it."""
    data: str
    """The same as JSON: ``by``, ``show``, ``of``, ``buckets`` ([first day, last day, stories, articles, coverage]),
    ``marks`` ([number of the bucket, text]) and ``gaps`` ([first, last number of a bucket])."""


def share(bucket: Bucket, of: Of) -> float:
    """The share of the stories, or of the articles, of all that was published."""
    if of == "stories":
        return bucket["share"]
    return bucket["articles"] / bucket["coverage"] if bucket["coverage"] else 0.0


def draw(
    buckets: Sequence[Bucket],
    by: By,
    show: Show,
    of: Of = "stories",
    markers: Sequence[Marker] = (),
    gaps: Sequence[Gap] = (),
) -> Chart | None:
    """The chart of a timeline's buckets, which follow each other without gaps; None when there are none."""
    if not buckets:
        return None
    values = [share(bucket, of) if show == "share" else float(bucket[of]) for bucket in buckets]
    most = max(values)
    before = max(0, FEWEST - len(buckets))
    starts = [date.fromisoformat(bucket["start"]) for bucket in buckets]
    marked = _by_bucket(starts, markers)
    bars, flags = [], []
    for number, (bucket, value) in enumerate(zip(buckets, values, strict=True)):
        here = marked.get(number, ())
        x = (before + number) * STEP
        if here:
            flags.append(Flag(x + (STEP - GAP) / 2, _told(here)))
        if not bucket["articles"] and not here:
            continue
        height = (max(LEAST, HEIGHT * value / most) if most else LEAST) if bucket["articles"] else 0.0
        bars.append(
            Bar(
                x=x,
                y=round(HEIGHT - height, 2),
                width=STEP - GAP,
                height=round(height, 2),
                name=name_of(bucket["start"], by),
                says=_says(bucket, by, of),
                first=starts[number],
                last=last_day(starts[number], by),
                bucket=bucket,
                markers=tuple(here),
            )
        )
    numbers = {bucket["start"]: number for number, bucket in enumerate(buckets)}
    spans = [(numbers[gap["first"]], numbers[gap["last"]], gap) for gap in gaps]
    peak = buckets[values.index(most)]
    amount = _amount(most, show, of)
    return Chart(
        width=STEP * (before + len(buckets)) - GAP,
        bars=tuple(bars),
        flags=tuple(flags),
        bands=tuple(
            Band((before + first) * STEP - GAP / 2, (last - first + 1) * STEP, _missed(gap, by))
            for first, last, gap in spans
        ),
        begins=name_of(_back(starts[0], by, before).isoformat(), by),
        ends=name_of(buckets[-1]["start"], by),
        most=percent(most) if show == "share" else f"{most:,.0f}",
        summary=f"Most {_PREPOSITION[by]} {name_of(peak['start'], by)}: {amount}",
        data=json.dumps(
            {
                "by": by, "show": show, "of": of,
                "buckets": [
                    [b["start"], last_day(start, by).isoformat(), b["stories"], b["articles"], b["coverage"]]
                    for b, start in zip(buckets, starts, strict=True)
                ],
                "marks": [[number, _told(here)] for number, here in sorted(marked.items())],
                "gaps": [[first, last] for first, last, _ in spans],
            },
            separators=(",", ":"),
        ),
    )  # fmt: skip


def _by_bucket(starts: Sequence[date], markers: Sequence[Marker]) -> dict[int, list[Marker]]:
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


def _missed(gap: Gap, by: By) -> str:
    first, last = name_of(gap["first"], by), name_of(gap["last"], by)
    return (
        f"{first}{'' if first == last else f' to {last}'}: the feeds brought {gap['coverage']:,} entries, "
        f"usual are {gap['usual']:,} a {by}"
    )


def last_day(first: date, by: By) -> date:
    """The last day of the bucket that begins with ``first``."""
    return following(first, by) - timedelta(days=1)


def _back(first: date, by: By, n: int) -> date:
    """The first day of the n-th bucket before one."""
    if by == "month":
        month = first.year * 12 + first.month - 1 - n
        return date(month // 12, month % 12 + 1, 1)
    return first - timedelta(days=n * (7 if by == "week" else 1))


def name_of(start: str, by: By) -> str:
    """A bucket by its first day: "14 Nov 2025", or "Nov 2025" for a month."""
    return partial_date(start[:7] if by == "month" else start)


def _amount(value: float, show: Show, of: Of) -> str:
    if show == "share":
        return percent(value)
    return counted(round(value), *(("story", "stories") if of == "stories" else ("article", "articles")))


def _says(bucket: Bucket, by: By, of: Of) -> str:
    name = ("Week of " if by == "week" else "") + name_of(bucket["start"], by)
    return (
        f"{name}: {counted(bucket['stories'], 'story', 'stories')}, {counted(bucket['articles'], 'article')}; "
        f"{of} are {percent(share(bucket, of))} of all published"
    )


# ------------------------------------------------------------------ several queries
@dataclass(frozen=True, slots=True)
class Line:
    """One query of a comparison."""

    query: str
    points: str
    """Of an SVG polyline."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Up to four queries on one chart."""

    lines: tuple[Line, ...]
    begins: str
    ends: str
    most: str
    data: str
    """``by``, ``show``, ``buckets`` ([first day, last day, value of each query …])."""


def draw_lines(
    starts: Sequence[str], values: Sequence[Sequence[float]], queries: Sequence[str], by: By, show: Show
) -> Lines | None:
    """``values``: for each bucket a value of each query, shares or counts. None without buckets."""
    if not starts:
        return None
    most = max(max(row) for row in values) or 1.0
    step = 1000 / max(1, len(starts) - 1)
    return Lines(
        lines=tuple(
            Line(
                query,
                " ".join(
                    f"{round(n * step, 1)},{round(HEIGHT - HEIGHT * row[k] / most, 1)}" for n, row in enumerate(values)
                ),
            )
            for k, query in enumerate(queries)
        ),
        begins=name_of(starts[0], by),
        ends=name_of(starts[-1], by),
        most=percent(most) if show == "share" else f"{most:,.0f}",
        data=json.dumps(
            {
                "by": by, "show": show,
                "buckets": [
                    [start, last_day(date.fromisoformat(start), by).isoformat(), *row]
                    for start, row in zip(starts, values, strict=True)
                ],
            },
            separators=(",", ":"),
        ),
    )  # fmt: skip


def title(marker: Marker) -> str:
    """A marker in the table: "Port Ellery, CA: adopted"."""
    return f"{marker['place']}: {capital(said(marker['stage']))}"

"""The timeline of a result as bars: pure geometry and words, drawn by the template as inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from analyst.answers.results import Bucket
from analyst.web.shown import counted, partial_date, percent

By = Literal["day", "week", "month"]
Show = Literal["share", "count"]

HEIGHT = 100.0
STEP = 10.0
"""Width of a bar and the gap after it, in the units of the picture; it is stretched to the width of the page."""
GAP = 2.0
LEAST = 1.5
"""Height of the smallest bar that is not nothing."""
FEWEST = 24
"""Places for bars: few bars do not become blocks but stand at the right end of a longer time."""
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


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars from left to right; those of nothing are left out."""

    width: float
    bars: tuple[Bar, ...]
    begins: str
    ends: str
    summary: str
    """What the picture tells, for those who do not see it."""


def draw(buckets: Sequence[Bucket], by: By, show: Show) -> Chart | None:
    """The chart of a timeline's buckets, which follow each other without gaps; None when there are none."""
    if not buckets:
        return None
    values = [bucket["share"] if show == "share" else float(bucket["stories"]) for bucket in buckets]
    most = max(values)
    bars, before = [], max(0, FEWEST - len(buckets))
    for number, (bucket, value) in enumerate(zip(buckets, values, strict=True)):
        if not bucket["articles"]:
            continue
        height = max(LEAST, HEIGHT * value / most) if most else LEAST
        first = date.fromisoformat(bucket["start"])
        bars.append(
            Bar(
                x=(before + number) * STEP,
                y=round(HEIGHT - height, 2),
                width=STEP - GAP,
                height=round(height, 2),
                name=name_of(bucket["start"], by),
                says=_says(bucket, by),
                first=first,
                last=last_day(first, by),
                bucket=bucket,
            )
        )
    peak = buckets[values.index(most)]
    amount = percent(peak["share"]) if show == "share" else counted(peak["stories"], "story", "stories")
    return Chart(
        width=STEP * (before + len(buckets)) - GAP,
        bars=tuple(bars),
        begins=name_of(_back(date.fromisoformat(buckets[0]["start"]), by, before).isoformat(), by),
        ends=name_of(buckets[-1]["start"], by),
        summary=f"Most {_PREPOSITION[by]} {name_of(peak['start'], by)}: {amount}",
    )


def last_day(first: date, by: By) -> date:
    """The last day of the bucket that begins with ``first``."""
    if by == "day":
        return first
    if by == "week":
        return first + timedelta(days=6)
    return (first.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _back(first: date, by: By, n: int) -> date:
    """The first day of the n-th bucket before one."""
    if by == "month":
        month = first.year * 12 + first.month - 1 - n
        return date(month // 12, month % 12 + 1, 1)
    return first - timedelta(days=n * (7 if by == "week" else 1))


def name_of(start: str, by: By) -> str:
    """A bucket by its first day: "14 Nov 2025", or "Nov 2025" for a month."""
    return partial_date(start[:7] if by == "month" else start)


def _says(bucket: Bucket, by: By) -> str:
    name = ("Week of " if by == "week" else "") + name_of(bucket["start"], by)
    return (
        f"{name}: {counted(bucket['stories'], 'story', 'stories')}, "
        f"{counted(bucket['articles'], 'article')}, {percent(bucket['share'])} of all they published"
    )

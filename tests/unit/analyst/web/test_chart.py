"""The timeline's geometry."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from analyst.answers.results import Bucket
from analyst.web import chart
from analyst.web.chart import By


def bucket(start: date, stories: int, coverage: int = 100) -> Bucket:
    return {
        "start": start.isoformat(),
        "articles": stories * 2,
        "stories": stories,
        "coverage": coverage,
        "share": stories / coverage,
    }


def weeks(*stories: int) -> list[Bucket]:
    return [bucket(date(2025, 1, 6) + timedelta(weeks=n), count) for n, count in enumerate(stories)]


def test_nothing_is_no_chart() -> None:
    assert chart.draw([], "week", "share") is None


def test_the_highest_bar_fills_the_picture() -> None:
    drawn = chart.draw(weeks(*[3] * 23, 0, 12, 6), "week", "count")
    assert drawn is not None
    assert len(drawn.bars) == 25, "a week of nothing has no bar"
    assert max(bar.height for bar in drawn.bars) == chart.HEIGHT
    assert drawn.bars[-1].height == chart.HEIGHT / 2
    assert all(bar.y + bar.height == chart.HEIGHT for bar in drawn.bars)
    assert drawn.bars[-1].x + drawn.bars[-1].width == drawn.width
    assert drawn.begins == "6 Jan 2025"
    assert drawn.summary == "Most in the week of 23 Jun 2025: 12 stories"


def test_a_share_weighs_what_was_published() -> None:
    buckets = [bucket(date(2025, 1, 6), 10, 1_000), bucket(date(2025, 1, 13), 5, 10)]
    by_share = chart.draw(buckets, "week", "share")
    by_count = chart.draw(buckets, "week", "count")
    assert by_share is not None
    assert by_count is not None
    assert by_share.summary.endswith("13 Jan 2025: 50%")
    assert by_count.summary.endswith("6 Jan 2025: 10 stories")


def test_few_bars_stand_at_the_end_of_a_longer_time() -> None:
    drawn = chart.draw(weeks(2, 1), "week", "count")
    assert drawn is not None
    assert drawn.begins == "5 Aug 2024"
    assert drawn.ends == "13 Jan 2025"
    assert drawn.bars[-1].x + drawn.bars[-1].width == drawn.width


@pytest.mark.parametrize(
    ("by", "first", "last"),
    [
        ("day", date(2024, 2, 29), date(2024, 2, 29)),
        ("week", date(2024, 12, 30), date(2025, 1, 5)),
        ("month", date(2024, 2, 1), date(2024, 2, 29)),
        ("month", date(2024, 12, 1), date(2024, 12, 31)),
    ],
)
def test_the_last_day_of_a_bucket(by: By, first: date, last: date) -> None:
    assert chart.last_day(first, by) == last


@pytest.mark.parametrize(("by", "expected"), [("day", "8 Feb 2024"), ("week", "25 Sep 2023"), ("month", "Apr 2022")])
def test_where_a_short_timeline_begins(by: By, expected: str) -> None:
    start = date(2024, 3, 2) if by == "day" else date(2024, 3, 4) if by == "week" else date(2024, 3, 1)
    drawn = chart.draw([bucket(start, 1)], by, "count")
    assert drawn is not None
    assert drawn.begins == expected


def test_stories_nobody_else_covered_still_have_a_bar() -> None:
    drawn = chart.draw([bucket(date(2025, 1, 6), 0, 1) | {"articles": 1}], "day", "share")
    assert drawn is not None
    assert drawn.bars[0].height == chart.LEAST

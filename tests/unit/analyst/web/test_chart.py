"""The geometry of timelines and comparisons."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest

from analyst.answers.results import Bucket, Gap, Marker
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


def bars(drawn: chart.Chart) -> list[tuple[int, int, int]]:
    """Left edge, width and height of each bar, as a browser follows the path."""
    found, x, y = [], 0, chart.HEIGHT
    for command, first, second in re.findall(r"([Mhv])(-?\d+)(?: (\d+))?", drawn.bars):
        if command == "M":
            x, y = int(first), int(second)
        elif command == "v":
            y += int(first)
        else:
            if y < chart.HEIGHT:
                found.append((x, int(first), chart.HEIGHT - y))
            x += int(first)
    assert y == chart.HEIGHT, "it ends on the ground"
    return found


def adopted(day: str, measure: str = "m-1") -> Marker:
    return {
        "date": day, "stage": "adopted", "measure": measure, "place": "Port Ellery, CA", "instrument": None,
        "identifier": None, "direction": None,
    }  # fmt: skip


def test_the_highest_bar_fills_the_picture() -> None:
    drawn = chart.draw(weeks(*[3] * 23, 0, 12, 6), "week", "count")
    assert drawn is not None
    assert len(bars(drawn)) == len(drawn.rows) == 25, "a week of nothing has no bar"
    assert max(height for _, _, height in bars(drawn)) == chart.HEIGHT
    assert bars(drawn)[-1][2] == chart.HEIGHT / 2
    assert [x for x, _, _ in bars(drawn)] == [n * chart.STEP + 1 for n in range(26) if n != 23]
    assert drawn.width == 26 * chart.STEP
    assert (drawn.begins, drawn.ends) == ("6 Jan 2025", "30 Jun 2025")
    assert drawn.summary == "Most in the week of 23 Jun 2025: 12 stories"


def test_a_share_weighs_what_was_published() -> None:
    buckets = [bucket(date(2025, 1, 6), 10, 1_000), bucket(date(2025, 1, 13), 5, 10)]
    by_share = chart.draw(buckets, "week", "share")
    by_count = chart.draw(buckets, "week", "count")
    assert by_share is not None
    assert by_count is not None
    assert by_share.summary.endswith("13 Jan 2025: 50%")
    assert by_count.summary.endswith("6 Jan 2025: 10 stories")


@pytest.mark.parametrize("count", [1, 2, 5, 23])
def test_few_bars_stand_apart_over_their_own_time(count: int) -> None:
    drawn = chart.draw(weeks(*range(1, count + 1)), "week", "count")
    assert drawn is not None
    assert drawn.begins == "6 Jan 2025", "no week before the first is drawn: it would be a zero that nobody counted"
    assert drawn.ends == ("" if count == 1 else chart.name_of(weeks(*[1] * count)[-1]["start"], "week"))
    assert len(bars(drawn)) == count
    assert all(width <= drawn.width / 20 for _, width, _ in bars(drawn)), "no block"
    step = drawn.width / count
    assert [int(x // step) for x, _, _ in bars(drawn)] == list(range(count)), "each within its own week"


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


def test_stories_nobody_else_covered_still_have_a_bar() -> None:
    drawn = chart.draw([bucket(date(2025, 1, 6), 0, 1) | {"articles": 1}], "day", "share")
    assert drawn is not None
    assert [height for _, _, height in bars(drawn)] == [chart.LEAST]


def test_each_bar_leads_to_its_days_and_says_what_it_marks() -> None:
    drawn = chart.draw(weeks(2, 0, 1), "week", "count", markers=[adopted("2025-01-14"), adopted("2025-01-21")])
    assert drawn is not None
    assert [(area.x, area.width, area.first, area.last) for area in drawn.areas] == [
        (n * 80, 80, date(2025, 1, 6 + 7 * n), date(2025, 1, 12 + 7 * n)) for n in range(3)
    ]
    assert drawn.areas[1].says == "Week of 13 Jan 2025: no article. Port Ellery, CA: adopted"
    assert drawn.flags == "M120 0v100M200 0v100"
    assert [len(row.markers) for row in drawn.rows] == [0, 1, 1]


def test_no_link_leaves_the_chosen_days() -> None:
    within = (date(2025, 1, 8), date(2025, 1, 22))
    drawn = chart.draw(weeks(1, 1, 1), "week", "count", within=within)
    assert drawn is not None
    assert [(area.first.day, area.last.day) for area in drawn.areas] == [(8, 12), (13, 19), (20, 22)]
    assert json.loads(drawn.data)["within"] == ["2025-01-08", "2025-01-22"]


def test_what_was_published_is_not_known_beyond_the_articles() -> None:
    drawn = chart.draw(
        weeks(0, 1, 0, 1, 0), "week", "count", markers=[adopted(f"2025-01-{n:02}") for n in range(6, 31)]
    )
    assert drawn is not None
    assert [row.covered for row in drawn.rows] == [False, True, True, True]


def test_many_buckets_are_few_links_and_one_form_of_the_numbers() -> None:
    days = [bucket(date(2023, 1, 1) + timedelta(days=n), n % 7) for n in range(1_095)]
    drawn = chart.draw(days, "day", "share")
    assert drawn is not None
    assert len(drawn.areas) <= chart.LINKS
    assert (drawn.areas[0].first, drawn.areas[-1].last) == (date(2023, 1, 2), date(2025, 12, 30))
    assert drawn.areas[0].says == "2 Jan 2023 to 10 Jan 2023: 48 articles"
    assert len(drawn.bars) < 16 * len(days)
    told = json.loads(drawn.data)
    assert told["first"] == "2023-01-01"
    assert [told[name] for name in ("stories", "articles", "coverage")] == [
        [day["stories"] for day in days], [day["articles"] for day in days], [100] * len(days),
    ]  # fmt: skip
    assert len(drawn.data) < 12 * len(days)


# ------------------------------------------------------------------ lines
STARTS = ["2025-01-06", "2025-01-13", "2025-01-20"]


def test_lines_share_one_scale_and_leave_out_what_was_not_asked() -> None:
    drawn = chart.draw_lines(STARTS, [[0.5, 0.25, 0.0], [None, 0.125, 0.25]], ["a", "b"], "week", "share")
    assert drawn is not None
    assert drawn.lines == ("0,0 500,50 1000,100", "500,75 1000,50")
    assert drawn.most == "50%"
    assert json.loads(drawn.data)["lines"] == [[0.5, 0.25, 0.0], [None, 0.125, 0.25]]
    assert chart.draw_lines([], [[], []], ["a", "b"], "week", "share") is None


def test_a_line_of_one_bucket_is_seen() -> None:
    drawn = chart.draw_lines(STARTS[:1], [[4.0], [1.0]], ["a", "b"], "week", "count")
    assert drawn is not None
    assert drawn.lines == ("0,0 1000,0", "0,75 1000,75")
    assert (drawn.begins, drawn.ends) == ("6 Jan 2025", "")


def test_lines_have_marks_and_bands_that_name_their_query() -> None:
    long = "sanctuary OR " * 5 + "detainer"
    gap: Gap = {"first": STARTS[1], "last": STARTS[1], "coverage": 3, "usual": 40}
    drawn = chart.draw_lines(
        STARTS, [[1.0] * 3, [2.0] * 3], ["a", long], "week", "count", "stories", [adopted("2025-01-22")], [(gap, long)]
    )  # fmt: skip
    assert drawn is not None
    assert drawn.flags == "M1000 0v100"
    (band,) = drawn.bands
    assert (band.x, band.width) == (250, 500)
    assert band.says.endswith("usual are 40 a week (sanctuary OR sanctuary OR sanctuary OR…)")
    told = json.loads(drawn.data)
    assert (told["marks"], told["gaps"]) == ([[2, "Port Ellery, CA: adopted"]], [[1, 1]])
    assert told["queries"] == ["a", "sanctuary OR sanctuary OR sanctuary OR…"]

"""The timeline of the search page: its axis, its weight, and the table that is a page of its own."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from starlette.applications import Starlette

from analyst.web import chart, statics, timing
from analyst.web.app import make_app
from analyst.web.shown import link
from config.settings import Settings
from pipeline.archive import open_archive
from pipeline.archive.query import parse
from pipeline.frontier import open_frontier
from tests.unit.analyst.web.calling import call
from tests.unit.analyst.web.library import NOW
from tests.unit.analyst.web.test_search_page import only, page, words
from tests.unit.archive.samples import article, entry

TODAY = date(2025, 11, 28)
WEIGHT = 80_000
"""Bytes of a page with its styles and scripts, as gzip sends them."""


def drawn(web: Starlette, path: str = "/", **parameters: str) -> dict[str, Any]:
    """What a page gives its script."""
    found = page(web, link(path, **parameters))
    told: dict[str, Any] = json.loads(str(only(found, "[data-chart]")["data-chart"]))
    return told


# ------------------------------------------------------------------ the axis
@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("council", None, None),
        ("council since:2025-11-10", "2025-11-10", None),
        ("(council OR jail) since:2025-11 until:2025-11-16", "2025-11-01", "2025-11-16"),
        ("council (since:2025-11-10 (since:2025-11-12 until:2026))", "2025-11-12", "2026-12-31"),
        ("published:[2025-03 TO 2025-04]", "2025-03-01", "2025-04-30"),
        ("council OR since:2025-11-10", None, None),
        ("council -since:2025-11-10", None, None),
        ("", None, None),
    ],
)
def test_the_days_that_a_query_leaves(query: str, first: str | None, last: str | None) -> None:
    assert timing.chosen(parse(query)) == tuple(day and date.fromisoformat(day) for day in (first, last))


@pytest.mark.parametrize(
    ("query", "asked", "by", "sure"),
    [
        ("council", None, "week", False),
        ("council since:2025-10-01", None, "day", True),
        ("council since:2025-01-01", None, "week", True),
        ("council since:2019-01-01", None, "month", True),
        ("council since:2019-01-01 until:2019-01-20", None, "day", True),
        ("council since:2019-01-01", "day", "day", True),
    ],
)
def test_the_width_of_bars_is_known_where_the_beginning_is(
    query: str, asked: chart.By | None, by: chart.By, sure: bool
) -> None:
    over = timing.axis(parse(query), asked, TODAY)
    assert (over.by, over.sure) == (by, sure)


def test_the_axis_ends_today_or_where_it_was_told_to() -> None:
    assert timing.axis(parse("council"), None, TODAY).span == (None, TODAY)
    assert timing.axis(parse("until:2025-11-03"), None, TODAY).span == (None, date(2025, 11, 3))
    assert timing.axis(parse("until:2026"), None, TODAY).span == (None, TODAY), "the future is not silent"


def test_silence_at_either_end_is_seen(web: Starlette) -> None:
    told = drawn(web, q="title:unanimous since:2025-11-01 until:2025-11-20")  # one article, of 12 November
    assert (told["by"], told["first"], len(told["articles"])) == ("day", "2025-11-01", 20)
    assert [number for number, articles in enumerate(told["articles"]) if articles] == [11]
    assert drawn(web, q="title:unanimous", since="2025-11-01", until="2025-11-20") == told
    open_end = drawn(web, q="title:unanimous", by="day")
    assert (open_end["first"], len(open_end["articles"])) == ("2025-11-12", 17), "from the first article to today"


def test_no_time_before_what_was_chosen_is_drawn(web: Starlette) -> None:
    told = drawn(web, q="council", since="2025-11-10", until="2025-11-16")
    assert (told["first"], len(told["articles"]), told["within"]) == ("2025-11-10", 7, ["2025-11-10", "2025-11-16"])
    months = only(page(web, by="month"), ".ends")
    assert words(months) == "Nov 2025", "no year before the archive begins"


def test_links_stay_within_the_chosen_days(web: Starlette) -> None:
    found = page(web, q="council", since="2025-11-12", until="2025-11-19", by="week")
    hrefs = [str(area["href"]) for area in found.select("figure svg a")]
    assert [href.partition("since=")[2] for href in hrefs] == [
        "2025-11-12&until=2025-11-16", "2025-11-17&until=2025-11-19",
    ]  # fmt: skip


def test_measures_that_changed_in_the_silence_are_marked(web: Starlette) -> None:
    found = page(web, q="measure:m-ellery -stage:adopted", since="2025-10-20", by="day")
    assert any("no article" in words(title) for title in found.select(".area title"))


# ------------------------------------------------------------------ years
@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starlette]:
    """The web over an article a day for three years."""
    settings = Settings(home=tmp_path_factory.mktemp("years"), secret_key="a secret of the tests")
    with closing(open_archive(settings.archive)) as archive, closing(open_frontier(settings.frontier)) as frontier:
        days = [(f"n{n}", datetime(2022, 11, 29, 9, tzinfo=UTC) + timedelta(days=n)) for n in range(1_095)]
        archive.create_many([entry(name, published=at, source=f"Paper {at.day}") for name, at in days])
        archive.create_many([article(name, published=at, source=f"Paper {at.day}", story=name) for name, at in days])
        yield make_app(settings, archive, frontier, now=lambda: NOW)


@pytest.mark.parametrize("path", ["/?q=council&by=day", "/compare?q=council&q=sanctuary&q=city&q=ordinance&by=day"])
def test_days_over_three_years_weigh_little(years: Starlette, path: str) -> None:
    text = call(years, path).text
    assert text.count("data-chart") == 1
    files = sum(len(file.squeezed) for name, file in statics.load().items() if not name.endswith(".svg"))
    assert len(gzip.compress(text.encode(), 6)) + files < WEIGHT


def test_a_long_table_is_a_page_of_its_own(years: Starlette) -> None:
    figure = only(page(years, "/?q=council&by=day&of=articles"), "figure")
    assert not figure.select("table")
    (twin,) = (each for each in figure.select("a") if words(each) == "As a table")
    table = page(years, str(twin["href"]))
    days: list[str] = []
    pages = [table]
    while following := pages[-1].select('a[rel="next"]'):
        pages.append(page(years, str(following[0]["href"])))
    for each in pages:
        days += [str(time["datetime"]) for time in each.select("tbody time")]
    assert len(pages) == 3
    assert days == [(TODAY - timedelta(days=n)).isoformat() for n in range(1, 1_096)]
    row = table.select("tbody tr")[0]
    assert [words(cell) for cell in row.select("td")] == ["27 Nov 2025", "1", "1", "1", "100%", ""]
    assert "since=2025-11-27&until=2025-11-27" in str(row.select("a")[0]["href"])
    assert str(only(table, ".facts a")["href"]) == "/?q=council&by=day&of=articles"
    months = page(years, next(str(each["href"]) for each in table.select(".toggles a") if words(each) == "month"))
    assert len(months.select("tbody tr")) == 37


def test_bars_are_links_also_where_they_are_thin(years: Starlette) -> None:
    areas = page(years, "/?q=council&by=day").select("figure svg a")
    assert 100 < len(areas) <= chart.LINKS
    inside = page(years, str(areas[0]["href"]))
    assert "10 articles match" in words(only(inside, "main"))


# ------------------------------------------------------------------ the page of the table
def test_a_table_of_nothing_and_of_what_cannot_be_read(web: Starlette) -> None:
    assert "No article that matches has a date" in words(only(page(web, "/timeline", q="zeppelin"), "main"))
    assert only(page(web, "/timeline", status=400, q="council AND ("), "[role=alert]")
    assert "2 articles have no date" in words(only(page(web, "/timeline"), "main"))

"""The page of sources where there are many of them, over years."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from starlette.applications import Starlette

from analyst.answers.results import HeatmapAnswer
from analyst.web.app import make_app
from analyst.web.asking import Asked
from analyst.web.sourcing import FEW_COLUMNS, LED, MOST_COLUMNS, PER_PAGE, ROWS, SHADES, heat, scale, shade
from config.settings import Settings
from pipeline.archive import open_archive
from pipeline.frontier import open_frontier
from pipeline.model import Article
from tests.unit.analyst.web.library import NOW
from tests.unit.analyst.web.test_search_page import only, page, words

MANY = 2 * PER_PAGE + 7
WEEKS = FEW_COLUMNS + 20
"""Over which they wrote."""


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starlette]:
    """The n-th of many sources wrote once, n weeks ago; the first of them in each week, and thrice in the last."""
    home = tmp_path_factory.mktemp("home")
    settings = Settings(home=home, secret_key="a secret of the tests")
    with closing(open_archive(settings.archive)) as archive, closing(open_frontier(settings.frontier)) as frontier:
        told = [(f"Paper {n:03}", n % WEEKS) for n in range(MANY)] + [
            ("Paper 000", n) for n in (0, 0, *range(1, WEEKS))
        ]
        archive.create_many([article(number, *one) for number, one in enumerate(told)])
        yield make_app(settings, archive, frontier, now=lambda: NOW)


def article(number: int, source: str, weeks: int) -> Article:
    return Article(
        id=f"a{number}", url=f"https://paper.example/{number}", title=f"Council, {number}", text="A council met.",
        source=source, source_kind="news", home="TX", feed="f", entry=f"a{number}", first_seen=NOW,
        published=NOW - timedelta(weeks=weeks), story=f"a{number}", pending=False,
    )  # fmt: skip


def named(found: BeautifulSoup) -> list[str]:
    return [words(row) for row in found.select('[aria-label="Sources"] tbody th')]


# ------------------------------------------------------------------ the table
def test_many_sources_come_page_by_page(web: Starlette) -> None:
    found = page(web, "/sources", q="council", order="first", tz="America/Denver")
    assert f"{MANY} sources" in words(only(found, "strong"))
    seen, pages = named(found), 1
    assert words(only(found, '[aria-label="Pages"]')) == f"1 to {PER_PAGE} of {MANY} Next page"
    while after := found.select('[aria-label="Pages"] a[rel="next"]'):
        found = page(web, str(after[0]["href"]))
        assert only(found, "select[name=order] option[selected]")["value"] == "first"
        assert only(found, "select[name=tz] option[selected]").get_text() == "America/Denver"
        assert only(found, "input[name=q]")["value"] == "council"
        assert not found.select(".heat"), "the map is that of all, and stands on the first page"
        seen += named(found)
        pages += 1
    assert (pages, len(set(seen)), len(seen)) == (3, MANY, MANY)
    assert found.select('a[href^="/sources?"][href$="#when"]'), "which it leads to"
    ahead = page(web, "/sources", page="4711")
    assert words(only(ahead, '[aria-label="Pages"]')).startswith(f"{2 * PER_PAGE + 1} to {MANY} of {MANY}")


def test_what_is_left_out_keeps_the_order(web: Starlette) -> None:
    found = page(web, "/sources", order="share")
    without = page(web, str(found.select('a[title="without"]')[0]["href"]))
    assert only(without, "select[name=order] option[selected]")["value"] == "share"
    assert len(named(without)) == PER_PAGE
    assert f"{MANY - 1} sources" in words(only(without, "strong"))


def test_dates_that_cannot_be_are_told(web: Starlette) -> None:
    found = page(web, "/sources", status=400, since="2025-11-20", until="2025-11-01")
    assert "end (2025-11-01) before they begin" in words(only(found, "[role=alert]"))
    assert only(found, "input[name=since]")["value"] == "2025-11-20"


# ------------------------------------------------------------------ the heat map
def test_weeks_or_months_are_a_choice_that_the_address_keeps(web: Starlette) -> None:
    found = page(web, "/sources")
    assert only(found, "#when ~ figure .toggles [aria-current]").get_text() == "month", "these are too many weeks"
    assert not found.select("input[name=by]")
    (week,) = [link for link in found.select(".toggles a") if link.get_text() == "week"]
    assert str(week["href"]).endswith("#when")
    weekly = page(web, str(week["href"]))
    assert only(weekly, ".toggles [aria-current]").get_text() == "week"
    assert only(weekly, "input[name=by]")["value"] == "week", "and so does the form"
    columns = weekly.select(".heat thead th")[1:]
    assert len(columns) == WEEKS
    assert len(weekly.select(".heat tbody tr")) == ROWS
    assert not weekly.select(".heat td a"), "too narrow to be hit"
    assert page(web, "/sources", by="day").select(".toggles [aria-current]")[0].get_text() == "month"


def test_a_cell_leads_to_its_articles(web: Starlette) -> None:
    found = page(web, "/sources", since="2025-11-05", until="2025-11-30", by="week")
    row = only(found, ".heat tbody tr:first-child")
    cells = row.select("td a")
    assert [words(cell) for cell in cells] == ["1", "1", "1", "3"]
    for cell, dates in ((cells[0], ["2025-11-05", "2025-11-09"]), (cells[-1], ["2025-11-24", "2025-11-30"])):
        behind = page(web, str(cell["href"]))
        assert len(behind.select("ol.stories > li")) == int(words(cell))
        assert [only(behind, f"input[name={name}]")["value"] for name in ("since", "until")] == dates
        assert "Paper 000" in str(only(behind, "input[name=q]")["value"])
    source = page(web, str(only(row, "th a")["href"]))
    assert len(source.select("ol.stories > li")) == 6


def answer(*counts: int) -> HeatmapAnswer:
    starts = [(date(2020, 1, 6) + timedelta(weeks=n)).isoformat() for n in range(len(counts))]
    row = {"source": "Paper", "articles": sum(counts), "counts": list(counts)}
    return {"query": "", "by": "week", "tz": "UTC", "starts": starts, "sources": [row]}  # type: ignore[list-item]


def test_of_very_many_weeks_the_latest_are_shown() -> None:
    made = heat(answer(9, *[0] * MOST_COLUMNS, 1), "week", Asked(""))
    assert (len(made.columns), made.earlier) == (MOST_COLUMNS, 2)
    ((_, _, cells),) = made.rows
    assert (len(cells), cells[-1].articles, cells[-1].shade) == (MOST_COLUMNS, 1, SHADES)


@pytest.mark.parametrize("columns", [1, 6, 7, 8, 20, LED, LED + 1, FEW_COLUMNS, MOST_COLUMNS])
def test_names_above_columns_do_not_meet(columns: int) -> None:
    made = heat(answer(*[1] * columns), "week", Asked("")).columns
    if columns <= 6:
        assert {column.says for column in made} == {"all"}
        return
    wide = 4 if columns <= LED else 10
    begun = [number for number, column in enumerate(made) if column.says == "from"]
    assert (begun[0], made[-1].says) == (0, "to")
    assert all(later - earlier >= wide for earlier, later in pairwise(begun))
    assert columns == 7 or columns - wide >= begun[-1] + wide, "seven are as wide as their names"


def test_shades_mean_what_the_scale_says() -> None:
    assert [shade(n, 2) for n in range(3)] == [0, 3, 5], "half of the most is half as dark"
    assert scale(1) == ((5, "1"),)
    assert scale(3) == ((2, "1"), (4, "2"), (5, "3"))
    assert scale(5) == tuple((n, str(n)) for n in range(1, 6))
    assert scale(100) == ((1, "1–4"), (2, "5–16"), (3, "17–36"), (4, "37–64"), (5, "65–100"))
    for most in range(1, 200):
        shades = [shade(n, most) for n in range(most + 1)]
        assert shades == sorted(shades)
        assert (shades[0], shades[-1], 0 in shades[1:]) == (0, SHADES, False)


def test_the_scale_is_told(web: Starlette) -> None:
    found = page(web, "/sources", since="2025-11-05", until="2025-11-30")
    assert words(only(found, ".heat .scale")) == "1 2 3"
    assert [key["class"] for key in found.select(".scale .key")] == [["key", "h2"], ["key", "h4"], ["key", "h5"]]

"""Up to four queries side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.applications import Starlette

from analyst.web.app import make_app
from config.settings import Settings
from pipeline.archive import open_archive
from pipeline.frontier import open_frontier
from tests.unit.analyst.web.calling import call
from tests.unit.analyst.web.library import NOW
from tests.unit.analyst.web.test_search_page import only, page, words
from tests.unit.archive.samples import article, entry


def drawn(web: Starlette, path: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(str(only(page(web, path), "[data-chart]")["data-chart"]))
    return told


def test_queries_are_compared(web: Starlette) -> None:
    found = page(web, "/compare?q=council&q=sheriff&by=day")
    assert len(found.select(".plot polyline")) == 2
    assert [words(code) for code in found.select(".legend code")] == ["council", "sheriff"]
    assert "40%" in words(only(found, ".most"))
    assert drawn(web, "/compare?q=council&q=sheriff&by=day")["queries"] == ["council", "sheriff"]
    assert len(only(page(web, "/compare"), "form").select("input[name=q]")) == 4


def test_an_error_stands_at_its_query(web: Starlette) -> None:
    wrong = page(web, "/compare?q=council&q=%28", status=400)
    assert only(wrong, "[role=alert]")["id"] == "query-error-2"
    assert not wrong.select("figure")


@pytest.mark.parametrize("path", ["/compare", "/compare/table"])
def test_a_fifth_query_is_refused_and_not_lost(web: Starlette, path: str) -> None:
    found = page(web, f"{path}?q=a&q=b&q=c&q=d&q=e", status=400)
    assert "Up to 4 queries can be compared, not 5; leave one out." in words(only(found, "[role=alert]"))
    assert [field["value"] for field in found.select("input[name=q]")] == ["a", "b", "c", "d", "e"]
    assert call(web, "/compare?q=a&q=b&q=c&q=d&q=a").status == 200, "one of them twice"


def test_dates_that_cannot_be_are_refused(web: Starlette) -> None:
    found = page(web, "/compare?q=council&since=2025-11-20&until=2025-11-01", status=400)
    assert "before they begin" in words(only(found, "[role=alert]"))
    assert only(found, "input[name=q][value]:not([value=''])")["value"] == "council"


def test_dates_hold_for_all_and_are_the_axis(web: Starlette) -> None:
    path = "/compare?q=council+OR+jail&q=sheriff&since=2025-11-01&until=2025-11-20"
    found = page(web, path)
    assert [only(found, f"input[name={name}]")["value"] for name in ("since", "until")] == ["2025-11-01", "2025-11-20"]
    told = drawn(web, path)
    assert (told["by"], told["first"], [len(line) for line in told["lines"]]) == ("day", "2025-11-01", [20, 20])
    legend = [str(link["href"]) for link in found.select(".legend a")]
    assert legend[1] == "/?q=sheriff&since=2025-11-01&until=2025-11-20"
    assert words(only(found, ".toggles .out")) == "All dates ✕"
    assert str(only(found, ".plot")["data-zoom"]) == "/compare?q=council+OR+jail&q=sheriff"


def test_a_query_says_nothing_of_days_that_it_leaves_out(web: Starlette) -> None:
    (plain, late) = drawn(web, "/compare?q=council&q=council+since%3A2025-11-15&by=day")["lines"]
    known = [number for number, value in enumerate(late) if value is not None]
    assert known == list(range(known[0], len(plain)))
    assert 0 < known[0] < len(plain) - 10
    assert plain[: known[0]] != [0] * known[0]
    early = drawn(web, "/compare?q=council&q=council+until%3A2025-11-15&by=day")["lines"][1]
    assert early[-1] is None
    rows = page(web, "/compare?q=council&q=council+since%3A2025-11-15&by=day").select("tbody tr")
    assert [words(cell) for cell in rows[-1].select("td")][2:] == ["", ""]


@pytest.mark.parametrize("of", ["stories", "articles"])
def test_chart_legend_and_table_count_the_same(web: Starlette, of: str) -> None:
    path = f"/compare?q=stage%3Aadopted&q=sheriff&by=week&show=count&of={of}"
    found, told = page(web, path), drawn(web, path)
    assert words(only(found, "figcaption")).startswith(of.capitalize())
    assert words(only(found, "caption")).startswith(of.capitalize())
    for number, (line, legend) in enumerate(zip(told["lines"], found.select(".legend li"), strict=True)):
        assert f": {round(max(line))} {of if max(line) != 1 else ''}".strip() in words(legend)
        cells = [int(words(row.select("td")[2 * number])) for row in found.select("tbody tr")]
        assert max(cells) == max(line)
    assert {words(link) for link in found.select(".toggles [aria-current]")} == {"counts", of, "week"}


def test_stages_are_marked(web: Starlette) -> None:
    path = "/compare?q=measure%3Am-ellery&q=place%3ATX&by=day"
    told = drawn(web, path)
    assert any("Port Ellery, CA: adopted" in text for _, text in told["marks"])
    assert len(told["marks"]) == str(only(page(web, path), ".flag")["d"]).count("M")


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starlette]:
    """The web over thirty weeks, in one of which one of two sources brought little."""
    settings = Settings(home=tmp_path_factory.mktemp("weeks"), secret_key="a secret of the tests")
    with closing(open_archive(settings.archive)) as archive, closing(open_frontier(settings.frontier)) as frontier:
        for source in ("Harbor Courier", "Prairie Post"):
            for week in range(30):
                name, at = f"{source} {week}", datetime(2025, 5, 5, 12, tzinfo=UTC) + timedelta(weeks=week)
                count = 2 if (source, week) == ("Prairie Post", 10) else 20
                archive.create_many(
                    [entry(f"{name} {n}", source=source, published=at, article="", outcome="") for n in range(count)]
                )
                archive.create(article(f"{name} 0", source=source, published=at, story=name))
        yield make_app(settings, archive, frontier, now=lambda: NOW)


def test_a_band_tells_whose_feeds_were_down(weeks: Starlette) -> None:
    path = "/compare?q=source%3A%22Harbor+Courier%22&q=source%3A%22Prairie+Post%22"
    found = page(weeks, path)
    says = '14 Jul 2025: the feeds brought 2 entries, usual are 20 a week (source:"Prairie Post")'
    assert words(only(found, ".band title")) == says
    assert words(only(found, "details li")) == says
    assert drawn(weeks, path)["gaps"] == [[10, 10]]


def test_a_long_table_is_a_page_of_its_own(weeks: Starlette) -> None:
    path = "/compare?q=source%3A%22Harbor+Courier%22&q=source%3A%22Prairie+Post%22&by=day&since=2025-05-05"
    assert page(weeks, path).select("figure table"), "30 days have an article"
    table = page(weeks, path.replace("/compare?", "/compare/table?"))
    rows = table.select("tbody tr")
    assert len(rows) == 30
    assert [words(cell) for cell in rows[0].select("th, td")] == ["24 Nov 2025", "1", "5.0%", "1", "5.0%"]
    assert (
        str(only(table, ".facts a")["href"])
        == "/compare?q=source%3A%22Harbor+Courier%22&q=source%3A%22Prairie+Post%22&since=2025-05-05&by=day"
    )
    day = page(weeks, str(rows[0].select("a")[0]["href"]))
    assert only(day, "input[name=since]")["value"] == only(day, "input[name=until]")["value"] == "2025-11-24"


def test_a_search_is_compared_within_its_dates(web: Starlette) -> None:
    found = page(web, q="council", since="2025-11-10", until="2025-11-16")
    link = next(str(link["href"]) for link in found.select(".facts a") if words(link) == "Compare")
    assert link == "/compare?q=council&since=2025-11-10&until=2025-11-16"

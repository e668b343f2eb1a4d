"""The search page and the page of sources."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from starlette.applications import Starlette

from analyst.web.app import make_app
from analyst.web.asking import pointed
from analyst.web.searching import PER_PAGE
from config.settings import Settings
from pipeline.archive.base import Archive
from pipeline.archive.query import QueryError, parse
from pipeline.errors import UserError
from pipeline.frontier.base import Frontier
from tests.unit.analyst.web.calling import call
from tests.unit.analyst.web.library import NOW, OWNERS


def page(web: Starlette, path: str = "/", *, status: int = 200, **parameters: str) -> BeautifulSoup:
    answer = call(web, path, parameters=parameters)
    assert answer.status == status
    return BeautifulSoup(answer.text, "html.parser")


def only(found: BeautifulSoup | Tag, selector: str) -> Tag:
    tags = found.select(selector)
    assert len(tags) == 1, selector
    return tags[0]


def stories(found: BeautifulSoup) -> list[Tag]:
    return found.select("ol.stories > li")


def words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


# ------------------------------------------------------------------ results
def test_copies_are_folded_under_the_story(web: Starlette) -> None:
    found = page(web, q='"port ellery" vote* place:CA stage:adopted')
    assert "7 articles match" in words(only(found, "main"))
    assert ", in 2 stories" in words(only(found, ".facts"))
    lines = stories(found)
    assert len(lines) == 2
    wire = next(line for line in lines if line.details)
    assert "Lone Prairie Post" in words(only(wire, "p.meta:first-child")), "the newest that matches stands for all"
    assert words(only(wire, "summary")) == "+5 outlets"
    assert {words(bdi) for bdi in wire.select("details bdi")} == {
        "Coastline Wire", "Sable Valley Times", "Northgate Observer", "Rivermouth Ledger", "Bay & Hills Report",
    }  # fmt: skip


def test_what_was_sought_is_marked(web: Starlette) -> None:
    found = page(web, q='"sanctuary city" place:"Port Ellery, CA"')
    title = next(line.h2 for line in stories(found) if line.h2 and "11-0" in words(line.h2))
    assert title is not None
    assert [mark.get_text() for mark in title.select("mark")] == ["sanctuary city"]


def test_an_article_tells_what_it_reports_and_where_that_stands(web: Starlette) -> None:
    found = page(web, q="stage:adopted source:Beacon OR title:approves")
    line = next(line for line in stories(found) if "11-0" in words(line))
    link = only(line, 'a[href^="/measure/"]')
    assert link["href"] == "/measure/m-ellery"
    assert words(link) == "Port Ellery, CA: Ordinance No. 25-118"
    assert "adopted (now signed)" in words(line)


def test_links_out_are_kept_at_arms_length(web: Starlette) -> None:
    out = [link for link in page(web).select("a[href]") if not str(link["href"]).startswith(("/", "#"))]
    assert len(out) == PER_PAGE - 1, "one has no web address"
    for link in out:
        assert str(link["href"]).startswith("https://")
        assert link["rel"] == ["noopener", "noreferrer", "nofollow"]


def test_text_from_the_web_is_text(web: Starlette) -> None:
    answer = call(web, "/", parameters={"q": "title:alert"})
    for harm in ("<script>", "alert('", "<img", "javascript:alert", "\u202e", "\u2067", "\x07"):
        assert harm not in answer.text
    (line,) = stories(BeautifulSoup(answer.text, "html.parser"))
    title = only(line, "h2")
    assert words(title) == "<script> alert ('title')</script> council etov & <b>ordinance</b>"
    assert title.a is None, "its address is no web address"
    assert not [link for link in line.select("a[href]") if "javascript" in str(link["href"])]
    assert "</p><img src=x onerror=alert(1)>" in words(line)


def test_a_query_is_text_too(web: Starlette) -> None:
    for query in ('"><script>x</script>', "'\"><img src=x onerror=y>", "<script>x</script> AND ("):
        answer = call(web, "/", parameters={"q": query})
        assert "<script>" not in answer.text
        assert "<img" not in answer.text
        field = only(BeautifulSoup(answer.text, "html.parser"), "input[name=q]")
        assert field["value"] == query


def test_pages_follow_each_other_without_gap(web: Starlette) -> None:
    seen: list[str] = []
    path, pages = "/", 0
    while path:
        found = page(web, path)
        seen += [str(link["href"]) for link in found.select("ol.stories a[rel]") if "nofollow" in (link["rel"] or [])]
        after = found.select('a[rel="next"]')
        path = str(after[0]["href"]) if after else ""
        pages += 1
    assert pages == 2
    assert len(seen) == len(set(seen)) == 45, "46 articles, one of them without a web address"


def test_the_undated_come_last_and_say_so(web: Starlette) -> None:
    last = page(web, str(only(page(web), 'a[rel="next"]')["href"]))
    assert [("undated" in words(line)) for line in stories(last)][-2:] == [True, True]
    assert "2 articles have no date" in words(only(last, "figcaption"))


def test_a_cursor_that_is_none_is_explained(web: Starlette) -> None:
    found = page(web, status=400, after="nonsense")
    assert "begin at its first page" in words(only(found, "main"))


def test_days_are_those_of_the_zone(web: Starlette) -> None:
    query = "title:unanimous"  # published on 12 November, 13:06 UTC
    assert "12 Nov 2025, 13:06" in words(stories(page(web, q=query))[0])
    assert "13 Nov 2025, 03:06" in words(stories(page(web, q=query, tz="Pacific/Kiritimati"))[0])
    options = [words(option) for option in page(web, tz="Pacific/Kiritimati").select("select[name=tz] option")]
    assert options[0] == "Pacific/Kiritimati"
    assert "&#39;Mars&#39; is not a time zone" in call(web, "/?tz=Mars").text
    assert call(web, "/?tz=Mars").status == 400


# ------------------------------------------------------------------ narrowing
def facet(found: BeautifulSoup, name: str) -> Tag:
    heading = next(h3 for h3 in found.select("aside h3") if words(h3) == name)
    around = heading.find_parent("details")
    assert isinstance(around, Tag)
    return only(around, "ul")


def test_a_facet_adds_excludes_and_takes_back(web: Starlette) -> None:
    everything = page(web, q="council")
    line = next(line for line in facet(everything, "Source").select("li") if "Dunmore Dispatch" in words(line))
    count = int(words(only(line, ".n")))
    add, exclude = (str(link["href"]) for link in line.select("a"))
    narrowed = page(web, add)
    assert only(narrowed, "input[name=q]")["value"] == 'council source:"Dunmore Dispatch"'
    assert f"{count} article matches" in words(only(narrowed, "main"))
    chosen = only(facet(narrowed, "Source"), "a[aria-current]")
    assert only(page(web, str(chosen["href"])), "input[name=q]")["value"] == "council"
    without = page(web, exclude)
    assert only(without, "input[name=q]")["value"] == 'council -source:"Dunmore Dispatch"'
    total = int(re.findall(r"(\d+) articles match", words(only(everything, "main")))[0])
    assert f"{total - count} articles match" in words(only(without, "main"))


def test_every_facet_finds_as_many_as_it_says(web: Starlette) -> None:
    found = page(web)
    lines = [line for line in found.select("aside li") if line.select(".n")]
    assert len(lines) > 20
    for line in lines:
        count = words(only(line, ".n"))
        narrowed = page(web, str(line.select("a")[0]["href"]))
        assert re.search(rf"\b{count} article(s match| matches)", words(only(narrowed, "main"))), words(line)


def test_directions_are_said_in_neutral_words(web: Starlette) -> None:
    assert {words(bdi) for bdi in facet(page(web), "Direction").select("bdi")} == {
        "limits cooperation",
        "mandates cooperation",
    }


def test_periods_are_counted_from_today(web: Starlette) -> None:
    found = page(web, q="council", since="2020-01-01", until="2021-01-01")
    assert [
        str(link["href"]) for link in found.select("main a") if words(link) in ("7 days", "30 days", "12 months")
    ] == []
    found = page(web, q="council", since="2020-01-01")
    assert [str(link["href"]) for link in only(found, "aside > p:first-of-type").select("a")] == [
        "/?q=council&since=2025-11-21", "/?q=council&since=2025-10-29", "/?q=council&since=2024-11-28",
    ]  # fmt: skip


# ------------------------------------------------------------------ timeline
def test_the_timeline_has_a_table_twin(web: Starlette) -> None:
    found = page(web, by="week")
    figure = only(found, "figure")
    bars, rows = figure.select("rect.area"), figure.select("tbody tr")
    assert len(bars) == len(rows) == 4
    assert "share of all that the same sources published, by week" in words(only(figure, "figcaption"))
    assert only(figure, "svg")["aria-hidden"] == "true"
    assert all(link["tabindex"] == "-1" for link in figure.select("svg a"))
    week = page(web, str(rows[0].select("a")[0]["href"]))
    stories_of_week = int(rows[0].select("td.n")[0].get_text())
    assert len(stories(week)) == stories_of_week
    drawn, told = ({str(link["href"]) for link in figure.select(part)} for part in ("svg a", "td:first-child a"))
    assert drawn == told


def test_the_timeline_can_count_and_change_its_width(web: Starlette) -> None:
    figure = only(page(web, by="month", show="count"), "figure")
    assert words(only(figure, "figcaption")).startswith("Stories, by month. Most in Nov 2025: 39 stories.")
    assert {words(link) for link in figure.select("[aria-current]")} == {"month", "counts", "stories"}
    assert words(only(only(page(web), "figure"), "thead th:first-child")) == "Day", "few weeks are drawn by day"


class Hurried:
    """An archive whose counts take too long."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive

    def __getattr__(self, name: str) -> object:
        return getattr(self.archive, name)

    def charts(self, *_: object, **__: object) -> None:
        raise UserError("this query takes longer than 2 seconds; narrow it by dates or a place")


def test_the_list_is_shown_without_counts_that_take_too_long(
    settings: Settings, archive: Archive, frontier: Frontier, web: Starlette
) -> None:
    hurried: Archive = Hurried(archive)  # type: ignore[assignment]
    found = page(make_app(settings, hurried, frontier, now=lambda: NOW), q="council")
    assert "Timeline and counts are left out: this query takes longer" in words(only(found, "[role=status]"))
    assert len(stories(found)) == len(stories(page(web, q="council")))


def test_the_timeline_is_shown_without_further_counts_that_take_too_long(
    settings: Settings, archive: Archive, frontier: Frontier, web: Starlette
) -> None:
    class Tired(Hurried):
        """An archive of which counts without a timeline take too long."""

        def charts(self, *given: Any, **more: Any) -> Any:
            return super().charts() if set(more["facets"]) == {"source"} else self.archive.charts(*given, **more)

    tired: Archive = Tired(archive)  # type: ignore[assignment]
    app = make_app(settings, tired, frontier, now=lambda: NOW)
    found = page(app, q='source:"Dunmore Dispatch"')
    assert "Counts are left out: this query takes longer" in words(only(found, "[role=status]"))
    assert only(found, "[data-chart]")
    assert not page(app, q="council").select("[role=status]")


# ------------------------------------------------------------------ when there is nothing
def test_nothing_found_says_what_to_do(web: Starlette) -> None:
    found = page(web, q="zeppelin")
    assert "Nothing matches" in words(only(found, "main"))
    assert not found.select("aside, figure")


def test_an_empty_archive_says_how_to_begin(empty: Starlette) -> None:
    assert "No article has been collected yet" in words(only(page(empty), "main"))
    assert "No source has an article" in words(only(page(empty, "/sources"), "main"))


# ------------------------------------------------------------------ errors in a query
@pytest.mark.parametrize("path", ["/", "/sources"])
def test_an_error_points_at_its_character(web: Starlette, path: str) -> None:
    found = page(web, path, status=400, q='council AND "port')
    line, caret = only(found, "[role=alert] pre").get_text().split("\n")[:2]
    assert line[caret.index("^")] == '"'
    assert line == 'council AND "port'
    assert "This quote is never closed" in words(only(found, "[role=alert]"))
    field = only(found, "input[name=q]")
    assert field["aria-describedby"] == only(found, "[role=alert]")["id"]
    assert field["value"] == 'council AND "port'


@pytest.mark.parametrize(
    ("query", "line", "under"),
    [
        ("a" * 40 + " (", "…" + "a" * 22 + " (", ""),
        ("庇護 都市 (", "庇護 都市 (", ""),
        ("city\nof (a", "city of (a", "("),
        ("nofield:x " + "b" * 50, "nofield:x bb…", "n"),
    ],
)
def test_the_caret_stands_under_the_character(query: str, line: str, under: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    made = pointed(query, caught.value)
    assert made.line == line
    assert made.caret.endswith("^")
    columns = len(made.caret) - 1
    if under:
        assert made.line[columns] == under
    if query.startswith("庇"):
        assert columns == 11, "each of these characters is two columns wide"


# ------------------------------------------------------------------ sources
def test_sources_lead_to_their_articles(web: Starlette) -> None:
    found = page(web, "/sources", q="council", order="share")
    row = next(row for row in found.select("tbody tr") if "Dunmore Dispatch" in words(row))
    articles = words(row.select("td.n")[0])
    assert only(found, "select[name=order] option[selected]")["value"] == "share"
    narrowed = page(web, str(row.select("a")[0]["href"]))
    assert f"{articles} article matches" in words(only(narrowed, "main"))


def test_an_order_that_is_none_counts_as_not_given(web: Starlette) -> None:
    assert only(page(web, "/sources", order="beauty"), "select[name=order] option[selected]")["value"] == "count"
    assert not page(web, sort="beauty").select("select[name=sort] option[selected]")


def test_sources_have_a_heat_map_and_lead_without_them(web: Starlette) -> None:
    found = page(web, "/sources", q="council")
    row = only(found, ".heat tbody tr:first-child")
    assert sum(int(words(cell) or 0) for cell in row.select("td")) == int(
        words(found.select("tbody tr:first-child td.n")[0])
    )
    assert len(found.select("td .tag")) == 1 or "first" in words(found.select(".tag")[0])
    without = found.select('tbody tr:first-child a[title="without"]')[0]
    assert only(page(web, str(without["href"])), "input[name=q]")["value"] == 'council -source:"Port Ellery Beacon"'


def test_outlets_of_one_owner_are_not_taken_for_so_many_voices(web: Starlette) -> None:
    found = page(web, "/sources", q="council OR sanctuary")
    table = only(found, '[aria-label="Sources"]')
    at = [words(cell) for cell in table.select("thead > tr > *")].index("Owner")
    owners = {words(row.select("th")[0]): words(row.select("th, td")[at]) for row in table.select("tbody tr")}
    assert {name: owner for name, owner in owners.items() if owner} == OWNERS
    line = only(found, "main > p.meta")
    unknown = len(owners) - len(OWNERS)
    assert words(only(line, "strong")) == (
        f"{len(owners)} sources of {unknown + 3} owners ({unknown} of unknown owner, each counted as one)"
    )
    assert [words(span) for span in line.select("span:not(:has(strong))")] == [
        "Ellery Coast Newspapers 3",
        "Lone Prairie Media 2",
    ]
    narrowed = page(web, str(line.select("span a")[1]["href"]))
    assert {words(cell) for cell in narrowed.select('[aria-label="Sources"] tbody th')} == {
        "Dunmore Dispatch", "Lone Prairie Post",
    }  # fmt: skip
    assert words(only(narrowed, "main > p.meta strong")) == "2 sources of 1 owner"


# ------------------------------------------------------------------ dates, copies, what is kept
def test_dates_narrow_without_touching_the_query(web: Starlette) -> None:
    found = page(web, q="council OR sheriff", since="2025-11-10", until="2025-11-16", tz="America/Los_Angeles")
    assert only(found, "input[name=q]")["value"] == "council OR sheriff"
    assert only(found, "input[name=since]")["value"] == "2025-11-10"
    days = [str(time["datetime"])[:10] for time in found.select("ol.stories > li > p:first-child time")]
    assert days
    assert all("2025-11-10" <= day <= "2025-11-17" for day in days)
    whole = only(found, 'aside input[name="query"]')["value"]
    assert whole == "(council OR sheriff) since:2025-11-10 until:2025-11-16"
    assert not found.select("[role=alert]")


@pytest.mark.parametrize("path", ["/", "/sources", "/timeline"])
@pytest.mark.parametrize(
    ("since", "until", "says"),
    [
        ("2025-11-20", "2025-11-01", "The dates end (2025-11-01) before they begin (2025-11-20)"),
        ("yesterday", "", "“From” has to be a day, as in 2025-03-14, and 'yesterday' is none"),
        ("", "2025-11-31", "“To” is 2025-11-31, a day that is not in the calendar"),
        ("20251101", "", "“From” has to be a day"),
    ],
)
def test_dates_that_cannot_be_are_explained(web: Starlette, path: str, since: str, until: str, says: str) -> None:
    given = {name: value for name, value in (("since", since), ("until", until)) if value}
    answer = call(web, path, parameters={"q": "council", **given})
    assert answer.status == 400
    found = BeautifulSoup(answer.text, "html.parser")
    assert says in words(only(found, "main"))
    if path == "/":
        assert only(found, "input[name=q]")["value"] == "council"
        assert only(found, "[role=alert] a")["href"] == "/?q=council"


def test_nothing_within_dates_leads_to_all_of_them(web: Starlette) -> None:
    within = page(web, q="council", since="2020-01-01", until="2020-01-02")
    for found in (within, page(web, q="council until:2020")):
        assert "Nothing matches. Widen the dates or look at all of them" in words(only(found, "main"))
        assert found.select("main > p a")[0]["href"] == "/?q=council"
    assert "Leave out a word" in words(only(page(web, q="zeppelin"), "main"))
    assert "word" not in words(page(web, until="2020-01-02").select("main > p")[-1]), "none was typed"


def test_all_dates_are_those_of_the_query_too(web: Starlette) -> None:
    found = page(web, q="council since:2025-11-01", until="2025-11-20")
    assert only(found, ".toggles .out")["href"] == "/?q=council"
    assert not page(web, q="council").select(".toggles .out")


def test_an_address_is_short(web: Starlette) -> None:
    answer = call(web, "/?q=council&since=&until=&sort=newest&tz=UTC&by=week")
    assert (answer.status, answer.headers["location"]) == (302, "/?q=council&by=week")
    assert call(web, "/?q=&since=").headers["location"] == "/"


def test_a_page_says_where_in_the_list_it_is(web: Starlette) -> None:
    first = page(web)
    count = len(stories(first))
    assert words(only(first, "nav[aria-label=Pages] li:first-child")) == f"Stories 1 to {count}"
    second = page(web, str(only(first, "a[rel=next]")["href"]))
    rest = len(stories(second))
    assert words(only(second, "nav[aria-label=Pages] li:first-child")) == f"Stories {count + 1} to {count + rest}"
    each = page(web, fold="no")
    assert words(only(each, "nav[aria-label=Pages] li:first-child")) == "Articles 1 to 25 of 46"


def test_copies_one_by_one(web: Starlette) -> None:
    found = page(web, q="stage:adopted", fold="no")
    assert len(stories(found)) == 9, "adopted and approved are compared as equal"
    assert not found.select(".stories details")
    assert only(found, 'input[name="fold"]')["value"] == "no"


def test_a_source_left_out_can_be_taken_back(web: Starlette) -> None:
    found = page(web, q='council -source:"Dunmore Dispatch"')
    back = only(facet(found, "Source"), "a.without")
    assert "Dunmore Dispatch" in words(back)
    assert only(page(web, str(back["href"])), "input[name=q]")["value"] == "council"


def test_an_export_is_of_what_is_shown(web: Starlette) -> None:
    found = page(web, q="council", since="2025-11-10")
    href = next(str(link["href"]) for link in found.select("aside a") if words(link) == ".jsonl")
    lines = call(web, href).text.strip().split("\n")
    assert f"{len(lines)} articles match" in words(only(found, "main"))
    excel = next(str(link["href"]) for link in found.select("aside a") if words(link) == ".csv for Excel")
    assert call(web, excel).body.startswith(b"\xef\xbb\xbfid,")
    feed = only(found, "head link[rel=alternate]")
    assert feed["type"] == "application/rss+xml"
    assert call(web, str(feed["href"])).text.count("<item>") == len(lines)


def test_the_timeline_marks_where_measures_changed(web: Starlette) -> None:
    figure = only(page(web, by="day"), "figure")
    assert any("Port Ellery, CA: adopted" in words(area) for area in figure.select(".area title"))
    row = next(row for row in figure.select("tbody tr") if "Adopted" in words(row))
    assert row.select('a[href="/measure/m-ellery"]')
    data = json.loads(str(only(figure, "[data-chart]")["data-chart"]))
    assert data["by"] == "day"
    assert len(data["marks"]) == str(only(figure, ".flag")["d"]).count("M")


def test_the_results_are_sent_before_the_rest(web: Starlette) -> None:
    text = call(web, "/", parameters={"q": "council"}).text
    assert text.index('class="stories"') < text.index("<!-- -->") < text.index("data-chart")

"""Dockets, measures, why, feeds, status: what they tell."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.applications import Starlette

from analyst.web.app import make_app
from analyst.web.feeding import due_said
from config.settings import Settings
from pipeline.archive.base import Archive
from pipeline.feeds.opml import read_opml
from pipeline.frontier.base import Frontier
from pipeline.model import Docket, Quarantined
from tests.unit.analyst.web.calling import call
from tests.unit.analyst.web.library import NOW
from tests.unit.analyst.web.stock import HARBOR, PASSED
from tests.unit.analyst.web.test_search_page import only, page, words


# ------------------------------------------------------------------ dockets
def test_the_index_is_by_state(web: Starlette) -> None:
    found = page(web, "/docket")
    assert "5 measures in 5 places" in words(only(found, "caption"))
    assert words(only(found, ".tiles .t-limits a .hidden")) == "California: 2 limits cooperation"
    assert next(words(line.a) for line in found.select(".week li") if line.a) == "Texas: Bill H.B. 9010"
    groups = [words(only(body, "th[colspan]")) for body in found.select("tbody")]
    assert groups == ["United States 1 measure", "California 2 measures", "Texas 2 measures"]
    rows = [[words(cell) for cell in row.select("th, td")] for row in found.select("tbody tr:not(:first-child)")]
    assert rows[1] == ["Port Ellery, CA", "Signed in Port Ellery, CA", "21 Nov 2025", "limits cooperation", "1"]
    assert rows[3][:3] == ["Texas", "Introduced in Texas", "Nov 2025"], "the state itself before its places"
    assert rows[4] == ["Dunmore, TX", "Approved in Dunmore, TX", "24 Nov 2025", "mandates cooperation", "1"]


def test_a_place_can_be_asked_for_by_name(web: Starlette) -> None:
    answer = call(web, "/docket", parameters={"place": " Port Ellery, CA "})
    assert (answer.status, answer.headers["location"]) == (302, "/docket/Port%20Ellery%2C%20CA")


def test_a_place_has_its_measures_in_order(web: Starlette) -> None:
    found = page(web, "/docket/Port%20Ellery%2C%20CA")
    assert words(only(found, "h1")) == "Port Ellery, CA"
    assert words(only(found, "h2")) == "Ordinance No. 25-118"
    facts = [words(line) for line in found.select("ol.stages .facts")]
    assert facts == [
        "3 Nov 2025 Introduced 1 article behind “introduced”",
        "11 Nov 2025 Adopted 11-0, unanimous, 1 absent 2 articles behind “adopted”",
        "21 Nov 2025 Signed 1 article behind “signed”",
    ]
    quote = found.select("ol.stages > li")[1].select("blockquote")
    assert len(quote) == 1, "two outlets with one sentence are one quote"
    assert PASSED in words(quote[0])
    assert [words(link) for link in quote[0].select("a")] == ["Port Ellery Beacon", "Coastline Wire"]
    behind = page(web, str(only(found.select("ol.stages > li")[1], ".facts a")["href"]))
    assert words(only(behind, "h2#articles")) == "Articles behind “Adopted”"
    assert [words(line.select("bdi")[0]) for line in behind.select("ol.stories > li")] == [
        "Port Ellery Beacon", "Coastline Wire",
    ]  # fmt: skip


def test_a_state_has_the_measures_of_its_places(web: Starlette) -> None:
    for path in ("/docket/CA", "/docket/California"):
        found = page(web, path)
        assert words(only(found, "h1")) == "California"
        assert [words(h2) for h2 in found.select("h2")] == [
            "Port Ellery, CA: Ordinance No. 25-118",
            "Sable County, CA: Resolution of the Board of Supervisors",
        ]


def test_a_place_without_measures_leads_to_its_articles(web: Starlette) -> None:
    found = page(web, "/docket/Fresno, CA")
    assert "No measure is known here" in words(only(found, "main"))
    assert only(found, "main p a")["href"] == "/?q=place%3A%22Fresno%2C+CA%22"


@pytest.mark.parametrize("path", ["/docket/Atlantis", "/docket/%3Cscript%3E", "/docket/a/b/c"])
def test_what_is_no_place_is_explained(web: Starlette, path: str) -> None:
    answer = call(web, path)
    assert answer.status == 404
    assert "is no place. Write it as “Los Angeles, CA” or “CA”." in answer.text
    assert "<script>" not in answer.text


def test_an_empty_docket_says_when_measures_appear(empty: Starlette) -> None:
    assert "No measure is known yet" in words(only(page(empty, "/docket"), "main"))


# ------------------------------------------------------------------ measures
def test_a_measure_has_everything(web: Starlette) -> None:
    found = page(web, "/measure/m-ellery")
    assert words(only(found, "h1")) == "Port Ellery, CA: Ordinance No. 25-118"
    assert words(only(found, "main > p.facts")) == (
        "City Council limits cooperation no city resources no status questions no jail access"
    )
    assert [words(row) for row in found.select("tbody tr")] == [
        "12 Nov 2025, 08:18 new adopted told",
        "22 Nov 2025, 05:54 stage signed told",
    ]
    sources = [words(line.select("bdi")[0]) for line in found.select("ol.stories > li")]
    assert sources == ["Port Ellery Beacon", "Port Ellery Beacon", "Coastline Wire", "Port Ellery Beacon"]


def test_a_measure_that_is_none(web: Starlette) -> None:
    for path in ("/measure/none", "/measure/%22", "/measure/★"):
        assert call(web, path).status == 404


def test_a_merged_measure_leads_to_what_it_became(
    settings: Settings, archive: Archive, frontier: Frontier, web: Starlette
) -> None:
    stored = archive.get(Docket, HARBOR.key)
    assert stored
    (kept,) = stored.record.measures
    gone = replace(kept, id="m-gone", actions=(), merged_into=f"{HARBOR.key}:m-ellery")
    version = archive.replace(replace(stored.record, measures=(kept, gone)), stored.version)
    try:
        answer = call(web, "/measure/m-gone")
        assert (answer.status, answer.headers["location"]) == (302, "/measure/m-ellery")
        assert len(page(web, "/docket/Port Ellery, CA").select("h2")) == 1, "a tombstone is not listed"
    finally:
        archive.replace(stored.record, version)


# ------------------------------------------------------------------ why
def test_why_tells_an_address_step_by_step(web: Starlette) -> None:
    found = page(web, "/why", url="https://lonepraiririepost.example/owls")
    assert words(only(found, "h2")) == "Discard"
    told = words(only(found, "main"))
    assert "It was set aside. Reason: not relevant: an animal sanctuary. Relevance 0.04 of 1." in told
    assert [words(row.th) for row in found.select("tbody tr") if row.th] == ["Seen", "Fetched", "Relevance"]


def test_why_of_a_copy_names_its_measure(web: Starlette) -> None:
    wire = page(web, q='source:"Northgate Observer" stage:adopted')
    found = page(web, str(wire.select(':not(details) > .meta a[href^="/why?"]')[0]["href"]))
    assert words(only(found, "h2")) == "Copy"
    assert only(found, 'a[href^="/measure/"]')["href"] == "/measure/m-ellery"


@pytest.mark.parametrize("typed", ["lonepraiririepost.example/owls/", "http://www.lonepraiririepost.example/owls"])
def test_why_of_an_address_as_people_write_it(web: Starlette, typed: str) -> None:
    found = page(web, "/why", url=typed)
    assert words(only(found, "h2")) == "Discard"
    assert "Looked up as https://lonepraiririepost.example/owls" in words(only(found, "main"))
    field = only(found, "input[name=url]")
    assert field["value"] == typed
    assert field.get("type") != "url", "a browser would not send it without https://"


def test_why_of_something_never_seen(web: Starlette) -> None:
    found = page(web, "/why", url="https://unseen.example/a")
    assert "no feed has brought this address" in words(only(found, "main"))
    assert not [link for link in found.select("main p a") if str(link["href"]).startswith("/")], "no words to look for"
    found = page(web, "/why", url="unseen.example/2025/11/port-ellery-makes-itself-a-sanctuary-city.html?x=1")
    link = next(link for link in found.select("main p a") if words(link) == "look for the words in it")
    assert link["href"] == "/?q=port+ellery+makes+itself+sanctuary+city"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "no address", "ftp://paper.example/x", "https://a@b.example/"])
def test_why_of_no_address(web: Starlette, url: str) -> None:
    found = page(web, "/why", status=400, url=url)
    assert "cannot be looked up" in words(only(found, "[role=alert]"))
    assert not [link for link in found.select("main a[href]") if not str(link["href"]).startswith("/")]


# ------------------------------------------------------------------ feeds and status
def test_feeds_that_need_attention_come_first(web: Starlette) -> None:
    found = page(web, "/feeds")
    rows = [
        [words(cell) for cell in row.select("th, td")] for row in only(found, '[aria-label="Feeds"]').select("tbody tr")
    ]
    assert len(rows) == 11
    assert rows[0] == [
        "Rivermouth Ledger", "failing : the host does not answer", "3 d ago", "in 12 min", "unknown", "unknown",
        "Fresno, CA", "news", "Ellery Coast Newspapers",
    ]  # fmt: skip
    assert [row[1] for row in rows[1:4]] == ["quiet : nothing new for 40 d, its limit is 7 d", "not polled yet", "well"]
    only_failing = page(web, "/feeds", state="failing")
    assert len(only_failing.select('[aria-label="Feeds"] tbody tr')) == 1
    nonsense = page(web, "/feeds", state="nonsense", page="nonsense")
    assert len(nonsense.select('[aria-label="Feeds"] tbody tr')) == 11
    assert rows[1][4:6] == ["1.0 / 14.0", "40 d / 11 h"]
    assert "New York City, NY" in words(only(found, '[aria-label="Big places without a feed"]'))
    assert "Alabama" in words(only(found, '[aria-label="States without a feed"]'))


def test_feeds_leave_as_opml(web: Starlette) -> None:
    assert len(read_opml(call(web, "/feeds.opml").text.encode())) == 11


def test_no_feeds_says_how_to_add_some(empty: Starlette) -> None:
    assert "There are no feeds yet" in words(only(page(empty, "/feeds"), "main"))


def test_status_is_well_until_it_is_not(
    settings: Settings, archive: Archive, frontier: Frontier, web: Starlette
) -> None:
    found = page(web, "/status")
    assert words(only(found, "h1")) == "The monitor is well, 1 feed fails"
    assert [(words(a), a["href"]) for a in found.select("main p a")] == [
        ("failing 1", "/feeds?state=failing"), ("quiet 1", "/feeds?state=quiet"),
    ]  # fmt: skip
    kept = Quarantined("q1", "entry", "e", "https://paper.example/x", "parse", "Unreadable", "no feed", NOW)
    archive.create(kept)
    try:
        found = page(web, "/status")
        assert words(only(found, "h1")) == "Something needs attention"
        assert words(found.select("tbody tr")[0]).startswith("Quarantine ill 1 kept")
    finally:
        archive.delete(Quarantined, "q1")


def test_all_is_well_where_no_feed_fails(empty: Starlette) -> None:
    found = page(empty, "/status")
    assert words(only(found, "h1")) == "All is well"
    assert not found.select("main p a")


@pytest.mark.parametrize(
    ("due", "says"),
    [
        (None, "not planned"), (12 * 60, "in 12 min"), (0, "now"), (-20, "now"), (9, "now"), (-3_700, "overdue by 1 h"),
        (-329 * 86_400, "overdue by 329 d"),
    ],
)  # fmt: skip
def test_a_poll_that_should_have_been_is_overdue(due: int | None, says: str) -> None:
    at = None if due is None else (NOW + timedelta(seconds=due)).isoformat()
    assert due_said(at, NOW) == says


def test_health_for_machines(web: Starlette) -> None:
    assert call(web, "/healthz").text == "ok\n"
    ready = call(web, "/readyz")
    assert ready.status == 200
    assert json.loads(ready.text) == {
        "ready": True,
        "checks": [{"name": name, "ok": True, "detail": "answers"} for name in ("archive", "frontier")],
    }


def test_the_clock_is_the_real_one_unless_given(settings: Settings, archive: Archive, frontier: Frontier) -> None:
    assert call(make_app(settings, archive, frontier), "/status").status == 200
